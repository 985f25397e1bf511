package hdf5

import (
	"fmt"
	"math"
	"slices"
)

// Kind is what the elements of a dataset or attribute are.
type Kind uint8

const (
	// Other stands for types that are recognised but not read: compounds, references, odd floats and so on.
	Other Kind = iota
	// Int is a signed integer of 1, 2, 4 or 8 bytes.
	Int
	// Uint is an unsigned integer of 1, 2, 4 or 8 bytes.
	Uint
	// Float is an IEEE 754 number of 2, 4 or 8 bytes.
	Float
	// BFloat is a bfloat16 that the file describes as such. h5py stores Keras's bfloat16 as 2-byte Opaque instead.
	BFloat
	// Bool is h5py's boolean: an enumeration of FALSE and TRUE in one byte.
	Bool
	// Opaque is bytes without a meaning; numpy calls it void.
	Opaque
	// String is text of a fixed number of bytes, padded.
	String
	// VarString is text of any length.
	VarString
)

// Datatype describes one element. The zero value is of kind Other.
type Datatype struct {
	// Kind tells how to understand the bytes.
	Kind Kind
	// Size is the bytes that one element takes in the file; for a VarString that is a reference to the text.
	Size int
	// UTF8 tells the encoding of String and VarString: UTF-8, or ASCII when false.
	UTF8 bool

	bigEndian bool
	spaces    bool // a String padded with spaces rather than zeros
	what      string
}

// The types that h5py writes for numpy's, in little-endian order as Keras's files are.
var (
	Int8     = Datatype{Kind: Int, Size: 1}
	Int16    = Datatype{Kind: Int, Size: 2}
	Int32    = Datatype{Kind: Int, Size: 4}
	Int64    = Datatype{Kind: Int, Size: 8}
	Uint8    = Datatype{Kind: Uint, Size: 1}
	Uint16   = Datatype{Kind: Uint, Size: 2}
	Uint32   = Datatype{Kind: Uint, Size: 4}
	Uint64   = Datatype{Kind: Uint, Size: 8}
	Float16  = Datatype{Kind: Float, Size: 2}
	Float32  = Datatype{Kind: Float, Size: 4}
	Float64  = Datatype{Kind: Float, Size: 8}
	Boolean  = Datatype{Kind: Bool, Size: 1}
	UTF8Text = Datatype{Kind: VarString, Size: 16, UTF8: true}
)

// OpaqueOf is bytes in groups of size, numpy's "V<size>".
func OpaqueOf(size int) Datatype { return Datatype{Kind: Opaque, Size: size} }

// StringOf is ASCII text in size bytes padded with zeros, numpy's "S<size>".
func StringOf(size int) Datatype { return Datatype{Kind: String, Size: size} }

// String names the type as numpy does: "float32", "bool", "S12", "V2"; "str" for a VarString.
func (d Datatype) String() string {
	switch d.Kind {
	case Int:
		return fmt.Sprintf("int%d", 8*d.Size)
	case Uint:
		return fmt.Sprintf("uint%d", 8*d.Size)
	case Float:
		return fmt.Sprintf("float%d", 8*d.Size)
	case BFloat:
		return "bfloat16"
	case Bool:
		return "bool"
	case Opaque:
		return fmt.Sprintf("V%d", d.Size)
	case String:
		return fmt.Sprintf("S%d", d.Size)
	case VarString:
		return "str"
	}
	if d.what == "" {
		return "unknown type"
	}
	return d.what
}

func (d Datatype) isText() bool { return d.Kind == String || d.Kind == VarString }

// readable refuses the types whose bytes mean nothing outside the file.
func (d Datatype) readable() error {
	if d.Kind == Other {
		return unsupported("values of type %s", d)
	}
	return nil
}

// parseDatatype decodes a datatype message.
func parseDatatype(c *cursor) (Datatype, error) {
	head := c.u8()
	bits := int(c.uint(3))
	size := c.u32()
	if c.err != nil {
		return Datatype{}, c.err
	}
	class, version := head&15, head>>4
	if version < 1 || version > 5 {
		return Datatype{}, unsupported("datatype at %#x has version %d; known are 1 to 5", c.addr, version)
	}
	if size == 0 || size > math.MaxInt32 {
		return Datatype{}, corrupt(c.what, c.addr, "elements of %d bytes", size)
	}
	d := Datatype{Size: int(size)}
	switch class {
	case 0:
		d = parseInteger(c, d, bits)
	case 1:
		d = parseFloat(c, d, bits)
	case 2:
		d.what = "time"
	case 3:
		d.Kind, d.UTF8, d.spaces = String, bits>>4&15 == 1, bits&15 == 2
	case 4:
		d.what = "bit field"
	case 5:
		d.Kind = Opaque
	case 6:
		d.what = "compound"
	case 7:
		d.what = "reference"
	case 8:
		return parseEnum(c, bits&0xffff, version, d)
	case 9:
		if bits&15 != 1 {
			d.what = "variable-length list"
			break
		}
		if d.Size != 8+c.src.offSize {
			c.fail("references to text take %d bytes here, not %d", 8+c.src.offSize, d.Size)
		}
		d.Kind, d.UTF8 = VarString, bits>>8&15 == 1
	case 10:
		d.what = "array"
	default:
		d.what = fmt.Sprintf("datatype class %d", class)
	}
	return d, c.err
}

func parseInteger(c *cursor, d Datatype, bits int) Datatype {
	from, precision := c.u16(), c.u16()
	if from != 0 || precision != 8*d.Size || (d.Size != 1 && d.Size != 2 && d.Size != 4 && d.Size != 8) {
		d.what = fmt.Sprintf("integer of %d bits in %d bytes", precision, d.Size)
		return d
	}
	d.Kind, d.bigEndian = Uint, bits&1 != 0
	if bits&8 != 0 {
		d.Kind = Int
	}
	return d
}

// floatFormat is where a float keeps its parts, in bits.
type floatFormat struct{ size, sign, expAt, expBits, fracAt, fracBits, bias int }

var floatFormats = map[floatFormat]Kind{
	{2, 15, 10, 5, 0, 10, 15}:    Float,
	{4, 31, 23, 8, 0, 23, 127}:   Float,
	{8, 63, 52, 11, 0, 52, 1023}: Float,
	{2, 15, 7, 8, 0, 7, 127}:     BFloat,
}

func parseFloat(c *cursor, d Datatype, bits int) Datatype {
	from, precision := c.u16(), c.u16()
	f := floatFormat{size: d.Size, sign: bits >> 8 & 255}
	f.expAt, f.expBits, f.fracAt, f.fracBits = c.u8(), c.u8(), c.u8(), c.u8()
	f.bias = int(c.u32())
	kind, known := floatFormats[f]
	if !known || from != 0 || precision != 8*d.Size || bits&0x40 != 0 {
		d.what = fmt.Sprintf("float of %d bits with %d for the exponent", precision, f.expBits)
		return d
	}
	d.Kind, d.bigEndian = kind, bits&1 != 0
	return d
}

// parseEnum recognises h5py's booleans; any other enumeration is its integers.
func parseEnum(c *cursor, members, version int, d Datatype) (Datatype, error) {
	baseAt := c.pos
	base, err := parseDatatype(c)
	if err != nil {
		return Datatype{}, err
	}
	if (base.Kind != Int && base.Kind != Uint) || base.Size != d.Size {
		return Datatype{}, corrupt(c.what, c.addr, "an enumeration of %s", base)
	}
	if members != 2 || base.Size != 1 {
		return base, nil
	}
	c.pos = baseAt + 12
	names := [2]string{}
	for i := range names {
		start := c.pos
		for c.err == nil {
			b := c.u8()
			if b == 0 {
				break
			}
			names[i] += string(rune(b))
		}
		if version < 3 {
			for (c.pos-start)&7 != 0 && c.err == nil {
				c.skip(1)
			}
		}
	}
	values := c.bytes(2)
	if c.err != nil {
		return Datatype{}, c.err
	}
	if names == [2]string{"FALSE", "TRUE"} && values[0] == 0 && values[1] == 1 {
		return Boolean, nil
	}
	return base, nil
}

// dataspace is the shape of a dataset or attribute.
type dataspace struct {
	shape []int
	null  bool // holds nothing at all; h5py.Empty
}

func parseDataspace(c *cursor) (dataspace, error) {
	version := c.version(1, 2)
	rank, flags := c.u8(), c.u8()
	if version == 1 {
		c.skip(5)
	} else if kind := c.u8(); kind == 2 {
		return dataspace{null: true}, c.err
	}
	if c.err == nil && rank > maxRank {
		c.fail("%d dimensions; the format allows %d", rank, maxRank)
	}
	if c.err != nil {
		return dataspace{}, c.err
	}
	_ = flags // tells whether the largest sizes follow; they do not matter for reading
	space := dataspace{shape: make([]int, rank)}
	for i := range space.shape {
		n := c.length()
		if n > math.MaxInt64 {
			c.fail("dimension %d is %d", i, n)
		}
		space.shape[i] = int(n)
	}
	return space, c.err
}

// count multiplies out the shape, refusing what cannot be addressed.
func (s dataspace) count() (int64, error) { return product(s.shape, 1) }

// product returns unit times every dimension.
func product(shape []int, unit int) (int64, error) {
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	total := int64(unit)
	for _, n := range shape {
		if n < 0 || total > math.MaxInt64/int64(n) {
			return 0, fmt.Errorf("%w: shape %v is too large", ErrCorrupt, shape)
		}
		total *= int64(n)
	}
	return total, nil
}

// swap turns big-endian elements into little-endian ones.
func swap(data []byte, size int) {
	for ; len(data) >= size; data = data[size:] {
		for i, j := 0, size-1; i < j; i, j = i+1, j-1 {
			data[i], data[j] = data[j], data[i]
		}
	}
}
