package execcache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// A file is a header and the serialized executable:
//
//	16 bytes  magic, with the version of this format
//	32 bytes  the key
//	32 bytes  SHA-256 of the executable
//	 8 bytes  its length, little-endian
const (
	magic      = "gokeras xla  1\r\n"
	headerSize = len(magic) + 2*sha256.Size + 8
	// largestFile bounds what is read and written: a program of the largest models takes a few megabytes.
	largestFile = 256 << 20
)

// Key identifies a compiled program.
type Key [sha256.Size]byte

var errNotOurs = errors.New("not a file of this cache")

// encode makes the file of an executable.
func encode(key Key, executable []byte) []byte {
	sum := sha256.Sum256(executable)
	file := make([]byte, 0, headerSize+len(executable))
	file = append(file, magic...)
	file = append(file, key[:]...)
	file = append(file, sum[:]...)
	file = binary.LittleEndian.AppendUint64(file, uint64(len(executable)))
	return append(file, executable...)
}

// decode returns the executable in a file, which it shares memory with. It returns an error unless the file is whole and was
// written for the key.
func decode(key Key, file []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(file, []byte(magic))
	if !ok || len(file) < headerSize {
		return nil, errNotOurs
	}
	if !bytes.Equal(rest[:len(key)], key[:]) {
		return nil, errors.New("written for another program")
	}
	rest = rest[len(key):]
	sum, rest := rest[:sha256.Size], rest[sha256.Size:]
	length, executable := binary.LittleEndian.Uint64(rest), rest[8:]
	if length == 0 || length != uint64(len(executable)) {
		return nil, errors.New("cut short, or longer than written")
	}
	if got := sha256.Sum256(executable); !bytes.Equal(got[:], sum) {
		return nil, errors.New("changed since it was written")
	}
	return executable, nil
}
