package lowering

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/go-xla/stablehlo"
)

// program is the main function of a StableHLO module, with what defines and what uses each value. Statements that lead to no
// result are left out: XLA drops them, too.
type program struct {
	main  *stablehlo.Function
	def   map[*stablehlo.Value]*stablehlo.Statement
	index map[*stablehlo.Statement]int // of the main function's own
	uses  map[*stablehlo.Value][]*stablehlo.Statement
	live  []*stablehlo.Statement
}

func newProgram(main *stablehlo.Function) *program {
	p := &program{
		main:  main,
		def:   map[*stablehlo.Value]*stablehlo.Statement{},
		index: map[*stablehlo.Statement]int{},
		uses:  map[*stablehlo.Value][]*stablehlo.Statement{},
	}
	for i, s := range main.Statements {
		p.index[s] = i
		for _, v := range s.Outputs {
			p.def[v] = s
		}
	}
	needed := map[*stablehlo.Value]bool{}
	for _, s := range slices.Backward(main.Statements) {
		if len(s.Outputs) > 0 && !slices.ContainsFunc(s.Outputs, func(v *stablehlo.Value) bool { return needed[v] }) {
			continue
		}
		p.live = append(p.live, s)
		eachUse(s, func(user *stablehlo.Statement, v *stablehlo.Value) {
			needed[v] = true
			p.uses[v] = append(p.uses[v], user)
		})
	}
	slices.Reverse(p.live)
	return p
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
	return strings.TrimPrefix(s.OpType.ToStableHLO(), "stablehlo.")
}

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

// isZero reports whether v is a constant zero of any shape.
func (p *program) isZero(v *stablehlo.Value) bool {
	for p.operation(v) == "broadcast_in_dim" {
		v = p.def[v].Inputs[0]
	}
	if p.operation(v) != "constant" {
		return false
	}
	body, isDense := strings.CutPrefix(text(p.def[v], "value"), "dense<")
	body, _, _ = strings.Cut(body, ">")
	f, err := strconv.ParseFloat(body, 64)
	return isDense && err == nil && f == 0
}

// raw is an attribute's text.
type raw string

// ToStableHLO returns the text.
func (r raw) ToStableHLO() string { return string(r) }
