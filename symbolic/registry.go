package symbolic

import (
	"github.com/gokeras/gokeras/internal/config"
)

// layerCatalogue lists the layers that files may name.
var layerCatalogue = config.NewCatalogue[Layer]("layer")

// RegisterLayer makes a layer known to files: under its Keras class name, or
// under its registered name ("package>Name") for a class of the user's (Keras:
// keras.saving.register_keras_serializable).
func RegisterLayer(create func() Layer) {
	sample := create()
	sample.Base().GiveNameBack()
	layerCatalogue.AddClass(sample.KerasClass(), create)
}

// NewLayer makes the layer of a Keras class name, or of a registered name, with all arguments at their defaults. The caller names it.
func NewLayer(name string) (Layer, error) { return layerCatalogue.New(name) }

// LayerNames lists the classes that RegisterLayer knows, in snake case.
func LayerNames() []string { return layerCatalogue.Names() }

var newModel func() Layer

// RegisterModels says how models that files hold are made: create returns a new value of a type that embeds [Network]. A program without package
// functional has plain networks.
func RegisterModels(create func() Layer) { newModel = create }

// NewNetwork makes a model that isn't connected yet.
func NewNetwork() (*Network, Layer) {
	if newModel == nil {
		n := &Network{}
		return n, n
	}
	l := newModel()
	n, _ := NetworkOf(l)
	return n, l
}
