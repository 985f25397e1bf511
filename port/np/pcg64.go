package np

import (
	"math/bits"
)

// pcg64 is the generator PCG XSL RR 128/64.
type pcg64 struct {
	high, low       uint64
	incHigh, incLow uint64
	half            uint32
	hasHalf         bool
}

func newPCG64(entropy []uint32) *pcg64 {
	s := seedWords(entropy, 8)
	word := func(i int) uint64 { return uint64(s[2*i]) | uint64(s[2*i+1])<<32 }
	p := &pcg64{incHigh: word(2)<<1 | word(3)>>63, incLow: word(3)<<1 | 1}
	p.step()
	var carry uint64
	p.low, carry = bits.Add64(p.low, word(1), 0)
	p.high, _ = bits.Add64(p.high, word(0), carry)
	p.step()
	return p
}

func (p *pcg64) step() {
	const mulHigh, mulLow = 0x2360ed051fc65da4, 0x4385df649fccf645
	high, low := bits.Mul64(p.low, mulLow)
	high += p.high*mulLow + p.low*mulHigh
	var carry uint64
	p.low, carry = bits.Add64(low, p.incLow, 0)
	p.high, _ = bits.Add64(high, p.incHigh, carry)
}

func (p *pcg64) Uint64() uint64 {
	p.step()
	return bits.RotateLeft64(p.high^p.low, -int(p.high>>58))
}

func (p *pcg64) Uint32() uint32 {
	if p.hasHalf {
		p.hasHalf = false
		return p.half
	}
	v := p.Uint64()
	p.half, p.hasHalf = uint32(v>>32), true
	return uint32(v)
}

func (p *pcg64) double() float64 { return float64(p.Uint64()>>11) * (1.0 / 9007199254740992) }

// seedWords is NumPy's SeedSequence(entropy).generate_state(n).
func seedWords(entropy []uint32, n int) []uint32 {
	const xshift = 16
	var pool [4]uint32
	constant := uint32(0x43b0d7e5)
	hash := func(v uint32) uint32 {
		v ^= constant
		constant *= 0x931e8875
		v *= constant
		return v ^ v>>xshift
	}
	mix := func(x, y uint32) uint32 {
		v := 0xca01f9dd*x - 0x4973f715*y
		return v ^ v>>xshift
	}
	for i := range pool {
		if i < len(entropy) {
			pool[i] = hash(entropy[i])
		} else {
			pool[i] = hash(0)
		}
	}
	for from := range pool {
		for to := range pool {
			if from != to {
				pool[to] = mix(pool[to], hash(pool[from]))
			}
		}
	}
	for _, more := range entropy[min(len(pool), len(entropy)):] {
		for to := range pool {
			pool[to] = mix(pool[to], hash(more))
		}
	}
	out := make([]uint32, n)
	constant = 0x8b51f9dd
	for i := range out {
		v := pool[i%len(pool)] ^ constant
		constant *= 0x58f38ded
		v *= constant
		out[i] = v ^ v>>xshift
	}
	return out
}
