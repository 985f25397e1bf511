package port

import (
	"slices"
	"strings"
)

// Spellings of Keras 1 whose meaning another name alone doesn't give.

// inKeras1 gives a layer's arguments of Keras 1 their values of today.
func inKeras1(name string, c *call) *call {
	names := map[string][]string{"kernel_size": {"nb_row", "nb_col"}}
	if strings.HasPrefix(name, "Conv3D") {
		names["kernel_size"] = []string{"kernel_dim1", "kernel_dim2", "kernel_dim3"}
	}
	old := c.kw["dim_ordering"] != nil
	for _, parts := range names {
		for _, n := range parts {
			old = old || c.kw[n] != nil
		}
	}
	if !old {
		return c
	}
	now := callOf(c.e, c.args...)
	for _, k := range c.keys {
		v := c.kw[k]
		for today, parts := range names {
			at := slices.Index(parts, k)
			if at < 0 {
				continue
			}
			k = today
			if at > 0 {
				k = ""
				break
			}
			size := &value{tuple: true, items: []*value{}}
			for _, n := range parts {
				if c.kw[n] == nil {
					fail(c.e, "%s needs %s", name, n)
				}
				size.items = append(size.items, c.kw[n])
			}
			v = size
		}
		if k == "dim_ordering" {
			order := map[string]string{`"tf"`: `"channels_last"`, `"th"`: `"channels_first"`}[v.code]
			switch {
			case order != "":
				v = &value{typ: tStr, code: order, konst: true}
			case v.code == `"default"`:
				k = ""
			default:
				fail(c.e, "dim_ordering=%s isn't translated", v.code)
			}
			if k != "" {
				k = "data_format"
			}
		}
		if k != "" {
			now.kw[k], now.keys = v, append(now.keys, k)
		}
	}
	return now
}

// tBackendFunction is what keras.backend.function of tensors gives: a model, which is called with a list and gives one.
var tBackendFunction = typ{kind: "backend function", goT: tModel.goT}

// backendFunction is keras.backend.function(inputs, outputs), whose inputs may say in which phase layers are.
func (t *translator) backendFunction(c *call) *value {
	inputs, outputs := c.need(0, "inputs"), c.need(1, "outputs")
	c.done()
	end := func(v *value) string {
		kept := *v
		kept.items = slices.DeleteFunc(slices.Clone(v.items), func(i *value) bool { return i.kind == "learning phase" })
		if len(kept.items) == 0 {
			kept.items = nil
		}
		return t.tensors(&kept, c)
	}
	return &value{typ: tBackendFunction, code: "must.M1(functional.NewModel(" + end(inputs) + ", " + end(outputs) + "))"}
}

// callBackendFunction is a call of such a function.
func (t *translator) callBackendFunction(f *value, c *call) *value {
	given := c.need(0, "inputs")
	c.done()
	items := given.items
	if given.kind == "array" {
		items = []*value{given}
	}
	var parts []string
	for _, i := range items {
		switch {
		case i.kind == "array":
			parts = append(parts, t.data(i, c.e))
		case i.konst && (i.code == "0" || i.code == "0.0" || i.code == "false"):
		case number(i.typ):
			fail(c.e, "a function in training mode isn't translated")
		default:
			fail(c.e, "%s as an input of a function isn't translated", i.describe())
		}
	}
	if len(parts) == 0 {
		fail(c.e, "a function of %s isn't translated", given.describe())
	}
	data := parts[0]
	if len(parts) > 1 {
		data = "[]any{" + strings.Join(parts, ", ") + "}"
	}
	return &value{typ: listOf(tArray), code: t.helper("arraysOf") + "(must.M1(" + f.tight() + ".PredictAll(" + data + ", functional.Predict{Verbose: functional.Silent})))"}
}

// merges are the ways of Keras 1's merge, by the layer of today.
var merges = map[string]string{"sum": "Add", "mul": "Multiply", "concat": "Concatenate", "ave": "Average", "max": "Maximum", "dot": "Dot", "cos": "Dot"}

// merged is Keras 1's merge of tensors.
func (t *translator) merged(c *call) *value {
	inputs, mode := c.need(0, "inputs"), `"sum"`
	if m := c.arg(1, "mode"); m != nil {
		mode = m.code
	}
	name := merges[strings.Trim(mode, `"`)]
	if name == "" {
		fail(c.e, "merge by %s isn't translated", mode)
	}
	made := callOf(c.e)
	give := func(arg string, v *value) { made.kw[arg], made.keys = v, append(made.keys, arg) }
	axis, dot := c.arg(2, "concat_axis"), c.arg(3, "dot_axes")
	switch name {
	case "Concatenate":
		if axis != nil {
			give("axis", axis)
		}
	case "Dot":
		if dot == nil {
			dot = &value{typ: tInt, code: "-1", konst: true}
		}
		if len(dot.items) > 0 && dot.items[0].items != nil {
			fail(c.e, "products over several axes aren't translated")
		}
		give("axes", dot)
		if mode == `"cos"` {
			give("normalize", &value{typ: tBool, code: "true", konst: true})
		}
	}
	c.arg(4, "output_shape")
	if n := c.arg(-1, "name"); n != nil {
		give("name", n)
	}
	c.done()
	return t.apply(t.object(places["keras.layers"], name, made), callOf(c.e, inputs))
}
