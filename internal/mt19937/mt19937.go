// Package mt19937 is the Mersenne Twister, from which NumPy's legacy generator and Python's random draw.
package mt19937

import "math"

const length = 624

// Source gives the same numbers as NumPy's RandomState for the same seed. Its zero value isn't seeded. It isn't for concurrent use.
type Source struct {
	state [length]uint32
	at    int
}

// New starts as numpy.random.RandomState(seed) does.
func New(seed uint32) *Source {
	s := &Source{at: length}
	for i := range s.state {
		s.state[i] = seed
		seed = 1812433253*(seed^seed>>30) + uint32(i) + 1
	}
	return s
}

// FromKeys starts as RandomState(keys) does, and Python's random.seed of a number of those 32-bit words, the lowest first. There is at least one key.
func FromKeys(keys []uint32) *Source {
	s := New(19650218)
	i := 1
	next := func() {
		if i++; i == length {
			s.state[0] = s.state[length-1]
			i = 1
		}
	}
	for n := range max(length, len(keys)) {
		before, j := s.state[i-1], n%len(keys)
		s.state[i] = (s.state[i] ^ (before^before>>30)*1664525) + keys[j] + uint32(j)
		next()
	}
	for range length - 1 {
		before := s.state[i-1]
		s.state[i] = (s.state[i] ^ (before^before>>30)*1566083941) - uint32(i)
		next()
	}
	s.state[0] = 1 << 31
	return s
}

// Uint32 is the next number.
func (s *Source) Uint32() uint32 {
	if s.at == length {
		for i := range s.state {
			y := s.state[i]&(1<<31) | s.state[(i+1)%length]&(1<<31-1)
			s.state[i] = s.state[(i+397)%length] ^ y>>1 ^ -(y&1)&0x9908b0df
		}
		s.at = 0
	}
	y := s.state[s.at]
	s.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// Double is in [0, 1), of 53 bits.
func (s *Source) Double() float64 {
	a, b := s.Uint32()>>5, s.Uint32()>>6
	return (float64(a)*67108864 + float64(b)) / 9007199254740992
}

// Uint64 is the next two numbers, the upper half first.
func (s *Source) Uint64() uint64 {
	high := uint64(s.Uint32())
	return high<<32 | uint64(s.Uint32())
}

// Bits is a source of numbers; NumPy has others than this one.
type Bits interface {
	Uint32() uint32
	Uint64() uint64
}

// UpTo draws from 0 to limit as NumPy's random_interval does: by rejection of what is larger among the fewest bits.
func UpTo(b Bits, limit uint64) uint64 {
	mask := limit
	for shift := 1; shift < 64; shift *= 2 {
		mask |= mask >> shift
	}
	switch {
	case limit == 0:
		return 0
	case limit <= math.MaxUint32:
		for {
			if v := uint64(b.Uint32()) & mask; v <= limit {
				return v
			}
		}
	}
	for {
		if v := b.Uint64() & mask; v <= limit {
			return v
		}
	}
}
