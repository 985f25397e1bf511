package lowering

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types/shapes"

	"github.com/gokeras/gokeras/internal/kernels"
)

// callKernels turns the convolutions of a program that the kernels compute faster into calls of them.
func callKernels(p *program, level kernels.Level) {
	for _, s := range p.live {
		if name(s) != "convolution" {
			continue
		}
		c, ok := readConvolution(s)
		if !ok {
			continue
		}
		w := kernels.Window{Level: level}
		switch c.labels {
		case "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]":
			w.Strides, w.Before = c.strides, c.before
			if c.dilated() || c.filters < leastFilters {
				continue
			}
			p.callForward(s, w)
		case "[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]":
			// The gradient for the input is a convolution by the kernel turned around.
			k := s.Inputs[1]
			if p.operation(k) != "reverse" || !slices.Equal(numbers(p.def[k], "dimensions", 2), []int{0, 1}) ||
				c.dilated() || c.strides != [2]int{1, 1} || c.filters < leastFilters {
				continue
			}
			size := k.Shape().Dimensions
			w.Strides = c.strides
			w.Before = [2]int{size[0] - 1 - c.before[0], size[1] - 1 - c.before[1]}
			call(s, kernels.InputGradient, w, s.Inputs[0], p.def[k].Inputs[0])
		case "[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]":
			// The gradient for the kernel is a convolution of the input, channels and batch exchanged, by the gradient for the output.
			if c.inputDilation != [2]int{1, 1} || c.strides != [2]int{1, 1} || c.filters < leastFilters {
				continue
			}
			w.Strides, w.Before = c.kernelDilation, c.before
			call(s, kernels.KernelGradient, w, s.Inputs...)
		}
	}
}

// leastFilters is the width from which a kernel's vectors are used well enough.
const leastFilters = 16

// convolution is what a stablehlo.convolution says.
type convolution struct {
	labels                                 string
	strides, inputDilation, kernelDilation [2]int
	before                                 [2]int // zeros before the first row and column
	filters                                int
}

func (c convolution) dilated() bool {
	return c.inputDilation != [2]int{1, 1} || c.kernelDilation != [2]int{1, 1}
}

// readConvolution reads a convolution of float32 images. The second result is false for others.
func readConvolution(s *stablehlo.Statement) (c convolution, ok bool) {
	for _, v := range append(s.Inputs, s.Outputs...) {
		if v.Shape().DType != dtypes.Float32 || v.Shape().Rank() != 4 || v.Shape().Size() == 0 {
			return c, false
		}
	}
	if text(s, "feature_group_count") != "1" || text(s, "batch_group_count") != "1" || strings.Contains(text(s, "window_reversal"), "true") {
		return c, false
	}
	for _, part := range []struct {
		to        *[2]int
		attribute string
	}{{&c.strides, "window_strides"}, {&c.inputDilation, "lhs_dilation"}, {&c.kernelDilation, "rhs_dilation"}} {
		list := numbers(s, part.attribute, 2)
		if list == nil {
			return c, false
		}
		*part.to = [2]int(list)
	}
	paddings := numbers(s, "padding", 4)
	if paddings == nil || slices.Min(paddings) < 0 {
		return c, false
	}
	c.before = [2]int{paddings[0], paddings[2]}
	labels, _ := strings.CutPrefix(text(s, "dimension_numbers"), "#stablehlo.conv<")
	c.labels = strings.TrimSuffix(labels, ">")
	c.filters = s.Outputs[0].Shape().Dimensions[3]
	return c, true
}

// callForward makes the convolution a call, which also adds the bias and applies ReLU where the program goes on so.
func (p *program) callForward(s *stablehlo.Statement, w kernels.Window) {
	y := s.Outputs[0]
	operands := slices.Clone(s.Inputs)
	if sum, bias := p.biasAdded(s); sum != nil {
		operands = append(operands, bias)
		if rectified := p.rectified(sum); rectified != nil {
			w.ReLU = true
			p.replace(rectified, y)
		}
		p.replace(sum, y)
	}
	call(s, kernels.Forward, w, operands...)
}

// biasAdded finds the sum of a convolution and a bias (filters), where nothing else uses the convolution.
func (p *program) biasAdded(s *stablehlo.Statement) (sum, bias *stablehlo.Value) {
	y := s.Outputs[0]
	if len(p.uses[y]) != 1 || name(p.uses[y][0]) != "add" {
		return nil, nil
	}
	add := p.uses[y][0]
	bias = add.Inputs[1]
	if bias == y {
		bias = add.Inputs[0]
	}
	filters := y.Shape().Dimensions[3]
	if p.operation(bias) != "broadcast_in_dim" {
		return nil, nil
	}
	along := numbers(p.def[bias], "broadcast_dimensions", p.def[bias].Inputs[0].Shape().Rank())
	bias = p.def[bias].Inputs[0]
	if rank := len(along); rank == 0 || along[rank-1] != 3 || bias.Shape().Dimensions[rank-1] != filters {
		return nil, nil
	}
	// Reshapes that lead back to the same values are passed over.
	for {
		op := p.operation(bias)
		if op != "reshape" && op != "broadcast_in_dim" || p.def[bias].Inputs[0].Shape().Size() != filters {
			break
		}
		bias = p.def[bias].Inputs[0]
	}
	if !slices.Equal(bias.Shape().Dimensions, []int{filters}) || !p.before(bias, s) {
		return nil, nil
	}
	return add.Outputs[0], bias
}

// rectified finds select(v ≤ 0, 0, v), where all other users of v compare it with 0 so, too: for them the result serves as well as v.
func (p *program) rectified(v *stablehlo.Value) *stablehlo.Value {
	var result *stablehlo.Value
	for _, s := range p.uses[v] {
		switch {
		case name(s) == "compare" && s.Inputs[0] == v && p.isZero(s.Inputs[1]) && strings.Contains(text(s, "comparison_direction"), "LE"):
		case name(s) == "select" && result == nil && s.Inputs[2] == v && s.Inputs[0] != v && p.isZero(s.Inputs[1]) && p.comparesWithZero(s.Inputs[0], v):
			result = s.Outputs[0]
		default:
			return nil
		}
	}
	return result
}

// comparesWithZero reports whether condition is v ≤ 0.
func (p *program) comparesWithZero(condition, v *stablehlo.Value) bool {
	s := p.def[condition]
	return s != nil && name(s) == "compare" && s.Inputs[0] == v && p.isZero(s.Inputs[1]) && strings.Contains(text(s, "comparison_direction"), "LE")
}

// customCall is a call of the kind that kernels want, to copy from: its operation's type has no name outside go-xla.
var customCall = func() *stablehlo.Statement {
	f := stablehlo.New("example").Main()
	x, err := f.Input(shapes.Make(dtypes.Float32))
	if err == nil {
		_, err = stablehlo.CustomCallV2("example", "", []*stablehlo.Value{x}, nil, []shapes.Shape{x.Shape()}, nil)
	}
	if err != nil {
		return nil
	}
	return f.Statements[0]
}()

// call turns s into a call of a kernel.
func call(s *stablehlo.Statement, target string, w kernels.Window, operands ...*stablehlo.Value) {
	s.OpType = customCall.OpType
	s.Inputs = operands
	window := strings.Trim(fmt.Sprint(w.Values()), "[]")
	s.Attributes = map[string]any{
		"call_target_name": target,
		"api_version":      int32(kernels.APIVersion),
		"backend_config":   raw(fmt.Sprintf("{%s = array<i64: %s>}", kernels.Attribute, strings.ReplaceAll(window, " ", ", "))),
		"operand_layouts":  rowMajor(operands),
		"result_layouts":   rowMajor(s.Outputs),
	}
}

func rowMajor(values []*stablehlo.Value) raw {
	list := make([]string, len(values))
	for i, v := range values {
		order := make([]string, v.Shape().Rank())
		for axis := range order {
			order[axis] = fmt.Sprint(len(order) - 1 - axis)
		}
		list[i] = fmt.Sprintf("dense<[%s]> : tensor<%dxindex>", strings.Join(order, ", "), len(order))
	}
	return raw("[" + strings.Join(list, ", ") + "]")
}
