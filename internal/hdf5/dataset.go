package hdf5

import (
	"fmt"
	"io"
	"math"
)

const (
	// A dataset larger than bombFloor must not be more than bombRatio times what the file stores for it: gzip cannot
	// do better, so more is an attempt to exhaust memory.
	bombFloor = 64 << 20
	bombRatio = 1100
	// A chunk that is larger than its dataset and than bombFloor must not be more than chunkRatio times the file.
	chunkRatio = 16
)

// Dataset is an array in the file.
type Dataset struct {
	object
	dtype   Datatype
	space   dataspace
	layout  layout
	filters []filter
	fill    []byte
	size    int64
}

func (f *File) newDataset(h *header, path string) (*Dataset, error) {
	d := &Dataset{object: object{file: f, head: h, path: path}}
	if h.has(msgExternal) {
		return nil, unsupported("a dataset whose values lie in other files is not followed")
	}
	space, err := h.find(msgDataspace, "dataspace")
	if err != nil {
		return nil, err
	}
	dtype, err := h.find(msgDatatype, "datatype")
	if err != nil {
		return nil, err
	}
	if space == nil || dtype == nil {
		return nil, corrupt("object header", h.addr, "a dataset without a shape or type")
	}
	if d.space, err = parseDataspace(space); err != nil {
		return nil, err
	}
	if d.dtype, err = parseDatatype(dtype); err != nil {
		return nil, err
	}
	if !d.space.null {
		if d.size, err = product(d.space.shape, d.dtype.Size); err != nil {
			return nil, err
		}
	}
	place, err := h.find(msgLayout, "data layout")
	if err != nil {
		return nil, err
	}
	if d.layout, err = parseLayout(place, len(d.space.shape)); err != nil {
		return nil, err
	}
	if d.filters, err = parseFilters(h); err != nil {
		return nil, err
	}
	if d.fill, err = parseFill(h); err != nil {
		return nil, err
	}
	if len(d.fill) != 0 && len(d.fill) != d.dtype.Size {
		return nil, corrupt("fill value", h.addr, "%d bytes for %s", len(d.fill), d.dtype)
	}
	return d, d.checkLayout()
}

// checkLayout compares the shape with what is stored.
func (d *Dataset) checkLayout() error {
	l, at := &d.layout, d.head.addr
	switch l.class {
	case layoutCompact:
		if int64(len(l.data)) < d.size {
			return corrupt("data layout", at, "%d bytes stored for %d", len(l.data), d.size)
		}
	case layoutContiguous:
		if l.addr == undefined || d.size == 0 {
			return nil
		}
		if l.size < uint64(d.size) {
			return corrupt("data layout", at, "%d bytes stored for %d", l.size, d.size)
		}
		return d.file.src.check("values", l.addr, uint64(d.size))
	case layoutChunked:
		if l.elementSize != d.dtype.Size {
			return corrupt("data layout", at, "elements of %d bytes in chunks, of %d in the type", l.elementSize, d.dtype.Size)
		}
		size, err := product(l.chunk, l.elementSize)
		if err != nil || size > math.MaxInt32 {
			return unsupported("chunks of shape %v and %d bytes an element", l.chunk, l.elementSize)
		}
		// A chunk is unpacked whole, however little of it lies within the dataset.
		if size > bombFloor && size > d.size && uint64(size)/chunkRatio > d.file.src.size {
			return unsupported("chunks of %d bytes in a dataset of %d and a file of %d; it would exhaust memory", size, d.size, d.file.src.size)
		}
	}
	return nil
}

// Shape returns the size of each dimension; it is empty for a single value.
func (d *Dataset) Shape() []int { return append([]int{}, d.space.shape...) }

// Type returns the type of each element.
func (d *Dataset) Type() Datatype { return d.dtype }

// Null tells that the dataset has a type and no values at all (h5py.Empty).
func (d *Dataset) Null() bool { return d.space.null }

// NumBytes is how much memory the values take.
func (d *Dataset) NumBytes() int64 { return d.size }

// Read fills dst, of exactly NumBytes bytes, with the values in row-major order and little-endian bytes. Values of kind
// VarString are references; see Strings.
func (d *Dataset) Read(dst []byte) error {
	if int64(len(dst)) != d.size {
		return fmt.Errorf("%s: a buffer of %d bytes for %d", d.path, len(dst), d.size)
	}
	if err := d.dtype.readable(); err != nil {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	if err := d.readInto(dst); err != nil {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	if d.dtype.bigEndian {
		swap(dst, d.dtype.Size)
	}
	if d.dtype.Kind == Bool {
		// Only 0 and 1 are booleans to Go; a stranger's file may hold anything.
		for i, b := range dst {
			if b > 1 {
				dst[i] = 1
			}
		}
	}
	return nil
}

// Bytes returns the values as Read does. It refuses a dataset whose shape is out of all proportion to what the file holds.
func (d *Dataset) Bytes() ([]byte, error) {
	if err := d.CheckSize(); err != nil {
		return nil, err
	}
	dst := make([]byte, d.size)
	if err := d.Read(dst); err != nil {
		return nil, err
	}
	return dst, nil
}

// Strings returns the texts of a dataset of text type, in row-major order.
func (d *Dataset) Strings() ([]string, error) {
	if !d.dtype.isText() {
		return nil, fmt.Errorf("%s: holds %s, not text", d.path, d.dtype)
	}
	data, err := d.Bytes()
	if err != nil || d.space.null {
		return nil, err
	}
	count, err := d.space.count()
	if err == nil {
		var texts []string
		if texts, err = d.file.decodeTexts(d.dtype, data, count); err == nil {
			return texts, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", d.path, err)
}

// WriteTo streams the values to w, in the form that Read gives. A contiguous dataset takes next to no memory.
func (d *Dataset) WriteTo(w io.Writer) (int64, error) {
	if err := d.dtype.readable(); err != nil {
		return 0, fmt.Errorf("%s: %w", d.path, err)
	}
	if d.layout.class == layoutContiguous && d.layout.addr != undefined &&
		!d.dtype.bigEndian && d.dtype.Kind != Bool {
		src := d.file.src
		n, err := io.Copy(w, io.NewSectionReader(src.r, src.base+int64(d.layout.addr), d.size))
		if err == nil && n != d.size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", d.path, err)
		}
		return n, err
	}
	data, err := d.Bytes()
	if err != nil {
		return 0, err
	}
	n, err := w.Write(data)
	return int64(n), err
}

// CheckSize refuses a dataset whose values would take memory out of all proportion to what the file holds. Bytes checks
// by itself; call it before making a buffer for Read.
func (d *Dataset) CheckSize() error {
	if d.size <= bombFloor {
		return nil
	}
	stored, err := d.storedBytes()
	if err != nil {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	if d.size/bombRatio > stored {
		return fmt.Errorf("%s: %w", d.path, unsupported("shape %v of %s takes %d bytes, and the file stores %d; "+
			"it would exhaust memory", d.space.shape, d.dtype, d.size, stored))
	}
	return nil
}

// storedBytes is how much of the file the values take.
func (d *Dataset) storedBytes() (int64, error) {
	switch {
	case d.layout.class == layoutCompact:
		return int64(len(d.layout.data)), nil
	case d.layout.addr == undefined:
		return 0, nil
	case d.layout.class == layoutContiguous:
		return d.size, nil
	}
	total := int64(0)
	err := d.walkChunks(func(c chunk) error { total += int64(c.size); return nil })
	return total, err
}

func (d *Dataset) readInto(dst []byte) error {
	switch {
	case d.size == 0:
		return nil
	case d.layout.class == layoutCompact:
		copy(dst, d.layout.data)
		return nil
	case d.layout.addr == undefined:
		d.fillAll(dst)
		return nil
	case d.layout.class == layoutContiguous:
		return d.file.src.readInto("values", d.layout.addr, dst)
	}
	return d.readChunks(dst)
}

// fillAll writes the fill value everywhere.
func (d *Dataset) fillAll(dst []byte) {
	clear(dst)
	if len(d.fill) == 0 {
		return
	}
	for n := copy(dst, d.fill); n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}
