package prove

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/functional"
	_ "github.com/gokeras/gokeras/layers" // those that configurations name
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/port/np"
)

// comparison is of one model.
type comparison struct {
	cell  int
	name  string
	what  string
	model *functional.Model
}

func (c comparison) row(what, python, program string, v Verdict) {
	add(Row{Cell: c.cell, Name: c.name, What: c.what + what, Python: python, Program: program, Verdict: v})
}

// equal compares what two texts say.
func (c comparison) equal(what, python, program string) {
	v := Differs
	if python == program {
		v = Same
	}
	c.row(what, python, program, v)
}

func (c comparison) failed(what string, err error) { c.row(what, "", err.Error(), Differs) }

// data compares the first rows of what a model is given.
func (c comparison) data(what string, given any, shapes [][]int, heads []*np.Array) {
	var have []*tensors.Tensor
	switch g := given.(type) {
	case *tensors.Tensor:
		have = []*tensors.Tensor{g}
	case []*tensors.Tensor:
		have = g
	}
	if len(have) != len(heads) {
		c.row(what, fmt.Sprint(len(heads), " arrays"), fmt.Sprintf("%d (%T)", len(have), given), Differs)
		return
	}
	for i, t := range have {
		a := np.FromTensor(t)
		label := what
		if len(have) > 1 {
			label = fmt.Sprint(what, " ", i)
		}
		if !slices.Equal(a.Shape(), shapes[i]) {
			c.row(label, shape(shapes[i]), a.ShapeString(), Differs)
			continue
		}
		text, verdict := compare(heads[i], a.Index(np.S(":%d", heads[i].Len())), exact)
		c.row(label, shape(shapes[i])+" "+string(heads[i].DType()), a.ShapeString()+" "+string(a.DType())+", "+text, verdict)
	}
}

// build builds a model that takes its input's shape from the data.
func (c comparison) build(x *np.Array) {
	if c.model.Ready() == nil && c.model.Built() {
		return
	}
	if err := c.model.Build(x.Shape()[1:]...); err != nil {
		c.failed("build", err)
	}
}

// weights gives the model the weights that it had in Python.
func (c comparison) weights(from []*np.Array) bool {
	if err := c.model.SetWeights(tensorsOf(from)); err != nil {
		c.failed("weights", err)
		return false
	}
	return true
}

func tensorsOf(arrays []*np.Array) []*tensors.Tensor {
	out := make([]*tensors.Tensor, len(arrays))
	for i, a := range arrays {
		out[i] = a.Tensor()
	}
	return out
}

// some is data for a model: one tensor, or several.
func some(arrays []*np.Array) any {
	if len(arrays) == 1 {
		return arrays[0].Tensor()
	}
	return tensorsOf(arrays)
}

// trial compares predictions and training steps, with the same weights on both sides.
func (c comparison) trial(t *trial) {
	all := arrays(t.File)
	initial := list(all, "w", t.Weights)
	if !c.weights(initial) {
		return
	}
	x, y := list(all, "x", t.Inputs), list(all, "y", t.Targets)
	wanted := list(all, "p", t.Outputs)
	got, err := c.model.PredictOnBatch(some(x))
	if err != nil || len(got) != len(wanted) {
		c.failed("predictions", errors.Join(err, fmt.Errorf("%d outputs", len(got))))
		return
	}
	for i, p := range got {
		a := np.FromTensor(p)
		text, verdict := compare(wanted[i], a, approximate)
		c.row("predictions", wanted[i].ShapeString(), a.ShapeString()+", "+text, verdict)
	}
	if t.Targets == 0 {
		return
	}
	if t.Why != "" {
		c.row("training steps", t.Why, "", Skipped)
		return
	}
	steps := 1
	compiled, _ := c.model.Compiled()
	if compiled.Loss == nil {
		c.row("one gradient step", "a loss", "no loss", Differs)
		return
	}
	for _, kind := range []string{"g", "s"} {
		what, optimizer := "one gradient step", any(optimizers.SGD(1.0))
		if kind == "s" {
			what, optimizer, steps = "five training steps", compiled.Optimizer, len(t.Losses)
		}
		after := list(all, kind, t.Weights)
		rounded := after
		if kind == "s" {
			rounded = list(all, "r", t.Weights)
		}
		if err := c.steps(what, steps, compiled.Loss, optimizer, t, initial, after, rounded, x, y); err != nil {
			c.failed(what, err)
		}
	}
}

// steps trains a copy of the model that draws no random numbers, and compares the losses and how each layer's weights have moved: they
// may be off by 1 % of that, or by ten times as much as Python's own steps carry them away from weights that are one rounding off at the
// start (rounded), since maxima, relus and optimizers such as Adam make more of a rounding.
func (c comparison) steps(what string, n int, loss, optimizer any, t *trial, initial, wanted, rounded, x, y []*np.Array) error {
	raw, err := c.model.ToJSON()
	if err != nil {
		return err
	}
	var cfg map[string]any
	if err := json.Unmarshal(raw, &cfg); err != nil {
		return err
	}
	steady(cfg)
	if raw, err = json.Marshal(cfg); err != nil {
		return err
	}
	model, err := functional.FromJSON(raw, false)
	if err != nil {
		return err
	}
	if !model.Built() {
		(comparison{name: c.name, what: c.what, model: model}).build(x[0])
	}
	if err := model.SetWeights(tensorsOf(initial)); err != nil {
		return err
	}
	if err := model.Compile(functional.Compile{Optimizer: optimizer, Loss: loss}); err != nil {
		return err
	}
	off := 0.0
	for i := range n {
		batch := func(arrays []*np.Array) any {
			var parts []*np.Array
			for _, a := range arrays {
				begin := i * t.Batch
				if begin+t.Batch > x[0].Len() {
					begin = 0 // there are no more rows: those of the first step again
				}
				parts = append(parts, a.Index(np.S("%d:%d", begin, begin+t.Batch)))
			}
			return some(parts)
		}
		scores, err := model.TrainOnBatch(batch(x), batch(y), functional.BatchOptions{})
		if err != nil {
			return err
		}
		if n == len(t.Losses) {
			off = max(off, math.Abs(scores.Loss()-t.Losses[i])/max(1, math.Abs(t.Losses[i])))
		}
	}
	after, err := model.GetWeights()
	if err != nil {
		return err
	}
	worst, where, layers := moved(model, initial, wanted, after)
	text, verdict := fmt.Sprintf("farthest: %s, %.1e of its movement", where, worst), Same
	carried, _, _ := moved(model, initial, wanted, tensorsOf(rounded))
	if carried > 1e-3 {
		text += fmt.Sprintf(" (a rounding at the start: %.1e)", carried)
	}
	if worst > max(1e-2, 10*min(carried, 1e-2)) || math.IsNaN(worst) {
		verdict = Differs
	}
	if n == len(t.Losses) {
		text = fmt.Sprintf("losses within %.1e; ", off) + text
		if off > 1e-3 || math.IsNaN(off) {
			verdict = Differs
		}
	}
	c.row(what, fmt.Sprint(layers, " layers with weights"), text, verdict)
	return nil
}

// moved is how far the weights of a layer have gone elsewhere, as a part of how far they have gone: the largest, and its layer.
func moved(m *functional.Model, initial, wanted []*np.Array, after []*tensors.Tensor) (worst float64, where string, layers int) {
	names := map[any]string{}
	for _, l := range m.Layers() {
		for _, w := range l.Base().Weights() {
			names[w] = l.Base().Name()
		}
	}
	type sums struct{ off, way float64 }
	byLayer := map[string]*sums{}
	var order []string
	for i, w := range m.Weights() {
		name := names[w]
		if byLayer[name] == nil {
			byLayer[name] = &sums{}
			order = append(order, name)
		}
		s := byLayer[name]
		from, to, got := initial[i].Floats(), wanted[i].Floats(), np.FromTensor(after[i]).Floats()
		for k := range to {
			s.off += (got[k] - to[k]) * (got[k] - to[k])
			// A movement below what float32 holds of a weight isn't one.
			s.way += (to[k]-from[k])*(to[k]-from[k]) + 1e-13*from[k]*from[k] + 1e-16
		}
	}
	for _, name := range order {
		s := byLayer[name]
		if part := math.Sqrt(s.off / s.way); part >= worst || math.IsNaN(part) {
			worst, where = part, name
		}
	}
	return worst, where, len(order)
}

// farthest is the largest finite element, and the largest difference; two NaNs are equal, and so are two infinities.
func farthest(want, got []float64) (largest, off float64) {
	for i, w := range want {
		g := got[i]
		switch {
		case w == g || math.IsNaN(w) && math.IsNaN(g):
		case math.IsNaN(w-g) || math.IsInf(w-g, 0):
			return largest, math.Inf(1)
		default:
			off = max(off, math.Abs(w-g))
		}
		if !math.IsNaN(w) && !math.IsInf(w, 0) {
			largest = max(largest, math.Abs(w))
		}
	}
	return largest, off
}
