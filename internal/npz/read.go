package npz

import (
	"archive/zip"
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

const (
	suffix     = ".npy"
	maxEntries = 1 << 16
	// Deflate cannot compress more than 1032 to 1.
	maxRatio = 1032
	// All entries unpacked may take freeBytes, and beyond that usualRatio times the size of the archive.
	freeBytes  = 4 << 30
	usualRatio = 16
)

// Archive is an open archive. It may be used concurrently.
type Archive struct {
	names   []string
	entries map[string]*zip.File
	file    *os.File // nil after New
}

// Open opens the archive at path. Close gives it back.
func Open(path string) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file, and a .npz archive was expected")
	}
	var a *Archive
	if err == nil {
		a, err = New(f, info.Size())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	a.file = f
	return a, nil
}

// New opens an archive that lies in the size bytes of r.
func New(r io.ReaderAt, size int64) (*Archive, error) {
	var head [len(magic)]byte
	if n, _ := r.ReadAt(head[:], 0); string(head[:n]) == magic {
		return nil, errors.New("it is a single array as numpy.save writes it: save it with numpy.savez, which gives arrays names")
	}
	z, err := zip.NewReader(r, size)
	// Entries are looked up by name and never written anywhere, so that an insecure name does no harm.
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("the archive is cut short or damaged: %w", err)
	}
	if len(z.File) > maxEntries {
		return nil, fmt.Errorf("the archive has more than %d entries", maxEntries)
	}
	if err := checkSizes(z.File, size); err != nil {
		return nil, err
	}
	a := &Archive{entries: map[string]*zip.File{}}
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, suffix)
		if !ok {
			continue
		}
		if a.entries[name] != nil {
			return nil, fmt.Errorf("the entry %q is there twice", f.Name)
		}
		a.entries[name] = f
		a.names = append(a.names, name)
	}
	return a, nil
}

// checkSizes holds what the entries declare against what the archive can hold.
func checkSizes(files []*zip.File, size int64) error {
	type span struct {
		start, end int64
		name       string
	}
	var spans []span
	budget := uint64(max(freeBytes, usualRatio*size))
	for _, f := range files {
		start, err := f.DataOffset()
		if err != nil {
			return fmt.Errorf("the entry %q: the archive is damaged: %w", f.Name, err)
		}
		packed, plain := f.CompressedSize64, f.UncompressedSize64
		switch {
		case f.Flags&1 != 0:
			return fmt.Errorf("the entry %q is encrypted", f.Name)
		case packed > uint64(size) || start > size-int64(packed):
			return fmt.Errorf("the entry %q: the archive is cut short: %d bytes at %d, and it has %d", f.Name, packed, start, size)
		case f.Method == zip.Store && plain != packed, f.Method == zip.Deflate && plain/maxRatio > packed:
			return fmt.Errorf("the entry %q declares %d bytes, which the %d bytes it takes in the archive cannot hold", f.Name, plain, packed)
		case plain > budget:
			return fmt.Errorf("the archive of %d bytes declares more than %d bytes of arrays: save it without compression (numpy.savez)",
				size, max(freeBytes, usualRatio*size))
		}
		budget -= plain
		if packed > 0 {
			spans = append(spans, span{start, start + int64(packed), f.Name})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	for i := 1; i < len(spans); i++ {
		if spans[i].start < spans[i-1].end {
			return fmt.Errorf("the entries %q and %q share bytes of the archive", spans[i-1].name, spans[i].name)
		}
	}
	return nil
}

// Close gives back the file of Open.
func (a *Archive) Close() error {
	if a.file == nil {
		return nil
	}
	return a.file.Close()
}

// Names returns the names of the arrays in their order in the archive. Entries that are not arrays are left out.
func (a *Archive) Names() []string { return slices.Clone(a.names) }

// Has reports whether there is an array of that name.
func (a *Archive) Has(name string) bool { return a.entries[name] != nil }

// Array reads the header of the array of that name.
func (a *Archive) Array(name string) (*Array, error) {
	f := a.entries[name]
	if f == nil {
		return nil, fmt.Errorf("the archive has no array %q, only %s", name, quoted(a.names))
	}
	out := &Array{name: name, entry: f}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("the array %q: %w", name, err)
	}
	defer func() { _ = r.Close() }()
	if out.header, err = readHeader(r); err != nil {
		return nil, fmt.Errorf("the array %q: %w", name, err)
	}
	if have := int64(f.UncompressedSize64) - out.length; have != out.numBytes {
		return nil, fmt.Errorf("the array %q of shape %s and type %s takes %d bytes, and has %d",
			name, ShapeString(out.shape), out.kind.name, out.numBytes, have)
	}
	return out, nil
}

// Tensor reads the array of that name.
func (a *Archive) Tensor(name string) (*tensors.Tensor, error) {
	array, err := a.Array(name)
	if err != nil {
		return nil, err
	}
	return array.Tensor()
}

func quoted(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	const most = 20
	var out []string
	for _, n := range names[:min(len(names), most)] {
		out = append(out, fmt.Sprintf("%.60q", n))
	}
	if len(names) > most {
		out = append(out, fmt.Sprintf("and %d others", len(names)-most))
	}
	return strings.Join(out, ", ")
}

// Array is an array whose elements are still in the archive.
type Array struct {
	header
	name  string
	entry *zip.File
}

// Shape returns the length of each axis; it is empty for a single value.
func (a *Array) Shape() []int { return slices.Clone(a.shape) }

// DType is the type of the elements.
func (a *Array) DType() dtypes.DType { return a.kind.tensor }

// Descr is the type of the elements as the file has it: "<f4".
func (a *Array) Descr() string { return a.descr }

// NumBytes is how much memory the elements take.
func (a *Array) NumBytes() int64 { return a.numBytes }

// Read fills dst, of exactly NumBytes bytes, with the elements: little-endian, in C order.
func (a *Array) Read(dst []byte) error {
	if int64(len(dst)) != a.numBytes {
		return fmt.Errorf("the array %q: a buffer of %d bytes for %d", a.name, len(dst), a.numBytes)
	}
	if err := a.readFile(dst); err != nil {
		return fmt.Errorf("the array %q: %w", a.name, err)
	}
	a.arrange(dst)
	return nil
}

// readFile reads the elements as they lie in the file, to its end, where zip compares checksums.
func (a *Array) readFile(dst []byte) error {
	r, err := a.entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	in := bufio.NewReaderSize(r, 1<<16)
	if _, err := in.Discard(int(a.length)); err != nil {
		return err
	}
	if n, err := io.ReadFull(in, dst); err != nil {
		return fmt.Errorf("after %d of %d bytes: %w", n, len(dst), err)
	}
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errors.New("it goes on after its last element")
		}
		return err
	}
	return nil
}

// toC puts elements in Fortran order, the first axis fastest, into C order, the last fastest.
func toC(dst, src []byte, shape []int, size int) {
	strides := make([]int, len(shape))
	step := size
	for i, n := range shape {
		strides[i] = step
		step *= n
	}
	index := make([]int, len(shape))
	at := 0
	for to := 0; to < len(dst); to += size {
		copy(dst[to:to+size], src[at:])
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis]++
			at += strides[axis]
			if index[axis] < shape[axis] {
				break
			}
			at -= strides[axis] * shape[axis]
			index[axis] = 0
		}
	}
}

// Tensor reads the elements into a tensor in host memory.
func (a *Array) Tensor() (*tensors.Tensor, error) {
	return a.tensor(a.Read)
}

// tensor makes a tensor that read fills.
func (a *Array) tensor(read func(dst []byte) error) (t *tensors.Tensor, err error) {
	// The tensor library reports some failures by panicking.
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("the array %q: a tensor of %s and shape %s: %v", a.name, a.kind.name, ShapeString(a.shape), r)
		}
	}()
	t = tensors.FromShape(shapes.Make(a.kind.tensor, a.shape...))
	if a.numBytes == 0 {
		return t, read(nil)
	}
	var failed error
	if err := t.MutableBytes(func(data []byte) { failed = read(data) }); err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	return t, nil
}
