package losses

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
)

// FuncLoss is a loss that a plain function computes (Keras: a function given to compile, LossFunctionWrapper).
type FuncLoss struct {
	base[*FuncLoss]
	cfg struct {
		commonConfig
		Function config.Function `keras:"fn"`
	}
	values func(yTrue, yPred *graph.Node) *graph.Node
	asIs   bool
}

// Func returns the loss whose values, one a sample, the function computes as [Loss].Values does. Logs and files know it by the
// name; a name of the form "package>name" is Python's name of a registered function. To load such files, call [RegisterFunc] too.
func Func(name string, values func(yTrue, yPred *graph.Node) *graph.Node) *FuncLoss {
	l := &FuncLoss{values: values}
	l.start(l, "LossFunctionWrapper", config.Function(name).Short(), &l.cfg, &l.cfg.commonConfig)
	l.cfg.Function = config.Function(name)
	return l
}

// RegisterFunc makes a function known to [Get] and to files under its name.
func RegisterFunc(name string, values func(yTrue, yPred *graph.Node) *graph.Node) {
	catalogue.AddFunction(config.Function(name), func() Loss { return Func(name, values) })
}

// Values implements [Loss].
func (l *FuncLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	values, err := l.function()
	if err != nil {
		panic(fmt.Errorf("loss %s: %w", l.KerasName(), err))
	}
	if !l.asIs {
		yTrue, yPred = align.SameRank(yTrue, yPred)
	}
	return values(graph.ConvertDType(yTrue, yPred.DType()), yPred)
}

// Unaligned gives the function targets and predictions in the shapes that they have, as a subclass of Keras's Loss gets them. Otherwise targets of
// shape (batch,) and predictions of (batch, 1) are brought to one shape before, as Keras does for functions.
func (l *FuncLoss) Unaligned() *FuncLoss {
	l.asIs = true
	return l
}

// function is the one given to Func, or for a loss of a file the one that was registered.
func (l *FuncLoss) function() (func(yTrue, yPred *graph.Node) *graph.Node, error) {
	if l.values != nil {
		return l.values, nil
	}
	known, err := catalogue.New(string(l.cfg.Function))
	if err != nil {
		return nil, err
	}
	if f, ok := known.(*FuncLoss); ok && f.values == nil {
		return nil, fmt.Errorf("there is no function: give Func one")
	}
	return known.Values, nil
}

// Validate says whether the reduction is none of Keras's, or the function is missing.
func (l *FuncLoss) Validate() error {
	if _, err := l.function(); err != nil {
		return fmt.Errorf("loss %s: %w", l.KerasName(), err)
	}
	return l.base.Validate()
}

// rename leaves a registered name to files: logs have the function's own.
func (l *FuncLoss) rename(name string) { l.base.rename(config.Function(name).Short()) }

func init() {
	catalogue.AddIncomplete(func() Loss { return Func("", nil) })
}
