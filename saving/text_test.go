package saving_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/saving"
)

var reviews = []string{"a good film", "a bad, bad film", "good day", "what a day"}

// textModel has two layers with a vocabulary, of the output modes given.
func textModel(t testing.TB, modes ...string) (*functional.Model, []*layers.TextVectorizationLayer) {
	t.Helper()
	x := functional.InputWith(functional.InputOptions{DType: "string"})
	var list []*layers.TextVectorizationLayer
	var parts []*functional.Tensor
	for _, mode := range modes {
		l := layers.TextVectorization().OutputMode(mode)
		if mode == layers.Int {
			l.OutputSequenceLength(4)
		}
		require.NoError(t, l.Adapt(reviews))
		y := l.Apply(x)
		if mode == layers.Int {
			y = layers.Embedding(12, 1).Apply(y)
			y = layers.Flatten().Apply(y)
		}
		list, parts = append(list, l), append(parts, y)
	}
	y := parts[0]
	if len(parts) > 1 {
		y = layers.Concatenate().Apply(parts...)
	}
	m, err := functional.NewModel(x, layers.Dense(1).Activation("sigmoid").Apply(y))
	require.NoError(t, err)
	return m, list
}

func predictTexts(t testing.TB, m *functional.Model) any {
	t.Helper()
	y, err := m.Predict(reviews, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	return y.Value()
}

// entriesOf are the parts of an archive, in order.
func entriesOf(t testing.TB, archive []byte) []zipEntry {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	var list []zipEntry
	for _, f := range r.File {
		in, err := f.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(in)
		require.NoError(t, err)
		list = append(list, zipEntry{f.Name, string(data)})
	}
	return list
}

// savedEntries are the parts of the model's archive.
func savedEntries(t testing.TB, m *functional.Model) []zipEntry {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.keras")
	require.NoError(t, m.Save(path))
	archive, err := os.ReadFile(path)
	require.NoError(t, err)
	return entriesOf(t, archive)
}

// TestVocabulariesInFiles: the vocabularies of two layers lie in an archive as Keras has them, and come back with the model; those of nested models too.
func TestVocabulariesInFiles(t *testing.T) {
	functional.ClearSession()
	m, list := textModel(t, layers.Int, layers.TFIDF)
	inner := functional.InputWith(functional.InputOptions{DType: "string"})
	outer, err := functional.NewModel(inner, m.Named("inner").Apply(inner))
	require.NoError(t, err)
	require.NoError(t, outer.Compile(functional.Compile{Optimizer: "adam", Loss: "binary_crossentropy"}))
	_, err = outer.Fit(reviews, []int{1, 0, 1, 1}, functional.Fit{Verbose: functional.Silent})
	require.NoError(t, err)

	assets := map[string]string{}
	for _, e := range savedEntries(t, outer) {
		if name, ok := strings.CutPrefix(e.name, "assets/"); ok {
			assets[name] = e.data
		}
	}
	want := map[string]string{}
	for i, name := range []string{"text_vectorization", "text_vectorization_1"} {
		for _, folder := range []string{"", "_lookup_layer/"} {
			want["layers/functional/layers/"+name+"/"+folder+"vocabulary.txt"] = strings.Join(list[i].GetVocabulary(), "\n")
		}
	}
	require.Equal(t, want, assets)

	path := filepath.Join(t.TempDir(), "m.keras")
	require.NoError(t, outer.Save(path))
	back, err := saving.LoadModel(path)
	require.NoError(t, err)
	require.Equal(t, predictTexts(t, outer), predictTexts(t, back))
	y := []int{0, 1, 0, 1}
	for range 3 { // training goes on as if nothing had been
		want, err := outer.TrainOnBatch(reviews, y, functional.BatchOptions{})
		require.NoError(t, err)
		got, err := back.TrainOnBatch(reviews, y, functional.BatchOptions{})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	again := filepath.Join(t.TempDir(), "again.keras")
	require.NoError(t, back.Save(again))
	third, err := saving.LoadModel(again)
	require.NoError(t, err)
	require.Equal(t, predictTexts(t, back), predictTexts(t, third))
}

// TestVocabularyOfAnArgument: words that the configuration has lie nowhere else, and a file of words goes into the archive.
func TestVocabularyOfAnArgument(t *testing.T) {
	file := filepath.Join(t.TempDir(), "words.txt")
	require.NoError(t, os.WriteFile(file, []byte("good\r\nbad\nfilm\n"), 0o600))
	for name, vocabulary := range map[string]any{"words": []string{"good", "bad", "film"}, "a file": file} {
		t.Run(name, func(t *testing.T) {
			l := layers.TextVectorization().OutputMode(layers.MultiHot).Vocabulary(vocabulary)
			x := functional.InputWith(functional.InputOptions{DType: "string"})
			m, err := functional.NewModel(x, l.Apply(x))
			require.NoError(t, err)
			require.Equal(t, []string{"good", "bad", "film"}, l.Words())
			path := filepath.Join(t.TempDir(), "m.keras")
			require.NoError(t, m.Save(path))
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, name == "a file", bytes.Contains(raw, []byte("assets/")))
			require.False(t, bytes.Contains(raw, []byte("words.txt")))
			back, err := saving.LoadModel(path)
			require.NoError(t, err)
			require.Equal(t, predictTexts(t, m), predictTexts(t, back))
		})
	}
}

// TestWeightsOfWords: a file of weights has those of a vocabulary, but not its words.
func TestWeightsOfWords(t *testing.T) {
	m, _ := textModel(t, layers.TFIDF)
	other, list := textModel(t, layers.TFIDF)
	require.NoError(t, list[0].SetVocabulary(list[0].Words(), 1, 2, 3, 4, 5, 6))
	require.NotEqual(t, predictTexts(t, m), predictTexts(t, other))
	path := filepath.Join(t.TempDir(), "m.weights.h5")
	require.NoError(t, m.SaveWeights(path))
	require.NoError(t, other.LoadWeights(path))
	require.Equal(t, predictTexts(t, m), predictTexts(t, other))

	smaller := layers.TextVectorization().OutputMode(layers.TFIDF).MaxTokens(6).PadToMaxTokens(true)
	require.NoError(t, smaller.Adapt([]string{"good bad"}))
	x := functional.InputWith(functional.InputOptions{DType: "string"})
	third, err := functional.NewModel(x, layers.Dense(1).Activation("sigmoid").Apply(smaller.Apply(x)))
	require.NoError(t, err)
	require.ErrorContains(t, third.LoadWeights(path), "the file has weights of 7 terms, the layer's vocabulary has 6")
}

// TestHostileVocabularies puts anything where an archive has a vocabulary.
func TestHostileVocabularies(t *testing.T) {
	functional.ClearSession()
	m, _ := textModel(t, layers.Int)
	counts, _ := textModel(t, layers.TFIDF)
	const folder = "assets/layers/text_vectorization/"
	many := &strings.Builder{}
	for i := range 1 << 19 {
		fmt.Fprintf(many, "%x\n", i)
	}
	for name, c := range map[string]struct {
		model *functional.Model
		file  string // instead of the vocabulary
		says  string
	}{
		"as it was":               {m, "\n[UNK]\ngood\na", ""},
		"line ends of Windows":    {m, "\r\n[UNK]\r\ngood\r\na\r\n", ""},
		"nothing was learnt":      {m, "\n[UNK]", ""},
		"no special words":        {m, "good\nbad", ""},
		"empty":                   {m, "", "empty vocabulary"},
		"empty lines":             {m, "\n\n\n", "empty vocabulary"},
		"a word twice":            {m, "\n[UNK]\na\nb\na", `the repeated terms are: "a"`},
		"an empty word":           {m, "\n[UNK]\na\n\nb", "word 3 is empty"},
		"no texts":                {m, "\n[UNK]\n\xff\xfe\x00\nb", ""},
		"a long word":             {m, "\n[UNK]\n" + strings.Repeat("x", 4<<20), ""},
		"a long word twice":       {m, "\n[UNK]\n" + strings.Repeat("x", 1<<20) + "\n" + strings.Repeat("x", 1<<20), "repeated"},
		"many words":              {m, "\n[UNK]\n" + many.String(), ""},
		"another number of words": {counts, "[UNK]\na\nb", "`idf_weights` must be the same length as vocabulary"},
	} {
		t.Run(name, func(t *testing.T) {
			entries := savedEntries(t, c.model)
			for i, e := range entries {
				if e.name == folder+"vocabulary.txt" {
					entries[i].data = c.file
				}
			}
			for _, method := range []uint16{zip.Store, zip.Deflate} {
				loads(t, name, zipFile(t, method, entries...), len(c.file), c.says)
			}
		})
	}
}

// loads loads and uses a model within bounds that follow from the size, with an error that says so, or none for "".
func loads(t *testing.T, name string, archive []byte, size int, says string) {
	t.Helper()
	err := bounded(t, name, size, func() error {
		path := filepath.Join(t.TempDir(), "m.keras")
		if err := os.WriteFile(path, archive, 0o600); err != nil {
			return err
		}
		m, err := saving.LoadModel(path)
		if err != nil {
			return err
		}
		return useModel(m)
	})
	if says == "" {
		require.NoError(t, err)
	} else {
		require.ErrorContains(t, err, says)
	}
}

// TestHostileAssets has archives whose assets are anything.
func TestHostileAssets(t *testing.T) {
	functional.ClearSession()
	m, _ := textModel(t, layers.Int)
	entries := savedEntries(t, m)
	var bare []zipEntry
	for _, e := range entries {
		if !strings.HasPrefix(e.name, "assets/") {
			bare = append(bare, e)
		}
	}
	outside := filepath.Join(t.TempDir(), "secret.txt")
	require.NoError(t, os.WriteFile(outside, []byte("\n[UNK]\nsecret"), 0o600))
	config := func(from, to string) []zipEntry {
		var list []zipEntry
		for _, e := range entries {
			if e.name == configEntry {
				require.Contains(t, e.data, from)
				e.data = strings.ReplaceAll(e.data, from, to)
			}
			list = append(list, e)
		}
		return list
	}
	with := func(list []zipEntry, more ...zipEntry) []zipEntry { return append(slices.Clip(list), more...) }
	lots := slices.Clone(entries)
	for i := range 40000 {
		lots = append(lots, zipEntry{fmt.Sprintf("assets/layers/text_vectorization/%d.txt", i), "x"})
	}
	for name, c := range map[string]struct {
		entries []zipEntry
		says    string
	}{
		"none":                         {bare, "the archive has no file vocabulary.txt of it"},
		"one that leads outside":       {with(bare, zipEntry{"assets/../../secret.txt", "x"}), "cannot be named"},
		"an absolute one":              {with(bare, zipEntry{"assets//etc/passwd", "x"}), "cannot be named"},
		"a folder for the file":        {with(bare, zipEntry{"assets/layers/text_vectorization/vocabulary.txt/", ""}), "no file vocabulary.txt"},
		"the file twice":               {with(entries, zipEntry{"assets/layers/text_vectorization/vocabulary.txt", "x"}), "two entries"},
		"one that would fill memory":   {with(entries, zipEntry{"assets/zeros", strings.Repeat("\x00", 100<<20)}), "exhaust memory"},
		"many":                         {lots, ""},
		"a path in the configuration":  {config(`"vocabulary":null`, fmt.Sprintf(`"vocabulary":%q`, outside)), "is the path of a file outside of the model"},
		"a function to standardize":    {config(`"standardize":"lower_and_strip_punctuation"`, `"standardize":{"module":"builtins","class_name":"function","config":"my_package>clean","registered_name":"function"}`), "Python function, which is never run here"},
		"a lambda to split":            {config(`"split":"whitespace"`, `"split":{"class_name":"__lambda__","config":{"value":"4wEA"}}`), "Python function, which is never run here"},
		"a sparse output":              {config(`"sparse":false,"split"`, `"sparse":true,"split"`), "only be used with the TensorFlow backend"},
		"wide n-grams":                 {config(`"ngrams":null`, `"ngrams":1000000000000`), ""},
		"a huge length":                {config(`"output_sequence_length":4`, `"output_sequence_length":1000000000000`), "output_sequence_length"},
		"a huge number of words":       {config(`"vocabulary_size":8`, `"vocabulary_size":1000000000000`), ""},
		"a number of words below zero": {config(`"vocabulary_size":8`, `"vocabulary_size":-5`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			archive := zipFile(t, zip.Deflate, c.entries...)
			loads(t, name, archive, len(archive), c.says)
		})
	}
}

// FuzzVocabulary loads archives whose vocabulary is anything.
func FuzzVocabulary(f *testing.F) {
	functional.ClearSession()
	m, _ := textModel(f, layers.TFIDF)
	entries := savedEntries(f, m)
	for _, text := range []string{"[UNK]\na\nfilm", "", "\n\n", "a\r\nb\xff\n\x00", "[UNK]\na\na"} {
		f.Add([]byte(text))
	}
	path := filepath.Join(f.TempDir(), "m.keras")
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > fuzzSize {
			t.Skip()
		}
		changed := slices.Clone(entries)
		for i := range changed {
			if strings.HasSuffix(changed[i].name, "vocabulary.txt") {
				changed[i].data = string(data)
			}
		}
		require.NoError(t, os.WriteFile(path, zipFile(t, zip.Store, changed...), 0o600))
		fuzzModel(path)
	})
}
