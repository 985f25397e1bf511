package hdf5

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

const (
	filterDeflate  = 1
	filterShuffle  = 2
	filterFletcher = 3
)

var filterNames = map[int]string{4: "szip", 5: "n-bit", 6: "scale-offset", 32000: "lzf", 32001: "blosc", 32015: "zstandard"}

// filter is one step of the pipeline that a chunk went through when it was written.
type filter struct {
	id     int
	values []uint64
}

func parseFilters(h *header) ([]filter, error) {
	c, err := h.find(msgFilters, "filter pipeline")
	if c == nil || err != nil {
		return nil, err
	}
	version := c.version(1, 2)
	count := c.u8()
	if c.err == nil && count > 32 {
		c.fail("%d filters; the format allows 32", count)
	}
	if version == 1 {
		c.skip(6)
	}
	var out []filter
	for range count {
		f := filter{id: c.u16()}
		nameSize := 0
		if version == 1 || f.id >= 256 {
			nameSize = c.u16()
		}
		c.skip(2)
		n := c.u16()
		if version == 1 {
			nameSize = (nameSize + 7) &^ 7
		}
		c.skip(nameSize)
		for range n {
			f.values = append(f.values, c.u32())
			if c.err != nil {
				return nil, c.err
			}
		}
		if version == 1 && n%2 == 1 {
			c.skip(4)
		}
		switch f.id {
		case filterDeflate, filterShuffle, filterFletcher:
		default:
			name := filterNames[f.id]
			if name == "" {
				name = fmt.Sprintf("number %d", f.id)
			}
			return nil, unsupported("values filtered with %s; gzip, shuffle and fletcher32 are read", name)
		}
		out = append(out, f)
	}
	return out, c.err
}

// undo turns a stored chunk into the size bytes it was made from. Bit i of mask tells that filter i was not applied.
func undo(filters []filter, mask uint32, stored []byte, size, elementSize int) ([]byte, error) {
	data := stored
	for i := len(filters) - 1; i >= 0; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		switch filters[i].id {
		case filterDeflate:
			var err error
			if data, err = inflate(data, size+4*len(filters)); err != nil {
				return nil, fmt.Errorf("%w: a chunk's gzip data: %w", ErrCorrupt, err)
			}
		case filterShuffle:
			width := elementSize
			if len(filters[i].values) > 0 {
				width = int(filters[i].values[0])
			}
			data = unshuffle(data, width)
		case filterFletcher:
			if len(data) < 4 {
				return nil, fmt.Errorf("%w: a chunk without its checksum", ErrCorrupt)
			}
			body, sum := data[:len(data)-4], le.Uint32(data[len(data)-4:])
			if got := fletcher32(body); got != sum {
				return nil, fmt.Errorf("%w: a chunk's checksum is %#08x, and should be %#08x", ErrCorrupt, got, sum)
			}
			data = body
		}
	}
	if len(data) != size {
		return nil, fmt.Errorf("%w: a chunk of %d bytes that should have %d", ErrCorrupt, len(data), size)
	}
	return data, nil
}

// inflate never gives, nor takes memory for, much more than limit bytes.
func inflate(data []byte, limit int) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if n, err := io.Copy(&out, io.LimitReader(r, int64(limit)+1)); err != nil {
		return nil, err
	} else if n > int64(limit) {
		return nil, errors.New("it grows larger than the chunk")
	}
	return out.Bytes(), r.Close()
}

// unshuffle brings the bytes of each element together again; a rest that fills no element stays as it is.
func unshuffle(data []byte, width int) []byte {
	if width <= 1 || len(data) < width {
		return data
	}
	n := len(data) / width
	out := make([]byte, len(data))
	for b := range width {
		column := data[b*n : (b+1)*n]
		for i, v := range column {
			out[i*width+b] = v
		}
	}
	copy(out[n*width:], data[n*width:])
	return out
}

// fletcher32 is the checksum as the format defines it, over big-endian 16-bit words.
func fletcher32(data []byte) uint32 {
	var a, b uint32
	for words := len(data) / 2; words > 0; {
		run := min(words, 360) // the sums cannot overflow within a run
		words -= run
		for range run {
			a += uint32(data[0])<<8 | uint32(data[1])
			b += a
			data = data[2:]
		}
		a = a&0xffff + a>>16
		b = b&0xffff + b>>16
	}
	if len(data) == 1 {
		a += uint32(data[0]) << 8
		b += a
		a = a&0xffff + a>>16
		b = b&0xffff + b>>16
	}
	a = a&0xffff + a>>16
	b = b&0xffff + b>>16
	return b<<16 | a
}
