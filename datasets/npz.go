package datasets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/npz"
)

// LoadNPZ reads the arrays of a .npz file, by their names in it (NumPy: numpy.load). Given names, it reads those alone,
// and one that is not there is an error.
//
// Each array becomes a tensor of its shape and type, in C order. The numbers may be integers, booleans, float16, float32,
// float64 and complex, of either endianness, compressed or not; Python objects, text, times and structures are an error.
// Files from strangers do no harm: what they declare is checked before memory is taken for it, and nothing in them is executed.
func LoadNPZ(path string, names ...string) (map[string]*tensors.Tensor, error) {
	archive, err := npz.Open(path)
	if err != nil {
		return nil, fmt.Errorf("datasets.LoadNPZ: %w", err)
	}
	defer func() { _ = archive.Close() }()
	if len(names) == 0 {
		names = archive.Names()
	}
	arrays := make(map[string]*tensors.Tensor, len(names))
	for _, name := range names {
		if arrays[name], err = archive.Tensor(name); err != nil {
			return nil, fmt.Errorf("datasets.LoadNPZ: %s: %w", path, err)
		}
	}
	return arrays, nil
}

// SaveNPZ writes the arrays to a .npz file under their names (NumPy: numpy.savez), uncompressed and sorted by name. The
// file appears whole or not at all; its folder must exist.
//
// NumPy has no bfloat16: such a tensor is written as float32, which holds all its values. A tensor of another type that
// NumPy lacks is an error, as are a nil one and an empty name.
func SaveNPZ(path string, arrays map[string]*tensors.Tensor) error {
	if err := npz.WriteFile(path, arrays); err != nil {
		return fmt.Errorf("datasets.SaveNPZ: %w", err)
	}
	return nil
}

// readNPY reads the array name, which must be of type uint8 and have the axes of item after a first one of 1 to maxItems.
func readNPY(archive *npz.Archive, name string, maxItems int, item ...int) (n int, data []byte, err error) {
	array, err := archive.Array(name)
	if err != nil {
		return 0, nil, err
	}
	shape := array.Shape()
	if array.DType() != dtypes.Uint8 {
		return 0, nil, fmt.Errorf("the array %q: elements of type %q, and \"|u1\" (uint8) was expected", name, array.Descr())
	}
	if len(shape) != 1+len(item) || !slices.Equal(shape[1:], item) {
		want := "(samples,)"
		if len(item) > 0 {
			want = "(samples, " + strings.TrimPrefix(npz.ShapeString(item), "(")
		}
		return 0, nil, fmt.Errorf("the array %q has shape %s, and %s was expected", name, npz.ShapeString(shape), want)
	}
	if shape[0] < 1 || shape[0] > maxItems {
		return 0, nil, fmt.Errorf("the array %q has %d samples, and 1 to %d were expected", name, shape[0], maxItems)
	}
	data = make([]byte, array.NumBytes())
	return shape[0], data, array.Read(data)
}
