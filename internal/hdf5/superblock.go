package hdf5

import (
	"fmt"
	"io"
)

const signature = "\x89HDF\r\n\x1a\n"

// openSource finds and reads the superblock. It returns the file and the address of the root group's object header.
func openSource(r io.ReaderAt, size int64) (*source, uint64, error) {
	// The format lets a user's own block come first, so the signature may stand at 0 or at any power of two from 512.
	for at := int64(0); at >= 0 && at < size; at = max(512, at*2) {
		var sig [len(signature)]byte
		if n, err := r.ReadAt(sig[:], at); n < len(sig) {
			if err == io.EOF || err == nil {
				break
			}
			return nil, 0, fmt.Errorf("read the HDF5 signature: %w", err)
		}
		if string(sig[:]) == signature {
			return readSuperblock(r, at, size)
		}
	}
	return nil, 0, fmt.Errorf("%w: no HDF5 signature in it", ErrNotHDF5)
}

func readSuperblock(r io.ReaderAt, at, size int64) (*source, uint64, error) {
	src := &source{r: r, base: at, size: uint64(size - at), offSize: 8, lenSize: 8}
	// 120 bytes hold every version at its widest; a small file may end before.
	c, err := src.read("superblock", 0, min(120, src.size))
	if err != nil {
		return nil, 0, err
	}
	c.skip(len(signature))
	version := c.version(0, 1, 2, 3)
	if version <= 1 {
		c.skip(1 + 1 + 1 + 1) // versions of the free space, the root symbol table and shared headers, reserved
		src.setWidths(c)
		c.skip(1 + 2 + 2 + 4) // reserved, the B-trees' orders, consistency flags
		if version == 1 {
			c.skip(2 + 2)
		}
	} else {
		src.setWidths(c)
		c.skip(1)
	}
	base := c.offset()
	extra := c.offset() // free space in versions 0 and 1, the superblock's extension in 2 and 3
	end := c.offset()
	var root uint64
	if version <= 1 {
		driver := c.offset()
		if c.err == nil && driver != undefined {
			return nil, 0, unsupported("the file is one of several written by a multi-file driver")
		}
		c.offset() // the root's name
		root = c.offset()
	} else {
		root = c.offset()
		c.checksum(c.pos + 4)
	}
	_ = extra
	if c.err != nil {
		return nil, 0, c.err
	}
	// Addresses count from the base. One that contradicts where the signature stands means a block was put before the file.
	if base != uint64(at) && base != 0 {
		return nil, 0, corrupt("superblock", uint64(at), "its base address is %#x", base)
	}
	if base == 0 {
		src.base, src.size = 0, uint64(size)
	}
	if end == undefined || end < base || end-base > src.size {
		return nil, 0, fmt.Errorf("%w: the file is truncated: it should have %d bytes and has %d", ErrCorrupt, end, size)
	}
	return src, root, nil
}

func (s *source) setWidths(c *cursor) {
	s.offSize, s.lenSize = c.u8(), c.u8()
	for _, width := range []int{s.offSize, s.lenSize} {
		if c.err == nil && width != 2 && width != 4 && width != 8 {
			c.fail("addresses or lengths of %d bytes; 2, 4 and 8 are possible", width)
		}
	}
}
