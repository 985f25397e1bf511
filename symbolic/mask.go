package symbolic

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/nest"
)

// Mask is a mask, or a tensor that masks are made from, in [Masker.ComputeMask]: a symbolic tensor while a model is put together, a node of the
// graph while it is computed. The same code serves both, since it says what it does by Keras's operations, which files hold.
// Nil is no mask.
type Mask any

// MaskCall is what a layer may ask for while it computes the masks of its outputs.
type MaskCall struct {
	ops      maskOps
	inputs   any // the first argument
	previous any // the masks of it
	outputs  int
}

// maskOps are the operations on the tensors of a mask.
type maskOps interface {
	apply(class string, cfg map[string]any, args []any) any
	rank(t any) int
}

// Input is the first tensor of the layer's first argument.
func (m *MaskCall) Input() Mask { return first(m.inputs) }

// Inputs are the tensors of the layer's first argument.
func (m *MaskCall) Inputs() []Mask { return flat(m.inputs) }

// Previous is the mask of the first input, nil if it has none.
func (m *MaskCall) Previous() Mask { return first(m.previous) }

// PreviousAll are the masks of the inputs, in their order.
func (m *MaskCall) PreviousAll() []Mask { return flat(m.previous) }

// Outputs is the number of the layer's outputs.
func (m *MaskCall) Outputs() int { return m.outputs }

// Rank is the number of axes of a tensor or mask.
func (m *MaskCall) Rank(t Mask) int { return m.ops.rank(t) }

// Op applies one of Keras's operations, named as its class is in Keras ("NotEqual"), with its constructor's arguments: m.Op("Any", map[string]any{"axis": -1}, x).
func (m *MaskCall) Op(class string, cfg map[string]any, args ...any) Mask {
	return m.ops.apply(class, cfg, args)
}

// PassesMask is embedded by layers whose outputs have the mask of their first input (Keras: supports_masking = True).
type PassesMask struct{}

// ComputeMask returns the mask of the first input.
func (PassesMask) ComputeMask(m *MaskCall) []Mask { return []Mask{m.Previous()} }

func first(v any) Mask {
	if all := flat(v); len(all) > 0 {
		return all[0]
	}
	return nil
}

func flat(v any) []Mask {
	var list []Mask
	nest.Each(v, func(leaf any) { list = append(list, leaf) })
	return list
}

// symbolicOps records the operations in the model's graph, as Keras does.
type symbolicOps struct{}

func (symbolicOps) apply(class string, cfg map[string]any, args []any) any {
	t := ApplyOperation(class, cfg, args, nil)[0]
	if err := t.Err(); err != nil {
		panic(err)
	}
	return t
}

func (symbolicOps) rank(t any) int { return len(t.(*Tensor).shape) }

// graphOps computes them.
type graphOps struct{ g *graph.Graph }

func (o graphOps) apply(class string, cfg map[string]any, args []any) any {
	return o.outputs(class, cfg, args)[0]
}

func (o graphOps) outputs(class string, cfg map[string]any, args []any) []*graph.Node {
	op, err := kerasops.New(class, cfg)
	if err != nil {
		panic(err)
	}
	call, nodes := operationCall(args, nil)
	return op.BuildWide(o.g, call, nodes)
}

func (graphOps) rank(t any) int {
	n, ok := t.(*graph.Node)
	if !ok {
		panic(fmt.Errorf("a %T was taken for a mask", t))
	}
	return n.Rank()
}

// operationCall brings a call's arguments to the form that operations take.
func operationCall(args []any, kwargs map[string]any) (*kerasops.Arguments, []*graph.Node) {
	var nodes []*graph.Node
	refs := func(v any) any {
		out, _ := nest.Map(v, func(leaf any) (any, error) {
			if n, ok := leaf.(*graph.Node); ok {
				nodes = append(nodes, n)
				return kerasops.Ref(len(nodes) - 1), nil
			}
			return leaf, nil
		})
		return out
	}
	call := &kerasops.Arguments{Kwargs: map[string]any{}}
	if len(args) > 0 {
		call.Args = refs(args).([]any)
	}
	if len(kwargs) > 0 {
		call.Kwargs = refs(kwargs).(map[string]any)
	}
	return call, nodes
}
