package rewrite

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types/shapes"

	"github.com/gokeras/gokeras/internal/kernels"
)

// program is the main function of a StableHLO module, with what defines and what uses each value. Statements that lead to no
// result are dropped, as XLA would, but for calls that may do something beside.
type program struct {
	main  *stablehlo.Function
	def   map[*stablehlo.Value]*stablehlo.Statement
	index map[*stablehlo.Statement]int // where those stand that are left
	uses  map[*stablehlo.Value][]*stablehlo.Statement
	idle  []*stablehlo.Value // whose statements may be dead
}

func newProgram(main *stablehlo.Function) *program {
	p := &program{
		main: main, def: map[*stablehlo.Value]*stablehlo.Statement{}, index: map[*stablehlo.Statement]int{}, uses: map[*stablehlo.Value][]*stablehlo.Statement{},
	}
	for i, s := range main.Statements {
		p.index[s] = i
		p.learn(s)
		p.idle = append(p.idle, s.Outputs...)
	}
	p.sweep()
	p.compact()
	return p
}

// change lets f change a statement's operands, results or inner functions.
func (p *program) change(s *stablehlo.Statement, f func()) {
	p.forget(s)
	f()
	p.learn(s)
}

func (p *program) learn(s *stablehlo.Statement) {
	eachUse(s, func(user *stablehlo.Statement, v *stablehlo.Value) { p.uses[v] = append(p.uses[v], user) })
	for _, v := range s.Outputs {
		p.def[v] = s
	}
}

func (p *program) forget(s *stablehlo.Statement) {
	eachUse(s, func(user *stablehlo.Statement, v *stablehlo.Value) {
		// One use alone: functions inside, and so their statements, may be shared by several statements.
		if i := slices.Index(p.uses[v], user); i >= 0 {
			p.uses[v] = slices.Delete(p.uses[v], i, i+1)
		}
		p.idle = append(p.idle, v)
	})
	for _, v := range s.Outputs {
		if p.def[v] == s {
			delete(p.def, v)
		}
	}
}

// drop takes a statement out of the program.
func (p *program) drop(s *stablehlo.Statement) {
	p.forget(s)
	delete(p.index, s)
}

// sweep drops the statements whose results nobody uses any more.
func (p *program) sweep() {
	for len(p.idle) > 0 {
		last := len(p.idle) - 1
		s := p.def[p.idle[last]]
		p.idle = p.idle[:last]
		if s != nil && !isForeign(s) && !slices.ContainsFunc(s.Outputs, func(v *stablehlo.Value) bool { return len(p.uses[v]) > 0 }) {
			p.drop(s)
		}
	}
}

// compact takes what was dropped out of the list of statements.
func (p *program) compact() {
	p.main.Statements = p.statements()
	p.renumber(0, len(p.main.Statements))
}

// statements are those of the main function's that weren't dropped.
func (p *program) statements() []*stablehlo.Statement {
	return slices.DeleteFunc(slices.Clone(p.main.Statements), func(s *stablehlo.Statement) bool {
		_, left := p.index[s]
		return !left
	})
}

// isForeign reports whether s is a call of something that the kernels aren't.
func isForeign(s *stablehlo.Statement) bool {
	target, isCall := s.Attributes["call_target_name"].(string)
	return isCall && name(s) == "custom_call" && !strings.HasPrefix(target, kernels.Prefix)
}

// insert puts the statements that build adds to the main function before that statement.
func (p *program) insert(before *stablehlo.Statement, build func() (*stablehlo.Value, error)) (*stablehlo.Value, error) {
	returned, count := p.main.Returned, len(p.main.Statements)
	p.main.Returned = false
	v, err := build()
	p.main.Returned = returned
	made := slices.Clone(p.main.Statements[count:])
	p.main.Statements = p.main.Statements[:count]
	if err != nil {
		return nil, err
	}
	p.place(before, made...)
	for _, s := range made {
		p.learn(s)
	}
	return v, nil
}

// move puts a statement just before another.
func (p *program) move(s, before *stablehlo.Statement) {
	list, from, to := p.main.Statements, p.index[s], p.index[before]
	if from < to {
		to--
		copy(list[from:to], list[from+1:to+1])
	} else {
		copy(list[to+1:from+1], list[to:from])
	}
	list[to] = s
	p.renumber(min(from, to), max(from, to)+1)
}

func (p *program) place(before *stablehlo.Statement, list ...*stablehlo.Statement) {
	for _, s := range list {
		p.index[s] = 0
	}
	at := p.index[before]
	p.main.Statements = slices.Insert(p.main.Statements, at, list...)
	p.renumber(at, len(p.main.Statements))
}

// renumber tells anew where the statements from a place to another stand.
func (p *program) renumber(from, to int) {
	for i, s := range p.main.Statements[from:to] {
		if _, left := p.index[s]; left {
			p.index[s] = from + i
		}
	}
}

// newValue is a value that nothing computes yet.
func (p *program) newValue(dtype dtypes.DType, dimensions []int) (*stablehlo.Value, error) {
	// Only a statement makes a value: one is made and taken away.
	defer func(returned bool, count int) {
		p.main.Returned = returned
		p.main.Statements = p.main.Statements[:count]
	}(p.main.Returned, len(p.main.Statements))
	p.main.Returned = false
	zero, err := p.main.ConstantFromScalar(float32(0))
	if err != nil {
		return nil, err
	}
	if zero, err = stablehlo.Convert(zero, dtype); err != nil {
		return nil, err
	}
	return stablehlo.BroadcastInDim(zero, shapes.Make(dtype, dimensions...), nil)
}

// eachUse visits the values that the statement uses, and those that the functions inside it do.
func eachUse(s *stablehlo.Statement, visit func(user *stablehlo.Statement, v *stablehlo.Value)) {
	for _, v := range s.Inputs {
		visit(s, v)
	}
	for _, inner := range s.FunctionParameters {
		for _, s := range inner.Statements {
			eachUse(s, visit)
		}
	}
}

// operation is the name of what computes v, "" for a parameter.
func (p *program) operation(v *stablehlo.Value) string {
	s := p.def[v]
	if s == nil {
		return ""
	}
	return name(s)
}

func name(s *stablehlo.Statement) string {
	known, ok := names.Load(int(s.OpType))
	if !ok {
		known = strings.TrimPrefix(s.OpType.ToStableHLO(), "stablehlo.")
		names.Store(int(s.OpType), known)
	}
	return known.(string)
}

// names are those of operations; go-xla makes them anew for each question.
var names sync.Map

// replace makes every user of old use value instead.
func (p *program) replace(old, value *stablehlo.Value) {
	for _, s := range p.uses[old] {
		for i, v := range s.Inputs {
			if v == old {
				s.Inputs[i] = value
			}
		}
	}
	p.uses[value] = append(p.uses[value], p.uses[old]...)
	delete(p.uses, old)
	p.idle = append(p.idle, old)
}

// onlyUser is the statement that alone uses v, nil if there isn't one alone.
func (p *program) onlyUser(v *stablehlo.Value) *stablehlo.Statement {
	if len(p.uses[v]) != 1 {
		return nil
	}
	return p.uses[v][0]
}

// onlyOfMain is the statement of the main function, and of none inside, that alone uses v, nil if there is none.
func (p *program) onlyOfMain(v *stablehlo.Value) *stablehlo.Statement {
	user := p.onlyUser(v)
	if _, ofMain := p.index[user]; !ofMain {
		return nil
	}
	return user
}

// before reports whether v is known when statement s runs.
func (p *program) before(v *stablehlo.Value, s *stablehlo.Statement) bool {
	d := p.def[v]
	return d == nil || p.index[d] < p.index[s]
}

// text is an attribute as it is written in the program, "" if there is none.
func text(s *stablehlo.Statement, attribute string) string {
	switch v := s.Attributes[attribute].(type) {
	case interface{ ToStableHLO() string }:
		return v.ToStableHLO()
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

// numbers are the integers of an attribute such as array<i64: 1, 2> or dense<[[1, 2]]> : tensor<1x2xi64>; one that stands for count
// equal ones is repeated. Nil: it isn't of that form.
func numbers(s *stablehlo.Statement, attribute string, count int) []int {
	body := text(s, attribute)
	if after, isArray := strings.CutPrefix(body, "array<i64"); isArray {
		body = after
	} else if after, isDense := strings.CutPrefix(body, "dense<"); isDense {
		body = after
	} else {
		return nil
	}
	body, _, ok := strings.Cut(body, ">")
	if !ok {
		return nil
	}
	var list []int
	for _, word := range strings.FieldsFunc(body, func(r rune) bool { return strings.ContainsRune("[]:, ", r) }) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	if len(list) == 1 {
		list = slices.Repeat(list, count)
	}
	if len(list) != count {
		return nil
	}
	return list
}

var listOfAxes = regexp.MustCompile(`(\w+) = \[([^\]]*)\]`)

// axesIn reads the lists of axes in an attribute, such as a product's.
func axesIn(attribute string) map[string][]int {
	lists := map[string][]int{}
	for _, list := range listOfAxes.FindAllStringSubmatch(attribute, -1) {
		axes := []int{}
		for _, word := range strings.FieldsFunc(list[2], func(c rune) bool { return c == ',' || c == ' ' }) {
			axis, err := strconv.Atoi(word)
			if err != nil {
				axis = -1
			}
			axes = append(axes, axis)
		}
		lists[list[1]] = axes
	}
	return lists
}

// isBefore reports whether a stands before b, both being statements of the main function itself.
func (p *program) isBefore(a, b *stablehlo.Statement) bool {
	i, ok := p.index[a]
	k, known := p.index[b]
	return ok && known && i < k
}

// ordered reports whether each value is known before it is used.
func (p *program) ordered() bool {
	known := map[*stablehlo.Value]bool{}
	var run func(f *stablehlo.Function) bool
	run = func(f *stablehlo.Function) bool {
		for _, v := range f.Inputs {
			known[v] = true
		}
		for _, s := range f.Statements {
			if slices.ContainsFunc(s.Inputs, func(v *stablehlo.Value) bool { return !known[v] }) {
				return false
			}
			for _, inner := range s.FunctionParameters {
				if !run(inner) {
					return false
				}
			}
			for _, v := range s.Outputs {
				known[v] = true
			}
		}
		return true
	}
	return run(p.main)
}

// save returns a function that makes the program what it is now.
func (p *program) save() (undo func()) {
	all := slices.Clone(p.main.Statements)
	var restore []func()
	var visit func(list []*stablehlo.Statement)
	visit = func(list []*stablehlo.Statement) {
		for _, s := range list {
			was := *s
			was.Inputs, was.Outputs = slices.Clone(s.Inputs), slices.Clone(s.Outputs)
			was.Attributes = maps.Clone(s.Attributes)
			restore = append(restore, func() { *s = was })
			for _, f := range s.FunctionParameters {
				visit(f.Statements)
			}
		}
	}
	visit(all)
	return func() {
		p.main.Statements = all
		for _, f := range restore {
			f()
		}
	}
}

// isConstant reports whether v is that constant, of any shape.
func (p *program) isConstant(v *stablehlo.Value, want float64) bool {
	f, ok := p.number(v)
	return ok && f == want && math.Signbit(f) == math.Signbit(want)
}

// number is the one that a constant of any shape repeats.
func (p *program) number(v *stablehlo.Value) (f float64, ok bool) {
	for p.operation(v) == "broadcast_in_dim" {
		v = p.def[v].Inputs[0]
	}
	if p.operation(v) != "constant" {
		return 0, false
	}
	body, isDense := strings.CutPrefix(text(p.def[v], "value"), "dense<")
	body, _, _ = strings.Cut(body, ">")
	if body == "0xff800000" { // how go-xla writes it
		body = "-inf"
	}
	f, err := strconv.ParseFloat(body, 64)
	return f, isDense && err == nil
}

func (p *program) isZero(v *stablehlo.Value) bool { return p.isConstant(v, 0) }

// raw is an attribute's text.
type raw string

// ToStableHLO returns the text.
func (r raw) ToStableHLO() string { return string(r) }
