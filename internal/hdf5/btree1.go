package hdf5

// btree1 is a version 1 B-tree being walked.
type btree1 struct {
	src     *source
	kind    int
	keySize int
	seen    map[uint64]bool
	visit   func(addr uint64, key *cursor) error
}

// walkBtree1 calls visit with the address of every leaf's entry, and the key before it. Kind 0 indexes the symbol
// tables of a group, kind 1 the chunks of a dataset of the given rank.
func (s *source) walkBtree1(addr uint64, kind, rank int, visit func(addr uint64, key *cursor) error) error {
	keySize := s.lenSize
	if kind == 1 {
		keySize = 8 + 8*(rank+1)
	}
	t := &btree1{src: s, kind: kind, keySize: keySize, seen: map[uint64]bool{}, visit: visit}
	return t.node(addr, -1)
}

// node walks the tree below one node; level is the one it must have, -1 for the root's.
func (t *btree1) node(addr uint64, level int) error {
	const what = "B-tree"
	if t.seen[addr] {
		return corrupt(what, addr, "the tree reaches this node twice")
	}
	t.seen[addr] = true
	head := uint64(8 + 2*t.src.offSize)
	c, err := t.src.read(what, addr, head)
	if err != nil {
		return err
	}
	c.signature("TREE")
	kind, at, count := c.u8(), c.u8(), c.u16()
	switch {
	case c.err != nil:
		return c.err
	case kind != t.kind:
		return corrupt(what, addr, "its kind is %d, and should be %d", kind, t.kind)
	case level >= 0 && at != level:
		return corrupt(what, addr, "its level is %d, and should be %d", at, level)
	case at > 64:
		return corrupt(what, addr, "its level is %d", at)
	}
	c, err = t.src.read(what, addr+head, uint64(count*(t.keySize+t.src.offSize)))
	if err != nil {
		return err
	}
	for range count {
		keyAt := c.addr + uint64(c.pos)
		key := t.src.cursor("B-tree key", keyAt, c.bytes(t.keySize))
		child := c.offset()
		if c.err != nil {
			return c.err
		}
		if at > 0 {
			err = t.node(child, at-1)
		} else {
			if t.kind == 0 {
				if t.seen[child] {
					return corrupt(what, child, "the tree reaches this leaf twice")
				}
				t.seen[child] = true
			}
			err = t.visit(child, key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
