package layers_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

func vectorized(t *testing.T, l *layers.TextVectorizationLayer, texts any) any {
	t.Helper()
	y, err := l.Vectorize(texts)
	require.NoError(t, err)
	return y.Value()
}

// TestTextsByGoFunctions: functions of Go take the place of Keras's names.
func TestTextsByGoFunctions(t *testing.T) {
	l := layers.TextVectorization().
		Standardize(func(text string) string { return strings.ToLower(strings.ReplaceAll(text, "ß", "ss")) }).
		Split(func(text string) []string { return strings.Split(text, "-") }).
		Ngrams(2)
	require.NoError(t, l.Adapt([]string{"STRAßE-ÉTÉ", "été"}))
	require.Equal(t, []string{"", "[UNK]", "été", "strasse été", "strasse"}, l.GetVocabulary())
	require.Equal(t, [][]int64{{4, 2, 3}, {1, 0, 0}}, vectorized(t, l, []string{"strasse-été", "x"}))

	panics := layers.TextVectorization().Split(func(string) []string { panic("no luck") })
	require.ErrorContains(t, panics.Adapt([]string{"a"}), "no luck")
	require.ErrorContains(t, panics.Adapt([]string{strings.Repeat("a ", 1<<16), "b", "c"}), "no luck")
}

// TestManyTexts: what several goroutines do together is what one does alone.
func TestManyTexts(t *testing.T) {
	var texts []string
	for i := range 3000 {
		texts = append(texts, strings.Repeat(fmt.Sprintf("w%d x%d y ", i%7, i%501), i%9))
	}
	adapted := func(mode string) *layers.TextVectorizationLayer {
		l := layers.TextVectorization().OutputMode(mode).MaxTokens(40)
		require.NoError(t, l.Adapt(texts))
		return l
	}
	for _, mode := range []string{layers.Int, layers.TFIDF} {
		many, numbers := adapted(mode), vectorized(t, adapted(mode), texts)
		before := runtime.GOMAXPROCS(1)
		one := adapted(mode)
		require.Equal(t, vectorized(t, one, texts), numbers)
		runtime.GOMAXPROCS(before)
		require.Equal(t, one.GetVocabulary(), many.GetVocabulary())
	}
}

func TestTextVectorizationErrors(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	texts := []string{"a b"}
	x := func() *functional.Tensor { return functional.InputWith(functional.InputOptions{DType: "string"}) }
	apply := func(l *layers.TextVectorizationLayer) error { return l.Apply(x()).Err() }
	counts := layers.TextVectorization().OutputMode("count").Name("words")
	require.NoError(t, counts.Adapt(texts))
	for _, c := range []struct {
		err  error
		want string
	}{
		{apply(layers.TextVectorization().Standardize("lowr")), `standardize: unknown standardize "lowr"; did you mean "lower"?`},
		{apply(layers.TextVectorization().Standardize(3)), `standardize: got a int, want one of lower_and_strip_punctuation, lower, strip_punctuation, nil or a func(string) string`},
		{apply(layers.TextVectorization().Split("whitespaces")), `did you mean "whitespace"?`},
		{apply(layers.TextVectorization().Split(strings.Fields)), ``},
		{apply(layers.TextVectorization().Ngrams(0)), "must be None, a positive integer"},
		{apply(layers.TextVectorization().Ngrams([]int{2, -1})), "must be None, a positive integer"},
		{apply(layers.TextVectorization().OutputMode("multihot")), `did you mean "multi_hot"?`},
		{apply(layers.TextVectorization().Vocabulary(3)), "got a int, want a []string or the path of a text file"},
		{apply(layers.TextVectorization().Vocabulary(filepath.Join(folder, "none.txt"))), "no such file"},
		{apply(layers.TextVectorization().Vocabulary(file("empty line.txt", "a\n\nb"))), "line 2 is empty"},
		{apply(layers.TextVectorization().Vocabulary(file("twice.txt", "a\nb\na"))), `the vocabulary file has at least one repeated term: "a"`},
		{apply(layers.TextVectorization().OutputMode("tf_idf").IdfWeights(1).Vocabulary(file("words.txt", "a\n"))), "does not support loading a vocabulary from file"},
		{apply(layers.TextVectorization().Sparse(true)), "TensorFlow backend"},
		{apply(layers.TextVectorization().Ragged(true)), "TensorFlow backend"},
		{layers.TextVectorization().Vocabulary([]string{"a"}).Adapt(texts), "cannot adapt layer after setting a static vocabulary"},
		{layers.TextVectorization().Adapt([]float32{1}), "want texts"},
		{layers.TextVectorization().Adapt([]string{"", " ... "}), "the data has no words to learn"},
		{layers.TextVectorization().Adapt([][]string{{"a", "b"}}), "the input rank must be 1 or the last shape dimension must be 1"},
		{counts.Adapt([]string{"a b c"}), `adapting layer "words": when using ` + "`output_mode=count` and `pad_to_max_tokens=False`, the vocabulary size cannot be changed"},
		{counts.SetVocabulary([]string{"a"}), `setting the vocabulary of layer "words": `},
		{counts.SetVocabulary([]string{"a", "b"}, 1, 2), "should only be set if output_mode is"},
		{counts.SetVocabulary([]string{"x", "y"}), ""},
		{layers.TextVectorization().SetVocabulary([]string{"a", "a"}), `the repeated terms are: "a"`},
	} {
		if c.want == "" {
			require.NoError(t, c.err)
			continue
		}
		require.ErrorContains(t, c.err, c.want)
	}
	require.Equal(t, []string{"[UNK]", "x", "y"}, counts.GetVocabulary())
	_, err := layers.TextVectorization().Vocabulary([]string{"a"}).OutputMode("one_hot").Vectorize(texts)
	require.ErrorContains(t, err, "output_mode one_hot gives each token a row")
}

// TestAdaptAgain: what was learnt before is forgotten, and batches count together.
func TestAdaptAgain(t *testing.T) {
	l := layers.TextVectorization()
	require.NoError(t, l.Adapt([]string{"z z z"}))
	require.NoError(t, l.Adapt(slices.Values([][]string{{"a b", "b"}, {"a c c c"}})))
	require.Equal(t, []string{"", "[UNK]", "c", "b", "a"}, l.GetVocabulary())
	require.Equal(t, []string{"c", "b", "a"}, l.Words())
	require.Equal(t, 5, l.VocabularySize())
}

func BenchmarkTextVectorization(b *testing.B) {
	var texts []string
	for i := range 1000 {
		texts = append(texts, strings.Repeat(fmt.Sprintf("The film, number %d, was a Great one -- not! ", i%300), 25))
	}
	l := layers.TextVectorization().MaxTokens(20000).OutputSequenceLength(250)
	b.Run("adapt", func(b *testing.B) {
		b.SetBytes(int64(1000 * len(texts[0])))
		for b.Loop() {
			if err := l.Adapt(texts); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("vectorize", func(b *testing.B) {
		b.SetBytes(int64(1000 * len(texts[0])))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := l.Vectorize(texts); err != nil {
				b.Fatal(err)
			}
		}
	})
}
