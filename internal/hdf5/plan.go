package hdf5

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

const (
	leafEntries  = 8  // of a symbol table: twice the superblock's "leaf K", 4, which is h5py's default
	nodeChildren = 32 // of a B-tree: twice the "internal K", 16
	heapSize     = 4096
)

// plan is a file laid out: its structure as bytes, then the datasets' values in order, each padded to 8 bytes.
type plan struct {
	meta     []byte
	datasets []*DatasetBuilder
	places   []int // where in meta the address of each dataset's values belongs
	end      int64

	heapAt, heapPos, heapEnd, heapIndex int // the global heap collection being filled
}

// placed tells a group's parent where it is.
type placed struct{ header, tree, heap uint64 }

func (b *Builder) plan() (*plan, error) {
	p := &plan{}
	p.alloc(96) // the superblock, filled in last
	root, err := p.group(b.root)
	if err != nil {
		return nil, err
	}
	p.closeHeap()
	at := uint64(len(p.meta))
	for i, d := range p.datasets {
		place := uint64(undefined) // as h5py does when there is nothing to store
		if d.size > 0 {
			place = at
		}
		le.PutUint64(p.meta[p.places[i]:], place)
		size := uint64(d.size) + uint64(-d.size&7)
		if size > math.MaxInt64-at {
			return nil, fmt.Errorf("%s: the file grows too large", d.path)
		}
		at += size
	}
	p.end = int64(at)
	s := append([]byte(signature), 0, 0, 0, 0, 0, 8, 8, 0)
	s = le.AppendUint16(s, leafEntries/2)
	s = le.AppendUint16(s, nodeChildren/2)
	s = le.AppendUint32(s, 0)
	for _, v := range []uint64{0, undefined, at, undefined, 0, root.header, 1, root.tree, root.heap} {
		s = le.AppendUint64(s, v)
	}
	copy(p.meta, s)
	return p, nil
}

// alloc appends n zero bytes, rounded up to 8, and returns where they begin.
func (p *plan) alloc(n int) int {
	at := len(p.meta)
	p.meta = append(p.meta, make([]byte, (n+7)&^7)...)
	return at
}

func (p *plan) put(data []byte) uint64 {
	at := p.alloc(len(data))
	copy(p.meta[at:], data)
	return uint64(at)
}

// headerBuilder collects the messages of a version 1 object header.
type headerBuilder struct {
	data  []byte
	count int
}

// add appends a message, and returns where in the header its data begins.
func (h *headerBuilder) add(kind int, flags byte, data []byte) int {
	size := (len(data) + 7) &^ 7
	h.data = le.AppendUint16(h.data, uint16(kind))
	h.data = le.AppendUint16(h.data, uint16(size))
	h.data = append(h.data, flags, 0, 0, 0)
	at := len(h.data)
	h.data = append(append(h.data, data...), make([]byte, size-len(data))...)
	h.count++
	return 16 + at
}

// finish places the header.
func (p *plan) finish(h *headerBuilder) (uint64, error) {
	if h.count > math.MaxUint16 || len(h.data) > maxHeader {
		return 0, fmt.Errorf("%d attributes with %d bytes are too many", h.count, len(h.data))
	}
	head := []byte{1, 0}
	head = le.AppendUint16(head, uint16(h.count))
	head = le.AppendUint32(head, 1)
	head = le.AppendUint64(head, uint64(len(h.data)))
	return p.put(append(head, h.data...)), nil
}

func (p *plan) addAttributes(h *headerBuilder, set *attrSet) error {
	for _, name := range set.names {
		dtype, shape, data, err := encodeValue(set.values[name], p.text)
		if err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
		tb, err := encodeType(dtype)
		if err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
		sb := encodeSpace(shape)
		msg := []byte{1, 0}
		msg = le.AppendUint16(msg, uint16(len(name)+1))
		msg = le.AppendUint16(msg, uint16(len(tb)))
		msg = le.AppendUint16(msg, uint16(len(sb)))
		for _, part := range [][]byte{append([]byte(name), 0), tb, sb} {
			msg = append(append(msg, part...), make([]byte, -len(part)&7)...)
		}
		if msg = append(msg, data...); len(msg) > math.MaxUint16-7 {
			return fmt.Errorf("attribute %q: its %d bytes are above the 64 kB that HDF5 allows; split it", name, len(msg))
		}
		h.add(msgAttribute, 0, msg)
	}
	return nil
}

func (p *plan) dataset(d *DatasetBuilder) (uint64, error) {
	tb, err := encodeType(d.dtype)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", d.path, err)
	}
	h := &headerBuilder{}
	h.add(msgDataspace, 0, encodeSpace(d.shape))
	h.add(msgDatatype, 1, tb)
	h.add(msgFill, 1, []byte{2, 2, 2, 1, 0, 0, 0, 0}) // allocated late, the default value
	layoutMsg := append([]byte{3, layoutContiguous}, make([]byte, 8)...)
	at := h.add(msgLayout, 0, le.AppendUint64(layoutMsg, uint64(d.size)))
	if err := p.addAttributes(h, &d.attrSet); err != nil {
		return 0, fmt.Errorf("%s: %w", d.path, err)
	}
	addr, err := p.finish(h)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", d.path, err)
	}
	p.datasets = append(p.datasets, d)
	p.places = append(p.places, int(addr)+at+2)
	return addr, nil
}

// symbol is one entry of a symbol table.
type symbol struct {
	nameAt uint64
	place  placed
	group  bool
}

// group lays out everything below g, then g.
func (p *plan) group(g *GroupBuilder) (placed, error) {
	names := make([]string, 0, len(g.groups)+len(g.data))
	for name := range g.groups {
		names = append(names, name)
	}
	for name := range g.data {
		names = append(names, name)
	}
	sort.Strings(names)
	heap := make([]byte, 8) // begins with the empty name, which the B-tree's first key refers to
	symbols := make([]symbol, len(names))
	for i, name := range names {
		s := symbol{nameAt: uint64(len(heap))}
		heap = append(append(heap, name...), make([]byte, 8-len(name)&7)...)
		var err error
		if child := g.groups[name]; child != nil {
			s.group = true
			s.place, err = p.group(child)
		} else {
			s.place.header, err = p.dataset(g.data[name])
		}
		if err != nil {
			return placed{}, err
		}
		symbols[i] = s
	}
	var out placed
	out.tree = p.tree(symbols)
	head := append([]byte("HEAP"), 0, 0, 0, 0)
	head = le.AppendUint64(head, uint64(len(heap)))
	head = le.AppendUint64(head, 1) // no free space
	head = le.AppendUint64(head, p.put(heap))
	out.heap = p.put(head)

	h := &headerBuilder{}
	h.add(msgSymbolTable, 0, le.AppendUint64(le.AppendUint64(nil, out.tree), out.heap))
	if err := p.addAttributes(h, &g.attrSet); err != nil {
		return placed{}, fmt.Errorf("%s: %w", g.path, err)
	}
	var err error
	if out.header, err = p.finish(h); err != nil {
		return placed{}, fmt.Errorf("%s: %w", g.path, err)
	}
	return out, nil
}

// branch is a finished part of the B-tree: its address, and the heap offset of its greatest name.
type branch struct{ addr, last uint64 }

// tree writes the leaves and nodes that index the symbols, and returns the root's address.
func (p *plan) tree(symbols []symbol) uint64 {
	var level []branch
	for leaf := range slices.Chunk(symbols, leafEntries) {
		b := append([]byte("SNOD"), 1, 0)
		b = le.AppendUint16(b, uint16(len(leaf)))
		for _, s := range leaf {
			cache := uint64(0)
			if s.group {
				cache = 1
			}
			for _, v := range []uint64{s.nameAt, s.place.header, cache, s.place.tree, s.place.heap} {
				b = le.AppendUint64(b, v)
			}
		}
		// A leaf takes its full size however few its entries are.
		b = append(b, make([]byte, 8+leafEntries*40-len(b))...)
		level = append(level, branch{p.put(b), leaf[len(leaf)-1].nameAt})
	}
	for depth := byte(0); ; depth++ {
		size := 24 + nodeChildren*8 + (nodeChildren+1)*8
		nodes := max(1, (len(level)+nodeChildren-1)/nodeChildren)
		first := p.alloc(nodes * size)
		next := make([]branch, nodes)
		key := uint64(0)
		for i := range next {
			children := level[i*nodeChildren : min((i+1)*nodeChildren, len(level))]
			at := first + i*size
			left, right := uint64(undefined), uint64(undefined)
			if i > 0 {
				left = uint64(at - size)
			}
			if i < nodes-1 {
				right = uint64(at + size)
			}
			b := append([]byte("TREE"), 0, depth)
			b = le.AppendUint16(b, uint16(len(children)))
			b = le.AppendUint64(le.AppendUint64(b, left), right)
			b = le.AppendUint64(b, key)
			for _, child := range children {
				key = child.last
				b = le.AppendUint64(le.AppendUint64(b, child.addr), key)
			}
			copy(p.meta[at:], b)
			next[i] = branch{uint64(at), key}
		}
		if nodes == 1 {
			return uint64(first)
		}
		level = next
	}
}

// text stores a string in the global heap and returns the reference to it.
func (p *plan) text(s string) ([]byte, error) {
	if len(s) > math.MaxInt32 {
		return nil, fmt.Errorf("a text of %d bytes is too long", len(s))
	}
	ref := le.AppendUint32(nil, uint32(len(s)))
	if s == "" {
		return append(ref, make([]byte, 12)...), nil
	}
	need := 16 + (len(s)+7)&^7
	if p.heapPos+need > p.heapEnd || p.heapIndex == math.MaxUint16 {
		p.closeHeap()
		size := max(heapSize, 16+need)
		p.heapAt = p.alloc(size)
		p.heapPos, p.heapEnd, p.heapIndex = p.heapAt+16, p.heapAt+size, 0
		copy(p.meta[p.heapAt:], "GCOL\x01")
		le.PutUint64(p.meta[p.heapAt+8:], uint64(size))
	}
	p.heapIndex++
	b := p.meta[p.heapPos:]
	le.PutUint16(b, uint16(p.heapIndex))
	le.PutUint64(b[8:], uint64(len(s)))
	copy(b[16:], s)
	p.heapPos += need
	ref = le.AppendUint64(ref, uint64(p.heapAt))
	return le.AppendUint32(ref, uint32(p.heapIndex)), nil
}

// closeHeap marks the rest of the collection being filled as free.
func (p *plan) closeHeap() {
	if left := p.heapEnd - p.heapPos; left >= 16 {
		le.PutUint64(p.meta[p.heapPos+8:], uint64(left))
	}
	p.heapPos = p.heapEnd
}
