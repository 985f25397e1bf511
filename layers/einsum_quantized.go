package layers

import (
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/symbolic"
)

// table is the kernel as a matrix of whole numbers of 4 bits: those axes that are summed over make its rows.
func (s *einsumShapes) table(block int) *quantizedTable {
	rows, columns := 1, 1
	for i, letter := range s.weight {
		if strings.ContainsRune(s.produced, letter) {
			columns *= s.kernel[i]
		} else {
			rows *= s.kernel[i]
		}
	}
	return &quantizedTable{name: "kernel", shape: [2]int{rows, columns}, paired: 1, four: true, block: block}
}

// scales is the shape of the scales of a kernel of 8 bits: that of the output, with 1 for what isn't the kernel's.
func (s *einsumShapes) scales() []int {
	shape := slices.Repeat([]int{1}, len(s.output))
	for at, label := range s.produced {
		if i := strings.IndexRune(s.weight, label); i >= 0 {
			shape[at] = s.kernel[i]
		}
	}
	return shape
}

// declareQuantized declares the weights of a layer whose kernel is of whole numbers.
func (c *einsumDenseConfig) declareQuantized(b *symbolic.Builder, s *einsumShapes) {
	if mode, block := c.bits(c.DType); mode == "int4" {
		s.table(block).declare(b, func() { c.declareBias(b, s) })
		return
	}
	b.Weight(wholeWeight("kernel", s.kernel))
	c.declareBias(b, s)
	b.Weight(scaleWeight("kernel", s.scales()))
}

// quantizedProduct computes the layer without its bias. The inputs are rounded with one scale for all that is summed up.
func (c *einsumDenseConfig) quantizedProduct(call *symbolic.Call, x *graph.Node) *graph.Node {
	s, err := c.shapes(x.Shape().Dimensions)
	if err != nil {
		panic(err)
	}
	mode, block := c.bits(c.DType)
	var scale *graph.Node
	if inputs := c.inputs(c.DType); inputs != nil && block == 0 {
		var summed []int
		for axis, label := range s.input {
			if !strings.ContainsRune(s.produced, label) {
				summed = append(summed, axis)
			}
		}
		x, scale = inputs.round(x, summed...)
		scale = arranged(scale, s.input, s.produced)
	}
	var kernel *graph.Node
	if mode == "int4" {
		kernel = graph.Reshape(s.table(block).real(call), s.kernel...)
	} else {
		kernel = call.Weight("kernel")
		kernelScale := call.Weight("kernel_scale")
		if scale == nil {
			scale = kernelScale
		} else {
			scale = graph.Mul(scale, kernelScale)
		}
	}
	y := c.product(call, x, kernel)
	if scale != nil {
		y = graph.Div(y, scale)
	}
	return y
}

// arranged moves the axes of x, called from, to their places in to; those that to lacks are 1 long, and so are those that x lacks.
func arranged(x *graph.Node, from, to string) *graph.Node {
	kept := ""
	var sizes []int
	for axis, label := range from {
		if strings.ContainsRune(to, label) {
			kept, sizes = kept+string(label), append(sizes, x.Shape().Dimensions[axis])
		}
	}
	x = graph.Reshape(x, sizes...)
	var order []int
	shape := slices.Repeat([]int{1}, len(to))
	for at, label := range to {
		if i := strings.IndexRune(kept, label); i >= 0 {
			order, shape[at] = append(order, i), sizes[i]
		}
	}
	if len(order) > 0 {
		x = graph.TransposeAllAxes(x, order...)
	}
	return graph.Reshape(x, shape...)
}

// Quantize makes whole numbers of the kernel, "int8" or "int4", and of the inputs of each call with int8 (Keras: quantize(mode)). The layer must have
// been applied. A model must be compiled afterwards.
func (l *EinsumDenseLayer) Quantize(mode string) error {
	var s *einsumShapes
	return l.cfg.quantizeLayer(&l.BaseLayer, mode, &l.cfg.loraConfig, func(policy symbolic.DTypePolicy) (map[string]*tensors.Tensor, error) {
		values, err := floatsOfWeight(&l.BaseLayer, "kernel")
		if err == nil {
			s, err = l.cfg.shapes(l.BuiltShapes()[0])
		}
		if err != nil {
			return nil, err
		}
		by := l.cfg.QuantizationConfig.weights
		if mode, block := l.cfg.bits(policy); mode == "int4" {
			return s.table(block).quantize(values, by), nil
		}
		if by == nil {
			by = newAbsMaxQuantizer()
		}
		scales := s.scales()
		groups := 1
		for _, n := range scales {
			groups *= n
		}
		whole, found := by.roundAll(values, groups, func(i int) int { return s.scaleOf(i, scales) })
		return map[string]*tensors.Tensor{"kernel": tensors.FromFlatDataAndDimensions(whole, s.kernel...),
			"kernel_scale": tensors.FromFlatDataAndDimensions(found, scales...)}, nil
	}, func(b *symbolic.Builder) { l.cfg.declareQuantized(b, s) })
}

// scaleOf is which of the scales, of that shape, the i-th number of the kernel has.
func (s *einsumShapes) scaleOf(i int, scales []int) int {
	index := map[rune]int{}
	letters := []rune(s.weight)
	for axis := len(letters) - 1; axis >= 0; axis-- {
		index[letters[axis]] = i % s.kernel[axis]
		i /= s.kernel[axis]
	}
	at := 0
	for j, label := range s.produced {
		at = at*scales[j] + index[label]
	}
	return at
}
