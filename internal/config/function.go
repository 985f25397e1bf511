package config

import (
	"fmt"
	"strings"
)

// Function is a function's name as configurations hold it: in an object of the class "function".
type Function string

// EncodeKeras implements [Codec].
func (f *Function) EncodeKeras() (any, error) {
	return map[string]any{
		"module":          "builtins",
		"class_name":      "function",
		"config":          string(*f),
		"registered_name": "function",
	}, nil
}

// DecodeKeras implements [Codec]. A bare name serves too, as Keras's own functions are often written.
func (f *Function) DecodeKeras(v any) error {
	switch v := v.(type) {
	case string:
		*f = Function(v)
		return nil
	case map[string]any:
		name, isName := v["config"].(string)
		if v["class_name"] != "function" || !isName {
			return fmt.Errorf("got an object of class %q, want a function's name", v["class_name"])
		}
		if registered, _ := v["registered_name"].(string); strings.Contains(registered, ">") {
			name = registered
		}
		*f = Function(name)
		return nil
	}
	return fmt.Errorf("got %s, want a function's name", describe(v))
}

// Short is the name without its package: "cube" of "my_package>cube" (Python: __name__).
func (f Function) Short() string {
	_, short, found := strings.Cut(string(f), ">")
	if !found {
		return string(f)
	}
	return short
}
