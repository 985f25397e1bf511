package rewrite

import (
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// poolWindow is the window that the kernels pool by.
var poolWindow = []int{1, 2, 2, 1}

// pools reports whether s has windows of 2 by 2 side by side, without padding or gaps, over float32 images.
func pools(s *stablehlo.Statement) bool {
	x := s.Inputs[0].Shape()
	if x.DType != dtypes.Float32 || x.Rank() != 4 {
		return false
	}
	for _, dilations := range []string{"window_dilations", "base_dilations"} {
		if text(s, dilations) != "" && !slices.Equal(numbers(s, dilations, 4), []int{1, 1, 1, 1}) {
			return false
		}
	}
	return slices.Equal(numbers(s, "window_dimensions", 4), poolWindow) && slices.Equal(numbers(s, "window_strides", 4), poolWindow) &&
		slices.Equal(numbers(s, "padding", 8), make([]int, 8))
}

// isMaxPool reports whether s is the max-pool that the kernels compute.
func (r *rewriter) isMaxPool(s *stablehlo.Statement) bool {
	return name(s) == "reduce_window" && len(s.Inputs) == 2 && pools(s) && len(s.FunctionParameters) == 1 && isOne(s.FunctionParameters[0], "maximum") && r.isConstant(s.Inputs[1], math.Inf(-1))
}

// isMaxPoolGradient reports whether s is the gradient of such a max-pool of y.
func (r *rewriter) isMaxPoolGradient(s *stablehlo.Statement, y *stablehlo.Value) bool {
	if name(s) != "select_and_scatter" || s.Inputs[0] != y || !pools(s) || !r.isZero(s.Inputs[2]) || len(s.FunctionParameters) != 2 {
		return false
	}
	chooses, adds := s.FunctionParameters[0], s.FunctionParameters[1]
	return isOne(chooses, "compare") && strings.Contains(text(chooses.Statements[0], "comparison_direction"), "GE") && isOne(adds, "add")
}

// maxPool makes a max-pool a call that remembers where the maxima were, and its gradient another, which looks there. A convolution
// whose output is only pooled does so itself.
func (r *rewriter) maxPool(s *stablehlo.Statement) bool {
	if !r.isMaxPool(s) {
		return false
	}
	y, pooled := s.Inputs[0], s.Outputs[0]
	var gradient *stablehlo.Statement
	var others []*stablehlo.Statement
	for _, user := range r.uses[y] {
		switch {
		case user == s:
		case gradient == nil && r.isMaxPoolGradient(user, y) && r.isBefore(s, user):
			gradient = user
		default:
			others = append(others, user)
		}
	}
	w := kernels.Window{Out: [2]int(y.Shape().Dimensions[1:3])}
	results := []*stablehlo.Value{pooled}
	if gradient != nil {
		positions, err := r.newValue(dtypes.Uint8, pooled.Shape().Dimensions)
		if err != nil {
			return false
		}
		w.Options |= kernels.Positions
		results = append(results, positions)
	}
	call := s
	conv := r.def[y]
	rectified := conv != nil && r.target(conv) == kernels.Forward && r.calls[conv].Options&kernels.ReLU != 0
	var masked *stablehlo.Value // the gradient behind ReLU's, which the positions do, too
	if rectified && gradient != nil {
		m, selected := r.masked(gradient.Outputs[0])
		if m == y && !slices.ContainsFunc(others, func(o *stablehlo.Statement) bool {
			return !r.isNotPositive(o, y) || r.onlyUser(o.Outputs[0]) != selected
		}) {
			masked, others = selected.Outputs[0], nil
		}
	}
	if conv != nil && r.target(conv) == kernels.Forward && r.calls[conv].Options&kernels.Added == 0 && len(others) == 0 && (gradient == nil || masked != nil || !rectified) {
		r.drop(s)
		r.calls[conv].Options |= kernels.MaxPool | w.Options
		r.change(conv, func() { conv.Outputs = results })
		call = conv
	} else {
		masked = nil
		r.call(s, kernels.Pool, w, y)
		r.change(s, func() { s.Outputs = results })
	}
	if gradient != nil {
		full := gradient.Outputs[0]
		r.call(gradient, kernels.PoolGradient, kernels.Window{Out: w.Out, Options: kernels.Positions}, gradient.Inputs[1], call.Outputs[1])
		if masked != nil {
			r.replace(masked, full)
		}
	}
	return true
}

// pooledGradient lets the gradients of a convolution read that of its max-pool as it is.
func (r *rewriter) pooledGradient(s *stablehlo.Statement) bool {
	if r.target(s) != kernels.PoolGradient {
		return false
	}
	dy := s.Outputs[0]
	at := func(user *stablehlo.Statement) int {
		switch r.target(user) {
		case kernels.InputGradient:
			return 0
		case kernels.KernelGradient:
			return 1
		}
		return -1
	}
	for k, user := range r.uses[dy] {
		i := at(user)
		if i < 0 || slices.Contains(r.uses[dy][:k], user) || // it uses it twice
			user.Inputs[i] != dy || r.calls[user].Options&kernels.Positions != 0 {
			return false
		}
	}
	for _, user := range slices.Clone(r.uses[dy]) {
		i := at(user)
		r.change(user, func() { user.Inputs = slices.Replace(slices.Clone(user.Inputs), i, i+1, s.Inputs...) })
		r.calls[user].Options |= kernels.Positions
	}
	return true
}
