package execcache

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecode(t *testing.T) {
	key, other := hashParts("a"), hashParts("b")
	whole := encode(key, []byte("machine code"))
	got, err := decode(key, whole)
	require.NoError(t, err)
	require.Equal(t, "machine code", string(got))

	changed := func(at int) []byte {
		file := bytes.Clone(whole)
		file[at] ^= 1
		return file
	}
	for name, file := range map[string][]byte{
		"empty":              {},
		"another file":       []byte("PK\x03\x04 and so on"),
		"the magic":          whole[:len(magic)],
		"half a header":      whole[:headerSize-1],
		"no executable":      whole[:headerSize],
		"cut short":          whole[:len(whole)-1],
		"longer":             append(bytes.Clone(whole), 0),
		"another version":    changed(len(magic) - 3),
		"another key":        changed(len(magic)),
		"another checksum":   changed(len(magic) + len(key)),
		"another length":     changed(headerSize - 1),
		"another executable": changed(len(whole) - 1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(key, file)
			require.Error(t, err)
		})
	}
	_, err = decode(other, whole)
	require.ErrorContains(t, err, "another program")
}

func FuzzDecode(f *testing.F) {
	key := hashParts("a")
	f.Add(encode(key, []byte("machine code")))
	f.Add([]byte(magic))
	f.Add(make([]byte, headerSize))
	f.Fuzz(func(t *testing.T, file []byte) {
		executable, err := decode(key, file)
		if err == nil && !bytes.Equal(encode(key, executable), file) {
			t.Fatalf("accepted a file that isn't what encode writes: %q", file)
		}
	})
}

func TestHashParts(t *testing.T) {
	require.NotEqual(t, hashParts("ab", "c"), hashParts("a", "bc"))
	require.NotEqual(t, hashParts("a"), hashParts("a", ""))
	require.Equal(t, hashParts("a", "b"), hashParts("a", "b"))
}
