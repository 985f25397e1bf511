package datasets_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
)

func ExampleSaveNPZ() {
	folder := must.M1(os.MkdirTemp("", "npz"))
	defer func() { must.M(os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "data.npz") // numpy.load(path)["x"]

	must.M(datasets.SaveNPZ(path, map[string]*tensors.Tensor{
		"x": tensors.FromValue([][]float32{{1, 2}, {3, 4}, {5, 6}}),
		"y": tensors.FromValue([]int32{0, 1, 1}),
	}))
	arrays := must.M1(datasets.LoadNPZ(path))
	fmt.Println(arrays["x"].Shape(), arrays["y"])
	// Output: (Float32)[3, 2] [3]int32{0, 1, 1}
}

func TestLoadNPZ(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.npz")
	one, two := tensors.FromValue([]float32{1, 2}), tensors.FromValue([]int64{3})
	require.NoError(t, datasets.SaveNPZ(path, map[string]*tensors.Tensor{"one": one, "two": two}))
	arrays, err := datasets.LoadNPZ(path, "two")
	require.NoError(t, err)
	require.Len(t, arrays, 1)
	require.True(t, two.Equal(arrays["two"]))

	_, err = datasets.LoadNPZ(path, "three")
	require.EqualError(t, err, `datasets.LoadNPZ: `+path+`: the archive has no array "three", only "one", "two"`)
	_, err = datasets.LoadNPZ(path + "x")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte("nonsense"), 0o644))
	_, err = datasets.LoadNPZ(path)
	require.ErrorContains(t, err, path+": the archive is cut short or damaged")

	err = datasets.SaveNPZ(path, map[string]*tensors.Tensor{"a": nil})
	require.ErrorContains(t, err, `datasets.SaveNPZ: write `+path+`: the array "a": the tensor is nil`)
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "nonsense", string(kept))
}
