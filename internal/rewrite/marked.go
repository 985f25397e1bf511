package rewrite

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/lowering"
)

// operand is one of a call's operands or results: what it is to the layer, and the option that says that it is there, 0 if it must be.
type operand struct {
	role   lowering.Role
	option kernels.Options
}

// markedCall is a call that computes a layer's loop.
type markedCall struct {
	target            string
	operands, results []operand
}

// markedCalls are those calls, by layer: that of the layer and that of its gradient. Operands and results are in the kernels' order.
var markedCalls = [][2]markedCall{
	lowering.SimpleRNN: {
		{kernels.SimpleRNN, []operand{{lowering.X, 0}, {lowering.Kernel, 0}, {lowering.H, 0}, {lowering.StepMask, kernels.Mask}},
			[]operand{{lowering.H, kernels.Last}, {lowering.Outputs, kernels.Outputs}, {lowering.Products, kernels.Products}}},
		{kernels.SimpleRNNGradient, []operand{{lowering.Products, 0}, {lowering.Kernel, 0}, {lowering.DH, 0}, {lowering.DOutputs, kernels.Outputs}, {lowering.StepMask, kernels.Mask}},
			[]operand{{lowering.DH, 0}, {lowering.DX, 0}}},
	},
	lowering.LSTM: {
		{kernels.LSTM, []operand{{lowering.X, 0}, {lowering.Kernel, 0}, {lowering.H, 0}, {lowering.C, 0}, {lowering.StepMask, kernels.Mask}},
			[]operand{{lowering.H, kernels.Last}, {lowering.C, kernels.Last}, {lowering.Outputs, kernels.Outputs}, {lowering.Products, kernels.Products}, {lowering.Carries, kernels.Carries}}},
		{kernels.LSTMGradient, []operand{{lowering.Products, 0}, {lowering.Kernel, 0}, {lowering.Carries, 0}, {lowering.DH, 0}, {lowering.DC, 0}, {lowering.DOutputs, kernels.Outputs}, {lowering.StepMask, kernels.Mask}},
			[]operand{{lowering.DH, 0}, {lowering.DC, 0}, {lowering.DX, 0}}},
	},
	lowering.GRU: {
		{kernels.GRU, []operand{{lowering.X, 0}, {lowering.Kernel, 0}, {lowering.Bias, kernels.Bias}, {lowering.H, 0}, {lowering.StepMask, kernels.Mask}},
			[]operand{{lowering.H, kernels.Last}, {lowering.Outputs, kernels.Outputs}, {lowering.Products, kernels.Products}}},
		{kernels.GRUGradient, []operand{{lowering.X, 0}, {lowering.Products, 0}, {lowering.Kernel, 0}, {lowering.BeforeH, 0}, {lowering.DH, 0}, {lowering.DOutputs, kernels.Outputs}, {lowering.StepMask, kernels.Mask}},
			[]operand{{lowering.DH, 0}, {lowering.DX, 0}, {lowering.DProducts, 0}}},
	},
	lowering.Attention: {
		{kernels.Attention, []operand{{lowering.Query, 0}, {lowering.Key, 0}, {lowering.Value, 0}, {lowering.Number, 0}, {lowering.StepMask, kernels.Mask}, {lowering.Factor, kernels.Factor}},
			[]operand{{lowering.Outputs, 0}}},
		{kernels.AttentionGradient, []operand{{lowering.Query, 0}, {lowering.Key, 0}, {lowering.Value, 0}, {lowering.DOutputs, 0}, {lowering.Number, 0}, {lowering.StepMask, kernels.Mask}, {lowering.Factor, kernels.Factor}},
			[]operand{{lowering.DQuery, 0}, {lowering.DKey, 0}, {lowering.DValue, 0}}},
	},
	lowering.LayerNormalization: {
		{kernels.LayerNormalization, []operand{{lowering.X, 0}, {lowering.Gamma, 0}, {lowering.Beta, 0}, {lowering.Number, 0}}, []operand{{lowering.Outputs, 0}}},
		{kernels.LayerNormalizationGradient, []operand{{lowering.X, 0}, {lowering.Gamma, 0}, {lowering.DOutputs, 0}, {lowering.Number, 0}},
			[]operand{{lowering.DX, 0}, {lowering.DGamma, 0}, {lowering.DBeta, 0}}},
	},
	lowering.Maxima: {
		{kernels.Maxima, []operand{{lowering.X, 0}}, []operand{{lowering.Outputs, 0}}},
		{kernels.MaximaGradient, []operand{{lowering.X, 0}, {lowering.DOutputs, 0}}, []operand{{lowering.DX, 0}}},
	},
}

// marked makes the loop of a layer, or of its gradient, which package scan has marked, a call.
func (r *rewriter) marked(s *stablehlo.Statement) bool {
	mark, ok := r.markOf(s)
	if !ok {
		return false
	}
	kind := markedCalls[mark.Layer][0]
	if mark.Gradient {
		kind = markedCalls[mark.Layer][1]
	}
	at := func(role lowering.Role) int { return slices.Index(mark.Roles, role) }
	w := kernels.Window{}
	if mark.Reverse {
		w.Options |= kernels.Reverse
	}
	var operands []*stablehlo.Value
	for _, o := range kind.operands {
		i := at(o.role)
		if i < 0 && o.option == 0 {
			return false
		}
		if i < 0 {
			continue
		}
		want := dtypes.Float32
		if o.role == lowering.StepMask {
			want = dtypes.Bool
		}
		if s.Inputs[i].Shape().DType != want || s.Inputs[i].Shape().Size() == 0 {
			return false
		}
		operands = append(operands, s.Inputs[i])
		w.Options |= o.option
	}
	asked := func(i int) bool { return i >= 0 && len(r.uses[s.Outputs[i]]) > 0 }
	for _, o := range kind.results {
		if asked(at(o.role)) {
			w.Options |= o.option
		}
	}
	var results []*stablehlo.Value
	for _, o := range kind.results {
		i := at(o.role)
		if i < 0 {
			return false
		}
		if o.option == 0 || w.Options&o.option != 0 {
			results = append(results, s.Outputs[i])
		}
	}
	var same []int // what the loop leaves as it is, and something uses as its result
	for i := range s.Outputs {
		switch {
		case !asked(i) || slices.Contains(results, s.Outputs[i]):
		case i < len(mark.Roles) && has(kind.operands, mark.Roles[i]) && !has(kind.results, mark.Roles[i]):
			same = append(same, i)
		default:
			return false
		}
	}
	for _, i := range same {
		r.replace(s.Outputs[i], s.Inputs[i])
	}
	r.call(s, kind.target, w, operands...)
	r.change(s, func() { s.Outputs = results })
	return true
}

// has reports whether one of the list has that role.
func has(list []operand, role lowering.Role) bool {
	return slices.ContainsFunc(list, func(o operand) bool { return o.role == role })
}

// markOf reads the mark of a loop that has one.
func (r *rewriter) markOf(s *stablehlo.Statement) (lowering.Mark, bool) {
	if name(s) != "while" {
		return lowering.Mark{}, false
	}
	last := s.Inputs[len(s.Inputs)-1]
	if r.operation(last) != "constant" || last.Shape().DType != dtypes.Int32 || last.Shape().Rank() != 1 {
		return lowering.Mark{}, false
	}
	mark, ok := lowering.ReadMark(numbers(r.def[last], "value", last.Shape().Size()))
	return mark, ok && len(mark.Roles) == len(s.Inputs)-1
}
