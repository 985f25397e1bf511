//go:build live

package npz

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

// TestNumPyReads gives archives to the Python that GOKERAS_PYTHON names.
func TestNumPyReads(t *testing.T) {
	python := os.Getenv("GOKERAS_PYTHON")
	if python == "" {
		t.Fatal("GOKERAS_PYTHON is not set: it must name a Python interpreter with numpy")
	}
	path := filepath.Join(t.TempDir(), "arrays.npz")
	arrays := map[string]*tensors.Tensor{
		"scalar": tensors.FromScalar(float32(7)), "empty": tensors.FromShape(shapes.Make(dtypes.Float32, 2, 0)), "a/b": tensors.FromScalar(true),
	}
	for _, k := range kinds {
		arrays[k.name] = values(k)
	}
	require.NoError(t, WriteFile(path, arrays))
	script := `
import sys, zipfile
import numpy as np
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
ours, numpys = np.load(sys.argv[1]), np.load("testdata/types.npz")
assert ours["scalar"] == 7 and ours["scalar"].shape == () and ours["empty"].shape == (2, 0) and ours["a/b"]
for name in numpys.files:
    assert ours[name].dtype == numpys[name].dtype and np.array_equal(ours[name], numpys[name]), name
`
	out, err := exec.Command(python, "-c", script, path).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
