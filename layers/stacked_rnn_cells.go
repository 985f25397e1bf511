package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/scan"
	"github.com/gokeras/gokeras/symbolic"
)

// StackedRNNCellsLayer is Keras's StackedRNNCells.
type StackedRNNCellsLayer struct {
	layer[*StackedRNNCellsLayer]
	cfg stackedRNNCellsConfig
}

type stackedRNNCellsConfig struct {
	symbolic.LayerConfig
	Cells []Cell `keras:"cells"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return StackedRNNCells() }) }

// StackedRNNCells returns cells one on top of the other as one cell (Keras: StackedRNNCells(cells)): each takes the output of the one before. Its states are
// those of all cells, in order.
func StackedRNNCells(cells ...Cell) *StackedRNNCellsLayer {
	l := &StackedRNNCellsLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Cells = slices.Clone(cells)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *stackedRNNCellsConfig) Validate() error {
	if len(c.Cells) == 0 {
		return fmt.Errorf("got no cells, want 1 or more")
	}
	for i, cell := range c.Cells {
		if err := symbolic.Made(cell); err != nil {
			return fmt.Errorf("cell %d: %w", i, err)
		}
		if err := config.Validate(cell.KerasConfig()); err != nil {
			return fmt.Errorf("cell %d, %q: %w", i, cell.Base().Name(), err)
		}
	}
	return nil
}

// StateSizes are those of all cells.
func (l *StackedRNNCellsLayer) StateSizes() []int {
	var sizes []int
	for _, cell := range l.cfg.Cells {
		sizes = append(sizes, cell.StateSizes()...)
	}
	return sizes
}

// OutputSize is that of the last cell.
func (l *StackedRNNCellsLayer) OutputSize() int {
	if len(l.cfg.Cells) == 0 {
		return 0
	}
	return l.cfg.Cells[len(l.cfg.Cells)-1].OutputSize()
}

// Infer returns the last cell's output and the states of all.
func (l *StackedRNNCellsLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return inferCell(l, in)
}

// SamplesAlone reports whether all cells compute each sample alone.
func (l *StackedRNNCellsLayer) SamplesAlone() bool {
	return !slices.ContainsFunc(l.cfg.Cells, func(cell Cell) bool { return !symbolic.SamplesAlone(cell) })
}

// Declare declares the cells.
func (l *StackedRNNCellsLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := in.First()[0]
	used := map[string]int{}
	for _, cell := range l.cfg.Cells {
		name := config.SnakeCase(cell.KerasClass().Name)
		attribute := "cells/" + name
		if used[name] > 0 {
			attribute = fmt.Sprintf("cells/%s_%d", name, used[name])
		}
		used[name]++
		specs, err := cellSpecs(cell, x.Shape)
		if err != nil {
			return err
		}
		out := b.Track(attribute, cell, x, listOf(specs[1:]))
		if out == nil {
			return nil // the builder has the error
		}
		x = out[0]
	}
	return nil
}

// Call computes the step.
func (l *StackedRNNCellsLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x, states := in[0], c.Tensors("states")
	var after []*graph.Node
	for _, cell := range l.cfg.Cells {
		n := len(cell.StateSizes())
		out := c.ApplyCall(cell, []any{x, listOf(states[:n])}, nil)
		x, states, after = out[0], states[n:], append(after, out[1:]...)
	}
	return stepped(x, after)
}

// sequence runs the first cell through all steps, then the next on its outputs. What a cell gives at masked steps makes no difference to the states of
// the next, which skips them.
func (l *StackedRNNCellsLayer) sequence(c *symbolic.Call, x *graph.Node, initial []*graph.Node, o scan.Options) scan.Result {
	var states []*graph.Node
	var r scan.Result
	for i, cell := range l.cfg.Cells {
		var own []*graph.Node
		if n := len(cell.StateSizes()); len(initial) > 0 {
			own, initial = initial[:n], initial[n:]
		}
		now := o
		if i < len(l.cfg.Cells)-1 { // where a state can't stand for the output of a masked step, zeros do
			now.ZeroOutputForMask = cell.OutputSize() != cell.StateSizes()[0]
		}
		r = runCell(c, cell, x, own, now)
		x, states = r.Outputs, append(states, r.States...)
		if o.GoBackwards { // the outputs are in the order of their computation
			o.GoBackwards = false
			if o.Mask != nil {
				o.Mask = graph.Reverse(o.Mask, 1)
			}
		}
	}
	r.States = states
	return r
}
