package serial

import (
	"fmt"
	"math"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// Functions of TensorFlow that return sizes or take them.
func init() {
	defineLate("shape compat.v1.shape shape_v2", "input name out_type", func(c *tfCall) error {
		k, err := c.sizesOf("input")
		c.outputs = []any{k}
		return err
	})
	defineLate("size compat.v1.size", "input name out_type", func(c *tfCall) error {
		k, err := c.sizesOf("input")
		if err == nil {
			k, err = k.reduced(nil, false, "Multiply", func(x, y float64) float64 { return x * y })
		}
		c.outputs = []any{k}
		return err
	})
	defineLate("rank compat.v1.rank", "input name", func(c *tfCall) error {
		shape, err := c.shapeOf("input")
		c.outputs = []any{&known{flat: []knownNumber{{value: float64(len(shape))}}, dtype: "int32"}}
		return err
	})
	defineLate("range", "start limit delta dtype name", foldedAlone)
	defineLate("eye", "num_rows num_columns batch_shape dtype name", foldedAlone)
	defineLate("linspace", "start stop num name axis", foldedAlone)
	defineLate("convert_to_tensor compat.v1.convert_to_tensor", "value dtype dtype_hint name preferred_dtype", func(c *tfCall) error {
		x := c.args["value"]
		if list, ok := x.([]any); ok && holdsTensor(list) {
			x = c.op("Stack", map[string]any{"axis": 0}, list)
		}
		if dtype, ok := c.args["dtype"].(string); ok {
			c.op("Cast", map[string]any{"dtype": dtype}, x)
		} else {
			c.op("Copy", nil, x)
		}
		return nil
	})
	for name, value := range map[string]float64{"zeros": 0, "ones": 1} {
		defineLate(name+" compat.v1."+name, "shape dtype name layout", func(c *tfCall) error { return c.filled("shape", value, "float32") })
	}
	defineLate("fill", "dims value name layout", func(c *tfCall) error {
		value, err := c.knownAt("value")
		if err != nil || len(value.flat) != 1 || !value.settled() {
			return fmt.Errorf("value=%v", c.args["value"])
		}
		return c.filled("dims", value.flat[0].value, value.dtype)
	})
	defineLate("reshape", "tensor shape name", func(c *tfCall) error {
		to, err := c.knownAt("shape")
		if err != nil {
			return err
		}
		sizes, err := to.sizes()
		if err != nil {
			return err
		}
		x, err := c.operand("tensor")
		if err != nil {
			return err
		}
		open := 0
		for _, d := range sizes {
			if d < 0 {
				open++
			}
		}
		if open < 2 {
			c.op("Reshape", map[string]any{"newshape": toList(sizes)}, x)
			return nil
		}
		return c.reshapeBy(x, to)
	})
	defineLate("broadcast_to", "input shape name", func(c *tfCall) error {
		to, err := c.knownAt("shape")
		if err != nil {
			return err
		}
		x, err := c.operand("input")
		if err != nil {
			return err
		}
		if to.settled() {
			c.op("BroadcastTo", map[string]any{"shape": to.plain()}, x)
			return nil
		}
		return c.spread(x, "input", to)
	})
	defineLate("tile", "input multiples name", func(c *tfCall) error {
		by, err := c.knownAt("multiples")
		if err != nil {
			return err
		}
		x, err := c.operand("input")
		if err != nil {
			return err
		}
		if k, isKnown := asKnown(c.args["input"]); isKnown && by.settled() {
			repeats, err := by.sizes()
			if err != nil || len(repeats) != len(k.shape) {
				return fmt.Errorf("multiples=%v", c.args["multiples"])
			}
			k, err = k.tiled(repeats)
			c.outputs = []any{k}
			return err
		}
		if by.settled() {
			c.op("Tile", map[string]any{"repeats": by.plain()}, x)
			return nil
		}
		shape, err := c.shapeOf("input")
		if err != nil {
			return err
		}
		to := &known{by.shape, slices.Clone(by.flat), by.dtype}
		repeats := make([]int, len(by.flat))
		for i, n := range by.flat {
			if len(shape) != len(by.flat) || n.size != nil && shape[i] != 1 {
				return fmt.Errorf("multiples of which one isn't known, of a shape %v", shape)
			}
			if repeats[i] = 1; n.size == nil {
				repeats[i], to.flat[i].value = int(n.value), 1
			}
		}
		if _, isTensor := x.(*symbolic.Tensor); !isTensor {
			k, err := c.knownAt("input")
			if err != nil {
				return err
			}
			if k, err = k.tiled(repeats); err != nil {
				return err
			}
			x = k.plain()
		} else {
			x = c.op("Tile", map[string]any{"repeats": toList(repeats)}, x)
		}
		return c.spread(x, "input", to)
	})
	defineLate("slice", "input_ begin size name", func(c *tfCall) error {
		begin, size, err := c.knownPair("begin", "size")
		if err != nil {
			return err
		}
		x, err := c.operand("input_")
		if err != nil {
			return err
		}
		key := make([]any, len(begin.flat))
		for i, from := range begin.flat {
			if from.size != nil || len(size.flat) != len(begin.flat) {
				return fmt.Errorf("begin or size of another length, or not known")
			}
			var stop any
			switch n := size.flat[i]; {
			case n.size != nil && (n.size.vector == nil || from.value != 0):
				return fmt.Errorf("a size that isn't known")
			case n.size == nil && n.value >= 0:
				stop = int(from.value + n.value)
			}
			key[i] = pythonSlice(int(from.value), stop, nil)
		}
		c.op("GetItem", nil, x, key)
		return nil
	})
	defineLate("random.normal compat.v1.random.normal", "shape mean stddev dtype seed name", func(c *tfCall) error {
		mean, isMean := config.AsFloat(c.get("mean", 0.0))
		deviation, isDeviation := config.AsFloat(c.get("stddev", 1.0))
		if !isMean || !isDeviation {
			return fmt.Errorf("mean=%v, stddev=%v", c.args["mean"], c.args["stddev"])
		}
		if err := c.filled("shape", mean, "float32"); err != nil {
			return err
		}
		if len(c.made) == 0 {
			return fmt.Errorf("a shape that doesn't depend on the inputs")
		}
		// The layer's noise, also at inference.
		c.layer("GaussianNoise", map[string]any{"stddev": deviation}, madeBy(len(c.made)-1))
		return nil
	})
	defineLate("random.uniform compat.v1.random.uniform", "shape minval maxval dtype seed name", func(c *tfCall) error {
		low, isLow := config.AsFloat(c.get("minval", 0.0))
		high, isHigh := config.AsFloat(c.get("maxval", 1.0))
		if !isLow || !isHigh || !isFloatType(fmt.Sprint(c.get("dtype", "float32"))) {
			return fmt.Errorf("minval=%v, maxval=%v, dtype=%v", c.args["minval"], c.args["maxval"], c.args["dtype"])
		}
		if err := c.filled("shape", 0, "float32"); err != nil {
			return err
		}
		if len(c.made) == 0 {
			return fmt.Errorf("a shape that doesn't depend on the inputs")
		}
		// What share of a normal distribution lies below a number of it is uniform.
		share := c.op("Erf", nil, c.op("Multiply", nil, c.layer("GaussianNoise", map[string]any{"stddev": 1.0}, madeBy(len(c.made)-1)), math.Sqrt2/2))
		c.op("Add", nil, c.op("Multiply", nil, share, (high-low)/2), (high+low)/2)
		return nil
	})
}

// rowSize counts the elements of one row, -1 where that isn't known.
func rowSize(shape []int) int {
	n := 1
	for _, d := range shape[1:] {
		if d < 0 {
			return -1
		}
		n *= d
	}
	return n
}

func foldedAlone(c *tfCall) error {
	return fmt.Errorf("arguments that aren't known numbers")
}

func pythonSlice(start, stop, step any) map[string]any {
	return map[string]any{"class_name": "__slice__", "config": map[string]any{"start": start, "stop": stop, "step": step}}
}

func toList(ints []int) []any {
	list := make([]any, len(ints))
	for i, n := range ints {
		list[i] = n
	}
	return list
}

// operand is an argument as an operation takes it.
func (c *tfCall) operand(name string) (any, error) { return c.settle(c.args[name]) }

// shaped is operand, and its shape.
func (c *tfCall) shaped(name string) (x any, shape []int, err error) {
	if shape, err = c.shapeOf(name); err == nil {
		x, err = c.operand(name)
	}
	return x, shape, err
}

// sizesOf is the shape of an argument, of which the program counts what isn't known.
func (c *tfCall) sizesOf(name string) (*known, error) {
	shape, err := c.shapeOf(name)
	if err != nil {
		return nil, err
	}
	k := &known{shape: []int{len(shape)}, flat: make([]knownNumber, len(shape)), dtype: "int32"}
	t := c.args[name]
	var sizes []*sizeOf // found once for all axes: that goes through the graph up to the inputs
	if slices.Contains(shape, symbolic.None) {
		sizes = sizesOfTensor(t.(*symbolic.Tensor))
	}
	for i, d := range shape {
		if d != symbolic.None {
			k.flat[i].value = float64(d)
			continue
		}
		key := make([]any, len(shape))
		for j := range key {
			if key[j] = 0; i == j {
				key[j] = pythonSlice(nil, nil, nil)
			}
		}
		ones := func(c *tfCall) any {
			return c.op("Cast", map[string]any{"dtype": "int32"}, c.op("OnesLike", nil, c.op("GetItem", nil, t, key)))
		}
		k.flat[i].size = &unknownSize{
			make:   func(c *tfCall) any { return c.op("Sum", map[string]any{"axis": nil, "keepdims": false}, ones(c)) },
			vector: ones,
			is:     sizes[i],
		}
	}
	return k, nil
}

// filled returns an array of one value, or makes a tensor of it where sizes aren't known.
func (c *tfCall) filled(shape string, value float64, dtype string) error {
	to, err := c.knownAt(shape)
	if err != nil {
		return err
	}
	if given, ok := c.args["dtype"].(string); ok {
		dtype = given
	}
	sizes, err := to.sizes()
	if err != nil {
		return err
	}
	if to.settled() {
		k, err := newKnown(dtype, sizes, func(int) float64 { return value })
		c.outputs = []any{k}
		return err
	}
	zeros, err := c.zeros(to, dtype)
	if err != nil {
		return err
	}
	if value != 0 {
		c.op("Add", nil, zeros, (&known{flat: []knownNumber{{value: value}}, dtype: dtype}).plain())
	}
	return nil
}

// zeros is a tensor of a shape of which some sizes aren't known.
func (c *tfCall) zeros(to *known, dtype string) (any, error) {
	if dtype == "bool" {
		return nil, fmt.Errorf("booleans of a shape that isn't known")
	}
	var sum any
	repeats := make([]any, len(to.flat))
	for i, n := range to.flat {
		if repeats[i] = int(n.value); n.size == nil {
			continue
		}
		repeats[i] = 1
		if n.size.vector == nil {
			return nil, fmt.Errorf("a size that is computed from sizes that aren't known")
		}
		shape := make([]any, len(to.flat))
		for j := range shape {
			if shape[j] = 1; i == j {
				shape[j] = -1
			}
		}
		part := c.op("Reshape", map[string]any{"newshape": shape}, c.op("ZerosLike", nil, n.size.vector(c)))
		if sum == nil {
			sum = part
		} else {
			sum = c.op("Add", nil, sum, part)
		}
	}
	return c.op("Tile", map[string]any{"repeats": repeats}, c.op("Cast", map[string]any{"dtype": dtype}, sum)), nil
}

// spread broadcasts x, the argument of that name, to a shape of which some sizes aren't known.
func (c *tfCall) spread(x any, name string, to *known) error {
	dtype := "float32"
	switch v := c.args[name].(type) {
	case *symbolic.Tensor:
		dtype = v.DType()
	default:
		if k, ok := asKnown(v); ok {
			dtype = k.dtype
		}
	}
	if dtype == "bool" {
		zeros, err := c.zeros(to, "int32")
		if err == nil {
			c.op("LogicalOr", nil, x, c.op("Cast", map[string]any{"dtype": "bool"}, zeros))
		}
		return err
	}
	zeros, err := c.zeros(to, dtype)
	if err == nil {
		c.op("Add", nil, x, zeros)
	}
	return err
}
