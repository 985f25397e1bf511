package functional_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// WordCountLayer is a layer of the user's that runs on the host: texts become the number of their words.
type WordCountLayer struct {
	functional.BaseLayer
	symbolic.OnHost
	cfg functional.LayerConfig
}

// WordCount returns the layer.
func WordCount() *WordCountLayer {
	l := &WordCountLayer{}
	l.Init(l, &l.cfg)
	return l
}

func (l *WordCountLayer) KerasClass() functional.Class {
	return functional.Class{Name: "WordCount", Registered: "my_package>WordCount"}
}
func (l *WordCountLayer) KerasConfig() any { return &l.cfg }
func (l *WordCountLayer) TakesTexts()      {}

func (l *WordCountLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := in.One()
	return []symbolic.Spec{{Shape: x.Shape, DType: "float32"}}, err
}

func (l *WordCountLayer) HostCall() (symbolic.HostFunc, error) {
	return func(inputs []symbolic.HostValue) ([]symbolic.HostValue, error) {
		texts := inputs[0].(*symbolic.Texts)
		counts := make([]float32, len(texts.Flat))
		for i, text := range texts.Flat {
			counts[i] = float32(len(strings.Fields(text)))
		}
		return []symbolic.HostValue{tensors.FromFlatDataAndDimensions(counts, texts.Dims...)}, nil
	}, nil
}

// reworded is a host layer from texts to texts, or to what the function makes of them.
type reworded struct {
	functional.BaseLayer
	symbolic.OnHost
	cfg  functional.LayerConfig
	to   string // the output's type
	call symbolic.HostFunc
}

func (l *reworded) KerasClass() functional.Class { return functional.Class{Name: "Reworded"} }
func (l *reworded) KerasConfig() any             { return &l.cfg }
func (l *reworded) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := in.One()
	return []symbolic.Spec{{Shape: x.Shape, DType: l.to}}, err
}
func (l *reworded) HostCall() (symbolic.HostFunc, error) { return l.call, nil }

func newReworded(to string, call symbolic.HostFunc) *reworded {
	l := &reworded{to: to, call: call}
	l.Init(l, &l.cfg)
	return l
}

// replace is a host layer that replaces a word in texts.
func replace(old, by string) *reworded {
	return newReworded(symbolic.Text, func(inputs []symbolic.HostValue) ([]symbolic.HostValue, error) {
		in := inputs[0].(*symbolic.Texts)
		out := &symbolic.Texts{Dims: in.Dims}
		for _, text := range in.Flat {
			out.Flat = append(out.Flat, strings.ReplaceAll(text, old, by))
		}
		return []symbolic.HostValue{out}, nil
	})
}

func textInput(shape ...int) *functional.Tensor {
	return functional.InputWith(functional.InputOptions{Shape: shape, DType: symbolic.Text})
}

func words() *layers.TextVectorizationLayer {
	return layers.TextVectorization().Vocabulary([]string{"good", "bad", "film", "day"})
}

// counting vectorizes to the number of times that each word is there.
func counting() *layers.TextVectorizationLayer { return words().OutputMode(layers.Count) }

func newModel(t *testing.T, inputs, outputs any) *functional.Model {
	t.Helper()
	m, err := functional.NewModel(inputs, outputs)
	require.NoError(t, err)
	return m
}

func predicted(t *testing.T, m *functional.Model, x any) any {
	t.Helper()
	y, err := m.Predict(x, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	return y.Value()
}

var (
	someTexts  = []string{"good film", "Bad film!", "a good, good day", "nothing"}
	someCounts = [][]int64{{0, 1, 0, 1, 0}, {0, 0, 1, 1, 0}, {1, 2, 0, 0, 1}, {1, 0, 0, 0, 0}}
)

// TestTextsThroughModels puts host layers in every place that they may have.
func TestTextsThroughModels(t *testing.T) {
	sequential := func(t *testing.T, items ...any) *functional.Model {
		t.Helper()
		m, err := functional.NewSequential(items...)
		require.NoError(t, err)
		return m
	}
	// double is an inner model of numbers.
	double := func(t *testing.T) *functional.Model {
		x := functional.Input(5)
		return newModel(t, x, layers.Rescaling(2).Apply(x))
	}
	twice := [][]float32{{0, 2, 0, 2, 0}, {0, 0, 2, 2, 0}, {2, 4, 0, 0, 2}, {2, 0, 0, 0, 0}}
	const open = true // the shapes of what the host makes aren't known beforehand
	for name, c := range map[string]struct {
		model func(t *testing.T) *functional.Model
		x     any
		want  any
		open  bool
	}{
		"functional": {func(t *testing.T) *functional.Model {
			x := textInput()
			return newModel(t, x, layers.Rescaling(2).Apply(counting().Apply(x)))
		}, someTexts, twice, false},
		"the layer alone": {func(t *testing.T) *functional.Model {
			x := textInput()
			return newModel(t, x, counting().Apply(x))
		}, someTexts, someCounts, false},
		"a column of texts": {func(t *testing.T) *functional.Model {
			x := textInput(1)
			return newModel(t, x, layers.Rescaling(2).Apply(counting().Apply(x)))
		}, [][]string{{"good film"}, {"Bad film!"}, {"a good, good day"}, {"nothing"}}, twice, false},
		"texts as a column": {func(t *testing.T) *functional.Model {
			x := textInput(1)
			return newModel(t, x, layers.Rescaling(2).Apply(counting().Apply(x)))
		}, someTexts, twice, false},
		"sequential with an input": {func(t *testing.T) *functional.Model {
			return sequential(t, textInput(), counting(), layers.Rescaling(2))
		}, someTexts, twice, false},
		"sequential built by its data": {func(t *testing.T) *functional.Model {
			return sequential(t, counting(), layers.Rescaling(2))
		}, someTexts, twice, false},
		"sequential around a model": {func(t *testing.T) *functional.Model {
			return sequential(t, textInput(), counting(), double(t))
		}, someTexts, twice, false},
		"sequential in a sequential built by its data": {func(t *testing.T) *functional.Model {
			return sequential(t, sequential(t, counting()), layers.Rescaling(2))
		}, someTexts, twice, false},
		"model inside": {func(t *testing.T) *functional.Model {
			x, outer := textInput(), textInput()
			inner := newModel(t, x, layers.Rescaling(2).Apply(counting().Apply(x)))
			return newModel(t, outer, inner.Apply(outer))
		}, someTexts, twice, false},
		"model of a host layer alone inside": {func(t *testing.T) *functional.Model {
			x, outer := textInput(), textInput()
			return newModel(t, outer, layers.Rescaling(2).Apply(newModel(t, x, counting().Apply(x)).Apply(outer)))
		}, someTexts, twice, false},
		"texts from a model inside": {func(t *testing.T) *functional.Model {
			x, outer := textInput(), textInput()
			inner := newModel(t, x, replace("wonderful", "good").Apply(x))
			return newModel(t, outer, layers.Rescaling(2).Apply(counting().Apply(inner.Apply(outer))))
		}, []string{"wonderful film", "Bad film!", "a wonderful, good day", "nothing"}, twice, open},
		"host layer after host layer": {func(t *testing.T) *functional.Model {
			x := textInput()
			return newModel(t, x, layers.Rescaling(2).Apply(counting().Apply(replace("wonderful", "good").Apply(x))))
		}, []string{"wonderful film", "Bad film!", "a wonderful, good day", "nothing"}, twice, open},
		"a model shared by two inputs, one of them an input of numbers beside it": {func(t *testing.T) *functional.Model {
			x, a, b, n := textInput(), textInput(), textInput(), functional.Input(5)
			inner := newModel(t, x, layers.Rescaling(2).Apply(counting().Apply(x)))
			return newModel(t, []*functional.Tensor{a, n, b}, layers.Add().Apply(inner.Apply(a), inner.Apply(b), n))
		}, []any{[]string{"good"}, [][]float32{{1, 1, 1, 1, 1}}, []string{"bad bad"}}, [][]float32{{1, 3, 5, 1, 1}}, false},
		"inputs of an inner model by name": {func(t *testing.T) *functional.Model {
			x, n := textInput(), functional.Input(5)
			inner := newModel(t, map[string]*functional.Tensor{"text": x, "number": n}, layers.Add().Apply(n, counting().Apply(x)))
			a, b := functional.Input(5), textInput()
			y := inner.ApplyCall([]any{map[string]any{"number": a, "text": b}}, nil)[0]
			return newModel(t, map[string]*functional.Tensor{"one": a, "other": b}, y)
		}, map[string]any{"one": [][]float32{{1, 1, 1, 1, 1}}, "other": []string{"good"}}, [][]float32{{1, 2, 1, 1, 1}}, false},
		"a host layer shared by two inputs": {func(t *testing.T) *functional.Model {
			a, b, l := textInput(), textInput(), counting()
			return newModel(t, []*functional.Tensor{a, b}, layers.Add().Apply(l.Apply(a), l.Apply(b)))
		}, []any{[]string{"good"}, []string{"good bad"}}, [][]int64{{0, 2, 1, 0, 0}}, false},
		"an input of texts that nothing uses": {func(t *testing.T) *functional.Model {
			a, n := textInput(), functional.Input(1)
			return newModel(t, []*functional.Tensor{a, n}, layers.Rescaling(2).Apply(n))
		}, []any{[]string{"good"}, [][]float32{{3}}}, [][]float32{{6}}, false},
		"a layer of the user's": {func(t *testing.T) *functional.Model {
			x := textInput(1)
			return newModel(t, x, layers.Rescaling(2).Apply(WordCount().Apply(x)))
		}, someTexts, [][]float32{{4}, {4}, {8}, {2}}, open},
	} {
		t.Run(name, func(t *testing.T) {
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				defer backend.Use(engine)()
				m := c.model(t)
				require.Equal(t, c.want, predicted(t, m, c.x))
				y, err := m.PredictOnBatch(c.x)
				require.NoError(t, err)
				require.Equal(t, c.want, y[0].Value())
				p, err := m.NewPredictor(functional.PredictorOptions{BatchSize: 6})
				if c.open {
					require.ErrorContains(t, err, "OutputSequenceLength")
					return
				}
				require.NoError(t, err)
				y, err = p.Predict(c.x)
				require.NoError(t, err)
				require.Equal(t, c.want, y[0].Value())
			})
		})
	}
}

// TestSequencesPerBatch: without a length of their own, sequences are as long as the longest of the batch, as in Keras.
func TestSequencesPerBatch(t *testing.T) {
	x := textInput()
	lengths := newModel(t, x, newLengths().Apply(words().Apply(x)))
	texts := []string{"good", "good film", "good", "a good good day", "bad"}
	y, err := lengths.Predict(texts, functional.Predict{BatchSize: 2, Verbose: functional.Silent})
	require.NoError(t, err)
	require.Equal(t, []float32{2, 2, 4, 4, 1}, y.Value())
	y, err = lengths.Predict(texts, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	require.Equal(t, []float32{4, 4, 4, 4, 4}, y.Value())

	fixed := newModel(t, x, newLengths().Apply(words().OutputSequenceLength(3).Apply(x)))
	y, err = fixed.Predict(texts, functional.Predict{BatchSize: 2, Verbose: functional.Silent})
	require.NoError(t, err)
	require.Equal(t, []float32{3, 3, 3, 3, 3}, y.Value())

	// The numbers themselves can't be joined where batches are of different lengths.
	alone := newModel(t, x, words().Apply(x))
	_, err = alone.Predict(texts, functional.Predict{BatchSize: 2, Verbose: functional.Silent})
	require.ErrorContains(t, err, "batch 1 gave an output of shape (2, 4) where the first gave (2, 2)")
	_, err = alone.NewPredictor(functional.PredictorOptions{})
	require.ErrorContains(t, err, "give TextVectorization an OutputSequenceLength")
}

// lengths gives the length of each sequence.
type lengths struct {
	functional.BaseLayer
	cfg functional.LayerConfig
}

func newLengths() *lengths {
	l := &lengths{}
	l.Init(l, &l.cfg)
	return l
}

func (l *lengths) KerasClass() functional.Class { return functional.Class{Name: "Lengths"} }
func (l *lengths) KerasConfig() any             { return &l.cfg }
func (l *lengths) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := in.One()
	return []symbolic.Spec{l.Floats(x.Shape[:1])}, err
}
func (l *lengths) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	dims := in[0].Shape().Dimensions
	return []*graph.Node{graph.BroadcastToDims(graph.Scalar(c.Graph(), c.DType(), dims[1]), dims[0])}
}

// TestTrainingOnTexts: texts train a model as the numbers do that they become, however they are given.
func TestTrainingOnTexts(t *testing.T) {
	var texts []string
	var numbers [][]int64
	var y []int
	for i := range 50 {
		texts = append(texts, someTexts[i%4])
		numbers = append(numbers, someCounts[i%4])
		y = append(y, i%2)
	}
	compile := func(t *testing.T, m *functional.Model) *functional.Model {
		t.Helper()
		require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "binary_crossentropy", Metrics: []any{"accuracy"}}))
		return m
	}
	// models of the same weights, on texts and on numbers; perBatch is a layer on the host that doesn't say that samples are alone.
	models := func(t *testing.T, perBatch bool) (onTexts, onNumbers *functional.Model) {
		functional.SetRandomSeed(5)
		x, n := textInput(), functional.Input(5)
		in := x
		if perBatch {
			in = replace("zzz", "").Apply(x)
		}
		dense := layers.Dense(1).Activation("sigmoid")
		onTexts = compile(t, newModel(t, x, dense.Apply(counting().Apply(in))))
		onNumbers = compile(t, newModel(t, n, layers.Dense(1).Activation("sigmoid").Apply(n)))
		values, err := onTexts.GetWeights()
		require.NoError(t, err)
		require.NoError(t, onNumbers.SetWeights(values))
		return onTexts, onNumbers
	}
	batches := func(x func(i int) any) functional.Batches {
		return func(yield func(functional.Data, error) bool) {
			for i := 0; i < 50; i += 10 {
				if !yield(functional.Data{X: x(i), Y: y[i : i+10]}, nil) {
					return
				}
			}
		}
	}
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		for _, perBatch := range []bool{false, true} {
			for name, fit := range map[string]func(m *functional.Model, x any) (*functional.History, error){
				"arrays": func(m *functional.Model, x any) (*functional.History, error) {
					return m.Fit(x, y, functional.Fit{BatchSize: 8, Epochs: 3, Seed: 3, ValidationSplit: 0.2, Verbose: functional.Silent})
				},
				"validation data": func(m *functional.Model, x any) (*functional.History, error) {
					return m.Fit(x, y, functional.Fit{Epochs: 2, Seed: 3, ValidationData: &functional.Data{X: x, Y: y}, Verbose: functional.Silent, ClassWeight: map[int]float64{1: 2}})
				},
				"batches": func(m *functional.Model, x any) (*functional.History, error) {
					b := batches(func(i int) any { return x.([][]int64)[i : i+10] })
					if texts, ok := x.([]string); ok {
						b = batches(func(i int) any { return texts[i : i+10] })
					}
					return m.Fit(b, nil, functional.Fit{Epochs: 2, Verbose: functional.Silent, ValidationData: &functional.Data{X: b}})
				},
			} {
				t.Run(fmt.Sprintf("%s, per batch %v", name, perBatch), func(t *testing.T) {
					onTexts, onNumbers := models(t, perBatch)
					got, err := fit(onTexts, texts)
					require.NoError(t, err)
					want, err := fit(onNumbers, numbers)
					require.NoError(t, err)
					require.Equal(t, want.History, got.History)
					scores, err := onTexts.Evaluate(texts, y, functional.Evaluate{Verbose: functional.Silent, SampleWeight: make([]float32, 50)})
					require.NoError(t, err)
					require.Zero(t, scores.Loss())
					wantScores, err := onNumbers.TrainOnBatch(numbers, y, functional.BatchOptions{})
					require.NoError(t, err)
					gotScores, err := onTexts.TrainOnBatch(texts, y, functional.BatchOptions{})
					require.NoError(t, err)
					require.Equal(t, wantScores, gotScores)
					require.Equal(t, predicted(t, onNumbers, numbers), predicted(t, onTexts, texts))
				})
			}
		}
	})
	onTexts, _ := models(t, true)
	_, err := onTexts.Fit(texts, y, functional.Fit{DataOnDevice: functional.On, Verbose: functional.Silent})
	require.ErrorContains(t, err, "DataOnDevice")
	onTexts, _ = models(t, false)
	_, err = onTexts.Fit(texts, y, functional.Fit{DataOnDevice: functional.On, Verbose: functional.Silent})
	require.NoError(t, err, "the host computes all at once, since samples are alone")
}

// TestPredictorKeepsItsVocabulary: what a layer learns later doesn't change a predictor, as training doesn't.
func TestPredictorKeepsItsVocabulary(t *testing.T) {
	x := textInput()
	l := words().OutputSequenceLength(2)
	m := newModel(t, x, l.Apply(x))
	p, err := m.NewPredictor(functional.PredictorOptions{BatchSize: 3})
	require.NoError(t, err)
	require.NoError(t, l.SetVocabulary([]string{"bad", "good"}))
	y, err := p.Predict([]string{"good bad"})
	require.NoError(t, err)
	require.Equal(t, [][]int64{{2, 3}}, y[0].Value())
	require.Equal(t, [][]int64{{3, 2}}, predicted(t, m, []string{"good bad"}))
	_, err = p.Predict([]float32{1})
	require.ErrorContains(t, err, "want texts")
	_, err = p.Predict([]string{"1", "2", "3", "4"})
	require.ErrorContains(t, err, "from 1 to 3")
}

func TestHostErrors(t *testing.T) {
	x, n := textInput(), functional.Input(3)
	broken := func(call symbolic.HostFunc) func() error {
		return func() error {
			in := textInput()
			m, err := functional.NewModel(in, layers.Rescaling(2).Apply(newReworded("float32", call).Apply(in)))
			if err == nil {
				_, err = m.Predict([]string{"a", "b"}, functional.Predict{Verbose: functional.Silent})
			}
			return err
		}
	}
	model := newModel(t, []*functional.Tensor{x, n}, layers.Concatenate().Apply(counting().Apply(x), n))
	predict := func(x any) func() error {
		return func() error {
			_, err := model.Predict(x, functional.Predict{Verbose: functional.Silent})
			return err
		}
	}
	three := [][]float32{{1, 2, 3}}
	for _, c := range []struct {
		name string
		err  func() error
		want string
	}{
		{"texts where numbers are wanted", predict([]any{[]string{"a"}, []string{"b"}}), `data x[1]: got a []string, want a tensor, an array of package np, a gonum matrix, pictures, or Go slices or arrays of numbers`},
		{"numbers where texts are wanted", predict([]any{three, three}), `data x[0]: got a [][]float32, want texts: Go slices or arrays of strings`},
		{"a tensor where texts are wanted", predict([]any{tensors.FromValue(three), three}), `data x[0]: got a *tensors.Tensor, want texts`},
		{"other numbers of samples", predict([]any{[]string{"a", "b"}, three}), `data cardinality is ambiguous`},
		{"texts of another shape", predict([]any{[][]string{{"a", "b"}}, three}), `expects shape (None,), got data of shape (1, 2)`},
		{"no array", predict([]any{[][]string{{"a", "b"}, {"c"}}, three}), `data x[0]: the texts are no array: along axis 1 there are 1 where the first are 2`},
		{"one text", predict([]any{"a", three}), `expects shape (None,), got data of shape ()`},
		{"no texts", func() error {
			_, err := newModel(t, x, counting().Apply(x)).Predict([]string{}, functional.Predict{Verbose: functional.Silent})
			return err
		}, `no samples`},
		{"no data", predict(nil), `got nil, want data for`},
		{"one array too few", predict([]any{three}), `got 1 arrays, want 2`},
		{"texts for a layer of the program", func() error { return layers.Dense(2).Apply(x).Err() },
			`argument "inputs" is of texts, which the layer doesn't take: a layer such as TextVectorization makes numbers of them`},
		{"numbers for a layer that takes texts", func() error { return words().Apply(n).Err() }, `the layer takes texts, got an input of type float32`},
		{"a host layer behind the program", func() error {
			y := newReworded("float32", nil).Apply(layers.Dense(3).Apply(n))
			_, err := functional.NewModel(n, y)
			return err
		}, `runs on the host before the compiled program, but its input comes from layer`},
		{"a host layer behind the program, in a model inside", func() error {
			in := functional.Input(3)
			inner := newModel(t, in, newReworded("float32", nil).Apply(in))
			_, err := functional.NewModel(n, inner.Apply(layers.Dense(3).Apply(n)))
			return err
		}, `in model`},
		{"a host layer within a layer of the program", func() error {
			l := &holding{inner: newReworded("float32", nil)}
			l.Init(l, &l.cfg)
			return l.Apply(n).Err()
		}, `it runs on the host, before the compiled program, and can't be a part of a layer that runs in it`},
		{"a step of the user's own", func() error {
			m := newModel(t, x, layers.Dense(1).Apply(counting().Apply(x)))
			trainer, err := functional.NewTrainer(functional.TrainerOptions{Models: []*functional.Model{m}, TrainStep: func(s *functional.Step) { s.Call(m, s.X()) }})
			if err == nil {
				_, err = trainer.TrainOnBatch([][]float32{{1}}, nil)
			}
			return err
		}, `has layers that run on the host, such as`},
		{"texts as an output", func() error {
			_, err := newModel(t, x, replace("a", "b").Apply(x)).Predict([]string{"a"}, functional.Predict{Verbose: functional.Silent})
			return err
		}, `is of texts`},
		{"an error of the layer's", broken(func([]symbolic.HostValue) ([]symbolic.HostValue, error) { return nil, errors.New("no luck") }), `no luck`},
		{"a panic of the layer's", broken(func([]symbolic.HostValue) ([]symbolic.HostValue, error) { panic("no luck") }), `no luck`},
		{"too many outputs", broken(func([]symbolic.HostValue) ([]symbolic.HostValue, error) { return make([]symbolic.HostValue, 2), nil }), `it made 2 outputs, want 1`},
		{"another number of rows", broken(func([]symbolic.HostValue) ([]symbolic.HostValue, error) {
			return []symbolic.HostValue{tensors.FromValue([]float32{1})}, nil
		}), `made numbers of shape (1,) of 2 samples, want numbers with one row for each`},
		{"texts in place of numbers", broken(func(in []symbolic.HostValue) ([]symbolic.HostValue, error) { return in, nil }), `made texts of shape (2,)`},
		{"nothing", broken(func([]symbolic.HostValue) ([]symbolic.HostValue, error) { return make([]symbolic.HostValue, 1), nil }), `want numbers with one row for each`},
		{"a layer that wasn't adapted", func() error {
			_, err := newModel(t, x, layers.TextVectorization().Apply(x)).Predict([]string{"a"}, functional.Predict{Verbose: functional.Silent})
			return err
		}, `you must set the layer's vocabulary before calling it`},
		{"batches with an error", func() error {
			m := newModel(t, x, counting().Apply(x))
			var b functional.Batches = func(yield func(functional.Data, error) bool) {
				yield(functional.Data{}, errors.New("the disk is gone"))
			}
			_, err := m.Predict(b, functional.Predict{Verbose: functional.Silent})
			return err
		}, `the iterator: the disk is gone`},
		{"the legacy format", func() error {
			l := layers.TextVectorization()
			require.NoError(t, l.Adapt(someTexts))
			return newModel(t, x, l.Apply(x)).Save(filepath.Join(t.TempDir(), "m.h5"))
		}, `it keeps files (vocabulary.txt), for which the legacy HDF5 format has no place: save to a path that ends in .keras`},
		{"a Go function in a file", func() error {
			return newModel(t, x, words().Standardize(strings.ToUpper).Apply(x)).Save(filepath.Join(t.TempDir(), "m.keras"))
		}, `standardize: a Go function can't be written to a file`},
	} {
		t.Run(c.name, func(t *testing.T) { require.ErrorContains(t, c.err(), c.want) })
	}
}

// holding is a layer of the program with another one inside.
type holding struct {
	functional.BaseLayer
	cfg   functional.LayerConfig
	inner functional.Layer
}

func (l *holding) KerasClass() functional.Class { return functional.Class{Name: "Holding"} }
func (l *holding) KerasConfig() any             { return &l.cfg }
func (l *holding) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	b.Track("inner", l.inner, in.First()[0])
	return nil
}
func (l *holding) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node { return in }

// TestHostBatches has what Adapt may be given.
func TestHostBatches(t *testing.T) {
	numbers := tensors.FromValue([]float32{1, 2})
	texts := &symbolic.Texts{Flat: []string{"a"}, Dims: []int{1}}
	for name, c := range map[string]struct {
		data  any
		array bool
		want  int
	}{
		"a tensor":                {numbers, true, 1},
		"a slice":                 {[]float32{1, 2}, true, 1},
		"texts":                   {texts, true, 1},
		"strings":                 {[]string{"a", "b"}, true, 1},
		"a list":                  {[]any{[]string{"a"}, texts}, false, 2},
		"tensors":                 {[]*tensors.Tensor{numbers, numbers, numbers}, false, 3},
		"an iterator":             {slices.Values([][]string{{"a"}, {"b"}}), false, 2},
		"an iterator with errors": {func(yield func([]float32, error) bool) { _ = yield([]float32{1}, nil) && yield([]float32{2}, nil) }, false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			batches, array := symbolic.HostBatches(c.data)
			require.Equal(t, c.array, array)
			n := 0
			for _, err := range batches {
				require.NoError(t, err)
				n++
			}
			require.Equal(t, c.want, n)
		})
	}
	for name, data := range map[string]any{"nil": nil, "a channel": make(chan int), "a function": func() {}, "an iterator over other pairs": slices.All([]string{"a"})} {
		batches, _ := symbolic.HostBatches(data)
		for _, err := range batches {
			require.Error(t, err, name)
		}
	}
	batches, _ := symbolic.HostBatches(func(yield func([]string, error) bool) { yield(nil, errors.New("no luck")) })
	for _, err := range batches {
		require.EqualError(t, err, "no luck")
	}
}

// TestHostFixedBatch: a model whose input has a batch size computes batches of other sizes, with host layers as without.
func TestHostFixedBatch(t *testing.T) {
	onGo(t)
	o := functional.InputOptions{Shape: []int{1}, DType: "int64", BatchSize: 2}
	a, b := functional.InputWith(o), functional.InputWith(o)
	m, err := functional.NewModel([]*functional.Tensor{a, b}, layers.Dense(1).Apply(layers.HashedCrossing(5).OutputMode("one_hot").Apply(a, b)))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse"}))
	column := [][]int64{{1}, {2}, {3}, {4}}
	x, y := []any{column, column}, [][]float32{{1}, {2}, {3}, {4}}
	for _, size := range []int{0, 2, 3} {
		_, err = m.Evaluate(x, y, functional.Evaluate{BatchSize: size, Verbose: functional.Silent})
		require.NoError(t, err)
		_, err = m.Predict(x, functional.Predict{BatchSize: size, Verbose: functional.Silent})
		require.NoError(t, err)
		_, err = m.Fit(x, y, functional.Fit{BatchSize: size, Verbose: functional.Silent})
		require.NoError(t, err)
	}
}
