package saving_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/saving"
)

// TestShowModel shows models with layers that only Python has: classes, weights and, where the file tells them, shapes as Keras has them.
func TestShowModel(t *testing.T) {
	golden.OnGo(t)
	for _, want := range golden.LoadShown(t) {
		for suffix := range want.Files {
			t.Run(want.Name+suffix, func(t *testing.T) {
				path := want.Write(t, suffix)
				_, err := saving.LoadModel(path)
				require.Error(t, err)
				m, err := functional.ShowModel(path)
				require.NoError(t, err)
				require.Equal(t, want.Name, m.Name())
				require.Equal(t, want.Params, m.CountParams())
				var unknown []string
				for _, l := range m.UnknownLayers() {
					unknown = append(unknown, l.Layer)
				}
				require.NotEmpty(t, unknown)
				require.Len(t, m.Layers(), len(want.Layers))
				told := 0
				for i, l := range m.Layers() {
					w := want.Layers[i]
					require.Equal(t, w.Name, l.LayerName())
					require.Equal(t, w.Class, l.KerasClass().Name)
					require.Equal(t, w.Params, l.CountParams(), w.Name)
					require.InDeltaSlice(t, w.Sums, sums(t, l), 1e-12, w.Name)
					if shape := l.Output().Shape(); !shape.IsUnknown() {
						told++
						sizes := make([]int, len(w.Shape))
						for i, d := range w.Shape {
							sizes[i] = functional.None
							if d != nil {
								sizes[i] = *d
							}
						}
						require.Equal(t, functional.Shape(sizes), shape, w.Name)
					}
				}
				if suffix == ".keras" {
					require.GreaterOrEqual(t, told, len(want.Layers)-2, "the shapes that the file tells")
				}
				var table bytes.Buffer
				require.NoError(t, m.SummaryWith(&table, functional.SummaryOptions{ExpandNested: true}))
				require.Contains(t, table.String(), "Scale")

				sizes := m.Input().Shape()
				sizes[0] = 2
				x := tensors.FromFlatDataAndDimensions(make([]float32, sizes.Size()), sizes...)
				_, err = m.Predict(x, functional.Predict{Verbose: functional.Silent})
				require.ErrorContains(t, err, "can only be shown")
				target := filepath.Join(t.TempDir(), "again.keras")
				require.ErrorContains(t, m.Save(target), "can only be shown")
				require.NoFileExists(t, target)
			})
		}
	}
}

// sums are the sums of a layer's weights, sorted.
func sums(t *testing.T, l functional.Layer) []float64 {
	values, err := l.GetWeights()
	require.NoError(t, err)
	list := []float64{}
	for _, v := range values {
		v, err := ndarray.Convert(v, dtypes.Float64)
		require.NoError(t, err)
		sum := 0.0
		for _, x := range tensors.MustCopyFlatData[float64](v) {
			sum += x
		}
		list = append(list, sum)
	}
	slices.Sort(list)
	return list
}
