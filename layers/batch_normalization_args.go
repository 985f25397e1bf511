package layers

import (
	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/regularizers"
)

// Axis sets the axis whose positions are normalized one by one, usually the
// channels (Keras: axis=). Default -1.
func (l *BatchNormalizationLayer) Axis(axis int) *BatchNormalizationLayer {
	return l.set("axis", func() { l.cfg.Axis = axis })
}

// Momentum is the part of the moving averages that a step keeps (Keras: momentum=). Default 0.99.
func (l *BatchNormalizationLayer) Momentum(momentum float64) *BatchNormalizationLayer {
	return l.set("momentum", func() { l.cfg.Momentum = momentum })
}

// Epsilon is added to the variance (Keras: epsilon=). Default 0.001.
func (l *BatchNormalizationLayer) Epsilon(epsilon float64) *BatchNormalizationLayer {
	return l.set("epsilon", func() { l.cfg.Epsilon = epsilon })
}

// Center tells whether beta is added (Keras: center=). Default true.
func (l *BatchNormalizationLayer) Center(center bool) *BatchNormalizationLayer {
	return l.set("center", func() { l.cfg.Center = center })
}

// Scale tells whether the result is multiplied by gamma (Keras: scale=). Default true.
func (l *BatchNormalizationLayer) Scale(scale bool) *BatchNormalizationLayer {
	return l.set("scale", func() { l.cfg.Scale = scale })
}

// BetaInitializer sets how beta starts: a name or a value of package
// initializers (Keras: beta_initializer=). Default "zeros".
func (l *BatchNormalizationLayer) BetaInitializer(initializer any) *BatchNormalizationLayer {
	return l.setInitializer("beta_initializer", &l.cfg.BetaInitializer, initializer)
}

// GammaInitializer sets how gamma starts (Keras: gamma_initializer=). Default "ones".
func (l *BatchNormalizationLayer) GammaInitializer(initializer any) *BatchNormalizationLayer {
	return l.setInitializer("gamma_initializer", &l.cfg.GammaInitializer, initializer)
}

// MovingMeanInitializer sets how the moving mean starts (Keras: moving_mean_initializer=). Default "zeros".
func (l *BatchNormalizationLayer) MovingMeanInitializer(initializer any) *BatchNormalizationLayer {
	return l.setInitializer("moving_mean_initializer", &l.cfg.MovingMeanInitializer, initializer)
}

// MovingVarianceInitializer sets how the moving variance starts (Keras: moving_variance_initializer=). Default "ones".
func (l *BatchNormalizationLayer) MovingVarianceInitializer(initializer any) *BatchNormalizationLayer {
	return l.setInitializer("moving_variance_initializer", &l.cfg.MovingVarianceInitializer, initializer)
}

// BetaRegularizer penalises beta: a name or a value of package regularizers (Keras: beta_regularizer=). Default none.
func (l *BatchNormalizationLayer) BetaRegularizer(regularizer any) *BatchNormalizationLayer {
	return l.setRegularizer("beta_regularizer", &l.cfg.BetaRegularizer, regularizer)
}

// GammaRegularizer penalises gamma (Keras: gamma_regularizer=). Default none.
func (l *BatchNormalizationLayer) GammaRegularizer(regularizer any) *BatchNormalizationLayer {
	return l.setRegularizer("gamma_regularizer", &l.cfg.GammaRegularizer, regularizer)
}

// BetaConstraint projects beta after every step: a name or a value of package constraints (Keras: beta_constraint=). Default none.
func (l *BatchNormalizationLayer) BetaConstraint(constraint any) *BatchNormalizationLayer {
	return l.setConstraint("beta_constraint", &l.cfg.BetaConstraint, constraint)
}

// GammaConstraint projects gamma after every step (Keras: gamma_constraint=). Default none.
func (l *BatchNormalizationLayer) GammaConstraint(constraint any) *BatchNormalizationLayer {
	return l.setConstraint("gamma_constraint", &l.cfg.GammaConstraint, constraint)
}

// Synchronized asks for statistics over the batches of several devices
// (Keras: synchronized=); true is an error here. Default false.
func (l *BatchNormalizationLayer) Synchronized(synchronized bool) *BatchNormalizationLayer {
	return l.set("synchronized", func() { l.cfg.Synchronized = synchronized })
}

// Renorm turns batch renormalization on (Keras: renorm=). Default false.
func (l *BatchNormalizationLayer) Renorm(renorm bool) *BatchNormalizationLayer {
	return l.set("renorm", func() { l.cfg.Renorm = renorm })
}

// RenormClipping bounds the corrections of batch renormalization (Keras: renorm_clipping=). Default none.
func (l *BatchNormalizationLayer) RenormClipping(clipping RenormClipping) *BatchNormalizationLayer {
	return l.set("renorm_clipping", func() { l.cfg.RenormClipping = &clipping })
}

// RenormMomentum is the part of batch renormalization's own averages that a step keeps (Keras: renorm_momentum=). Default 0.99.
func (l *BatchNormalizationLayer) RenormMomentum(momentum float64) *BatchNormalizationLayer {
	return l.set("renorm_momentum", func() { l.cfg.RenormMomentum = momentum })
}

// setInitializer, setRegularizer and setConstraint resolve what a user gives and set it.
func (l *layer[L]) setInitializer(argument string, to *initializers.Initializer, v any) L {
	return l.setErr(argument, func() (err error) { *to, err = initializers.Get(v); return err })
}

func (l *layer[L]) setRegularizer(argument string, to *regularizers.Regularizer, v any) L {
	return l.setErr(argument, func() (err error) { *to, err = regularizers.Get(v); return err })
}

func (l *layer[L]) setConstraint(argument string, to *constraints.Constraint, v any) L {
	return l.setErr(argument, func() (err error) { *to, err = constraints.Get(v); return err })
}
