package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Class names a Keras class as its files do.
type Class struct {
	Module string // "keras.layers"; files have null for ""
	Name   string // "Dense"
	// Registered is "package>Name" for a class registered by a user, and
	// empty for Keras's own. Of this project's package and with a module of Keras's, it stands in a key of this project's, so that Keras reads its own class of that name.
	Registered string
	// Python is the class's own name, where Keras exports it under another; names of layers and of groups in files come of it.
	Python string
}

// Own is the class's own name in Python.
func (c Class) Own() string {
	if c.Python != "" {
		return c.Python
	}
	return c.Name
}

// Object is a value that Keras serialises as
// {"module": …, "class_name": …, "config": {…}, "registered_name": …}.
type Object interface {
	// KerasClass names the Keras class that the value mirrors.
	KerasClass() Class
	// KerasConfig returns a pointer to the struct whose tagged fields are the
	// value's configuration (Keras: get_config); changing it changes the value.
	KerasConfig() any
}

// Codec is implemented by field types whose JSON form the rules of this
// package don't cover. The methods speak in decoded JSON: nil, bool, int,
// float64, string, []any, map[string]any.
type Codec interface {
	EncodeKeras() (any, error)
	DecodeKeras(v any) error
}

// Envelope wraps a class and its configuration as Keras does.
func Envelope(class Class, cfg map[string]any) map[string]any {
	var module any
	if class.Module != "" {
		module = class.Module
	}
	out := map[string]any{
		"module":          module,
		"class_name":      class.Name,
		"config":          cfg,
		"registered_name": nil,
	}
	switch {
	case class.Registered == "":
	case strings.HasPrefix(class.Module, "keras.") && strings.HasPrefix(class.Registered, hereKey+">"):
		out[hereKey] = class.Registered
	default:
		out["registered_name"] = class.Registered
	}
	return out
}

// hereKey is the key of a class that Keras has otherwise. Keras doesn't look at it.
const hereKey = "gokeras"

// RegisteredName is the registered name of a serialised object's class, "" for one of Keras's own.
func RegisteredName(m map[string]any) string {
	for _, key := range []string{"registered_name", hereKey} {
		if name, _ := m[key].(string); strings.Contains(name, ">") {
			return name
		}
	}
	return ""
}

// Validate asks an object, or a configuration, for arguments that Keras rejects, if it can tell.
func Validate(v any) error {
	if checked, ok := v.(interface{ Validate() error }); ok {
		return checked.Validate()
	}
	return nil
}

// IsEnvelope tells a serialised object from other maps.
func IsEnvelope(m map[string]any) bool {
	_, isClass := m["class_name"].(string)
	_, hasConfig := m["config"]
	return isClass && hasConfig
}

// Encode returns o as Keras's serialize_keras_object does, ready for encoding/json.
func Encode(o Object) (map[string]any, error) {
	cfg, err := Fields(o.KerasConfig())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.KerasClass().Name, err)
	}
	return Envelope(o.KerasClass(), cfg), nil
}

// EncodeBy gives objects inside configurations that are more than their tagged fields, such as layers, an encoder of their own; done is
// false for other objects.
func EncodeBy(encode func(o Object) (out map[string]any, done bool, err error)) { encodeBy = encode }

var encodeBy = func(Object) (map[string]any, bool, error) { return nil, false, nil }

// Fields returns the configuration held by the struct ptr points to (Keras: get_config).
func Fields(ptr any) (map[string]any, error) {
	out := map[string]any{}
	err := eachField(reflect.ValueOf(ptr), func(key string, v reflect.Value, f reflect.StructField) error {
		if f.Name == "_" {
			if optionOf(f) == unsaved {
				delete(out, key)
			} else if _, ok := out[key]; !ok {
				out[key] = nil
			}
			return nil
		}
		if option := optionOf(f); option == unsaved || option == omitEmpty && v.IsZero() {
			return nil
		}
		enc, err := encodeValue(v)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		out[key] = enc
		return nil
	})
	return out, err
}

// Keys lists the keys of the configuration that the struct ptr points to holds, those that files leave out where they are empty included.
func Keys(ptr any) []string {
	var keys []string
	_ = eachField(reflect.ValueOf(ptr), func(key string, _ reflect.Value, _ reflect.StructField) error {
		keys = append(keys, key)
		return nil
	})
	return keys
}

// SetDefaults fills the struct ptr points to from its `default` tags. It
// panics on a tag that doesn't fit its field: that is a mistake in this
// project, found by the first test of the type.
func SetDefaults(ptr any) {
	v := reflect.ValueOf(ptr)
	err := eachField(v, func(key string, v reflect.Value, f reflect.StructField) error {
		if f.Name == "_" {
			return nil
		}
		tag, ok := f.Tag.Lookup("default")
		if !ok {
			v.SetZero()
			return nil
		}
		return decodeValue(v, defaultOf(tag))
	})
	if err == nil {
		err = setEmbedded(v.Elem())
	}
	if err != nil {
		panic(fmt.Sprintf("config: default of %T: %v", ptr, err))
	}
}

var defaults sync.Map // tag to its value

// defaultOf is the value that a tag writes as JSON, or the tag itself.
func defaultOf(tag string) any {
	if def, ok := defaults.Load(tag); ok {
		return def
	}
	var def any
	if json.Unmarshal([]byte(tag), &def) != nil {
		def = tag
	}
	defaults.Store(tag, def)
	return def
}

// setEmbedded sets the defaults that s gives to keys of the structs that it embeds.
func setEmbedded(s reflect.Value) error {
	for i := range s.NumField() {
		f := s.Type().Field(i)
		tag, ok := f.Tag.Lookup("default")
		if !ok || !f.Anonymous || f.Tag.Get("keras") != "" {
			continue
		}
		defaults := map[string]any{}
		for _, pair := range strings.Split(tag, ",") {
			key, value, _ := strings.Cut(pair, "=")
			defaults[key] = defaultOf(value)
		}
		err := eachField(s.Field(i).Addr(), func(key string, v reflect.Value, _ reflect.StructField) error {
			value, ok := defaults[key]
			if !ok {
				return nil
			}
			delete(defaults, key)
			return decodeValue(v, value)
		})
		if err != nil {
			return err
		}
		for key := range defaults {
			return fmt.Errorf("%s has no %q", f.Name, key)
		}
	}
	return nil
}

// Decode sets the struct ptr points to from cfg: first the defaults, then the
// keys of cfg. A key that the struct doesn't have is an error unless its value
// is null or false, which is how newer Keras versions write an unused option.
func Decode(cfg map[string]any, ptr any) error {
	SetDefaults(ptr)
	known := map[string]bool{}
	err := eachField(reflect.ValueOf(ptr), func(key string, v reflect.Value, f reflect.StructField) error {
		if f.Name == "_" {
			if optionOf(f) == unsaved {
				delete(known, key)
			}
			return nil
		}
		known[key] = true
		raw, ok := cfg[key]
		if !ok {
			return nil
		}
		if err := decodeValue(v, raw); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(cfg)) {
		if !known[key] && cfg[key] != nil && cfg[key] != false {
			return fmt.Errorf("unknown argument %q: want one of %s", key, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	}
	return nil
}

// DecodeObject sets o from the envelope (or bare configuration) in m.
func DecodeObject(m map[string]any, o Object) error {
	cfg, _ := m["config"].(map[string]any)
	if err := Decode(cfg, o.KerasConfig()); err != nil {
		return fmt.Errorf("%s: %w", o.KerasClass().Name, err)
	}
	return nil
}

// What may stand behind a key in a tag.
const (
	omitEmpty = "omitempty" // files leave the key out where the value is empty
	unsaved   = "unsaved"   // files never have the key, but may be read with it; a blank field takes away an embedded struct's key for good
)

func optionOf(f reflect.StructField) string {
	_, option, _ := strings.Cut(f.Tag.Get("keras"), ",")
	return option
}

// EachObject visits the objects that the configuration in the struct ptr points to holds, those in lists too.
func EachObject(ptr any, visit func(o Object)) {
	var each func(v reflect.Value)
	each = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			if o, ok := v.Interface().(Object); ok && !isNil(o) {
				visit(o)
			}
		case reflect.Slice:
			for i := range v.Len() {
				each(v.Index(i))
			}
		}
	}
	_ = eachField(reflect.ValueOf(ptr), func(_ string, v reflect.Value, f reflect.StructField) error {
		if f.Name != "_" {
			each(v)
		}
		return nil
	})
}

func eachField(ptr reflect.Value, visit func(key string, v reflect.Value, f reflect.StructField) error) error {
	s := ptr.Elem()
	for i := range s.NumField() {
		f := s.Type().Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("keras"), ",")
		switch {
		case f.Anonymous && key == "" && f.Type.Kind() == reflect.Struct:
			if err := eachField(s.Field(i).Addr(), visit); err != nil {
				return err
			}
		case key != "" && (f.IsExported() || f.Name == "_"):
			if err := visit(key, s.Field(i), f); err != nil {
				return err
			}
		}
	}
	return nil
}

func encodeValue(v reflect.Value) (any, error) {
	if v.CanAddr() {
		if c, ok := v.Addr().Interface().(Codec); ok {
			return c.EncodeKeras()
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int64, reflect.Int32:
		return int(v.Int()), nil
	case reflect.Float64:
		return v.Float(), nil
	case reflect.String:
		return v.String(), nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, nil
		}
		if o, ok := v.Interface().(Object); ok {
			if out, done, err := encodeBy(o); done {
				return out, err
			}
			return Encode(o)
		}
		return encodeValue(v.Elem())
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.IsNil() {
			return nil, nil
		}
		list := make([]any, v.Len())
		for i := range list {
			var err error
			if list[i], err = encodeValue(v.Index(i)); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return list, nil
	case reflect.Map:
		if v.IsNil() {
			return nil, nil
		}
		out := map[string]any{}
		for it := v.MapRange(); it.Next(); {
			enc, err := encodeValue(it.Value())
			if err != nil {
				return nil, fmt.Errorf("%q: %w", it.Key().String(), err)
			}
			out[it.Key().String()] = enc
		}
		return out, nil
	}
	return nil, fmt.Errorf("a %s can't be written to a Keras configuration", v.Type())
}

func decodeValue(v reflect.Value, raw any) error {
	if c, ok := v.Addr().Interface().(Codec); ok {
		return c.DecodeKeras(raw)
	}
	mismatch := func(want string) error {
		return fmt.Errorf("got %s, want %s", describe(raw), want)
	}
	switch v.Kind() {
	case reflect.Bool:
		b, ok := raw.(bool)
		if !ok {
			return mismatch("true or false")
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int64, reflect.Int32:
		n, ok := AsInt(raw)
		if !ok {
			return mismatch("a whole number")
		}
		v.SetInt(int64(n))
	case reflect.Float64:
		f, ok := AsFloat(raw)
		if !ok {
			return mismatch("a number")
		}
		v.SetFloat(f)
	case reflect.String:
		s, ok := raw.(string)
		if !ok {
			return mismatch("a string")
		}
		v.SetString(s)
	case reflect.Pointer:
		if raw == nil {
			v.SetZero()
			return nil
		}
		p := reflect.New(v.Type().Elem())
		if err := decodeValue(p.Elem(), raw); err != nil {
			return err
		}
		v.Set(p)
	case reflect.Interface:
		return decodeInterface(v, raw)
	case reflect.Slice:
		if raw == nil {
			v.SetZero()
			return nil
		}
		list, ok := raw.([]any)
		if !ok {
			return mismatch("a list")
		}
		s := reflect.MakeSlice(v.Type(), len(list), len(list))
		for i := range list {
			if err := decodeValue(s.Index(i), list[i]); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		v.Set(s)
	case reflect.Array:
		list, ok := raw.([]any)
		if !ok {
			// Keras writes a size that is the same along every axis as one number, too.
			if _, isNumber := AsFloat(raw); !isNumber {
				return mismatch(fmt.Sprintf("a list of %d", v.Len()))
			}
			list = make([]any, v.Len())
			for i := range list {
				list[i] = raw
			}
		}
		if len(list) != v.Len() {
			return mismatch(fmt.Sprintf("a list of %d", v.Len()))
		}
		for i := range list {
			if err := decodeValue(v.Index(i), list[i]); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
	default:
		return fmt.Errorf("a %s can't be read from a Keras configuration", v.Type())
	}
	return nil
}

func decodeInterface(v reflect.Value, raw any) error {
	if raw == nil {
		v.SetZero()
		return nil
	}
	if v.NumMethod() == 0 {
		v.Set(reflect.ValueOf(raw))
		return nil
	}
	resolve := resolverFor(v.Type())
	if resolve == nil {
		return fmt.Errorf("no catalogue holds values of %s", v.Type())
	}
	o, err := resolve(raw)
	if err != nil {
		return err
	}
	if o == nil {
		v.SetZero()
		return nil
	}
	v.Set(reflect.ValueOf(o))
	return nil
}

// AsInt returns a decoded JSON number as an int if it is whole.
func AsInt(raw any) (int, bool) {
	switch n := raw.(type) {
	case int:
		return n, true
	case int64:
		return int(n), true
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int(n), true
		}
	case json.Number:
		i, err := n.Int64()
		return int(i), err == nil
	}
	return 0, false
}

// AsFloat returns a decoded JSON number as a float64.
func AsFloat(raw any) (float64, bool) {
	switch n := raw.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}

func describe(raw any) string {
	b, err := json.Marshal(raw)
	if err != nil {
		return fmt.Sprintf("%T", raw)
	}
	if len(b) > 60 {
		b = append(b[:57], "..."...)
	}
	return string(b)
}
