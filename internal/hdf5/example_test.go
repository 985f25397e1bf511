package hdf5_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/gokeras/gokeras/internal/hdf5"
)

// A file is built, written to memory and read back.
func Example() {
	b := hdf5.NewBuilder()
	kernel := []float32{1, 2, 3, 4, 5, 6}
	_, err := b.Root().Dataset("layers/dense/vars/0", hdf5.Float32, []int{2, 3}, func(w io.Writer) error {
		return binary.Write(w, binary.LittleEndian, kernel)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if _, err := b.WriteTo(&file); err != nil {
		fmt.Println(err)
		return
	}

	f, err := hdf5.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := f.Root().Dataset("layers/dense/vars/0")
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := d.Bytes()
	fmt.Println(d.Path(), d.Type(), d.Shape(), len(data), err)
	_, err = f.Root().Dataset("layers/lost")
	fmt.Println(err)
	// Output:
	// /layers/dense/vars/0 float32 [2 3] 24 <nil>
	// /layers/lost: no such HDF5 object: file does not exist
}
