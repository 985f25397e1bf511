package serial

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/kerasops"
)

// decodeJSON decodes an object. Among the arguments of calls (inbound_nodes) and of operations, and in loss_weights, numbers written without a point are ints, since Python's
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
	plainNumbers(m, false)
	return m, checkLayerCount(m)
}

func plainNumbers(v any, ints bool) any {
	switch v := v.(type) {
	case map[string]any:
		module, _ := v["module"].(string)
		class, _ := v["class_name"].(string)
		isOperation := kerasops.IsModule(module) || mayBeOperation(v) && kerasops.Module(class) != ""
		for key, e := range v {
			v[key] = plainNumbers(e, ints || key == "inbound_nodes" || key == "loss_weights" || (isOperation && key == "config"))
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
