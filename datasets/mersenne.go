package datasets

// mersenne is the generator MT19937, as NumPy's RandomState seeds and uses it.
type mersenne struct {
	state [624]uint32
	at    int
}

// newMersenne is RandomState(seed).
func newMersenne(seed uint32) *mersenne {
	m := &mersenne{at: 624}
	for i := range m.state {
		m.state[i] = seed
		seed = 1812433253*(seed^seed>>30) + uint32(i) + 1
	}
	return m
}

func (m *mersenne) next() uint32 {
	const n, k = 624, 397
	if m.at == n {
		for i := range m.state {
			y := m.state[i]&(1<<31) | m.state[(i+1)%n]&(1<<31-1)
			m.state[i] = m.state[(i+k)%n] ^ y>>1 ^ -(y&1)&0x9908b0df
		}
		m.at = 0
	}
	y := m.state[m.at]
	m.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// upTo draws a number from 0 to most.
func (m *mersenne) upTo(most int) int {
	mask := uint64(most)
	for shift := 1; shift < 64; shift *= 2 {
		mask |= mask >> shift
	}
	for {
		v := uint64(m.next())
		if uint64(most) > 1<<32-1 {
			v = v<<32 | uint64(m.next())
		}
		if v &= mask; v <= uint64(most) {
			return int(v)
		}
	}
}

// shuffle is RandomState.shuffle of n elements.
func (m *mersenne) shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, m.upTo(i))
	}
}
