package hdf5

import (
	"errors"
	"fmt"
	"io/fs"
)

var (
	// ErrNotHDF5 says that the bytes are not an HDF5 file at all.
	ErrNotHDF5 = errors.New("not an HDF5 file")
	// ErrCorrupt says that the file contradicts the HDF5 format or itself.
	ErrCorrupt = errors.New("corrupt HDF5 file")
	// ErrUnsupported says that the file uses a part of HDF5 that is not read here, or that is refused for safety.
	ErrUnsupported = errors.New("unsupported HDF5 feature")
	// ErrNotFound says that a group has no such member. It matches fs.ErrNotExist.
	ErrNotFound = fmt.Errorf("no such HDF5 object: %w", fs.ErrNotExist)
)

// corrupt makes an ErrCorrupt that says at which structure and address the file is wrong, and how.
func corrupt(what string, addr uint64, format string, args ...any) error {
	return fmt.Errorf("%w: %s at %#x: %s", ErrCorrupt, what, addr, fmt.Sprintf(format, args...))
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}
