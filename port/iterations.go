package port

import (
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// elements are what a loop over a value sees, as a list.
func (t *translator) elements(v *value, e *python.Expr) *value {
	if v = t.listed(v, e); v.kind == "list" && v.code != "" {
		return v
	}
	if v.kind == "array" {
		return &value{typ: listOf(tArray), code: t.helper("listOf") + "(" + v.code + ")"}
	}
	ty, code := t.iterable(v, e)
	if strings.HasSuffix(code, ".each()") || strings.HasSuffix(code, ".All()") {
		fail(e, "%s as a list isn't translated", v.describe())
	}
	return &value{typ: listOf(ty), code: code}
}

// rowsOf is a list of tuples whose parts have one type.
func rowsOf(elem typ, code string) *value {
	one := listOf(elem)
	one.row = true
	return &value{typ: listOf(one), code: code}
}

// itertools is a call of Python's module itertools, whose results are lists here; nil for one that isn't known.
func (t *translator) itertools(name string, c *call) *value {
	switch name {
	case "chain":
		if len(c.args) == 0 {
			return nil
		}
		first := t.elements(c.args[0], c.e)
		var codes []string
		for i := range c.args {
			l := t.elements(c.arg(i), c.e)
			if l.goT != first.goT {
				fail(c.e, "a chain of %s and %s isn't translated", first.describe(), l.describe())
			}
			codes = append(codes, l.code)
		}
		c.done()
		return &value{typ: listOf(*first.elem), code: "slices.Concat(" + strings.Join(codes, ", ") + ")"}
	case "chain.from_iterable":
		l := t.elements(c.need(0, "iterable"), c.e)
		c.done()
		switch l.elem.kind {
		case "list":
			return &value{typ: listOf(*l.elem.elem), code: "slices.Concat(" + l.tight() + "...)"}
		case "str":
			return &value{typ: listOf(tStr), code: fmt.Sprintf(`strings.Split(strings.Join(%s, ""), "")`, l.code)}
		}
		fail(c.e, "a chain of %s isn't translated", l.describe())
	case "product":
		return t.product(c)
	case "combinations", "combinations_with_replacement", "permutations":
		l, r := t.elements(c.need(0, "iterable"), c.e), c.arg(1, "r")
		c.done()
		n := "len(" + l.code + ")"
		if r != nil && r.kind != "none" {
			n = t.as(r, "int", c.e)
		}
		f := map[string]string{"combinations": "combinations", "combinations_with_replacement": "combinationsWithReplacement", "permutations": "permutations"}[name]
		t.helper("selections")
		return rowsOf(*l.elem, fmt.Sprintf("%s(%s, %s)", f, l.code, n))
	case "islice":
		l := t.elements(c.need(0, "iterable"), c.e)
		var args []string
		for i := 1; i < len(c.args); i++ {
			code := ""
			if v := c.arg(i); v.kind != "none" {
				code = t.as(v, "int", c.e)
			}
			args = append(args, code)
		}
		c.done()
		if len(args) == 1 {
			args = []string{"", args[0]}
		}
		var texts, codes []string
		for _, a := range args {
			if a == "" {
				texts = append(texts, "")
				continue
			}
			texts, codes = append(texts, "%d"), append(codes, a)
		}
		slice := fmt.Sprintf("np.S(%q, %s)", strings.Join(texts, ":"), strings.Join(codes, ", "))
		return &value{typ: listOf(*l.elem), code: fmt.Sprintf("%s(%s, %s)", t.helper("every"), l.code, slice)}
	case "accumulate":
		l := t.elements(c.need(0, "iterable"), c.e)
		c.done()
		if l.elem.kind == "int" || l.elem.kind == "float" {
			return &value{typ: listOf(*l.elem), code: t.helper("accumulated") + "(" + l.code + ")"}
		}
	case "repeat":
		x, n := t.packed(c.need(0, "object")), c.arg(1, "times")
		c.done()
		if n != nil && x.goT != "" && x.goT != "multi" && x.code != "" && !compileTime(x) {
			return &value{typ: listOf(x.typ), code: fmt.Sprintf("slices.Repeat([]%s{%s}, %s)", x.goT, x.code, atLeastZero(n))}
		}
	}
	return nil
}

// product is itertools.product: of lists of one type, or of two or three of several.
func (t *translator) product(c *call) *value {
	var lists []*value
	same := true
	for i := range c.args {
		l := t.elements(c.arg(i), c.e)
		lists = append(lists, l)
		same = same && l.goT == lists[0].goT
	}
	repeat := c.arg(-1, "repeat")
	c.done()
	if len(lists) == 0 {
		return nil
	}
	var codes []string
	tuple := typ{}
	for _, l := range lists {
		codes = append(codes, l.code)
		tuple.elems = append(tuple.elems, *l.elem)
	}
	t.helper("selections")
	if same {
		code := strings.Join(codes, ", ")
		if repeat != nil {
			code = fmt.Sprintf("slices.Repeat([]%s{%s}, %s)...", lists[0].goT, code, t.as(repeat, "int", c.e))
		}
		return rowsOf(*lists[0].elem, "product("+code+")")
	}
	if repeat != nil || len(lists) > 3 {
		fail(c.e, "this product of lists of several kinds isn't translated")
	}
	return &value{typ: listOf(tupleType(tuple.elems)), code: fmt.Sprintf("product%d(%s)", len(lists), strings.Join(codes, ", "))}
}

// spreadCall is f(*lists) of itertools' functions that take any number of lists; nil for others.
func (t *translator) spreadCall(path string, lists *value, e *python.Expr) *value {
	if lists = t.listed(lists, e); lists.kind != "list" || lists.elem == nil || lists.elem.kind != "list" || lists.code == "" {
		return nil
	}
	switch path {
	case "itertools.chain":
		return t.itertools("chain.from_iterable", callOf(e, lists))
	case "itertools.product":
		t.helper("selections")
		return rowsOf(*lists.elem.elem, "product("+lists.tight()+"...)")
	}
	return nil
}

// iterationHelpers are the functions of Python's module itertools.
var iterationHelpers = map[string]string{
	"accumulated": `
// accumulated are the sums of a list up to each of its elements.
func accumulated[T int | float64](list []T) []T {
	sums := make([]T, len(list))
	for i, x := range list {
		sums[i] = x
		if i > 0 {
			sums[i] += sums[i-1]
		}
	}
	return sums
}
`,
	"selections": `
// selections are the lists of n places among size that keep says of each begun list whether it may go on, in the order of the places.
func selections[T any](list []T, n int, keep func(places []int, next int) bool) [][]T {
	var all [][]T
	var places []int
	var choose func()
	choose = func() {
		if len(places) == n {
			chosen := make([]T, n)
			for i, p := range places {
				chosen[i] = list[p]
			}
			all = append(all, chosen)
			return
		}
		for next := range list {
			if keep(places, next) {
				places = append(places, next)
				choose()
				places = places[:len(places)-1]
			}
		}
	}
	if n >= 0 {
		choose()
	}
	return all
}

func combinations[T any](list []T, n int) [][]T {
	return selections(list, n, func(places []int, next int) bool { return len(places) == 0 || next > places[len(places)-1] })
}

func combinationsWithReplacement[T any](list []T, n int) [][]T {
	return selections(list, n, func(places []int, next int) bool { return len(places) == 0 || next >= places[len(places)-1] })
}

func permutations[T any](list []T, n int) [][]T {
	return selections(list, n, func(places []int, next int) bool { return !slices.Contains(places, next) })
}

// product are the lists that have an element of each list.
func product[T any](lists ...[]T) [][]T {
	all := [][]T{{}}
	for _, list := range lists {
		var longer [][]T
		for _, begun := range all {
			for _, x := range list {
				longer = append(longer, append(slices.Clone(begun), x))
			}
		}
		all = longer
	}
	return all
}

func product2[A, B any](as []A, bs []B) (all []struct {
	A A
	B B
}) {
	for _, a := range as {
		for _, b := range bs {
			all = append(all, struct {
				A A
				B B
			}{a, b})
		}
	}
	return all
}

func product3[A, B, C any](as []A, bs []B, cs []C) (all []struct {
	A A
	B B
	C C
}) {
	for _, a := range as {
		for _, b := range bs {
			for _, c := range cs {
				all = append(all, struct {
					A A
					B B
					C C
				}{a, b, c})
			}
		}
	}
	return all
}
`,
}
