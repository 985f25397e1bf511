package rewrite

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// rowProgrammer writes the program of a group of rows. Until all is written, registers have numbers without bounds: those of slots are negative, those of a stage's
// values begin at ofStage, and others, which keep what they hold, lie between.
type rowProgrammer struct {
	*rewriter
	group    *rowGroup
	program  kernels.RowProgram
	operands []*stablehlo.Value
	results  []*stablehlo.Value
	inside   map[*stablehlo.Statement]bool
	loaded   map[source]int
	constant map[uint32]int
	stages   map[*stablehlo.Value]int // in which values are there
	numbers  map[*stablehlo.Value]int // registers of numbers of rows
	fixed    int                      // how many registers keep what they hold
	slots    map[*stablehlo.Value]int
	written  []map[*stablehlo.Value]int // by stage, registers of values
	next     []int                      // by stage, the next of these
}

// A value that costs no more than that is computed anew in a later stage, others wait in a slot.
const mostAnew = 3

// ofStage is the first register of each stage's values, until they are allocated.
const ofStage = 1 << 20

// rowProgram is the program that computes a group, with its operands and results; false where it would have too many of something.
func (r *rewriter) rowProgram(g *rowGroup) (p *rowProgrammer, ok bool) {
	p = &rowProgrammer{
		rewriter: r, group: g, inside: map[*stablehlo.Statement]bool{}, loaded: map[source]int{}, constant: map[uint32]int{}, stages: map[*stablehlo.Value]int{},
		numbers: map[*stablehlo.Value]int{}, slots: map[*stablehlo.Value]int{}, program: kernels.RowProgram{Rows: g.rows, Columns: g.columns},
	}
	for _, s := range g.members {
		p.inside[s] = true
	}
	last := 0
	for _, s := range g.members {
		stage := 0
		for _, v := range p.operandsOf(s) {
			stage = max(stage, p.stages[v]) // 0 of what others compute
		}
		if r.reduction(s) >= 0 {
			stage++
		}
		p.stages[s.Outputs[0]] = stage
		last = max(last, stage)
	}
	if last >= kernels.Stages {
		return nil, false
	}
	for _, s := range g.members {
		v := s.Outputs[0]
		if slices.ContainsFunc(r.uses[v], func(user *stablehlo.Statement) bool { return !p.inside[user] }) {
			p.results = append(p.results, v)
		}
	}
	// Operands and slots have the first registers: what there is of them is found first.
	for _, s := range g.members {
		for _, v := range p.operandsOf(s) {
			p.load(v)
		}
	}
	// XLA would write such numbers down.
	if slices.ContainsFunc(p.operands, func(v *stablehlo.Value) bool { return r.operation(v) == "iota" && v.Shape().Size() > g.columns }) {
		return nil, false
	}
	if len(p.operands) > kernels.Arrays || len(p.results) > kernels.Arrays || len(p.results) == 0 {
		return nil, false
	}
	p.fixed = len(p.operands)
	p.program.Stages = make([]kernels.Stage, last+1)
	p.written = make([]map[*stablehlo.Value]int, last+1)
	p.next = make([]int, last+1)
	for i := range p.written {
		p.written[i] = map[*stablehlo.Value]int{}
		p.next[i] = ofStage
	}
	for _, s := range g.members {
		if kind := r.reduction(s); kind >= 0 {
			from, to := p.reduced(s), s.Outputs[0]
			stage := p.stages[to] - 1
			reduction := kernels.Reduction{Kind: kind, From: p.value(from, stage), To: p.number(to)}
			p.program.Stages[stage].Reductions = append(p.program.Stages[stage].Reductions, reduction)
		}
	}
	for i, v := range p.results {
		if wide, _ := g.of(v); wide {
			p.program.Results = append(p.program.Results, kernels.Wide)
			stage := p.stages[v]
			p.program.Stages[stage].Stores = append(p.program.Stages[stage].Stores, kernels.Store{From: p.value(v, stage), To: i})
		} else {
			p.program.Results = append(p.program.Results, p.number(v))
		}
	}
	return p, len(p.slots) <= kernels.Slots && p.allocate()
}

// operandsOf are the values that a member's steps take.
func (p *rowProgrammer) operandsOf(s *stablehlo.Statement) []*stablehlo.Value {
	if p.reduction(s) >= 0 {
		return []*stablehlo.Value{p.reduced(s)}
	}
	return s.Inputs
}

// isNumber reports whether a value is one number a row, or for all rows.
func (p *rowProgrammer) isNumber(v *stablehlo.Value) bool {
	if wide, _ := p.group.of(v); !wide {
		return true
	}
	d := p.def[v]
	return p.inside[d] && (name(d) == "reshape" || name(d) == "broadcast_in_dim") && p.isNumber(d.Inputs[0])
}

// load gives v, which a member uses, a register of the operands, unless it is computed in the group or constant.
func (p *rowProgrammer) load(v *stablehlo.Value) {
	if p.inside[p.def[v]] {
		return
	}
	if _, ok := p.bits(v); ok {
		return
	}
	o := p.repeated(v)
	if _, known := p.loaded[o]; known {
		return
	}
	p.loaded[o] = len(p.operands)
	p.operands = append(p.operands, o.value)
	p.program.Operands = append(p.program.Operands, o.as)
}

// repeated finds what a broadcast repeats.
func (p *rowProgrammer) repeated(v *stablehlo.Value) source {
	wide, _ := p.group.of(v)
	size := p.group.rows
	if wide {
		size *= p.group.columns
	}
	o := p.spread(v, size)
	if !wide && o.as.Period > 1 {
		o.as.Run *= p.group.columns
	}
	return o
}

// number is the register of a number of the row.
func (p *rowProgrammer) number(v *stablehlo.Value) int {
	if register, known := p.numbers[v]; known {
		return register
	}
	d := p.def[v]
	register := 0
	switch {
	case !p.inside[d]:
		register = p.outside(v)
	case name(d) == "reshape" || name(d) == "broadcast_in_dim":
		register = p.number(d.Inputs[0])
	case p.reduction(d) >= 0:
		register = p.keep()
	default:
		var arguments [3]int
		for i, input := range d.Inputs {
			arguments[i] = p.number(input)
		}
		stage := &p.program.Stages[p.stages[v]]
		for _, s := range stepsOf(d, arguments, p.keep) {
			stage.RowSteps = append(stage.RowSteps, s)
			register = s.To
		}
	}
	p.numbers[v] = register
	return register
}

// keep is a new register whose value stays.
func (p *rowProgrammer) keep() int {
	p.fixed++
	return p.fixed - 1
}

// outside is the register of what isn't computed in the group: a constant's or an operand's.
func (p *rowProgrammer) outside(v *stablehlo.Value) int {
	bits, ok := p.bits(v)
	if !ok {
		return p.loaded[p.repeated(v)]
	}
	register, known := p.constant[bits]
	if !known {
		register = p.keep()
		p.constant[bits] = register
		p.program.Constants = append(p.program.Constants, kernels.Step{Operation: kernels.Constant, To: register, Bits: bits})
	}
	return register
}

// value is the register of one of the row's values in a stage: it is computed there, or loaded.
func (p *rowProgrammer) value(v *stablehlo.Value, stage int) int {
	if p.isNumber(v) {
		return p.number(v)
	}
	if register, known := p.written[stage][v]; known {
		return register
	}
	d, st := p.def[v], &p.program.Stages[stage]
	register := 0
	switch {
	case !p.inside[d]:
		register = p.outside(v)
		if register < len(p.operands) && !slices.Contains(st.Loads, register) && !p.ofRow(p.program.Operands[register]) {
			st.Loads = append(st.Loads, register)
		}
	case name(d) == "reshape" || name(d) == "broadcast_in_dim":
		register = p.value(d.Inputs[0], stage)
	case p.stages[v] < stage && p.cost(v) > mostAnew:
		slot, known := p.slots[v]
		if !known {
			slot = len(p.slots)
			p.slots[v] = slot
			from := p.value(v, p.stages[v])
			before := &p.program.Stages[p.stages[v]]
			before.Stores = append(before.Stores, kernels.Store{From: from, To: len(p.results) + slot})
		}
		register = -1 - slot
		st.Loads = append(st.Loads, register)
	default:
		var arguments [3]int
		for i, input := range d.Inputs {
			arguments[i] = p.value(input, stage)
		}
		for _, s := range stepsOf(d, arguments, func() int { p.next[stage]++; return p.next[stage] - 1 }) {
			st.Steps = append(st.Steps, s)
			register = s.To
		}
	}
	p.written[stage][v] = register
	return register
}

// ofRow reports whether an operand has one value for each row, or for all: it is loaded before the first stage.
func (p *rowProgrammer) ofRow(o kernels.Repeated) bool {
	return o.Period == 1 || o.Run%p.group.columns == 0
}

// cost is that of computing v anew, counted in steps.
func (p *rowProgrammer) cost(v *stablehlo.Value) int {
	d := p.def[v]
	if !p.inside[d] || p.isNumber(v) {
		return 0
	}
	cost := 1
	switch operationOf(d) {
	case kernels.Divide, kernels.Sqrt, kernels.Rsqrt:
		cost = mostAnew
	case kernels.Exponential, kernels.Log, kernels.Logistic, kernels.Tanh, kernels.Erf:
		cost = mostAnew + 1
	}
	for _, input := range d.Inputs {
		if cost <= mostAnew {
			cost += p.cost(input)
		}
	}
	return cost
}

// stepsOf are the steps of an elementwise statement.
func stepsOf(s *stablehlo.Statement, arguments [3]int, register func() int) []kernels.Step {
	if name(s) != "clamp" { // least, x, most
		return []kernels.Step{{Operation: operationOf(s), Arguments: arguments, To: register()}}
	}
	least, most := kernels.Maximum, kernels.Minimum
	if s.Outputs[0].Shape().DType == dtypes.Int32 {
		least, most = kernels.IntMaximum, kernels.IntMinimum
	}
	raised := kernels.Step{Operation: least, Arguments: [3]int{arguments[1], arguments[0]}, To: register()}
	return []kernels.Step{raised, {Operation: most, Arguments: [3]int{raised.To, arguments[2]}, To: register()}}
}

// allocate gives everything a register that there is; false: there are too few. Slots stand behind operands, what else stays behind these, and each stage's values share the rest.
func (p *rowProgrammer) allocate() bool {
	p.program.Slots = len(p.slots)
	fixed := p.fixed + len(p.slots)
	place := func(register int) int {
		switch {
		case register < 0:
			return len(p.operands) - 1 - register
		case register >= len(p.operands):
			return register + len(p.slots)
		}
		return register
	}
	for i := range p.program.Constants {
		p.program.Constants[i].To = place(p.program.Constants[i].To)
	}
	for i, register := range p.program.Results {
		if register != kernels.Wide {
			p.program.Results[i] = place(register)
		}
	}
	for i := range p.program.Stages {
		if !p.allocateStage(&p.program.Stages[i], fixed, place) {
			return false
		}
	}
	return true
}

func (p *rowProgrammer) allocateStage(s *kernels.Stage, fixed int, place func(int) int) bool {
	for i := range s.RowSteps {
		step := &s.RowSteps[i]
		step.To = place(step.To)
		for k := range arguments(step.Operation) {
			step.Arguments[k] = place(step.Arguments[k])
		}
	}
	for i, l := range s.Loads {
		s.Loads[i] = place(l)
	}
	last := map[int]int{} // where a register is read for the last time
	for i, step := range s.Steps {
		for _, register := range step.Arguments[:arguments(step.Operation)] {
			last[register] = i
		}
	}
	for _, store := range s.Stores {
		last[store.From] = len(s.Steps)
	}
	for _, reduction := range s.Reductions {
		last[reduction.From] = len(s.Steps)
	}
	at := map[int]int{}
	var free []int
	for register := kernels.Registers - 1; register >= fixed; register-- {
		free = append(free, register)
	}
	find := func(register int) int {
		if register < ofStage {
			return place(register)
		}
		return at[register]
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		if len(free) == 0 {
			return false
		}
		read := slices.Compact(slices.Sorted(slices.Values(step.Arguments[:arguments(step.Operation)])))
		for k := range arguments(step.Operation) {
			step.Arguments[k] = find(step.Arguments[k])
		}
		to := free[len(free)-1]
		free = free[:len(free)-1]
		at[step.To] = to
		step.To = to
		for _, register := range read {
			if register >= ofStage && last[register] == i {
				free = append(free, at[register])
			}
		}
	}
	for i := range s.Stores {
		s.Stores[i].From = find(s.Stores[i].From)
	}
	for i := range s.Reductions {
		s.Reductions[i].From, s.Reductions[i].To = find(s.Reductions[i].From), place(s.Reductions[i].To)
	}
	return fixed <= kernels.Registers
}
