package hdf5

import (
	"bytes"
	"encoding/binary"
	"sync"
)

// textHeap gives the texts of variable strings, which HDF5 keeps in global heap collections.
//
// Each text is read once, so that many references to one long text cost no more than the text.
type textHeap struct {
	mu          sync.Mutex
	collections map[uint64]map[int][]byte
	texts       map[textRef]string
}

type textRef struct {
	addr  uint64
	index int
	n     uint64
}

// get returns the text that a reference (length, collection, index) of src names.
func (h *textHeap) get(src *source, ref []byte) (string, error) {
	c := src.cursor("text reference", 0, ref)
	n, addr := c.u32(), c.offset()
	index := int(c.u32())
	if c.err != nil {
		return "", c.err
	}
	if n == 0 || addr == 0 || addr == undefined {
		return "", nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	key := textRef{addr, index, n}
	if text, ok := h.texts[key]; ok {
		return text, nil
	}
	objects, ok := h.collections[addr]
	if !ok {
		var err error
		if objects, err = readCollection(src, addr); err != nil {
			return "", err
		}
		if h.collections == nil {
			h.collections, h.texts = map[uint64]map[int][]byte{}, map[textRef]string{}
		}
		h.collections[addr] = objects
	}
	data, ok := objects[index]
	if !ok || n > uint64(len(data)) {
		return "", corrupt("global heap", addr, "it holds no text %d of %d bytes", index, n)
	}
	text := string(data[:n])
	h.texts[key] = text
	return text, nil
}

// readCollection returns the objects of a global heap collection by their index.
func readCollection(src *source, addr uint64) (map[int][]byte, error) {
	const what = "global heap"
	c, err := src.read(what, addr, uint64(8+src.lenSize))
	if err != nil {
		return nil, err
	}
	c.signature("GCOL")
	c.version(1)
	c.skip(3)
	size := c.length()
	if c.err != nil {
		return nil, c.err
	}
	head := c.pos
	if c, err = src.read(what, addr, size); err != nil {
		return nil, err
	}
	c.skip(head)
	objects := map[int][]byte{}
	for c.err == nil && c.left() >= 8+src.lenSize {
		index := c.u16()
		c.skip(2 + 4)
		n := c.length()
		if index == 0 {
			break // the free space at the end
		}
		if n > uint64(c.left()) {
			c.fail("object %d of %d bytes passes its end", index, n)
			break
		}
		objects[index] = c.bytes(int(n))
		c.align()
	}
	return objects, c.err
}

// decodeTexts turns the elements of a text type into Go strings.
func (f *File) decodeTexts(d Datatype, data []byte, count int64) ([]string, error) {
	if count*int64(d.Size) != int64(len(data)) {
		return nil, corrupt("text", 0, "%d elements of %d bytes in %d bytes", count, d.Size, len(data))
	}
	out := make([]string, count)
	for i := range out {
		element := data[i*d.Size : (i+1)*d.Size]
		switch {
		case d.Kind == VarString:
			text, err := f.texts.get(f.src, element)
			if err != nil {
				return nil, err
			}
			out[i] = text
		case d.spaces:
			out[i] = string(bytes.TrimRight(element, " "))
		default:
			out[i] = string(bytes.TrimRight(element, "\x00"))
		}
	}
	return out, nil
}

var le = binary.LittleEndian
