package kerasfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxJSONDepth is far beyond what nested models need, and far below what would exhaust a recursive decoder.
const maxJSONDepth = 1000

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

// plainJSON returns the text with 0 in place of Python's numbers that JSON lacks, every byte staying where it was.
func plainJSON(text []byte) ([]byte, error) {
	plain := append([]byte(nil), text...)
	depth, quoted := 0, false
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
			for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
				if len(plain)-i >= len(word) && string(plain[i:i+len(word)]) == word {
					for k := range word {
						plain[i+k] = ' '
					}
					plain[i] = '0'
					i += len(word) - 1
					break
				}
			}
		}
	}
	return plain, nil
}
