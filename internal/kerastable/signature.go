package kerastable

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// ArgumentKind is how an argument may be given.
type ArgumentKind string

// The kinds of arguments, as Python has them.
const (
	Plain      ArgumentKind = ""           // by position or by name
	Positional ArgumentKind = "positional" // by position alone
	Keyword    ArgumentKind = "keyword"    // by name alone
	Varargs    ArgumentKind = "varargs"    // *args
	Kwargs     ArgumentKind = "kwargs"     // **kwargs
)

// Argument is an argument of a constructor, a function or a call.
type Argument struct {
	Name string
	Kind ArgumentKind
	// Optional reports that there is a default.
	Optional bool
	// Default is nil, a bool, an int, a float64, a string, a []any of them or an empty map[string]any.
	Default any
	// Object shows a default that has no form in JSON, such as a class; Default is nil then.
	Object string
}

// UnmarshalJSON reads an argument as the table has it.
func (a *Argument) UnmarshalJSON(raw []byte) error {
	var read struct {
		Name    string
		Kind    ArgumentKind
		Default *json.RawMessage
		Object  string
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &read); err != nil {
		return err
	}
	*a = Argument{Name: read.Name, Kind: read.Kind, Object: read.Object}
	def, ok := fields["default"]
	if !ok {
		return nil
	}
	a.Optional = true
	decoder := json.NewDecoder(strings.NewReader(string(def)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return err
	}
	var err error
	a.Default, err = numbers(v)
	return err
}

// numbers makes ints and floats of JSON's numbers, by whether they have a point or an exponent.
func numbers(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		return number(v.String())
	case []any:
		for i := range v {
			var err error
			if v[i], err = numbers(v[i]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

func number(text string) (any, error) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no number", text)
	}
	return f, nil
}

// String writes the argument as Python does: "axis=-1", "*args".
func (a Argument) String() string {
	switch {
	case a.Kind == Varargs:
		return "*" + a.Name
	case a.Kind == Kwargs:
		return "**" + a.Name
	case !a.Optional:
		return a.Name
	}
	return a.Name + "=" + a.DefaultText()
}

// DefaultText writes the default as Python does: None, True, 0.5, "valid", (2, 2).
func (a Argument) DefaultText() string {
	if a.Object != "" {
		return a.Object
	}
	return python(a.Default)
}

func python(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text
	case string:
		return strconv.Quote(v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = python(e)
		}
		if len(parts) == 1 {
			parts[0] += ","
		}
		return "(" + strings.Join(parts, ", ") + ")"
	case map[string]any:
		return "{}"
	}
	return fmt.Sprint(v)
}

// ParseSignature reads arguments as [Entry.Call] has them: separated by spaces, defaults being Python's None, True, False, numbers, quoted
// strings and tuples without spaces; a bare "*" or "*args" makes those after it keyword-only.
func ParseSignature(text string) ([]Argument, error) {
	var list []Argument
	keywordOnly := false
	for _, word := range strings.Fields(text) {
		a := Argument{}
		switch {
		case word == "*":
			keywordOnly = true
			continue
		case strings.HasPrefix(word, "**"):
			a.Name, a.Kind = word[2:], Kwargs
		case strings.HasPrefix(word, "*"):
			a.Name, a.Kind = word[1:], Varargs
			keywordOnly = true
		default:
			var def string
			a.Name, def, a.Optional = strings.Cut(word, "=")
			if keywordOnly {
				a.Kind = Keyword
			}
			if a.Optional {
				var err error
				if a.Default, err = literal(def); err != nil {
					return nil, fmt.Errorf("argument %q: %w", a.Name, err)
				}
			}
		}
		if a.Name == "" {
			return nil, fmt.Errorf("%q is no argument", word)
		}
		list = append(list, a)
	}
	return list, nil
}

func literal(text string) (any, error) {
	switch text {
	case "None":
		return nil, nil
	case "True":
		return true, nil
	case "False":
		return false, nil
	}
	if n := len(text); n >= 2 {
		switch first, last := text[0], text[n-1]; {
		case first == last && (first == '\'' || first == '"'):
			return text[1 : n-1], nil
		case first == '(' && last == ')', first == '[' && last == ']':
			list := []any{}
			for _, part := range strings.Split(strings.TrimSuffix(text[1:n-1], ","), ",") {
				if part == "" {
					continue
				}
				v, err := literal(part)
				if err != nil {
					return nil, err
				}
				list = append(list, v)
			}
			return list, nil
		}
	}
	return number(text)
}
