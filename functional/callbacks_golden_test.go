package functional_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/eventfile"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

type callbacksFixture struct {
	X, Y        golden.Array
	TensorBoard []struct {
		Optimizer map[string]any
		Epochs    int
		Evaluate  bool
		Arguments struct {
			Histograms int   `json:"histogram_freq"`
			Images     bool  `json:"write_images"`
			UpdateFreq any   `json:"update_freq"`
			Graph      *bool `json:"write_graph"`
			PerSecond  bool  `json:"write_steps_per_second"`
			Embeddings int   `json:"embeddings_freq"`
		}
		Weights []golden.Array
		Events  map[string][]kerasEvent
		Files   []string
	}
	SwapEMA []struct {
		Optimizer   map[string]any
		Epochs      int
		SwapOnEpoch bool `json:"swap_on_epoch"`
		Weights     []golden.Array
		Seen        [][]golden.Array
		History     map[string][]float64
		Scores      []float64
		End         []golden.Array
		Variables   []golden.Array
	} `json:"swap_ema"`
	RemoteMonitor []struct {
		Arguments struct {
			Path, Field string
			Headers     map[string]string
			JSON        bool `json:"send_as_json"`
		}
		Requests []struct {
			Path, Type, Body string
			Custom           *string
		}
	} `json:"remote_monitor"`
}

type kerasEvent struct {
	Tag, Plugin, Content string
	Step                 int64
	DType                int
	Shape                []int
	Values               *golden.Array
	Config               string
	Size                 []string
	Images               []golden.Array
}

// callbackModel is the model of the fixture, with its weights.
func callbackModel(t *testing.T, optimizer map[string]any, weights []golden.Array) *functional.Model {
	t.Helper()
	functional.ClearSession()
	x := functional.InputWith(functional.InputOptions{Shape: []int{3}, Name: "features"})
	h := layers.Dense(4).Activation("tanh").Name("hidden").Apply(x)
	m, err := functional.NewModel(x, layers.Dense(1).Name("out").Apply(h))
	require.NoError(t, err)
	require.NoError(t, m.Named("small").Compile(functional.Compile{Optimizer: optimizer, Loss: "mse", Metrics: []string{"mae"}}))
	golden.SetWeights(t, m.Weights(), weights)
	return m
}

var callbackTolerance = golden.Tolerance{Abs: 2e-6, Rel: 2e-5}

// callbackFit fits as the fixture does.
func callbackFit(t *testing.T, f *callbacksFixture, m *functional.Model, epochs int, list ...callbacks.Callback) *functional.History {
	t.Helper()
	x, y := f.X.Tensor(t), f.Y.Tensor(t)
	xs, ys := x.Value().([][]float32), y.Value().([][]float32)
	history, err := m.Fit(x, y, functional.Fit{Epochs: epochs, BatchSize: 4, Shuffle: functional.Off, Verbose: functional.Silent, Callbacks: list,
		ValidationData: &functional.Data{X: xs[:4], Y: ys[:4]}})
	require.NoError(t, err)
	return history
}

func requireNear(t *testing.T, what string, want golden.Array, got []float64) {
	t.Helper()
	golden.Close(t, what, tensors.FromFlatDataAndDimensions(float32sOf(got), want.Shape...), want, callbackTolerance)
}

func float32sOf(list []float64) []float32 {
	out := make([]float32, len(list))
	for i, v := range list {
		out[i] = float32(v)
	}
	return out
}

func TestTensorBoardWritesWhatKerasDoes(t *testing.T) {
	var f callbacksFixture
	golden.Load(t, "callbacks", &f)
	for i, c := range f.TensorBoard {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			golden.OnSomeEngines(t, i, func(t *testing.T, _ compute.Backend) {
				dir := filepath.Join(t.TempDir(), "logs")
				m := callbackModel(t, c.Optimizer, c.Weights)
				a := c.Arguments
				board := callbacks.TensorBoard(dir).HistogramFreq(a.Histograms).WriteImages(a.Images).WriteStepsPerSecond(a.PerSecond).EmbeddingsFreq(a.Embeddings)
				switch freq := a.UpdateFreq.(type) {
				case string:
					board.UpdateFreq(1)
				case float64:
					board.UpdateFreq(int(freq))
				}
				if a.Graph != nil {
					board.WriteGraph(*a.Graph)
				}
				callbackFit(t, &f, m, c.Epochs, board)
				if c.Evaluate {
					_, err := m.Evaluate(f.X.Tensor(t), f.Y.Tensor(t), functional.Evaluate{BatchSize: 4, Verbose: functional.Silent, Callbacks: []callbacks.Callback{board}})
					require.NoError(t, err)
				}
				var others []string
				events := map[string][]eventfile.Event{}
				require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					name, _ := filepath.Rel(dir, path)
					if !strings.HasPrefix(d.Name(), "events.out.tfevents.") {
						others = append(others, filepath.ToSlash(name))
						return nil
					}
					list, err := eventfile.Read(path)
					events[filepath.Dir(name)] = append(events[filepath.Dir(name)], list...)
					return err
				}))
				require.ElementsMatch(t, c.Files, others)
				require.Len(t, events, len(c.Events))
				for name, want := range c.Events {
					require.Len(t, events[name], len(want), name)
					for k, w := range want {
						requireEvent(t, w, events[name][k])
					}
				}
			})
		})
	}
}

func requireEvent(t *testing.T, want kerasEvent, got eventfile.Event) {
	t.Helper()
	what := fmt.Sprintf("%s of step %d", want.Tag, want.Step)
	require.Equal(t, []any{want.Tag, want.Step, want.Plugin, want.Content, want.DType}, []any{got.Tag, got.Step, got.Plugin, got.Content, got.DType}, what)
	require.True(t, slices.Equal(want.Shape, got.Shape), "%s: %v %v", what, want.Shape, got.Shape)
	switch {
	case want.Config != "":
		var config map[string]any
		require.NoError(t, json.Unmarshal(got.Texts[0], &config))
		require.Equal(t, want.Config, config["class_name"])
	case want.Plugin == "images":
		require.Equal(t, want.Size, []string{string(got.Texts[0]), string(got.Texts[1])}, what)
		require.Len(t, got.Texts, len(want.Images)+2)
		for i, w := range want.Images {
			picture, err := png.Decode(bytes.NewReader(got.Texts[i+2]))
			require.NoError(t, err)
			gray, ok := picture.(*image.Gray)
			require.True(t, ok)
			require.Equal(t, []int{gray.Rect.Dy(), gray.Rect.Dx(), 1}, w.Shape, what)
			for k, v := range w.Data {
				require.InDelta(t, float64(v), float64(gray.Pix[k]), 1, what) // a rounding of the weight may be one level
			}
		}
	case want.Values != nil:
		requireNear(t, what, *want.Values, got.Numbers)
	default:
		require.Contains(t, want.Tag, "per_second")
		require.Positive(t, got.Numbers[0])
	}
}

func TestSwapEMAWeightsLeavesWhatKerasDoes(t *testing.T) {
	var f, several callbacksFixture
	golden.Load(t, "callbacks", &f)
	golden.Load(t, "callbacks_multi", &several)
	for i, c := range append(slices.Clone(f.SwapEMA), several.SwapEMA...) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			golden.OnSomeEngines(t, i, func(t *testing.T, _ compute.Backend) {
				m := callbackModel(t, c.Optimizer, c.Weights)
				epoch := 0
				watch := &callbacks.LambdaCallback{EpochEnd: func(int, *callbacks.Logs) error {
					values, err := m.GetWeights()
					for k, v := range values {
						golden.Close(t, fmt.Sprintf("weight %d after epoch %d", k, epoch), v, c.Seen[epoch][k], callbackTolerance)
					}
					epoch++
					return err
				}}
				history := callbackFit(t, &f, m, c.Epochs, callbacks.SwapEMAWeights().SwapOnEpoch(c.SwapOnEpoch), watch)
				for name, want := range c.History {
					require.InDeltaSlice(t, want, history.History[name], 1e-5, name)
				}
				scores, err := m.Evaluate(f.X.Tensor(t), f.Y.Tensor(t), functional.Evaluate{BatchSize: 4, Verbose: functional.Silent, Callbacks: []callbacks.Callback{callbacks.SwapEMAWeights()}})
				require.NoError(t, err)
				require.InDeltaSlice(t, c.Scores, scores.Values, 1e-5)
				values, err := m.GetWeights()
				require.NoError(t, err)
				for k, v := range values {
					golden.Close(t, fmt.Sprintf("weight %d in the end", k), v, c.End[k], callbackTolerance)
				}
				variables, err := m.OptimizerVariables()
				require.NoError(t, err)
				require.Len(t, variables, len(c.Variables))
				for k, v := range variables {
					value, err := v.Value()
					require.NoError(t, err)
					golden.Close(t, v.Path(), value, c.Variables[k], callbackTolerance)
				}
				// After Predict, where Keras leaves the averages, the weights are back.
				list := callbacks.NewList(callbacks.SwapEMAWeights())
				list.SetModel(m)
				require.NoError(t, list.OnPredictBegin())
				require.NoError(t, list.OnPredictEnd())
				again, err := m.GetWeights()
				require.NoError(t, err)
				golden.Same(t, again, values, golden.Tolerance{})
			})
		})
	}
	golden.OnGo(t)
	m := callbackModel(t, map[string]any{"class_name": "sgd"}, f.SwapEMA[0].Weights)
	_, err := m.Evaluate(f.X.Tensor(t), f.Y.Tensor(t), functional.Evaluate{Verbose: functional.Silent, Callbacks: []callbacks.Callback{callbacks.SwapEMAWeights()}})
	require.ErrorContains(t, err, `callbacks: SwapEMAWeights.OnTestBegin: exchanging the weights of model "small" and their averages: optimizer "sgd" keeps no averages of the weights: set UseEMA(true)`)
}

// TestCallbacksSetTheRatesOfSeveralOptimizers: each optimizer inside a MultiOptimizer has its own, and its name in logs and messages.
// TestAveragesWhereTrainingStops holds to Keras what is in a model when EarlyStopping ends the training of an optimizer that averages weights.
func TestAveragesWhereTrainingStops(t *testing.T) {
	var f struct {
		callbacksFixture
		Stopped []struct {
			Optimizer   map[string]any
			Epochs      int
			Swap        bool
			SwapOnEpoch bool `json:"swap_on_epoch"`
			Arguments   struct {
				Patience int
				MinDelta float64 `json:"min_delta"`
				Restore  bool    `json:"restore_best_weights"`
			}
			Weights, End []golden.Array
			History      map[string][]float64
		}
	}
	golden.Load(t, "callbacks_stopping", &f)
	require.NotEmpty(t, f.Stopped)
	for i, c := range f.Stopped {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			golden.OnSomeEngines(t, i, func(t *testing.T, _ compute.Backend) {
				m := callbackModel(t, c.Optimizer, c.Weights)
				var list []callbacks.Callback
				if c.Swap {
					list = append(list, callbacks.SwapEMAWeights().SwapOnEpoch(c.SwapOnEpoch))
				}
				a := c.Arguments
				history := callbackFit(t, &f.callbacksFixture, m, c.Epochs, append(list, callbacks.EarlyStopping().Patience(a.Patience).MinDelta(a.MinDelta).RestoreBestWeights(a.Restore))...)
				for name, want := range c.History {
					require.InDeltaSlice(t, want, history.History[name], 1e-5, name)
				}
				values, err := m.GetWeights()
				require.NoError(t, err)
				for k, v := range values {
					golden.Close(t, fmt.Sprintf("weight %d in the end", k), v, c.End[k], callbackTolerance)
				}
			})
		})
	}
}

func TestCallbacksSetTheRatesOfSeveralOptimizers(t *testing.T) {
	var f struct {
		callbacksFixture
		Rates []struct {
			Optimizer    map[string]any
			Epochs       int
			Weights, End []golden.Array
			Callback     string
			Arguments    struct {
				Patience, Cooldown int
				MinDelta           float64 `json:"min_delta"`
				MinLR              float64 `json:"min_lr"`
			}
			Printed []string
			History map[string][]float64
		}
	}
	golden.Load(t, "callbacks_multi", &f)
	require.NotEmpty(t, f.Rates)
	for i, c := range f.Rates {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			golden.OnSomeEngines(t, i, func(t *testing.T, _ compute.Backend) {
				m := callbackModel(t, c.Optimizer, c.Weights)
				a := c.Arguments
				var callback callbacks.Callback = callbacks.ReduceLROnPlateau().Patience(a.Patience).Cooldown(a.Cooldown).MinDelta(a.MinDelta).MinLR(a.MinLR).Verbose(callbacks.Bar)
				if c.Callback == "LearningRateScheduler" {
					callback = callbacks.LearningRateScheduler(func(epoch int, rate float64) float64 {
						if epoch > 0 {
							rate /= 2
						}
						return rate
					}).Verbose(callbacks.Bar)
				}
				var out bytes.Buffer
				x, y := f.X.Tensor(t), f.Y.Tensor(t)
				history, err := m.Fit(x, y, functional.Fit{Epochs: c.Epochs, BatchSize: 4, Shuffle: functional.Off, Verbose: functional.Silent, Output: &out,
					ValidationData: &functional.Data{X: slice(t, x, 0, 4), Y: slice(t, y, 0, 4)}, Callbacks: []callbacks.Callback{callback}})
				require.NoError(t, err)
				require.ElementsMatch(t, sortedNames(c.History), sortedNames(history.History))
				for name, want := range c.History {
					require.InDeltaSlice(t, want, history.History[name], 1e-5, name)
				}
				require.Equal(t, strings.Join(c.Printed, "\n\n"), strings.TrimSpace(out.String()))
				values, err := m.GetWeights()
				require.NoError(t, err)
				for k, v := range values {
					golden.Close(t, fmt.Sprintf("weight %d", k), v, c.End[k], callbackTolerance)
				}
			})
		})
	}
	golden.OnGo(t)
	m := callbackModel(t, f.Rates[0].Optimizer, f.Rates[0].Weights)
	require.ErrorContains(t, m.SetLearningRateOf(2, 0.1), `there is no optimizer 2: optimizer "multi_optimizer" has 2 inside`)
	m = callbackModel(t, map[string]any{"class_name": "sgd"}, f.Rates[0].Weights)
	require.ErrorContains(t, m.SetLearningRateOf(0, 0.1), `optimizer "sgd" has 0 inside`)
}

func TestRemoteMonitorSendsWhatKerasDoes(t *testing.T) {
	var f callbacksFixture
	golden.Load(t, "callbacks", &f)
	for _, c := range f.RemoteMonitor {
		at := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			want := c.Requests[at]
			at++
			var body bytes.Buffer
			_, _ = body.ReadFrom(r.Body)
			custom := ""
			if want.Custom != nil {
				custom = *want.Custom
			}
			if got := []string{r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("X-Custom"), body.String()}; !slices.Equal(got, []string{want.Path, want.Type, custom, want.Body}) {
				t.Errorf("got %q, want %+v", got, want)
			}
			w.WriteHeader(http.StatusTeapot)
		}))
		monitor := callbacks.RemoteMonitor().Root(server.URL).Headers(c.Arguments.Headers).SendAsJSON(c.Arguments.JSON)
		if c.Arguments.Path != "" {
			monitor.Path(c.Arguments.Path)
		}
		if c.Arguments.Field != "" {
			monitor.Field(c.Arguments.Field)
		}
		var out bytes.Buffer
		monitor.SetParams(callbacks.Params{Output: &out})
		require.NoError(t, monitor.OnEpochEnd(0, callbacks.NewLogs([]string{"loss", "val_loss", "f1"}, []float64{0.5, 1e-5, 12345678.25})))
		require.NoError(t, monitor.OnEpochEnd(1, callbacks.NewLogs([]string{"loss", "été & co"}, []float64{3, 1e16})))
		require.NoError(t, monitor.OnEpochEnd(2, nil))
		require.Equal(t, len(c.Requests), at)
		server.Close()
		require.NoError(t, monitor.OnEpochEnd(3, nil))
		require.Contains(t, out.String(), "WARNING: Could not reach RemoteMonitor root server at "+server.URL)
	}
}
