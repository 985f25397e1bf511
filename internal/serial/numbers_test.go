package serial

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNumbersOfOperations reads whole numbers of operations as such, also where a legacy file leaves out the module.
func TestNumbersOfOperations(t *testing.T) {
	for text, want := range map[string]any{
		`{"module": "keras.src.ops.numpy", "class_name": "Concatenate", "config": {"axis": -1}}`: -1,
		`{"class_name": "Concatenate", "config": {"axis": -1}}`:                                  -1,
		`{"class_name": "Concatenate", "config": {"axis": -1, "trainable": true}}`:               -1.0,
		`{"module": "keras.layers", "class_name": "Concatenate", "config": {"axis": -1}}`:        -1.0,
	} {
		m, err := decodeJSON([]byte(text))
		require.NoError(t, err)
		require.Equal(t, want, m["config"].(map[string]any)["axis"], text)
	}
}
