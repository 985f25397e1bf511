package functional_test

import (
	"fmt"
	"testing"

	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// TestPrinted has what Keras prints of the same objects, but for a weight's value.
func TestPrinted(t *testing.T) {
	functional.ClearSession()
	in := functional.Input(2)
	dense := layers.Dense(2)
	require.Equal(t, "<Dense name=dense, built=False>", fmt.Sprint(dense))
	out := dense.Apply(in)
	m := must.M1(functional.NewModel(in, out))
	require.Equal(t, "<KerasTensor shape=(None, 2), dtype=float32, name=dense>", fmt.Sprint(out))
	require.Equal(t, "<Dense name=dense, built=True>", fmt.Sprint(dense))
	require.Equal(t, "<Functional name=model, built=True>", fmt.Sprint(m))
	require.Equal(t, "<Sequential name=sequential, built=False>", fmt.Sprint(must.M1(functional.NewSequential(layers.Dense(2)))))
	require.Equal(t, "<Variable path=dense/kernel, shape=(2, 2), dtype=float32>", fmt.Sprint(m.Weights()[0]))
	require.Equal(t, "<InputLayer name=input_1, built=True>", fmt.Sprint(in.Layer()))
}

func ExampleScores() {
	fmt.Println(&functional.Scores{Names: []string{"loss", "accuracy"}, Values: []float64{0.00031, 0.91254}})
	// Output: loss: 3.1000e-04 - accuracy: 0.9125
}

func ExampleHistory() {
	h := &functional.History{Epoch: []int{0, 1}, History: map[string][]float64{"loss": {1.2, 0.5}, "val_loss": {1.3, 0.61234}}}
	fmt.Println(h)
	// Output:
	// epoch    loss  val_loss
	//     1  1.2000    1.3000
	//     2  0.5000    0.6123
}
