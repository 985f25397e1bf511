package functional

import (
	"fmt"

	"github.com/gokeras/gokeras/symbolic"
)

// AddLoss adds a number that is computed from the model's tensors to its loss (model.add_loss of Keras 2, which Keras 3 has for layers alone), as a variational
// autoencoder's. Call it before Compile, which needs no loss then, and give Fit no targets where there are none:
//
//	err := vae.AddLoss(ops.Mean(ops.Add(reconstruction, kl)))
//
// It needs package layers, or saving, in the program.
func (m *Model) AddLoss(loss *Tensor) error {
	fail := func(err error) error { return fmt.Errorf("model %q: AddLoss: %w", m.Name(), err) }
	if !m.Connected() {
		return fail(fmt.Errorf("the model has no input yet: call Build"))
	}
	if m.session().Compiled() {
		return fail(fmt.Errorf("the model is compiled: add losses before Compile"))
	}
	l, err := symbolic.NewLayer("gokeras>AddLoss")
	if err != nil {
		return fail(err)
	}
	if err := symbolic.ReadConfig(l, map[string]any{}); err != nil {
		return fail(err)
	}
	added := l.Base().Apply(loss)
	if err := added.Err(); err != nil {
		return fail(err)
	}
	if err := m.AddAside(added); err != nil {
		return fail(err)
	}
	return nil
}
