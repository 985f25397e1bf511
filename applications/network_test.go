package applications_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/applications"
	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerastable"
	"github.com/gokeras/gokeras/layers"
)

// network is what all builders are.
type network interface {
	Model() (*functional.Model, error)
	PreprocessInput(x any) (*tensors.Tensor, error)
}

var networks = map[string]func() network{
	"VGG16": func() network { return applications.VGG16() }, "VGG19": func() network { return applications.VGG19() },
	"ResNet50": func() network { return applications.ResNet50() }, "ResNet101": func() network { return applications.ResNet101() },
	"ResNet152": func() network { return applications.ResNet152() }, "ResNet50V2": func() network { return applications.ResNet50V2() },
	"ResNet101V2": func() network { return applications.ResNet101V2() }, "ResNet152V2": func() network { return applications.ResNet152V2() },
	"Xception": func() network { return applications.Xception() }, "InceptionV3": func() network { return applications.InceptionV3() },
	"InceptionResNetV2": func() network { return applications.InceptionResNetV2() },
	"MobileNet":         func() network { return applications.MobileNet() }, "MobileNetV2": func() network { return applications.MobileNetV2() },
	"MobileNetV3Small": func() network { return applications.MobileNetV3Small() }, "MobileNetV3Large": func() network { return applications.MobileNetV3Large() },
	"DenseNet121": func() network { return applications.DenseNet121() }, "DenseNet169": func() network { return applications.DenseNet169() },
	"DenseNet201": func() network { return applications.DenseNet201() }, "EfficientNetB0": func() network { return applications.EfficientNetB0() },
	"EfficientNetB1": func() network { return applications.EfficientNetB1() }, "EfficientNetB2": func() network { return applications.EfficientNetB2() },
	"EfficientNetB3": func() network { return applications.EfficientNetB3() }, "EfficientNetB4": func() network { return applications.EfficientNetB4() },
	"EfficientNetB5": func() network { return applications.EfficientNetB5() }, "EfficientNetB6": func() network { return applications.EfficientNetB6() },
	"EfficientNetB7": func() network { return applications.EfficientNetB7() }, "EfficientNetV2B0": func() network { return applications.EfficientNetV2B0() },
	"EfficientNetV2B1": func() network { return applications.EfficientNetV2B1() }, "EfficientNetV2B2": func() network { return applications.EfficientNetV2B2() },
	"EfficientNetV2B3": func() network { return applications.EfficientNetV2B3() }, "EfficientNetV2S": func() network { return applications.EfficientNetV2S() },
	"EfficientNetV2M": func() network { return applications.EfficientNetV2M() }, "EfficientNetV2L": func() network { return applications.EfficientNetV2L() },
	"NASNetMobile": func() network { return applications.NASNetMobile() }, "NASNetLarge": func() network { return applications.NASNetLarge() },
	"ConvNeXtTiny": func() network { return applications.ConvNeXtTiny() }, "ConvNeXtSmall": func() network { return applications.ConvNeXtSmall() },
	"ConvNeXtBase": func() network { return applications.ConvNeXtBase() }, "ConvNeXtLarge": func() network { return applications.ConvNeXtLarge() },
	"ConvNeXtXLarge": func() network { return applications.ConvNeXtXLarge() },
}

type networkCase struct {
	Function      string
	Arguments     map[string]any
	SHA256        string
	First         *int
	Layers        int
	Params        [2]int
	OutputShape   []*int `json:"output_shape"`
	ChannelsFirst bool   `json:"channels_first"`
	Output        golden.Array
	File          [3]string // its name, where it comes from, its checksum
}

type fixture struct {
	Networks, Variants, Tensors, Errors, Predictions []networkCase
	ChannelsFirst                                    []networkCase `json:"channels_first"`
	Prepared, Models                                 []preparedCase
	Modes                                            map[string][]float64
	Decoded                                          []struct {
		Top    int
		Result [][][3]any
	}
	Lines string
}

func load(t *testing.T) (f fixture, lines []string) {
	golden.Load(t, "applications", &f)
	golden.Load(t, "application_networks", &f)
	packed, err := base64.StdEncoding.DecodeString(f.Lines)
	require.NoError(t, err)
	r, err := zlib.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return f, strings.Split(string(text), "\n")
}

// build calls the setters that Python's keyword arguments name; new weights are the default here.
func build(t *testing.T, function string, arguments map[string]any, format string) network {
	t.Helper()
	n := networks[function]()
	set := func(name string, values ...any) {
		method := reflect.ValueOf(n).MethodByName(name)
		require.True(t, method.IsValid(), "%s has no %s", function, name)
		var in []reflect.Value
		for i, v := range values {
			to := method.Type().In(min(i, method.Type().NumIn()-1))
			if method.Type().IsVariadic() {
				to = to.Elem()
			}
			in = append(in, reflect.ValueOf(v).Convert(to))
		}
		method.Call(in)
	}
	set("Weights", "")
	set("DataFormat", format)
	for key, value := range arguments {
		name := camel(key)
		switch v := value.(type) {
		case nil:
			set(name, "") // classifier_activation=None
		case []any:
			var shape []any
			for _, n := range v {
				if n == nil {
					n = float64(functional.None)
				}
				shape = append(shape, n)
			}
			set(name, shape...)
		default:
			set(name, v)
		}
	}
	return n
}

// canonical is one text for each value of JSON, as the generator makes it.
func canonical(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteByte('n')
	case bool:
		b.WriteString(fmt.Sprint(v)[:1])
	case float64:
		fmt.Fprintf(b, "%016x", math.Float64bits(v))
	case string:
		v = keras3(v)
		fmt.Fprintf(b, "s%d:%s", len(v), v)
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			canonical(b, e)
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		first := true
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key == "shared_object_id" {
				continue
			}
			if !first {
				b.WriteByte(',')
			}
			first = false
			canonical(b, key)
			canonical(b, v[key])
		}
		b.WriteByte('}')
	}
}

// keras3 gives automatic names of inputs, which are those of Keras 2 here, the form of Keras 3.
func keras3(name string) string {
	number, ok := strings.CutPrefix(name, "input_")
	n, err := strconv.Atoi(number)
	switch {
	case !ok || err != nil:
		return name
	case n == 1:
		return "input_layer"
	}
	return fmt.Sprintf("input_layer_%d", n-1)
}

func digest(v any) string {
	var b strings.Builder
	canonical(&b, v)
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// isKeras compares a model with what Keras has, layer by layer where the whole differs.
func isKeras(t *testing.T, c networkCase, lines []string, m *functional.Model) {
	t.Helper()
	raw, err := m.ToJSON()
	require.NoError(t, err)
	var written struct{ Config map[string]any }
	require.NoError(t, json.Unmarshal(raw, &written))
	entries := written.Config["layers"].([]any)
	if digest(written.Config) != c.SHA256 {
		outputs := map[string]functional.Shape{}
		for _, node := range m.Nodes() {
			outputs[node.Layer.Base().Name()] = node.Outputs[0].Shape()
		}
		for i, e := range entries {
			if c.First == nil {
				break // its layers aren't listed
			}
			entry := e.(map[string]any)
			name := entry["name"].(string)
			shape := strings.ReplaceAll(outputs[name].String(), ", ", ",")
			got := fmt.Sprintf("%s %v [%s] %s", keras3(name), entry["class_name"], strings.Trim(shape, "(),"), digest(entry)[:4])
			text, _ := json.Marshal(entry)
			require.Equal(t, lines[min(*c.First+i, len(lines)-1)], got, "layer %d: %s", i, text)
		}
		delete(written.Config, "layers")
		t.Fatalf("the configuration isn't Keras's: %d layers like Keras's %d, then %v", len(entries), c.Layers, written.Config)
	}
	require.Len(t, m.Layers(), c.Layers)
	trainable := 0
	for _, w := range m.TrainableWeights() {
		size := 1
		for _, d := range w.Shape() {
			size *= d
		}
		trainable += size
	}
	require.Equal(t, c.Params, [2]int{m.CountParams(), trainable}, "parameters")
	require.Equal(t, shapeOf(c.OutputShape), m.Outputs()[0].Shape())
}

func shapeOf(shape []*int) functional.Shape {
	var s functional.Shape
	for _, d := range shape {
		if d == nil {
			s = append(s, functional.None)
			continue
		}
		s = append(s, *d)
	}
	return s
}

func caseName(c networkCase) string {
	raw, _ := json.Marshal(c.Arguments)
	return c.Function + strings.ReplaceAll(string(raw), "/", "_")
}

// TestNetworksAreKerass builds every network, with and without its top, and looks which file its published weights lie in.
func TestNetworksAreKerass(t *testing.T) {
	f, lines := load(t)
	require.Greater(t, len(f.Networks), 2*len(networks))
	for _, c := range f.Networks {
		t.Run(caseName(c), func(t *testing.T) {
			functional.ClearSession()
			n := build(t, c.Function, c.Arguments, layers.ChannelsLast)
			reflect.ValueOf(n).MethodByName("Weights").Call([]reflect.Value{reflect.ValueOf("imagenet")})
			m, file, err := applications.Unloaded(n)
			require.NoError(t, err)
			isKeras(t, c, lines, m)
			require.Equal(t, c.File, file)
		})
	}
	check := func(cases []networkCase, format string) {
		for _, c := range cases {
			t.Run(caseName(c), func(t *testing.T) {
				functional.ClearSession()
				m, err := build(t, c.Function, c.Arguments, format).Model()
				require.NoError(t, err)
				isKeras(t, c, lines, m)
			})
		}
	}
	check(f.Variants, layers.ChannelsLast)
	check(f.ChannelsFirst, layers.ChannelsFirst)
}

// TestEveryArgument looks for a setter for each argument of Keras's functions.
func TestEveryArgument(t *testing.T) {
	found := 0
	for _, e := range kerastable.List(kerastable.Application) {
		make, ok := networks[e.Name]
		if !ok {
			require.Contains(t, []string{"preprocess_input", "decode_predictions"}, e.Name)
			continue
		}
		found++
		for _, a := range e.Arguments {
			require.True(t, reflect.ValueOf(make()).MethodByName(camel(a.Name)).IsValid(), "%s has no %s", e.Name, a.Name)
		}
	}
	require.Len(t, networks, found)
}

// camel is an argument's name as a setter has it.
func camel(argument string) string {
	name := ""
	for _, word := range strings.Split(argument, "_") {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

func TestNetworksOnTensors(t *testing.T) {
	f, lines := load(t)
	for _, c := range f.Tensors {
		t.Run(caseName(c), func(t *testing.T) {
			functional.ClearSession()
			var x *functional.Tensor
			if c.Arguments["input_tensor"] == "input" {
				x = functional.InputWith(functional.InputOptions{Shape: []int{64, 64, 3}, Name: "picture"})
			} else {
				a := functional.InputWith(functional.InputOptions{Shape: []int{64, 64, 3}, Name: "a"})
				b := functional.InputWith(functional.InputOptions{Shape: []int{64, 64, 3}, Name: "b"})
				x = layers.Average().Name("mean").Apply(b, a)
			}
			n := build(t, c.Function, map[string]any{"include_top": false}, layers.ChannelsLast)
			reflect.ValueOf(n).MethodByName("InputTensor").Call([]reflect.Value{reflect.ValueOf(x)})
			m, err := n.Model()
			require.NoError(t, err)
			isKeras(t, c, lines, m)
		})
	}
}

// TestRefused holds the builders to the arguments that Keras refuses.
func TestRefused(t *testing.T) {
	t.Setenv("GOKERAS_OFFLINE", "1")
	t.Setenv("KERAS_HOME", t.TempDir())
	f, _ := load(t)
	for _, c := range f.Errors {
		t.Run(caseName(c), func(t *testing.T) {
			format := layers.ChannelsLast
			if c.ChannelsFirst {
				format = layers.ChannelsFirst
			}
			_, err := build(t, c.Function, c.Arguments, format).Model()
			require.Error(t, err)
			require.NotErrorIs(t, err, applications.ErrNotFound, "it is refused before any file is looked for")
			require.Contains(t, err.Error(), "applications."+c.Function+": ")
		})
	}
}

// TestOtherMistakes are those that Keras lets pass, or can't be made there.
func TestOtherMistakes(t *testing.T) {
	image := functional.Input(64, 64, 3)
	for want, n := range map[string]network{
		`unknown pooling "mean"`:                 applications.VGG16().Weights("").IncludeTop(false).Pooling("mean"),
		`unknown data format "sideways"`:         applications.VGG16().Weights("").DataFormat("sideways"),
		"alpha must be above 0":                  applications.MobileNet().Weights("").Alpha(math.NaN()),
		"received +Inf":                          applications.MobileNetV2().Weights("").Alpha(math.Inf(1)),
		"received -1":                            applications.MobileNetV3Large().Weights("").Alpha(-1),
		"at most 1000":                           applications.MobileNetV2().Weights("").Alpha(1e6).IncludeTop(false),
		"depth_multiplier":                       applications.MobileNet().Weights("").DepthMultiplier(-3),
		"three numbers":                          applications.ResNet50().Weights("").InputShape(1, 2, 3, 4),
		"no layer made":                          applications.ResNet50().Weights("").InputTensor(&functional.Tensor{}),
		"the input tensor has shape":             applications.ResNet50().Weights("").InputTensor(functional.Input(3)),
		"must agree":                             applications.MobileNetV2().Weights("").InputTensor(image).InputShape(64, 65, 3),
		"the network's activation is softmax or": applications.ResNet50().ClassifierActivation("relu"),
	} {
		_, err := n.Model()
		require.ErrorContains(t, err, want)
	}
	m, err := applications.VGG16().Weights("").IncludeTop(false).Name("").Model()
	require.NoError(t, err)
	require.Equal(t, "vgg16", m.Name())
}

// TestPredictions gives the smallest of each family weights by a rule and compares what they make of small images.
func TestPredictions(t *testing.T) {
	f, _ := load(t)
	for i, c := range f.Predictions {
		t.Run(c.Function, func(t *testing.T) {
			arguments := maps.Clone(c.Arguments)
			arguments["classifier_activation"] = nil
			n := build(t, c.Function, arguments, layers.ChannelsLast)
			m, err := n.Model()
			require.NoError(t, err)
			for k, w := range m.Weights() {
				if w.DType().IsFloat() {
					require.NoError(t, w.Set(ruleWeight(k, w.Name(), w.Shape()).Tensor(t)))
				}
			}
			shape := []int{2}
			for _, d := range c.Arguments["input_shape"].([]any) {
				shape = append(shape, int(d.(float64)))
			}
			x := golden.RuleInput(0, shape...)
			for k := range x.Data {
				x.Data[k] = golden.Value(float32(x.Data[k]) * 100)
			}
			largest := 0.0
			for _, v := range c.Output.Data {
				largest = max(largest, math.Abs(float64(v)))
			}
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				// XLA takes many seconds to compile each.
				if backend.KindOf(engine) != backend.Go && c.Function != "MobileNetV2" && i > 0 {
					t.Skip("one network is enough for the engine that compiles longest")
				}
				got, err := m.Predict(x.Tensor(t), functional.Predict{BatchSize: 2, Verbose: functional.Silent})
				require.NoError(t, err)
				golden.Close(t, "output", got, c.Output, golden.Tolerance{Abs: 1e-4 * largest})
			})
		})
	}
}

// ruleWeight is the weight that the generator gives.
func ruleWeight(k int, name string, shape []int) golden.Array {
	if len(shape) < 2 {
		if name == "variance" {
			name = "moving_variance"
		}
		return golden.RuleWeight(k, name, shape...)
	}
	terms := 1
	for _, d := range shape[:len(shape)-1] {
		terms *= d
	}
	if shape[len(shape)-1] == 1 {
		terms = shape[0] * shape[1]
	}
	return golden.RuleKernel(k, terms, shape...)
}

// TestBuildingIsCheap builds a large network, of which no weight may be drawn.
func TestBuildingIsCheap(t *testing.T) {
	start := time.Now()
	m, err := applications.ConvNeXtXLarge().Weights("").Model()
	require.NoError(t, err)
	require.Greater(t, m.CountParams(), 350_000_000)
	require.Less(t, time.Since(start), 20*time.Second)
}

func values(t *testing.T, x *tensors.Tensor) []golden.Value {
	var list []golden.Value
	for _, v := range golden.Floats(t, x) {
		list = append(list, golden.Value(v))
	}
	return list
}

func BenchmarkResNet50(b *testing.B) {
	for b.Loop() {
		if _, err := applications.ResNet50().Weights("").Model(); err != nil {
			b.Fatal(err)
		}
	}
}
