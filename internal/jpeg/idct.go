package jpeg

// The cosines of the DCT with 13 bits behind the point, as Loeffler, Ligtenberg and Moschytz combine them.
const (
	pointBits = 13
	passBits  = 2 // more bits between the columns and the rows

	c0298 = 2446
	c0390 = 3196
	c0541 = 4433
	c0765 = 6270
	c0899 = 7373
	c1175 = 9633
	c1501 = 12299
	c1847 = 15137
	c1961 = 16069
	c2053 = 16819
	c2562 = 20995
	c3072 = 25172
)

// transform makes the samples of so many rows of blocks of a color, whose coefficients come first, from a row of blocks on.
func (d *decoder) transform(c *component, from, rows int) {
	var factors [64]int16
	if c.quant != nil { // else no scan had this color
		for i, q := range c.quant {
			factors[i] = int16(q)
			if d.fast {
				factors[i] = int16((int(q)*fastScales[i] + 1<<11) >> 12)
			}
		}
	}
	stride := 8 * c.paddedWide
	into := c.plane[from*8*stride:]
	if vectors {
		transformVectors(c.coefs, c.last, &factors, into, c.paddedWide, rows, d.fast)
		return
	}
	block := exactBlock
	if d.fast {
		block = fastBlock
	}
	for row := range rows {
		for column := range c.paddedWide {
			i := row*c.paddedWide + column
			block((*[64]int16)(c.coefs[64*i:]), c.last[i], &factors, into[row*8*stride+8*column:], stride)
		}
	}
}

// short is a number of 16 bits that overflows, as those of vectors do.
func short(v int32) int32 { return int32(int16(v)) }

// narrow is the nearest number of 16 bits.
func narrow(v int32) int32 {
	if v != int32(int16(v)) {
		if v < 0 {
			return -1 << 15
		}
		return 1<<15 - 1
	}
	return v
}

// sample is the nearest byte, 0 being in the middle.
func sample(v int32) uint8 {
	if v += 128; uint32(v) > 255 {
		return uint8(^(v >> 31))
	}
	return uint8(v)
}

// fillBlock makes all samples of a block the same.
func fillBlock(v uint8, into []uint8, stride int) {
	for y := range 8 {
		p := into[y*stride : y*stride+8 : y*stride+8]
		p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7] = v, v, v, v, v, v, v, v
	}
}

// exactBlock makes the samples of a block. Coefficients behind the last are zeros.
func exactBlock(coef *[64]int16, last uint8, factors *[64]int16, into []uint8, stride int) {
	if last == 0 {
		fillBlock(sample((short(int32(coef[0]*factors[0])<<passBits)+16)>>5), into, stride)
		return
	}
	var work [64]int32
	var any int16
	for x := range 8 {
		b := coef[x:]
		_ = b[56]
		if below := b[8] | b[16] | b[24] | b[32] | b[40] | b[48] | b[56]; below == 0 {
			v := narrow(int32(b[0]*factors[x]) << passBits)
			work[x], work[8+x], work[16+x], work[24+x], work[32+x], work[40+x], work[48+x], work[56+x] = v, v, v, v, v, v, v, v
			continue
		}
		any = 1
		in := func(row int) int32 { return int32(b[8*row] * factors[8*row+x]) }
		even0, even1, even2, even3, odd0, odd1, odd2, odd3 := halves(in(0), in(1), in(2), in(3), in(4), in(5), in(6), in(7))
		const bits = pointBits - passBits
		const half = 1 << (bits - 1)
		work[x] = narrow((even0 + odd3 + half) >> bits)
		work[8+x] = narrow((even1 + odd2 + half) >> bits)
		work[16+x] = narrow((even2 + odd1 + half) >> bits)
		work[24+x] = narrow((even3 + odd0 + half) >> bits)
		work[32+x] = narrow((even3 - odd0 + half) >> bits)
		work[40+x] = narrow((even2 - odd1 + half) >> bits)
		work[48+x] = narrow((even1 - odd2 + half) >> bits)
		work[56+x] = narrow((even0 - odd3 + half) >> bits)
	}
	if any == 0 { // then vectors let the first row overflow
		for x := range 8 {
			v := short(int32(coef[x]*factors[x]) << passBits)
			work[x], work[8+x], work[16+x], work[24+x], work[32+x], work[40+x], work[48+x], work[56+x] = v, v, v, v, v, v, v, v
		}
	}
	for y := range 8 {
		w := (*[8]int32)(work[8*y:])
		p := into[y*stride : y*stride+8 : y*stride+8]
		even0, even1, even2, even3, odd0, odd1, odd2, odd3 := halves(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7])
		const bits = pointBits + passBits + 3
		const half = 1 << (bits - 1)
		p[0] = sample((even0 + odd3 + half) >> bits)
		p[1] = sample((even1 + odd2 + half) >> bits)
		p[2] = sample((even2 + odd1 + half) >> bits)
		p[3] = sample((even3 + odd0 + half) >> bits)
		p[4] = sample((even3 - odd0 + half) >> bits)
		p[5] = sample((even2 - odd1 + half) >> bits)
		p[6] = sample((even1 - odd2 + half) >> bits)
		p[7] = sample((even0 - odd3 + half) >> bits)
	}
}

// halves are what the even and the odd of 8 coefficients add to a sample and to the one opposite to it, which the odd are taken from.
func halves(a0, a1, a2, a3, a4, a5, a6, a7 int32) (even0, even1, even2, even3, odd0, odd1, odd2, odd3 int32) {
	sum, difference := short(a0+a4)<<pointBits, short(a0-a4)<<pointBits
	slow := (a2 + a6) * c0541
	low, high := slow-a6*c1847, slow+a2*c0765
	even0, even3 = sum+high, sum-high
	even1, even2 = difference+low, difference-low

	left, right := short(a7+a3), short(a5+a1)
	both := (left + right) * c1175
	left, right = both-left*c1961, both-right*c0390
	outer, inner := (a7+a1)*c0899, (a5+a3)*c2562
	odd0 = a7*c0298 - outer + left
	odd1 = a5*c2053 - inner + right
	odd2 = a3*c3072 - inner + left
	odd3 = a1*c1501 - outer + right
	return
}
