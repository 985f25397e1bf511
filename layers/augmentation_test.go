package layers

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/probe"
	"github.com/gokeras/gokeras/symbolic"
)

// given runs an augmenter in training with random numbers that were given, or shows what it draws.
type given struct {
	symbolic.BaseLayer
	cfg    symbolic.LayerConfig
	inner  augmenter
	with   map[string]golden.Array
	shows  string
	t      *testing.T
	images []int
}

func (g *given) KerasClass() symbolic.Class { return keras("Given") }
func (g *given) KerasConfig() any           { return &g.cfg }
func (g *given) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return []symbolic.Spec{g.Floats(in.First()[0].Shape)}, nil
}
func (g *given) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	seed := 7
	b.Seed(&seed)
	return nil
}
func (g *given) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	if g.shows != "" {
		return []*graph.Node{g.inner.draw(draws{c}, g.images)[g.shows]}
	}
	if _, keeps := g.inner.(interface{ keepsIntegers() }); !keeps {
		x = toCompute(c, x)
	}
	t := transformation{}
	for name, a := range g.with {
		t[name] = graph.ConstTensor(x.Graph(), a.Tensor(g.t))
		if a.DType == "float16" || a.DType == "bfloat16" {
			t[name] = toCompute(c, t[name])
		}
	}
	return []*graph.Node{g.inner.transform(c, x, t)}
}

// TestTransforms holds what augmentation layers make of images for given random numbers to Keras.
func TestTransforms(t *testing.T) {
	type recorded struct {
		Name            string
		Layer           json.RawMessage
		Images, Outputs golden.Array
		Transformation  map[string]golden.Array
	}
	var all []recorded
	for _, family := range []string{"augmentation", "augmentation_more", "augmentation_mixed"} {
		var fixture struct{ Transforms []recorded }
		golden.Load(t, family, &fixture)
		all = append(all, fixture.Transforms...)
	}
	for i, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			inner, cfg := decodedLayer(t, c.Layer)
			l := &given{inner: inner.(augmenter), with: c.Transformation, t: t}
			l.Init(l, &l.cfg)
			l.SetDType(symbolic.DTypePolicy(policyOf(t, cfg)))
			require.NoError(t, l.Apply(functional.InputWith(functional.InputOptions{Shape: c.Images.Shape[1:], DType: c.Images.DType})).Err())
			tol := golden.Tolerance{Abs: 2e-4, Rel: 1e-5} // of values up to 255
			if h := c.Outputs.DType; h == "float16" || h == "bfloat16" {
				tol = golden.Tolerance{Abs: 8e-3, Rel: 8e-3}
			}
			golden.OnSomeEngines(t, i, func(t *testing.T, engine compute.Backend) {
				p, err := probe.Layer(engine, l, true, []*tensors.Tensor{c.Images.Tensor(t)}, nil)
				require.NoError(t, err)
				golden.Close(t, c.Name, p.Outputs[0], c.Outputs, tol)
			})
		})
	}
}

// decodedLayer makes the layer that a fixture's object describes.
func decodedLayer(t *testing.T, raw json.RawMessage) (symbolic.Layer, map[string]any) {
	t.Helper()
	var object map[string]any
	require.NoError(t, json.Unmarshal(raw, &object))
	l, err := symbolic.NewLayer(object["class_name"].(string))
	require.NoError(t, err)
	require.NoError(t, config.DecodeObject(object, l))
	require.NoError(t, config.Validate(l.KerasConfig()))
	return l, object["config"].(map[string]any)
}

func policyOf(t *testing.T, cfg map[string]any) string {
	t.Helper()
	policy := cfg["dtype"].(map[string]any)["config"].(map[string]any)
	return policy["name"].(string)
}

// TestDraws requires the distributions that Keras draws from: range, mean, and that each image has numbers of its own.
func TestDraws(t *testing.T) {
	const n = 2000
	images := []int{n, 10, 20, 3}
	for _, c := range []struct {
		layer     augmenter
		name      string
		low, high float64
	}{
		{RandomFlip(), "flips", 0, 1},
		{RandomCrop(4, 15), "h_start", 0, 6},
		{RandomRotation([]float64{-0.1, 0.3}), "angle", -36, 108},
		{RandomZoom(0.2), "height_zoom", 0.8, 1.2},
		{RandomZoom(0.2).WidthFactor(0.1, 0.3), "width_zoom", 1.1, 1.3},
		{RandomTranslation(0.5, 0.25), "translations", -5, 5}, // 10·0.5 and 20·0.25
		{RandomContrast([]float64{0.1, 0.6}), "contrast_factor", 0.9, 1.6},
		{RandomBrightness(0.2).ValueRange(0, 10), "rgb_delta", -2, 2},
		{RandomShear().XFactor(0.5).YFactor(0.5), "shear_factor", -0.5, 0.5},
		{RandomPerspective(1).Scale(0.5), "end_points", 0, 19 * 1.25},
		{RandomHue(0.6), "factor", -0.3, 0.3},
		{RandomSharpness(0.6), "factor", 0, 0.6},
		{RandomPosterization(8), "shift_factor", 1, 7},
		{RandomGrayscale(0.5), "should_apply", 0, 1},
		{RandomColorDegeneration(0.5), "factor", -0.5, 0.5},
		{Solarization().AdditionFactor(0.2), "additions", 0, 51},
		{RandomGaussianBlur(), "blur_factor", 0, 1},
		{MixUp().Alpha(1), "mix_weight", 0, 1},
		{MixUp().Alpha(0.3), "mix_weight", 0, 1},
		{CutMix(), "permutation_order", 0, n - 1},
		{RandomElasticTransform(), "apply_transform", 0, 1},
		{RandomColorJitter().BrightnessFactor(0.2).ContrastFactor(0.5), "random_brightness.rgb_delta", -51, 51},
		{RandAugment().NumOps(32), "layer_idxes", 0, 10},
		{RandAugment(), "random_rotation.angle", 0, 180},
	} {
		t.Run(c.layer.KerasClass().Name+" "+c.name, func(t *testing.T) {
			require.NoError(t, config.Validate(c.layer.KerasConfig()))
			show := func() *given {
				l := &given{inner: c.layer, shows: c.name, images: images, t: t}
				l.Init(l, &l.cfg)
				require.NoError(t, l.Apply(functional.Input(1)).Err())
				return l
			}
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				x := []*tensors.Tensor{tensors.FromScalarAndDimensions(float32(1), 1, 1)}
				p, err := probe.Layer(engine, show(), true, x, nil)
				require.NoError(t, err)
				drawn := drawnNumbers(t, p.Outputs[0])
				mean, _ := spread(drawn)
				for _, v := range drawn {
					require.True(t, v >= c.low-1e-4 && v <= c.high+1e-4, "%v", v)
				}
				if len(drawn) < n {
					return // one place, or one sigma for each axis, for the batch
				}
				if c.name == "apply_transform" {
					require.InDelta(t, 0.5, mean, 0.05) // of a probability between 0 and 1
				} else if c.name != "end_points" { // of which some stay at 0
					require.InDelta(t, (c.low+c.high)/2, mean, (c.high-c.low)*0.05)
				}
				require.Greater(t, slices.Max(drawn)-slices.Min(drawn), 0.9*(c.high-c.low))
			})
		})
	}
}

func drawnNumbers(t *testing.T, x *tensors.Tensor) []float64 {
	t.Helper()
	if x.DType() != dtypes.Bool {
		return golden.Floats(t, x)
	}
	var out []float64
	require.NoError(t, x.ConstFlatData(func(flat any) {
		for _, b := range flat.([]bool) {
			v := 0.0
			if b {
				v = 1
			}
			out = append(out, v)
		}
	}))
	return out
}

// TestBeta holds the beta distribution's spread to what it is, for parameters small and large.
func TestBeta(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for i, alpha := range []float64{0.2, 1e-6, 1, 3} {
			if !golden.Runs(engine, i) {
				continue
			}
			l := &given{inner: MixUp().Alpha(alpha), shows: "mix_weight", images: []int{4000, 1, 1, 1}, t: t}
			l.Init(l, &l.cfg)
			require.NoError(t, l.Apply(functional.Input(1)).Err())
			p, err := probe.Layer(engine, l, true, []*tensors.Tensor{tensors.FromScalarAndDimensions(float32(1), 1, 1)}, nil)
			require.NoError(t, err)
			mean, deviation := spread(drawnNumbers(t, p.Outputs[0]))
			require.InDelta(t, 0.5, mean, 0.03, "alpha %v", alpha)
			require.InDelta(t, math.Sqrt(1/(4*(2*alpha+1))), deviation, 0.02, "alpha %v", alpha)
		}
	})
}

// TestMixedTraining trains a model that mixes, distorts and chooses, and reads it from its file.
func TestMixedTraining(t *testing.T) {
	functional.SetRandomSeed(1)
	x := functional.Input(8, 8, 3)
	y := Pipeline(MixUp(), CutMix(), RandomColorJitter().BrightnessFactor(0.1), RandomElasticTransform()).Apply(x)
	y = AugMix().NumChains(2).ChainDepth(1).Apply(RandAugment().NumOps(1).Apply(y))
	y = ContrastLimitedAdaptiveHistogramEqualization().TileGridSize(2).Apply(y)
	m, err := functional.NewModel(x, Dense(1).Apply(Flatten().Apply(Rescaling(1./255).Apply(y))))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse"}))
	pixels := golden.RuleInput(0, 6, 8, 8, 3).Tensor(t)
	history, err := m.Fit(pixels, make([]float32, 6), functional.Fit{Epochs: 2, BatchSize: 3, Verbose: functional.Silent})
	require.NoError(t, err)
	for _, loss := range history.History["loss"] {
		require.False(t, math.IsNaN(loss))
	}
	require.True(t, m.SamplesAlone())
	path := t.TempDir() + "/m.keras"
	require.NoError(t, m.Save(path))
	again, err := functional.Load(path, functional.LoadOptions{})
	require.NoError(t, err)
	want, err := m.PredictAll(pixels, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	got, err := again.PredictAll(pixels, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	golden.Same(t, want, got, golden.Tolerance{})
}

// TestAugmentedTraining trains a model that begins with augmentation, reads it from its file and predicts the same with both, in batches of
// any size.
func TestAugmentedTraining(t *testing.T) {
	golden.OnEach(t, func(t *testing.T) {
		functional.SetRandomSeed(1)
		x := functional.Input(12, 10, 3)
		y := Rescaling(1. / 255).Apply(x)
		y = RandomFlip(Horizontal).Apply(y)
		y = RandomRotation(0.2).Apply(y)
		y = RandomZoom(0.2).Apply(y)
		y = RandomTranslation(0.1, 0.1).Apply(y)
		y = RandomContrast(0.2).ValueRange(0, 1).Apply(y)
		y = RandomBrightness(0.2).ValueRange(0, 1).Apply(y)
		y = Dense(2).Activation("softmax").Apply(Flatten().Apply(y))
		m, err := functional.NewModel(x, y)
		require.NoError(t, err)
		require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy"}))
		pixels := tensors.FromShape(shapes.Make(dtypes.Uint8, 9, 12, 10, 3))
		require.NoError(t, pixels.MutableFlatData(func(flat any) {
			for i := range flat.([]uint8) {
				flat.([]uint8)[i] = uint8(i * 37)
			}
		}))
		history, err := m.Fit(pixels, []int32{0, 1, 0, 1, 0, 1, 1, 0, 0}, functional.Fit{Epochs: 2, BatchSize: 4, Verbose: functional.Silent})
		require.NoError(t, err)
		for _, loss := range history.History["loss"] {
			require.False(t, math.IsNaN(loss))
		}
		require.True(t, m.SamplesAlone())
	})
}

// TestResizingOfLongNumbers: JAX makes int32 of int64, so that no fixture has them.
func TestResizingOfLongNumbers(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions([]int64{1, -2, 300, 70000}, 1, 2, 2, 1)
	for how, want := range map[Interpolation][]int64{Nearest: {-2, 70000}, Bilinear: {0, 35150}} { // -0.5 and 35150, to even numbers
		in := functional.InputWith(functional.InputOptions{Shape: []int{2, 2, 1}, DType: "int64"})
		m, err := functional.NewModel(in, Resizing(2, 1).Interpolation(string(how)).Apply(in))
		require.NoError(t, err)
		y, err := m.Predict(x, functional.Predict{Verbose: functional.Silent})
		require.NoError(t, err)
		require.Equal(t, []int{1, 2, 1, 1}, y.Shape().Dimensions)
		require.Equal(t, want, tensors.MustCopyFlatData[int64](y), how)
	}
}
