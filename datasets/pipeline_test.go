package datasets

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// pipelineFixture is what tf.data and Keras gave (internal/golden/families/pipelines.py).
type pipelineFixture struct {
	Pipelines []struct {
		Range       int
		Ops         [][]any
		Elements    [][]json.RawMessage
		Cardinality int
	}
	TextFiles  map[string]string `json:"text_files"`
	SoundFiles map[string]string `json:"sound_files"`
	Texts      []folderCase
	Sounds     []folderCase
	Waves      []struct {
		Name, Content string
		Value         [][]float32
		Rate          int
		Error         *string
	}
}

type folderCase struct {
	Arguments  map[string]any
	ClassNames []string `json:"class_names"`
	Error      *struct{ Exception, Message string }
	Batches    [][]struct {
		Texts []string
		DType string
		Value json.RawMessage
	}
}

func pipelinesOfKeras(t *testing.T) (f pipelineFixture) {
	t.Helper()
	golden.Load(t, "pipelines", &f)
	return f
}

func number(t testing.TB, e Element) int64 {
	t.Helper()
	require.IsType(t, (*tensors.Tensor)(nil), e.X)
	return e.X.(*tensors.Tensor).Value().(int64)
}

// built is the pipeline that a fixture describes.
func built(t *testing.T, from int, ops [][]any) *Pipeline {
	times := func(by int64) func(Element) (Element, error) {
		return func(e Element) (Element, error) { return Element{X: number(t, e) * by}, nil }
	}
	p := Range(from)
	for _, op := range ops {
		n := func(i int) int { return int(op[i].(float64)) }
		switch op[0] {
		case "batch":
			p = p.Batch(n(1), op[2].(bool))
		case "take":
			p = p.Take(n(1))
		case "skip":
			p = p.Skip(n(1))
		case "repeat":
			p = p.Repeat(n(1))
		case "unbatch":
			p = p.Unbatch()
		case "filter":
			p = p.Filter(func(e Element) (bool, error) { return number(t, e)%int64(n(1)) == 0, nil })
		case "map":
			p = p.Map(times(int64(n(1))), 3)
		case "concatenate":
			p = p.Concatenate(Range(n(1)))
		case "zip":
			p = Zip(p, Range(n(1)).Map(func(e Element) (Element, error) { return Element{X: number(t, e) + 100}, nil }))
		case "window":
			p = p.Window(WindowOptions{Size: n(1), Shift: n(2), Stride: n(3), DropRemainder: op[4].(bool)})
		case "shard":
			p = p.Shard(n(1), n(2))
		case "cache":
			p = p.Cache()
		case "enumerate":
			p = p.Enumerate(n(1))
		case "flat_map":
			p = p.FlatMap(func(e Element) (*Pipeline, error) {
				x := number(t, e)
				return Range(int(x)).Map(func(e Element) (Element, error) { return Element{X: number(t, e) + 10*x}, nil }), nil
			})
		case "assert_cardinality":
			p = p.AssertCardinality(n(1))
		case "prefetch":
			p = p.Prefetch(n(1))
		default:
			t.Fatal(op)
		}
	}
	return p
}

func jsonOf(t testing.TB, leaf any) string {
	t.Helper()
	if x, ok := leaf.(*tensors.Tensor); ok {
		leaf = x.Value()
	}
	return golden.JSON(t, leaf)
}

// rounded is JSON with its numbers as float32.
func rounded(t testing.TB, text string) any {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(text), &v))
	var round func(v any) any
	round = func(v any) any {
		switch v := v.(type) {
		case float64:
			return float32(v)
		case []any:
			for i := range v {
				v[i] = round(v[i])
			}
		}
		return v
	}
	return round(v)
}

func TestPipelinesLikeTensorFlow(t *testing.T) {
	for _, c := range pipelinesOfKeras(t).Pipelines {
		name := fmt.Sprint(c.Range, c.Ops)
		p := built(t, c.Range, c.Ops)
		require.NoError(t, p.Err(), name)
		require.Equal(t, c.Cardinality, p.Cardinality(), name)
		for range 2 {
			i := 0
			for e, err := range p.Elements() {
				require.NoError(t, err, name)
				require.Less(t, i, len(c.Elements), name)
				var got []any
				switch x := e.X.(type) {
				case []any:
					got = x
				default:
					if got = []any{x}; e.Y != nil {
						got = append(got, e.Y)
					}
				}
				for j, want := range c.Elements[i] {
					require.JSONEq(t, string(want), jsonOf(t, got[j]), "%s: element %d", name, i)
				}
				i++
			}
			require.Len(t, c.Elements, i, name)
		}
	}
}

// sameFolder holds a folder's pipeline to Keras's batches, whose order is known without shuffling, or in one batch.
func sameFolder(t *testing.T, c folderCase, p *Pipeline, names []string, paths func() []string) {
	require.Equal(t, c.ClassNames, names)
	if _, fixed := c.Arguments["shuffle"]; !fixed { // TensorFlow's own numbers mix the batches
		require.Len(t, c.Batches[0][0].Texts, len(paths()))
		return
	}
	i := 0
	for e, err := range p.Elements() {
		require.NoError(t, err)
		for j, want := range c.Batches[i] {
			got := []any{e.X, e.Y}[j]
			if want.Texts == nil {
				require.Equal(t, rounded(t, string(want.Value)), rounded(t, jsonOf(t, got)))
				require.Equal(t, want.DType, strings.ToLower(got.(*tensors.Tensor).DType().String()))
				continue
			}
			list, ok := got.([]string)
			if !ok {
				list = []string{got.(string)}
			}
			require.Len(t, list, len(want.Texts))
			for k, text := range want.Texts {
				raw, err := base64.StdEncoding.DecodeString(text)
				require.NoError(t, err)
				require.Equal(t, string(raw), list[k])
			}
		}
		if len(c.Batches[i]) == 1 {
			require.Nil(t, e.Y)
		}
		i++
	}
	require.Len(t, c.Batches, i)
}

// folderArguments are Keras's, as Go has them.
func folderArguments(a map[string]any) (o TextFolderOptions, length int) {
	for name, v := range a {
		n, _ := v.(float64)
		i := int(n)
		switch name {
		case "shuffle":
			o.KeepOrder = true
		case "batch_size":
			o.BatchSize, o.NoBatches = i, v == nil
		case "label_mode":
			o.LabelMode = v.(string)
		case "class_names":
			for _, s := range v.([]any) {
				o.ClassNames = append(o.ClassNames, s.(string))
			}
		case "labels":
			list, some := v.([]any)
			o.NoLabels = !some
			for _, l := range list {
				o.Labels = append(o.Labels, int(l.(float64)))
			}
		case "max_length":
			o.MaxLength = &i
		case "seed":
			o.Seed = &i
		case "validation_split":
			o.ValidationSplit = n
		case "subset":
			o.Subset = v.(string)
		case "output_sequence_length", "sampling_rate":
			length = i
		}
	}
	return o, length
}

func TestTextFoldersLikeKeras(t *testing.T) {
	f := pipelinesOfKeras(t)
	folder := golden.Files(t, f.TextFiles)
	for _, c := range f.Texts {
		t.Run(fmt.Sprint(c.Arguments), func(t *testing.T) {
			o, _ := folderArguments(c.Arguments)
			d, err := TextDatasetFromDirectory(folder, o)
			if c.Error != nil {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			sameFolder(t, c, d.Pipeline, d.ClassNames, func() []string { return d.FilePaths })
		})
	}
}

func TestSoundFoldersLikeKeras(t *testing.T) {
	f := pipelinesOfKeras(t)
	folder := golden.Files(t, f.SoundFiles)
	for _, c := range f.Sounds {
		t.Run(fmt.Sprint(c.Arguments), func(t *testing.T) {
			x, length := folderArguments(c.Arguments)
			o := AudioFolderOptions{Labels: x.Labels, NoLabels: x.NoLabels, LabelMode: x.LabelMode, ClassNames: x.ClassNames, BatchSize: x.BatchSize, NoBatches: x.NoBatches, KeepOrder: x.KeepOrder}
			o.OutputSequenceLength = length
			d, err := AudioDatasetFromDirectory(folder, o)
			if c.Error != nil {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			sameFolder(t, c, d.Pipeline, d.ClassNames, nil)
		})
	}
	d, err := AudioDatasetFromDirectory(folder, AudioFolderOptions{SamplingRate: 8000, KeepOrder: true})
	require.NoError(t, err)
	for _, err := range d.Elements() {
		require.ErrorContains(t, err, "b.wav: it has 16000 samples a second")
	}
	for _, c := range f.Waves {
		path := filepath.Join(t.TempDir(), "a.wav")
		raw, err := base64.StdEncoding.DecodeString(c.Content)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, raw, 0o644))
		sound, rate, err := LoadWAV(path)
		if c.Error != nil {
			require.ErrorContains(t, err, "a.wav", c.Name)
			continue
		}
		require.NoError(t, err, c.Name)
		require.Equal(t, c.Value, sound.Value())
		require.Equal(t, c.Rate, rate)
	}
}

func FuzzWAV(f *testing.F) {
	f.Add([]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x02\x00\x00\x00\x01\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if w, err := decodeWAV(raw); err == nil && len(w.tensor(0).Shape().Dimensions) != 2 {
			t.Error("no sound")
		}
	})
}

func elements(t testing.TB, p *Pipeline) (out []Element) {
	t.Helper()
	for e, err := range p.Elements() {
		require.NoError(t, err)
		out = append(out, e)
	}
	return out
}

func inAll(t testing.TB, p *Pipeline) (out []int64) {
	t.Helper()
	for _, e := range elements(t, p) {
		out = append(out, number(t, e))
	}
	return out
}

func TestShuffle(t *testing.T) {
	seed := 5
	p := func(o ShuffleOptions, buffer int) *Pipeline { return Range(20).Shuffle(buffer, o) }
	a := p(ShuffleOptions{Seed: &seed}, 6)
	first, second := inAll(t, a), inAll(t, a)
	require.NotEqual(t, first, second)
	require.ElementsMatch(t, inAll(t, Range(20)), first)
	for i, v := range first {
		require.Less(t, v, int64(i+6), "an element came before the buffer had it")
	}
	b := p(ShuffleOptions{Seed: &seed}, 6)
	require.True(t, b.SkipPasses(1))
	require.Equal(t, second, inAll(t, b))
	same := p(ShuffleOptions{Seed: &seed, SameEachPass: true}, 100)
	require.Equal(t, inAll(t, same), inAll(t, same))
	twice := inAll(t, p(ShuffleOptions{Seed: &seed}, 20).Repeat(2))
	require.NotEqual(t, twice[:20], twice[20:])
	cached := p(ShuffleOptions{Seed: &seed}, 20).Cache()
	require.True(t, cached.SkipPasses(3))
	order := inAll(t, cached)
	require.Equal(t, order, inAll(t, cached))
	require.Equal(t, order, inAll(t, p(ShuffleOptions{Seed: &seed}, 20).Cache()))
}

func TestElementsOfAllKinds(t *testing.T) {
	x := map[string]any{"a": [][]float32{{1, 2}, {3, 4}, {5, 6}}, "t": []string{"x", "y", "z"}}
	p := FromSlices(x, []any{[]int32{7, 8, 9}, [][]string{{"p"}, {"q"}, {"r"}}}, []float32{0, 1, 2})
	path := filepath.Join(t.TempDir(), "elements")
	for name, batched := range map[string]*Pipeline{"plain": p.Batch(2), "memory": p.Cache().Batch(2), "file": p.Cache(path).Batch(2), "unbatch": p.Batch(3).Unbatch().Batch(2), "batches": p.Batch(2).Cache(path + "2")} {
		for range 2 {
			list := elements(t, batched)
			require.Len(t, list, 2, name)
			first := list[0]
			require.Equal(t, [][]float32{{1, 2}, {3, 4}}, first.X.(map[string]any)["a"].(*tensors.Tensor).Value(), name)
			require.Equal(t, []string{"x", "y"}, first.X.(map[string]any)["t"], name)
			require.Equal(t, []int32{7, 8}, first.Y.([]any)[0].(*tensors.Tensor).Value(), name)
			require.Equal(t, [][]string{{"p"}, {"q"}}, first.Y.([]any)[1], name)
			require.Equal(t, []float32{2}, list[1].SampleWeight.(*tensors.Tensor).Value(), name)
		}
	}
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for cut := range whole {
		failed := false
		readElements("f", strings.NewReader(string(whole[:cut])), func(_ Element, err error) bool {
			failed = failed || err != nil
			return true
		})
		require.True(t, failed, cut)
	}
	broken := append([]byte{}, whole...)
	broken[len(broken)-12] ^= 1
	require.NoError(t, os.WriteFile(path, broken, 0o644))
	var last error
	for _, err := range p.Cache(path).Elements() {
		last = err
	}
	require.ErrorContains(t, last, path)
	padded := elements(t, Range(4).Map(func(e Element) (Element, error) {
		n := int(number(t, e))
		row := make([]int32, n)
		for i := range row {
			row[i] = int32(n)
		}
		return Element{X: tensors.FromFlatDataAndDimensions(row, 1, n)}, nil
	}, Autotune).PaddedBatch(4))
	require.Equal(t, [][][]int32{{{0, 0, 0}}, {{1, 0, 0}}, {{2, 2, 0}}, {{3, 3, 3}}}, padded[0].X.(*tensors.Tensor).Value())
	require.Len(t, elements(t, FromTensors([]int{1, 2}, []int{3})), 1)
}

func FuzzCachedElements(f *testing.F) {
	f.Add([]byte(cacheMagic + "\x0f\x00\x00\x00[{\"Nil\":true}]  \x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		readElements("f", strings.NewReader(string(raw)), func(_ Element, err error) bool { return err == nil })
	})
}

func TestPipelineErrors(t *testing.T) {
	bad := func(Element) (Element, error) { return Element{}, errors.New("no luck") }
	third := func(e Element) (Element, error) {
		if number(t, e) == 2 {
			panic("boo")
		}
		return e, nil
	}
	for want, p := range map[string]*Pipeline{
		"Batch: the size is 0":                  Range(3).Batch(0).Shuffle(3),
		"Shuffle: the buffer's size is -1":      Range(3).Shuffle(-1),
		"Map: element 0: no luck":               Range(3).Map(bad),
		"Map: element 2: the function panicked": Range(3).Map(third, 2).Prefetch(3),
		"Filter: the function is nil":           Range(3).Filter(nil),
		"Batch: element 1: X: element 1 of it has": FromSeq(func(yield func(Element, error) bool) {
			for _, x := range []any{1, 1, 1, []int{1}} {
				if !yield(Element{X: x}, nil) {
					return
				}
			}
		}).Batch(2),
		"element 1: no more": FromSeq(func(yield func(Element, error) bool) {
			_ = yield(Element{X: 1}, nil) && yield(Element{}, errors.New("no more"))
		}).Cache().Repeat(),
		"it has 3 rows":                          FromSlices([]int{1, 2}, []int{1, 2, 3}),
		"FromSlices: X: it is nil":               FromSlices((*tensors.Tensor)(nil)),
		"there are no arrays":                    FromSlices(nil),
		"got 4 arrays":                           FromSlices(1, 2, 3, 4),
		"has no data":                            (&Pipeline{}).Batch(2),
		"Zip: pipeline 1":                        Zip(Range(2), nil),
		"Concatenate: the other pipeline":        Range(2).Concatenate(nil),
		"FlatMap: element 0: the pipeline":       Range(2).FlatMap(func(Element) (*Pipeline, error) { return nil, nil }),
		"Window: size":                           Range(2).Window(WindowOptions{Size: -1}),
		"Unbatch: element 0: X: a single number": Range(2).Unbatch(),
		"there are more than 1 elements":         Range(2).AssertCardinality(1),
		"the elements end after 2":               Range(2).AssertCardinality(3),
		"shard 2 of 2":                           Range(2).Shard(2, 2),
		"the data set is nil":                    FromDataset(nil),
		"too many":                               Range(1 << 40).Repeat(1 << 40),
	} {
		var last error
		for _, err := range p.Elements() {
			last = err
		}
		require.ErrorContains(t, last, want)
		for _, err := range p.Iter() {
			last = err
		}
		require.ErrorContains(t, last, want)
	}
}

// TestPipelineEnds: what is broken off leaves no goroutine and no file, and a context ends what has no end.
func TestPipelineEnds(t *testing.T) {
	before := runtime.NumGoroutine()
	path := filepath.Join(t.TempDir(), "cache")
	same := func(e Element) (Element, error) { return e, nil }
	for range Range(100).Cache(path).Map(same, 4).Prefetch(3).Batch(2).Prefetch(2).Elements() {
		break
	}
	require.NoFileExists(t, path)
	for i := 0; runtime.NumGoroutine() > before && i < 5000; i++ {
		time.Sleep(time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	var last error
	for _, err := range Range(5).Repeat().WithContext(ctx).Map(same, 2).Elements() {
		if n++; n == 12 {
			cancel()
		}
		last = err
	}
	require.ErrorIs(t, last, context.Canceled)
	for _, err := range Range(5).Filter(func(Element) (bool, error) { cancel(); return false, nil }).Repeat().WithContext(ctx).Elements() {
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestPackXYSampleWeight(t *testing.T) {
	e, err := PackXYSampleWeight(1, 2, 3)
	require.NoError(t, err)
	require.Equal(t, Element{X: 1, Y: 2, SampleWeight: 3}, e)
	_, err = PackXYSampleWeight(1, 2, 3, 4)
	require.Error(t, err)
	for _, c := range []struct{ data, x, y, w any }{{e, 1, 2, 3}, {[]any{1}, 1, nil, nil}, {[]any{1, 2}, 1, 2, nil}, {[]any{1, 2, 3}, 1, 2, 3}, {"x", "x", nil, nil}} {
		x, y, w, err := UnpackXYSampleWeight(c.data)
		require.NoError(t, err)
		require.Equal(t, []any{c.x, c.y, c.w}, []any{x, y, w})
	}
	for _, bad := range [][]any{{}, {1, 2, 3, 4}} {
		_, _, _, err := UnpackXYSampleWeight(bad)
		require.Error(t, err)
	}
}
