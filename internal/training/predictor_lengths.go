package training

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// predictorLengths are the programs of a predictor for sequences of open lengths. Lengths share them from the first on.
type predictorLengths struct {
	mu    sync.Mutex
	plans map[string]*lengthPlan       // by which inputs have one length
	byKey map[string]*predictorProgram // the latest maxPrograms
	order []string
}

func newPredictorLengths() *predictorLengths {
	return &predictorLengths{plans: map[string]*lengthPlan{}, byKey: map[string]*predictorProgram{}}
}

// take returns the program for inputs of those lengths, to which it adds steps as the program wants.
func (l *predictorLengths) take(p *Predictor, inputs []*tensors.Tensor) (*predictorProgram, []int, error) {
	b := &data.Batch{X: inputs, Rows: p.rows}
	groups, lengths := p.m.openLengths(b)
	if len(lengths) == 0 {
		return nil, nil, fmt.Errorf("a sequence has no steps, want at least one")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	plan := l.plans[fmt.Sprint(groups)]
	if plan == nil {
		plan = &lengthPlan{sizes: map[string][]int{}, groups: groups, lengths: len(lengths)}
		l.plans[fmt.Sprint(groups)] = plan
		if err := catch.Panic(func() error { return p.m.plan(p.engine, Predict, b, plan.rounded(lengths)) }); err != nil {
			plan.whole = true
		}
	}
	var added *addedSteps
	steps := lengths
	if !plan.whole && plan.takes(p.m, p.engine, Predict, b, lengths) {
		added = plan.rounded(lengths)
		steps = added.steps
	}
	for i, group := range groups {
		if group >= 0 {
			var err error
			if inputs[i], err = data.WithSteps(inputs[i], steps[group]); err != nil {
				return nil, nil, err
			}
		}
	}
	key := fmt.Sprint(groups, steps, added != nil)
	if made := l.byKey[key]; made != nil {
		return made, lengths, nil
	}
	example := &data.Batch{Rows: p.rows}
	for i, t := range p.m.Inputs() {
		shape := p.given[i].Clone()
		if groups[i] >= 0 {
			shape[1] = steps[groups[i]]
		}
		example.X = append(example.X, tensors.FromShape(shapes.Make(ndarray.DType(t.DType()), shape...)))
	}
	made, err := p.build(example, added)
	if err != nil {
		return nil, nil, err
	}
	l.byKey[key] = made
	if l.order = append(l.order, key); len(l.order) > maxPrograms {
		delete(l.byKey, l.order[0])
		l.order = slices.Delete(l.order, 0, 1)
	}
	return made, lengths, nil
}
