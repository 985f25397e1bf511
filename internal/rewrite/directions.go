package rewrite

import (
	"slices"

	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// mostTogether is the batch whose rows don't yet keep the threads busy, as one step waits for the one before.
const mostTogether = 8

// bothDirections makes two recurrent layers that need nothing of each other, one in reverse, a call that runs them side by side.
func (r *rewriter) bothDirections(s *stablehlo.Statement) bool {
	if !slices.Contains([]string{kernels.SimpleRNN, kernels.LSTM, kernels.GRU}, r.target(s)) || r.calls[s].Options&kernels.Both != 0 || s.Inputs[0].Shape().Dim(1) > mostTogether {
		return false
	}
	for _, t := range r.main.Statements {
		if !r.isBefore(s, t) || r.target(t) != r.target(s) || r.calls[t].Options != r.calls[s].Options^kernels.Reverse || !slices.EqualFunc(s.Inputs, t.Inputs, sameShape) || !r.sink(s, t) {
			continue
		}
		first, second := s, t
		if r.calls[s].Options&kernels.Reverse != 0 {
			first, second = t, s
		}
		w, target := *r.calls[first], r.target(s)
		w.Options |= kernels.Both
		inputs, outputs := slices.Concat(first.Inputs, second.Inputs), slices.Concat(first.Outputs, second.Outputs)
		r.drop(s)
		delete(r.calls, s)
		r.call(t, target, w, inputs...)
		r.change(t, func() { t.Outputs = outputs })
		return true
	}
	return false
}

func sameShape(a, b *stablehlo.Value) bool { return a.Shape().Equal(b.Shape()) }

// sink moves what follows from s behind t, which comes later; false: t itself does.
func (p *program) sink(s, t *stablehlo.Statement) bool {
	from, to := p.index[s], p.index[t]
	late := map[*stablehlo.Statement]bool{s: true}
	var list []*stablehlo.Statement
	for _, u := range p.main.Statements[from+1 : to+1] {
		if _, left := p.index[u]; !left {
			continue
		}
		eachUse(u, func(_ *stablehlo.Statement, v *stablehlo.Value) { late[u] = late[u] || late[p.def[v]] })
		if late[u] {
			list = append(list, u)
		}
	}
	if late[t] {
		return false
	}
	next := p.main.Statements[to+1] // the last statement returns
	for _, u := range list {
		p.move(u, next)
	}
	return true
}
