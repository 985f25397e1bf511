package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVAE trains on a few images of the right form, and looks at what is drawn.
func TestVAE(t *testing.T) {
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
	path := filepath.Join(t.TempDir(), "plane.png")
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-data", folder, "-samples", "32", "-epochs", "2", "-output", path}, &out))
	require.Contains(t, out.String(), "Epoch 2/2")
	require.Contains(t, out.String(), "reconstruction_loss")
	require.Contains(t, out.String(), "kl_loss")
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	picture, err := png.Decode(file)
	require.NoError(t, err)
	require.Greater(t, picture.Bounds().Dx(), grid*side)
	require.FileExists(t, path+".keras")
}
