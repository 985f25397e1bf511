package serial

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUnknownLayers names all that a file has and that isn't known here.
func TestUnknownLayers(t *testing.T) {
	_, _, err := FromJSON([]byte(`{"class_name": "Sequential", "config": {"name": "m", "layers": [
		{"module": "keras.layers", "class_name": "SwirlFirst", "config": {"name": "a"}},
		{"module": "keras.layers", "class_name": "Bidirectional", "config": {"name": "b", "layer": {"module": "keras.layers", "class_name": "SwirlInside", "config": {}}}},
		{"module": "keras.src.ops.numpy", "class_name": "SwirlOf", "config": {"name": "c"}},
		{"module": "keras.layers", "class_name": "SwirlFirst", "config": {"name": "d"}}]}}`))
	require.ErrorContains(t, err, `4 kinds of layers and operations that aren't known here: SwirlFirst, Bidirectional, SwirlInside, SwirlOf; the first: model "m": unknown layer "SwirlFirst"`)
}
