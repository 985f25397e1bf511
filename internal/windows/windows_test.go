package windows

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// TestNamed holds all windows to SciPy's.
func TestNamed(t *testing.T) {
	var file struct {
		Windows struct {
			Names  map[string]string // the window's own name by all of its names
			Values map[string][]struct {
				Periodic bool
				Values   []float64
			}
		}
	}
	golden.Load(t, "spectrograms", &file)
	require.NotEmpty(t, file.Windows.Values)
	for name, cases := range file.Windows.Values {
		for _, c := range cases {
			got, err := Named(name, len(c.Values), c.Periodic)
			require.NoError(t, err)
			for i, v := range got {
				require.InDelta(t, c.Values[i], v, 1e-14, "%s: weight %d of %d, periodic: %v", name, i, len(got), c.Periodic)
			}
		}
	}
	require.Len(t, shapes, len(file.Windows.Values))
	require.Len(t, aliases, len(file.Windows.Names)-len(shapes))
	for alias, name := range aliases {
		require.Equal(t, file.Windows.Names[alias], name)
	}
	same, err := Named("hann_symmetric", 5, true)
	require.NoError(t, err)
	want, err := Named("hann", 5, false)
	require.NoError(t, err)
	require.Equal(t, want, same)
	_, err = Named("kaiser", 5, false)
	require.ErrorContains(t, err, `unknown window "kaiser"`)
}

func TestWindow(t *testing.T) {
	var w Window
	for _, good := range []any{nil, "hann", []float64{1, 2}, []float32{1, 2}, map[string]any{"class_name": "__numpy__", "config": map[string]any{"value": []any{1.0, 2.0}}}} {
		require.True(t, w.Set(good) == nil || w.DecodeKeras(good) == nil, "%v", good)
		encoded, err := w.EncodeKeras()
		require.NoError(t, err)
		var again Window
		require.NoError(t, again.DecodeKeras(encoded))
		require.Equal(t, w, again)
	}
	values, err := w.Values(2, false)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 2}, values)
	_, err = w.Values(3, false)
	require.Error(t, err)
	for _, bad := range []any{3, true, []any{"x"}, []any{math.NaN()}, map[string]any{}, map[string]any{"class_name": "__numpy__"}, map[string]any{"class_name": "__numpy__", "config": map[string]any{"value": "hann"}}} {
		require.Error(t, w.DecodeKeras(bad), "%v", bad)
	}
}
