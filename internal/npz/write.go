package npz

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/atomicfile"
)

// alignment is that of the elements in a .npy file.
const alignment = 64

// written is when NumPy says that entries were written: zip's first day, so that the same arrays make the same file.
var written = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// WriteFile writes the arrays to path as Write does, whole or not at all.
func WriteFile(path string, arrays map[string]*tensors.Tensor) error {
	return atomicfile.Write(path, 0o644, func(w *os.File) error { return Write(w, arrays) })
}

// Write writes the arrays uncompressed, sorted by name, as numpy.savez does. NumPy has no bfloat16: such arrays are
// written as float32, which holds every value of theirs. Types that NumPy lacks otherwise are an error.
func Write(w io.Writer, arrays map[string]*tensors.Tensor) error {
	z := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if err := write(z, name, arrays[name]); err != nil {
			return fmt.Errorf("the array %q: %w", name, err)
		}
	}
	return z.Close()
}

func write(z *zip.Writer, name string, t *tensors.Tensor) error {
	switch {
	case name == "" || len(name) > 1000 || !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return errors.New("the name can't be used: want 1 to 1000 bytes of UTF-8 without NUL")
	}
	entry, err := z.CreateHeader(&zip.FileHeader{Name: name + suffix, Method: zip.Store, Modified: written})
	if err != nil {
		return err
	}
	return writeArray(entry, t)
}

// writeArray writes a header and elements.
func writeArray(w io.Writer, t *tensors.Tensor) error {
	if t == nil {
		return errors.New("the tensor is nil")
	}
	if err := t.CheckValid(); err != nil {
		return err
	}
	shape := t.Shape()
	k, ok := kindOfTensor(shape.DType)
	if shape.DType == dtypes.BFloat16 {
		k, ok = kindOfTensor(dtypes.Float32)
	}
	if !ok {
		return fmt.Errorf("NumPy has no elements of type %s", shape.DType)
	}
	if _, err := w.Write(headerOf(k, shape.Dimensions)); err != nil {
		return err
	}
	if shape.IsZeroSize() {
		return nil
	}
	return lookAt(t, func(flat any, data []byte) error {
		if halves, ok := flat.([]bfloat16.BFloat16); ok {
			return writeWide(w, halves)
		}
		_, err := w.Write(data)
		return err
	})
}

// headerOf returns everything that precedes the elements.
func headerOf(k kind, shape []int) []byte {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", k.descr(), ShapeString(shape))
	start := len(magic) + 4
	padding := alignment - (start+len(text)+1)%alignment
	text += strings.Repeat(" ", padding%alignment) + "\n"
	out := append([]byte(magic), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(text)))
	return append(out, text...)
}

// writeWide writes the elements as float32.
func writeWide(w io.Writer, from []bfloat16.BFloat16) error {
	const chunk = 1 << 14
	buf := make([]byte, 0, 4*chunk)
	for part := range slices.Chunk(from, chunk) {
		buf = buf[:0]
		for _, v := range part {
			buf = binary.LittleEndian.AppendUint32(buf, uint32(v)<<16)
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}

// lookAt gives the elements of t to use, and lets go of a copy that this leaves on the host.
func lookAt(t *tensors.Tensor, use func(flat any, data []byte) error) (err error) {
	// The tensor library reports some failures, such as a finalized engine, by panicking.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("fetch the values of a tensor: %v", r)
		}
	}()
	remote := !t.IsLocal()
	var used error
	if t.DType() == dtypes.BFloat16 {
		err = t.ConstFlatData(func(flat any) { used = use(flat, nil) })
	} else {
		err = t.ConstBytes(func(data []byte) { used = use(nil, data) })
	}
	if err != nil {
		return err
	}
	if remote && t.IsOnAnyDevice() {
		t.FinalizeLocal()
	}
	return used
}
