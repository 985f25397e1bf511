package layers

// signatures are those of Keras's call, where it takes more than inputs.
var signatures = map[string]string{
	"BatchNormalization": "inputs training=None mask=None",
	"Dense":              "inputs training=None",
	"Dropout":            "inputs training=False",
	"Softmax":            "inputs mask=None",
}
