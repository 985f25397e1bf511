package config

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Catalogue lists the classes of one kind, each under its Keras class name,
// that name in snake case, and any further aliases that Keras accepts. It is
// safe for concurrent use.
type Catalogue[T Object] struct {
	kind    string // as in messages: "initializer"
	spelled bool   // messages have the classes' own names, not those in snake case

	mu    sync.RWMutex
	make  map[string]func() T // by class name, registered name or alias
	names []string            // the names to show in messages
}

// NewCatalogue returns an empty catalogue for the kind ("initializer",
// "loss", …) and makes configuration fields of the interface type T resolve
// through it.
func NewCatalogue[T Object](kind string) *Catalogue[T] {
	c := &Catalogue[T]{kind: kind, make: map[string]func() T{}}
	resolversMu.Lock()
	defer resolversMu.Unlock()
	resolvers[reflect.TypeFor[T]()] = func(raw any) (Object, error) {
		o, err := c.Get(raw)
		if err != nil || isNil(o) {
			return nil, err
		}
		return o, nil
	}
	return c
}

// Spelled has messages name the classes as Python does, for a kind that has no names besides.
func (c *Catalogue[T]) Spelled() *Catalogue[T] {
	c.spelled = true
	return c
}

// Add lists the class that create makes with all arguments at their defaults.
func (c *Catalogue[T]) Add(create func() T, aliases ...string) {
	c.AddClass(create().KerasClass(), create, aliases...)
}

// AddIncomplete is Add for a class that has arguments without a default. Files may name it, messages don't offer it.
func (c *Catalogue[T]) AddIncomplete(create func() T) {
	class := create().KerasClass()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.make[class.Name], c.make[SnakeCase(class.Name)] = create, create
}

// AddFunction lists what create makes under the name of a function.
func (c *Catalogue[T]) AddFunction(name Function, create func() T) {
	c.AddClass(Class{Registered: string(name)}, create)
}

// AddClass is Add for a class that is known without making one of it.
func (c *Catalogue[T]) AddClass(class Class, create func() T, aliases ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if class.Registered != "" {
		if c.make[class.Registered] == nil {
			c.names = append(c.names, class.Registered)
		}
		c.make[class.Registered] = create
		return
	}
	snake := SnakeCase(class.Name)
	for _, name := range append([]string{class.Name, snake}, aliases...) {
		c.make[name] = create
	}
	// Where Keras knows a class by its name in small letters ("rmsprop"), messages do too.
	if lower := strings.ToLower(class.Name); slices.Contains(aliases, lower) {
		snake = lower
	}
	if c.spelled {
		snake = class.Name
	}
	c.names = append(c.names, snake)
}

// AddUnlisted is Add for a class of which no value can be made by its name alone: files may hold it, messages and Names don't list it.
func (c *Catalogue[T]) AddUnlisted(create func() T, aliases ...string) {
	before := c.Names()
	c.Add(create, aliases...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names = before
}

// Names returns the names of the classes, sorted: in snake case, unless they are Spelled.
func (c *Catalogue[T]) Names() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	names := slices.Clone(c.names)
	sort.Strings(names)
	return names
}

// Get resolves v: nil (no object: the zero T), a T, the name of a class or an
// alias (all arguments at their defaults), or a decoded JSON object.
func (c *Catalogue[T]) Get(v any) (T, error) {
	var none T
	switch v := v.(type) {
	case nil:
		return none, nil
	case T:
		return v, nil
	case map[string]any:
		return c.fromJSON(v)
	}
	// A defined string type (a constant) reads like a string.
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.String {
		return c.New(rv.String())
	}
	return none, fmt.Errorf("%s: got a %T, want a name such as %q or a value of this project's %s types",
		c.kind, v, c.example(), c.kind)
}

func (c *Catalogue[T]) fromJSON(m map[string]any) (T, error) {
	var none T
	name, _ := m["class_name"].(string)
	if registered := RegisteredName(m); registered != "" {
		name = registered
	}
	if name == "function" { // Keras writes a function as {"class_name": "function", "config": its name}.
		name, _ = m["config"].(string)
	}
	o, err := c.New(name)
	if err != nil {
		return none, err
	}
	if _, hasConfig := m["config"].(map[string]any); hasConfig {
		if err := DecodeObject(m, o); err != nil {
			return none, fmt.Errorf("%s: %w", c.kind, err)
		}
	}
	return o, nil
}

func (c *Catalogue[T]) lookup(name string) (func() T, error) {
	c.mu.RLock()
	create, ok := c.make[name]
	c.mu.RUnlock()
	if !ok {
		return nil, UnknownName(c.kind, name, c.Names())
	}
	return create, nil
}

// Has reports whether the name is that of a class, or an alias.
func (c *Catalogue[T]) Has(name string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.make[name] != nil
}

func (c *Catalogue[T]) example() string {
	if names := c.Names(); len(names) > 0 {
		return names[0]
	}
	return "name"
}

// mostListed is how many names an error lists.
const mostListed = 80

// UnknownName is the error for a name that isn't among known: it suggests the
// nearest and lists them all, unless they are too many to read.
func UnknownName(kind, name string, known []string) error {
	hint := ""
	if near := Nearest(name, known); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	if len(known) > 0 && len(known) <= mostListed {
		hint += " (known: " + strings.Join(known, ", ") + ")"
	}
	return &unknownError{fmt.Sprintf("unknown %s %q%s", kind, name, hint)}
}

// ErrUnknown is what errors of [UnknownName] are.
var ErrUnknown = errors.New("unknown name")

type unknownError struct{ text string }

func (e *unknownError) Error() string { return e.text }

func (e *unknownError) Is(target error) bool { return target == ErrUnknown }

// Nearest returns the known name at the smallest edit distance from name
// (swapped neighbours count as one edit; of equally near names one with the same
// first letter wins), or "" if none is close enough to be a misspelling of it.
func Nearest(name string, known []string) string {
	best, bestScore := "", 2*(1+max(2, len(name)/3))
	for _, k := range known {
		score := 2 * editDistance(strings.ToLower(name), strings.ToLower(k))
		if name == "" || k == "" || name[0] != k[0] {
			score++
		}
		if score < bestScore {
			best, bestScore = k, score
		}
	}
	return best
}

// editDistance is the optimal string alignment distance.
func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

var (
	nonWord     = regexp.MustCompile(`\W+`)
	beforeWord  = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	lowerToCaps = regexp.MustCompile(`([a-z])([A-Z])`)
)

// SnakeCase turns a class name into the name Keras derives from it:
// "MaxPooling2D" is "max_pooling2d", "RMSprop" is "rm_sprop", "ReLU" is "re_lu".
func SnakeCase(name string) string {
	name = nonWord.ReplaceAllString(name, "")
	name = beforeWord.ReplaceAllString(name, "${1}_${2}")
	return strings.ToLower(lowerToCaps.ReplaceAllString(name, "${1}_${2}"))
}

var (
	resolversMu sync.RWMutex
	resolvers   = map[reflect.Type]func(any) (Object, error){}
)

// DecodeBy makes configuration fields of the interface type T resolve through decode, in place of a catalogue.
func DecodeBy[T Object](decode func(raw any) (T, error)) {
	resolversMu.Lock()
	defer resolversMu.Unlock()
	resolvers[reflect.TypeFor[T]()] = func(raw any) (Object, error) {
		o, err := decode(raw)
		if err != nil || isNil(o) {
			return nil, err
		}
		return o, nil
	}
}

// Resolve reads a decoded JSON value as fields of the interface type T are read; null is the zero value.
func Resolve[T Object](raw any) (v T, err error) {
	err = decodeInterface(reflect.ValueOf(&v).Elem(), raw)
	return v, err
}

func resolverFor(t reflect.Type) func(any) (Object, error) {
	resolversMu.RLock()
	defer resolversMu.RUnlock()
	return resolvers[t]
}

func isNil(o Object) bool {
	if o == nil {
		return true
	}
	v := reflect.ValueOf(o)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// New makes the named class with all arguments at their defaults.
func (c *Catalogue[T]) New(name string) (T, error) {
	create, err := c.lookup(name)
	if err != nil {
		var none T
		return none, err
	}
	return create(), nil
}
