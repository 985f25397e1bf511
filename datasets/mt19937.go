package datasets

import (
	"fmt"
	"math/bits"
)

// twister is the Mersenne Twister MT19937, by which NumPy and Python shuffle.
type twister struct {
	state [624]uint32
	at    int
}

// seedNumPy starts it as numpy.random.RandomState(seed) does.
func seedNumPy(seed int) (*twister, error) {
	if seed < 0 || uint64(seed) > 1<<32-1 {
		return nil, fmt.Errorf("the seed is %d, and 0 to 2**32 - 1 was expected", seed)
	}
	t := &twister{at: 624}
	t.fill(uint32(seed))
	return t, nil
}

func (t *twister) fill(s uint32) {
	for i := range t.state {
		t.state[i] = s
		s = 1812433253*(s^s>>30) + uint32(i) + 1
	}
}

// seedPython starts it as random.seed(seed) does.
func seedPython(seed int) *twister {
	magnitude := uint64(max(seed, -seed))
	key := []uint32{uint32(magnitude)}
	if high := uint32(magnitude >> 32); high > 0 {
		key = append(key, high)
	}
	t := &twister{at: 624}
	t.fill(19650218)
	i, j := 1, 0
	next := func() {
		if i++; i == 624 {
			t.state[0] = t.state[623]
			i = 1
		}
	}
	for range max(624, len(key)) {
		before := t.state[i-1]
		t.state[i] = (t.state[i] ^ (before^before>>30)*1664525) + key[j] + uint32(j)
		next()
		j = (j + 1) % len(key)
	}
	for range 623 {
		before := t.state[i-1]
		t.state[i] = (t.state[i] ^ (before^before>>30)*1566083941) - uint32(i)
		next()
	}
	t.state[0] = 1 << 31
	return t
}

// uint32 is the next number.
func (t *twister) uint32() uint32 {
	if t.at == 624 {
		for i := range t.state {
			y := t.state[i]&(1<<31) | t.state[(i+1)%624]&(1<<31-1)
			t.state[i] = t.state[(i+397)%624] ^ y>>1
			if y&1 == 1 {
				t.state[i] ^= 0x9908b0df
			}
		}
		t.at = 0
	}
	y := t.state[t.at]
	t.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// shuffleNumPy is the order in which RandomState.shuffle leaves 0 to n-1.
func (t *twister) shuffleNumPy(n int) []int {
	return shuffled(n, func(last uint32) uint32 {
		mask := uint32(1)<<bits.Len32(last) - 1
		for {
			if v := t.uint32() & mask; v <= last {
				return v
			}
		}
	})
}

// shufflePython is the order in which random.shuffle leaves 0 to n-1.
func (t *twister) shufflePython(n int) []int {
	return shuffled(n, func(last uint32) uint32 {
		shift := 32 - bits.Len32(last+1)
		for {
			if v := t.uint32() >> shift; v <= last {
				return v
			}
		}
	})
}

// shuffled swaps each place, from the last on, with one that choose finds at or before it.
func shuffled(n int, choose func(last uint32) uint32) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := choose(uint32(i))
		order[i], order[j] = order[j], order[i]
	}
	return order
}
