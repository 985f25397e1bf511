package training

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/symbolic"
)

// Place is where a training loop is in its data.
type Place struct {
	Steps   int        // of the running epoch
	Passes  int        // over the data that ended
	Batches int        // of the running pass
	Order   data.Order // of the running pass, or of the next one
	Example *Example
}

// Example says what a batch is like.
type Example struct{ X, Y, W []Shape }

// Shape is the type and the shape of an array.
type Shape struct {
	DType string
	Dims  []int
}

func exampleOf(b *data.Batch) *Example {
	of := func(list []*tensors.Tensor) []Shape {
		var all []Shape
		for _, t := range list {
			all = append(all, Shape{t.DType().String(), slices.Clone(t.Shape().Dimensions)})
		}
		return all
	}
	return &Example{of(b.X), of(b.Y), of(b.W)}
}

// mostExample is how many bytes a batch may have that stands for others.
const mostExample = 8 << 30

// batch is a batch of zeros.
func (e *Example) batch() (*data.Batch, error) {
	b := &data.Batch{}
	size := 0
	for _, part := range []struct {
		from []Shape
		to   *[]*tensors.Tensor
	}{{e.X, &b.X}, {e.Y, &b.Y}, {e.W, &b.W}} {
		for _, s := range part.from {
			dtype, ok := dtypes.MapOfNames[s.DType]
			if !ok || !dtype.IsSupported() {
				return nil, fmt.Errorf("a batch has an array of type %s", s.DType)
			}
			n := dtype.Size()
			for _, d := range s.Dims {
				if d < 0 || n > 0 && d > mostExample/n {
					return nil, fmt.Errorf("a batch has an array of shape %s", symbolic.Shape(s.Dims))
				}
				n *= d
			}
			if size += n; size > mostExample {
				return nil, fmt.Errorf("a batch has more than %d bytes", mostExample)
			}
			*part.to = append(*part.to, tensors.FromShape(shapes.Make(dtype, s.Dims...)))
		}
	}
	if len(b.X) == 0 || b.X[0].Rank() == 0 {
		return nil, fmt.Errorf("a batch has no samples")
	}
	b.Rows = b.X[0].Shape().Dimensions[0]
	return b, nil
}

// Place returns where the loop is; ok is false where a training can't be taken up: before the first step, and where the
// context ended within an execution.
func (l *Loop) Place() (p Place, ok bool, err error) {
	p = Place{Steps: l.count, Passes: l.passes, Batches: l.passed, Order: l.order, Example: l.example}
	if l.next == nil {
		p.Order, err = l.data.Order()
	} else {
		p.Passes--
	}
	return p, l.example != nil && !l.cut, err
}

// Stopped reports whether the context ended between two executions.
func (l *Loop) Stopped() bool { return l.stopped }

// Variables returns the values of all that training changes, of one moment: weights, states, random generators, the optimizer, the running metrics.
func (l *Loop) Variables() ([]*tensors.Tensor, error) { return symbolic.Values(l.variables()) }

func (l *Loop) variables() []*symbolic.Weight {
	list := slices.Clone(l.m.stepper.variablesOf(Train))
	for i, v := range list {
		if own := l.tally.own[v]; own != nil {
			list[i] = own
		}
	}
	return list
}

// Restore takes a training up where a loop of the same model and data was, whose last logs those are.
func (l *Loop) Restore(p Place, values []*tensors.Tensor, logs *callbacks.Logs) error {
	if p.Example == nil || p.Steps < 0 {
		return fmt.Errorf("the place in the data is unknown")
	}
	b, err := p.Example.batch()
	if err != nil {
		return err
	}
	if err := l.m.ready(l.ctx, Train, b); err != nil {
		return err
	}
	if err := l.tally.begin(l.m.stepper.accumulators()); err != nil {
		return err
	}
	variables := l.variables()
	if len(values) != len(variables) {
		return fmt.Errorf("got %d arrays for %d weights and other variables: this is the training of another model", len(values), len(variables))
	}
	if err := l.data.Resume(p.Order, p.Passes, p.Batches); err != nil {
		return err
	}
	if err := symbolic.SetAll(variables, values); err != nil {
		return fmt.Errorf("this is the training of another model: %w", err)
	}
	l.Stop()
	l.count, l.passes, l.example, l.logs = p.Steps, p.Passes, p.Example, nil
	if p.Steps > 0 {
		l.logs = logs
	}
	if p.Batches > 0 {
		if err := l.begin(); err != nil {
			return err
		}
		l.passed = p.Batches
	}
	return nil
}
