package npz

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/atomicfile"
)

// IsSingle reports whether the file at path starts as a single array does, which numpy.save writes, and an archive doesn't.
func IsSingle(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	var head [len(magic)]byte
	n, err := io.ReadFull(f, head[:])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return string(head[:n]) == magic, err
}

// ReadSingle reads a file of one array, as numpy.save writes it. What its header declares is held against the size of the
// file before memory is taken for it.
func ReadSingle(path string) (*tensors.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	t, err := readSingle(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func readSingle(f *os.File) (*tensors.Tensor, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file, and a .npy file was expected")
	}
	in := bufio.NewReaderSize(f, 1<<16)
	h, err := readHeader(in)
	if err != nil {
		return nil, err
	}
	if have := info.Size() - h.length; have != h.numBytes {
		return nil, fmt.Errorf("an array of shape %s and type %s takes %d bytes, and there are %d", ShapeString(h.shape), h.kind.name, h.numBytes, have)
	}
	a := &Array{header: h}
	return a.tensor(func(dst []byte) error {
		if n, err := io.ReadFull(in, dst); err != nil {
			return fmt.Errorf("after %d of %d bytes: %w", n, len(dst), err)
		}
		a.arrange(dst)
		return nil
	})
}

// arrange brings elements as they lie in a file to little-endian and C order.
func (a *Array) arrange(dst []byte) {
	if word := a.kind.word; a.bigEndian && word > 1 {
		for i := 0; i < len(dst); i += word {
			slices.Reverse(dst[i : i+word])
		}
	}
	if a.kind.tensor == dtypes.Bool {
		for i, b := range dst {
			if b > 1 {
				dst[i] = 1
			}
		}
	}
	if a.fortran && len(a.shape) > 1 {
		toC(dst, slices.Clone(dst), a.shape, a.kind.size)
	}
}

// WriteSingle writes one array to path as numpy.save does, whole or not at all; types as in Write.
func WriteSingle(path string, t *tensors.Tensor) error {
	return atomicfile.Write(path, 0o644, func(w *os.File) error { return writeArray(w, t) })
}
