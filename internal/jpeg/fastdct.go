package jpeg

import "math"

// fastScales, with 14 bits behind the point, are multiplied into the quantization for the quick DCT, of Arai, Agui and Nakajima, that has 8 bits behind the point
// in its multiplications.
var fastScales = func() (s [64]int) {
	scale := func(k int) float64 {
		if k == 0 {
			return 1
		}
		return math.Sqrt2 * math.Cos(float64(k)*math.Pi/16)
	}
	for i := range s {
		s[i] = int(math.Round(scale(i/8) * scale(i%8) * (1 << 14)))
	}
	return s
}()

// fastBlock makes the samples of a block by the quick DCT. Coefficients behind the last are zeros.
func fastBlock(coef *[64]int16, last uint8, factors *[64]int16, into []uint8, stride int) {
	if last == 0 {
		fillBlock(sample(int32(coef[0]*factors[0])>>5), into, stride)
		return
	}
	var work [64]int32
	for x := range 8 {
		b, f := coef[x:], factors[x:]
		_, _ = b[56], f[56]
		v := int32(b[0] * f[0])
		if b[8]|b[16]|b[24]|b[32]|b[40]|b[48]|b[56] == 0 {
			work[x], work[8+x], work[16+x], work[24+x], work[32+x], work[40+x], work[48+x], work[56+x] = v, v, v, v, v, v, v, v
			continue
		}
		even0, even1, even2, even3, odd0, odd1, odd2, odd3 := fastHalves(v, int32(b[8]*f[8]), int32(b[16]*f[16]), int32(b[24]*f[24]), int32(b[32]*f[32]), int32(b[40]*f[40]), int32(b[48]*f[48]), int32(b[56]*f[56]))
		work[x], work[8+x], work[16+x], work[24+x] = even0+odd0, even1+odd1, even2+odd2, even3-odd3
		work[32+x], work[40+x], work[48+x], work[56+x] = even3+odd3, even2-odd2, even1-odd1, even0-odd0
	}
	for y := range 8 {
		w := (*[8]int32)(work[8*y:])
		p := into[y*stride : y*stride+8 : y*stride+8]
		even0, even1, even2, even3, odd0, odd1, odd2, odd3 := fastHalves(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7])
		p[0], p[1], p[2], p[3] = sample(short(even0+odd0)>>5), sample(short(even1+odd1)>>5), sample(short(even2+odd2)>>5), sample(short(even3-odd3)>>5)
		p[4], p[5], p[6], p[7] = sample(short(even3+odd3)>>5), sample(short(even2-odd2)>>5), sample(short(even1-odd1)>>5), sample(short(even0-odd0)>>5)
	}
}

// times multiplies with a number that has 8 bits behind the point, in 16 bits, of which vectors keep the upper ones of 32.
func times(v, by int32) int32 { return short(v<<2) * (by << 6) >> 16 }

// fastHalves are, in 16 bits that overflow, what the even and the odd of 8 coefficients add to a sample and its opposite one.
func fastHalves(a0, a1, a2, a3, a4, a5, a6, a7 int32) (even0, even1, even2, even3, odd0, odd1, odd2, odd3 int32) {
	outer := a2 + a6
	inner := times(a2-a6, 362) - outer
	sum, difference := a0+a4, a0-a4
	even0, even3 = sum+outer, sum-outer
	even1, even2 = difference+inner, difference-inner

	near, far := a5-a3, a1-a7
	both, apart := a1+a7, a5+a3
	odd0 = both + apart
	turned := times(near+far, 473)
	odd1 = turned + times(near, -413) - near - odd0
	odd2 = times(both-apart, 362) - odd1
	odd3 = times(far, 277) - turned + odd2
	return
}
