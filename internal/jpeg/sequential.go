package jpeg

import "encoding/binary"

// sequential reads a block of a sequential picture, which holds zeros.
func (d *decoder) sequential(c *component, at int) {
	d.fill()
	if e := c.dc.quick[d.acc>>(64-ahead)]; e>>16 != 0 {
		c.predicted += int32(int16(e >> 16))
		d.skip(uint(e & 63))
	} else if bits := d.symbol(c.dc); bits > 0 {
		c.predicted += extended(d.take(uint(bits)), uint(bits))
	}
	coef := (*[64]int16)(c.coefs[at*64:])
	coef[0] = int16(c.predicted)
	// What follows reads most of a file: what it needs is at hand, and most codes come with their values.
	quick, buf := &c.ac.quick, d.buf
	acc, n, next := d.acc, d.n, d.next
	k := uint(1)
	last := uint(0)
	for k < 64 {
		if n < 32 {
			if next+4 <= len(buf) {
				acc |= uint64(binary.BigEndian.Uint32(buf[next:])) << (32 - n)
			}
			next += 4
			n += 32
		}
		e := quick[acc>>(64-ahead)]
		if v := int16(e >> 16); v != 0 {
			acc <<= e & 63
			n -= uint(e & 63)
			k += uint(e >> 12 & 15)
			coef[order[k&127]&63] = v
			last = k
			k++
			continue
		}
		acc <<= e & 63
		n -= uint(e & 63)
		if e == 0 {
			d.acc, d.n, d.next = acc, n, next
			e = uint32(d.long(c.ac)) << 8
			acc, n, next = d.acc, d.n, d.next
		}
		bits := uint(e >> 8 & 15)
		run := uint(e >> 12 & 15)
		if bits == 0 {
			if run != 15 {
				break
			}
			k += 16
			continue
		}
		v := extended(int32(acc>>((64-bits)&63)), bits) // of the 32 bits at hand a code takes at most 17
		acc <<= bits
		n -= bits
		k += run
		coef[order[k&127]&63] = int16(v)
		last = k
		k++
	}
	d.acc, d.n, d.next = acc, n, next
	c.last[at] = max(c.last[at], uint8(last))
}
