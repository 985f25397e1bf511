package symbolic

import (
	"fmt"
	"math"
	"strings"
	"unicode"
)

// The limits of what a layer may ask for. Real ones are far below all of them.
const (
	maxRank       = 64
	maxNameLength = 4096
)

// CheckShape refuses a shape whose elements cannot be counted.
func CheckShape(s Shape) error {
	if len(s) > maxRank {
		return fmt.Errorf("a shape of %d axes, want at most %d", len(s), maxRank)
	}
	size := 1
	for _, d := range s {
		switch {
		case d == None:
		case d < 0:
			return fmt.Errorf("shape %s is too large", s)
		case d > 0 && size > math.MaxInt/16/d:
			return fmt.Errorf("shape %s is too large", s)
		default:
			size *= max(d, 1)
		}
	}
	return nil
}

// CheckName refuses names that Keras doesn't have, or that would garble a terminal or a message.
func CheckName(name string) error {
	if strings.Contains(name, "/") {
		return fmt.Errorf("got %q, want a name without \"/\", which Keras keeps for paths", name)
	}
	return CheckSavedName(name)
}

// CheckSavedName is CheckName for files: those of Keras 2 have names such as "conv1/bn".
func CheckSavedName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("got an empty name, want one with at least one character")
	case len(name) > maxNameLength:
		return fmt.Errorf("got a name of %d bytes, want at most %d", len(name), maxNameLength)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("got %q, want a name without control characters", name)
	}
	return nil
}
