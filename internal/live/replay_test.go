//go:build live

package live

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/npz"
)

// refused are parts of the errors with which models of Keras's own tests are refused, and why a user accepts that.
var refused = map[string]string{
	"a Lambda layer holds Python code":  "it is never run here; the error names the two ways out",
	"the layer's weights are quantized": "float8 is for training on GPUs that compute in it",
}

// TestReplay holds the layers to what Keras's own tests, as the installed wheel has them, make of its layers: the same outputs and the same configuration.
func TestReplay(t *testing.T) {
	on(t, "xla")
	folder := t.TempDir()
	cmd := exec.Command(os.Getenv("GOKERAS_PYTHON"), "replay.py", folder)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	raw, err := os.ReadFile(filepath.Join(folder, "report.json"))
	require.NoError(t, err)
	var report struct {
		Recorded []string
		Failed   map[string]string
	}
	require.NoError(t, json.Unmarshal(raw, &report))
	if len(report.Recorded) == 0 {
		t.Fatalf("nothing was recorded: does the installed wheel of Keras lack its tests, or pytest?\n%s", out)
	}
	require.GreaterOrEqual(t, len(report.Recorded), 120)
	require.Less(t, len(report.Failed), 10, "what Keras couldn't make or save: %v", report.Failed)
	for _, name := range report.Recorded {
		t.Run(name, func(t *testing.T) { replay(t, filepath.Join(folder, name)) })
	}
}

// replay compares one model, of which path is without the suffix.
func replay(t *testing.T, path string) {
	m, err := functional.Load(path+".keras", functional.LoadOptions{})
	if err != nil {
		for part := range refused {
			if strings.Contains(err.Error(), part) {
				return
			}
		}
		t.Fatal(err)
	}
	own, err := m.ToJSON()
	require.NoError(t, err)
	golden.SameJSON(t, archived(t, path+".keras", "config.json"), own, "shared_object_id", "build_config", "compile_config")

	data, err := npz.Open(path + ".npz")
	require.NoError(t, err)
	defer data.Close()
	arrays := func(prefix string) (list []*tensors.Tensor) {
		for i := range data.Names() {
			name := prefix + strconv.Itoa(i)
			if !data.Has(name) {
				break
			}
			x, err := data.Tensor(name)
			require.NoError(t, err)
			list = append(list, x)
		}
		return list
	}
	got, err := m.PredictOnBatch(arrays("x_"))
	require.NoError(t, err)
	want := arrays("y_")
	require.Len(t, got, len(want))
	for i, w := range want {
		require.Equal(t, w.Shape().Dimensions, got[i].Shape().Dimensions, "output %d", i)
		tolerance := 2e-5
		if got[i].DType() == dtypes.BFloat16 { // which the file has as float32
			tolerance = 2e-2
		} else {
			require.Equal(t, w.DType(), got[i].DType(), "output %d", i)
		}
		largest := 1.0
		for _, v := range golden.Floats(t, w) {
			largest = max(largest, v, -v)
		}
		require.InDeltaSlice(t, golden.Floats(t, w), golden.Floats(t, got[i]), tolerance*largest, "output %d", i)
	}
}
