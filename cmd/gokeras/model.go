package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/saving"
)

// loadCompiled reads a model that is to train or to be evaluated; what a file without compile arguments lacks may come
// from flags.
func loadCompiled(path string, o *compileFlags, trains bool) (*functional.Model, error) {
	m, err := saving.LoadModel(path)
	if err != nil {
		return nil, err
	}
	if err := o.apply(m, trains); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// compileFlags override what the file says about training. The zero values leave it as it is.
type compileFlags struct {
	optimizer    string
	loss         []string
	metrics      []string
	learningRate float64
	rateGiven    bool
}

// lossFlags adds --loss and --metrics.
func (o *compileFlags) lossFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&o.loss, "loss", nil, "loss, instead of the file's: a name, or output=name for each of several outputs")
	flags.StringSliceVar(&o.metrics, "metrics", nil, "metrics, instead of the file's: names, or output=name for several outputs")
	must(cmd.RegisterFlagCompletionFunc("loss", completeNames(losses.Names)))
	must(cmd.RegisterFlagCompletionFunc("metrics", completeNames(metrics.Names)))
}

func (o *compileFlags) apply(m *functional.Model, trains bool) error {
	c, compiled := m.Compiled()
	if !compiled && o.loss == nil {
		return errors.New("the model was saved without compile arguments: name a loss with --loss")
	}
	if o.loss != nil {
		loss, err := perOutput(m, "--loss", o.loss)
		if err != nil {
			return err
		}
		if c.Loss = loss; len(o.loss) == 1 && !strings.Contains(o.loss[0], "=") {
			c.Loss = o.loss[0]
		}
	}
	if o.metrics != nil {
		given, err := perOutput(m, "--metrics", o.metrics)
		if err != nil {
			return err
		}
		c.Metrics, c.WeightedMetrics = given, nil
	}
	if o.optimizer != "" {
		c.Optimizer = o.optimizer
	}
	if !compiled || o.loss != nil || o.metrics != nil || o.optimizer != "" {
		if !trains { // whatever the optimizer is, perhaps one that this program doesn't know
			c.Optimizer = nil
		}
		if err := recompile(m, c, trains && compiled && o.optimizer == ""); err != nil {
			return err
		}
	}
	if o.rateGiven {
		if err := m.SetLearningRate(o.learningRate); err != nil {
			return fmt.Errorf("--learning-rate: %w; --optimizer replaces it", err)
		}
	}
	return nil
}

// recompile compiles the model, with the state of its optimizer carried over if keep.
func recompile(m *functional.Model, c functional.Compile, keep bool) error {
	if !keep {
		return m.Compile(c)
	}
	old, err := m.OptimizerVariables()
	if err != nil {
		return err
	}
	if err := m.Compile(c); err != nil {
		return err
	}
	fresh, err := m.OptimizerVariables()
	if err != nil {
		return err
	}
	for i, v := range old {
		value, err := v.Value()
		if err != nil {
			return err
		}
		if err := fresh[i].Set(value); err != nil {
			return err
		}
	}
	return nil
}

// perOutput reads names, each perhaps after an output's name and "=": a list, or a map of lists by output.
func perOutput(m *functional.Model, flag string, given []string) (any, error) {
	var list []any
	byOutput := map[string]any{}
	for _, text := range given {
		output, name, ok := strings.Cut(text, "=")
		if !ok {
			list = append(list, text)
			continue
		}
		if names := m.OutputNames(); !slices.Contains(names, output) {
			return nil, fmt.Errorf("%s %s: there is no output %q: the outputs are %s", flag, text, output, quoted(names))
		}
		if flag == "--loss" {
			byOutput[output] = name
			continue
		}
		of, _ := byOutput[output].([]any)
		byOutput[output] = append(of, name)
	}
	switch {
	case len(byOutput) == 0:
		return list, nil
	case list != nil:
		return nil, fmt.Errorf("%s: either name an output for each (output=name), or for none", flag)
	}
	return byOutput, nil
}
