package hdf5

import (
	"fmt"
	"math"
)

// Attribute is a small named value attached to a group or dataset.
type Attribute struct {
	// Name is unique among the attributes of its object.
	Name string
	// Type is the type of each element.
	Type Datatype
	// Shape is empty for a single value.
	Shape []int
	// Null tells that the attribute has a type and no value at all (h5py.Empty).
	Null bool

	file *File
	data []byte
}

// Bytes returns the elements as they lie in little-endian memory; for texts see Strings.
func (a Attribute) Bytes() []byte { return append([]byte(nil), a.data...) }

// Strings returns the texts of an attribute of text type, in row-major order. Padding is removed.
func (a Attribute) Strings() ([]string, error) {
	if !a.Type.isText() {
		return nil, fmt.Errorf("attribute %q holds %s, not text", a.Name, a.Type)
	}
	count, err := product(a.Shape, 1)
	if err != nil {
		return nil, err
	}
	if a.Null {
		return nil, nil
	}
	texts, err := a.file.decodeTexts(a.Type, a.data, count)
	if err != nil {
		return nil, fmt.Errorf("attribute %q: %w", a.Name, err)
	}
	return texts, nil
}

// Text returns the one text of the attribute.
func (a Attribute) Text() (string, error) {
	texts, err := a.Strings()
	if err != nil {
		return "", err
	}
	if len(texts) != 1 {
		return "", fmt.Errorf("attribute %q holds %d texts, not one", a.Name, len(texts))
	}
	return texts[0], nil
}

// Value returns the attribute as the natural Go value: string, bool, int64, uint64 or float64 for a single element, a
// slice of those otherwise ([]byte for Opaque), nil for a Null attribute.
func (a Attribute) Value() (any, error) {
	if a.Null {
		return nil, nil
	}
	if a.Type.isText() {
		texts, err := a.Strings()
		if err == nil && len(a.Shape) == 0 && len(texts) == 1 {
			return texts[0], nil
		}
		return texts, err
	}
	if err := a.Type.readable(); err != nil {
		return nil, fmt.Errorf("attribute %q: %w", a.Name, err)
	}
	single := len(a.Shape) == 0
	switch a.Type.Kind {
	case Bool:
		return values(a.data, 1, single, func(b []byte) bool { return b[0] != 0 }), nil
	case Int:
		return values(a.data, a.Type.Size, single, func(b []byte) int64 {
			shift := 64 - 8*len(b)
			return int64(word(b)<<shift) >> shift
		}), nil
	case Uint:
		return values(a.data, a.Type.Size, single, word), nil
	case Float:
		return values(a.data, a.Type.Size, single, toFloat), nil
	case BFloat:
		return values(a.data, 2, single, func(b []byte) float64 {
			return float64(math.Float32frombits(uint32(word(b)) << 16))
		}), nil
	}
	return a.Bytes(), nil
}

// values decodes elements of size bytes; a single one is returned bare.
func values[T any](data []byte, size int, single bool, decode func([]byte) T) any {
	out := make([]T, len(data)/size)
	for i := range out {
		out[i] = decode(data[i*size : (i+1)*size])
	}
	if single && len(out) == 1 {
		return out[0]
	}
	return out
}

func word(b []byte) uint64 {
	var wide [8]byte
	copy(wide[:], b)
	return le.Uint64(wide[:])
}

func toFloat(b []byte) float64 {
	switch bits := word(b); len(b) {
	case 2:
		return fromHalf(uint16(bits))
	case 4:
		return float64(math.Float32frombits(uint32(bits)))
	default:
		return math.Float64frombits(bits)
	}
}

func fromHalf(h uint16) float64 {
	sign := 1.0
	if h>>15 != 0 {
		sign = -1
	}
	exp, frac := int(h>>10&31), float64(h&1023)
	switch {
	case exp == 0:
		return sign * math.Ldexp(frac, -24)
	case exp == 31 && frac != 0:
		return math.NaN()
	case exp == 31:
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+frac, exp-25)
}

// parseAttribute decodes an attribute message.
func (f *File) parseAttribute(c *cursor) (Attribute, error) {
	version := c.version(1, 2, 3)
	flags := c.u8()
	nameSize, typeSize, spaceSize := c.u16(), c.u16(), c.u16()
	if version == 3 {
		c.skip(1) // the name's encoding: ASCII is UTF-8 too
	}
	section := func(n int) *cursor {
		at := c.addr + uint64(c.pos)
		part := c.src.cursor("attribute", at, c.bytes(n))
		if version == 1 {
			// Sections are padded to 8 bytes, whatever their place in the message.
			for pad := -n & 7; pad > 0; pad-- {
				c.skip(1)
			}
		}
		return part
	}
	name := section(nameSize)
	dtype := section(typeSize)
	space := section(spaceSize)
	if c.err != nil {
		return Attribute{}, c.err
	}
	if nameSize == 0 || name.data[nameSize-1] != 0 {
		return Attribute{}, corrupt("attribute", c.addr, "its name has no end")
	}
	a := Attribute{Name: cString(name.data), file: f}
	fail := func(err error) (Attribute, error) {
		return Attribute{}, fmt.Errorf("attribute %q: %w", a.Name, err)
	}
	var err error
	if version > 1 && flags&1 != 0 {
		if dtype, err = dtype.shared(msgDatatype); err != nil {
			return fail(err)
		}
	}
	if version > 1 && flags&2 != 0 {
		if space, err = space.shared(msgDataspace); err != nil {
			return fail(err)
		}
	}
	if a.Type, err = parseDatatype(dtype); err != nil {
		return fail(err)
	}
	shape, err := parseDataspace(space)
	if err != nil {
		return fail(err)
	}
	a.Shape, a.Null = shape.shape, shape.null
	if a.Null {
		return a, nil
	}
	size, err := product(a.Shape, a.Type.Size)
	if err != nil {
		return fail(err)
	}
	if size > int64(c.left()) {
		return fail(corrupt("attribute", c.addr, "its value of %d bytes passes its end", size))
	}
	a.data = append([]byte(nil), c.bytes(int(size))...)
	if a.Type.bigEndian {
		swap(a.data, a.Type.Size)
	}
	return a, c.err
}

// attributes reads every attribute of an object, in the order of the file, or by name when it keeps them in an index.
func (f *File) attributes(h *header) ([]Attribute, error) {
	var out []Attribute
	seen := map[string]bool{}
	add := func(c *cursor) error {
		a, err := f.parseAttribute(c)
		if err != nil {
			return err
		}
		if seen[a.Name] {
			return corrupt("attribute", c.addr, "there are two named %q", a.Name)
		}
		seen[a.Name] = true
		out = append(out, a)
		return nil
	}
	for _, m := range h.messages {
		if m.kind != msgAttribute {
			continue
		}
		c, err := h.open(m, "attribute")
		if err == nil {
			err = add(c)
		}
		if err != nil {
			return nil, err
		}
	}
	info, err := h.find(msgAttrInfo, "attribute index")
	if err != nil || info == nil {
		return out, err
	}
	info.version(0)
	if flags := info.u8(); flags&1 != 0 {
		info.skip(2)
	}
	heapAddr, treeAddr := info.offset(), info.offset()
	if info.err != nil || heapAddr == undefined {
		return out, info.err
	}
	return out, f.dense(heapAddr, treeAddr, treeAttrNames, func(rec *cursor, heap *fractalHeap) error {
		id := rec.bytes(heap.idSize)
		flags := rec.u8()
		if rec.err != nil {
			return rec.err
		}
		c, err := heap.object(id)
		if err != nil {
			return err
		}
		if flags&2 != 0 {
			if c, err = c.shared(msgAttribute); err != nil {
				return err
			}
		}
		return add(c)
	})
}

// cString cuts a name at its first zero byte.
func cString(b []byte) string {
	for i, v := range b {
		if v == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
