package datasets

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	npzMaxEntries = 1000
	npyMaxHeader  = 1 << 16
)

// npyHeader is the dictionary at the head of an array, in the one form that NumPy writes it.
var npyHeader = regexp.MustCompile(`^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\),? *\} *\n?$`)

// openNPZ opens an archive of NumPy arrays.
func openNPZ(r io.ReaderAt, size int64) (map[string]*zip.File, error) {
	z, err := zip.NewReader(r, size)
	// Entries are looked up by name and never written anywhere, so that an insecure name does no harm.
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("the archive is cut short or damaged: %w", err)
	}
	if len(z.File) > npzMaxEntries {
		return nil, fmt.Errorf("the archive has more than %d entries", npzMaxEntries)
	}
	files := make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		if files[f.Name] != nil {
			return nil, fmt.Errorf("the entry %q is there twice", f.Name)
		}
		files[f.Name] = f
	}
	return files, nil
}

// readNPY reads the array name, which must be of type uint8 in C order and have the axes of item after a first one of
// 1 to maxItems.
func readNPY(files map[string]*zip.File, name string, maxItems int, item ...int) (n int, data []byte, err error) {
	f := files[name+".npy"]
	if f == nil {
		return 0, nil, fmt.Errorf("the archive has no array %q", name)
	}
	r, err := f.Open()
	if err != nil {
		return 0, nil, fmt.Errorf("the array %q: %w", name, err)
	}
	defer func() { _ = r.Close() }()
	shape, err := readNPYHeader(r)
	if err != nil {
		return 0, nil, fmt.Errorf("the array %q: %w", name, err)
	}
	want := "(samples,)"
	if len(item) > 0 {
		want = "(samples, " + strings.Trim(strings.ReplaceAll(fmt.Sprint(item), " ", ", "), "[]") + ")"
	}
	if len(shape) != 1+len(item) || !slices.Equal(shape[1:], item) {
		return 0, nil, fmt.Errorf("the array %q has shape %v, and %s was expected", name, shape, want)
	}
	if shape[0] < 1 || shape[0] > maxItems {
		return 0, nil, fmt.Errorf("the array %q has %d samples, and 1 to %d were expected", name, shape[0], maxItems)
	}
	size := int64(shape[0])
	for _, d := range item {
		size *= int64(d)
	}
	// One byte more shows an array that is too long, and lets zip check its checksum.
	data, err = io.ReadAll(io.LimitReader(r, size+1))
	switch {
	case err != nil:
		return 0, nil, fmt.Errorf("the array %q, after %d of %d bytes: %w", name, len(data), size, err)
	case int64(len(data)) != size:
		return 0, nil, fmt.Errorf("the array %q of shape %v has not %d bytes", name, shape, size)
	}
	return shape[0], data, nil
}

// readNPYHeader reads up to the elements of an array of type uint8 in C order and returns its shape.
func readNPYHeader(r io.Reader) ([]int, error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, fmt.Errorf("in the header: %w", err)
	}
	if !bytes.HasPrefix(start[:], []byte("\x93NUMPY")) {
		return nil, errors.New("it does not start as a NumPy array does")
	}
	var length int64
	switch major := start[6]; major {
	case 1:
		var b [2]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return nil, fmt.Errorf("in the header: %w", err)
		}
		length = int64(binary.LittleEndian.Uint16(b[:]))
	case 2, 3:
		var b [4]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return nil, fmt.Errorf("in the header: %w", err)
		}
		length = int64(binary.LittleEndian.Uint32(b[:]))
	default:
		return nil, fmt.Errorf("version %d of the format, and 1 to 3 were expected", major)
	}
	if length > npyMaxHeader {
		return nil, fmt.Errorf("a header of %d bytes, and %d are the most expected", length, npyMaxHeader)
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, fmt.Errorf("in the header: %w", err)
	}
	m := npyHeader.FindSubmatch(header)
	if m == nil {
		return nil, errors.New("the header is not one that NumPy writes for a plain array")
	}
	if descr := string(m[1]); descr != "|u1" && descr != "u1" && descr != "<u1" && descr != ">u1" {
		return nil, fmt.Errorf("elements of type %q, and \"|u1\" (uint8) was expected", descr)
	}
	if string(m[2]) != "False" {
		return nil, errors.New("elements in Fortran order, and C order was expected")
	}
	var shape []int
	for _, d := range strings.Split(string(m[3]), ",") {
		d = strings.TrimSpace(d)
		if d == "" {
			continue
		}
		n, err := strconv.Atoi(d)
		if err != nil || len(shape) == 8 {
			return nil, fmt.Errorf("the shape (%.100s) is not one", m[3])
		}
		shape = append(shape, n)
	}
	return shape, nil
}
