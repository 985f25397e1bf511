//go:build live

package live

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// Models that take texts, and what they are trained on.
var (
	reviews = []string{"A good film!", "a bad, bad film", "Good day; good film", "what a day...", "", "\u00c9t\u00e9 caf\u00e9"}
	others  = []string{"never seen", "a GOOD day", "film", "\u00c9t\u00e9 \u00e9t\u00e9"}
)

// asTexts are texts on their way to Python.
func asTexts(texts []string, dims ...int) array {
	a := array{DType: "string", Shape: append([]int{}, dims...)}
	if dims == nil {
		a.Shape = []int{len(texts)}
	}
	for _, text := range texts {
		a.Texts = append(a.Texts, []byte(text))
	}
	return a
}

// adaptedText is a layer that knows the reviews.
func adaptedText(t *testing.T, l *layers.TextVectorizationLayer) *layers.TextVectorizationLayer {
	t.Helper()
	require.NoError(t, l.Adapt(reviews))
	return l
}

func textInput(shape ...int) *functional.Tensor {
	return functional.InputWith(functional.InputOptions{Shape: shape, DType: symbolic.Text})
}

// textModels are the models of texts.py.
func textModels() map[string]func(t *testing.T) *functional.Model {
	compiled := func(t *testing.T, optimizer any, x, h *functional.Tensor) *functional.Model {
		t.Helper()
		m, err := functional.NewModel(x, layers.Dense(1).Activation("sigmoid").Apply(h))
		require.NoError(t, err)
		require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizer, Loss: "binary_crossentropy", Metrics: []any{"accuracy"}}))
		return m
	}
	classifier := func(t *testing.T, x, h *functional.Tensor) *functional.Model {
		t.Helper()
		return compiled(t, optimizers.Adam(0.01), x, h)
	}
	return map[string]func(t *testing.T) *functional.Model{
		"multi_hot": func(t *testing.T) *functional.Model {
			x := textInput()
			return classifier(t, x, adaptedText(t, layers.TextVectorization().OutputMode(layers.MultiHot)).Apply(x))
		},
		"tf_idf": func(t *testing.T) *functional.Model {
			x := textInput()
			return classifier(t, x, adaptedText(t, layers.TextVectorization().OutputMode(layers.TFIDF).Ngrams(2).MaxTokens(9)).Apply(x))
		},
		"sequences": func(t *testing.T) *functional.Model {
			x := textInput(1)
			h := layers.Embedding(20, 3).Apply(adaptedText(t, layers.TextVectorization().OutputSequenceLength(5)).Apply(x))
			return compiled(t, optimizers.SGD(0.1), x, layers.Flatten().Apply(h)) // on TensorFlow, Adam forgets rows that a batch hasn't
		},
		"words_given": func(t *testing.T) *functional.Model {
			x := textInput()
			return classifier(t, x, layers.TextVectorization().Vocabulary([]string{"good", "bad"}).OutputMode(layers.Count).Apply(x))
		},
		"inside": func(t *testing.T) *functional.Model {
			inner, err := functional.NewSequential(textInput(), adaptedText(t, layers.TextVectorization().OutputMode(layers.Count)), layers.Dense(4).Activation("tanh"))
			require.NoError(t, err)
			x := textInput()
			return classifier(t, x, inner.Apply(x))
		},
		"looked_up": func(t *testing.T) *functional.Model {
			x := textInput(1)
			known := layers.StringLookup().OutputMode(layers.TFIDF).MaxTokens(5).Name("known")
			require.NoError(t, known.Adapt(&symbolic.Texts{Flat: reviews, Dims: []int{len(reviews), 1}}))
			several := layers.StringLookup().Vocabulary([]string{"film", reviews[0], reviews[5]}).NumOovIndices(4).OovMethod("farmhash").Salt(7, -3).MaskToken("").Name("several")
			e := layers.Flatten().Apply(layers.Embedding(8, 3).Apply(several.Apply(x)))
			numbers := layers.IntegerLookup().Vocabulary([]int{1, 2, 4}).NumOovIndices(2).OutputMode(layers.Count).Name("numbers")
			h := layers.Concatenate().Apply(known.Apply(x), numbers.Apply(layers.Hashing(6).Name("hashed").Apply(x)), e)
			return compiled(t, optimizers.SGD(0.1), x, h)
		},
		"hashed": func(t *testing.T) *functional.Model {
			x := textInput(1)
			one := layers.Hashing(5).OutputMode(layers.MultiHot).Salt(3, 11).MaskValue("").Name("one").Apply(x)
			number := layers.Hashing(9).Name("number").Apply(x)
			crossed := layers.HashedCrossing(7).OutputMode(layers.OneHot).Name("crossed").Apply(x, number)
			return classifier(t, x, layers.Concatenate().Apply(one, crossed))
		},
	}
}

// sameOnTexts compares vocabularies and predictions with Python's.
func sameOnTexts(t *testing.T, m *functional.Model, model string) {
	t.Helper()
	var want [][]string
	tensorflow.ask(t, &want, "vocabularies", map[string]any{"model": model})
	got := [][]string{}
	symbolic.EachLayer(m, func(l symbolic.Layer) {
		switch l := l.(type) {
		case *layers.TextVectorizationLayer:
			got = append(got, l.GetVocabulary())
		case *layers.StringLookupLayer:
			got = append(got, l.GetVocabulary())
		case *layers.IntegerLookupLayer:
			var numbers []string
			for _, n := range l.GetVocabulary() {
				numbers = append(numbers, strconv.FormatInt(n, 10))
			}
			got = append(got, numbers)
		}
	})
	require.Equal(t, want, got)
	for _, texts := range [][]string{reviews, others} {
		y, err := m.PredictOnBatch(texts)
		require.NoError(t, err)
		var predictions []array
		tensorflow.ask(t, &predictions, "predict", map[string]any{"model": model, "x": []array{asTexts(texts)}})
		worst, where := furthest(t, y, predictions, []string{"predictions"})
		require.LessOrEqual(t, worst, 1e-5, where)
	}
}

// trainOnTexts has both train the same steps.
func trainOnTexts(t *testing.T, m *functional.Model, model string) {
	t.Helper()
	y := tensors.FromValue([][]float32{{1}, {0}, {1}, {0}, {1}, {0}})
	var got []float64
	var xs, ys [][]array
	for range 5 {
		scores, err := m.TrainOnBatch(reviews, y, functional.BatchOptions{})
		require.NoError(t, err)
		got = append(got, scores.Loss())
		xs, ys = append(xs, []array{asTexts(reviews)}), append(ys, []array{toArray(t, y)})
	}
	var logs []map[string]float64
	tensorflow.ask(t, &logs, "steps", map[string]any{"model": model, "x": xs, "y": ys})
	var want []float64
	for _, l := range logs {
		want = append(want, l["loss"])
	}
	require.LessOrEqual(t, relative(t, got, want), 1e-4, "losses %v, Python has %v", got, want)
	var s state
	tensorflow.ask(t, &s, "state", map[string]any{"model": model})
	weightsWithin(t, m, s, 1e-4)
}

func textHandle(t *testing.T) string {
	t.Cleanup(func() { tensorflow.ask(t, nil, "forget", map[string]any{"model": t.Name()}) })
	return t.Name()
}

// TestTextsFromGo: Go adapts, trains and saves; Python loads, and both train on; Python saves, Go loads, and both train on.
func TestTextsFromGo(t *testing.T) {
	on(t, "xla")
	cases := textModels()
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			functional.ClearSession()
			functional.SetRandomSeed(3)
			m := cases[name](t)
			_, err := m.Fit(reviews, []int{1, 0, 1, 0, 1, 0}, functional.Fit{Epochs: 2, Verbose: functional.Silent})
			require.NoError(t, err)
			first, second := filepath.Join(t.TempDir(), "go.keras"), filepath.Join(t.TempDir(), "python.keras")
			require.NoError(t, m.Save(first))
			python := textHandle(t)
			var loaded state
			tensorflow.ask(t, &loaded, "load", map[string]any{"model": python, "path": first})
			sameConfiguration(t, m, loaded)
			weightsWithin(t, m, loaded, 0)
			sameOnTexts(t, m, python)
			trainOnTexts(t, m, python)

			tensorflow.ask(t, nil, "save", map[string]any{"model": python, "path": second})
			back, err := functional.Load(second, functional.LoadOptions{})
			require.NoError(t, err)
			sameOnTexts(t, back, python)
			trainOnTexts(t, back, python)
		})
	}
}

// TestTextsFromPython: Python adapts and saves; Go loads, and both train; Go saves, Python loads, and both train on.
func TestTextsFromPython(t *testing.T) {
	on(t, "xla")
	for _, name := range slices.Sorted(maps.Keys(textModels())) {
		t.Run(name, func(t *testing.T) {
			python := textHandle(t)
			tensorflow.ask(t, nil, "make_texts", map[string]any{"model": python, "builder": name})
			first, second := filepath.Join(t.TempDir(), "first.keras"), filepath.Join(t.TempDir(), "trained.keras")
			tensorflow.ask(t, nil, "save", map[string]any{"model": python, "path": first})
			m, err := functional.Load(first, functional.LoadOptions{})
			require.NoError(t, err)
			var s state
			tensorflow.ask(t, &s, "state", map[string]any{"model": python})
			sameConfiguration(t, m, s)
			sameOnTexts(t, m, python)
			trainOnTexts(t, m, python)

			require.NoError(t, m.Save(second))
			var loaded state
			tensorflow.ask(t, &loaded, "load", map[string]any{"model": python, "path": second})
			sameConfiguration(t, m, loaded)
			sameOnTexts(t, m, python)
			trainOnTexts(t, m, python)
		})
	}
}

// TestRandomTexts: vocabularies and numbers of random texts, of bytes that are no characters too, are Python's.
func TestRandomTexts(t *testing.T) {
	parts := []string{"a", "b", "A", "B", " ", " ", "\t", "\n", "\r", "\v", "\x1c", "\x85", "\u00a0", "\u2028", ".", ",", "'", "-", "[UNK]", "\u00e9", "\u00c9", "\u20ac",
		"\xe2\x82", "\U0001f44d", "\xf0\x9f", "\xff", "\xc0", "\xed\xa0\x80", "\x00", "\xf4\x90\x80\x80", "\xe0\x9f\x80", "\ufeff"}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...any) any { return list[random.IntN(len(list))] }
	failed := 0
	for i := range 150 {
		texts := make([]string, 1+random.IntN(8))
		for i := range texts {
			for range random.IntN(13) {
				texts[i] += parts[random.IntN(len(parts))]
			}
		}
		dims := []int{len(texts)}
		if random.IntN(2) == 0 {
			dims = append(dims, 1)
		}
		mode := pick("int", "int", "multi_hot", "count", "tf_idf").(string)
		standardize, split := pick(nil, "lower", "strip_punctuation", "lower_and_strip_punctuation"), pick(nil, "whitespace", "character")
		ngrams, most := pick(nil, nil, 1, 3, []int{2}, []int{3, 1}), pick(nil, nil, 4, 20)
		arguments := map[string]any{"standardize": standardize, "split": split, "ngrams": ngrams, "output_mode": mode, "max_tokens": most}
		l := layers.TextVectorization().Standardize(standardize).Split(split).Ngrams(ngrams).OutputMode(mode)
		if most != nil {
			l.MaxTokens(most.(int))
			if mode != "int" && random.IntN(2) == 0 {
				l.PadToMaxTokens(true)
				arguments["pad_to_max_tokens"] = true
			}
		}
		if length := pick(nil, 0, 3); mode == "int" && length != nil {
			l.OutputSequenceLength(length.(int))
			arguments["output_sequence_length"] = length
		}
		what := fmt.Sprintf("case %d, %v of %q", i, arguments, texts)
		var want *struct {
			Words  [][]byte
			Output array
		}
		tensorflow.ask(t, &want, "vectorize", map[string]any{"arguments": arguments, "adapt": asTexts(texts, dims...), "inputs": asTexts(texts, dims...)})
		x := &symbolic.Texts{Flat: texts, Dims: dims}
		if err := l.Adapt(x); want == nil {
			require.Error(t, err, what)
			failed++
			continue
		} else {
			require.NoError(t, err, what)
		}
		words := []string{}
		for _, w := range want.Words {
			words = append(words, string(w))
		}
		require.Equal(t, words, l.Words(), what)
		got, err := l.Vectorize(x)
		require.NoError(t, err, what)
		require.Equal(t, fmt.Sprint(want.Output.Shape), fmt.Sprint(got.Shape().Dimensions), what)
		numbers := golden.Floats(t, got)
		for k, v := range want.Output.floats(t) {
			require.InDelta(t, v, numbers[k], 1e-6*max(1, math.Abs(v)), what)
		}
	}
	require.Less(t, failed, 30, "texts without any word")
}
