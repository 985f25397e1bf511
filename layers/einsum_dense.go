package layers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/symbolic"
)

// EinsumDenseLayer is Keras's EinsumDense: activation(einsum(equation, inputs, kernel) + bias).
type EinsumDenseLayer struct {
	layer[*EinsumDenseLayer]
	sampleWiseUnless
	cfg einsumDenseConfig
}

type einsumDenseConfig struct {
	symbolic.LayerConfig
	Equation    string         `keras:"equation"`
	OutputShape symbolic.Shape `keras:"output_shape" default:"[]"`
	activationConfig
	BiasAxes *string `keras:"bias_axes"`
	kernelAndBias
	loraConfig
	quantizable
	_ any `keras:"activity_regularizer"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return EinsumDense("") }) }

// EinsumDense returns a layer that multiplies its inputs with a kernel in Einstein's notation (Keras: EinsumDense(equation, output_shape)). The output's
// shape is given without the batch axis, and without the axes that "..." stands for; symbolic.None stands for a size that follows from the input:
// EinsumDense("abc,cd->abd", symbolic.None, 64).BiasAxes("d").
func EinsumDense(equation string, outputShape ...int) *EinsumDenseLayer {
	l := &EinsumDenseLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Equation = equation
	l.cfg.OutputShape = append(symbolic.Shape{}, outputShape...)
	return l
}

// einsumShapes are what an equation and an input's shape say of a layer.
type einsumShapes struct {
	kernel, bias            []int // bias is nil for none
	output                  symbolic.Shape
	inputAxes, outputAxes   []int // of the kernel
	input, weight, produced string
	left                    bool // "..." stands on the left
}

// split reads an equation of the forms ab,bc->ac, ...a,ab->...b and ab...,bc->ac... .
func (c *einsumDenseConfig) split() (s einsumShapes, dots bool, err error) {
	fail := func() (einsumShapes, bool, error) {
		return s, false, fmt.Errorf("invalid einsum equation %q: equations must be in the form [X],[Y]->[Z], [X]...,[Y]->[Z]... or ...[X],[Y]->...[Z]", c.Equation)
	}
	operands, produced, ok := strings.Cut(c.Equation, "->")
	input, weight, ok2 := strings.Cut(operands, ",")
	if !ok || !ok2 {
		return fail()
	}
	const ellipsis = "..."
	cut := func(trim func(s, cut string) (string, bool)) bool {
		a, inA := trim(input, ellipsis)
		z, inZ := trim(produced, ellipsis)
		if inA && inZ {
			input, produced = a, z
			return true
		}
		return false
	}
	if s.left = cut(strings.CutPrefix); !s.left {
		dots = cut(strings.CutSuffix) && len(input) > 1
	}
	letters := func(s string) bool {
		return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
	if !letters(input) || !letters(weight) || !letters(produced) {
		return fail()
	}
	s.input, s.weight, s.produced = input, weight, produced
	return s, dots || s.left, nil
}

// shapes computes the shapes for an input.
func (c *einsumDenseConfig) shapes(in symbolic.Shape) (*einsumShapes, error) {
	s, dots, err := c.split()
	if err != nil {
		return nil, err
	}
	elided := len(in) - len(s.input)
	if elided < 0 || (elided > 0 && !dots) {
		return nil, fmt.Errorf("the equation %q names %d axes of the input, which has shape %s", c.Equation, len(s.input), in)
	}
	out := append(symbolic.Shape{in[0]}, c.OutputShape...)
	offset := 0 // of the named axes among all
	if s.left {
		offset = elided
		for i := 1; i < elided; i++ {
			out = slices.Insert(out, 1, in[i]) // in this order, as Keras does
		}
	} else {
		out = append(out, in[len(in)-elided:]...)
	}
	if want := offset + len(s.produced); len(out) < want {
		return nil, fmt.Errorf("output_shape %s has too few axes for the output %q of the equation", c.OutputShape, s.produced)
	}
	index := func(spec string, letter rune) int { return strings.IndexRune(spec, letter) }
	for i, letter := range s.input {
		at := index(s.produced, letter)
		if at < 0 {
			continue
		}
		from, to := in[offset+i], &out[offset+at]
		if *to != symbolic.None && *to != from {
			return nil, fmt.Errorf("input shape and output shape do not match at shared dimension %q: %s and %s", string(letter), in, out)
		}
	}
	for _, letter := range s.produced {
		if index(s.input, letter) < 0 && index(s.weight, letter) < 0 {
			return nil, fmt.Errorf("dimension %q was specified in the output %q but is in neither the input %q nor the weight %q", string(letter), s.produced, s.input, s.weight)
		}
	}
	for i, letter := range s.weight {
		size := symbolic.None
		switch at, from := index(s.produced, letter), index(s.input, letter); {
		case at >= 0:
			size = out[offset+at]
			s.outputAxes = append(s.outputAxes, i)
		case from >= 0:
			size = in[offset+from]
			s.inputAxes = append(s.inputAxes, i)
		default:
			return nil, fmt.Errorf("weight dimension %q is in neither the input %q nor the output %q: the weight must be fully specified", string(letter), s.input, s.produced)
		}
		if size == symbolic.None {
			return nil, fmt.Errorf("the size of the weight's dimension %q must be known, received an input of shape %s and output_shape=%s", string(letter), in, c.OutputShape)
		}
		s.kernel = append(s.kernel, size)
	}
	s.output = out
	if c.BiasAxes != nil {
		if s.bias, err = s.biasShape(*c.BiasAxes, offset, elided); err != nil {
			return nil, err
		}
	}
	return &s, nil
}

// biasShape is the shape of a bias on some of the output's axes, from the first of them on.
func (s *einsumShapes) biasShape(axes string, offset, elided int) ([]int, error) {
	if axes == "" {
		return nil, fmt.Errorf("bias_axes names no axis: want letters of the output %q, or no bias_axes at all", s.produced)
	}
	first := len(s.produced)
	for _, letter := range axes {
		at := strings.IndexRune(s.produced, letter)
		if at < 0 {
			return nil, fmt.Errorf("bias dimension %q was requested, but is not part of the output %q", string(letter), s.produced)
		}
		first = min(first, at)
	}
	var shape []int
	for i := first; i < len(s.produced); i++ {
		size := 1
		if strings.ContainsRune(axes, rune(s.produced[i])) {
			if size = s.output[offset+i]; size == symbolic.None {
				return nil, fmt.Errorf("the size of the bias's dimension %q must be known, the output has shape %s", s.produced[i:i+1], s.output)
			}
		}
		shape = append(shape, size)
	}
	if !s.left {
		shape = append(shape, slices.Repeat([]int{1}, elided)...)
	}
	return shape, nil
}

// Infer returns the output's shape.
func (l *EinsumDenseLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err == nil {
		err = minRank(x, 1)
	}
	if err == nil && l.Built() {
		err = exactRank(x, len(l.BuiltShapes()[0]))
	}
	if err != nil {
		return nil, err
	}
	s, err := l.cfg.shapes(x)
	if err != nil {
		return nil, err
	}
	// The samples' axis must stay where it is, and apart from the kernel's.
	kept := s.left && len(x) > len(s.input)
	if !s.left && s.input != "" && s.produced != "" {
		kept = s.input[0] == s.produced[0] && strings.IndexByte(s.weight, s.input[0]) < 0
	}
	l.crossesIf(!kept)
	if l.cfg.Activation != activations.Linear {
		l.along(s.output, -1)
	}
	return l.floatOutput(s.output, nil)
}

// Declare declares the kernel and, if bias_axes is set, the bias.
func (l *EinsumDenseLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	c := &l.cfg
	s, err := c.shapes(firstShape(in))
	if err != nil {
		return err
	}
	if mode, _ := c.DType.Quantization(); mode != "" {
		c.declareQuantized(b, s)
		return nil
	}
	c.declareKernel(b, s.kernel, initializers.ForAxes(c.KernelInitializer, s.inputAxes, s.outputAxes))
	c.declareBias(b, s)
	return c.start(&l.BaseLayer, "kernel", c.LoraAlpha, c.KernelConstraint)
}

func (c *einsumDenseConfig) declareBias(b *symbolic.Builder, s *einsumShapes) {
	if s.bias != nil {
		c.kernelAndBias.declareBias(b, s.bias...)
	}
}

// Call computes the layer.
func (l *EinsumDenseLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	var y *graph.Node
	if mode, _ := l.cfg.DType.Quantization(); mode != "" {
		y = l.cfg.quantizedProduct(c, x)
	} else {
		y = l.cfg.product(c, x, l.cfg.weight(c, "kernel"))
	}
	if l.cfg.BiasAxes != nil {
		y = graph.Add(y, graph.ExpandLeftToRank(c.Weight("bias"), y.Rank()))
	}
	return []*graph.Node{l.cfg.activate(y)}
}

func (c *einsumDenseConfig) product(call *symbolic.Call, x, kernel *graph.Node) *graph.Node {
	return call.Op("Einsum", map[string]any{"subscripts": c.Equation}, x, kernel)
}

// EnableLoRA freezes the kernel and lets the layer learn two small factors instead, of which the product times alpha/rank is added to it; an alpha of 0
// is Keras's default, the rank. The layer must have been applied; files hold the kernel with the product added. A model must be compiled afterwards
// (Keras: enable_lora).
func (l *EinsumDenseLayer) EnableLoRA(rank int, alpha float64) error {
	return l.cfg.enableNamed(&l.BaseLayer, "kernel", rank, alpha, l.cfg.KernelConstraint)
}

// Merging says what files hold for the layer's weights.
func (l *EinsumDenseLayer) Merging() (into *symbolic.Weight, factors []*symbolic.Weight) {
	return l.cfg.Merging()
}

// Merge is the kernel as files hold it.
func (l *EinsumDenseLayer) Merge(w *tensors.Tensor, factors ...*tensors.Tensor) (*tensors.Tensor, error) {
	return l.cfg.merge(l.cfg.DType.Compute(), w, factors[0], factors[1])
}

// Validate reports arguments that Keras rejects.
func (c *einsumDenseConfig) Validate() error {
	if mode, _ := c.DType.Quantization(); mode != "" && strings.Contains(c.Equation, "...") {
		return fmt.Errorf("the kernel of an equation with \"...\" can't be quantized, in Keras neither, received %q", c.Equation)
	}
	return firstError(c.check(), c.checkQuantized(c.DType, c.LoraRank))
}
