package port

import (
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Python's collections.deque: a pointer to a list with a largest length.

// tOpenDeque is a deque while the type of its elements isn't known; its input is the place at which it is made.
var tOpenDeque = typ{kind: "deque without a type"}

func dequeOf(elem typ) typ { return typ{kind: "deque", goT: "*deque[" + elem.goT + "]", elem: &elem} }

// newDeque is deque(iterable, maxlen).
func (t *translator) newDeque(c *call) *value {
	from, most := c.arg(0, "iterable"), c.arg(1, "maxlen")
	c.done()
	limit := "-1"
	if most != nil && most.kind != "none" {
		limit = t.as(most, "int", c.e)
	}
	t.helper("deque")
	if from == nil || from.kind == "empty" && from.code == "" {
		place := fmt.Sprint(t.at(), ":", c.e.Line, " deque")
		ty, ok := t.lists[place]
		if !ok {
			t.wanted[place] = true
			return &value{typ: tOpenDeque, input: place}
		}
		t.use(strings.TrimLeft(ty.goT, "[]*"))
		return &value{typ: dequeOf(ty), code: fmt.Sprintf("&deque[%s]{most: %s}", ty.goT, limit)}
	}
	l := t.elements(from, c.e)
	return &value{typ: dequeOf(*l.elem), code: fmt.Sprintf("dequeOf(%s, %s)", l.code, limit)}
}

// dequeMethod is a method of a deque.
func (t *translator) dequeMethod(v *value, name string, c *call) *value {
	if v.kind == tOpenDeque.kind {
		if (name == "append" || name == "appendleft") && len(c.args) == 1 {
			if x := t.packed(c.args[0]); x.goT != "" && x.goT != "multi" && x.code != "" && !compileTime(x) {
				t.learn(v.input, x.typ)
			}
		}
		fail(c.e, "the type of the empty deque isn't known")
	}
	switch name {
	case "append", "appendleft":
		x := t.packed(c.need(0, "x"))
		c.done()
		return done("%s.%s(%s)", v.tight(), name, t.as(x, v.elem.goT, c.e))
	case "pop", "popleft":
		c.done()
		return &value{typ: *v.elem, code: fmt.Sprintf("%s.%s()", v.tight(), name)}
	case "extend":
		l := t.elements(c.need(0, "iterable"), c.e)
		c.done()
		if l.elem.goT == v.elem.goT {
			return done("%s.append(%s...)", v.tight(), l.tight())
		}
	case "clear":
		c.done()
		return done("%s.items = nil", v.tight())
	case "index", "count", "copy":
		r := t.listMethod(dequeItems(v), name, c)
		if name != "copy" {
			return r
		}
		return &value{typ: v.typ, code: fmt.Sprintf("dequeOf(%s, %s.most)", r.code, v.tight())}
	case "rotate":
		n := "1"
		if by := c.arg(0, "n"); by != nil {
			n = t.as(by, "int", c.e)
		}
		c.done()
		return done("%s.rotate(%s)", v.tight(), n)
	}
	fail(c.e, "the method %s of a deque isn't translated", name)
	return nil
}

// dequeItems are a deque's elements as a list.
func dequeItems(v *value) *value { return &value{typ: listOf(*v.elem), code: v.tight() + ".items"} }

// dequeText is a deque as Python prints it.
func (t *translator) dequeText(v *value, e *python.Expr) string {
	return fmt.Sprintf("%s.text(fmt.Sprint(%s))", v.tight(), t.printed(dequeItems(v), e))
}

// dequeHelpers are what Python's deques do.
var dequeHelpers = map[string]string{"deque": `
// deque is Python's collections.deque: what it takes beyond its largest length goes from the other end. A length below 0 is none.
type deque[T any] struct {
	items []T
	most  int
}

func dequeOf[T any](items []T, most int) *deque[T] {
	d := &deque[T]{most: most}
	d.append(items...)
	return d
}

func (d *deque[T]) append(items ...T) {
	d.items = append(d.items, items...)
	if n := len(d.items) - d.most; d.most >= 0 && n > 0 {
		d.items = d.items[n:]
	}
}

func (d *deque[T]) appendleft(x T) {
	d.items = slices.Insert(d.items, 0, x)
	if d.most >= 0 && len(d.items) > d.most {
		d.items = d.items[:d.most]
	}
}

func (d *deque[T]) pop() T {
	if len(d.items) == 0 {
		np.Fail("IndexError", "pop from an empty deque")
	}
	x := d.items[len(d.items)-1]
	d.items = d.items[:len(d.items)-1]
	return x
}

func (d *deque[T]) popleft() T {
	if len(d.items) == 0 {
		np.Fail("IndexError", "pop from an empty deque")
	}
	x := d.items[0]
	d.items = d.items[1:]
	return x
}

func (d *deque[T]) rotate(n int) {
	if size := len(d.items); size > 0 {
		n = ((n % size) + size) % size
		d.items = slices.Concat(d.items[size-n:], d.items[:size-n])
	}
}

// text is the deque as Python prints it, with its elements as a list.
func (d *deque[T]) text(items string) string {
	if d.most < 0 {
		return "deque(" + items + ")"
	}
	return fmt.Sprintf("deque(%s, maxlen=%d)", items, d.most)
}
`}
