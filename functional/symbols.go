package functional

import "github.com/gokeras/gokeras/symbolic"

// What the functional API is made of lives in package symbolic, where each is documented.
type (
	// Tensor is a symbolic tensor (Keras: KerasTensor).
	Tensor = symbolic.Tensor
	// Shape is the shape of a symbolic tensor, the batch axis first.
	Shape = symbolic.Shape
	// DTypePolicy is Keras's dtype policy of a layer: "float32", "mixed_float16", …
	DTypePolicy = symbolic.DTypePolicy
	// Layer is what a layer's type implements.
	Layer = symbolic.Layer
	// BaseLayer is the state that every layer has; a layer of your own embeds it.
	BaseLayer = symbolic.BaseLayer
	// LayerConfig is the part of the configuration that every layer has.
	LayerConfig = symbolic.LayerConfig
	// Class names a Keras class as files do.
	Class = symbolic.Class
	// Weight is a variable of a layer or optimizer (Keras: keras.Variable).
	Weight = symbolic.Weight
	// InputLayer is the layer behind [Input].
	InputLayer = symbolic.InputLayer
	// InputOptions are the arguments of Keras's Input.
	InputOptions = symbolic.InputOptions
	// NodeInfo is one application of a layer inside a model (Keras: Node).
	NodeInfo = symbolic.NodeInfo
	// LambdaBody is what a Lambda layer of a file does, written in Go.
	LambdaBody = symbolic.LambdaBody
	// Source says which application made a tensor (Keras: KerasHistory).
	Source = symbolic.Source
)

// None is an axis whose size is known only when data arrives, as the batch axis always is (Keras: None).
const None = symbolic.None

// Input returns a symbolic tensor for data of the given shape without the batch
// axis: Input(32, 32, 3) has shape (None, 32, 32, 3) (Keras: Input). Axes may be [None].
func Input(shape ...int) *Tensor { return symbolic.Input(shape...) }

// InputWith is [Input] with all of Keras's arguments.
func InputWith(o InputOptions) *Tensor { return symbolic.InputWith(o) }

// ClearSession starts the automatic names over: the next Conv2D is "conv2d"
// again (Keras: keras.backend.clear_session).
func ClearSession() { symbolic.ClearSession() }

// SetRandomSeed makes everything random that follows repeatable: initial
// weights, dropout and shuffling (Keras: keras.utils.set_random_seed).
func SetRandomSeed(seed int64) { symbolic.SetRandomSeed(seed) }

// SetDTypePolicy sets the policy of the layers made from now on, as "mixed_float16" (Keras: keras.config.set_dtype_policy). The
// default is "float32".
func SetDTypePolicy(policy DTypePolicy) error { return symbolic.SetDTypePolicy(policy) }

// RegisterLayer makes a layer known to files: under its Keras class name, or
// under its registered name ("package>Name") for a class of the user's (Keras:
// keras.saving.register_keras_serializable).
func RegisterLayer(create func() Layer) { symbolic.RegisterLayer(create) }

// RegisterLambda gives the Lambda layers of files a body: those of that name, or whose Python function is called so. Python's code is never run; it
// is written back as it was.
func RegisterLambda(name string, body LambdaBody) { symbolic.RegisterLambda(name, body) }

// LayerNames lists the classes that RegisterLayer knows, in snake case.
func LayerNames() []string { return symbolic.LayerNames() }

// LayerNodes returns every application of a layer, in the order in which they were made, whichever model they belong to
// (Keras: layer._inbound_nodes).
func LayerNodes(l Layer) []NodeInfo { return symbolic.LayerNodes(l) }
