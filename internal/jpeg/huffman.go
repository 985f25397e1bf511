package jpeg

import (
	"bytes"
	"errors"
	"fmt"
)

// ahead is how many bits are looked up at once.
const ahead = 10

// code is a Huffman code.
type code struct {
	// of the next bits: a coefficient's value above 16 bits, or 0 where it isn't among them; then what is coded, 8 bits, and the length, in bits 0 to 7, of both or
	// of the code alone, or 0 where the code is longer.
	quick [1 << ahead]uint32

	counts [17]int
	first  [18]int32 // the first code of each length, and behind the last
	offset [17]int32
	values [256]uint8
	spec   []byte // that it was made from
}

func (d *decoder) readCodes(p []byte) error {
	for len(p) > 0 {
		if len(p) < 17 {
			return errors.New("a Huffman table is cut off")
		}
		class, which, n := p[0]>>4, p[0]&15, 0
		for _, c := range p[1:17] {
			n += int(c)
		}
		if class > 1 || which > 3 || n > 256 || n > len(p)-17 {
			return fmt.Errorf("table %d of Huffman codes, class %d, has %d codes in %d bytes, which isn't right", which, class, n, len(p))
		}
		c, err := d.codeOf(int(class), p[1:17+n])
		if err != nil {
			return err
		}
		d.codes[class][which], p = c, p[17+n:]
	}
	return nil
}

// choose takes a code of a scan.
func (d *decoder) choose(c **code, class int, which byte) error {
	if which > 3 {
		return fmt.Errorf("table %d of Huffman codes, want one from 0 to 3", which)
	}
	if *c = d.codes[class][which]; *c != nil {
		return (*c).valid(class)
	}
	if d.progressive || which > 1 {
		return fmt.Errorf("there is no table %d of Huffman codes", which)
	}
	*c = standard()[class][which] // as frames of videos leave them out
	return nil
}

// valid reports codes of DC coefficients that can't be.
func (c *code) valid(class int) error {
	if class == 1 {
		return nil
	}
	n := 0
	for _, k := range c.counts {
		n += k
	}
	for _, v := range c.values[:n] {
		if v > 15 {
			return fmt.Errorf("a DC coefficient of %d bits, want at most 15", v)
		}
	}
	return nil
}

// codeOf returns the code of that description, most often that of an earlier picture.
func (d *decoder) codeOf(class int, spec []byte) (*code, error) {
	for _, c := range d.known[class] {
		if bytes.Equal(c.spec, spec) {
			return c, nil
		}
	}
	c, err := newCode(spec)
	if err == nil {
		if len(d.known[class]) == 8 {
			d.known[class] = d.known[class][4:]
		}
		d.known[class] = append(d.known[class], c)
	}
	return c, err
}

// newCode makes a code of how many codes of each length there are and what they stand for.
func newCode(spec []byte) (*code, error) {
	c := &code{spec: bytes.Clone(spec)}
	values := c.values[:copy(c.values[:], spec[16:])]
	next, at := int32(0), 0
	for l := 1; l <= 16; l++ {
		n := int(spec[l-1])
		c.counts[l], c.first[l], c.offset[l] = n, next, int32(at)-next
		for range n {
			if l <= ahead {
				c.fillQuick(uint32(next), uint(l), values[at])
			}
			next++
			at++
		}
		if n > 0 && next >= 1<<l { // none is of ones alone
			return nil, errors.New("a Huffman table has more codes than there can be")
		}
		next <<= 1
	}
	return c, nil
}

// fillQuick enters a code wherever the next bits begin with it.
func (c *code) fillQuick(code uint32, length uint, value uint8) {
	if code >= 1<<length { // refused afterwards
		return
	}
	bits := uint(value & 15)
	from := code << (ahead - length)
	for i := range uint32(1) << (ahead - length) {
		e := uint32(value)<<8 | uint32(length)
		if bits > 0 && length+bits <= ahead {
			v := extended(int32(i>>(ahead-length-bits)), bits)
			e = uint32(v)<<16 | uint32(value)<<8 | uint32(length+bits)
		}
		c.quick[from+i] = e
	}
}

// extended is the number that so many bits stand for.
func extended(v int32, bits uint) int32 {
	if v < 1<<bits>>1 {
		v += -1<<bits + 1
	}
	return v
}

// symbol reads what is coded next; what is no code counts as 0.
func (b *bits) symbol(c *code) uint8 {
	b.fill()
	if e := c.quick[b.acc>>(64-ahead)]; e != 0 {
		if e>>16 == 0 {
			b.skip(uint(e & 63))
			return uint8(e >> 8)
		}
		b.skip(uint(e&63) - uint(e>>8&15))
		return uint8(e >> 8)
	}
	return b.long(c)
}

// long reads a code longer than those looked up.
func (b *bits) long(c *code) uint8 {
	for l := uint(ahead + 1); l <= 16; l++ {
		v := int32(b.acc >> (64 - l))
		if v < c.first[l]+int32(c.counts[l]) && v >= c.first[l] {
			b.skip(l)
			return c.values[v+c.offset[l]]
		}
	}
	b.skip(17)
	return 0
}
