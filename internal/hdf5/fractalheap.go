package hdf5

import "math/bits"

// fractalHeap is where dense groups keep their links, and objects with many attributes their attributes.
type fractalHeap struct {
	src        *source
	addr       uint64
	idSize     int
	maxManaged uint64
	hugeTree   uint64
	width      uint64 // blocks in a row
	start      uint64 // size of the first row's blocks
	maxDirect  uint64
	heapBits   int
	root       uint64
	rootRows   int
	budget     uint64 // bytes of objects that may still be read; they cannot overlap in a sound file
	huge       map[uint64]block
}

func (s *source) openFractalHeap(addr uint64) (*fractalHeap, error) {
	const what = "fractal heap"
	size := 26 + 12*uint64(s.lenSize) + 3*uint64(s.offSize)
	c, err := s.read(what, addr, size)
	if err != nil {
		return nil, err
	}
	h := &fractalHeap{src: s, addr: addr, budget: s.size}
	c.signature("FRHP")
	c.version(0)
	h.idSize = c.u16()
	filters := c.u16()
	c.skip(1)
	h.maxManaged = c.u32()
	c.length()
	h.hugeTree = c.offset()
	c.length()
	c.offset()
	for range 8 {
		c.length() // statistics
	}
	h.width = uint64(c.u16())
	h.start, h.maxDirect = c.length(), c.length()
	h.heapBits = c.u16()
	c.skip(2)
	h.root, h.rootRows = c.offset(), c.u16()
	if c.err == nil && filters != 0 {
		return nil, unsupported("fractal heap at %#x is compressed", addr)
	}
	c.checksum(int(size))
	if c.err != nil {
		return nil, c.err
	}
	switch {
	case h.width == 0 || bits.OnesCount64(h.width) != 1,
		h.start == 0 || bits.OnesCount64(h.start) != 1 || h.start > 1<<32,
		h.maxDirect < h.start || bits.OnesCount64(h.maxDirect) != 1 || h.maxDirect > 1<<32,
		h.heapBits == 0 || h.heapBits > 64, h.idSize < 2 || h.idSize > 4096:
		return nil, corrupt(what, addr, "its layout makes no sense")
	}
	return h, nil
}

// object returns a cursor on the object that an identifier names.
func (h *fractalHeap) object(id []byte) (*cursor, error) {
	const what = "fractal heap object"
	if len(id) != h.idSize || id[0]>>6 != 0 {
		return nil, corrupt(what, h.addr, "identifier %x", id)
	}
	c := h.src.cursor(what, h.addr, id)
	c.skip(1)
	var at block
	switch id[0] >> 4 & 3 {
	case 0:
		offset := c.uint((h.heapBits + 7) / 8)
		n := c.uint(min((bits.Len64(h.maxDirect)+6)/8, byteWidth(h.maxManaged)))
		if c.err != nil {
			return nil, c.err
		}
		addr, err := h.managed(offset, n)
		if err != nil {
			return nil, err
		}
		at = block{addr, n}
	case 1:
		var err error
		if at, err = h.findHuge(c); err != nil {
			return nil, err
		}
	case 2:
		n := int(id[0]&15) + 1
		if h.idSize > 18 {
			n = int(id[0]&15)<<8 + c.u8() + 1
		}
		return h.src.cursor(what, h.addr, c.bytes(n)), c.err
	default:
		return nil, corrupt(what, h.addr, "identifier %x", id)
	}
	if at.size > h.budget {
		return nil, corrupt(what, at.addr, "the objects of the heap together exceed the file")
	}
	h.budget -= at.size
	return h.src.read(what, at.addr, at.size)
}

// managed turns an offset in the heap's own address space into one of the file, by descending its doubling table.
func (h *fractalHeap) managed(offset, n uint64) (uint64, error) {
	const what = "fractal heap"
	at, rows, begin := h.root, h.rootRows, uint64(0)
	if at == undefined {
		return 0, corrupt(what, h.addr, "it is empty, and should hold offset %d", offset)
	}
	size := h.start
	directRows := bits.Len64(h.maxDirect) - bits.Len64(h.start) + 2
	for depth := 0; rows > 0; depth++ {
		if depth > maxDepth {
			return 0, corrupt(what, at, "its blocks nest too deep")
		}
		row, rowBegin := 0, begin
		for size = h.start; ; row++ {
			if row >= rows || row > 60 {
				return 0, corrupt(what, at, "it has no offset %d", offset)
			}
			if row > 1 {
				size *= 2
			}
			high, span := bits.Mul64(size, h.width)
			if high != 0 || rowBegin+span < rowBegin {
				return 0, corrupt(what, at, "it has no offset %d", offset)
			}
			if offset-rowBegin < span {
				break
			}
			rowBegin += span
		}
		column := (offset - rowBegin) / size
		head := uint64(5 + h.src.offSize + (h.heapBits+7)/8)
		c, err := h.src.read(what, at, head)
		if err != nil {
			return 0, err
		}
		if c.signature("FHIB"); c.err != nil {
			return 0, c.err
		}
		entry := at + head + (uint64(row)*h.width+column)*uint64(h.src.offSize)
		if c, err = h.src.read(what, entry, uint64(h.src.offSize)); err != nil {
			return 0, err
		}
		at, begin = c.offset(), rowBegin+column*size
		if at == undefined {
			return 0, corrupt(what, entry, "the block with offset %d was never written", offset)
		}
		rows = 0
		if row >= directRows {
			if rows = bits.Len64(size) - bits.Len64(h.start*h.width) + 1; rows < 1 {
				return 0, corrupt(what, entry, "an indirect block of %d bytes", size)
			}
		}
	}
	if offset < begin || offset-begin > size || n > size-(offset-begin) {
		return 0, corrupt(what, at, "an object of %d bytes at offset %d passes its block", n, offset)
	}
	c, err := h.src.read(what, at, 4)
	if err != nil {
		return 0, err
	}
	c.signature("FHDB")
	return at + (offset - begin), c.err
}

// findHuge locates an object too large for the heap's blocks.
func (h *fractalHeap) findHuge(c *cursor) (block, error) {
	if h.src.offSize+h.src.lenSize <= h.idSize-1 {
		return block{c.offset(), c.length()}, c.err
	}
	key := c.uint(min(8, h.idSize-1))
	if c.err != nil {
		return block{}, c.err
	}
	if h.huge == nil {
		h.huge = map[uint64]block{}
		err := h.src.walkBtree2(h.hugeTree, treeHuge, func(rec *cursor) error {
			b := block{rec.offset(), rec.length()}
			h.huge[rec.length()] = b
			return rec.err
		})
		if err != nil {
			return block{}, err
		}
	}
	b, ok := h.huge[key]
	if !ok {
		return block{}, corrupt("fractal heap", h.addr, "it has no huge object %d", key)
	}
	return b, nil
}

// dense walks an index of links or attributes that lie in a fractal heap.
func (f *File) dense(heapAddr, treeAddr uint64, kind int, visit func(rec *cursor, heap *fractalHeap) error) error {
	heap, err := f.src.openFractalHeap(heapAddr)
	if err != nil {
		return err
	}
	return f.src.walkBtree2(treeAddr, kind, func(rec *cursor) error { return visit(rec, heap) })
}
