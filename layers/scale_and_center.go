package layers

import (
	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// scaleAndCenter are the arguments of layers that multiply what they normalized by gamma and add beta.
type scaleAndCenter struct {
	Center           bool                     `keras:"center" default:"true"`
	Scale            bool                     `keras:"scale" default:"true"`
	BetaInitializer  initializers.Initializer `keras:"beta_initializer" default:"zeros"`
	GammaInitializer initializers.Initializer `keras:"gamma_initializer" default:"ones"`
	BetaRegularizer  regularizers.Regularizer `keras:"beta_regularizer"`
	GammaRegularizer regularizers.Regularizer `keras:"gamma_regularizer"`
	BetaConstraint   constraints.Constraint   `keras:"beta_constraint"`
	GammaConstraint  constraints.Constraint   `keras:"gamma_constraint"`
}

// declare declares gamma and beta, those that are wanted.
func (c *scaleAndCenter) declare(b *symbolic.Builder, gamma, beta bool, shape ...int) {
	if gamma {
		b.Weight(symbolic.WeightSpec{Name: "gamma", Shape: shape, Initializer: c.GammaInitializer, Regularizer: c.GammaRegularizer, Constraint: c.GammaConstraint})
	}
	if beta {
		b.Weight(symbolic.WeightSpec{Name: "beta", Shape: shape, Initializer: c.BetaInitializer, Regularizer: c.BetaRegularizer, Constraint: c.BetaConstraint})
	}
}
