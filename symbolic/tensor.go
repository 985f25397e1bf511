package symbolic

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gomlx/compute/dtypes"
)

// Tensor is a symbolic tensor (Keras: KerasTensor): the promise of a value of a
// shape and type, made by one application of a layer. A failed application
// makes a Tensor that carries the error instead; [Tensor.Err] shows it and NewModel returns it.
type Tensor struct {
	shape Shape
	dtype string
	node  *node
	index int // among the node's outputs
	mask  *Tensor
	err   error
}

// Shape is the tensor's shape, None for axes known only when data arrives. It is nil if Err isn't.
func (t *Tensor) Shape() Shape {
	if t == nil {
		return nil
	}
	return t.shape.Clone()
}

// DType is the Keras name of the tensor's type: "float32".
func (t *Tensor) DType() string { return t.dtype }

// Mask is the tensor's mask (Keras: _keras_mask), a tensor of booleans that says which steps count, or nil.
func (t *Tensor) Mask() *Tensor {
	if t == nil {
		return nil
	}
	return t.mask
}

// Err is the error of the application that should have made the tensor, or nil.
func (t *Tensor) Err() error {
	if t == nil {
		return fmt.Errorf("a nil *functional.Tensor was used where a symbolic tensor is wanted")
	}
	if t.node == nil && t.err == nil {
		return fmt.Errorf("a functional.Tensor that no layer made was used: start with functional.Input")
	}
	return t.err
}

// Layer is the layer whose application made the tensor, nil if it failed.
func (t *Tensor) Layer() Layer {
	if t.node == nil {
		return nil
	}
	return t.node.layer
}

// String shows the tensor as Keras does: its layer, shape and type.
func (t *Tensor) String() string {
	if err := t.Err(); err != nil {
		return fmt.Sprintf("<KerasTensor error: %v>", err)
	}
	return fmt.Sprintf("<KerasTensor shape=%s, dtype=%s, name=%s>", t.shape, t.dtype, t.node.layer.Base().Name())
}

func (t *Tensor) spec() Spec { return Spec{t.shape.Clone(), t.dtype} }

// failed makes a tensor that carries an error.
func failed(err error) *Tensor { return &Tensor{err: err} }

// Failed returns a tensor that carries an error, as a failed application does.
func Failed(err error) *Tensor { return failed(err) }

// AppliedNil returns the tensor that a nil layer's application gives.
func AppliedNil() *Tensor {
	return failed(fmt.Errorf("%s: a nil layer was applied", CallerOutside()))
}

func isFloatName(name string) bool {
	d := dtypeByName(name)
	return d != dtypes.InvalidDType && d.IsFloat()
}

// CallerOutside returns file:line of the first caller that isn't one of this
// module's own packages, or of its tests.
func CallerOutside() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		inside := false
		for _, room := range []string{"/symbolic.", "/functional.", "/layers.", "/ops.", "/applications.", "/internal/"} {
			inside = inside || strings.HasPrefix(f.Function, modulePath+room)
		}
		if !inside || strings.HasSuffix(f.File, "_test.go") {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		if !more {
			return "unknown caller"
		}
	}
}

const modulePath = "github.com/gokeras/gokeras"
