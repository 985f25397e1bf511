package functional_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

func second(_ any, err error) error { return err }

// TestErrorTexts lists what a user is told about the usual mistakes.
func TestErrorTexts(t *testing.T) {
	onGo(t)
	functional.ClearSession()
	dir := t.TempDir()
	good := classifier(t)
	x, y := classes(t, 12)
	require.NoError(t, good.Save(filepath.Join(dir, "good.keras")))
	archive, err := os.ReadFile(filepath.Join(dir, "good.keras"))
	require.NoError(t, err)
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	fit := func(x, y any, change func(*functional.Fit)) error {
		o := quiet
		if change != nil {
			change(&o)
		}
		return second(good.Fit(x, y, o))
	}
	compile := func(c functional.Compile) error { return classifier(t).Compile(c) }
	apply := func(t *functional.Tensor) error { return t.Err() }
	in := func(shape ...int) *functional.Tensor { return functional.Input(shape...) }

	for _, tc := range []struct {
		name string
		err  func() error
		want string
	}{
		// Shapes.
		{"convolution on a vector", func() error { return apply(layers.Conv2D(4, 3).Name("c").Apply(in(8))) },
			`layer "c" (Conv2D) called on (None, 8)`},
		{"dense on unknown features", func() error { return apply(layers.Dense(4).Name("d").Apply(in(functional.None))) },
			`layer "d" (Dense) called on (None, None)`},
		{"the error names the caller", func() error { return apply(layers.Dense(0).Apply(in(2))) }, `errors_test.go:`},
		{"shapes that don't concatenate", func() error { return apply(layers.Concatenate().Name("j").Apply(in(2, 3), in(4, 5))) },
			`layer "j" (Concatenate) called on (None, 2, 3), (None, 4, 5)`},
		{"the first error travels on", func() error {
			bad := layers.Dense(-1).Name("bad").Apply(in(2))
			return second(functional.NewModel(in(2), layers.Dense(3).Apply(bad)))
		}, `layer "bad" (Dense) called on (None, 2): received an invalid value for ` + "`units`" + `, expected a positive integer, received units=-1`},
		{"disconnected graph", func() error { return second(functional.NewModel(named("p", 2), layers.Dense(1).Apply(named("q", 2)))) },
			`NewModel: graph disconnected: layer "q"`},
		{"two layers of one name", func() error {
			x := in(2)
			return second(functional.NewModel(x, layers.Dense(1).Name("same").Apply(layers.Dense(1).Name("same").Apply(x))))
		}, `the name "same" is used by 2 layers of the model: all layer names should be unique`},
		{"a tensor from nowhere", func() error { return second(functional.NewModel(in(2), (*functional.Tensor)(nil))) }, `nil *functional.Tensor`},
		{"not a tensor", func() error { return second(functional.NewModel(in(2), 3)) },
			`outputs are a int, want a *functional.Tensor, a []*functional.Tensor or a map[string]*functional.Tensor`},
		{"a setter too late", func() error {
			d := layers.Dense(2)
			d.Apply(in(2))
			return apply(d.UseBias(false).Apply(in(2)))
		}, `use_bias was set after the layer was applied: set every argument before the first Apply`},

		// Misspelt names.
		{"padding", func() error { return apply(layers.Conv2D(4, 3).Padding("samé").Apply(in(8, 8, 1))) }, `unknown padding "samé"; did you mean "same"? (known: same, valid)`},
		{"activation", func() error { return apply(layers.Dense(4).Activation("rleu").Apply(in(2))) }, `unknown activation "rleu"; did you mean "relu"?`},
		{"initializer", func() error { return apply(layers.Dense(4).KernelInitializer("he_norml").Apply(in(2))) }, `unknown initializer "he_norml"; did you mean "he_normal"?`},
		{"optimizer", func() error { return compile(functional.Compile{Optimizer: "adaam"}) }, `Optimizer: unknown optimizer "adaam"; did you mean "adam"?`},
		{"loss", func() error { return compile(functional.Compile{Loss: "categorical_crossentropi"}) }, `unknown loss "categorical_crossentropi"; did you mean "categorical_crossentropy"?`},
		{"metric", func() error { return compile(functional.Compile{Loss: "mse", Metrics: []string{"acuracy"}}) }, `unknown metric "acuracy"; did you mean "accuracy"?`},
		{"layer", func() error { return second(good.GetLayer("dens")) }, `unknown layer "dens"; did you mean "dense"?`},
		{"output", func() error { return compile(functional.Compile{Loss: map[string]any{"outt": "mse"}}) }, `there is no output "outt": want a loss for one of`},
		{"a name with a slash", func() error { return apply(layers.Dense(1).Name("a/b").Apply(in(2))) }, `name: got "a/b", want a name without "/"`},
		{"dtype", func() error { return apply(layers.Dense(1).DType("float23").Apply(in(2))) }, `unknown dtype "float23"; did you mean "float32"?`},

		// Compile.
		{"fit before compile", func() error {
			x := in(2)
			return second(model(x, layers.Dense(1).Apply(x)).Fit([][]float32{{1, 2}}, []float32{1}, quiet))
		}, `call Compile first`},
		{"two kinds of clipping", func() error {
			return compile(functional.Compile{Optimizer: optimizers.Adam().Clipnorm(1).Clipvalue(1)})
		}, `clip`},
		{"losses for the wrong number of outputs", func() error { return compile(functional.Compile{Loss: []any{"mse", "mae"}}) }, `got 2 values for 1 output`},

		// Data.
		{"sample counts", func() error { return fit(x, []int32{1, 2}, nil) }, `data cardinality is ambiguous: make sure that all arrays contain the same number of samples, got x "input_1": 12; y "dense_1": 2`},
		{"input shape", func() error { return fit([][]float32{{1, 2}}, []int32{1}, nil) }, `input "input_1" expects shape (None, 4), got data of shape (1, 2)`},
		{"ragged slices", func() error { return fit([][]float32{{1, 2, 3, 4}, {1}}, []int32{1, 2}, nil) }, `training data x`},
		{"strings as data", func() error { return fit([]string{"a"}, nil, nil) }, `got a []string, want a tensor, an array of package np, a gonum matrix, pictures, or Go slices or arrays of numbers`},
		{"no targets", func() error { return fit(x, nil, nil) }, `training data y: got nil, want targets for "dense_1"`},
		{"no samples", func() error { return fit([][]float32{}, []int32{}, nil) }, `training data x`},
		{"targets of the wrong shape", func() error { return fit(x, [12][5]float32{}, nil) }, `batch 0: building the train step for a batch of 8: loss sparse_categorical_crossentropy`},
		{"class and sample weights", func() error {
			return fit(x, y, func(f *functional.Fit) {
				f.ClassWeight, f.SampleWeight = map[int]float64{0: 1}, make([]float32, 12)
			})
		}, `ClassWeight and SampleWeight can't both be given`},
		{"sample weights of another length", func() error {
			return fit(x, y, func(f *functional.Fit) { f.SampleWeight = []float32{1} })
		}, `has shape (1,), want one weight for each of the 12 samples`},
		{"validation split", func() error {
			return fit(x, y, func(f *functional.Fit) { f.ValidationSplit = 1.5 })
		}, `ValidationSplit is 1.5, want a number between 0 and 1`},
		{"a split that leaves nothing", func() error {
			return fit(x, y, func(f *functional.Fit) { f.ValidationSplit = 0.99 })
		}, `leaves 0 for training and 12 for validation`},
		{"negative batch size", func() error {
			return fit(x, y, func(f *functional.Fit) { f.BatchSize = -1 })
		}, `BatchSize is -1, want a positive number, or 0 for the default`},
		{"checkpoint folder missing", func() error {
			return fit(x, y, func(f *functional.Fit) {
				f.Callbacks = []callbacks.Callback{callbacks.ModelCheckpoint(filepath.Join(dir, "good.keras", "x.keras"))}
			})
		}, `not a directory`},

		// Files.
		{"no file", func() error {
			return second(functional.Load(filepath.Join(dir, "none.keras"), functional.LoadOptions{}))
		}, `no such file`},
		{"not an archive", func() error {
			return second(functional.Load(write("text.keras", []byte("hello, hello, hello")), functional.LoadOptions{}))
		}, `text.keras`},
		{"a truncated archive", func() error {
			return second(functional.Load(write("cut.keras", archive[:len(archive)/2]), functional.LoadOptions{}))
		}, `cut.keras`},
		{"a flipped byte in the weights", func() error {
			broken := append([]byte{}, archive...)
			broken[len(broken)*3/4] ^= 0xff
			return second(functional.Load(write("flipped.keras", broken), functional.LoadOptions{}))
		}, `flipped.keras`},
		{"weights suffix", func() error { return good.SaveWeights(filepath.Join(dir, "w.keras")) }, `the path must end in .weights.h5`},
		{"weights of another model", func() error {
			x := in(3)
			other := model(x, layers.Dense(2).Apply(x))
			return other.LoadWeights(filepath.Join(dir, "good.keras"))
		}, `has shape (3, 2)`},
		{"an unknown layer in a file", func() error {
			return second(functional.FromJSON([]byte(`{"class_name":"Functional","config":{"name":"m","layers":[{"class_name":"Swirl","config":{"name":"s"},"inbound_nodes":[]}]}}`), false))
		}, `model "m": unknown layer "Swirl"`},
		{"a Python lambda", func() error {
			return second(functional.FromJSON([]byte(`{"class_name":"Functional","config":{"name":"m","layers":[{"class_name":"Lambda","config":{"name":"s"},"inbound_nodes":[]}]}}`), false))
		}, `a Lambda layer holds Python code, which is never run here`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.err()
			require.ErrorContains(t, err, tc.want)
			t.Log(err)
		})
	}
}
