package functional_test

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	_ "github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
)

// TestPredictOnBatchOfUnequalArrays holds to what Keras's predict_on_batch and predict say of arrays that differ in their first axis.
func TestPredictOnBatchOfUnequalArrays(t *testing.T) {
	a, b := functional.Input(), functional.Input()
	m, err := functional.NewModel([]*functional.Tensor{a, b}, ops.Add(ops.Sum(a), ops.Sum(b)))
	require.NoError(t, err)
	x := []any{[]float32{1, 1, 1, 1}, []float32{1, 1, 1}}
	y, err := m.PredictOnBatch(x)
	require.NoError(t, err)
	require.Equal(t, float32(7), tensors.ToScalar[float32](y[0]))
	_, err = m.Predict(x, functional.Predict{Verbose: functional.Silent})
	require.ErrorContains(t, err, "cardinality")
	_, err = m.PredictOnBatch([]any{[]float32{1}, tensors.FromShape(shapes.Make(dtypes.Float32, 0))})
	require.ErrorContains(t, err, "no samples")
}

// TestPredictOnBatchOfOneNumber: an input without axes, which Keras's files may have, takes a number.
func TestPredictOnBatchOfOneNumber(t *testing.T) {
	m, err := functional.FromJSON([]byte(`{"module": "keras.src.models.functional", "class_name": "Functional", "config": {"name": "one", "trainable": true, "layers": [
		{"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [], "dtype": "float32", "name": "x"}, "registered_name": null, "name": "x", "inbound_nodes": []},
		{"module": "keras.src.ops.numpy", "class_name": "Exp", "config": {"name": "exp"}, "registered_name": "Exp", "name": "exp", "inbound_nodes": [
			{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [], "dtype": "float32", "keras_history": ["x", 0, 0]}}], "kwargs": {}}]}],
		"input_layers": [["x", 0, 0]], "output_layers": ["exp", 0, 0]}, "registered_name": "Functional"}`), false)
	require.NoError(t, err)
	y, err := m.PredictOnBatch(float32(3))
	require.NoError(t, err)
	require.InDelta(t, 20.085537, tensors.ToScalar[float32](y[0]), 1e-5)
	_, err = m.Predict(float32(3), functional.Predict{Verbose: functional.Silent})
	require.ErrorContains(t, err, "use PredictOnBatch")
	_, err = m.PredictOnBatch([]float32{3, 4})
	require.ErrorContains(t, err, "expects shape ()")
}
