package functional

import (
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/gokeras/gokeras/internal/training"
	"github.com/gokeras/gokeras/symbolic"
)

// Model is a graph of layers with inputs and outputs (Keras: keras.Model, keras.Sequential). It
// is a layer itself: applying it to a tensor shares its layers' weights.
//
// Once its shapes are known, a model may be used by several goroutines at once, and so may models that share layers: they train, predict,
// evaluate, compile, save, load and set weights side by side. Each batch, and whatever reads or saves weights, sees all of them as they are
// between two training steps or two calls that set them; a Fit or an Evaluate goes on with what the model was compiled with when it began.
// What changes the graph (Add, Build, Trainable, applying layers) must be alone.
type Model struct {
	symbolic.Network

	now atomic.Pointer[compiled]
}

// compiled is what Compile makes anew: whoever began with what was there before goes on with that.
type compiled struct {
	session *training.Session
	given   Compile
	inFile  map[string]any   // compile_config of the file that the model came from
	lacks   map[string]error // arguments of Compile in which something is unknown
}

func newModel() *Model {
	m := &Model{}
	m.now.Store(&compiled{session: training.New(&m.Network)})
	return m
}

// session is what trains and runs the model as it is compiled now.
func (m *Model) session() *training.Session { return m.now.Load().session }

func init() {
	symbolic.RegisterModels(func() symbolic.Layer { return newModel() })
}

// NewModel makes the model that computes outputs from inputs (Keras:
// keras.Model(inputs, outputs)). Each is a *Tensor, a []*Tensor, or a
// map[string]*Tensor whose keys name the inputs or outputs, or lists and maps of these. Layers that lie between are part of
// the model. The error is the first that an application on the way met.
func NewModel(inputs, outputs any) (*Model, error) {
	caller := symbolic.CallerOutside()
	m := newModel()
	m.Start(m)
	if err := m.Connect(inputs, outputs); err != nil {
		m.GiveNameBack()
		if symbolic.IsApplicationError(err) {
			return nil, err
		}
		return nil, fmt.Errorf("%s: NewModel: %w", caller, err)
	}
	return m, nil
}

// NewSequential returns a model that is a plain stack of layers (Keras:
// keras.Sequential). The first item may be a tensor from [Input], or a model with one input; without it
// the model is built by the first data it sees, or by [Model.Build]. A slice of layers stands for its elements.
func NewSequential(items ...any) (*Model, error) {
	m := newModel()
	m.StartSequential(m, false)
	for i, item := range spread(items) {
		if t, ok := item.(*Tensor); ok {
			if i > 0 {
				return nil, fmt.Errorf("NewSequential: item %d is a tensor: only the first may be one, all others must be layers", i)
			}
			if err := m.StartAt(t); err != nil {
				return nil, fmt.Errorf("NewSequential: %w", err)
			}
			continue
		}
		l, ok := item.(Layer)
		if !ok {
			return nil, fmt.Errorf("NewSequential: item %d is a %T, want a layer", i, item)
		}
		if err := m.Add(l); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// spread puts the elements of slices in their place.
func spread(items []any) []any {
	var out []any
	for _, item := range items {
		if v := reflect.ValueOf(item); v.Kind() == reflect.Slice {
			for i := range v.Len() {
				out = append(out, v.Index(i).Interface())
			}
			continue
		}
		out = append(out, item)
	}
	return out
}

// Add puts a layer on top of a Sequential (Keras: Sequential.add).
func (m *Model) Add(l Layer) error { return m.Push(l) }

// Pop takes the last layer off a Sequential and returns it (Keras: Sequential.pop). The layers that stay keep their weights; what was compiled
// stays so. It is an error if there is no layer.
func (m *Model) Pop() (Layer, error) {
	if m == nil {
		return nil, errors.New("the model is nil: NewModel returned an error instead")
	}
	return m.Pull()
}

// Clone is a model of the same configuration, with layers and weights of its own, compiled in the same way if it is compiled, with an
// optimizer that has taken no step (Keras: keras.models.clone_model).
func (m *Model) Clone() (*Model, error) {
	if err := m.Ready(); err != nil && (m == nil || !m.Empty()) {
		return nil, err
	}
	raw, err := m.ToJSON()
	if err != nil {
		return nil, fmt.Errorf("cloning model %q: %w", m.Name(), err)
	}
	clone, err := FromJSON(raw, true)
	if err != nil {
		return nil, fmt.Errorf("cloning model %q: %w", m.Name(), err)
	}
	return clone, nil
}

// Build builds a Sequential for inputs of the given shape without the batch axis (Keras: build).
func (m *Model) Build(shape ...int) error { return m.BuildFor(shape...) }

// Named gives the model a name (Keras: name=) and returns the model.
func (m *Model) Named(name string) *Model {
	if err := m.Rename(name); err != nil {
		m.Fail(err)
	}
	return m
}

// Trainable freezes or thaws every layer of the model (Keras: model.trainable =). Compile again afterwards.
func (m *Model) Trainable(trainable bool) *Model {
	m.SetTrainable(trainable)
	return m
}

// Ready reports why the model can't compute anything, if so.
func (m *Model) Ready() error {
	if m == nil {
		return fmt.Errorf("the model is nil: NewModel returned an error instead")
	}
	return m.Network.Ready()
}

// Name is the model's name (Keras: model.name).
func (m *Model) Name() string {
	if m == nil {
		return ""
	}
	return m.Network.Name()
}
