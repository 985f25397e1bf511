package cifartest

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Pickle returns the batch as data_batch_N of the Python archive has it: what Python 2's cPickle writes, in protocol 2,
// for a dictionary of the batch's label, the classes as a list, the pixels as a NumPy array of shape (images, 3072) and
// unsigned bytes, and the pictures' file names.
func (b Batch) Pickle(batchLabel string) []byte {
	p := &pickler{}
	p.raw("\x80\x02}")
	p.put()
	p.raw("(")
	p.string("batch_label", true)
	p.string(batchLabel, true)
	p.string("labels", true)
	p.list(len(b.Labels), func(i int) { p.integer(int(b.Labels[i])) })
	p.string("data", true)
	p.array(len(b.Labels), ImageBytes, b.Pixels)
	p.string("filenames", true)
	p.list(len(b.Labels), func(i int) { p.string(fmt.Sprintf("picture_s_%06d.png", i), true) })
	p.raw("u.")
	return p.out.Bytes()
}

// pickler writes the operations that a batch needs; each is named after Python's pickletools.
type pickler struct {
	out  bytes.Buffer
	memo int
}

func (p *pickler) raw(s string) { p.out.WriteString(s) }

// put writes BINPUT or LONG_BINPUT.
func (p *pickler) put() {
	p.memo++
	if p.memo < 256 {
		p.out.Write([]byte{'q', byte(p.memo)})
		return
	}
	p.out.Write(binary.LittleEndian.AppendUint32([]byte{'r'}, uint32(p.memo)))
}

// string writes SHORT_BINSTRING or BINSTRING.
func (p *pickler) string(s string, memo bool) {
	if len(s) < 256 {
		p.out.Write([]byte{'U', byte(len(s))})
	} else {
		p.out.Write(binary.LittleEndian.AppendUint32([]byte{'T'}, uint32(len(s))))
	}
	p.out.WriteString(s)
	if memo {
		p.put()
	}
}

// integer writes BININT1, BININT2 or BININT.
func (p *pickler) integer(v int) {
	switch {
	case v >= 0 && v < 1<<8:
		p.out.Write([]byte{'K', byte(v)})
	case v >= 0 && v < 1<<16:
		p.out.Write([]byte{'M', byte(v), byte(v >> 8)})
	default:
		p.out.Write(binary.LittleEndian.AppendUint32([]byte{'J'}, uint32(int32(v))))
	}
}

// list writes EMPTY_LIST and its elements, a thousand to an APPENDS.
func (p *pickler) list(n int, element func(i int)) {
	p.raw("]")
	p.put()
	for start := 0; start < n; start += 1000 {
		p.raw("(")
		for i := start; i < min(start+1000, n); i++ {
			element(i)
		}
		p.raw("e")
	}
}

func (p *pickler) array(rows, columns int, data []byte) {
	p.raw("cnumpy.core.multiarray\n_reconstruct\n")
	p.put()
	p.raw("cnumpy\nndarray\n")
	p.put()
	p.raw("K\x00\x85")
	p.put()
	p.string("b", true)
	p.raw("\x87")
	p.put()
	p.raw("R")
	p.put()
	p.raw("(K\x01")
	p.integer(rows)
	p.integer(columns)
	p.raw("\x86")
	p.put()
	p.raw("cnumpy\ndtype\n")
	p.put()
	p.string("u1", false)
	p.raw("K\x00K\x01\x87")
	p.put()
	p.raw("R")
	p.put()
	p.raw("(K\x03")
	p.string("|", false)
	p.raw("NNN")
	p.integer(-1)
	p.integer(-1)
	p.raw("K\x00tb")
	p.raw("\x89")
	p.string(string(data), false)
	p.raw("tb")
}
