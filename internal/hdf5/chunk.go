package hdf5

import (
	"fmt"
	"math"
	"slices"
)

// chunk is one stored piece of a dataset.
type chunk struct {
	at   []int // its first element
	addr uint64
	size uint64 // as stored
	mask uint32 // filters that were left out
}

// grid is how many chunks there are along each dimension.
func (d *Dataset) grid() ([]int, int64, error) {
	out := make([]int, len(d.space.shape))
	for i, n := range d.space.shape {
		out[i] = 0
		if n > 0 {
			out[i] = (n-1)/d.layout.chunk[i] + 1
		}
	}
	total, err := product(out, 1)
	return out, total, err
}

func (d *Dataset) chunkBytes() int {
	n := d.layout.elementSize
	for _, c := range d.layout.chunk {
		n *= c
	}
	return n
}

// walkChunks calls visit with every stored chunk.
func (d *Dataset) walkChunks(visit func(chunk) error) error {
	src, l := d.file.src, d.layout
	grid, total, err := d.grid()
	if err != nil || total == 0 {
		return err
	}
	whole := uint64(d.chunkBytes())
	rank := len(l.chunk)
	stored := uint64(0)
	// emit checks what every index gives.
	emit := func(c chunk) error {
		if c.addr == undefined {
			return nil
		}
		if stored += c.size; stored > src.size {
			return corrupt("chunk", c.addr, "the chunks together exceed the file")
		}
		if err := src.check("chunk", c.addr, c.size); err != nil {
			return err
		}
		return visit(c)
	}
	linear := func(i int64, addr, size uint64, mask uint32) error {
		at := make([]int, rank)
		for k := rank - 1; k >= 0; k-- {
			at[k] = int(i%int64(grid[k])) * l.chunk[k]
			i /= int64(grid[k])
		}
		return emit(chunk{at, addr, size, mask})
	}
	filtered := len(d.filters) > 0
	switch l.index {
	case indexBtree1:
		return src.walkBtree1(l.addr, 1, rank, func(addr uint64, key *cursor) error {
			c := chunk{addr: addr, size: key.u32(), mask: uint32(key.u32())}
			for range rank {
				v := key.uint(8)
				if v > math.MaxInt64 {
					key.fail("a chunk at %d", v)
				}
				c.at = append(c.at, int(v))
			}
			if key.err != nil {
				return key.err
			}
			return emit(c)
		})
	case indexSingle:
		if filtered && l.singleSize > 0 {
			return linear(0, l.addr, l.singleSize, l.singleMask)
		}
		return linear(0, l.addr, whole, math.MaxUint32)
	case indexImplicit:
		if uint64(total) > src.size/whole {
			return corrupt("chunks", l.addr, "%d chunks of %d bytes pass the end of the file", total, whole)
		}
		for i := range total {
			if err := linear(i, l.addr+uint64(i)*whole, whole, math.MaxUint32); err != nil {
				return err
			}
		}
		return nil
	case indexFixed:
		return src.walkFixedArray(l.addr, total, filtered, whole, linear)
	case indexBtree2:
		kind := treeChunks
		if filtered {
			kind = treeFilteredChunks
		}
		return src.walkBtree2(l.addr, kind, func(rec *cursor) error {
			c := chunk{addr: rec.offset(), size: whole, mask: math.MaxUint32}
			if filtered {
				c.size = rec.uint(len(rec.data) - src.offSize - 4 - 8*rank)
				c.mask = uint32(rec.u32())
			}
			for k := range rank {
				v := rec.uint(8)
				if rec.err == nil && v >= uint64(grid[k]) {
					rec.fail("a chunk at %d of %d", v, grid[k])
				}
				c.at = append(c.at, int(v)*l.chunk[k])
			}
			if rec.err != nil {
				return rec.err
			}
			return emit(c)
		})
	}
	return unsupported("a chunk index of type %d", l.index)
}

// walkFixedArray reads the index of a chunked dataset that cannot grow.
func (s *source) walkFixedArray(addr uint64, total int64, filtered bool, whole uint64,
	visit func(i int64, addr, size uint64, mask uint32) error) error {
	const what = "fixed array"
	head := 8 + s.lenSize + s.offSize + 4
	c, err := s.read(what, addr, uint64(head))
	if err != nil {
		return err
	}
	c.signature("FAHD")
	c.version(0)
	client, width, pageBits := c.u8(), c.u8(), c.u8()
	count, at := c.length(), c.offset()
	c.checksum(head)
	if c.err != nil || at == undefined {
		return c.err
	}
	sizeWidth := width - s.offSize - 4
	if client > 1 || (client == 1) != filtered || (client == 0 && width != s.offSize) ||
		(client == 1 && (sizeWidth < 1 || sizeWidth > 8)) || pageBits > 30 {
		return corrupt(what, addr, "entries of %d bytes for client %d", width, client)
	}
	if count < uint64(total) || count > s.size {
		return corrupt(what, addr, "%d entries for %d chunks", count, total)
	}
	page := uint64(1) << pageBits
	prefix := uint64(6 + s.offSize)
	pages := uint64(0)
	if count > page {
		pages = (count + page - 1) / page
		prefix += (pages + 7) / 8
	}
	if c, err = s.read(what, at, prefix); err != nil {
		return err
	}
	c.signature("FADB")
	c.version(0)
	c.skip(1 + s.offSize)
	if c.err != nil {
		return c.err
	}
	bitmap := c.bytes(c.left())
	entries := func(at uint64, first, n uint64, skip int) error {
		c, err := s.read(what, at, uint64(skip)+n*uint64(width)+4)
		if err != nil {
			return err
		}
		c.checksum(len(c.data))
		c.skip(skip)
		for i := first; i < first+n && i < uint64(total); i++ {
			chunkAt, size, mask := c.offset(), whole, uint32(math.MaxUint32)
			if filtered {
				size, mask = c.uint(sizeWidth), uint32(c.u32())
			}
			if c.err != nil {
				return c.err
			}
			if err := visit(int64(i), chunkAt, size, mask); err != nil {
				return err
			}
		}
		return c.err
	}
	if pages == 0 {
		return entries(at, 0, count, int(prefix))
	}
	next := at + prefix + 4
	for p := range pages {
		n := min(page, count-p*page)
		if bitmap[p/8]>>(7-p%8)&1 != 0 {
			if err := entries(next, p*page, n, 0); err != nil {
				return err
			}
		}
		next += n*uint64(width) + 4
	}
	return nil
}

// readChunks puts every chunk in its place in dst.
func (d *Dataset) readChunks(dst []byte) error {
	d.fillAll(dst)
	whole := d.chunkBytes()
	var buffer []byte
	seen := map[uint64]bool{}
	return d.walkChunks(func(c chunk) error {
		if seen[c.addr] {
			return corrupt("chunk", c.addr, "two places use it")
		}
		seen[c.addr] = true
		partial := false
		for k, at := range c.at {
			if at >= d.space.shape[k] || at%d.layout.chunk[k] != 0 {
				return corrupt("chunk", c.addr, "it lies at %v in a dataset of shape %v", c.at, d.space.shape)
			}
			partial = partial || d.space.shape[k]-at < d.layout.chunk[k]
		}
		filters := d.filters
		if partial && d.layout.partialRaw {
			filters = nil
		}
		active := false
		for i := range filters {
			active = active || c.mask>>i&1 == 0
		}
		if !active && c.size != uint64(whole) {
			return corrupt("chunk", c.addr, "%d bytes stored for %d", c.size, whole)
		}
		if whole > bombFloor && uint64(whole)/bombRatio > c.size {
			return corrupt("chunk", c.addr, "%d bytes stored for %d", c.size, whole)
		}
		if c.size > maxMetadata && c.size > uint64(whole)+uint64(whole)/8 {
			return corrupt("chunk", c.addr, "%d bytes stored for %d", c.size, whole)
		}
		buffer = slices.Grow(buffer[:0], int(c.size))[:c.size]
		if err := d.file.src.readInto("chunk", c.addr, buffer); err != nil {
			return err
		}
		data := buffer
		if active {
			var err error
			if data, err = undo(filters, c.mask, buffer, whole, d.dtype.Size); err != nil {
				return fmt.Errorf("chunk at %v: %w", c.at, err)
			}
		}
		d.place(dst, data, c.at)
		return nil
	})
}

// place copies the rows of a chunk that lie within the dataset.
func (d *Dataset) place(dst, data []byte, at []int) {
	rank := len(at)
	shape, size := d.space.shape, d.layout.chunk
	last := rank - 1
	row := size[last] * d.dtype.Size
	n := min(size[last], shape[last]-at[last]) * d.dtype.Size
	index := make([]int, rank) // within the chunk; the last stays 0
	for {
		from, to := 0, 0
		for k := range last {
			from = from*size[k] + index[k]
			to = to*shape[k] + at[k] + index[k]
		}
		to = (to*shape[last] + at[last]) * d.dtype.Size
		copy(dst[to:to+n], data[from*row:])
		k := last - 1
		for ; k >= 0; k-- {
			if index[k]++; index[k] < size[k] && at[k]+index[k] < shape[k] {
				break
			}
			index[k] = 0
		}
		if k < 0 {
			return
		}
	}
}
