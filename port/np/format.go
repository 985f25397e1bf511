package np

import (
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gomlx/compute/dtypes/float16"

	"github.com/gokeras/gokeras/internal/half"
)

// PrintOptions is how arrays print, with NumPy's names of np.set_printoptions.
type PrintOptions struct {
	Precision int  // digits behind the point, 8
	Threshold int  // arrays of more elements are summarized, 1000
	EdgeItems int  // elements at each end of a summary, 3
	LineWidth int  // characters, 75
	Suppress  bool // never an exponent
}

var printing = DefaultPrintOptions()

// DefaultPrintOptions returns NumPy's defaults.
func DefaultPrintOptions() PrintOptions {
	return PrintOptions{Precision: 8, Threshold: 1000, EdgeItems: 3, LineWidth: 75}
}

// GetPrintOptions returns the options in force (NumPy: np.get_printoptions).
func GetPrintOptions() PrintOptions { return printing }

// SetPrintOptions sets how arrays print from now on (NumPy: np.set_printoptions). It isn't for concurrent use.
func SetPrintOptions(o PrintOptions) {
	o.Precision = max(o.Precision, 0)
	o.EdgeItems = max(o.EdgeItems, 0)
	printing = o
}

// String prints the array as Python's print does.
func (a *Array) String() string {
	if a == nil {
		return "None"
	}
	if len(a.shape) == 0 {
		return scalarString(a.data.at(a.offset))
	}
	return a.text(" ", 0)
}

// Repr prints the array as Python's repr does: array([1., 2.]).
func (a *Array) Repr() string {
	if a == nil {
		return "None"
	}
	const prefix = "array("
	text := prefix + a.text(", ", len(prefix))
	var extras []string
	if a.Size() == 0 && (len(a.shape) != 1 || a.shape[0] != 0) || a.Size() > printing.Threshold {
		extras = append(extras, "shape="+tuple(a.shape, ", "))
	}
	if a.kind != kFloat64 && a.kind != kInt64 && a.kind != kBool || a.Size() == 0 {
		dtype := string(a.DType())
		if a.kind == kStr {
			dtype = "'" + dtype + "'"
		}
		extras = append(extras, "dtype="+dtype)
	}
	if extras == nil {
		return text + ")"
	}
	text += ","
	extra := strings.Join(extras, ", ") + ")"
	if len(text)-(strings.LastIndexByte(text, '\n')+1)+len(extra)+1 > printing.LineWidth {
		return text + "\n" + strings.Repeat(" ", len(prefix)) + extra
	}
	return text + " " + extra
}

func (a *Array) text(separator string, prefix int) string {
	if a.Size() == 0 {
		return "[]"
	}
	p := printer{a: a, separator: separator}
	shown := a
	if p.summary = a.Size() > printing.Threshold; p.summary {
		shown = a.ends()
	}
	p.format = formatterOf(shown)
	width := printing.LineWidth
	if prefix > 0 {
		width-- // for the bracket at the end
	}
	return p.block(0, a.offset, strings.Repeat(" ", prefix+1), width)
}

// ends keeps the elements that a summary shows.
func (a *Array) ends() *Array {
	out := a
	for axis, n := range a.shape {
		if e := printing.EdgeItems; n > 2*e {
			take := make([]int64, 0, 2*e)
			for i := range e {
				take = append(take, int64(i))
			}
			for i := range e {
				take = append(take, int64(n-e+i))
			}
			out = Take(out, wrap(take, len(take)), axis)
		}
	}
	return out
}

type printer struct {
	a         *Array
	separator string
	summary   bool
	format    func(any) string
}

func (p *printer) block(axis, offset int, indent string, width int) string {
	left := len(p.a.shape) - axis
	if left == 0 {
		return p.format(p.a.data.at(offset))
	}
	n, step := p.a.shape[axis], p.a.strides[axis]
	lead, trail := 0, n
	cut := p.summary && 2*printing.EdgeItems < n
	if cut {
		lead, trail = printing.EdgeItems, printing.EdgeItems
	}
	nested := func(i int) string { return p.block(axis+1, offset+i*step, indent+" ", width-1) }
	bare := strings.TrimRight(p.separator, " ")
	var out strings.Builder
	if left > 1 {
		between := bare + strings.Repeat("\n", left-1)
		for i := range lead {
			out.WriteString(indent + nested(i) + between)
		}
		if cut {
			out.WriteString(indent + "..." + between)
		}
		for i := trail; i > 1; i-- {
			out.WriteString(indent + nested(n-i) + between)
		}
		if trail > 0 {
			out.WriteString(indent + nested(n-1))
		}
		return "[" + out.String()[len(indent):] + "]"
	}
	limit := width - max(len(bare), 1)
	line := indent
	add := func(word string) {
		if utf8.RuneCountInString(line)+utf8.RuneCountInString(word) > limit && len(line) > len(indent) {
			out.WriteString(strings.TrimRight(line, " ") + "\n")
			line = indent
		}
		line += word
	}
	for i := range lead {
		add(nested(i))
		line += p.separator
	}
	if cut {
		add("...")
		line += p.separator
	}
	for i := trail; i > 1; i-- {
		add(nested(n - i))
		line += p.separator
	}
	if trail > 0 {
		add(nested(n - 1))
	}
	out.WriteString(line)
	return "[" + out.String()[len(indent):] + "]"
}

// formatterOf chooses widths for the elements that are shown.
func formatterOf(a *Array) func(any) string {
	switch {
	case a.kind == kBool:
		return func(v any) string {
			if len(a.shape) == 0 {
				return scalarString(v)
			}
			if v.(bool) {
				return " True"
			}
			return "False"
		}
	case a.kind == kStr:
		return func(v any) string { return quote(v.(string)) }
	case !a.kind.float():
		width := 0
		for _, s := range a.strings() {
			width = max(width, len(s))
		}
		return func(v any) string { return pad(scalarString(v), width) }
	}
	return floatFormatter(a)
}

func pad(s string, width int) string { return strings.Repeat(" ", max(0, width-len(s))) + s }

// digits writes a float of a kind in Go's format 'f' or 'e': the fewest digits that tell it apart, and no more than
// precision behind the point.
func digits(v float64, k kind, format byte, precision int) (whole, fraction, exponent string) {
	var text string
	switch k {
	case kFloat32:
		text = strconv.FormatFloat(v, format, -1, 32)
	case kFloat16:
		for p := 0; p <= 5; p++ {
			short := strconv.FormatFloat(v, 'e', p, 64)
			near, _ := strconv.ParseFloat(short, 64)
			if half.FromFloat32(float32(near)) == half.FromFloat32(float32(v)) {
				text = strconv.FormatFloat(near, format, -1, 64)
				break
			}
		}
	default:
		text = strconv.FormatFloat(v, format, -1, 64)
	}
	split := func() {
		whole, exponent, _ = strings.Cut(text, "e")
		whole, fraction, _ = strings.Cut(whole, ".")
	}
	if split(); precision >= 0 && len(fraction) > precision {
		text = strconv.FormatFloat(v, format, precision, 64)
		split()
		fraction = strings.TrimRight(fraction, "0")
	}
	return whole, fraction, exponent
}

func floatFormatter(a *Array) func(any) string {
	k, precision := a.kind, printing.Precision
	largest, smallest := 0.0, math.Inf(1)
	finite, all := 0, elems[float64](a)
	negativeInf := false
	for _, v := range all {
		if math.IsInf(v, -1) {
			negativeInf = true
		}
		if v-v != 0 {
			continue
		}
		finite++
		if v != 0 {
			largest, smallest = max(largest, math.Abs(v)), min(smallest, math.Abs(v))
		}
	}
	limit := 1e8
	ratio := largest / smallest
	switch k {
	case kFloat32:
		limit = 1e6
		ratio = float64(float32(largest) / float32(smallest))
	case kFloat16:
		limit = 1e3
		ratio = float64(half.FromFloat32(float32(ratio)).Float32())
	}
	scientific := largest > 0 && (largest >= limit || !printing.Suppress && (smallest < 0.0001 || ratio > 1000))
	format := byte('f')
	if scientific {
		format = 'e'
	}
	left, right, exponents := 0, 0, 0
	for _, v := range all {
		if v-v == 0 {
			whole, fraction, exponent := digits(v, k, format, precision)
			left, right, exponents = max(left, len(whole)), max(right, len(fraction)), max(exponents, len(exponent)-1)
		}
	}
	tail := right
	if scientific {
		tail = exponents + 2 + right
	}
	if finite < len(all) {
		infinity := 3
		if negativeInf {
			infinity++
		}
		left = max(left, 3-tail-1, infinity-tail-1)
	}
	return func(v any) string {
		x := toFloat(v)
		switch {
		case x != x:
			return pad("nan", left+tail+1)
		case math.IsInf(x, 1):
			return pad("inf", left+tail+1)
		case math.IsInf(x, -1):
			return pad("-inf", left+tail+1)
		}
		whole, fraction, exponent := digits(x, k, format, precision)
		if scientific {
			if len(fraction) > right {
				whole, fraction, exponent = digits(x, k, format, right)
			}
			sign, size := exponent[:1], exponent[1:]
			return pad(whole, left) + "." + fraction + strings.Repeat("0", right-len(fraction)) + "e" + sign + strings.Repeat("0", max(0, exponents-len(size))) + size
		}
		fraction = strings.TrimRight(fraction, "0")
		return pad(whole, left) + "." + fraction + strings.Repeat(" ", right-len(fraction))
	}
}

func toFloat(v any) float64 {
	switch x := v.(type) {
	case float64:
		return x
	case float32:
		return float64(x)
	case float16.Float16:
		return float64(x.Float32())
	}
	return math.NaN()
}

// scalarString is Python's str of a NumPy scalar.
func scalarString(v any) string {
	switch x := v.(type) {
	case bool:
		if x {
			return "True"
		}
		return "False"
	case string:
		return x
	case int8, int16, int32, int64:
		return strconv.FormatInt(reflect.ValueOf(x).Int(), 10)
	case uint8, uint16, uint32, uint64:
		return strconv.FormatUint(reflect.ValueOf(x).Uint(), 10)
	case float32:
		return floatString(float64(x), kFloat32)
	case float16.Float16:
		return floatString(float64(x.Float32()), kFloat16)
	case float64:
		return floatString(x, kFloat64)
	}
	return ""
}

// FloatString is Python's str of a float: 1.0, 1e-05, nan.
func FloatString(v float64) string { return floatString(v, kFloat64) }

func floatString(v float64, k kind) string {
	limit := 1e16
	switch k {
	case kFloat32:
		limit = 1e6
	case kFloat16:
		limit = 1e3
	}
	switch size := math.Abs(v); {
	case v != v:
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	case size != 0 && (size < 1e-4 || size >= limit):
		whole, fraction, exponent := digits(v, k, 'e', -1)
		if fraction != "" {
			fraction = "." + fraction
		}
		return whole + fraction + "e" + exponent
	}
	whole, fraction, _ := digits(v, k, 'f', -1)
	if fraction == "" {
		fraction = "0"
	}
	return whole + "." + fraction
}

// quote is Python's repr of text.
func quote(s string) string {
	mark := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		mark = '"'
	}
	var out strings.Builder
	out.WriteByte(mark)
	for _, r := range s {
		switch {
		case r == rune(mark) || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			const hex = "0123456789abcdef"
			out.WriteString(`\x`)
			out.WriteByte(hex[r>>4])
			out.WriteByte(hex[r&15])
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte(mark)
	return out.String()
}
