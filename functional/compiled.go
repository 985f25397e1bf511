package functional

import "slices"

// Compiled returns the arguments that the model was compiled with, by [Model.Compile] or by the file it came from, with
// the optimizer as a value; ok is false before. Given to Compile again, changed or not, they start a new optimizer state,
// which [Model.OptimizerVariables] can carry over (Keras: get_compile_config).
func (m *Model) Compiled() (c Compile, ok bool) {
	t := m.training
	if t == nil {
		return Compile{}, false
	}
	c = t.options
	c.Optimizer = t.givenOptimizer()
	return c, true
}

// OptimizerVariables returns the optimizer's variables in Keras's order: the count of its steps, the learning rate unless
// a schedule sets it, and its slots for the trainable weights (Keras: model.optimizer.variables). Set changes what the next
// step starts from.
func (m *Model) OptimizerVariables() ([]*Weight, error) {
	if err := m.readyToTrain(); err != nil {
		return nil, err
	}
	if err := m.buildOptimizer(); err != nil {
		return nil, err
	}
	return slices.Clone(m.training.variables), nil
}
