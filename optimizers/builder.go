package optimizers

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// common holds the arguments that all Keras optimizers share, besides those
// whose defaults differ from class to class.
type common struct {
	Clipnorm                  *float64 `keras:"clipnorm"`
	GlobalClipnorm            *float64 `keras:"global_clipnorm"`
	Clipvalue                 *float64 `keras:"clipvalue"`
	UseEMA                    bool     `keras:"use_ema"`
	EMAMomentum               float64  `keras:"ema_momentum" default:"0.99"`
	EMAOverwriteFrequency     *int     `keras:"ema_overwrite_frequency"`
	LossScaleFactor           *float64 `keras:"loss_scale_factor"`
	GradientAccumulationSteps *int     `keras:"gradient_accumulation_steps"`
}

// base holds what all optimizers of this package share, once: its setters
// return S, the concrete optimizer, so that a chain goes on.
type base[S algorithm] struct {
	self         S
	name         *string
	learningRate *rate
	weightDecay  **float64
	common       *common
	exclude      []string
	err          error
}

// start connects the base with its optimizer's configuration and takes the constructor's optional learning rate.
func (b *base[S]) start(self S, name *string, learningRate *rate, weightDecay **float64, c *common, given []float64) {
	config.SetDefaults(self.KerasConfig())
	*b = base[S]{self: self, name: name, learningRate: learningRate, weightDecay: weightDecay, common: c}
	switch len(given) {
	case 0:
	case 1:
		*learningRate = rate{value: given[0]}
	default:
		b.err = fmt.Errorf("got %d learning rates, want one or none", len(given))
	}
}

// Name sets the optimizer's name (Keras: name=).
func (b *base[S]) Name(name string) S {
	*b.name = name
	return b.self
}

// LearningRate sets the learning rate (Keras: learning_rate=).
func (b *base[S]) LearningRate(learningRate float64) S {
	*b.learningRate = rate{value: learningRate}
	return b.self
}

// LearningRateSchedule lets the learning rate follow a schedule (Keras: learning_rate=, with a LearningRateSchedule).
// The optimizer then has no variable of the learning rate, and callbacks can't change it.
func (b *base[S]) LearningRateSchedule(schedule Schedule) S {
	if schedule == nil {
		b.err = errors.New("the learning rate schedule is nil")
		return b.self
	}
	*b.learningRate = rate{schedule: schedule}
	return b.self
}

// WeightDecay makes each step first shrink the weights by this share, times
// the learning rate (Keras: weight_decay=).
func (b *base[S]) WeightDecay(decay float64) S {
	*b.weightDecay = &decay
	return b.self
}

// Clipnorm bounds the norm of each weight's gradient (Keras: clipnorm=,
// default none). Only one of Clipnorm, Clipvalue and GlobalClipnorm may be set.
func (b *base[S]) Clipnorm(norm float64) S {
	b.common.Clipnorm = &norm
	return b.self
}

// Clipvalue bounds each element of the gradients (Keras: clipvalue=, default none).
func (b *base[S]) Clipvalue(value float64) S {
	b.common.Clipvalue = &value
	return b.self
}

// GlobalClipnorm bounds the norm of all gradients together (Keras: global_clipnorm=, default none).
func (b *base[S]) GlobalClipnorm(norm float64) S {
	b.common.GlobalClipnorm = &norm
	return b.self
}

// UseEMA keeps an exponential moving average of the weights, which replaces
// them when training ends (Keras: use_ema=, default false).
func (b *base[S]) UseEMA(on bool) S {
	b.common.UseEMA = on
	return b.self
}

// EMAMomentum sets how much of the moving average stays at each step (Keras: ema_momentum=, default 0.99).
func (b *base[S]) EMAMomentum(momentum float64) S {
	b.common.EMAMomentum = momentum
	return b.self
}

// EMAOverwriteFrequency overwrites the weights by their moving averages every
// so many steps (Keras: ema_overwrite_frequency=, default only when training ends).
func (b *base[S]) EMAOverwriteFrequency(steps int) S {
	b.common.EMAOverwriteFrequency = &steps
	return b.self
}

// LossScaleFactor multiplies the loss before, and divides the gradients after,
// differentiation (Keras: loss_scale_factor=, default none).
func (b *base[S]) LossScaleFactor(factor float64) S {
	b.common.LossScaleFactor = &factor
	return b.self
}

// GradientAccumulationSteps updates the weights every so many steps, by the
// mean of the gradients since the last update (Keras: gradient_accumulation_steps=, at least 2, default none).
func (b *base[S]) GradientAccumulationSteps(steps int) S {
	b.common.GradientAccumulationSteps = &steps
	return b.self
}

// ExcludeFromWeightDecay keeps the weights in whose name one of the regular
// expressions matches from decaying (Keras: exclude_from_weight_decay(var_names=)).
// Keras's files don't keep it.
func (b *base[S]) ExcludeFromWeightDecay(names ...string) S {
	b.exclude = append(b.exclude, names...)
	return b.self
}

// KerasName implements [Optimizer].
func (b *base[S]) KerasName() string { return *b.name }

// Validate implements [Optimizer].
func (b *base[S]) Validate() error {
	c := b.common
	set := 0
	for _, v := range []*float64{c.Clipnorm, c.Clipvalue, c.GlobalClipnorm} {
		if v != nil {
			set++
		}
	}
	_, excludeErr := b.excluded()
	var rateErr error
	if b.learningRate.schedule != nil {
		rateErr = validateSchedule(b.learningRate.schedule)
	}
	switch steps, frequency := c.GradientAccumulationSteps, c.EMAOverwriteFrequency; {
	case b.err != nil:
		return b.err
	case excludeErr != nil:
		return excludeErr
	case rateErr != nil:
		return fmt.Errorf("learning_rate: %w", rateErr)
	case steps != nil && *steps != 0 && *steps < 2:
		return fmt.Errorf("gradient_accumulation_steps must be an integer >= 2; received gradient_accumulation_steps=%d", *steps)
	case c.UseEMA && !(c.EMAMomentum >= 0 && c.EMAMomentum <= 1):
		return fmt.Errorf("ema_momentum must be in the range [0, 1]; received ema_momentum=%v", c.EMAMomentum)
	case c.UseEMA && frequency != nil && *frequency < 1:
		return fmt.Errorf("ema_overwrite_frequency must be an integer >= 1 or none; received ema_overwrite_frequency=%d", *frequency)
	case c.LossScaleFactor != nil && *c.LossScaleFactor == 0:
		return errors.New("loss_scale_factor must not be 0")
	case set > 1:
		return fmt.Errorf("only one of clipnorm, clipvalue and global_clipnorm can be set; received clipnorm=%s, clipvalue=%s, global_clipnorm=%s",
			optional(c.Clipnorm), optional(c.Clipvalue), optional(c.GlobalClipnorm))
	}
	return b.self.check()
}

func optional(v *float64) string {
	if v == nil {
		return "None"
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// excluded returns the pattern of names whose weights don't decay, nil for none.
func (b *base[S]) excluded() (*regexp.Regexp, error) {
	if len(b.exclude) == 0 {
		return nil, nil
	}
	re, err := regexp.Compile(strings.Join(b.exclude, "|"))
	if err != nil {
		return nil, fmt.Errorf("exclude_from_weight_decay: %w", err)
	}
	return re, nil
}

func class(name string) config.Class { return config.Class{Module: "keras.optimizers", Name: name} }
