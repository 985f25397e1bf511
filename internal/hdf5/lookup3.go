package hdf5

import "math/bits"

// lookup3 is Bob Jenkins's public-domain hash, the checksum of HDF5's metadata.
func lookup3(key []byte) uint32 {
	start := 0xdeadbeef + uint32(len(key))
	a, b, c := start, start, start
	word := func(p []byte) (w uint32) {
		for i, v := range p[:min(4, len(p))] {
			w |= uint32(v) << (8 * i)
		}
		return w
	}
	tail := func(p []byte, from int) uint32 {
		if len(p) <= from {
			return 0
		}
		return word(p[from:])
	}
	for len(key) > 12 {
		a += word(key)
		b += word(key[4:])
		c += word(key[8:])
		a = (a - c) ^ bits.RotateLeft32(c, 4)
		c += b
		b = (b - a) ^ bits.RotateLeft32(a, 6)
		a += c
		c = (c - b) ^ bits.RotateLeft32(b, 8)
		b += a
		a = (a - c) ^ bits.RotateLeft32(c, 16)
		c += b
		b = (b - a) ^ bits.RotateLeft32(a, 19)
		a += c
		c = (c - b) ^ bits.RotateLeft32(b, 4)
		b += a
		key = key[12:]
	}
	if len(key) == 0 {
		return c
	}
	a += tail(key, 0)
	b += tail(key, 4)
	c += tail(key, 8)
	c = (c ^ b) - bits.RotateLeft32(b, 14)
	a = (a ^ c) - bits.RotateLeft32(c, 11)
	b = (b ^ a) - bits.RotateLeft32(a, 25)
	c = (c ^ b) - bits.RotateLeft32(b, 16)
	a = (a ^ c) - bits.RotateLeft32(c, 4)
	b = (b ^ a) - bits.RotateLeft32(a, 14)
	c = (c ^ b) - bits.RotateLeft32(b, 24)
	return c
}
