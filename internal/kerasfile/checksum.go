package kerasfile

import (
	"context"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"sync"
)

const (
	// Reads of fewer bytes are not worth remembering.
	minPart = 1 << 16
	// A checksum is taken of pieces that are still in the processor's cache.
	pieceSize = 1 << 18
)

// summing is a part of a file that notes the checksums of what is read from it, so that checking the whole part need not read
// that again.
type summing struct {
	in   io.ReaderAt
	size int64

	mu    sync.Mutex
	parts map[int64]part // by where they begin
}

type part struct {
	size int64
	sum  uint32
}

// ReadAt implements io.ReaderAt.
func (s *summing) ReadAt(p []byte, at int64) (int, error) {
	if len(p) < minPart {
		return s.in.ReadAt(p, at)
	}
	done, sum := 0, uint32(0)
	for done < len(p) {
		piece := p[done:min(done+pieceSize, len(p))]
		n, err := s.in.ReadAt(piece, at+int64(done))
		done += n
		if n < len(piece) {
			return done, err
		}
		sum = crc32.Update(sum, crc32.IEEETable, piece)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.parts[at]; known.size < int64(done) {
		if s.parts == nil {
			s.parts = map[int64]part{}
		}
		s.parts[at] = part{int64(done), sum}
	}
	return done, nil
}

// checksum is that of the whole, for which only what was not read yet is read.
func (s *summing) checksum(ctx context.Context) (uint32, error) {
	s.mu.Lock()
	parts := maps.Clone(s.parts)
	s.mu.Unlock()
	starts := slices.Sorted(maps.Keys(parts))
	var sum uint32
	var buffer []byte
	for at := int64(0); at < s.size; {
		for len(starts) > 0 && starts[0] < at { // parts that overlap one before
			starts = starts[1:]
		}
		end := s.size
		if len(starts) > 0 {
			if end = starts[0]; end == at {
				p := parts[at]
				sum = joinChecksums(sum, p.sum, p.size)
				at += p.size
				continue
			}
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if buffer == nil {
			buffer = make([]byte, pieceSize)
		}
		piece := buffer[:min(int64(len(buffer)), end-at)]
		if n, err := s.in.ReadAt(piece, at); n < len(piece) {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return 0, err
		}
		sum = crc32.Update(sum, crc32.IEEETable, piece)
		at += int64(len(piece))
	}
	return sum, nil
}

// joinChecksums is the checksum of a text followed by one of n bytes, given the checksums of both.
func joinChecksums(first, second uint32, n int64) uint32 {
	// Appending n bytes multiplies the first text's polynomial by x to the power of 8n.
	power := uint32(1) << 31  // 1
	square := uint32(1) << 23 // x to the power of 8
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			power = multiplyPolynomials(power, square)
		}
		square = multiplyPolynomials(square, square)
	}
	return multiplyPolynomials(power, first) ^ second
}

// multiplyPolynomials multiplies modulo the checksum's polynomial. The highest bit is the coefficient of 1, the next that of x.
func multiplyPolynomials(a, b uint32) uint32 {
	product := uint32(0)
	for bit := uint32(1) << 31; bit != 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
		}
		carry := b & 1
		b >>= 1
		if carry != 0 {
			b ^= crc32.IEEE
		}
	}
	return product
}
