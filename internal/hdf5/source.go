package hdf5

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"
)

const (
	// undefined is how the format writes "no address".
	undefined = math.MaxUint64
	// maxMetadata bounds one metadata structure; real ones are far smaller, and datasets are read another way.
	maxMetadata = 256 << 20
	// maxHeader bounds all the messages of one object.
	maxHeader = 32 << 20
	// maxDepth bounds how deep groups nest.
	maxDepth = 200
	// maxRank is the limit of the format itself.
	maxRank = 32
)

// source is the file seen from its base address, with the widths of addresses and lengths that its superblock sets.
type source struct {
	r       io.ReaderAt
	base    int64
	size    uint64 // bytes from base to the end
	offSize int
	lenSize int

	consumed atomic.Int64 // bytes of metadata read so far

	mu          sync.Mutex
	headers     map[uint64]*header // those read so far
	headerBytes uint64
}

// check reports whether n bytes at addr lie within the file.
func (s *source) check(what string, addr, n uint64) error {
	if addr > s.size || n > s.size-addr {
		return corrupt(what, addr, "it would take %d bytes, past the end of the file at %#x", n, s.size)
	}
	return nil
}

// readInto fills dst with the bytes at addr.
func (s *source) readInto(what string, addr uint64, dst []byte) error {
	if err := s.check(what, addr, uint64(len(dst))); err != nil {
		return err
	}
	if len(dst) == 0 {
		return nil
	}
	n, err := s.r.ReadAt(dst, s.base+int64(addr))
	if n == len(dst) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read %s at %#x: %w", what, addr, err)
}

// read returns n bytes of metadata at addr.
func (s *source) read(what string, addr, n uint64) (*cursor, error) {
	if err := s.check(what, addr, n); err != nil {
		return nil, err
	}
	if n > maxMetadata {
		return nil, corrupt(what, addr, "its size of %d bytes exceeds the limit of %d", n, maxMetadata)
	}
	s.consumed.Add(int64(n))
	data := make([]byte, n)
	if err := s.readInto(what, addr, data); err != nil {
		return nil, err
	}
	return s.cursor(what, addr, data), nil
}

func (s *source) cursor(what string, addr uint64, data []byte) *cursor {
	return &cursor{src: s, what: what, addr: addr, data: data}
}

// cursor decodes one metadata structure. The first failure sticks, and later calls return zeros; err tells.
type cursor struct {
	src  *source
	what string
	addr uint64
	data []byte
	pos  int
	err  error
}

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = corrupt(c.what, c.addr, format, args...)
	}
}

func (c *cursor) left() int { return len(c.data) - c.pos }

// bytes returns the next n bytes, not copied.
func (c *cursor) bytes(n int) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 || n > c.left() {
		c.fail("it ends at byte %d, where %d more are needed", len(c.data), n-c.left())
		return nil
	}
	b := c.data[c.pos : c.pos+n : c.pos+n]
	c.pos += n
	return b
}

func (c *cursor) skip(n int) { c.bytes(n) }

// align moves to the next multiple of 8 from the start; what is cut off there at the end does not matter.
func (c *cursor) align() {
	if pad := -c.pos & 7; pad <= c.left() {
		c.pos += pad
	} else {
		c.pos = len(c.data)
	}
}

// uint reads a little-endian number of n bytes, 0 to 8.
func (c *cursor) uint(n int) uint64 {
	if n > 8 {
		c.fail("a number of %d bytes", n)
		return 0
	}
	b := c.bytes(n)
	if b == nil {
		return 0
	}
	var wide [8]byte
	copy(wide[:], b)
	return binary.LittleEndian.Uint64(wide[:])
}

func (c *cursor) u8() int     { return int(c.uint(1)) }
func (c *cursor) u16() int    { return int(c.uint(2)) }
func (c *cursor) u32() uint64 { return c.uint(4) }

// offset reads an address, relative to the base.
func (c *cursor) offset() uint64 {
	v := c.uint(c.src.offSize)
	if c.err == nil && v == 1<<(8*c.src.offSize)-1 {
		return undefined
	}
	return v
}

func (c *cursor) length() uint64 {
	v := c.uint(c.src.lenSize)
	if c.err == nil && v == 1<<(8*c.src.lenSize)-1 {
		return undefined
	}
	return v
}

// signature demands the four letters that open a structure.
func (c *cursor) signature(want string) {
	if got := c.bytes(len(want)); got != nil && string(got) != want {
		c.fail("it should begin with %q, not %q", want, got)
	}
}

// version demands a version number among those known.
func (c *cursor) version(known ...int) int {
	v := c.u8()
	for _, k := range known {
		if c.err != nil || v == k {
			return v
		}
	}
	if c.err == nil {
		c.err = unsupported("%s at %#x has version %d; known are %v", c.what, c.addr, v, known)
	}
	return v
}

// checksum demands that the last four of the first n bytes are the checksum of those before.
func (c *cursor) checksum(n int) {
	if c.err != nil {
		return
	}
	if n < 4 || n > len(c.data) {
		c.fail("it is too short for its checksum")
		return
	}
	want := binary.LittleEndian.Uint32(c.data[n-4 : n])
	if got := lookup3(c.data[:n-4]); got != want {
		c.fail("its checksum is %#08x, and should be %#08x", got, want)
	}
}
