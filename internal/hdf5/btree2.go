package hdf5

import "math/bits"

// The kinds of version 2 B-trees by what their records are.
const (
	treeHuge           = 1
	treeLinkNames      = 5
	treeAttrNames      = 8
	treeChunks         = 10
	treeFilteredChunks = 11
)

// btree2 is an open version 2 B-tree.
type btree2 struct {
	src        *source
	kind       int
	recordSize int
	nodeSize   uint64
	countSize  int   // bytes of a node's record count
	totalSize  []int // bytes of a subtree's record count, by depth
	seen       map[uint64]bool
	visit      func(*cursor) error
}

// walkBtree2 calls visit with every record, in order.
func (s *source) walkBtree2(addr uint64, kind int, visit func(*cursor) error) error {
	const what = "B-tree (version 2)"
	size := 16 + uint64(s.offSize) + 2 + uint64(s.lenSize) + 4
	c, err := s.read(what, addr, size)
	if err != nil {
		return err
	}
	c.signature("BTHD")
	c.version(0)
	if got := c.u8(); c.err == nil && got != kind {
		c.fail("its kind is %d, and should be %d", got, kind)
	}
	t := &btree2{src: s, kind: kind, seen: map[uint64]bool{}, visit: visit}
	t.nodeSize = c.u32()
	t.recordSize = c.u16()
	depth := c.u16()
	c.skip(2)
	root, count := c.offset(), c.u16()
	c.length()
	c.checksum(int(size))
	if c.err == nil && (t.recordSize == 0 || t.nodeSize < uint64(10+t.recordSize) || depth > 32) {
		c.fail("nodes of %d bytes, records of %d, depth %d", t.nodeSize, t.recordSize, depth)
	}
	if c.err != nil {
		return c.err
	}
	if root == undefined || count == 0 {
		return nil
	}
	// How wide the counts in a node are follows from how many records fit below it.
	most := (t.nodeSize - 10) / uint64(t.recordSize)
	t.countSize = byteWidth(most)
	t.totalSize = make([]int, depth+1)
	total := most
	for d := 1; d <= depth; d++ {
		pointer := uint64(s.offSize + t.countSize + t.totalSize[d-1])
		if t.nodeSize < 10+pointer {
			return corrupt(what, addr, "nodes of %d bytes are too small", t.nodeSize)
		}
		most := (t.nodeSize - 10 - pointer) / (uint64(t.recordSize) + pointer)
		high, low := bits.Mul64(most+1, total)
		if total = low + most; high != 0 || total < low {
			return corrupt(what, addr, "depth %d with nodes of %d bytes", depth, t.nodeSize)
		}
		t.totalSize[d] = byteWidth(total)
	}
	return t.node(root, count, depth)
}

// byteWidth is how many bytes the format takes for numbers up to most.
func byteWidth(most uint64) int { return (bits.Len64(max(most, 1))-1)/8 + 1 }

func (t *btree2) node(addr uint64, count, depth int) error {
	const what = "B-tree node (version 2)"
	if t.seen[addr] {
		return corrupt(what, addr, "the tree reaches it twice")
	}
	t.seen[addr] = true
	pointer := 0
	if depth > 0 {
		pointer = t.src.offSize + t.countSize + t.totalSize[depth-1]
	}
	size := 6 + count*t.recordSize + 4
	if depth > 0 {
		size += (count + 1) * pointer
	}
	if uint64(size) > t.nodeSize {
		return corrupt(what, addr, "%d records do not fit in %d bytes", count, t.nodeSize)
	}
	c, err := t.src.read(what, addr, uint64(size))
	if err != nil {
		return err
	}
	if depth > 0 {
		c.signature("BTIN")
	} else {
		c.signature("BTLF")
	}
	c.version(0)
	if got := c.u8(); c.err == nil && got != t.kind {
		c.fail("its kind is %d, and should be %d", got, t.kind)
	}
	c.checksum(size)
	at := c.addr + uint64(c.pos)
	records := c.bytes(count * t.recordSize)
	for i := 0; ; i++ {
		if c.err != nil {
			return c.err
		}
		if depth > 0 {
			child, n := c.offset(), int(c.uint(t.countSize))
			c.skip(t.totalSize[depth-1])
			if c.err != nil {
				return c.err
			}
			if err := t.node(child, n, depth-1); err != nil {
				return err
			}
		}
		if i == count {
			return nil
		}
		record := t.src.cursor("B-tree record", at+uint64(i*t.recordSize), records[i*t.recordSize:(i+1)*t.recordSize])
		if err := t.visit(record); err != nil {
			return err
		}
	}
}
