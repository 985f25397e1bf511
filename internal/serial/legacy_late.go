package serial

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

// Some functions of TensorFlow can only be said in Keras's operations when the shapes of their arguments are known, tf.shape first of all. They are
// converted when the graph is connected, and so is what depends on them.

// lateMark is the key, which no JSON from outside can hold, under which an entry has the function to convert.
const lateMark = "\x00late"

// lateFunction is an entry for a function of TensorFlow.
type lateFunction struct {
	name     string // of the entry
	function string
	entry    map[string]any
}

// lateFunctions are known by their names below "tf."; they are given shapes, and arrays of sizes as they are.
var lateFunctions = map[string]tfFunction{}

// needShapes are functions that are converted early where their arguments allow it, and yet may need shapes.
var needShapes = []string{"gather", "compat.v1.gather"}

// defineLate adds functions of the same arguments.
func defineLate(names, params string, convert func(c *tfCall) error) {
	for _, name := range strings.Fields(names) {
		lateFunctions[name] = tfFunction{params, convert}
	}
}

// functionOf is the function that an entry stands for, "" for none.
func functionOf(entry map[string]any) string {
	cfg, _ := entry["config"].(map[string]any)
	if entry["class_name"] == "TensorFlowOpLayer" {
		node, _ := graphNode(cfg)
		return node.function
	}
	function, _ := cfg["function"].(string)
	return function
}

// findLate notes the entries to convert late: functions that need shapes, and those that take what these return.
func (g *legacyGraph) findLate(entries []any) {
	users := map[string][]string{} // of functions that other functions take, by name
	var queue []string
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		if !isTensorFlowOperation(entry) {
			continue
		}
		name, _ := nameOf(entry).(string)
		nest.Walk(entry["inbound_nodes"], func(_ nest.Path, v any) bool {
			if list, ok := v.([]any); ok && len(list) >= 3 {
				if from, _ := list[0].(string); g.layers[from] {
					users[from] = append(users[from], name)
				}
			}
			return true
		})
		function := functionOf(entry)
		if _, early := tfFunctions[function]; lateFunctions[function].make != nil && (!early || slices.Contains(needShapes, function)) {
			queue = append(queue, name)
		}
	}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if !g.late[name] {
			g.late[name] = true
			queue = append(queue, users[name]...)
		}
	}
}

// lateEntry is the converted entry of a function that waits for shapes.
func (g *legacyGraph) lateEntry(entry map[string]any) (map[string]any, error) {
	name, _ := nameOf(entry).(string)
	function := functionOf(entry)
	definition, known := lateFunctions[function]
	if !known {
		definition, known = tfFunctions[function]
	}
	calls, isList := entry["inbound_nodes"].([]any)
	if !known || !isList || len(calls) != 1 {
		return nil, noOperation(entry)
	}
	c, err := g.bind(entry, calls[0], definition.params)
	if err != nil {
		return nil, fmt.Errorf("layer %q: call 0: %w", name, err)
	}
	return map[string]any{
		"class_name": entry["class_name"], "name": name, "config": map[string]any{"name": name}, lateMark: &lateFunction{name, function, entry},
		"inbound_nodes": []any{map[string]any{"args": []any{}, "kwargs": c.args}},
	}, nil
}

// apply converts the call and applies the operations. The outputs are tensors and arrays that are known.
func (f *lateFunction) apply(args map[string]any) ([]any, error) {
	fail := func(err error) ([]any, error) { return nil, fmt.Errorf("with %w: %w", err, noOperation(f.entry)) }
	c := &tfCall{args: args, late: true}
	outputs, err := f.convert(c)
	if err != nil {
		return fail(err)
	}
	made := make([][]*symbolic.Tensor, len(c.made))
	put := func(v any) any {
		out, _ := nest.Map(v, func(leaf any) (any, error) {
			if at, ok := leaf.(madeBy); ok {
				return made[at][0], nil
			}
			return leaf, nil
		})
		return out
	}
	for at, op := range c.made {
		cfg := map[string]any{"name": tfName(f.name, at, len(c.made))}
		maps.Copy(cfg, op.config)
		if err := plainConfig(op.config); err != nil {
			return fail(err)
		}
		var layer symbolic.Layer
		kwargs := map[string]any{}
		if !op.layer {
			layer, err = symbolic.NewOperation(op.class, op.config, cfg["name"].(string))
		} else if layer, err = symbolic.NewLayer(op.class); err == nil {
			err = symbolic.ReadConfig(layer, cfg)
			if op.class == "GaussianNoise" || op.class == "Dropout" {
				kwargs["training"] = true
			}
		}
		if err != nil {
			return fail(fmt.Errorf("%v", err))
		}
		made[at] = layer.Base().ApplyCall(put(withArrays(op)).([]any), kwargs)
		if err := made[at][0].Err(); err != nil {
			return nil, err
		}
	}
	if outputs == nil {
		for _, t := range made[len(made)-1] {
			outputs = append(outputs, t)
		}
	}
	for i, v := range outputs {
		if at, ok := v.(madeBy); ok {
			outputs[i] = made[at][0]
		}
	}
	return outputs, nil
}

// convert lists the operations of a call; outputs is nil where they are those of the last operation.
func (f *lateFunction) convert(c *tfCall) (outputs []any, err error) {
	if folded, err := f.fold(c); err == nil && folded != nil {
		if list, ok := folded.([]any); ok {
			return list, nil
		}
		return []any{folded}, nil
	} else if err != nil && !errors.Is(err, errUnfolded) {
		return nil, err
	}
	c.made = nil
	definition, isLate := lateFunctions[f.function]
	if !isLate {
		definition = tfFunctions[f.function]
		for name, v := range c.args {
			if c.args[name], err = c.settle(v); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if err := definition.make(c); err != nil {
		return nil, err
	}
	if c.outputs == nil && len(c.made) == 0 {
		return nil, fmt.Errorf("constants alone")
	}
	return c.outputs, nil
}

// fold computes the function where all of its arguments are known.
func (f *lateFunction) fold(c *tfCall) (any, error) {
	compute := folds[f.function]
	if compute == nil {
		return nil, nil
	}
	plain := true
	for _, v := range c.args {
		plain = plain && !holdsTensor(v)
	}
	if !plain {
		return nil, nil
	}
	return compute(c)
}

func holdsTensor(v any) bool {
	found := false
	nest.Walk(v, func(_ nest.Path, v any) bool {
		_, isTensor := v.(*symbolic.Tensor)
		found = found || isTensor
		return !found
	})
	return found
}

// settle puts numbers and tensors in the place of arrays that are known.
func (c *tfCall) settle(v any) (any, error) {
	switch v := v.(type) {
	case *known:
		return v.argument(c)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			var err error
			if list[i], err = c.settle(e); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			var err error
			if out[key], err = c.settle(e); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

// shapeOf is the shape of an argument, which must be a tensor or an array.
func (c *tfCall) shapeOf(name string) ([]int, error) {
	switch v := c.args[name].(type) {
	case *symbolic.Tensor:
		return slices.Clone(v.Shape()), nil
	case nil:
		return nil, fmt.Errorf("%s is missing", name)
	default:
		if k, ok := asKnown(v); ok {
			return k.shape, nil
		}
		return nil, fmt.Errorf("%s=%v", name, v)
	}
}

// ints are the whole numbers of a list, or of one number.
func (c *tfCall) ints(name string) ([]int, error) {
	k, err := c.knownAt(name)
	if err != nil {
		return nil, err
	}
	if !k.settled() {
		return nil, fmt.Errorf("%s has sizes that aren't known", name)
	}
	return k.sizes()
}
