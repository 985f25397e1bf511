// Package mnisttest writes small MNIST files in the real format, for tests.
package mnisttest

import (
	"encoding/binary"
	"os"
	"path/filepath"
)

// Side is the height and the width of a picture.
const Side = 28

// Write writes a part of the data set, "train" or "t10k", to a folder: pictures of Side×Side bytes and a label for each.
func Write(folder, part string, images, labels []byte) error {
	n := uint32(len(labels))
	if err := idx(filepath.Join(folder, part+"-images-idx3-ubyte"), images, 0x803, n, Side, Side); err != nil {
		return err
	}
	return idx(filepath.Join(folder, part+"-labels-idx1-ubyte"), labels, 0x801, n)
}

// idx writes a file of bytes in the IDX format: numbers that say what it is, then the bytes.
func idx(path string, content []byte, header ...uint32) error {
	var out []byte
	for _, v := range header {
		out = binary.BigEndian.AppendUint32(out, v)
	}
	return os.WriteFile(path, append(out, content...), 0o644)
}
