package callbacks

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// formatFloat writes a number as Python's format(v, ".<prec><verb>") does; verb is 'f' or 'e'.
func formatFloat(v float64, verb byte, prec int) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	return strconv.FormatFloat(v, verb, prec, 64)
}

// reprFloat writes a number as Python's repr does: the shortest text that reads back as the same float64.
func reprFloat(v float64) string { return shortest(v, 64) }

// reprArray writes an array of float32 numbers as lists of what Python's str makes of each.
func reprArray(a Array) string {
	texts := make([]string, len(a.Data))
	for i, v := range a.Data {
		texts[i] = shortest(v, 32)
	}
	var write func(v any) string
	write = func(v any) string {
		list, ok := v.([]any)
		if !ok {
			return v.(string)
		}
		parts := make([]string, len(list))
		for i, e := range list {
			parts[i] = write(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return write(nested(a.Shape, texts))
}

// shortest writes a number in the fewest digits that read back as the same one of so many bits.
func shortest(v float64, bits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return formatFloat(v, 'f', 0)
	}
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, bits)
	}
	s := strconv.FormatFloat(v, 'f', -1, bits)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// placeholder is one value that a file name may hold.
type placeholder struct {
	value   float64
	integer bool // epoch and batch; the rest are floats
}

// formatPath fills in the {name} and {name:format} of a file name as Python's str.format does. A format is
// [[fill]align][sign][0][width][.precision][d|f|F|e|E], which is what file names need of Python's; {{ and }} stand for braces.
func formatPath(pattern string, lookup func(name string) (placeholder, bool)) (string, error) {
	var out strings.Builder
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if (c == '{' || c == '}') && i+1 < len(pattern) && pattern[i+1] == c {
			out.WriteByte(c)
			i++
			continue
		}
		switch c {
		case '}':
			return "", fmt.Errorf("single '}' in %q; write }} for a brace", pattern)
		case '{':
			end := strings.IndexAny(pattern[i+1:], "{}")
			if end < 0 || pattern[i+1+end] == '{' {
				return "", fmt.Errorf("'{' without its '}' in %q; write {{ for a brace", pattern)
			}
			text, err := formatField(pattern[i+1:i+1+end], lookup)
			if err != nil {
				return "", err
			}
			out.WriteString(text)
			i += end + 1
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), nil
}

// maxFormatWidth bounds what a format can ask for: no file system has longer names.
const maxFormatWidth = 255

func formatField(field string, lookup func(string) (placeholder, bool)) (string, error) {
	name, format, _ := strings.Cut(field, ":")
	value, ok := lookup(name)
	if !ok {
		return "", &unknownKeyError{name}
	}
	bad := func(why string) (string, error) {
		return "", fmt.Errorf("{%s}: %s; a format is [align][sign][0][width][.precision][d, f or e], as in {epoch:02d} and {val_loss:.2f}", field, why)
	}
	fill, align, sign, format := cutAlignment(format)
	verb, digits := byte(0), format
	if n := len(format); n > 0 && strings.IndexByte("dfFeE", format[n-1]) >= 0 {
		verb, digits = format[n-1], format[:n-1]
	}
	widthText, precText, hasPrec := strings.Cut(digits, ".")
	zero := strings.HasPrefix(widthText, "0")
	width, prec := 0, 6
	var err error
	if widthText != "" {
		if width, err = parseDigits(widthText); err != nil {
			return bad(err.Error())
		}
	}
	if hasPrec {
		if prec, err = parseDigits(precText); err != nil {
			return bad(err.Error())
		}
	}
	var text string
	switch verb {
	case 'f', 'F', 'e', 'E':
		text = formatFloat(value.value, verb|0x20, prec)
		if verb < 'a' {
			text = strings.ToUpper(text)
		}
	case 'd':
		if !value.integer {
			return bad("code d is for whole numbers and " + name + " is none")
		}
		if hasPrec {
			return bad("code d takes no precision")
		}
		text = strconv.FormatInt(int64(value.value), 10)
	default:
		switch {
		case hasPrec:
			return bad("a precision needs code f or e")
		case value.integer:
			text = strconv.FormatInt(int64(value.value), 10)
		default:
			text = reprFloat(value.value)
		}
	}
	minus := strings.HasPrefix(text, "-")
	if !minus && (sign == '+' || sign == ' ') {
		text = string(sign) + text
	}
	pad := max(width-len(text), 0)
	if zero {
		if fill == 0 {
			fill = '0'
		}
		if align == 0 {
			align = '='
		}
	}
	if fill == 0 {
		fill = ' '
	}
	space := func(n int) string { return strings.Repeat(string(fill), n) }
	switch align {
	case '<':
		return text + space(pad), nil
	case '^':
		return space(pad/2) + text + space(pad-pad/2), nil
	case '=':
		at := 0
		if text != "" && strings.IndexByte("+- ", text[0]) >= 0 {
			at = 1
		}
		return text[:at] + space(pad) + text[at:], nil
	}
	return space(pad) + text, nil
}

// cutAlignment takes what may stand before the width of a format.
func cutAlignment(format string) (fill, align rune, sign byte, rest string) {
	runes := []rune(format)
	is := func(i int) bool { return i < len(runes) && strings.ContainsRune("<>=^", runes[i]) }
	switch {
	case is(1):
		fill, align, runes = runes[0], runes[1], runes[2:]
	case is(0):
		align, runes = runes[0], runes[1:]
	}
	rest = string(runes)
	if rest != "" && strings.IndexByte("+- ", rest[0]) >= 0 {
		sign, rest = rest[0], rest[1:]
	}
	return fill, align, sign, rest
}

func parseDigits(s string) (int, error) {
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, fmt.Errorf("%q is no number", s)
		}
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > maxFormatWidth {
		return 0, fmt.Errorf("%q is not a number from 0 to %d", s, maxFormatWidth)
	}
	return n, nil
}

// unknownKeyError is a placeholder for which there is no value.
type unknownKeyError struct{ name string }

func (e *unknownKeyError) Error() string { return fmt.Sprintf("there is no %q", e.name) }
