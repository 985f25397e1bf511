package initializers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

type goldenFile struct {
	Serialized    map[string]map[string]any `json:"serialized"`
	Distributions map[string][]struct {
		Shape []int   `json:"shape"`
		Kind  string  `json:"kind"`
		A     float64 `json:"a"`
		B     float64 `json:"b"`
	} `json:"distributions"`
	SeedGenerator map[string]any          `json:"seed_generator"`
	Names         map[string]string       `json:"names"`
	Identity      map[string]golden.Array `json:"identity"`
	GainRead      float64                 `json:"gain_read"`
	Truncated     struct {
		Mean, Std, Low, High float64
	} `json:"truncated"`
}

// made mirrors the table of the same name in the generator.
var made = map[string]Initializer{
	"Zeros()":                      Zeros(),
	"Ones()":                       Ones(),
	"Constant(0)":                  Constant(0),
	"Constant(0.5)":                Constant(0.5),
	"Identity()":                   Identity(),
	"RandomNormal()":               RandomNormal(),
	"RandomUniform()":              RandomUniform(),
	"GlorotUniform()":              GlorotUniform(),
	"GlorotNormal()":               GlorotNormal(),
	"HeUniform()":                  HeUniform(),
	"HeNormal()":                   HeNormal(),
	"LecunUniform()":               LecunUniform(),
	"LecunNormal()":                LecunNormal(),
	"Orthogonal()":                 Orthogonal(),
	"TruncatedNormal()":            TruncatedNormal(),
	"VarianceScaling()":            VarianceScaling(),
	"Orthogonal().Gain(2).Seed(6)": Orthogonal().Gain(2).Seed(6),
	"RandomNormal().Mean(1).Stddev(0.2).Seed(3)":            RandomNormal().Mean(1).Stddev(0.2).Seed(3),
	"RandomUniform().Minval(0).Maxval(2).Seed(4)":           RandomUniform().Minval(0).Maxval(2).Seed(4),
	"TruncatedNormal().Mean(-1).Stddev(0.1).Seed(5)":        TruncatedNormal().Mean(-1).Stddev(0.1).Seed(5),
	"GlorotUniform().Seed(7).InputAxes(0,1).OutputAxes(-1)": GlorotUniform().Seed(7).InputAxes(0, 1).OutputAxes(-1),
	`VarianceScaling().Scale(2).Mode("fan_out").Distribution("UNIFORM").Seed(1)`: VarianceScaling().Scale(2).Mode("fan_out").
		Distribution("UNIFORM").Seed(1),
	`VarianceScaling().Mode("fan_avg").Distribution("normal")`: VarianceScaling().Mode("fan_avg").Distribution("normal"),
	`VarianceScaling().Distribution("untruncated_normal")`:     VarianceScaling().Distribution("untruncated_normal"),
}

func load(t *testing.T) goldenFile { return golden.Read[goldenFile](t, "initializers") }

func TestConfigurationIsKerass(t *testing.T) {
	file := load(t)
	require.Equal(t, 2.0, file.GainRead)
	golden.SameObjects(t, file.Serialized, made, Get)
	// Keras reads the gain, as gain_read shows, but doesn't write it.
	require.Equal(t, map[string]any{"gain": 2.0}, golden.Encoded(t, Identity().Gain(2))["config"])
	generated, err := Get(file.SeedGenerator)
	require.NoError(t, err)
	require.Equal(t, file.SeedGenerator, golden.Encoded(t, generated))
}

func TestNamesAreKerass(t *testing.T) {
	for name, class := range load(t).Names {
		i, err := Get(name)
		require.NoError(t, err, name)
		require.Equal(t, class, i.KerasClass().Name, name)
	}
	_, err := Get("he_nromal")
	require.ErrorContains(t, err, `did you mean "he_normal"?`)
	none, err := Get(nil)
	require.NoError(t, err)
	require.Nil(t, none)
}

// What is drawn for a shape has the limits and standard deviations that Keras asks its backend for.
func TestSpreadsAreKerass(t *testing.T) {
	kinds := map[Distribution]string{
		UniformDistribution: "uniform", TruncatedNormalDistribution: "truncated_normal", UntruncatedNormalDistribution: "normal",
	}
	for call, cases := range load(t).Distributions {
		s := made[call].(interface{ scaled() scaled }).scaled()
		for _, c := range cases {
			got, err := s.spread(c.Shape)
			if c.Kind == "error" {
				require.ErrorContains(t, err, "rank", "%s of %v", call, c.Shape)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, c.Kind, kinds[s.distribution], call)
			require.InEpsilon(t, c.B, got, 1e-12, "%s of %v", call, c.Shape)
			require.Contains(t, []float64{0, -c.B}, c.A)
		}
	}
}

func normalCDF(x float64) float64 { return (1 + math.Erf(x/math.Sqrt2)) / 2 }

func truncatedCDF(x float64) float64 {
	return (normalCDF(x) - normalCDF(-2)) / (normalCDF(2) - normalCDF(-2))
}

// A Kolmogorov–Smirnov test at the 0.1 % level, of fixed seeds, against the exact distribution functions.
func TestDistributions(t *testing.T) {
	shape := []int{200, 300} // fan_in 200, fan_out 300
	uniformTo := func(limit float64) func(float64) float64 {
		return func(x float64) float64 { return (x + limit) / (2 * limit) }
	}
	truncatedTo := func(stddev float64) func(float64) float64 {
		return func(x float64) float64 { return truncatedCDF(x / stddev * truncatedStddev) }
	}
	for name, c := range map[string]struct {
		from      Initializer
		cdf       func(float64) float64
		low, high float64
	}{
		"RandomNormal": {RandomNormal().Mean(1).Stddev(0.2), func(x float64) float64 { return normalCDF((x - 1) / 0.2) },
			math.Inf(-1), math.Inf(1)},
		"RandomUniform":   {RandomUniform().Minval(-1).Maxval(3), func(x float64) float64 { return (x + 1) / 4 }, -1, 3},
		"TruncatedNormal": {TruncatedNormal().Mean(1).Stddev(0.5), func(x float64) float64 { return truncatedCDF((x - 1) / 0.5) }, 0, 2},
		"GlorotUniform":   {GlorotUniform(), uniformTo(math.Sqrt(6.0 / 500)), -math.Sqrt(6.0 / 500), math.Sqrt(6.0 / 500)},
		"HeUniform":       {HeUniform(), uniformTo(math.Sqrt(6.0 / 200)), -math.Sqrt(6.0 / 200), math.Sqrt(6.0 / 200)},
		"LecunUniform":    {LecunUniform(), uniformTo(math.Sqrt(3.0 / 200)), -math.Sqrt(3.0 / 200), math.Sqrt(3.0 / 200)},
		"GlorotNormal":    {GlorotNormal(), truncatedTo(math.Sqrt(2.0 / 500)), -1, 1},
		"HeNormal":        {HeNormal(), truncatedTo(math.Sqrt(2.0 / 200)), -1, 1},
		"LecunNormal":     {LecunNormal(), truncatedTo(math.Sqrt(1.0 / 200)), -1, 1},
		"untruncated": {VarianceScaling().Distribution(UntruncatedNormalDistribution),
			func(x float64) float64 { return normalCDF(x * math.Sqrt(200)) }, math.Inf(-1), math.Inf(1)},
	} {
		t.Run(name, func(t *testing.T) {
			values, err := c.from.Values(shape, rand.New(rand.NewPCG(11, 12)))
			require.NoError(t, err)
			slices.Sort(values)
			n := float64(len(values))
			worst := 0.0
			for i, v := range values {
				f := c.cdf(float64(v))
				worst = max(worst, f-float64(i)/n, float64(i+1)/n-f)
			}
			require.Less(t, worst, 1.95/math.Sqrt(n))
			require.GreaterOrEqual(t, float64(values[0]), c.low-1e-7)
			require.LessOrEqual(t, float64(values[len(values)-1]), c.high+1e-7)
		})
	}
}

func TestMomentsOfTheTruncationAreKerass(t *testing.T) {
	want := load(t).Truncated
	values, err := TruncatedNormal().Mean(1).Stddev(0.5).Seed(1).Values([]int{1000, 1000}, nil)
	require.NoError(t, err)
	sum, squares := 0.0, 0.0
	for _, v := range values {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	n := float64(len(values))
	require.InDelta(t, want.Mean, sum/n, 2e-3)
	require.InDelta(t, want.Std, math.Sqrt(squares/n-sum/n*sum/n), 2e-3)
	require.InDelta(t, want.Low, float64(slices.Min(values)), 1e-3)
	require.InDelta(t, want.High, float64(slices.Max(values)), 1e-3)
}

func TestSeeds(t *testing.T) {
	for call, i := range made {
		seed, _ := golden.Encoded(t, i)["config"].(map[string]any)["seed"].(float64)
		rng := rand.New(rand.NewPCG(1, 2))
		shape := []int{8, 8, 4}
		if i.KerasClass().Name == "Identity" {
			shape = []int{8, 8}
		}
		first, err := i.Values(shape, rng)
		require.NoError(t, err, call)
		second, err := i.Values(shape, rng)
		require.NoError(t, err, call)
		random := !slices.Contains([]string{"Zeros", "Ones", "Constant", "Identity"}, i.KerasClass().Name)
		if random && seed == 0 {
			require.NotEqual(t, first, second, call)
		} else {
			require.Equal(t, first, second, call)
		}
		again, err := i.Values(shape, rand.New(rand.NewPCG(1, 2)))
		require.NoError(t, err)
		require.Equal(t, first, again, "%s: the same generator gives the same values", call)
	}
	a, err := HeNormal().Seed(1).Values([]int{50}, nil)
	require.NoError(t, err)
	b, err := HeNormal().Seed(2).Values([]int{50}, nil)
	require.NoError(t, err)
	require.NotEqual(t, a, b)
}

func TestIdentityIsKerass(t *testing.T) {
	gains := map[string]float64{"(3, 3)": 2, "(2, 4)": 1, "(3, 2)": 0.5}
	for shape, want := range load(t).Identity {
		values, err := Identity().Gain(gains[shape]).Values(want.Shape, nil)
		require.NoError(t, err)
		for i, v := range values {
			require.Equal(t, float64(want.Data[i]), float64(v))
		}
	}
}

func TestOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{6, 6}, {10, 4}, {4, 10}, {3, 3, 8, 5}, {1, 7}, {7, 1}, {200, 64}} {
		values, err := Orthogonal().Gain(2).Values(shape, rand.New(rand.NewPCG(5, 6)))
		require.NoError(t, err)
		cols := shape[len(shape)-1]
		rows := len(values) / cols
		at := func(i, j int) float64 { return float64(values[i*cols+j]) }
		if rows < cols {
			rows, cols = cols, rows
			at = func(i, j int) float64 { return float64(values[j*rows+i]) }
		}
		for a := range cols {
			for b := range cols {
				dot := 0.0
				for i := range rows {
					dot += at(i, a) * at(i, b)
				}
				want := 0.0
				if a == b {
					want = 4
				}
				require.InDelta(t, want, dot, 1e-5, "shape %v, columns %d and %d", shape, a, b)
			}
		}
	}
	// Without the choice of signs, Householder's Q would have a first entry that is never positive.
	positive := 0
	for seed := range 200 {
		values, err := Orthogonal().Seed(seed).Values([]int{3, 3}, nil)
		require.NoError(t, err)
		if values[0] > 0 {
			positive++
		}
	}
	require.InDelta(t, 100, positive, 35)
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		from  Initializer
		shape []int
		want  string
	}{
		{Zeros(), []int{3, -1}, "Zeros: shape [3 -1]"},
		{HeNormal(), []int{1 << 20, 1 << 20}, "HeNormal: shape [1048576 1048576]: more than"},
		{Identity(), []int{3}, "Identity: shape [3] of rank 1, want a matrix"},
		{Orthogonal(), []int{3}, "Orthogonal: shape [3] of rank 1, want at least two axes"},
		{VarianceScaling().Scale(0), []int{3}, "VarianceScaling: scale 0, want a positive number"},
		{VarianceScaling().Scale(math.NaN()), []int{3}, "scale NaN"},
		{VarianceScaling().Mode("fan_on"), []int{3}, `unknown mode "fan_on"; did you mean "fan_in"?`},
		{VarianceScaling().Distribution("unifrom"), []int{3}, `unknown distribution "unifrom"; did you mean "uniform"?`},
		{HeNormal().InputAxes(2).OutputAxes(0), []int{3, 4}, "HeNormal: input_axes: axis 2 of a shape [3 4] of rank 2"},
		{RandomUniform().Minval(1).Maxval(0), []int{3}, "minval 1 and maxval 0"},
		{RandomNormal().Stddev(math.Inf(1)), []int{3}, "RandomNormal: mean 0 and stddev +Inf"},
	} {
		_, err := c.from.Values(c.shape, rand.New(rand.NewPCG(1, 2)))
		require.ErrorContains(t, err, c.want)
	}
	for _, bad := range []any{
		map[string]any{"class_name": "HeNormal", "config": map[string]any{"seed": "x"}},
		map[string]any{"class_name": "VarianceScaling", "config": map[string]any{"distribution": 1.0}},
		map[string]any{"class_name": "Constant", "config": map[string]any{"valeu": 1.0}},
		3,
	} {
		_, err := Get(bad)
		require.Error(t, err, "%v", bad)
	}
	empty, err := Orthogonal().Values([]int{0, 4}, nil)
	require.NoError(t, err)
	require.Empty(t, empty)
}

func Example() {
	values, err := Constant(0.5).Values([]int{2, 2}, nil)
	fmt.Println(values, err)
	// Output: [0.5 0.5 0.5 0.5] <nil>
}

func ExampleHeNormal() {
	initializer := HeNormal().Seed(3)
	first, _ := initializer.Values([]int{64, 10}, nil)
	second, _ := initializer.Values([]int{64, 10}, nil)
	fmt.Println(len(first), slices.Equal(first, second))
	// Output: 640 true
}

func TestForAxes(t *testing.T) {
	shape := []int{2, 3, 4}
	draws := func(i Initializer) []float32 {
		values, err := i.Values(shape, rand.New(rand.NewPCG(1, 2)))
		require.NoError(t, err)
		return values
	}
	for _, i := range []Initializer{GlorotUniform(), VarianceScaling()} {
		before := draws(i)
		require.NotEqual(t, before, draws(ForAxes(i, []int{0}, []int{1})))
		require.Equal(t, before, draws(i), "the initializer itself stays as it is")
	}
	own := HeNormal().InputAxes(0).OutputAxes(1, 2)
	require.Equal(t, draws(own), draws(ForAxes(HeNormal(), []int{0}, []int{1, 2})))
	require.Equal(t, draws(own), draws(ForAxes(own, []int{1}, []int{2})), "its own axes count")
	require.NotEqual(t, draws(HeNormal()), draws(ForAxes(HeNormal(), nil, []int{0})), "no axes are one unit")
	require.Equal(t, Ones(), ForAxes(Ones(), []int{0}, []int{1}))
}
