package optimizers

import "github.com/gomlx/gomlx/core/graph"

// The arguments that several optimizers have, each with its setter, once.

// betas are the decays of running averages.
type betas struct {
	Beta1 float64 `keras:"beta_1" default:"0.9"`
	Beta2 float64 `keras:"beta_2" default:"0.999"`
}

type withBetas[S any] struct {
	chain S
	betas *betas
}

// Beta1 sets the decay of the first moment, or of the momentum within a step (Keras: beta_1=, default 0.9).
func (w *withBetas[S]) Beta1(beta float64) S {
	w.betas.Beta1 = beta
	return w.chain
}

// Beta2 sets the decay of the second moment, or of the momentum (Keras: beta_2=, default 0.999, for Lion 0.99).
func (w *withBetas[S]) Beta2(beta float64) S {
	w.betas.Beta2 = beta
	return w.chain
}

// epsilon keeps a denominator from 0.
type epsilon struct {
	Epsilon float64 `keras:"epsilon" default:"1e-7"`
}

// rootEpsilon is added before a root, or after it, as optimizers of Keras 2 did, which files of Keras 3 can't say.
type rootEpsilon struct {
	epsilon
	AfterRoot bool `keras:"epsilon_after_root,unsaved"`
}

// root is the denominator of that square.
func (e rootEpsilon) root(square *graph.Node) *graph.Node {
	if e.AfterRoot {
		return plus(graph.Sqrt(square), e.Epsilon)
	}
	return graph.Sqrt(plus(square, e.Epsilon))
}

type withEpsilon[S any] struct {
	chain   S
	epsilon *epsilon
}

// Epsilon sets the small number in the denominator (Keras: epsilon=, default 1e-7).
func (w *withEpsilon[S]) Epsilon(epsilon float64) S {
	w.epsilon.Epsilon = epsilon
	return w.chain
}

// rho is the decay of running averages.
type rho struct {
	Rho float64 `keras:"rho" default:"0.9"`
}

type withRho[S any] struct {
	chain S
	rho   *rho
}

// Rho sets the decay of the running averages (Keras: rho=, default 0.9, for Adadelta 0.95).
func (w *withRho[S]) Rho(decay float64) S {
	w.rho.Rho = decay
	return w.chain
}

// accumulator is where sums of squares start.
type accumulator struct {
	InitialAccumulatorValue float64 `keras:"initial_accumulator_value" default:"0.1"`
}

type withAccumulator[S any] struct {
	chain       S
	accumulator *accumulator
}

// InitialAccumulatorValue sets where the sums of squares start (Keras: initial_accumulator_value=, default 0.1).
func (w *withAccumulator[S]) InitialAccumulatorValue(value float64) S {
	w.accumulator.InitialAccumulatorValue = value
	return w.chain
}

// slots is the group of the sums of squares and others.
func (a accumulator) slots(w Variable, others ...string) [][]Variable {
	group := likeWeight(w, append([]string{"accumulator"}, others...)...)
	group[0].Initial = a.InitialAccumulatorValue
	return [][]Variable{group}
}
