package optimizers

import (
	"fmt"
	"math"
	"reflect"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// Schedule is a learning rate that depends on the step (Keras:
// keras.optimizers.schedules.LearningRateSchedule). An optimizer takes one with LearningRateSchedule. A schedule
// that also has a method Validate() error is asked before it is used.
type Schedule interface {
	config.Object
	// At returns the learning rate, a float32 scalar, of a step, an int32 scalar that counts from 0. It builds part
	// of a GoMLX graph and panics with an error where it can't, as GoMLX's own functions do.
	At(step *graph.Node) *graph.Node
}

var schedules = config.NewCatalogue[Schedule]("learning rate schedule")

// GetSchedule resolves a [Schedule] or the decoded configuration of one (Keras: schedules.deserialize); nil is none.
// The arguments are checked.
func GetSchedule(v any) (Schedule, error) {
	s, err := schedules.Get(v)
	if err != nil || s == nil {
		return nil, err
	}
	return s, validateSchedule(s)
}

// RegisterSchedule makes a custom schedule known to [GetSchedule] and to files under the registered name of its
// class ("package>Name").
func RegisterSchedule(create func() Schedule) { schedules.Add(create) }

// ScheduleNames lists the names of the schedules that files may hold.
func ScheduleNames() []string { return schedules.Names() }

func validateSchedule(s Schedule) error {
	if rv := reflect.ValueOf(s); !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil() {
		return fmt.Errorf("the learning rate schedule is nil")
	}
	if checked, ok := s.(interface{ Validate() error }); ok {
		if err := checked.Validate(); err != nil {
			return fmt.Errorf("%s: %w", s.KerasClass().Name, err)
		}
	}
	return nil
}

func scheduleClass(name string) config.Class {
	return config.Class{Module: "keras.optimizers.schedules", Name: name}
}

// rate is a learning rate: a number, or a schedule. Keras keeps a number in a
// float32 variable, and that is the value that its configuration shows.
type rate struct {
	value    float64
	schedule Schedule // nil for a number
}

// EncodeKeras implements config.Codec.
func (r *rate) EncodeKeras() (any, error) {
	if r.schedule == nil {
		return float64(float32(r.value)), nil
	}
	if err := validateSchedule(r.schedule); err != nil {
		return nil, err
	}
	return config.Encode(r.schedule)
}

// DecodeKeras implements config.Codec.
func (r *rate) DecodeKeras(v any) error {
	if m, ok := v.(map[string]any); ok {
		s, err := GetSchedule(m)
		if err != nil {
			return err
		}
		*r = rate{schedule: s}
		return nil
	}
	f, ok := config.AsFloat(v)
	if !ok {
		return fmt.Errorf("got a %T, want a number or a learning rate schedule", v)
	}
	*r = rate{value: f}
	return nil
}

// label is the name of a schedule. Keras 2 writes null for the default name, which Keras 3 writes out.
type label string

// EncodeKeras implements config.Codec.
func (l *label) EncodeKeras() (any, error) { return string(*l), nil }

// DecodeKeras implements config.Codec.
func (l *label) DecodeKeras(v any) error {
	name, ok := v.(string)
	if !ok && v != nil {
		return fmt.Errorf("got a %T, want a string", v)
	}
	if ok {
		*l = label(name)
	}
	return nil
}

// count is a number of steps. Keras documents an integer and takes any number; whole ones are written as integers.
type count float64

// EncodeKeras implements config.Codec.
func (c *count) EncodeKeras() (any, error) {
	f := float64(*c)
	if n, whole := config.AsInt(f); whole {
		return n, nil
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, fmt.Errorf("%v can't be written to JSON: want a finite number", f)
	}
	return f, nil
}

// DecodeKeras implements config.Codec.
func (c *count) DecodeKeras(v any) error {
	f, ok := config.AsFloat(v)
	if !ok {
		return fmt.Errorf("got a %T, want a number", v)
	}
	*c = count(f)
	return nil
}

// positive is the error for a number of steps that Keras's constructors refuse.
func (c count) positive(name string) error {
	if !(c > 0) {
		return fmt.Errorf("%s must be > 0; received %s=%v", name, name, float64(c))
	}
	return nil
}

// begin checks a schedule and returns the step as a float32.
func begin(s Schedule, step *graph.Node) *graph.Node {
	if err := validateSchedule(s); err != nil {
		panic(err)
	}
	return graph.ConvertDType(step, dtypes.Float32)
}

// floorQuotient is ⌊x/d⌋. An engine that multiplies by 1/d instead may come out just below a whole number, and a
// staircase would step down late; the remainder puts it right.
func floorQuotient(x, d *graph.Node) *graph.Node {
	q := graph.Floor(graph.Div(x, d))
	q = graph.Sub(q, as(graph.GreaterThan(graph.Mul(q, d), x), x))
	return graph.Add(q, as(graph.LessOrEqual(graph.Mul(graph.OnePlus(q), d), x), x))
}

// ceilQuotient is ⌈x/d⌉, with the same care.
func ceilQuotient(x, d *graph.Node) *graph.Node {
	q := floorQuotient(x, d)
	return graph.Add(q, as(graph.LessThan(graph.Mul(q, d), x), x))
}
