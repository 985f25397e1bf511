package rewrite

import (
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// group is statements that compute each value of arrays of one size by itself, and become one call.
type group struct {
	size    int
	members []*stablehlo.Statement
}

// mostMembers bounds what is looked at for each statement that may join a group.
const mostMembers = 128

// groups finds those of at least leastInGroup values.
func (r *rewriter) groups() (list []*group, of map[*stablehlo.Statement]*group) {
	of = map[*stablehlo.Statement]*group{}
	statements := r.statements()
	for _, s := range statements {
		if !isElementwise(s) || s.Outputs[0].Shape().Size() < leastInGroup {
			continue
		}
		joined := r.joined(s, of)
		for _, member := range joined.members {
			of[member] = joined
		}
	}
	for _, s := range statements {
		if g := of[s]; g != nil && g.members[0] == s {
			list = append(list, g)
		}
	}
	return list, of
}

// joined is the group of s: with those of its operands, all of them or the last one that it may join, or by itself.
func (r *rewriter) joined(s *stablehlo.Statement, of map[*stablehlo.Statement]*group) *group {
	size := s.Outputs[0].Shape().Size()
	var behind []*group // the last one first
	for _, v := range s.Inputs {
		if g := of[r.def[v]]; g != nil && g.size == size && !slices.Contains(behind, g) {
			behind = append(behind, g)
		}
	}
	slices.SortFunc(behind, func(a, b *group) int {
		return r.index[b.members[len(b.members)-1]] - r.index[a.members[len(a.members)-1]]
	})
	if len(behind) > 1 && r.mayJoin(s, of, behind...) {
		return r.united(s, behind...)
	}
	for _, g := range behind {
		if r.mayJoin(s, of, g) {
			return r.united(s, g)
		}
	}
	return r.united(s)
}

// united is s with the members of groups, in their order.
func (r *rewriter) united(s *stablehlo.Statement, groups ...*group) *group {
	g := &group{size: s.Outputs[0].Shape().Size()}
	for _, other := range groups {
		g.members = append(g.members, other.members...)
	}
	slices.SortFunc(g.members, func(a, b *stablehlo.Statement) int { return r.index[a] - r.index[b] })
	g.members = append(g.members, s)
	return g
}

// mayJoin reports whether groups aren't too large, and nothing else uses a value of theirs before s, where the call would stand that computes it.
func (r *rewriter) mayJoin(s *stablehlo.Statement, of map[*stablehlo.Statement]*group, groups ...*group) bool {
	members := 1
	for _, g := range groups {
		members += len(g.members)
		if members > mostMembers {
			return false
		}
	}
	for _, g := range groups {
		for _, member := range g.members {
			for _, user := range r.uses[member.Outputs[0]] {
				if user != s && !r.isBefore(s, user) && !slices.Contains(groups, of[user]) {
					return false
				}
			}
		}
	}
	return true
}

// programmer writes the program of a group.
type programmer struct {
	*rewriter
	group    *group
	program  kernels.Program
	operands []*stablehlo.Value
	steps    []kernels.Step           // whose registers have no bounds
	at       map[*stablehlo.Value]int // registers of the group's values
	loaded   map[source]int           // and of others
	constant map[uint32]int           // and of constants
	results  []*stablehlo.Value       // what others use
	inside   map[*stablehlo.Statement]bool
}

type source struct {
	value *stablehlo.Value
	as    kernels.Repeated
}

// elementwiseProgram is the program that computes a group, with its operands and results; false where it would have too many of something.
func (r *rewriter) elementwiseProgram(g *group) (p *programmer, ok bool) {
	p = &programmer{
		rewriter: r, group: g, at: map[*stablehlo.Value]int{}, loaded: map[source]int{}, constant: map[uint32]int{}, inside: map[*stablehlo.Statement]bool{},
	}
	for _, s := range g.members {
		p.inside[s] = true
	}
	// Operands have the first registers, so they are found first.
	for _, s := range g.members {
		for _, v := range s.Inputs {
			p.load(v)
		}
	}
	if len(p.operands) > kernels.Arrays {
		return nil, false
	}
	for _, s := range g.members {
		p.write(s)
	}
	for _, s := range g.members {
		v := s.Outputs[0]
		if slices.ContainsFunc(r.uses[v], func(user *stablehlo.Statement) bool { return !p.inside[user] }) {
			p.results = append(p.results, v)
		}
	}
	if len(p.results) > kernels.Arrays || len(p.results) == 0 {
		return nil, false
	}
	return p, p.allocate()
}

// bits are a constant's.
func (p *program) bits(v *stablehlo.Value) (bits uint32, ok bool) {
	f, ok := p.number(v)
	switch {
	case !ok:
		return 0, false
	case v.Shape().DType == dtypes.Int32:
		return uint32(int32(f)), f == float64(int32(f))
	case v.Shape().DType == dtypes.Float32:
		return kernels.FloatBits(f), true
	}
	return 0, false
}

// load gives v, which a statement of the group uses, a register of the operands, unless it is computed in the group or constant.
func (p *programmer) load(v *stablehlo.Value) {
	if p.inside[p.def[v]] {
		return
	}
	if _, ok := p.bits(v); ok {
		return
	}
	o := p.spread(v, p.group.size)
	if _, known := p.loaded[o]; known {
		return
	}
	p.loaded[o] = len(p.operands)
	p.operands = append(p.operands, o.value)
	p.program.Operands = append(p.program.Operands, o.as)
}

// spread finds what a broadcast repeats, where it does so along axes that lie together; size is that of what v is used for.
func (p *program) spread(v *stablehlo.Value, size int) source {
	if v.Shape().Size() == 1 {
		return source{v, kernels.Repeated{Run: 1, Period: 1}}
	}
	whole := source{v, kernels.Repeated{Run: 1, Period: size}}
	if p.operation(v) != "broadcast_in_dim" {
		return whole
	}
	from := p.def[v].Inputs[0]
	if from.Shape().Size() == 1 {
		return source{from, kernels.Repeated{Run: 1, Period: 1}}
	}
	along := numbers(p.def[v], "broadcast_dimensions", from.Shape().Rank())
	if along == nil || !slices.IsSorted(along) {
		return whole
	}
	dims := v.Shape().Dimensions
	first, last, inside := -1, -1, 1
	for i, axis := range along {
		switch n := from.Shape().Dimensions[i]; {
		case n == 1:
		case n != dims[axis]:
			return whole
		default:
			if first < 0 {
				first = axis
			}
			last, inside = axis, inside*n
		}
	}
	run, period := 1, 1
	for axis, n := range dims {
		switch {
		case axis > last:
			run *= n
		case axis >= first:
			period *= n
		}
	}
	if period != inside { // an axis between them is repeated
		return whole
	}
	return source{from, kernels.Repeated{Run: run, Period: period}}
}

// register is where v is, for a statement of the group.
func (p *programmer) register(v *stablehlo.Value) int {
	if p.inside[p.def[v]] {
		return p.at[v]
	}
	bits, ok := p.bits(v)
	if !ok {
		return p.loaded[p.spread(v, p.group.size)]
	}
	register, known := p.constant[bits]
	if !known {
		register = p.step(kernels.Step{Operation: kernels.Constant, Bits: bits})
		p.constant[bits] = register
	}
	return register
}

// step adds one, whose register is a new one.
func (p *programmer) step(s kernels.Step) (to int) {
	s.To = len(p.operands) + len(p.steps)
	p.steps = append(p.steps, s)
	return s.To
}

// write adds the steps of a statement.
func (p *programmer) write(s *stablehlo.Statement) {
	var a [3]int
	for i, v := range s.Inputs {
		a[i] = p.register(v)
	}
	next := len(p.operands) + len(p.steps)
	for _, step := range stepsOf(s, a, func() int { next++; return next - 1 }) {
		p.at[s.Outputs[0]] = p.step(step)
	}
}

// allocate lets steps share the registers that there are; false: there are too few.
func (p *programmer) allocate() bool {
	last := map[int]int{}
	for i, s := range p.steps {
		for _, register := range s.Arguments[:arguments(s.Operation)] {
			last[register] = i
		}
	}
	for _, v := range p.results {
		last[p.at[v]] = len(p.steps)
	}
	place := map[int]int{}
	free := make([]int, 0, kernels.Registers)
	for register := kernels.Registers - 1; register >= 0; register-- {
		if register < len(p.operands) {
			place[register] = register
		} else {
			free = append(free, register)
		}
	}
	for i, s := range p.steps {
		if len(free) == 0 {
			return false
		}
		for k := range arguments(s.Operation) {
			s.Arguments[k] = place[s.Arguments[k]]
		}
		to := free[len(free)-1]
		free = free[:len(free)-1]
		place[s.To] = to
		if last[s.To] < i { // nobody reads it
			free = append(free, to)
		}
		for _, register := range slices.Compact(slices.Sorted(slices.Values(p.steps[i].Arguments[:arguments(s.Operation)]))) {
			if last[register] == i {
				free = append(free, place[register])
			}
		}
		s.To = to
		p.program.Steps = append(p.program.Steps, s)
	}
	for _, v := range p.results {
		p.program.Results = append(p.program.Results, place[p.at[v]])
	}
	return true
}

// elementwise makes a group a call, which stands where its last statement did.
func (r *rewriter) elementwise(p *programmer) {
	call := p.group.members[len(p.group.members)-1]
	for _, s := range p.group.members {
		if s != call {
			r.drop(s)
		}
	}
	r.call(call, kernels.Elementwise, kernels.Window{Program: p.program}, p.operands...)
	r.change(call, func() { call.Outputs = p.results })
}

// operations are those of steps by the names of statements, and by the type of what these take.
var operations = map[string]struct{ float, integer, truth kernels.Operation }{
	"add":         {kernels.Add, kernels.IntAdd, 0},
	"subtract":    {kernels.Subtract, kernels.IntSubtract, 0},
	"multiply":    {kernels.Multiply, kernels.IntMultiply, 0},
	"divide":      {kernels.Divide, 0, 0},
	"maximum":     {kernels.Maximum, kernels.IntMaximum, 0},
	"minimum":     {kernels.Minimum, kernels.IntMinimum, 0},
	"negate":      {kernels.Negate, kernels.IntNegate, 0},
	"abs":         {kernels.Abs, 0, 0},
	"sqrt":        {kernels.Sqrt, 0, 0},
	"rsqrt":       {kernels.Rsqrt, 0, 0},
	"exponential": {kernels.Exponential, 0, 0},
	"log":         {kernels.Log, 0, 0},
	"logistic":    {kernels.Logistic, 0, 0},
	"tanh":        {kernels.Tanh, 0, 0},
	"chlo.erf":    {kernels.Erf, 0, 0},
	"and":         {0, 0, kernels.And},
	"or":          {0, 0, kernels.Or},
	"xor":         {0, 0, kernels.Xor},
	"not":         {0, 0, kernels.Not},
}

var comparisons = map[string]struct{ float, integer kernels.Operation }{
	"EQ": {kernels.Equal, kernels.IntEqual},
	"NE": {kernels.NotEqual, kernels.IntNotEqual},
	"LT": {kernels.Less, kernels.IntLess},
	"LE": {kernels.LessOrEqual, kernels.IntLessOrEqual},
	"GT": {kernels.Greater, kernels.IntGreater},
	"GE": {kernels.GreaterOrEqual, kernels.IntGreaterOrEqual},
}

var conversions = map[[2]dtypes.DType]kernels.Operation{
	{dtypes.Int32, dtypes.Float32}: kernels.FloatOfInt,
	{dtypes.Bool, dtypes.Float32}:  kernels.FloatOfBool,
	{dtypes.Bool, dtypes.Int32}:    kernels.IntOfBool,
}

// arguments is how many an operation has.
func arguments(o kernels.Operation) int {
	switch {
	case o == kernels.Constant:
		return 0
	case o == kernels.Select:
		return 3
	case o >= kernels.Negate && o <= kernels.Erf, o == kernels.IntNegate, o == kernels.Not, o >= kernels.FloatOfInt:
		return 1
	}
	return 2
}

// operationOf is the one that a statement is, 0 if it is none of them.
func operationOf(s *stablehlo.Statement) kernels.Operation {
	if len(s.Inputs) == 0 || len(s.Outputs) != 1 {
		return 0
	}
	from, to := s.Inputs[0].Shape().DType, s.Outputs[0].Shape().DType
	switch name(s) {
	case "select":
		if to == dtypes.Float32 || to == dtypes.Int32 || to == dtypes.Bool {
			return kernels.Select
		}
		return 0
	case "convert":
		return conversions[[2]dtypes.DType{from, to}]
	case "compare":
		if from == dtypes.Float32 && strings.Contains(text(s, "compare_type"), "TOTALORDER") {
			return 0
		}
		for direction, o := range comparisons {
			if strings.Contains(text(s, "comparison_direction"), direction) {
				return byType(from, o.float, o.integer, 0)
			}
		}
		return 0
	}
	o := operations[name(s)]
	return byType(from, o.float, o.integer, o.truth)
}

func byType(dtype dtypes.DType, float, integer, truth kernels.Operation) kernels.Operation {
	switch dtype {
	case dtypes.Float32:
		return float
	case dtypes.Int32:
		return integer
	case dtypes.Bool:
		return truth
	}
	return 0
}

// isElementwise reports whether a statement can be steps of a program.
func isElementwise(s *stablehlo.Statement) bool {
	if name(s) == "clamp" {
		return byType(s.Outputs[0].Shape().DType, kernels.Maximum, kernels.IntMaximum, 0) != 0
	}
	return operationOf(s) != 0
}
