package ops

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
)

// inGo are the fixtures' models as a Go user writes them.
var inGo = map[string]func(a, b *functional.Tensor) any{
	"average": func(a, b *functional.Tensor) any { return Average(a, b, Axis(1)) },
	"sorts": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{Sort(a, -1), Sort(a, 1), Sort(a, FlatAxis)}
	},
	"top_k": func(a, b *functional.Tensor) any {
		values, indices := TopK(a, 2)
		more, places := two("TopK", config{"k": 3, "sorted": false}, b)
		return []*functional.Tensor{values, indices, more, places}
	},
	"in_top_k": func(a, b *functional.Tensor) any { return []*functional.Tensor{InTopK(a, b, 1), InTopK(a, b, 2)} },
	"unravel":  func(a, b *functional.Tensor) any { return UnravelIndex(a, 3, 4) },
	"turns": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{Rot90(a, 1, [2]int{0, 1}), Rot90(a, 3, [2]int{1, 2}), Rot90(a, 2, [2]int{2, 1}), Fliplr(a), Flipud(a)}
	},
	"psnr": func(a, b *functional.Tensor) any { return Psnr(a, b, 1) },
	"resize_ratio": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{
			Resize(a, 4, 4, ResizeOptions{CropToAspectRatio: true}), Resize(a, 3, 6, ResizeOptions{PadToAspectRatio: true, FillValue: 2}),
			Resize(b, 12, 10, ResizeOptions{Interpolation: "nearest", DataFormat: "channels_first"}),
			Resize(b, 3, 7, ResizeOptions{CropToAspectRatio: true, DataFormat: "channels_first"}),
		}
	},
	"ctc_decode": func(a, b *functional.Tensor) any {
		var all []*functional.Tensor
		add := func(decoded, scores *functional.Tensor) { all = append(all, decoded, scores) }
		add(CtcDecode(a, b, true, 0))
		add(CtcDecode(a, Subtract(b, 2), false, 0))
		add(two("CTCDecode", config{"mask_index": nil}, a, b))
		add(CtcDecode(Round(a, 0), Subtract(b, 1), true, 2))
		return all
	},
	"ctc_beams": func(a, b *functional.Tensor) any {
		var all []*functional.Tensor
		last := config{"strategy": "beam_search", "mask_index": nil, "beam_width": 7, "top_paths": 9}
		add := func(decoded, scores *functional.Tensor) {
			all = append(all, StopGradient(decoded), StopGradient(scores))
		}
		add(CtcBeamSearch(a, b, 100, 1, 0))
		add(CtcBeamSearch(Multiply(a, 3), Subtract(b, 2), 3, 3, 0))
		add(two("CTCDecode", last, a, b))
		add(CtcBeamSearch(Round(a, 0), Subtract(b, 3), 5, 5, 2))
		add(CtcBeamSearch(GetItem(a, ":, :2"), Subtract(b, 6), 4, 6, 1))
		add(CtcBeamSearch(GetItem(a, ":, :1"), b, 2, 2, 0))
		add(CtcBeamSearch(Multiply(a, 0), b, 6, 6, 1))
		add(two("CTCDecode", config{"strategy": "beam_search", "beam_width": 1, "merge_repeated": false}, a, b))
		add(CtcBeamSearch(Round(a, 0), b, 2, 4, 0))
		return all
	},
	"pinv": func(a, b *functional.Tensor) any {
		flat := Concatenate([]*functional.Tensor{GetItem(a, ":, :, :2"), Subtract(GetItem(a, ":, :, :1"), Multiply(2, GetItem(a, ":, :, 1:2")))}, -1)
		return []*functional.Tensor{Pinv(a, nil), Pinv(b, nil), Pinv(a, 0.5), Pinv(StopGradient(flat), nil)}
	},
	"average_plain": func(a, b *functional.Tensor) any { return Average(a, nil, Axis(-1)) },
	"layer_norm": func(a, b *functional.Tensor) any {
		return LayerNormalization(a, NormOptions{Epsilon: 1e-3, Gamma: []float32{1, 2, 0.5, 3}, Beta: []float32{0, 1, 0, -1}})
	},
	"rms_norm": func(a, b *functional.Tensor) any {
		return RMSNormalization(a, NormOptions{Epsilon: 1e-3, Gamma: []float32{1, 2, 0.5, 3}})
	},
	"diff": func(a, b *functional.Tensor) any { return Diff(a, 2, 1) },
	"any_all": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{Any(Greater(a, 0), Axis(1)), All(Greater(a, -1), Axis(-1), KeepDims())}
	},
	"add_operator":           func(a, b *functional.Tensor) any { return Add(a, b) },
	"add_constant":           func(a, b *functional.Tensor) any { return Add(a, 1.5) },
	"add_numpy":              func(a, b *functional.Tensor) any { return Add(a, []float32{1, -2, 0.5, 4}) },
	"add_tensor":             func(a, b *functional.Tensor) any { return Add(a, tensors.FromValue([]float32{0, 1, 2, 3})) },
	"add_broadcast":          func(a, b *functional.Tensor) any { return Add(a, b) },
	"add_keywords":           func(a, b *functional.Tensor) any { return Add(a, 3.0) },
	"subtract_reversed":      func(a, b *functional.Tensor) any { return Subtract(1, a) },
	"subtract":               func(a, b *functional.Tensor) any { return Subtract(a, b) },
	"multiply_operator":      func(a, b *functional.Tensor) any { return Multiply(a, 2) },
	"multiply":               func(a, b *functional.Tensor) any { return Multiply(a, b) },
	"multiply_twice_same":    func(a, b *functional.Tensor) any { return Multiply(a, a) },
	"divide":                 func(a, b *functional.Tensor) any { return Divide(a, b) },
	"divide_no_nan":          func(a, b *functional.Tensor) any { return DivideNoNan(a, Relu(b)) },
	"true_divide_operator":   func(a, b *functional.Tensor) any { return TrueDivide(a, 3) },
	"true_divide_reversed":   func(a, b *functional.Tensor) any { return TrueDivide(2, a) },
	"floor_divide":           func(a, b *functional.Tensor) any { return FloorDivide(a, b) },
	"mod":                    func(a, b *functional.Tensor) any { return Mod(a, b) },
	"mod_ints":               func(a, b *functional.Tensor) any { return Mod(a, 3) },
	"floor_divide_ints":      func(a, b *functional.Tensor) any { return FloorDivide(a, 3) },
	"true_divide_ints":       func(a, b *functional.Tensor) any { return TrueDivide(a, 4) },
	"multiply_ints_by_float": func(a, b *functional.Tensor) any { return Multiply(a, 2.0) },
	"multiply_ints_by_int":   func(a, b *functional.Tensor) any { return Multiply(a, 2) },
	"add_ints_and_floats":    func(a, b *functional.Tensor) any { return Add(a, b) },
	"power_operator":         func(a, b *functional.Tensor) any { return Power(a, 2) },
	"power":                  func(a, b *functional.Tensor) any { return Power(a, b) },
	"power_half":             func(a, b *functional.Tensor) any { return Power(a, 0.5) },
	"negative":               func(a, b *functional.Tensor) any { return Negative(a) },
	"absolute":               func(a, b *functional.Tensor) any { return Absolute(a) },
	"maximum":                func(a, b *functional.Tensor) any { return Maximum(a, b) },
	"maximum_constant":       func(a, b *functional.Tensor) any { return Maximum(a, 0.5) },
	"minimum":                func(a, b *functional.Tensor) any { return Minimum(a, b) },
	"arctan2":                func(a, b *functional.Tensor) any { return Arctan2(a, b) },
	"hypot_logaddexp":        func(a, b *functional.Tensor) any { return Logaddexp(a, b) },
	"square":                 func(a, b *functional.Tensor) any { return Square(a) },
	"sqrt":                   func(a, b *functional.Tensor) any { return Sqrt(a) },
	"sqrt_ints":              func(a, b *functional.Tensor) any { return Sqrt(Add(a, 1)) },
	"rsqrt":                  func(a, b *functional.Tensor) any { return Rsqrt(a) },
	"reciprocal":             func(a, b *functional.Tensor) any { return Reciprocal(a) },
	"exp":                    func(a, b *functional.Tensor) any { return Exp(a) },
	"exp2":                   func(a, b *functional.Tensor) any { return Exp2(a) },
	"expm1":                  func(a, b *functional.Tensor) any { return Expm1(a) },
	"log":                    func(a, b *functional.Tensor) any { return Log(a) },
	"log1p":                  func(a, b *functional.Tensor) any { return Log1p(a) },
	"log2":                   func(a, b *functional.Tensor) any { return Log2(a) },
	"log10":                  func(a, b *functional.Tensor) any { return Log10(a) },
	"sign":                   func(a, b *functional.Tensor) any { return Sign(a) },
	"sin":                    func(a, b *functional.Tensor) any { return Sin(a) },
	"cos":                    func(a, b *functional.Tensor) any { return Cos(a) },
	"tan":                    func(a, b *functional.Tensor) any { return Tan(a) },
	"sinh":                   func(a, b *functional.Tensor) any { return Sinh(a) },
	"cosh":                   func(a, b *functional.Tensor) any { return Cosh(a) },
	"tanh":                   func(a, b *functional.Tensor) any { return Tanh(a) },
	"arcsin":                 func(a, b *functional.Tensor) any { return Arcsin(a) },
	"arccos":                 func(a, b *functional.Tensor) any { return Arccos(a) },
	"arctan":                 func(a, b *functional.Tensor) any { return Arctan(a) },
	"arcsinh":                func(a, b *functional.Tensor) any { return Arcsinh(a) },
	"arccosh":                func(a, b *functional.Tensor) any { return Arccosh(Add(a, 1)) },
	"arctanh":                func(a, b *functional.Tensor) any { return Arctanh(a) },
	"floor":                  func(a, b *functional.Tensor) any { return Floor(a) },
	"ceil":                   func(a, b *functional.Tensor) any { return Ceil(a) },
	"round":                  func(a, b *functional.Tensor) any { return Round(a, 0) },
	"round_operator":         func(a, b *functional.Tensor) any { return Round(a, 1) },
	"trunc":                  func(a, b *functional.Tensor) any { return Trunc(a) },
	"erf":                    func(a, b *functional.Tensor) any { return Erf(a) },
	"clip":                   func(a, b *functional.Tensor) any { return Clip(a, -1.0, 0.5) },
	"where_constant":         func(a, b *functional.Tensor) any { return Where(Greater(a, 0), a, 0.0) },
	"mean":                   func(a, b *functional.Tensor) any { return Mean(a, Axis(-1)) },
	"mean_keepdims":          func(a, b *functional.Tensor) any { return Mean(a, Axis(1, 2), KeepDims()) },
	"mean_all":               func(a, b *functional.Tensor) any { return Subtract(a, Mean(a)) },
	"mean_ints":              func(a, b *functional.Tensor) any { return Mean(a, Axis(1)) },
	"sum":                    func(a, b *functional.Tensor) any { return Sum(a, Axis(1)) },
	"sum_bools":              func(a, b *functional.Tensor) any { return Sum(Greater(a, 0), Axis(1)) },
	"max":                    func(a, b *functional.Tensor) any { return Max(a, Axis(2)) },
	"min":                    func(a, b *functional.Tensor) any { return Min(a, Axis(1, 2), KeepDims()) },
	"prod":                   func(a, b *functional.Tensor) any { return Prod(a, Axis(-1)) },
	"var":                    func(a, b *functional.Tensor) any { return Var(a, Axis(1)) },
	"std":                    func(a, b *functional.Tensor) any { return Std(a, Axis(-1), KeepDims()) },
	"argmax":                 func(a, b *functional.Tensor) any { return Argmax(a, Axis(-1)) },
	"argmin":                 func(a, b *functional.Tensor) any { return Argmin(a, Axis(1), KeepDims()) },
	"logsumexp":              func(a, b *functional.Tensor) any { return Logsumexp(a, Axis(-1)) },
	"norm":                   func(a, b *functional.Tensor) any { return TrueDivide(a, Norm(a)) },
	"normalize":              func(a, b *functional.Tensor) any { return Normalize(a, -1, 2) },
	"cumsum":                 func(a, b *functional.Tensor) any { return Cumsum(a, 1) },
	"reshape":                func(a, b *functional.Tensor) any { return Reshape(a, -1, 2, 6) },
	"reshape_batch":          func(a, b *functional.Tensor) any { return Reshape(a, -1, 4) },
	"ravel":                  func(a, b *functional.Tensor) any { return Sum(Ravel(a)) },
	"transpose":              func(a, b *functional.Tensor) any { return Transpose(a, 0, 2, 1) },
	"transpose_all":          func(a, b *functional.Tensor) any { return Transpose(a) },
	"swapaxes":               func(a, b *functional.Tensor) any { return Swapaxes(a, 1, -1) },
	"moveaxis":               func(a, b *functional.Tensor) any { return Moveaxis(a, -1, 1) },
	"expand_dims":            func(a, b *functional.Tensor) any { return ExpandDims(a, -1) },
	"squeeze":                func(a, b *functional.Tensor) any { return Squeeze(a, 1, 3) },
	"concatenate":            func(a, b *functional.Tensor) any { return Concatenate([]*functional.Tensor{a, b}, -1) },
	"append":                 func(a, b *functional.Tensor) any { return Append(a, b, 1) },
	"stack":                  func(a, b *functional.Tensor) any { return Stack([]*functional.Tensor{a, b}, 1) },
	"split":                  func(a, b *functional.Tensor) any { return Split(a, 2, -1) },
	"split_at":               func(a, b *functional.Tensor) any { return SplitAt(a, []int{1, 3}, 2) },
	"unstack":                func(a, b *functional.Tensor) any { return Unstack(a, 3, 1) },
	"flip":                   func(a, b *functional.Tensor) any { return Flip(a, 1) },
	"roll":                   func(a, b *functional.Tensor) any { return Roll(a, 1, 2) },
	"roll_two":               func(a, b *functional.Tensor) any { return RollAxes(a, []int{1, -1}, []int{1, 2}) },
	"repeat":                 func(a, b *functional.Tensor) any { return Repeat(a, 2, 1) },
	"tile":                   func(a, b *functional.Tensor) any { return Tile(a, 1, 2, 3) },
	"pad":                    func(a, b *functional.Tensor) any { return Pad(a, [][2]int{{0, 0}, {1, 2}, {0, 1}}, PadOptions{}) },
	"pad_value": func(a, b *functional.Tensor) any {
		return Pad(a, [][2]int{{0, 0}, {1, 0}, {0, 2}}, PadOptions{Value: 1.5})
	},
	"pad_reflect": func(a, b *functional.Tensor) any {
		return Pad(a, [][2]int{{0, 0}, {1, 2}, {2, 1}}, PadOptions{Mode: "reflect"})
	},
	"pad_symmetric": func(a, b *functional.Tensor) any {
		return Pad(a, [][2]int{{0, 0}, {1, 2}, {2, 1}}, PadOptions{Mode: "symmetric"})
	},
	"broadcast_to":    func(a, b *functional.Tensor) any { return BroadcastTo(a, 2, 3, 4) },
	"cast":            func(a, b *functional.Tensor) any { return Cast(a, "int32") },
	"cast_float":      func(a, b *functional.Tensor) any { return Multiply(Cast(a, "float32"), 0.5) },
	"item_slice":      func(a, b *functional.Tensor) any { return GetItem(a, ":, 1:") },
	"item_index":      func(a, b *functional.Tensor) any { return GetItem(a, ":, 0") },
	"item_last":       func(a, b *functional.Tensor) any { return GetItem(a, "..., -1") },
	"item_step":       func(a, b *functional.Tensor) any { return GetItem(a, ":, None, ::2, 1:3") },
	"item_reverse":    func(a, b *functional.Tensor) any { return GetItem(a, ":, ::-1") },
	"item_first":      func(a, b *functional.Tensor) any { return GetItem(a, "0") },
	"slice":           func(a, b *functional.Tensor) any { return Slice(a, []int{0, 1, 2}, []int{2, 2, 2}) },
	"take":            func(a, b *functional.Tensor) any { return Take(a, []int{2, 0, 2}, 1) },
	"take_tensor":     func(a, b *functional.Tensor) any { return Take(a, b, 1) },
	"matmul":          func(a, b *functional.Tensor) any { return Matmul(a, b) },
	"matmul_constant": func(a, b *functional.Tensor) any { return Matmul(a, [][]float32{{1, 2}, {0.5, -1}, {0, 3}, {1, 1}}) },
	"matmul_vector":   func(a, b *functional.Tensor) any { return Matmul(a, GetItem(b, "0")) },
	"dot":             func(a, b *functional.Tensor) any { return Dot(a, [][]float32{{1, 2}, {0.5, -1}, {0, 3}, {1, 1}}) },
	"tensordot_one":   func(a, b *functional.Tensor) any { return Tensordot(a, [][]float32{{1, 1}, {1, 1}, {1, 1}, {1, 1}}, 1) },
	"einsum":          func(a, b *functional.Tensor) any { return Einsum("bij,bkj->bik", a, b) },
	"einsum_sum":      func(a, b *functional.Tensor) any { return Einsum("bij->bj", a) },
	"einsum_outer":    func(a, b *functional.Tensor) any { return Einsum("bij,bk->bjki", a, b) },
	"outer_like":      func(a, b *functional.Tensor) any { return Multiply(ExpandDims(a, 1), ExpandDims(a, 2)) },
	"comparisons": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{Equal(a, b), NotEqual(a, b), Greater(a, b), GreaterEqual(a, b), Less(a, b), LessEqual(a, 1)}
	},
	"equal_op":     func(a, b *functional.Tensor) any { return Equal(a, b) },
	"logical_xor":  func(a, b *functional.Tensor) any { return LogicalXor(Greater(a, 0), Less(b, 1)) },
	"is_tests":     func(a, b *functional.Tensor) any { return []*functional.Tensor{Isfinite(a), Isnan(a), Isinf(a)} },
	"relu":         func(a, b *functional.Tensor) any { return Relu(a) },
	"relu6":        func(a, b *functional.Tensor) any { return Relu6(a) },
	"sigmoid":      func(a, b *functional.Tensor) any { return Sigmoid(a) },
	"silu":         func(a, b *functional.Tensor) any { return Silu(a) },
	"swish":        func(a, b *functional.Tensor) any { return Swish(a) },
	"softplus":     func(a, b *functional.Tensor) any { return Softplus(a) },
	"softsign":     func(a, b *functional.Tensor) any { return Softsign(a) },
	"gelu":         func(a, b *functional.Tensor) any { return Gelu(a, true) },
	"gelu_exact":   func(a, b *functional.Tensor) any { return Gelu(a, false) },
	"elu":          func(a, b *functional.Tensor) any { return Elu(a, 0.7) },
	"selu":         func(a, b *functional.Tensor) any { return Selu(a) },
	"celu":         func(a, b *functional.Tensor) any { return Celu(a, 1.3) },
	"glu":          func(a, b *functional.Tensor) any { return Glu(a, -1) },
	"leaky_relu":   func(a, b *functional.Tensor) any { return LeakyRelu(a, 0.3) },
	"hard_sigmoid": func(a, b *functional.Tensor) any { return HardSigmoid(a) },
	"hard_silu":    func(a, b *functional.Tensor) any { return HardSilu(a) },
	"hard_tanh":    func(a, b *functional.Tensor) any { return HardTanh(a) },
	"hard_shrink":  func(a, b *functional.Tensor) any { return HardShrink(a, 0.7) },
	"soft_shrink":  func(a, b *functional.Tensor) any { return SoftShrink(a, 0.5) },
	"tanh_shrink":  func(a, b *functional.Tensor) any { return TanhShrink(a) },
	"squareplus":   func(a, b *functional.Tensor) any { return Squareplus(a, 4) },
	"threshold":    func(a, b *functional.Tensor) any { return Threshold(a, 0.5, -1) },
	"log_sigmoid":  func(a, b *functional.Tensor) any { return LogSigmoid(a) },
	"softmax":      func(a, b *functional.Tensor) any { return Softmax(a) },
	"softmax_axis": func(a, b *functional.Tensor) any { return Softmax(a, 1) },
	"log_softmax":  func(a, b *functional.Tensor) any { return LogSoftmax(a) },
	"sparsemax":    func(a, b *functional.Tensor) any { return Sparsemax(a, -1) },
	"one_hot":      func(a, b *functional.Tensor) any { return OneHot(a, 3) },
	"one_hot_axis": func(a, b *functional.Tensor) any { return OneHot(a, 4, Axis(1), DType("int32")) },
}

// TestModelsAreKerass compares the configuration of models made in Go, names and all, with Keras's of the same models.
func TestModelsAreKerass(t *testing.T) {
	var cases []struct {
		Name   string
		JSON   json.RawMessage
		Inputs []golden.Array
	}
	golden.Load(t, "operations", &cases)
	for _, family := range []string{"operations_sorting", "operations_arrays", "operations_images", "operations_operators", "operations_linalg", "operations_singular"} {
		more := cases[:0:0]
		golden.Load(t, family, &more)
		cases = append(cases, more...)
	}
	made := 0
	for _, tc := range cases {
		build, ok := inGo[tc.Name]
		if !ok {
			build, ok = operators[tc.Name]
		}
		if !ok {
			continue
		}
		made++
		t.Run(tc.Name, func(t *testing.T) {
			functional.ClearSession()
			inputs := make([]*functional.Tensor, 2)
			for i, x := range tc.Inputs {
				inputs[i] = functional.InputWith(functional.InputOptions{Shape: x.Shape[1:], DType: x.DType, Name: "ab"[i : i+1]})
			}
			var from any = inputs
			if len(tc.Inputs) == 1 {
				from = inputs[0]
			}
			m, err := functional.NewModel(from, build(inputs[0], inputs[1]))
			require.NoError(t, err)
			got, err := m.Named(tc.Name).ToJSON()
			require.NoError(t, err)
			golden.SameJSON(t, tc.JSON, got)
		})
	}
	require.Equal(t, len(inGo)+len(operators), made)
}

func TestErrors(t *testing.T) {
	x := functional.InputWith(functional.InputOptions{Shape: []int{3, 4}, Name: "x"})
	y := functional.InputWith(functional.InputOptions{Shape: []int{3, 5}, Name: "y"})
	for name, tc := range map[string]struct {
		got  *functional.Tensor
		want string
	}{
		"shapes":         {Add(x, y), `layer "add" (Add) called on (None, 3, 4), (None, 3, 5): shapes (None, 3, 4) and (None, 3, 5) can't be broadcast: axis 2 is 4 in one and 5 in the other`},
		"axis":           {Mean(x, Axis(3)), "axis: got axis 3 of a tensor with 3 axes"},
		"axis twice":     {Mean(x, Axis(1, -2)), "axis: axis -2 is named twice"},
		"no tensor":      {Add(1, 2), "was called without a symbolic tensor"},
		"nil tensor":     {Add(x, (*functional.Tensor)(nil)), "a nil *functional.Tensor was used"},
		"nothing":        {Add(x, nil), `argument "x2" is missing`},
		"type":           {Add(x, struct{}{}), "operation Add: argument 2 is a struct {}, want a symbolic tensor, a number"},
		"text":           {Add(x, "y"), "operation Add: argument 2 is a string"},
		"ragged":         {Add(x, [][]float32{{1}, {1, 2}}), "lists of numbers must make a rectangle"},
		"elements":       {Reshape(functional.InputWith(functional.InputOptions{Shape: []int{2}, BatchSize: 3}), 4), "a tensor of shape (3, 2) has 6 elements, which don't make [4]"},
		"key":            {GetItem(x, "1:a"), `operation GetItem: key "1:a": "1:a" is none of a number, a slice, None and an ellipsis`},
		"key axes":       {GetItem(x, "0, 0, 0, 0"), "a tensor of shape (None, 3, 4) has no such part"},
		"index":          {GetItem(x, ":, 3"), "index 3 is outside of axis 1 of size 3"},
		"join":           {Concatenate([]*functional.Tensor{x, y}, 1), "tensors of shapes (None, 3, 4) and (None, 3, 5) can't be concatenated along axis 1: all other axes must be equal"},
		"split":          {Split(x, 2, 1)[0], "an axis of size 3 can't be split into 2 equal parts"},
		"inner axes":     {Matmul(x, y), "the inner axes of (None, 3, 4) and (None, 3, 5) must be equal"},
		"einsum":         {Einsum("ij,jk", x, y), `subscripts: "ij" names 2 axes, the operand has 3`},
		"einsum count":   {Einsum("ij,jk", x), `subscripts: "ij,jk" names 2 operands, got 1`},
		"dtype":          {Cast(x, "float33"), `dtype: got float33, want a name such as "float32"`},
		"padding":        {Pad(x, [][2]int{{1, 1}}, PadOptions{Value: "x"}), "operation Pad: option Value is a string, want a number"},
		"unknown option": {Sum(x, Ord(1)), `operation Sum: unknown argument "ord": want one of axis, keepdims`},
		"repeats":        {Repeat(x, -1, 1), "repeats: got -1, want from 0 to 1048576"},
		"method":         {x.Add(1).MatMul(y), "the inner axes of (None, 3, 4) and (None, 3, 5) must be equal"},
		"method's type":  {x.Mul("y"), "operation Multiply: argument 2 is a string"},
		"followed":       {Exp(Add(x, y)), "can't be broadcast"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, tc.got.Err(), tc.want)
			if name != "nil tensor" { // which was made nowhere
				require.Contains(t, tc.got.Err().Error(), "ops_test.go:", "the caller's line")
			}
			_, err := functional.NewModel(x, tc.got)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

// TestErrorsTakeNoName checks that a call that fails uses up no automatic name.
func TestErrorsTakeNoName(t *testing.T) {
	functional.ClearSession()
	x := functional.Input(3)
	require.Error(t, Add(x, nil).Err())
	require.Equal(t, "add", Add(x, 1).Layer().Base().Name())
}

// TestNormAlongAnAxis has lengths that are known; Keras 3.15 on JAX can't run these.
func TestNormAlongAnAxis(t *testing.T) {
	x := functional.Input(2, 2)
	m, err := functional.NewModel(x, []*functional.Tensor{Norm(x, Axis(-1)), Norm(x, Axis(-1), Ord(1), KeepDims()), Norm(x, Axis(1, 2)), Norm(x, Axis(2), Ord(3.0)),
		Norm(x, Axis(1, 2), Ord(math.Inf(1))), Norm(x, Axis(1, 2), Ord(math.Inf(-1)))})
	require.NoError(t, err)
	out, err := m.PredictOnBatch([]*tensors.Tensor{tensors.FromValue([][][]float32{{{3, 4}, {0, -2}}})})
	require.NoError(t, err)
	require.Equal(t, [][]float32{{5, 2}}, out[0].Value())
	require.Equal(t, [][][]float32{{{7}, {2}}}, out[1].Value())
	require.InDelta(t, 5.3851648, out[2].Value().([]float32)[0], 1e-6)
	require.InDelta(t, 4.4979414, out[3].Value().([][]float32)[0][0], 1e-6)
	require.Equal(t, []float32{7}, out[4].Value())
	require.Equal(t, []float32{2}, out[5].Value())
}
