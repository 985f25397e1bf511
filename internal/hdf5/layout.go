package hdf5

import "math"

// How a dataset's values are stored.
const (
	layoutCompact    = 0
	layoutContiguous = 1
	layoutChunked    = 2
)

// How chunks are found.
const (
	indexBtree1     = 0
	indexSingle     = 1
	indexImplicit   = 2
	indexFixed      = 3
	indexExtensible = 4
	indexBtree2     = 5
)

// layout says where a dataset's values are.
type layout struct {
	class int
	data  []byte // compact
	addr  uint64 // contiguous: the values; chunked: the index
	size  uint64 // contiguous
	chunk []int  // the shape of a chunk, in elements

	index       int
	singleSize  uint64 // a single, filtered chunk
	singleMask  uint32
	partialRaw  bool // chunks over the edge are not filtered
	elementSize int
}

func parseLayout(c *cursor, rank int) (layout, error) {
	version := c.version(3, 4)
	l := layout{class: c.u8(), addr: undefined}
	if c.err != nil {
		return l, c.err
	}
	switch {
	case l.class == layoutCompact:
		l.data = c.bytes(c.u16())
	case l.class == layoutContiguous:
		l.addr, l.size = c.offset(), c.length()
	case l.class == layoutChunked && version == 3:
		dims := c.u8()
		l.addr = c.offset()
		l.setChunk(c, rank, dims, 4)
	case l.class == layoutChunked:
		flags, dims, width := c.u8(), c.u8(), c.u8()
		l.partialRaw = flags&1 != 0
		l.setChunk(c, rank, dims, width)
		l.index = c.u8()
		switch l.index {
		case indexSingle:
			if flags&2 != 0 {
				l.singleSize, l.singleMask = c.length(), uint32(c.u32())
			}
		case indexImplicit:
		case indexFixed:
			c.skip(1)
		case indexBtree2:
			c.skip(6)
		case indexExtensible:
			return l, unsupported("a resizable dataset indexed by an extensible array")
		default:
			return l, unsupported("a chunk index of type %d", l.index)
		}
		l.addr = c.offset()
	case l.class == 3:
		return l, unsupported("a virtual dataset, whose values lie elsewhere, is not followed")
	default:
		return l, unsupported("a data layout of class %d", l.class)
	}
	return l, c.err
}

// setChunk reads the shape of a chunk, whose last dimension is the size of an element.
func (l *layout) setChunk(c *cursor, rank, dims, width int) {
	if c.err == nil && (dims != rank+1 || rank == 0) {
		c.fail("chunks of %d dimensions in a dataset of %d", dims-1, rank)
	}
	if c.err != nil {
		return
	}
	for i := range dims {
		n := c.uint(width)
		if c.err == nil && (n == 0 || n > math.MaxInt32) {
			c.fail("chunk dimension %d is %d", i, n)
		}
		if i == dims-1 {
			l.elementSize = int(n)
			return
		}
		l.chunk = append(l.chunk, int(n))
	}
}

// parseFill returns the bytes of the value that stands where nothing was written; empty for zero.
func parseFill(h *header) ([]byte, error) {
	c, err := h.find(msgFill, "fill value")
	if err != nil {
		return nil, err
	}
	if c == nil {
		if c, err = h.find(msgFillOld, "fill value"); c == nil || err != nil {
			return nil, err
		}
		return c.bytes(int(min(c.u32(), math.MaxInt32))), c.err
	}
	version := c.version(1, 2, 3)
	defined := true
	if version == 3 {
		defined = c.u8()&0x20 != 0
	} else {
		c.skip(2)
		defined = c.u8() != 0 || version == 1
	}
	if !defined || c.err != nil || c.left() < 4 {
		return nil, c.err
	}
	size := c.u32()
	if size > math.MaxInt32 {
		return nil, nil // written by old versions for "no value"
	}
	return c.bytes(int(size)), c.err
}
