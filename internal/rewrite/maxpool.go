package rewrite

import (
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// poolWindow is the window by which convolutions pool, too.
var poolWindow = []int{1, 2, 2, 1}

// mostPlaces are those of a window that positions can tell apart.
const mostPlaces = 255

// poolSize is the height and the width of such a window over images (batch, height, width, channels), or over sequences (batch, steps, channels), which are
// images of one row; false for windows that the kernels don't pool by.
func poolSize(window []int) (size [2]int, ok bool) {
	last := len(window) - 1
	if last != 2 && last != 3 || window[0] != 1 || window[last] != 1 {
		return size, false
	}
	size = ofImage(window, 1)
	return size, size[0]*size[1] <= mostPlaces
}

// ofImage are the numbers of the rows and the columns, of which each axis has one; missing is that of the rows which sequences don't have.
func ofImage(list []int, missing int) [2]int {
	if len(list) == 3 {
		return [2]int{missing, list[1]}
	}
	return [2]int(list[1:3])
}

// readPool reads the windows of s over float32 images, or sequences. The second result is false for others.
func readPool(s *stablehlo.Statement) (w kernels.Window, ok bool) {
	x := s.Inputs[0].Shape()
	if x.DType != dtypes.Float32 || x.Size() == 0 || s.Outputs[0].Shape().Size() == 0 {
		return w, false
	}
	rank := x.Rank()
	for _, dilations := range []string{"window_dilations", "base_dilations"} {
		if text(s, dilations) != "" && !slices.Equal(numbers(s, dilations, rank), slices.Repeat([]int{1}, rank)) {
			return w, false
		}
	}
	window, strides, padding := numbers(s, "window_dimensions", rank), numbers(s, "window_strides", rank), numbers(s, "padding", 2*rank)
	if window == nil || strides == nil || padding == nil || slices.Min(padding) < 0 {
		return w, false
	}
	w.Out, ok = poolSize(window)
	if last := rank - 1; !ok || strides[0] != 1 || strides[last] != 1 || slices.Max(padding[:2]) > 0 || slices.Max(padding[2*last:]) > 0 {
		return w, false
	}
	before := make([]int, rank)
	for axis := range before {
		before[axis] = padding[2*axis]
	}
	w.Strides, w.Before = ofImage(strides, 1), ofImage(before, 0)
	return w, true
}

// pools reports whether s, whose windows could be read, has those of 2 by 2 side by side.
func pools(s *stablehlo.Statement) bool {
	return slices.Equal(numbers(s, "window_dimensions", 4), poolWindow) && slices.Equal(numbers(s, "window_strides", 4), poolWindow) &&
		slices.Equal(numbers(s, "padding", 8), make([]int, 8))
}

// isMaxPool reports whether s is a max-pool.
func (r *rewriter) isMaxPool(s *stablehlo.Statement) bool {
	return name(s) == "reduce_window" && len(s.Inputs) == 2 && len(s.FunctionParameters) == 1 && isOne(s.FunctionParameters[0], "maximum") && r.isConstant(s.Inputs[1], math.Inf(-1))
}

// isMaxPoolGradient reports whether s is the gradient of that max-pool of y.
func (r *rewriter) isMaxPoolGradient(s *stablehlo.Statement, y *stablehlo.Value, pool *stablehlo.Statement) bool {
	if name(s) != "select_and_scatter" || s.Inputs[0] != y || !r.isZero(s.Inputs[2]) || len(s.FunctionParameters) != 2 {
		return false
	}
	rank := y.Shape().Rank()
	for attribute, count := range map[string]int{"window_dimensions": rank, "window_strides": rank, "padding": 2 * rank} {
		if list := numbers(s, attribute, count); list == nil || !slices.Equal(list, numbers(pool, attribute, count)) {
			return false
		}
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
	w, ok := readPool(s)
	if !ok {
		return false
	}
	y, pooled := s.Inputs[0], s.Outputs[0]
	var gradient *stablehlo.Statement
	var others []*stablehlo.Statement
	for _, user := range r.uses[y] {
		switch {
		case user == s:
		case gradient == nil && r.isMaxPoolGradient(user, y, s) && r.isBefore(s, user):
			gradient = user
		default:
			others = append(others, user)
		}
	}
	results := []*stablehlo.Value{pooled}
	if gradient != nil {
		positions, err := r.newValue(dtypes.Uint8, pooled.Shape().Dimensions)
		if err != nil {
			return false
		}
		w.Options |= kernels.Positions
		results = append(results, positions)
	}
	if !pools(s) {
		r.anyPool(s, gradient, w, results)
		return true
	}
	w = kernels.Window{Out: [2]int(y.Shape().Dimensions[1:3]), Options: w.Options}
	call, conv := s, r.def[y]
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
		r.call(gradient, kernels.PoolGradient, w, gradient.Inputs[1], call.Outputs[1])
		if masked != nil {
			r.replace(masked, full)
		}
	}
	return true
}

// anyPool makes a max-pool by any window a call with those results, and its gradient, which may be nil, another. Behind the gradient of a ReLU that made what is
// pooled, a maximum ≤ 0 has none.
func (r *rewriter) anyPool(s, gradient *stablehlo.Statement, w kernels.Window, results []*stablehlo.Value) {
	y := s.Inputs[0]
	var masked *stablehlo.Value
	if gradient != nil {
		if m, selected := r.masked(gradient.Outputs[0]); m == y {
			masked = selected.Outputs[0]
			w.Options |= kernels.ReLU
		}
	}
	r.call(s, kernels.AnyPool, w, y)
	r.change(s, func() { s.Outputs = results })
	if gradient == nil {
		return
	}
	full := gradient.Outputs[0]
	r.call(gradient, kernels.AnyPoolGradient, w, gradient.Inputs[1], results[1])
	if masked != nil {
		r.replace(masked, full)
	}
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
