package hdf5

import (
	"fmt"
	"sort"
)

// link is a member of a group: the address of an object header, or why it is not followed.
type link struct {
	addr    uint64
	refused string
}

// load finds the group's members, once.
func (g *Group) load() error {
	g.linksOnce.Do(func() {
		g.links = map[string]link{}
		if err := g.loadLinks(); err != nil {
			g.links, g.linksErr = nil, fmt.Errorf("%s: %w", g.path, err)
			return
		}
		for name := range g.links {
			g.names = append(g.names, name)
		}
		sort.Strings(g.names)
	})
	return g.linksErr
}

func (g *Group) addLink(name string, l link) error {
	if name == "" {
		return corrupt("group", g.head.addr, "a member without a name")
	}
	if _, twice := g.links[name]; twice {
		return corrupt("group", g.head.addr, "two members named %q", name)
	}
	g.links[name] = l
	return nil
}

func (g *Group) loadLinks() error {
	table, err := g.head.find(msgSymbolTable, "symbol table message")
	if err != nil {
		return err
	}
	if table != nil {
		tree, heap := table.offset(), table.offset()
		if table.err != nil {
			return table.err
		}
		return g.loadSymbolTable(tree, heap)
	}
	for _, m := range g.head.messages {
		if m.kind != msgLink {
			continue
		}
		c, err := g.head.open(m, "link")
		if err == nil {
			err = g.parseLink(c)
		}
		if err != nil {
			return err
		}
	}
	info, err := g.head.find(msgLinkInfo, "link index")
	if err != nil || info == nil {
		return err
	}
	info.version(0)
	if flags := info.u8(); flags&1 != 0 {
		info.skip(8)
	}
	heapAddr, treeAddr := info.offset(), info.offset()
	if info.err != nil || heapAddr == undefined {
		return info.err
	}
	return g.file.dense(heapAddr, treeAddr, treeLinkNames, func(rec *cursor, heap *fractalHeap) error {
		rec.skip(4) // the hash of the name
		id := rec.bytes(heap.idSize)
		if rec.err != nil {
			return rec.err
		}
		c, err := heap.object(id)
		if err != nil {
			return err
		}
		return g.parseLink(c)
	})
}

// parseLink decodes a link message.
func (g *Group) parseLink(c *cursor) error {
	c.version(1)
	flags := c.u8()
	kind := 0
	if flags&8 != 0 {
		kind = c.u8()
	}
	if flags&4 != 0 {
		c.skip(8) // when it was created
	}
	if flags&16 != 0 {
		c.skip(1) // the name's encoding
	}
	size := c.uint(1 << (flags & 3))
	if c.err == nil && size > uint64(c.left()) {
		c.fail("a name of %d bytes", size)
	}
	name := string(c.bytes(int(size)))
	l := link{}
	switch kind {
	case 0:
		l.addr = c.offset()
	case 1:
		l.refused = "a soft link"
	case 64:
		l.refused = "an external link to another file"
	default:
		l.refused = fmt.Sprintf("a link of type %d", kind)
	}
	if c.err != nil {
		return c.err
	}
	return g.addLink(name, l)
}

// loadSymbolTable reads the members of a group in the old format: a B-tree of leaves, and a heap of names.
func (g *Group) loadSymbolTable(tree, heap uint64) error {
	names, err := g.file.src.readLocalHeap(heap)
	if err != nil {
		return err
	}
	// Names do not overlap in a sound file; without this bound, short entries could name ever the same long text.
	budget := len(names)
	return g.file.src.walkBtree1(tree, 0, 0, func(addr uint64, _ *cursor) error {
		return g.loadSymbols(addr, names, &budget)
	})
}

// loadSymbols reads one leaf of a symbol table.
func (g *Group) loadSymbols(addr uint64, names []byte, budget *int) error {
	const what = "symbol table"
	src := g.file.src
	c, err := src.read(what, addr, 8)
	if err != nil {
		return err
	}
	c.signature("SNOD")
	c.version(1)
	c.skip(1)
	count := c.u16()
	if c.err != nil {
		return c.err
	}
	entry := 2*src.offSize + 4 + 4 + 16
	if c, err = src.read(what, addr+8, uint64(count*entry)); err != nil {
		return err
	}
	for range count {
		nameAt, object := c.offset(), c.offset()
		cache := c.u32()
		c.skip(4 + 16)
		if c.err != nil {
			return c.err
		}
		if nameAt >= uint64(len(names)) {
			return corrupt(what, addr, "a name at %d in a heap of %d bytes", nameAt, len(names))
		}
		name := cString(names[nameAt:])
		if *budget -= len(name) + 1; *budget < -1 {
			return corrupt(what, addr, "its names together exceed their heap")
		}
		l := link{addr: object}
		if cache == 2 {
			l.refused = "a soft link"
		}
		if err := g.addLink(name, l); err != nil {
			return err
		}
	}
	return nil
}

// readLocalHeap returns the data of a local heap, which holds the names of a group's members.
func (s *source) readLocalHeap(addr uint64) ([]byte, error) {
	const what = "local heap"
	c, err := s.read(what, addr, uint64(8+2*s.lenSize+s.offSize))
	if err != nil {
		return nil, err
	}
	c.signature("HEAP")
	c.version(0)
	c.skip(3)
	size := c.length()
	c.length()
	at := c.offset()
	if c.err != nil {
		return nil, c.err
	}
	if c, err = s.read(what, at, size); err != nil {
		return nil, err
	}
	return c.data, nil
}
