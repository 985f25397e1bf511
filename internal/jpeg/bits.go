package jpeg

import (
	"bytes"
	"encoding/binary"
)

// bits reads the coded data between two markers.
type bits struct {
	buf  []byte // the data without what keeps them apart from markers, and zeros
	size int    // without the zeros
	next int    // of buf
	acc  uint64 // the bits at hand, the next one above
	n    uint   // how many
}

// zeros behind the data are read at once with their end.
const zeros = 8

// fill has at least 32 bits at hand; behind the data come zeros.
func (b *bits) fill() {
	if b.n < 32 {
		if b.next+4 <= len(b.buf) {
			b.acc |= uint64(binary.BigEndian.Uint32(b.buf[b.next:])) << (32 - b.n)
		}
		b.next += 4
		b.n += 32
	}
}

// take takes up to 16 bits.
func (b *bits) take(n uint) int32 {
	b.fill()
	v := b.acc >> (64 - n)
	b.skip(n)
	return int32(v)
}

func (b *bits) skip(n uint) {
	b.acc <<= n
	b.n -= n
}

// past reports whether more was read than there was.
func (b *bits) past() bool { return b.next*8-int(b.n) > b.size*8 }

// coded makes the data up to the next marker, which it reads, ready.
func (d *decoder) coded() error {
	buf, rest := d.buf[:0], d.data[d.pos:]
	for {
		i := bytes.IndexByte(rest, 0xff)
		if i < 0 {
			return ErrCut
		}
		buf = append(buf, rest[:i]...)
		for i < len(rest) && rest[i] == 0xff {
			i++
		}
		if i == len(rest) {
			return ErrCut
		}
		m := rest[i]
		if rest = rest[i+1:]; m != 0 {
			d.marker = m
			break
		}
		buf = append(buf, 0xff)
	}
	d.pos = len(d.data) - len(rest)
	size := len(buf)
	d.bits = bits{buf: append(buf, make([]byte, zeros)...), size: size}
	return nil
}

// restarted goes on behind the next restart marker. Where another comes, it takes it, passes it over or leaves it as libjpeg does.
func (d *decoder) restarted() error {
	m, err := d.nextMarker()
	if err != nil {
		return err
	}
	for want := rst0 + d.nextRestart; m != want; {
		ahead := (m - want) & 7
		switch {
		case m < sof0 || m >= rst0 && m <= rst7 && ahead >= 6: // an earlier one, or none at all
			if m, err = d.nextMarker(); err != nil {
				return err
			}
			continue
		case m < rst0 || m > rst7 || ahead <= 2: // the data in between are lost
			d.marker = m
		}
		break
	}
	d.nextRestart = (d.nextRestart + 1) & 7
	d.untilRestart, d.eobRun = d.restart, 0
	for _, c := range d.inScan {
		c.predicted = 0
	}
	if d.marker != 0 {
		d.bits = bits{buf: append(d.buf[:0], make([]byte, zeros)...)}
		return nil
	}
	d.insufficient = false
	return d.coded()
}

// over reports that nothing more comes in this scan.
func (d *decoder) over() bool {
	return d.insufficient && (d.restart == 0 || d.marker < rst0 || d.marker > rst7)
}
