package jpeg

import (
	"errors"
	"fmt"
)

// The markers that mean something here.
const (
	sof0  = 0xc0
	sof2  = 0xc2
	dht   = 0xc4
	sof15 = 0xcf
	jpg   = 0xc8
	dac   = 0xcc
	rst0  = 0xd0
	rst7  = 0xd7
	soi   = 0xd8
	eoi   = 0xd9
	sos   = 0xda
	dqt   = 0xdb
	dnl   = 0xdc
	dri   = 0xdd
	app0  = 0xe0
	app14 = 0xee
	app15 = 0xef
	com   = 0xfe
	tem   = 0x01
)

// ErrCut says that a file ends before all of it is there.
var ErrCut = errors.New("the file is cut off")

// decoder is a picture being decoded.
type decoder struct {
	data   []byte
	pos    int  // of the next byte
	marker byte // one that has been read but not looked at, or 0

	width, height  int
	progressive    bool
	fast           bool           // the DCT
	quants         [4]*[64]uint16 // in the order of rows
	codes          [2][4]*code    // of DC and AC
	restart        int            // MCUs between restart markers, or 0
	jfif, adobe    bool
	adobeTransform byte // Adobe's
	components     []component
	maxH, maxV     int
	scans          int

	scan
	spare // memory that is used again
}

// component is a color of the picture.
type component struct {
	id, h, v, quantIndex int
	width, height        int // in samples
	blocksWide           int // that hold them
	blocksHigh           int
	paddedWide           int // blocks of whole MCUs
	paddedHigh           int
	quant                *[64]uint16
	plane                []uint8  // of paddedWide·8 columns
	coefs                []int16  // of blocks beside each other, each in the order of rows
	last                 []uint8  // the last coefficient of a block that isn't zero, in the order of files
	accuracy             [64]int8 // of a progressive picture: how many bits are missing, -1: all
	dc, ac               *code
	predicted            int32
	into                 []uint8 // room for a row of the picture
}

// scan is what belongs to the scan being read.
type scan struct {
	bits
	inScan       []*component
	from, to     int  // coefficients
	high, low    uint // bits of approximation, before and after
	eobRun       int
	insufficient bool // the data ended too early
	untilRestart int
	nextRestart  byte
}

func (d *decoder) reset(data []byte) {
	*d = decoder{data: data, spare: d.spare, scan: scan{bits: bits{buf: d.buf[:0]}}}
}

// header reads all up to the frame's header, which it reads too.
func (d *decoder) header() error {
	if len(d.data) < 2 || d.data[0] != 0xff || d.data[1] != soi {
		return errors.New("the file doesn't begin as one")
	}
	d.pos = 2
	for d.components == nil {
		switch m, err := d.nextMarker(); {
		case err != nil:
			return err
		case m == eoi || m == sos:
			return errors.New("there is no picture in the file")
		default:
			if err := d.segment(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// nextMarker is the marker at hand or else the next one, whatever lies before it.
func (d *decoder) nextMarker() (byte, error) {
	if m := d.marker; m != 0 {
		d.marker = 0
		return m, nil
	}
	for d.pos < len(d.data) {
		if d.data[d.pos] != 0xff {
			d.pos++
			continue
		}
		for d.pos < len(d.data) && d.data[d.pos] == 0xff {
			d.pos++
		}
		if d.pos < len(d.data) {
			d.pos++
			if m := d.data[d.pos-1]; m != 0 {
				return m, nil
			}
		}
	}
	return 0, ErrCut
}

// segment reads what belongs to a marker but for that of a scan.
func (d *decoder) segment(m byte) error {
	switch {
	case m >= rst0 && m <= rst7 || m == tem:
		return nil
	case m == soi:
		return errors.New("a second picture begins within the first")
	}
	if len(d.data)-d.pos < 2 {
		return ErrCut
	}
	size := int(d.data[d.pos])<<8 | int(d.data[d.pos+1])
	if size < 2 {
		return fmt.Errorf("marker %#x has a length of %d bytes, want at least 2", m, size)
	}
	if size > len(d.data)-d.pos {
		return ErrCut
	}
	p := d.data[d.pos+2 : d.pos+size]
	d.pos += size
	switch {
	case m == dht:
		return d.readCodes(p)
	case m == dqt:
		return d.readQuants(p)
	case m == dri:
		if len(p) != 2 {
			return fmt.Errorf("the interval between restarts has %d bytes, want 2", len(p))
		}
		d.restart = int(p[0])<<8 | int(p[1])
	case m == dac:
		return errors.New("arithmetic coding isn't supported")
	case m == jpg:
		return fmt.Errorf("marker %#x isn't known", m)
	case m >= sof0 && m <= sof15:
		return d.readFrame(m, p)
	case m == app0:
		d.jfif = d.jfif || len(p) >= 14 && string(p[:5]) == "JFIF\x00"
	case m == app14:
		if len(p) >= 12 && string(p[:5]) == "Adobe" {
			d.adobe, d.adobeTransform = true, p[11]
		}
	case m > app0 && m <= app15 || m == com || m == dnl:
	default:
		return fmt.Errorf("marker %#x isn't known", m)
	}
	return nil
}

func (d *decoder) readQuants(p []byte) error {
	for len(p) > 0 {
		wide, which := p[0]>>4 != 0, p[0]&15
		if which > 3 {
			return fmt.Errorf("quantization table %d, want one from 0 to 3", which)
		}
		size := 64
		if wide {
			size = 128
		}
		if p = p[1:]; len(p) < size {
			return fmt.Errorf("a quantization table has %d bytes, want %d", len(p), size)
		}
		table := new([64]uint16)
		for k := range 64 {
			if wide {
				table[order[k]] = uint16(p[2*k])<<8 | uint16(p[2*k+1])
			} else {
				table[order[k]] = uint16(p[k])
			}
		}
		d.quants[which], p = table, p[size:]
	}
	return nil
}

func (d *decoder) readFrame(m byte, p []byte) error {
	switch {
	case m&3 == 3:
		return errors.New("lossless JPEG isn't supported")
	case m > jpg:
		return errors.New("arithmetic coding isn't supported")
	case m > sof2:
		return errors.New("hierarchical JPEG isn't supported")
	case d.components != nil:
		return errors.New("a second frame begins within the first")
	case len(p) < 6 || len(p) != 6+3*int(p[5]):
		return fmt.Errorf("the frame's header has %d bytes, which isn't right for its colors", len(p))
	case p[0] != 8:
		return fmt.Errorf("values of %d bits aren't supported, only those of 8", p[0])
	}
	d.progressive = m == sof2
	d.height, d.width = int(p[1])<<8|int(p[2]), int(p[3])<<8|int(p[4])
	n := int(p[5])
	if d.height == 0 || d.width == 0 {
		return fmt.Errorf("the picture has %d×%d pixels, want at least one", d.width, d.height)
	}
	if n != 1 && n != 3 && n != 4 {
		return fmt.Errorf("the picture has %d colors, want 1, 3 or 4", n)
	}
	components := make([]component, n)
	d.maxH, d.maxV = 1, 1
	for i := range components {
		q := p[6+3*i:]
		c := &components[i]
		c.id, c.h, c.v, c.quantIndex = int(q[0]), int(q[1]>>4), int(q[1]&15), int(q[2])
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 {
			return fmt.Errorf("a color has sampling factors %d×%d, want 1 to 4", c.h, c.v)
		}
		if n == 1 { // nothing to be sampled in comparison with
			c.h, c.v = 1, 1
		}
		d.maxH, d.maxV = max(d.maxH, c.h), max(d.maxV, c.v)
	}
	d.components = components
	d.layOut()
	return nil
}

// layOut computes the colors' sizes from their sampling factors.
func (d *decoder) layOut() {
	for i := range d.components {
		c := &d.components[i]
		c.width, c.height = up(d.width*c.h, d.maxH), up(d.height*c.v, d.maxV)
		c.blocksWide, c.blocksHigh = up(c.width, 8), up(c.height, 8)
		c.paddedWide, c.paddedHigh = up(d.width, 8*d.maxH)*c.h, up(d.height, 8*d.maxV)*c.v
		for k := range c.accuracy {
			c.accuracy[k] = -1
		}
	}
}

// up divides and rounds up.
func up(a, b int) int { return (a + b - 1) / b }

// readScan reads the header of a scan.
func (d *decoder) readScan() error {
	if len(d.data)-d.pos < 2 {
		return ErrCut
	}
	size := int(d.data[d.pos])<<8 | int(d.data[d.pos+1])
	if size > len(d.data)-d.pos {
		return ErrCut
	}
	if size < 6 {
		return fmt.Errorf("a scan's header has %d bytes, which isn't right for its colors", size)
	}
	p := d.data[d.pos+2 : d.pos+size]
	d.pos += size
	n := int(p[0])
	if n < 1 || n > 4 || len(p) != 4+2*n {
		return fmt.Errorf("a scan's header has %d bytes, which isn't right for its %d colors", size, n)
	}
	d.inScan = d.inScan[:0]
	blocks := 0
	for i := range n {
		id, tables := int(p[1+2*i]), p[2+2*i]
		var c *component
		for j := range d.components {
			if d.components[j].id == id && !d.has(&d.components[j]) {
				c = &d.components[j]
				break
			}
		}
		if c == nil {
			return fmt.Errorf("a scan has color %d, which the frame hasn't", id)
		}
		d.inScan = append(d.inScan, c)
		c.predicted = 0
		blocks += c.h * c.v
		if c.quant == nil {
			if c.quantIndex > 3 || d.quants[c.quantIndex] == nil {
				return fmt.Errorf("there is no quantization table %d", c.quantIndex)
			}
			c.quant = d.quants[c.quantIndex]
		}
		d.from, d.to, d.high, d.low = int(p[1+2*n]), int(p[2+2*n]), uint(p[3+2*n]>>4), uint(p[3+2*n]&15)
		needsDC, needsAC := true, true
		if d.progressive {
			needsDC, needsAC = d.from == 0 && d.high == 0, d.from != 0
		}
		if needsDC {
			if err := d.choose(&c.dc, 0, tables>>4); err != nil {
				return err
			}
		}
		if needsAC {
			if err := d.choose(&c.ac, 1, tables&15); err != nil {
				return err
			}
		}
	}
	if n > 1 && blocks > 10 {
		return fmt.Errorf("%d blocks belong together, want at most 10", blocks)
	}
	d.nextRestart, d.untilRestart, d.eobRun, d.insufficient = 0, d.restart, 0, false
	if !d.progressive {
		return nil
	}
	if d.from == 0 && d.to != 0 || d.from > d.to || d.to > 63 || d.from > 0 && n > 1 || d.high != 0 && d.low != d.high-1 || d.low > 13 {
		return fmt.Errorf("a scan of %d colors has coefficients %d to %d, bits %d to %d, which isn't allowed", n, d.from, d.to, d.high, d.low)
	}
	for _, c := range d.inScan {
		for k := d.from; k <= d.to; k++ {
			c.accuracy[k] = int8(d.low)
		}
	}
	return nil
}

func (d *decoder) has(c *component) bool {
	for _, other := range d.inScan {
		if other == c {
			return true
		}
	}
	return false
}
