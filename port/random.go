package port

import (
	"fmt"
	"strings"
)

// tRandom is a generator of Python's module random.
var tRandom = object("generator of random numbers", "*random.Source")

// random is a call of Python's module random, or of a method of its class Random; nil for one that isn't known. Package port/random draws the
// same numbers.
func (t *translator) random(source, name string, c *call) *value {
	list := func(place int, names ...string) *value {
		v := c.need(place, names...)
		if v.kind == "deque" {
			return dequeItems(v)
		}
		switch {
		case v.loop != nil && v.loop.kind == "range":
			return t.rangeList(v, c.e)
		case v.kind == "str":
			return &value{typ: listOf(tStr), code: "strings.Split(" + v.code + `, "")`}
		case v.kind != "list" || v.elem == nil || v.code == "":
			fail(c.e, "random.%s of %s isn't translated", name, v.describe())
		}
		return v
	}
	number := func(f string, goT string, ty typ, names ...string) *value {
		var args []string
		for i, n := range names {
			args = append(args, t.as(c.need(i, n), goT, c.e))
		}
		c.done()
		return &value{typ: ty, code: fmt.Sprintf("%s.%s(%s)", source, f, strings.Join(args, ", "))}
	}
	switch name {
	case "seed":
		seed := c.arg(0, "a")
		c.done()
		if seed == nil || seed.kind != "int" {
			t.approximate("only a whole number is a seed of Python's random numbers here")
			return done("")
		}
		return done("%s.Seed(%s)", source, seed.code)
	case "Random":
		seed := c.need(0, "x")
		c.done()
		return &value{typ: tRandom, code: "random.New(" + t.as(seed, "int", c.e) + ")"}
	case "random":
		return number("Random", "", tFloat)
	case "randint":
		return number("RandInt", "int", tInt, "a", "b")
	case "uniform":
		return number("Uniform", "float64", tFloat, "a", "b")
	case "gauss":
		return number("Gauss", "float64", tFloat, "mu", "sigma")
	case "normalvariate":
		return number("NormalVariate", "float64", tFloat, "mu", "sigma")
	case "randrange":
		start, stop := c.need(0, "start"), c.arg(1, "stop")
		c.done()
		if stop == nil {
			start, stop = &value{typ: tInt, code: "0", konst: true}, start
		}
		return &value{typ: tInt, code: fmt.Sprintf("%s.RandRange(%s, %s)", source, t.as(start, "int", c.e), t.as(stop, "int", c.e))}
	case "choice":
		if v := c.need(0, "seq"); v.kind == "array" {
			c.done()
			return &value{typ: tArray, code: fmt.Sprintf("%s.Index(%s.RandRange(0, %[1]s.Len()))", v.tight(), source)}
		}
		v := list(0, "seq")
		c.done()
		return &value{typ: *v.elem, code: fmt.Sprintf("random.Choice(%s, %s)", source, v.code)}
	case "choices", "sample":
		k := &value{typ: tInt, code: "1", konst: true}
		v := list(0, "population")
		if given := c.arg(map[string]int{"choices": -1, "sample": 1}[name], "k"); given != nil {
			k = given
		}
		c.done()
		return &value{typ: v.typ, code: fmt.Sprintf("random.%s(%s, %s, %s)", strings.ToUpper(name[:1])+name[1:], source, v.code, t.as(k, "int", c.e))}
	case "shuffle":
		v := c.need(0, "x")
		if v.kind == "array" {
			c.done()
			t.approximate("NumPy's generator gives another order than Python's")
			return done("np.Random.Shuffle(%s)", v.code)
		}
		v = list(0, "x")
		c.done()
		return done("random.Shuffle(%s, %s)", source, v.code)
	}
	return nil
}
