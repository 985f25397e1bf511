package data

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
)

// WithSteps is t, (rows, steps, …), with so many steps: the last ones are left out, or the last one is repeated. It is t itself where that has as many.
func WithSteps(t *tensors.Tensor, steps int) (*tensors.Tensor, error) {
	dims := t.Shape().Dimensions
	if len(dims) < 2 || dims[1] == 0 || steps <= 0 {
		return nil, fmt.Errorf("data of shape %v can't have %d steps", dims, steps)
	}
	if dims[1] == steps {
		return t, nil
	}
	shape := t.Shape().Clone()
	shape.Dimensions[1] = steps
	out := tensors.FromShape(shape)
	err := t.ConstBytes(func(from []byte) {
		_ = out.MutableBytes(func(to []byte) {
			row, step := len(from)/max(dims[0], 1), len(from)/max(dims[0]*dims[1], 1)
			for i := range dims[0] {
				source, target := from[i*row:(i+1)*row], to[i*steps*step:(i+1)*steps*step]
				n := copy(target, source)
				for ; n < len(target); n += step {
					copy(target[n:], source[row-step:])
				}
			}
		})
	})
	return out, err
}
