package symbolic

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Signature is what a layer's call takes, in Keras's words: the names of the arguments in order, with Python's
// defaults ("inputs mask=None training=False"). "*args" takes further positional arguments, "**kwargs" further keywords.
type Signature struct {
	text     string
	params   []parameter
	rest     string // the name behind *, "" for none
	keywords string // the name behind **, "" for none
}

type parameter struct {
	name     string
	optional bool
	byNone   any // the default
}

var signatures sync.Map // text to *Signature

// ParseSignature reads a signature; one that isn't well formed is an error.
func ParseSignature(text string) (*Signature, error) {
	if s, ok := signatures.Load(text); ok {
		return s.(*Signature), nil
	}
	s := &Signature{text: text}
	for _, word := range strings.Fields(text) {
		name, def, optional := strings.Cut(word, "=")
		bare := strings.TrimLeft(name, "*")
		if bare == "" || slices.Contains(s.Names(), bare) {
			return nil, fmt.Errorf("signature %q: %q is no name, or is there twice", text, word)
		}
		switch {
		case strings.HasPrefix(name, "**"):
			s.keywords = bare
		case strings.HasPrefix(name, "*"):
			s.rest = bare
		default:
			p := parameter{name: name, optional: optional}
			if optional {
				var err error
				if p.byNone, err = pythonLiteral(def); err != nil {
					return nil, fmt.Errorf("signature %q: default of %s: %w", text, name, err)
				}
			}
			s.params = append(s.params, p)
		}
	}
	if len(s.params) == 0 && s.rest == "" {
		return nil, fmt.Errorf("signature %q: want at least one argument", text)
	}
	signatures.Store(text, s)
	return s, nil
}

// String is the signature as it was written.
func (s *Signature) String() string { return s.text }

// Names lists the arguments in order, without those behind * and **.
func (s *Signature) Names() []string {
	names := make([]string, len(s.params))
	for i, p := range s.params {
		names[i] = p.name
	}
	return names
}

// Has reports whether the call has an argument of that name.
func (s *Signature) Has(name string) bool {
	return slices.ContainsFunc(s.params, func(p parameter) bool { return p.name == name })
}

// required is how many of the first arguments have no default.
func (s *Signature) required() int {
	n := 0
	for n < len(s.params) && !s.params[n].optional {
		n++
	}
	return n
}

// pythonLiteral reads a default as Python writes it.
func pythonLiteral(text string) (any, error) {
	switch text {
	case "None":
		return nil, nil
	case "True", "False":
		return text == "True", nil
	}
	if len(text) >= 2 && (text[0] == '\'' || text[0] == '"') && text[len(text)-1] == text[0] {
		return text[1 : len(text)-1], nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n, nil
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f, nil
	}
	return nil, fmt.Errorf("%q is no number, text, True, False or None", text)
}

// bind gives the arguments of a call their names, as Python does. Keras hands training= to every layer; those that
// don't take it never see it.
func (s *Signature) bind(args []any, kwargs map[string]any) (values map[string]any, given map[string]bool, err error) {
	values, given = map[string]any{}, map[string]bool{}
	for _, p := range s.params {
		if p.optional {
			values[p.name] = p.byNone
		}
	}
	if len(args) > len(s.params) {
		if s.rest == "" {
			return nil, nil, fmt.Errorf("got %d positional arguments, want at most %d (%s)", len(args), len(s.params), s)
		}
		values[s.rest], given[s.rest] = args[len(s.params):], true
		args = args[:len(s.params)]
	} else if s.rest != "" {
		values[s.rest] = []any{}
	}
	for i, a := range args {
		name := s.params[i].name
		values[name], given[name] = a, true
	}
	var more map[string]any
	if s.keywords != "" {
		more = map[string]any{}
		values[s.keywords] = more
	}
	for name, v := range kwargs {
		switch {
		case s.Has(name) && given[name]:
			return nil, nil, fmt.Errorf("argument %q was given twice, by its place and by its name", name)
		case s.Has(name):
			values[name], given[name] = v, true
		case s.keywords != "":
			more[name] = v
		case name != trainingArgument:
			return nil, nil, unknownArgument(name, s.Names())
		}
	}
	for _, p := range s.params {
		if !p.optional && !given[p.name] {
			return nil, nil, fmt.Errorf("argument %q is missing (%s)", p.name, s)
		}
	}
	return values, given, nil
}

// The arguments that Keras fills in by itself.
const (
	trainingArgument = "training"
	maskArgument     = "mask"
	maskSuffix       = "_mask" // of the mask of one of several arguments: query_mask
)
