package kerasfile

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// sparse is a file in memory that takes no room for zeros.
type sparse struct {
	blocks map[int64][]byte
	size   int64
}

const sparseBlock = 1 << 16

func (s *sparse) Write(p []byte) (int, error) { return s.WriteAt(p, s.size) }

func (s *sparse) WriteAt(p []byte, at int64) (int, error) {
	var zeros [sparseBlock]byte
	for done := 0; done < len(p); {
		block, from := (at+int64(done))/sparseBlock, (at+int64(done))%sparseBlock
		n := min(len(p)-done, int(sparseBlock-from))
		part := p[done : done+n]
		if s.blocks[block] == nil && !bytes.Equal(part, zeros[:n]) {
			s.blocks[block] = make([]byte, sparseBlock)
		}
		if s.blocks[block] != nil {
			copy(s.blocks[block][from:], part)
		}
		done += n
	}
	s.size = max(s.size, at+int64(len(p)))
	return len(p), nil
}

func (s *sparse) ReadAt(p []byte, at int64) (int, error) {
	if at >= s.size {
		return 0, io.EOF
	}
	want := len(p)
	p = p[:min(int64(len(p)), s.size-at)]
	for done := 0; done < len(p); {
		block, from := (at+int64(done))/sparseBlock, (at+int64(done))%sparseBlock
		n := min(len(p)-done, int(sparseBlock-from))
		if data := s.blocks[block]; data != nil {
			copy(p[done:done+n], data[from:])
		} else {
			clear(p[done : done+n])
		}
		done += n
	}
	if len(p) < want {
		return len(p), io.EOF
	}
	return len(p), nil
}

// Weights above 4 GiB need the wide form of the zip format.
func TestWeightsAbove4GiB(t *testing.T) {
	if testing.Short() {
		t.Skip("moves 5 GiB through memory")
	}
	const rows, row = 5 << 10, 1 << 20
	block := make([]byte, row)
	large := Array{dtype: "uint8", shape: []int{rows, row}, size: rows * row,
		read: func([]byte) error { return io.ErrShortBuffer },
		stream: func(w io.Writer) error {
			for i := range rows {
				block[0] = 0
				if i%97 == 1 {
					block[0] = byte(i)
				}
				if _, err := w.Write(block); err != nil {
					return err
				}
			}
			return nil
		}}
	small, err := NewArray("uint8", []int{3}, []byte{1, 2, 3})
	require.NoError(t, err)
	a := &Archive{Config: []byte("{}"), Weights: NewGroup(), Assets: map[string][]byte{"a": []byte("after")}}
	require.NoError(t, a.Weights.Set("vars/0", large))
	require.NoError(t, a.Weights.Set("vars/1", small))
	prepared, err := a.prepare()
	require.NoError(t, err)
	file := &sparse{blocks: map[int64][]byte{}}
	require.NoError(t, prepared.write(file))

	r, err := NewReader(file, file.size, "large.keras")
	require.NoError(t, err)
	require.NoError(t, r.Verify(t.Context()))
	got, ok := r.Weights().Array("vars/1")
	require.True(t, ok)
	data, err := got.Bytes()
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3}, data)
	got, ok = r.Weights().Array("vars/0")
	require.True(t, ok)
	require.Equal(t, []int{rows, row}, got.Shape())
	asset, err := r.Asset("a")
	require.NoError(t, err)
	require.Equal(t, "after", string(asset))
}
