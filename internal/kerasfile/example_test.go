package kerasfile_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/kerasfile"
)

// A tree of weights goes to an archive and comes back.
func Example() {
	dir, err := os.MkdirTemp("", "kerasfile")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "model.keras")

	kernel, err := kerasfile.FromTensor(tensors.FromValue([][]float32{{1, 2}, {3, 4}}))
	if err != nil {
		fmt.Println(err)
		return
	}
	weights := kerasfile.NewGroup()
	if err := weights.Set("layers/dense/vars/0", kernel); err != nil {
		fmt.Println(err)
		return
	}
	config := []byte(`{"module": "keras", "class_name": "Sequential"}`)
	if err := kerasfile.Write(path, &kerasfile.Archive{Config: config, Weights: weights}); err != nil {
		fmt.Println(err)
		return
	}

	archive, err := kerasfile.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = archive.Close() }()
	_ = archive.Weights().Walk(func(path string, a kerasfile.Array) error {
		t, err := a.Tensor()
		if err == nil {
			fmt.Println(path, a.DType(), a.Shape(), t.Value())
		}
		return err
	})
	// Output: layers/dense/vars/0 float32 [2 2] [[1 2] [3 4]]
}
