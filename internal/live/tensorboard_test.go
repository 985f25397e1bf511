//go:build live

package live

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// readEvents prints what the tensorboard package sees in a folder.
const readEvents = `
import json
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
from tensorboard.util import tensor_util
m = EventMultiplexer(size_guidance={"tensors": 0}).AddRunsFromDirectory("logs").Reload()
found = {}
for run, kinds in m.Runs().items():
    for tag in kinds["tensors"]:
        meta = m.SummaryMetadata(run, tag)
        steps = [(e.step, tensor_util.make_ndarray(e.tensor_proto)) for e in m.Tensors(run, tag)]
        number = lambda a: a.item() if a.shape == () and a.dtype.kind == "f" else list(a.shape)
        found[run + "/" + tag] = {"plugin": meta.plugin_data.plugin_name, "class": meta.data_class, "steps": [s for s, _ in steps], "values": [number(a) for _, a in steps]}
print(json.dumps(found))
`

// TestTensorBoardReadsEvents has the tensorboard package read what a Fit wrote.
func TestTensorBoardReadsEvents(t *testing.T) {
	dir := t.TempDir()
	x := functional.Input(2)
	m, err := functional.NewModel(x, layers.Dense(1).Name("out").Apply(x))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse"}))
	data := [][]float32{{1, 2}, {3, 4}, {5, 6}, {7, 8}}
	targets := [][]float32{{0.1}, {0.2}, {0.3}, {0.4}}
	board := callbacks.TensorBoard(dir + "/logs").HistogramFreq(1).WriteImages(true).UpdateFreq(1)
	history, err := m.Fit(data, targets, functional.Fit{Epochs: 2, BatchSize: 2, Verbose: functional.Silent, ValidationSplit: 0.5, Callbacks: []callbacks.Callback{board}})
	require.NoError(t, err)
	var out string
	ask(t, &out, "run", map[string]any{"code": readEvents, "folder": dir})
	var found map[string]struct {
		Plugin string

		Steps  []int
		Values []any
	}
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	losses := found["train/epoch_loss"]
	require.Equal(t, []int{0, 1}, losses.Steps)
	require.Equal(t, "scalars", losses.Plugin)
	for i, v := range losses.Values {
		require.Equal(t, history.History["loss"][i], v)
		require.Equal(t, history.History["val_loss"][i], found["validation/epoch_loss"].Values[i])
	}
	require.Equal(t, "histograms", found["train/out/kernel/histogram"].Plugin)
	require.Equal(t, []any{[]any{30., 3.}, []any{30., 3.}}, found["train/out/kernel/histogram"].Values)
	require.Equal(t, "images", found["train/out/kernel/image"].Plugin)
	require.Equal(t, "graph_keras_model", found["train/keras"].Plugin)
	require.Equal(t, []int{1, 2}, found["validation/evaluation_loss_vs_iterations"].Steps)
	require.Len(t, found["train/batch_loss"].Values, 2)
}
