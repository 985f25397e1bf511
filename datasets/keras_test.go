package datasets_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/internal/golden"
)

// kerasArray is an array of the fixtures.
type kerasArray struct {
	Shape []int
	DType string
	Data  []any
}

func same(t *testing.T, want kerasArray, got *tensors.Tensor) {
	t.Helper()
	require.Equal(t, append([]int{}, want.Shape...), append([]int{}, got.Shape().Dimensions...))
	require.Equal(t, want.DType, strings.ToLower(got.DType().String()))
	require.NoError(t, got.ConstFlatData(func(flat any) {
		v := reflect.ValueOf(flat)
		for i, want := range want.Data {
			have := v.Index(i).Convert(reflect.TypeFor[float64]()).Float()
			number, ok := want.(float64)
			require.True(t, ok)
			require.InDelta(t, number, have, 1e-6*math.Max(1, math.Abs(number)), "element %d", i)
		}
	}))
}

type kerasError struct{ Exception, Message string }

// fixture is what real Keras computed (internal/golden/families/utilities.py).
type fixture struct {
	Pad []struct {
		Sequences any
		Arguments struct {
			MaxLen              int
			Padding, Truncating datasets.Side
			DType               string
			Value               float64
		}
		Result *kerasArray
		Error  *kerasError
	}
	Normalize []struct {
		X      kerasArray
		Axis   int
		Order  string
		Result kerasArray
	}
	Texts      []string
	Tokenizers []struct {
		Arguments map[string]any
		Sequences [][]int
		Texts     []string
		JSON      map[string]any
		AsWritten string `json:"as_written"`
		Words     []string
		Matrices  map[string]kerasArray
	}
	WordSequences []struct {
		Arguments map[string]any
		Words     [][]string
		MD5       [][]int
	} `json:"word_sequences"`
	Splits []struct {
		Arguments   map[string]any
		Left, Right []kerasArray
		Error       *kerasError
	}
	Series []struct {
		Arguments map[string]any
		X, Y      []kerasArray
		Error     *kerasError
	}
	Sequences, Housing []struct {
		Name, File string
		Calls      []struct {
			Arguments map[string]any
			Result    json.RawMessage
			Error     *kerasError
		}
	}
	Fashion struct {
		Files  map[string]string
		Shapes [][]int
		Y, W   kerasArray
	}
	CIFAR100 struct {
		Archive string
		Results map[string]struct {
			Shapes [][]int
			Head   []uint8
			Sum    int
			Y, W   kerasArray
		}
	}
}

func load(t *testing.T) *fixture {
	t.Helper()
	raw, err := os.ReadFile(filepath.FromSlash("../internal/golden/testdata/utilities.json"))
	require.NoError(t, err)
	f := &fixture{}
	require.NoError(t, json.Unmarshal(raw, f))
	return f
}

// nested makes slices of numbers of what JSON has.
func nested(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	if len(list) == 0 {
		return []float64{}
	}
	switch first := nested(list[0]).(type) {
	case float64:
		out := []float64{}
		for _, e := range list {
			out = append(out, e.(float64))
		}
		return out
	case []float64:
		out := [][]float64{}
		for _, e := range list {
			out = append(out, nested(e).([]float64))
		}
		return out
	case [][]float64:
		out := [][][]float64{}
		for _, e := range list {
			out = append(out, nested(e).([][]float64))
		}
		return out
	default:
		panic(fmt.Sprintf("%T", first))
	}
}

func TestPadSequencesLikeKeras(t *testing.T) {
	for i, c := range load(t).Pad {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			a := c.Arguments
			o := datasets.PadOptions{MaxLen: a.MaxLen, Padding: a.Padding, Truncating: a.Truncating, Value: a.Value}
			if a.DType != "" {
				o.DType = map[string]dtypes.DType{"float32": dtypes.Float32, "uint8": dtypes.Uint8}[a.DType]
			}
			got, err := datasets.PadSequences(nested(c.Sequences), o)
			if c.Error != nil {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			same(t, *c.Result, got)
		})
	}
	words, err := datasets.PadTexts([][]string{{"a"}, {"b", "c", "d"}, {}}, "-", datasets.PadOptions{MaxLen: 2, Padding: datasets.Post})
	require.NoError(t, err)
	require.Equal(t, [][]string{{"a", "-"}, {"c", "d"}, {"-", "-"}}, words)
	_, err = datasets.PadSequences(3, datasets.PadOptions{})
	require.Error(t, err)
	_, err = datasets.PadSequences([]int{3}, datasets.PadOptions{})
	require.Error(t, err)
	_, err = datasets.PadSequences([][]int{{1}}, datasets.PadOptions{MaxLen: 1 << 60})
	require.ErrorContains(t, err, "memory")
}

func tensorOf(a kerasArray) *tensors.Tensor {
	if strings.HasPrefix(a.DType, "int") {
		flat := make([]int64, len(a.Data))
		for i, v := range a.Data {
			flat[i] = int64(v.(float64))
		}
		return tensors.FromFlatDataAndDimensions(flat, a.Shape...)
	}
	flat := make([]float32, len(a.Data))
	for i, v := range a.Data {
		flat[i] = float32(v.(float64))
	}
	return tensors.FromFlatDataAndDimensions(flat, a.Shape...)
}

func TestNormalizeLikeKeras(t *testing.T) {
	for _, c := range load(t).Normalize {
		order, err := strconv.ParseFloat(c.Order, 64)
		require.NoError(t, err)
		got, err := datasets.Normalize(tensorOf(c.X), c.Axis, order)
		require.NoError(t, err)
		same(t, c.Result, got)
	}
	_, err := datasets.Normalize([][]float32{{1, 2}}, 0, 2)
	require.ErrorContains(t, err, "axis")
}

func wordsOf(a map[string]any) datasets.Words {
	w := datasets.Words{}
	if f, ok := a["filters"].(string); ok {
		if w.Filters = f; f == "" {
			w.Filters = datasets.NoFilters
		}
	}
	if lower, ok := a["lower"].(bool); ok {
		w.KeepCase = !lower
	}
	w.Split, _ = a["split"].(string)
	return w
}

func TestTokenizerLikeKeras(t *testing.T) {
	f := load(t)
	for i, c := range f.Tokenizers {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			k := &datasets.Tokenizer{Words: wordsOf(c.Arguments)}
			if n, ok := c.Arguments["num_words"].(float64); ok {
				k.NumWords = int(n)
			}
			k.CharLevel, _ = c.Arguments["char_level"].(bool)
			if oov, ok := c.Arguments["oov_token"].(string); ok {
				k.OOVToken = &oov
			}
			k.FitOnTexts(f.Texts)
			k.FitOnTexts([]string{"mat mat mat unseen"})
			checkTokenizer := func(k *datasets.Tokenizer) {
				t.Helper()
				require.Equal(t, c.Sequences, k.TextsToSequences(append(slices.Clone(f.Texts), "an unknown cat")))
				require.Equal(t, c.Texts, k.SequencesToTexts(append(slices.Clone(c.Sequences), []int{1, 900})))
				for mode, want := range c.Matrices {
					got, err := k.TextsToMatrix(f.Texts[:3], mode)
					require.NoError(t, err)
					same(t, want, got)
				}
				text, err := k.ToJSON()
				require.NoError(t, err)
				var written map[string]any
				require.NoError(t, json.Unmarshal([]byte(text), &written))
				config := written["config"].(map[string]any)
				for _, key := range []string{"word_counts", "word_docs", "index_docs", "index_word", "word_index"} {
					var inner any
					require.NoError(t, json.Unmarshal([]byte(config[key].(string)), &inner))
					config[key] = inner
				}
				require.Equal(t, c.JSON, written)
			}
			checkTokenizer(k)
			read, err := datasets.TokenizerFromJSON(c.AsWritten)
			require.NoError(t, err)
			checkTokenizer(read)
		})
	}
	_, err := (&datasets.Tokenizer{}).TextsToMatrix(nil, "binary")
	require.ErrorContains(t, err, "fit on some text")
	for _, text := range []string{"", "{}", `{"config": {}}`, `{"config": {"word_counts": "[]", "word_docs": "{}", "index_docs": "{}", "index_word": "{}", "word_index": "{}"}}`} {
		_, err := datasets.TokenizerFromJSON(text)
		require.Error(t, err)
	}
}

func TestWordSequencesLikeKeras(t *testing.T) {
	f := load(t)
	for _, c := range f.WordSequences {
		for i, text := range f.Texts {
			require.Equal(t, c.Words[i], datasets.TextToWordSequence(text, wordsOf(c.Arguments)))
			numbers, err := datasets.HashingTrick(text, 50, wordsOf(c.Arguments))
			require.NoError(t, err)
			require.Equal(t, c.MD5[i], numbers)
			numbers, err = datasets.OneHot(text, 50, wordsOf(c.Arguments))
			require.NoError(t, err)
			require.Len(t, numbers, len(c.Words[i]))
		}
	}
	_, err := datasets.OneHot("a", 1, datasets.Words{})
	require.Error(t, err)
}

// number is a size as Python has it: whole or not.
func number(v any) any {
	f, ok := v.(float64)
	switch {
	case !ok:
		return nil
	case f == math.Trunc(f):
		return int(f)
	}
	return f
}

func numbers(n int) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = float32(i)
	}
	return list
}

func TestSplitDatasetLikeKeras(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions(numbers(22), 11, 2)
	y := []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for i, c := range load(t).Splits {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			o := datasets.SplitOptions{LeftSize: number(c.Arguments["left_size"]), RightSize: number(c.Arguments["right_size"])}
			if o.Shuffle, _ = c.Arguments["shuffle"].(bool); o.Shuffle {
				seed := int(c.Arguments["seed"].(float64))
				o.Seed = &seed
			}
			left, right, err := datasets.SplitDataset([]any{x, y}, o)
			if c.Error != nil {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			for i := range 2 {
				same(t, c.Left[i], left[i])
				same(t, c.Right[i], right[i])
			}
			one, other, err := datasets.FromSlices(x, y).Split(o)
			require.NoError(t, err)
			for part, want := range map[*datasets.Pipeline][]*tensors.Tensor{one: left, other: right} {
				n := want[0].Shape().Dimensions[0]
				require.Equal(t, n, part.Cardinality())
				for range 2 { // passes
					for e, err := range part.Batch(n).Elements() {
						require.NoError(t, err)
						require.Equal(t, want[0].Value(), e.X.(*tensors.Tensor).Value())
						require.Equal(t, want[1].Value(), e.Y.(*tensors.Tensor).Value())
					}
				}
			}
		})
	}
	_, _, err := datasets.SplitDataset(nil, datasets.SplitOptions{LeftSize: 1})
	require.Error(t, err)
	_, _, err = datasets.Range(0).Split(datasets.SplitOptions{LeftSize: 1})
	require.ErrorContains(t, err, "is empty")
	_, _, err = datasets.Range(3).Split(datasets.SplitOptions{LeftSize: 3})
	require.ErrorContains(t, err, "LeftSize is 3")
	_, _, err = datasets.Range(3).Batch(0).Split(datasets.SplitOptions{LeftSize: 1})
	require.ErrorContains(t, err, "Batch")
}

func TestTimeseriesLikeKeras(t *testing.T) {
	data := tensors.FromFlatDataAndDimensions(numbers(30), 15, 2)
	var targets []int32
	for i := range 15 {
		targets = append(targets, int32(100+i))
	}
	for i, c := range load(t).Series {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			arg := func(name string) int {
				v, _ := c.Arguments[name].(float64)
				return int(v)
			}
			var y any = targets
			if with, ok := c.Arguments["targets"].(bool); ok && !with {
				y = nil
			}
			if few, _ := c.Arguments["few"].(bool); few {
				y = targets[:5]
			}
			s, err := datasets.TimeseriesDatasetFromArray(data, y, arg("sequence_length"), datasets.TimeseriesOptions{
				SequenceStride: arg("sequence_stride"), SamplingRate: arg("sampling_rate"), BatchSize: arg("batch_size"), StartIndex: arg("start_index"), EndIndex: arg("end_index"),
			})
			if c.Error != nil {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			at := 0
			for got, err := range s.Elements() {
				require.NoError(t, err)
				same(t, c.X[at], got.X.(*tensors.Tensor))
				if y == nil {
					require.Nil(t, got.Y)
				} else {
					same(t, c.Y[at], got.Y.(*tensors.Tensor))
				}
				at++
			}
			require.Equal(t, len(c.X), at)
		})
	}
	s, err := datasets.TimeseriesDatasetFromArray(data, targets, 3, datasets.TimeseriesOptions{Shuffle: true})
	require.NoError(t, err)
	require.Equal(t, 13, s.Len())
}

// pointer is an argument, nil where it isn't given; none reports Python's None.
func pointer(arguments map[string]any, name string) (value *int, none bool) {
	v, given := arguments[name]
	if f, ok := v.(float64); ok {
		n := int(f)
		return &n, false
	}
	return nil, given
}

func TestSequencesLikeKeras(t *testing.T) {
	for _, file := range load(t).Sequences {
		folder := golden.Files(t, map[string]string{file.Name + ".npz": file.File})
		for i, c := range file.Calls {
			t.Run(fmt.Sprint(file.Name, i), func(t *testing.T) {
				o := datasets.SequenceOptions{Options: datasets.Options{Folder: folder}}
				for name, to := range map[string]*int{"num_words": &o.NumWords, "skip_top": &o.SkipTop, "maxlen": &o.MaxLen} {
					if v, _ := pointer(c.Arguments, name); v != nil {
						*to = *v
					}
				}
				o.Seed, _ = pointer(c.Arguments, "seed")
				o.IndexFrom, _ = pointer(c.Arguments, "index_from")
				o.StartChar, o.NoStartChar = pointer(c.Arguments, "start_char")
				o.OOVChar, o.NoOOVChar = pointer(c.Arguments, "oov_char")
				if f, ok := c.Arguments["test_split"].(float64); ok {
					o.TestSplit = &f
				}
				get := map[string]func(...datasets.SequenceOptions) (*datasets.Sequences, error){"imdb": datasets.IMDB, "reuters": datasets.Reuters}[file.Name]
				got, err := get(o)
				if c.Error != nil {
					require.Error(t, err)
					return
				}
				require.NoError(t, err)
				var want [4]json.RawMessage
				require.NoError(t, json.Unmarshal(c.Result, &want))
				for i, part := range []any{got.XTrain, got.YTrain, got.XTest, got.YTest} {
					raw, err := json.Marshal(part)
					require.NoError(t, err)
					require.JSONEq(t, string(want[i]), string(raw))
				}
			})
		}
	}
	_, err := datasets.IMDB(datasets.SequenceOptions{Options: datasets.Options{Folder: t.TempDir()}})
	require.ErrorIs(t, err, datasets.ErrNotFound)
	require.ErrorContains(t, err, "Put imdb.npz")
	folder := golden.Files(t, map[string]string{"reuters.npz": "AAAA"})
	_, err = datasets.Reuters(datasets.SequenceOptions{Options: datasets.Options{Folder: folder}})
	require.Error(t, err)
	require.Len(t, datasets.ReutersLabelNames(), 46)
}

func TestHousingLikeKeras(t *testing.T) {
	for _, file := range load(t).Housing {
		folder := golden.Files(t, map[string]string{file.Name + ".npz": file.File})
		for i, c := range file.Calls {
			t.Run(fmt.Sprint(file.Name, i), func(t *testing.T) {
				o := datasets.HousingOptions{Options: datasets.Options{Folder: folder}, Small: c.Arguments["version"] == "small"}
				o.Seed, _ = pointer(c.Arguments, "seed")
				if f, ok := c.Arguments["test_split"].(float64); ok {
					o.TestSplit = &f
				}
				get := datasets.BostonHousing
				if file.Name == "california_housing" {
					get = datasets.CaliforniaHousing
				}
				got, err := get(o)
				if c.Error != nil {
					require.Error(t, err)
					return
				}
				require.NoError(t, err)
				var want [4]kerasArray
				require.NoError(t, json.Unmarshal(c.Result, &want))
				for i, part := range []*tensors.Tensor{got.XTrain, got.YTrain, got.XTest, got.YTest} {
					same(t, want[i], part)
				}
			})
		}
	}
}

func TestFashionMNISTLikeKeras(t *testing.T) {
	f := load(t).Fashion
	folder := t.TempDir()
	for name, content := range f.Files {
		raw, err := base64.StdEncoding.DecodeString(content)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), raw, 0o644))
	}
	got, err := datasets.FashionMNIST(datasets.Options{Folder: folder})
	require.NoError(t, err)
	require.Equal(t, f.Shapes, [][]int{got.XTrain.Shape().Dimensions, got.XTest.Shape().Dimensions})
	same(t, f.Y, got.YTrain)
	same(t, f.W, got.YTest)
	_, err = datasets.FashionMNIST(datasets.Options{Folder: t.TempDir()})
	require.ErrorIs(t, err, datasets.ErrNotFound)
}

func TestCIFAR100LikeKeras(t *testing.T) {
	f := load(t).CIFAR100
	for _, name := range []string{"cifar-100-python-target_archive", "cifar-100-python.tar.gz"} {
		folder := golden.Files(t, map[string]string{name: f.Archive})
		for mode, want := range f.Results {
			got, err := datasets.CIFAR100(datasets.CIFAR100Options{Options: datasets.Options{Folder: folder}, Coarse: mode == "coarse"})
			require.NoError(t, err)
			require.Equal(t, want.Shapes, [][]int{got.XTrain.Shape().Dimensions, got.XTest.Shape().Dimensions})
			require.NoError(t, tensors.ConstFlatData(got.XTrain, func(flat []uint8) {
				require.Equal(t, want.Head, flat[:30])
				sum := 0
				for _, v := range flat {
					sum += int(v)
				}
				require.Equal(t, want.Sum, sum)
			}))
			for i, part := range []*tensors.Tensor{got.YTrain, got.YTest} {
				w := []kerasArray{want.Y, want.W}[i]
				w.DType = "uint8"
				same(t, w, part)
			}
		}
	}
	_, err := datasets.CIFAR100(datasets.CIFAR100Options{Options: datasets.Options{Folder: t.TempDir()}})
	require.ErrorIs(t, err, datasets.ErrNotFound)
}

func TestWordIndex(t *testing.T) {
	folder := golden.Files(t, map[string]string{"imdb_word_index.json": base64.StdEncoding.EncodeToString([]byte(`{"the": 1, "and": 2}`))})
	index, err := datasets.IMDBWordIndex(datasets.Options{Folder: folder})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"the": 1, "and": 2}, index)
	_, err = datasets.ReutersWordIndex(datasets.Options{Folder: folder})
	require.ErrorIs(t, err, datasets.ErrNotFound)
}
