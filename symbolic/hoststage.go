package symbolic

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/nest"
)

// hostPlan says which applications of a network run on the host: those of host layers, which get nothing but what the network was given on the host and
// what other host layers made of it. The compiled program gets their results in place of computing them.
type hostPlan struct {
	network  *Network
	revision uint64
	steps    []hostStep
	onHost   map[*Tensor]bool // what the host has: the network's inputs, if given so, and results
	results  map[*Tensor]bool // of host layers in the network itself
	crossing []*Tensor        // those that the program takes
}

// hostStep is an application on the host, or one of a network some of whose own are.
type hostStep struct {
	at     *node
	inner  *hostPlan // nil for a host layer
	inputs []*Tensor // in the order of the layer's
}

// planHost finds the host's part of a network; given says which of its inputs the host has.
func planHost(n *Network, given []bool) (*hostPlan, error) {
	p := &hostPlan{network: n, onHost: map[*Tensor]bool{}, results: map[*Tensor]bool{}}
	for i, t := range n.inputs {
		p.onHost[t] = given[i]
	}
	crosses := map[*Tensor]bool{}
	use := func(t *Tensor) {
		if p.results[t] && t.dtype != Text && !crosses[t] {
			crosses[t] = true
			p.crossing = append(p.crossing, t)
		}
	}
	err := n.eachNode(func(at *node) error {
		step, err := p.stepOf(at)
		if err != nil {
			return err
		}
		if _, isHost := at.layer.(HostLayer); !isHost {
			for _, t := range at.inputs {
				use(t)
			}
		}
		if step != nil {
			p.steps = append(p.steps, *step)
		}
		return nil
	})
	for _, t := range n.outputs {
		use(t)
	}
	return p, err
}

// stepOf returns what the host does of an application, nil for nothing.
func (p *hostPlan) stepOf(at *node) (*hostStep, error) {
	step := &hostStep{at: at, inputs: at.inputs}
	if _, isHost := at.layer.(HostLayer); isHost {
		for _, t := range at.inputs {
			if !p.onHost[t] {
				return nil, fmt.Errorf("layer %q, applied at %s, runs on the host before the compiled program, but its input comes from layer %q, which runs in it: "+
					"such a layer must get the model's inputs, or what other layers on the host make of them", at.layer.Base().Name(), at.caller, t.node.layer.Base().Name())
			}
		}
		for _, t := range at.outputs {
			p.onHost[t], p.results[t] = true, true
		}
		return step, nil
	}
	inner, isNetwork := NetworkOf(at.layer)
	if !isNetwork {
		return nil, nil
	}
	var err error
	if step.inputs, err = networkInputs(inner, at); err != nil {
		return nil, err
	}
	given := make([]bool, len(step.inputs))
	for i, t := range step.inputs {
		given[i] = p.onHost[t]
	}
	if step.inner, err = planHost(inner, given); err != nil {
		return nil, fmt.Errorf("in model %q, applied at %s: %w", inner.Name(), at.caller, err)
	}
	if len(step.inner.steps) == 0 {
		return nil, nil
	}
	for i, t := range at.outputs {
		p.onHost[t] = step.inner.onHost[inner.outputs[i]]
	}
	return step, nil
}

// networkInputs returns what an application gives to a network, in the order of the network's inputs.
func networkInputs(inner *Network, at *node) ([]*Tensor, error) {
	signature, err := ParseSignature(inner.layer.Signature())
	if err != nil {
		return nil, err
	}
	bound, err := bindArguments[*Tensor](signature, at.args, at.kwargs, func(*Tensor) any { return nil })
	if err != nil {
		return nil, err
	}
	return inOrder[*Tensor](inner, bound)
}

// host is the network's plan as it is now.
func (n *Network) host() (*hostPlan, error) {
	now := revision.Load()
	if known := n.plan.Load(); known != nil && known.revision == now {
		return known, nil
	}
	p, err := planHost(n, slices.Repeat([]bool{true}, len(n.inputs)))
	if err != nil {
		return nil, err
	}
	p.revision = now
	n.plan.Store(p)
	return p, nil
}

// HostStage runs a network's host layers, with what they knew when it was started.
type HostStage struct {
	plan  *hostPlan
	calls map[Layer]HostFunc
}

// StartHost returns the host's part of a network, nil if it has none: neither host layers nor inputs of texts.
func (n *Network) StartHost() (*HostStage, error) {
	for i, t := range n.outputs {
		if t.dtype == Text {
			return nil, fmt.Errorf("output %d (%s) is of texts, which can be computed for other layers alone", i, t.node.layer.Base().Name())
		}
	}
	p, err := n.host()
	if err != nil || len(p.steps) == 0 && !slices.ContainsFunc(n.inputs, func(t *Tensor) bool { return t.dtype == Text }) {
		return nil, err
	}
	s := &HostStage{plan: p, calls: map[Layer]HostFunc{}}
	err = p.each(func(p *hostPlan) error {
		for _, step := range p.steps {
			l, ok := step.at.layer.(HostLayer)
			if !ok || s.calls[step.at.layer] != nil {
				continue
			}
			call, err := l.HostCall()
			if err != nil {
				return fmt.Errorf("layer %q: %w", step.at.layer.Base().Name(), err)
			}
			s.calls[step.at.layer] = call
		}
		return nil
	})
	return s, err
}

// each visits the plan and those inside it, in the order in which their results go to the program.
func (p *hostPlan) each(visit func(*hostPlan) error) error {
	if err := visit(p); err != nil {
		return err
	}
	for _, step := range p.steps {
		if step.inner != nil {
			if err := step.inner.each(visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// SamplesAlone reports whether the stage's results for a sample, their shape included, depend on that sample alone.
func (s *HostStage) SamplesAlone() bool {
	for l := range s.calls {
		if alone, ok := l.(SampleWise); !ok || !alone.SamplesAlone() {
			return false
		}
	}
	return true
}

// Run computes the stage for a batch of so many rows, given the network's inputs in order. It returns what the program takes: the inputs that are numbers,
// then the results.
func (s *HostStage) Run(inputs []HostValue, rows int) ([]*tensors.Tensor, error) {
	var list []*tensors.Tensor
	for _, v := range inputs {
		if t, ok := v.(*tensors.Tensor); ok {
			list = append(list, t)
		}
	}
	values := map[*hostPlan]map[*Tensor]HostValue{}
	if err := catch.Panic(func() error { return s.run(s.plan, inputs, rows, values) }); err != nil { // a user's layer may panic
		return nil, err
	}
	err := s.plan.each(func(p *hostPlan) error {
		for _, t := range p.crossing {
			v, ok := values[p][t].(*tensors.Tensor)
			if dims := HostShape(values[p][t]); !ok || len(dims) == 0 || dims[0] != rows {
				return fmt.Errorf("layer %q made %s of shape %s of %d samples, want numbers with one row for each",
					t.node.layer.Base().Name(), kindOf(values[p][t]), dims, rows)
			}
			list = append(list, v)
		}
		return nil
	})
	return list, err
}

func kindOf(v HostValue) string {
	if _, ok := v.(*Texts); ok {
		return "texts"
	}
	return "numbers"
}

func (s *HostStage) run(p *hostPlan, inputs []HostValue, rows int, all map[*hostPlan]map[*Tensor]HostValue) error {
	values := map[*Tensor]HostValue{}
	all[p] = values
	for i, t := range p.network.inputs {
		if inputs[i] == nil {
			continue // the program computes it
		}
		// A batch may have any size, as for models that run on the device alone.
		shape, ok := fitRank(append(Shape{None}, t.shape[1:]...), HostShape(inputs[i]))
		if !ok {
			return fmt.Errorf("model %q: input %q has shape %s, got %s", p.network.Name(), t.node.layer.Base().Name(), t.shape, HostShape(inputs[i]))
		}
		var err error
		if values[t], err = ReshapeHost(inputs[i], shape); err != nil {
			return err
		}
	}
	for _, step := range p.steps {
		in := make([]HostValue, len(step.inputs))
		for i, t := range step.inputs {
			in[i] = values[t]
		}
		if step.inner != nil {
			if err := s.run(step.inner, in, rows, all); err != nil {
				return err
			}
			for i, t := range step.at.outputs {
				if v := all[step.inner][step.inner.network.outputs[i]]; v != nil {
					values[t] = v
				}
			}
			continue
		}
		out, err := s.calls[step.at.layer](in)
		if err == nil && len(out) != len(step.at.outputs) {
			err = fmt.Errorf("it made %d outputs, want %d", len(out), len(step.at.outputs))
		}
		if err != nil {
			return fmt.Errorf("layer %q applied at %s: %w", step.at.layer.Base().Name(), step.at.caller, err)
		}
		for i, t := range step.at.outputs {
			values[t] = out[i]
		}
	}
	return nil
}

// hostNodes are the values of a plan's results in a graph.
type hostNodes struct {
	values map[*Tensor]*Value
	inner  map[*node]*hostNodes
}

// ProgramInputs puts what a program takes, as [HostStage.Run] returns it, in the places of the network's inputs, nil for those of texts; the host's
// results are kept in the pass for when the network is applied.
func (n *Network) ProgramInputs(pass *Pass, x []*Value) ([]any, error) {
	p, err := n.host()
	if err != nil {
		return nil, err
	}
	inputs := make([]any, len(n.inputs))
	for i, t := range n.inputs {
		inputs[i] = &Value{}
		if t.dtype != Text {
			inputs[i], x = x[0], x[1:]
		}
	}
	if len(p.steps) == 0 {
		return inputs, nil
	}
	nodes := map[*hostPlan]*hostNodes{}
	err = p.each(func(p *hostPlan) error {
		h := &hostNodes{values: map[*Tensor]*Value{}, inner: map[*node]*hostNodes{}}
		nodes[p] = h
		for _, step := range p.steps {
			if step.inner == nil {
				for _, t := range step.at.outputs {
					h.values[t] = &Value{}
				}
			}
		}
		for _, t := range p.crossing {
			h.values[t], x = x[0], x[1:]
		}
		return nil
	})
	for p, h := range nodes {
		for _, step := range p.steps {
			if step.inner != nil {
				h.inner[step.at] = nodes[step.inner]
			}
		}
	}
	pass.host = nodes[p]
	return inputs, err
}

// ProgramTensors are the symbolic tensors of what a program takes, in the order of [Network.ProgramInputs].
func (n *Network) ProgramTensors() ([]*Tensor, error) {
	p, err := n.host()
	if err != nil {
		return nil, err
	}
	var list []*Tensor
	for _, t := range n.inputs {
		if t.dtype != Text {
			list = append(list, t)
		}
	}
	if len(p.steps) > 0 {
		err = p.each(func(p *hostPlan) error {
			list = append(list, p.crossing...)
			return nil
		})
	}
	return list, err
}

// at is what an application inside gets.
func (h *hostNodes) at(n *node) *hostNodes {
	if h == nil {
		return nil
	}
	return h.inner[n]
}

// checkTexts refuses texts where a layer computes numbers in the program, and numbers where it takes texts.
func (b *BaseLayer) checkTexts(in *Inputs) error {
	if _, isNetwork := NetworkOf(b.layer); isNetwork {
		return nil
	}
	_, onHost := b.layer.(HostLayer)
	for name, v := range in.values {
		texts, numbers := false, ""
		nest.Each(v, func(leaf any) {
			if s, ok := leaf.(Spec); ok && s.DType == Text {
				texts = true
			} else if ok {
				numbers = s.DType
			}
		})
		if texts && !onHost {
			return fmt.Errorf("argument %q is of texts, which the layer doesn't take: a layer such as TextVectorization makes numbers of them", name)
		}
		if _, takes := b.layer.(TextTaker); takes && numbers != "" {
			return fmt.Errorf("the layer takes texts, got an input of type %s: want one made with InputWith(InputOptions{DType: %q})", numbers, Text)
		}
	}
	return nil
}

// hasHostLayer reports whether a layer, or one inside it, runs on the host.
func hasHostLayer(l Layer) bool {
	has := false
	eachLayer(l, func(l Layer) {
		_, onHost := l.(HostLayer)
		has = has || onHost
	})
	return has
}
