package kerasfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

const (
	// maxJSONDepth is far beyond what nested models need, and far below what would exhaust a recursive decoder.
	maxJSONDepth = 1000
	// maxJSONValues is enough for models of many thousand layers. A value takes up to some 100 bytes of memory, and as few as two of the text.
	maxJSONValues = 1 << 21
)

// The texts that PlainJSON puts in place of Python's numbers. The infinities overflow a float64, as they should.
const (
	NaN      = "0e9"
	infinity = "1e999999"
)

// PlainJSON returns text with numbers that JSON knows in place of Python's NaN, [NaN], and of Infinity and -Infinity, which
// become too large for a float64. It refuses text that nests deeper, or holds more values, than a model's configuration may.
func PlainJSON(text []byte) ([]byte, error) { return plainJSON(text) }

// checkJSON refuses text that is not one JSON object, or that nests too deep. As Python does, it takes NaN, Infinity and
// -Infinity for numbers.
func checkJSON(text []byte) error {
	plain, err := plainJSON(text)
	if err != nil {
		return err
	}
	var syntax *json.SyntaxError
	var object map[string]json.RawMessage
	switch err := json.Unmarshal(plain, &object); {
	case errors.As(err, &syntax):
		return fmt.Errorf("its JSON is wrong at byte %d: %w", syntax.Offset, err)
	case err != nil || object == nil:
		return errors.New("its JSON is not an object")
	}
	return nil
}

// pythonNumbers has texts of equal lengths for the words.
var pythonNumbers = map[string]string{"NaN": NaN, "Infinity": infinity, "-Infinity": "-" + infinity}

// plainJSON returns the text with others in place of Python's numbers that JSON lacks, every byte staying where it was.
func plainJSON(text []byte) ([]byte, error) {
	plain := append([]byte(nil), text...)
	depth, values, quoted := 0, 0, false
	for i := 0; i < len(plain); i++ {
		c := plain[i]
		if quoted {
			switch c {
			case '\\':
				i++
			case '"':
				quoted = false
			}
			continue
		}
		if c == ',' || c == '{' || c == '[' {
			if values++; values > maxJSONValues {
				return nil, fmt.Errorf("its JSON holds more than %d values", maxJSONValues)
			}
		}
		switch c {
		case '"':
			quoted = true
		case '{', '[':
			if depth++; depth > maxJSONDepth {
				return nil, fmt.Errorf("its JSON nests more than %d deep", maxJSONDepth)
			}
		case '}', ']':
			depth--
		case 'N', 'I', '-':
			if i > 0 && !strings.ContainsRune(" \t\r\n,:[", rune(plain[i-1])) {
				continue
			}
			for word, number := range pythonNumbers {
				if len(plain)-i >= len(word) && string(plain[i:i+len(word)]) == word {
					i += copy(plain[i:], number) - 1
					break
				}
			}
		}
	}
	return plain, nil
}
