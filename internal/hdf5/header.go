package hdf5

import "sync"

// The types of object header messages that matter here.
const (
	msgDataspace    = 0x01
	msgLinkInfo     = 0x02
	msgDatatype     = 0x03
	msgFillOld      = 0x04
	msgFill         = 0x05
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgFilters      = 0x0b
	msgAttribute    = 0x0c
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
	msgAttrInfo     = 0x15
	msgLastKnown    = 0x18
)

// message is one object header message, its data not yet decoded.
type message struct {
	kind   int
	shared bool
	addr   uint64
	data   []byte
}

// header holds the messages of one object, in the order of the file.
type header struct {
	src      *source
	addr     uint64
	messages []message

	once  sync.Once
	attrs []Attribute
	err   error
}

// block is a piece of an object header: the first, or a continuation.
type block struct{ addr, size uint64 }

// headerReader gathers the messages of the blocks that chain up.
type headerReader struct {
	header
	version  int
	order    bool // version 2: messages carry a creation order
	pending  []block
	seen     map[uint64]bool
	consumed uint64
}

// readHeader returns every message of the object at addr. It reads each object once, and no more than the file holds: without
// that, objects that overlap or are referred to over and over would take unbounded time.
func (s *source) readHeader(addr uint64) (*header, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.headers[addr]; h != nil {
		return h, nil
	}
	r, err := s.parseHeader(addr)
	if err != nil {
		return nil, err
	}
	if s.headerBytes += r.consumed; s.headerBytes > s.size {
		return nil, corrupt("object header", addr, "the objects together exceed the file")
	}
	if s.headers == nil {
		s.headers = map[uint64]*header{}
	}
	s.headers[addr] = &r.header
	return &r.header, nil
}

func (s *source) parseHeader(addr uint64) (*headerReader, error) {
	const what = "object header"
	c, err := s.read(what, addr, min(32, s.size-min(addr, s.size)))
	if err != nil {
		return nil, err
	}
	r := &headerReader{header: header{src: s, addr: addr}, seen: map[uint64]bool{}}
	var first block
	prefix := 0
	if len(c.data) >= 4 && string(c.data[:4]) == "OHDR" {
		r.version = 2
		c.skip(4)
		c.version(2)
		flags := c.u8()
		if flags&0x20 != 0 {
			c.skip(16) // times
		}
		if flags&0x10 != 0 {
			c.skip(4) // when attributes turn dense
		}
		r.order = flags&4 != 0
		size := c.uint(1 << (flags & 3))
		prefix = c.pos
		first = block{addr, size}
		if size > maxHeader {
			return nil, corrupt(what, addr, "its size of %d bytes exceeds the limit of %d", size, maxHeader)
		}
		first.size += uint64(prefix) + 4
	} else {
		r.version = 1
		c.version(1)
		c.skip(1 + 2 + 4) // reserved, how many messages, references
		first.size = c.u32() + 16
		first.addr = addr
		prefix = 16
	}
	if c.err != nil {
		return nil, c.err
	}
	r.pending = []block{first}
	for len(r.pending) > 0 {
		next := r.pending[0]
		r.pending = r.pending[1:]
		if err := r.readBlock(next, prefix); err != nil {
			return nil, err
		}
		prefix = 0
	}
	return r, nil
}

// readBlock decodes the messages of one block; prefix is what the first block holds before them.
func (r *headerReader) readBlock(b block, prefix int) error {
	const what = "object header"
	if r.seen[b.addr] {
		return corrupt(what, b.addr, "its continuations form a loop")
	}
	r.seen[b.addr] = true
	if r.consumed += b.size; b.size > maxHeader || r.consumed > maxHeader {
		return corrupt(what, r.addr, "its messages take more than %d bytes", maxHeader)
	}
	c, err := r.src.read(what, b.addr, b.size)
	if err != nil {
		return err
	}
	end := len(c.data)
	if r.version == 2 {
		if prefix == 0 {
			c.signature("OCHK")
		}
		c.checksum(end)
		end -= 4
	}
	c.skip(prefix)
	for c.err == nil {
		if r.version == 1 {
			if end-c.pos < 8 {
				break
			}
			kind, size, flags := c.u16(), c.u16(), c.u8()
			c.skip(3)
			r.add(c, kind, size, flags, end)
			continue
		}
		need := 4
		if r.order {
			need = 6
		}
		if end-c.pos < need {
			break
		}
		kind, size, flags := c.u8(), c.u16(), c.u8()
		if r.order {
			c.skip(2)
		}
		r.add(c, kind, size, flags, end)
	}
	return c.err
}

// add keeps one message, or follows it when it is a continuation.
func (r *headerReader) add(c *cursor, kind, size, flags, end int) {
	if c.err == nil && size > end-c.pos {
		c.fail("a message of %d bytes at byte %d passes its end", size, c.pos)
		return
	}
	addr := c.addr + uint64(c.pos)
	data := c.bytes(size)
	switch {
	case c.err != nil || kind == 0:
	case kind == msgContinuation:
		cc := r.src.cursor("object header continuation", addr, data)
		next := block{cc.offset(), cc.length()}
		if cc.err != nil {
			c.err = cc.err
			return
		}
		r.pending = append(r.pending, next)
	case kind > msgLastKnown && flags&0x80 != 0:
		c.err = unsupported("object header at %#x needs a message of unknown type %#x understood", r.addr, kind)
	default:
		r.messages = append(r.messages, message{kind: kind, shared: flags&2 != 0, addr: addr, data: data})
	}
}

// find returns a cursor on the first message of a kind, or nil.
func (h *header) find(kind int, what string) (*cursor, error) {
	for _, m := range h.messages {
		if m.kind == kind {
			return h.open(m, what)
		}
	}
	return nil, nil
}

// open returns a cursor on a message, following it to another object when it is shared.
func (h *header) open(m message, what string) (*cursor, error) {
	c := h.src.cursor(what, m.addr, m.data)
	if !m.shared {
		return c, nil
	}
	return c.shared(m.kind)
}

// shared follows a reference to a message of another object, such as a named datatype.
func (c *cursor) shared(kind int) (*cursor, error) {
	version := c.version(1, 2, 3)
	where := c.u8()
	if version == 1 {
		c.skip(6)
	}
	if version == 3 && where == 1 {
		return nil, unsupported("%s at %#x lies in a heap of shared messages", c.what, c.addr)
	}
	addr := c.offset()
	if c.err != nil {
		return nil, c.err
	}
	other, err := c.src.readHeader(addr)
	if err != nil {
		return nil, err
	}
	for _, m := range other.messages {
		if m.kind != kind {
			continue
		}
		if m.shared {
			return nil, corrupt(c.what, c.addr, "it is shared through a second reference")
		}
		return c.src.cursor(c.what, m.addr, m.data), nil
	}
	return nil, corrupt(c.what, c.addr, "the object at %#x that should hold it does not", addr)
}

func (h *header) has(kind int) bool {
	for _, m := range h.messages {
		if m.kind == kind {
			return true
		}
	}
	return false
}
