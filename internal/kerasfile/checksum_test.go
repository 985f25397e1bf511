package kerasfile

import (
	"bytes"
	"context"
	"hash/crc32"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// counting counts the bytes that are read.
type counting struct {
	*bytes.Reader
	read int
}

func (c *counting) ReadAt(p []byte, at int64) (int, error) {
	c.read += len(p)
	return c.Reader.ReadAt(p, at)
}

func TestChecksumOfParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 3_000_001)
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	want := crc32.ChecksumIEEE(data)
	for name, reads := range map[string][][2]int{
		"nothing read":   {},
		"everything":     {{0, len(data)}},
		"apart":          {{10, 70_000}, {1_000_000, 900_000}},
		"side by side":   {{1_000_000, 100_000}, {1_100_000, 700_001}},
		"overlapping":    {{10, 500_000}, {300_000, 500_000}, {800_000, 100_000}},
		"one in another": {{10, 500_000}, {10, 70_000}, {100, 70_000}},
		"to the end":     {{len(data) - 100_000, 100_000}},
		"small":          {{5, 100}},
	} {
		t.Run(name, func(t *testing.T) {
			in := &counting{Reader: bytes.NewReader(data)}
			s := &summing{in: in, size: int64(len(data))}
			for _, r := range reads {
				p := make([]byte, r[1])
				n, err := s.ReadAt(p, int64(r[0]))
				require.NoError(t, err)
				require.Equal(t, data[r[0]:r[0]+n], p)
			}
			before := in.read
			sum, err := s.checksum(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, sum)
			switch name {
			case "everything":
				require.Equal(t, before, in.read)
			case "apart":
				require.Equal(t, before+len(data)-970_000, in.read)
			}
		})
	}
	s := &summing{in: bytes.NewReader(data), size: int64(len(data)) + 1}
	_, err := s.checksum(t.Context())
	require.Error(t, err)
	_, err = s.ReadAt(make([]byte, 100_000), int64(len(data))-10)
	require.Error(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.checksum(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
