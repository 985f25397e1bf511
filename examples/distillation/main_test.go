package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDistillation trains the three networks on a few images of the right form.
func TestDistillation(t *testing.T) {
	folder := t.TempDir()
	write := func(name string, magic uint32, header []uint32, data []byte) {
		var raw bytes.Buffer
		for _, n := range append([]uint32{magic}, header...) {
			require.NoError(t, binary.Write(&raw, binary.BigEndian, n))
		}
		raw.Write(data)
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		_, err := zip.Write(raw.Bytes())
		require.NoError(t, err)
		require.NoError(t, zip.Close())
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), packed.Bytes(), 0o600))
	}
	const count = 40
	for _, part := range []string{"train", "t10k"} {
		write(part+"-images-idx3-ubyte.gz", 0x803, []uint32{count, side, side}, bytes.Repeat([]byte{0, 200}, count*side*side/2))
		write(part+"-labels-idx1-ubyte.gz", 0x801, []uint32{count}, make([]byte, count))
	}
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-data", folder, "-samples", "32", "-epochs", "2"}, &out))
	require.Contains(t, out.String(), "student, from the teacher:\nEpoch 1/2")
	require.Contains(t, out.String(), "distillation_loss")
	for _, line := range []string{"teacher of 50186 parameters: test accuracy", "student of 4266 parameters: test accuracy", "alone   of 4266 parameters: test accuracy"} {
		require.Contains(t, out.String(), line)
	}
}
