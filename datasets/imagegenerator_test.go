package datasets

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// generatorFixture is what Keras's generators gave (internal/golden/families/imagegenerator.py).
type generatorFixture struct {
	X, Images, Weights, Small golden.Array
	Affine                    []struct {
		FillMode   string `json:"fill_mode"`
		Order      int
		Parameters map[string]any
		Format     string
		Y          golden.Array
		First      bool `json:"first_channel"` // of the image alone
	}
	Choices []struct {
		Arguments  map[string]json.RawMessage
		Seed       int
		Parameters map[string]*float64
	}
	Flows []struct {
		Arguments map[string]json.RawMessage
		Flow      map[string]any
		Batches   [][]golden.Array
	}
	Fitted []struct {
		Arguments map[string]json.RawMessage
		Fit       struct {
			Augment bool
			Rounds  int
			Seed    *int
		}
		Y golden.Array
	}
	Folders []struct {
		Arguments map[string]json.RawMessage
		Flow      map[string]any
		Classes   map[string]int
		Files     []string
		Batches   [][]golden.Array
	}
	Errors []struct {
		Arguments map[string]json.RawMessage
		Flow      map[string]any
		Error     *struct{ Exception, Message string }
	}
	Windows []struct {
		Arguments map[string]any
		Batches   [][]golden.Array
		Error     *struct{ Exception, Message string }
	}
	Skipgrams []struct {
		Words     []int
		Arguments map[string]any
		Couples   [][2]int
		Labels    []any
	}
	Tables []struct {
		Size   int
		Factor float64
		Table  []float64
	}
}

func generators(t *testing.T) (f generatorFixture) {
	t.Helper()
	golden.Load(t, "imagegenerator", &f)
	return f
}

// generatorTolerance is that of float32 sums in another order.
var generatorTolerance = golden.Tolerance{Abs: 1e-4, Rel: 1e-5}

// generatorOptions are Keras's arguments as Go has them; a number with a point is a float64.
func generatorOptions(t *testing.T, a map[string]json.RawMessage) (o ImageGeneratorOptions) {
	t.Helper()
	for name, raw := range a {
		var v any
		require.NoError(t, json.Unmarshal(raw, &v))
		var ranged any
		switch v := v.(type) {
		case float64:
			if ranged = v; !strings.Contains(string(raw), ".") {
				ranged = int(v)
			}
		case []any:
			var list []float64
			for _, e := range v {
				list = append(list, e.(float64))
			}
			ranged = list
		}
		n, _ := v.(float64)
		is, _ := v.(bool)
		switch name {
		case "rotation_range":
			o.RotationRange = n
		case "width_shift_range":
			o.WidthShiftRange = ranged
		case "height_shift_range":
			o.HeightShiftRange = ranged
		case "shear_range":
			o.ShearRange = n
		case "zoom_range":
			o.ZoomRange = ranged
		case "horizontal_flip":
			o.HorizontalFlip = is
		case "vertical_flip":
			o.VerticalFlip = is
		case "channel_shift_range":
			o.ChannelShiftRange = n
		case "brightness_range":
			o.BrightnessRange, _ = ranged.([]float64)
		case "rescale":
			o.Rescale = n
		case "samplewise_center":
			o.SamplewiseCenter = is
		case "samplewise_std_normalization":
			o.SamplewiseStdNormalization = is
		case "featurewise_center":
			o.FeaturewiseCenter = is
		case "featurewise_std_normalization":
			o.FeaturewiseStdNormalization = is
		case "zca_whitening":
			o.ZCAWhitening = is
		case "zca_epsilon":
			o.ZCAEpsilon = &n
		case "validation_split":
			o.ValidationSplit = n
		case "data_format":
			o.DataFormat = v.(string)
		default:
			t.Fatal(name)
		}
	}
	return o
}

func TestTransformsLikeKeras(t *testing.T) {
	f := generators(t)
	for i, c := range f.Affine {
		g, err := NewImageDataGenerator(ImageGeneratorOptions{FillMode: c.FillMode, Cval: 7.5, InterpolationOrder: &c.Order, DataFormat: c.Format})
		require.NoError(t, err)
		var p ImageTransform
		for name, v := range c.Parameters {
			n, _ := v.(float64)
			switch name {
			case "theta":
				p.Theta = n
			case "tx":
				p.Tx = n
			case "ty":
				p.Ty = n
			case "shear":
				p.Shear = n
			case "zx":
				p.Zx = n
			case "zy":
				p.Zy = n
			case "flip_horizontal":
				p.FlipHorizontal = true
			case "flip_vertical":
				p.FlipVertical = true
			case "channel_shift_intensity":
				p.ChannelShift = &n
			case "brightness":
				p.BrightnessShift = &n
			default:
				t.Fatal(name)
			}
		}
		x := f.X.Tensor(t)
		if c.Format == "channels_first" {
			flat, err := float32s(x)
			require.NoError(t, err)
			x = tensors.FromFlatDataAndDimensions(toPlanes(flat, 3), 3, 5, 4)
		}
		if c.First {
			flat, err := float32s(x)
			require.NoError(t, err)
			x = tensors.FromFlatDataAndDimensions(toPlanes(flat, 3)[:5*4], 5, 4, 1)
		}
		y, err := g.ApplyTransform(x, p)
		require.NoError(t, err)
		golden.Close(t, fmt.Sprint(i, c.FillMode, c.Order, c.Parameters), y, c.Y, generatorTolerance)
	}
}

func TestRandomTransformsLikeKeras(t *testing.T) {
	for _, c := range generators(t).Choices {
		g, err := NewImageDataGenerator(generatorOptions(t, c.Arguments))
		require.NoError(t, err)
		p, err := g.GetRandomTransform(5, 4, &c.Seed)
		require.NoError(t, err)
		is := func(v bool) *float64 {
			n := 0.0
			if v {
				n = 1
			}
			return &n
		}
		got := map[string]*float64{
			"theta": &p.Theta, "tx": &p.Tx, "ty": &p.Ty, "shear": &p.Shear, "zx": &p.Zx, "zy": &p.Zy, "flip_horizontal": is(p.FlipHorizontal), "flip_vertical": is(p.FlipVertical),
			"channel_shift_intensity": p.ChannelShift, "brightness": p.BrightnessShift,
		}
		for name, want := range c.Parameters {
			if want == nil {
				require.Nil(t, got[name], name)
				continue
			}
			require.Equal(t, *want, *got[name], "%s of %v, seed %d", name, c.Arguments, c.Seed)
		}
	}
}

// sameBatches holds the passes of a pipeline to Keras's batches.
func sameBatches(t *testing.T, what string, want [][]golden.Array, p *Pipeline) {
	t.Helper()
	i := 0
	for i < len(want) {
		for e, err := range p.Elements() {
			require.NoError(t, err, what)
			for j, w := range want[i] {
				got := []any{e.X, e.Y, e.SampleWeight}[j]
				require.NotNil(t, got, what)
				golden.Close(t, fmt.Sprint(what, ": batch ", i, ", part ", j), got.(*tensors.Tensor), w, generatorTolerance)
			}
			if len(want[i]) == 1 {
				require.Nil(t, e.Y, what)
			}
			i++
		}
	}
	require.Len(t, want, i, what)
}

func TestFlowsLikeKeras(t *testing.T) {
	f := generators(t)
	for _, c := range f.Flows {
		o := generatorOptions(t, c.Arguments)
		g, err := NewImageDataGenerator(o)
		require.NoError(t, err)
		x := f.Images.Tensor(t)
		if o.DataFormat == "channels_first" {
			flat, err := float32s(x)
			require.NoError(t, err)
			var planes []float32
			for i := range 7 {
				planes = append(planes, toPlanes(flat[i*60:(i+1)*60], 3)...)
			}
			x = tensors.FromFlatDataAndDimensions(planes, 7, 3, 5, 4)
		}
		var how FlowOptions
		var y any = []int32{0, 1, 0, 1, 1, 0, 1}
		for name, v := range c.Flow {
			n, _ := v.(float64)
			i := int(n)
			switch name {
			case "seed":
				how.Seed = &i
			case "batch_size":
				how.BatchSize = i
			case "shuffle":
				how.KeepOrder = true
			case "subset":
				how.Subset = v.(string)
			case "weights":
				how.SampleWeight = f.Weights.Tensor(t)
			case "labels":
				y = nil
			}
		}
		flow, err := g.Flow(x, y, how)
		require.NoError(t, err)
		sameBatches(t, fmt.Sprint(c.Arguments, c.Flow), c.Batches, flow.Pipeline)
	}
}

func TestGeneratorFitsLikeKeras(t *testing.T) {
	f := generators(t)
	for _, c := range f.Fitted {
		g, err := NewImageDataGenerator(generatorOptions(t, c.Arguments))
		require.NoError(t, err)
		x := f.Small.Tensor(t)
		image, err := gather(x, []int{0})
		require.NoError(t, err)
		_, err = g.Standardize(image)
		require.ErrorContains(t, err, "Fit")
		require.NoError(t, g.Fit(x, ImageFitOptions{Augment: c.Fit.Augment, Rounds: c.Fit.Rounds, Seed: c.Fit.Seed}))
		var all []Element
		for i := range 9 {
			image, err := gather(x, []int{i})
			require.NoError(t, err)
			y, err := g.Standardize(image)
			require.NoError(t, err)
			all = append(all, Element{X: y})
		}
		whole, err := stacked(all, false)
		require.NoError(t, err)
		golden.Close(t, fmt.Sprint(c.Arguments), whole.X.(*tensors.Tensor), c.Y, golden.Tolerance{Abs: 2e-4, Rel: 1e-4})
	}
}

// flowFiles are Keras's arguments of flow_from_directory.
func flowFiles(a map[string]any) (o FlowFilesOptions) {
	for name, v := range a {
		n, _ := v.(float64)
		i := int(n)
		text, _ := v.(string)
		switch name {
		case "target_size":
			o.TargetSize = [2]int{int(v.([]any)[0].(float64)), int(v.([]any)[1].(float64))}
		case "batch_size":
			o.BatchSize = i
		case "seed":
			o.Seed = &i
		case "shuffle":
			o.KeepOrder = true
		case "subset":
			o.Subset = text
		case "class_mode":
			if o.ClassMode = text; v == nil {
				o.ClassMode = "none"
			}
		case "color_mode":
			o.ColorMode = text
		case "interpolation":
			o.Interpolation = text
		case "keep_aspect_ratio":
			o.KeepAspectRatio = true
		case "classes":
			for _, c := range v.([]any) {
				o.Classes = append(o.Classes, c.(string))
			}
		}
	}
	return o
}

func TestFlowsFromFoldersLikeKeras(t *testing.T) {
	for _, c := range generators(t).Folders {
		g, err := NewImageDataGenerator(generatorOptions(t, c.Arguments))
		require.NoError(t, err)
		flow, err := g.FlowFromDirectory(imagesFolder, flowFiles(c.Flow))
		require.NoError(t, err)
		require.Equal(t, c.Classes, flow.ClassIndices)
		var names []string
		for _, name := range flow.FileNames {
			names = append(names, filepath.ToSlash(name))
		}
		require.Equal(t, c.Files, names)
		i := 0
		for e, err := range flow.Elements() {
			require.NoError(t, err)
			for j, want := range c.Batches[i] {
				golden.Close(t, fmt.Sprint(c.Flow), []any{e.X, e.Y}[j].(*tensors.Tensor), want, generatorTolerance)
			}
			i++
		}
		require.Len(t, c.Batches, i)
	}
}

func TestFlowsFromFiles(t *testing.T) {
	g, err := NewImageDataGenerator(ImageGeneratorOptions{ValidationSplit: 0.5})
	require.NoError(t, err)
	files := []string{"a dogs/2.png", "none.png", "b cats/x.bmp", "b cats/y.png", "b cats/notes.txt"}
	o := FlowFilesOptions{TargetSize: [2]int{2, 2}, KeepOrder: true, SampleWeight: []float32{1, 2, 3, 4, 5}}
	one := func(y any, o FlowFilesOptions) Element {
		flow, err := g.FlowFromFiles(imagesFolder, files, y, o)
		require.NoError(t, err)
		list := elements(t, flow.Pipeline)
		require.Len(t, list, 1)
		return list[0]
	}
	e := one([][]string{{"dog"}, {"dog"}, {"cat", "bmp"}, {"cat"}, {"x"}}, o)
	require.Equal(t, [][]float32{{0, 0, 1, 0}, {1, 1, 0, 0}, {0, 1, 0, 0}}, e.Y.(*tensors.Tensor).Value())
	require.Equal(t, []float32{1, 3, 4}, e.SampleWeight.(*tensors.Tensor).Value())
	o.ClassMode = "raw"
	require.Equal(t, [][]float32{{1}, {3}, {4}}, one([][]float32{{1}, {2}, {3}, {4}, {5}}, o).Y.(*tensors.Tensor).Value())
	o.ClassMode, o.Classes, o.Subset = "sparse", []string{"cat"}, "validation"
	e = one([]string{"dog", "dog", "cat", "cat", "cat"}, o)
	require.Equal(t, []float32{0}, e.Y.(*tensors.Tensor).Value())
	for want, bad := range map[string]FlowFilesOptions{"must be 2 classes": {ClassMode: "binary"}, "class mode": {ClassMode: "x"}, "too large": {BatchSize: math.MaxInt}, "color mode": {ColorMode: "x"}, "interpolation": {Interpolation: "x"}} {
		_, err := g.FlowFromFiles(imagesFolder, files, []string{"a", "b", "c", "a", "b"}, bad)
		require.ErrorContains(t, err, want)
	}
	dir := t.TempDir()
	flow, err := g.FlowFromDirectory(imagesFolder, FlowFilesOptions{TargetSize: [2]int{2, 2}, Save: SaveFlow{Dir: dir, Prefix: "p"}})
	require.NoError(t, err)
	elements(t, flow.Pipeline)
	saved, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, saved, flow.Len())
}

func TestGeneratorErrorsLikeKeras(t *testing.T) {
	f := generators(t)
	for _, c := range f.Errors {
		g, err := NewImageDataGenerator(generatorOptions(t, c.Arguments))
		if err == nil {
			x, y, o := any(f.Images.Tensor(t)), any(nil), FlowOptions{}
			for name, v := range c.Flow {
				switch name {
				case "subset":
					o.Subset = v.(string)
				case "short":
					y = []int{1, 2, 3}
				case "classes":
					y = []int{0, 1, 2, 3, 4, 5, 6}
				case "ignore_class_split":
					o.IgnoreClassSplit = true
				case "rank":
					x = f.X.Tensor(t)
				}
			}
			_, err = g.Flow(x, y, o)
		}
		require.Equal(t, c.Error != nil, err != nil, "%v %v: %v", c.Arguments, c.Flow, err)
	}
	six := 6
	for _, o := range []ImageGeneratorOptions{
		{InterpolationOrder: &six}, {FillMode: "x"}, {RotationRange: math.NaN()}, {WidthShiftRange: "x"}, {WidthShiftRange: math.Inf(1)}, {ZoomRange: "x"}, {BrightnessRange: []float64{1, 2}, DataFormat: "channels_first"},
	} {
		_, err := NewImageDataGenerator(o)
		require.Error(t, err)
	}
	g, err := NewImageDataGenerator(ImageGeneratorOptions{PreprocessingFunction: func(*tensors.Tensor) (*tensors.Tensor, error) { panic("boo") }})
	require.NoError(t, err)
	flow, err := g.Flow(f.Images.Tensor(t), nil, FlowOptions{})
	require.NoError(t, err)
	for _, err := range flow.Elements() {
		require.ErrorContains(t, err, "boo")
	}
	_, err = g.ApplyTransform(f.X.Tensor(t), ImageTransform{Theta: math.NaN()})
	require.Error(t, err)
	_, err = g.ApplyTransform(f.X.Tensor(t), ImageTransform{Tx: 1e300, Zx: -1e300})
	require.NoError(t, err)
}

func TestTimeseriesGeneratorLikeKeras(t *testing.T) {
	data := make([]float32, 24)
	targets := make([]int32, 12)
	for i := range data {
		data[i] = float32(i)
		targets[i/2] = int32(100 + i/2)
	}
	for _, c := range generators(t).Windows {
		var o TimeseriesGeneratorOptions
		length := 0
		for name, v := range c.Arguments {
			n, _ := v.(float64)
			i := int(n)
			switch name {
			case "length":
				length = i
			case "sampling_rate":
				o.SamplingRate = i
			case "stride":
				o.Stride = i
			case "batch_size":
				o.BatchSize = i
			case "start_index":
				o.StartIndex = i
			case "end_index":
				o.EndIndex = &i
			case "reverse":
				o.Reverse = true
			}
		}
		p, err := TimeseriesGenerator(tensors.FromFlatDataAndDimensions(data, 12, 2), targets, length, o)
		if c.Error != nil {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, len(c.Batches), p.Cardinality())
		sameBatches(t, fmt.Sprint(c.Arguments), c.Batches, p)
	}
	for _, o := range []TimeseriesGeneratorOptions{{Stride: -1}, {BatchSize: math.MaxInt}, {Stride: math.MaxInt}, {StartIndex: math.MaxInt}} {
		_, err := TimeseriesGenerator(data, make([]int, 24), 3, o)
		require.Error(t, err)
	}
}

func TestSkipgramsLikeKeras(t *testing.T) {
	f := generators(t)
	seventeen := 17
	for _, c := range f.Tables {
		table, err := MakeSamplingTable(c.Size, c.Factor)
		require.NoError(t, err)
		require.InDeltaSlice(t, c.Table, table, 1e-12)
	}
	for _, c := range f.Skipgrams {
		o := SkipgramsOptions{RandomSeed: &seventeen}
		for name, v := range c.Arguments {
			n, _ := v.(float64)
			i := int(n)
			switch name {
			case "seed":
				o.Seed = &i
			case "window_size":
				o.WindowSize = i
			case "negative_samples":
				o.NegativeSamples = &n
			case "shuffle":
				o.KeepOrder = true
			case "sampling_table":
				var err error
				o.SamplingTable, err = MakeSamplingTable(6, 0.1)
				require.NoError(t, err)
			}
		}
		couples, labels, err := Skipgrams(c.Words, 6, o)
		require.NoError(t, err)
		require.ElementsMatch(t, c.Couples, couples)
		require.Equal(t, c.Couples, append([][2]int{}, couples...), c.Arguments)
		for i, want := range c.Labels {
			if list, ok := want.([]any); ok {
				want = list[1]
			}
			require.Equal(t, want, float64(labels[i]))
		}
	}
	_, _, err := Skipgrams([]int{1, 2}, 1, SkipgramsOptions{})
	require.Error(t, err)
}
