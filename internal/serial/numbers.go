package serial

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/kerasops"
)

// decodeJSON decodes an object. Among the arguments of calls (inbound_nodes, and the constants of nodes of TensorFlow) and of operations, and in loss_weights, numbers written without a point are ints, since Python's
// 2 and 2.0 make tensors of different types; everywhere else numbers are float64, as encoding/json has them.
func decodeJSON(raw []byte) (map[string]any, error) {
	raw, err := kerasfile.PlainJSON(raw)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is more after the JSON object")
	}
	if m == nil {
		return nil, fmt.Errorf("it is null, want an object")
	}
	if bytes.Contains(raw, []byte(orderedKey)) {
		d = json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		again, err := inOrder(d, "")
		if err != nil {
			return nil, err
		}
		m = again.(map[string]any)
	}
	plainNumbers(m, false)
	return m, checkLayerCount(m)
}

// orderedKey is the key of the one object in configurations the order of whose keys means something: that of the optimizers of an OptimizerMap is
// the order of their variables.
const orderedKey = "optimizer_map"

// inOrder reads a value of JSON that is known to be sound. key is what it stands under.
func inOrder(d *json.Decoder, key string) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := inOrder(d, "")
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err
	case json.Delim('{'):
		m, entries := map[string]any{}, config.Ordered{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := inOrder(d, name.(string))
			if err != nil {
				return nil, err
			}
			m[name.(string)] = v
			entries = append(entries, config.Entry{Key: name.(string), Value: v})
		}
		_, err = d.Token()
		if key == orderedKey && !config.IsEnvelope(m) {
			return entries, err
		}
		return m, err
	}
	return t, nil
}

func plainNumbers(v any, ints bool) any {
	switch v := v.(type) {
	case map[string]any:
		module, _ := v["module"].(string)
		class, _ := v["class_name"].(string)
		isOperation := kerasops.IsModule(module) || mayBeOperation(v) && kerasops.Module(class) != ""
		for key, e := range v {
			v[key] = plainNumbers(e, ints || key == "inbound_nodes" || key == "constants" || key == "loss_weights" || (isOperation && key == "config"))
		}
	case config.Ordered:
		for i, e := range v {
			v[i].Value = plainNumbers(e.Value, ints)
		}
	case []any:
		for i, e := range v {
			v[i] = plainNumbers(e, ints)
		}
	case json.Number:
		if v == kerasfile.NaN {
			return math.NaN()
		}
		if ints && !strings.ContainsAny(v.String(), ".eE") {
			if i, err := strconv.Atoi(v.String()); err == nil {
				return i
			}
		}
		f, _ := v.Float64() // what is too large is infinite, as in Python
		return f
	}
	return v
}

// pythonFloat writes a whole float64 with a point, so that Python reads a float.
func pythonFloat(f float64) any {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".eEnN") {
		return json.Number(text + ".0")
	}
	return f
}
