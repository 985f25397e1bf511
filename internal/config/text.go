package config

import "fmt"

// Text is a string of a configuration whose default is known only when its object is made, such as
// a name that follows the class or counts up. Its field wants the tag default:"null".
type Text struct {
	// Value is the text as far as it is settled: "" stands for the default.
	Value string
	// Default gives the text where none was given. It is asked once, by String or EncodeKeras, and not if a text is set before.
	Default func() string
}

// String returns the text, and settles it.
func (t *Text) String() string {
	if t.Value == "" && t.Default != nil {
		t.Value = t.Default()
	}
	return t.Value
}

// EncodeKeras implements [Codec].
func (t *Text) EncodeKeras() (any, error) { return t.String(), nil }

// DecodeKeras implements [Codec]: null leaves the default.
func (t *Text) DecodeKeras(v any) error {
	switch v := v.(type) {
	case nil:
		t.Value = ""
	case string:
		t.Value = v
	default:
		return fmt.Errorf("got %s, want a string", describe(v))
	}
	return nil
}
