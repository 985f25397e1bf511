package bench

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/saving"
)

// Notebook are the names of the models measured by default: those of the functional API notebook.
var Notebook = []string{"model1", "model2", "model3"}

var builtin = map[string]func() (*functional.Model, error){
	"model1": model1, "model2": model2, "model3": model3, "dense": dense, "chain6": chain(6), "chain20": chain(20), "chain60": chain(60),
}

// Names are the models that need no file, sorted.
func Names() []string {
	var list []string
	for name := range builtin {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// load makes a model by its name, or reads the file of that name.
func load(name string) (*functional.Model, error) {
	build, ok := builtin[name]
	if !ok {
		if _, err := os.Stat(name); err != nil {
			return nil, fmt.Errorf("%q is neither a file (%w) nor one of %s", name, err, strings.Join(Names(), ", "))
		}
		return saving.LoadModel(name)
	}
	m, err := build()
	if err != nil {
		return nil, err
	}
	return m, m.Compile(functional.Compile{Optimizer: optimizers.Adam(), Loss: "categorical_crossentropy", Metrics: []any{"accuracy"}})
}

// model1 is a chain of convolutions.
func model1() (*functional.Model, error) {
	inputs := functional.Input(32, 32, 3)
	x := inputs
	for _, filters := range []int{32, 64, 128} {
		x = layers.Conv2D(filters, 3).Activation("relu").Padding("same").Apply(x)
		x = layers.Conv2D(filters, 3).Activation("relu").Padding("same").Apply(x)
		x = layers.MaxPooling2D(2).Apply(x)
	}
	return functional.NewModel(inputs, head(x))
}

// model2 has two paths of convolutions.
func model2() (*functional.Model, error) {
	inputs := functional.Input(32, 32, 3)
	path1 := layers.Conv2D(32, 5).Activation("relu").Padding("same").Apply(inputs)
	path1 = layers.MaxPooling2D(2).Apply(path1)
	path1 = layers.Conv2D(64, 3).Activation("relu").Padding("same").Apply(path1)
	path1 = layers.MaxPooling2D(2).Apply(path1)
	path2 := inputs
	for _, filters := range []int{32, 64} {
		path2 = layers.Conv2D(filters, 3).Activation("relu").Padding("same").Apply(path2)
		path2 = layers.Conv2D(filters, 3).Activation("relu").Padding("same").Apply(path2)
		path2 = layers.MaxPooling2D(2).Apply(path2)
	}
	return functional.NewModel(inputs, head(layers.Concatenate().Apply(path1, path2)))
}

// head is how models 1 and 2 end.
func head(x *functional.Tensor) *functional.Tensor {
	x = layers.Flatten().Apply(x)
	x = layers.Dropout(0.3).Apply(x)
	x = layers.Dense(300).Activation("relu").Apply(x)
	x = layers.Dropout(0.3).Apply(x)
	return layers.Dense(10).Activation("softmax").Apply(x)
}

// model3 merges what it saw at three depths.
func model3() (*functional.Model, error) {
	inputs := functional.Input(32, 32, 3)
	pool := inputs
	var flats []*functional.Tensor
	for range 3 {
		conv := layers.Conv2D(32, 3).Activation("relu").Apply(pool)
		drop := layers.Dropout(0.2).Apply(conv)
		pool = layers.MaxPooling2D(2).Apply(drop)
		flats = append(flats, layers.Flatten().Apply(pool))
	}
	hidden := layers.Dense(100).Activation("relu").Apply(layers.Concatenate().Apply(flats...))
	return functional.NewModel(inputs, layers.Dense(10).Activation("softmax").Apply(hidden))
}

// dense is so small that what the host does between steps shows.
func dense() (*functional.Model, error) {
	inputs := functional.Input(32)
	hidden := layers.Dense(32).Activation("relu").Apply(inputs)
	return functional.NewModel(inputs, layers.Dense(10).Activation("softmax").Apply(hidden))
}

// chain is a model of so many equal convolutions, which shows how cost grows with depth.
func chain(convolutions int) func() (*functional.Model, error) {
	return func() (*functional.Model, error) {
		inputs := functional.Input(16, 16, 32)
		x := inputs
		for range convolutions {
			x = layers.Conv2D(32, 3).Activation("relu").Padding("same").Apply(x)
		}
		return functional.NewModel(inputs, layers.Dense(10).Activation("softmax").Apply(layers.GlobalAveragePooling2D().Apply(x)))
	}
}
