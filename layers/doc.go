// Package layers is Keras's layer catalogue.
//
// A layer is a builder: its constructor takes what Keras takes positionally,
// every other Keras argument is a setter of the same name in CamelCase, and
// what isn't set has Keras's default. The builder is the layer: applying it to
// a second tensor shares its weights. Setters after the first Apply are an
// error, except Trainable.
//
//	x := layers.Conv2D(32, 3).Padding("same").Activation("relu").Apply(inputs)
//
// Mistakes (a misspelt name, a shape that doesn't fit) never panic: they
// travel with the tensor, and symbolic.NewModel returns the first.
package layers
