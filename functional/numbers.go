package functional

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// decodeJSON decodes an object. Among the arguments of calls (inbound_nodes) and of operations numbers written without a point are ints, since Python's
// 2 and 2.0 make tensors of different types; everywhere else numbers are float64, as encoding/json has them.
func decodeJSON(raw []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is more after the JSON object")
	}
	plain, err := plainNumbers(m, false)
	if err != nil {
		return nil, err
	}
	return plain.(map[string]any), nil
}

func plainNumbers(v any, ints bool) (_ any, err error) {
	switch v := v.(type) {
	case map[string]any:
		module, _ := v["module"].(string)
		isOperation := isOperationModule(module)
		for key, e := range v {
			if v[key], err = plainNumbers(e, ints || key == "inbound_nodes" || (isOperation && key == "config")); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, e := range v {
			if v[i], err = plainNumbers(e, ints); err != nil {
				return nil, err
			}
		}
	case json.Number:
		if ints && !strings.ContainsAny(v.String(), ".eE") {
			if i, err := strconv.Atoi(v.String()); err == nil {
				return i, nil
			}
		}
		return v.Float64()
	}
	return v, nil
}

// pythonFloat writes a whole float64 with a point, so that Python reads a float.
func pythonFloat(f float64) any {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".eEnN") {
		return json.Number(text + ".0")
	}
	return f
}
