package optimizers

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// Arguments are those that all Keras optimizers share. An optimizer's configuration embeds them, and its tag
// gives the defaults that differ from class to class: `default:"name=adam,learning_rate=0.001"`.
type Arguments struct {
	Name                      string   `keras:"name"`
	LearningRate              rate     `keras:"learning_rate"`
	WeightDecay               *float64 `keras:"weight_decay"`
	Clipnorm                  *float64 `keras:"clipnorm"`
	GlobalClipnorm            *float64 `keras:"global_clipnorm"`
	Clipvalue                 *float64 `keras:"clipvalue"`
	UseEMA                    bool     `keras:"use_ema"`
	EMAMomentum               float64  `keras:"ema_momentum" default:"0.99"`
	EMAOverwriteFrequency     *int     `keras:"ema_overwrite_frequency"`
	LossScaleFactor           *float64 `keras:"loss_scale_factor"`
	GradientAccumulationSteps *int     `keras:"gradient_accumulation_steps"`
}

// Base makes an [Optimizer] of a [Rule], which embeds it: it has the setters of the arguments that all optimizers share, clips
// gradients, lets weights decay, accumulates gradients and keeps moving averages, with Keras's numbers. The setters return S, the
// concrete optimizer, so that a chain goes on. It is made by Start.
type Base[S Rule] struct {
	self    S
	class   Class
	config  any
	args    *Arguments
	exclude []string
	err     error
}

// Start connects the base with its rule, the class that files name, the configuration (a pointer to the struct that embeds the
// arguments, whose defaults are set here) and the constructor's optional learning rate.
func (b *Base[S]) Start(self S, class Class, configuration any, arguments *Arguments, learningRate ...float64) {
	config.SetDefaults(configuration)
	*b = Base[S]{self: self, class: class, config: configuration, args: arguments}
	switch len(learningRate) {
	case 0:
	case 1:
		arguments.LearningRate = rate{value: learningRate[0]}
	default:
		b.err = fmt.Errorf("got %d learning rates, want one or none", len(learningRate))
	}
}

// KerasClass implements [Optimizer].
func (b *Base[S]) KerasClass() Class { return b.class }

// KerasConfig implements [Optimizer].
func (b *Base[S]) KerasConfig() any { return b.config }

// Name sets the optimizer's name (Keras: name=).
func (b *Base[S]) Name(name string) S {
	b.args.Name = name
	return b.self
}

// LearningRate sets the learning rate (Keras: learning_rate=).
func (b *Base[S]) LearningRate(learningRate float64) S {
	b.args.LearningRate = rate{value: learningRate}
	return b.self
}

// LearningRateSchedule lets the learning rate follow a schedule (Keras: learning_rate=, with a LearningRateSchedule).
// The optimizer then has no variable of the learning rate, and callbacks can't change it.
func (b *Base[S]) LearningRateSchedule(schedule Schedule) S {
	if schedule == nil {
		b.err = errors.New("the learning rate schedule is nil")
		return b.self
	}
	b.args.LearningRate = rate{schedule: schedule}
	return b.self
}

// Schedule is the schedule of the learning rate; nil where that is a number.
func (b *Base[S]) Schedule() Schedule { return b.args.LearningRate.schedule }

// WeightDecay makes each step first shrink the weights by this share, times
// the learning rate (Keras: weight_decay=).
func (b *Base[S]) WeightDecay(decay float64) S {
	b.args.WeightDecay = &decay
	return b.self
}

// Clipnorm bounds the norm of each weight's gradient (Keras: clipnorm=,
// default none). Only one of Clipnorm, Clipvalue and GlobalClipnorm may be set.
func (b *Base[S]) Clipnorm(norm float64) S {
	b.args.Clipnorm = &norm
	return b.self
}

// Clipvalue bounds each element of the gradients (Keras: clipvalue=, default none).
func (b *Base[S]) Clipvalue(value float64) S {
	b.args.Clipvalue = &value
	return b.self
}

// GlobalClipnorm bounds the norm of all gradients together (Keras: global_clipnorm=, default none).
func (b *Base[S]) GlobalClipnorm(norm float64) S {
	b.args.GlobalClipnorm = &norm
	return b.self
}

// UseEMA keeps an exponential moving average of the weights, which replaces
// them when training ends (Keras: use_ema=, default false).
func (b *Base[S]) UseEMA(on bool) S {
	b.args.UseEMA = on
	return b.self
}

// EMAMomentum sets how much of the moving average stays at each step (Keras: ema_momentum=, default 0.99).
func (b *Base[S]) EMAMomentum(momentum float64) S {
	b.args.EMAMomentum = momentum
	return b.self
}

// EMAOverwriteFrequency overwrites the weights by their moving averages every
// so many steps (Keras: ema_overwrite_frequency=, default only when training ends).
func (b *Base[S]) EMAOverwriteFrequency(steps int) S {
	b.args.EMAOverwriteFrequency = &steps
	return b.self
}

// LossScaleFactor multiplies the loss before, and divides the gradients after,
// differentiation (Keras: loss_scale_factor=, default none).
func (b *Base[S]) LossScaleFactor(factor float64) S {
	b.args.LossScaleFactor = &factor
	return b.self
}

// GradientAccumulationSteps updates the weights every so many steps, by the
// mean of the gradients since the last update (Keras: gradient_accumulation_steps=, at least 2, default none).
func (b *Base[S]) GradientAccumulationSteps(steps int) S {
	b.args.GradientAccumulationSteps = &steps
	return b.self
}

// ExcludeFromWeightDecay keeps the weights in whose name one of the regular
// expressions matches from decaying (Keras: exclude_from_weight_decay(var_names=)).
// Keras's files don't keep it.
func (b *Base[S]) ExcludeFromWeightDecay(names ...string) S {
	b.exclude = append(b.exclude, names...)
	return b.self
}

// KerasName implements [Optimizer].
func (b *Base[S]) KerasName() string {
	if b.args == nil {
		return ""
	}
	return b.args.Name
}

// Validate implements [Optimizer].
func (b *Base[S]) Validate() error {
	c := b.args
	if c == nil {
		return errors.New("it was not made by its constructor")
	}
	set := 0
	for _, v := range []*float64{c.Clipnorm, c.Clipvalue, c.GlobalClipnorm} {
		if v != nil {
			set++
		}
	}
	_, excludeErr := b.excluded()
	var rateErr error
	if c.LearningRate.schedule != nil {
		rateErr = validateSchedule(c.LearningRate.schedule)
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
	if rule, ok := any(b.self).(interface{ Check() error }); ok {
		return rule.Check()
	}
	return nil
}

func optional(v *float64) string {
	if v == nil {
		return "None"
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// excluded returns the pattern of names whose weights don't decay, nil for none.
func (b *Base[S]) excluded() (*regexp.Regexp, error) {
	if len(b.exclude) == 0 {
		return nil, nil
	}
	re, err := regexp.Compile(strings.Join(b.exclude, "|"))
	if err != nil {
		return nil, fmt.Errorf("exclude_from_weight_decay: %w", err)
	}
	return re, nil
}

func class(name string) Class { return Class{Module: "keras.optimizers", Name: name} }
