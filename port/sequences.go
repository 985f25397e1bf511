package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Objects of classes that extend keras.utils.Sequence or PyDataset: batches by number, which a model takes as a data set.

// isSequence reports an object whose class says how many batches it has, and what each is.
func (v *value) isSequence() bool {
	return v != nil && v.object != nil && v.object.class.base == "sequence"
}

// sized is len of an object: its __len__, or the number of a PyDataset's batches; nil where it has none.
func (t *translator) sized(v *value, e *python.Expr) *value {
	for _, name := range []string{"__len__", "num_batches"} {
		if v.object.class.method(name) != nil {
			n := t.callMethod(v, name, callOf(e))
			if n.kind == "float" {
				fail(e, "%s gives a float, of which Python has a TypeError", name)
			}
			return &value{typ: tInt, code: t.as(n, "int", e)}
		}
	}
	return nil
}

// batchesOfObject is a data set of what an object gives.
func (t *translator) batchesOfObject(v *value, shuffle bool, e *python.Expr) *value {
	n := t.sized(v, e)
	if n == nil || v.object.class.method("__getitem__") == nil {
		fail(e, "the class %s says neither __len__ nor __getitem__, or only one of them", v.object.class.name)
	}
	i := t.newVar("i", tInt.goT)
	i.given = true
	with := func(name string, args ...*value) *value {
		return t.callMethod(v, name, callOf(e, args...))
	}
	batch := with("__getitem__", &value{typ: tInt, code: i.ref()})
	elems := []typ{batch.typ}
	if batch.goT == "multi" {
		elems = batch.elems
	}
	if len(elems) > 3 {
		fail(e, "a batch of %d parts isn't translated", len(elems))
	}
	var names, fields []string
	for at, field := range []string{"X", "Y", "SampleWeight"}[:len(elems)] {
		va := t.newVar([]string{"x", "y", "weight"}[at], elems[at].goT)
		va.given = true
		names = append(names, va.ref())
		fields = append(fields, field+": "+t.data(&value{typ: elems[at], code: va.ref()}, e))
	}
	end := "func() {}"
	if v.object.class.method("on_epoch_end") != nil {
		r := with("on_epoch_end")
		if r.kind != "done" {
			fail(e, "an on_epoch_end that returns something isn't translated")
		}
		end = "func() { " + r.code + " }"
	}
	if shuffle {
		t.approximate("the batches of a Sequence come in another order than Python's")
	}
	ty := tPipeline
	ty.kind, ty.ends, ty.table = "flow", true, len(elems) == 1
	t.use(ty.goT)
	return &value{typ: ty, code: fmt.Sprintf("%s(func() int { return %s }, func(%s int) datasets.Element { %s := %s; return datasets.Element{%s} }, %s, %t)",
		t.helper("sequence"), n.code, i.ref(), strings.Join(names, ", "), batch.code, strings.Join(fields, ", "), end, shuffle)}
}

// withSequences has data sets in the places of objects that are such: fit shuffles its batches, unless it is told not to.
func (t *translator) withSequences(name string, c *call) *call {
	given := func(v *value) bool { return v.isSequence() }
	if !slices.ContainsFunc(c.args, given) && !slices.ContainsFunc(c.keys, func(k string) bool { return given(c.kw[k]) }) {
		return c
	}
	n := *c
	n.args, n.kw = slices.Clone(c.args), map[string]*value{}
	training := strings.HasPrefix(name, "fit")
	shuffled := func(first bool) bool {
		s := c.kw["shuffle"]
		return first && training && (s == nil || s.code != "false")
	}
	for i, v := range n.args {
		if given(v) {
			n.args[i] = t.batchesOfObject(v, shuffled(i == 0), c.e)
		}
	}
	for _, k := range c.keys {
		v := c.kw[k]
		if given(v) {
			v = t.batchesOfObject(v, shuffled(k == "x" || k == "generator"), c.e)
		}
		n.kw[k] = v
	}
	if training && c.kw["shuffle"] != nil {
		n.used["shuffle"] = true
		delete(n.kw, "shuffle")
		n.keys = slices.DeleteFunc(slices.Clone(n.keys), func(k string) bool { return k == "shuffle" })
	}
	return &n
}
