package npz

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

const (
	magic     = "\x93NUMPY"
	maxHeader = 1 << 16
	maxAxes   = 64 // NumPy's own limit
)

// header is what precedes the elements of an array.
type header struct {
	kind      kind
	descr     string
	bigEndian bool
	fortran   bool
	shape     []int
	numBytes  int64 // of the elements
	length    int64 // of the header itself
}

// readHeader reads up to the elements.
func readHeader(r io.Reader) (header, error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return header{}, fmt.Errorf("in the header: %w", err)
	}
	if !bytes.HasPrefix(start[:], []byte(magic)) {
		return header{}, errors.New("it does not start as a NumPy array does")
	}
	size := make([]byte, 2)
	switch major := start[6]; major {
	case 1:
	case 2, 3:
		size = make([]byte, 4)
	default:
		return header{}, fmt.Errorf("version %d of the format, and 1 to 3 were expected", major)
	}
	if _, err := io.ReadFull(r, size); err != nil {
		return header{}, fmt.Errorf("in the header: %w", err)
	}
	length := int64(binary.LittleEndian.Uint16(size))
	if len(size) == 4 {
		length = int64(binary.LittleEndian.Uint32(size))
	}
	if length > maxHeader {
		return header{}, fmt.Errorf("a header of %d bytes, and %d are the most expected", length, maxHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, fmt.Errorf("in the header: %w", err)
	}
	h, err := parseHeader(string(text))
	h.length = int64(len(start)+len(size)) + length
	return h, err
}

// parseHeader reads the dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
func parseHeader(text string) (header, error) {
	var h header
	p := &literal{rest: text}
	seen := map[string]bool{}
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		key := p.text()
		p.expect(":")
		if seen[key] {
			p.fail()
		}
		seen[key] = true
		switch key {
		case "descr":
			if p.peek('[') {
				return h, errors.New("the elements are structures of several fields: save each field as an array of its own")
			}
			h.descr = p.text()
		case "fortran_order":
			h.fortran = p.boolean()
		case "shape":
			h.shape = p.tuple()
		default:
			p.fail()
		}
		if !p.accept(",") {
			p.expect("}")
			break
		}
	}
	if strings.TrimSpace(p.rest) != "" || len(seen) != 3 {
		p.fail()
	}
	if p.err != nil {
		return h, p.err
	}
	var err error
	if h.kind, h.bigEndian, err = kindOf(h.descr); err != nil {
		return h, err
	}
	h.numBytes, err = numBytes(h.shape, h.kind.size)
	return h, err
}

// numBytes multiplies out a shape. Sizes are not negative.
func numBytes(shape []int, size int) (int64, error) {
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	total := int64(size)
	for _, n := range shape {
		if total > math.MaxInt64/int64(n) {
			return 0, fmt.Errorf("shape %s is too large", ShapeString(shape))
		}
		total *= int64(n)
	}
	return total, nil
}

// ShapeString writes a shape as Python does: (3, 4), (5,), ().
func ShapeString(shape []int) string {
	var out strings.Builder
	out.WriteByte('(')
	for i, n := range shape {
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteString(strconv.Itoa(n))
	}
	if len(shape) == 1 {
		out.WriteByte(',')
	}
	out.WriteByte(')')
	return out.String()
}

// literal reads the few Python literals that headers have. The first failure stays.
type literal struct {
	rest string
	err  error
}

func (p *literal) fail() {
	if p.err == nil {
		p.err = errors.New("the header is not one that NumPy writes for an array")
	}
	p.rest = ""
}

func (p *literal) accept(token string) bool {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *literal) expect(token string) {
	if !p.accept(token) {
		p.fail()
	}
}

func (p *literal) peek(c byte) bool {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	return p.rest != "" && p.rest[0] == c
}

func (p *literal) text() string {
	quote := "'"
	if p.peek('"') {
		quote = `"`
	}
	p.expect(quote)
	value, rest, ok := strings.Cut(p.rest, quote)
	if !ok || strings.ContainsAny(value, "\\\n") {
		p.fail()
		return ""
	}
	p.rest = rest
	return value
}

func (p *literal) boolean() bool {
	if p.accept("True") {
		return true
	}
	p.expect("False")
	return false
}

func (p *literal) tuple() []int {
	shape := []int{}
	p.expect("(")
	for p.err == nil && !p.accept(")") {
		p.rest = strings.TrimLeft(p.rest, " \t\r\n")
		digits := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
		n, err := strconv.ParseInt(p.rest[:digits], 10, strconv.IntSize)
		switch {
		case digits > 0 && err != nil:
			p.err = fmt.Errorf("the shape has an axis of length %.30s", p.rest[:digits])
			return nil
		case err != nil:
			p.fail()
			return nil
		case len(shape) == maxAxes:
			p.err = fmt.Errorf("the shape has more than %d axes", maxAxes)
			return nil
		}
		shape = append(shape, int(n))
		p.rest = p.rest[digits:]
		p.accept("L") // Python 2's long integers
		if !p.accept(",") {
			p.expect(")")
			break
		}
	}
	return shape
}
