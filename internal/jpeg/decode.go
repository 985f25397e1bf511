package jpeg

import (
	"errors"
	"fmt"
)

// maxScans bounds the work that few bytes can ask for: one scan of a progressive picture can change all of it.
const maxScans = 1000

// spare is memory for pictures, used again for the next one.
type spare struct {
	known  [2][]*code
	bytes  []uint8 // of planes and rows
	coefs  []int16
	extent []uint8
}

// size is about how many bytes a decoder holds.
func (d *decoder) size() int {
	return cap(d.bytes) + 2*cap(d.coefs) + cap(d.extent) + cap(d.buf)
}

func (d *decoder) decode(o Options, pixels []uint8) (*Picture, error) {
	if err := d.header(); err != nil {
		return nil, err
	}
	d.fast = o.Fast
	streaming, complete := false, false
	for {
		m, err := d.nextMarker()
		switch {
		case err != nil:
		case m == eoi:
			if d.scans == 0 {
				return nil, errors.New("there is no picture in the file")
			}
			if !streaming {
				if err := d.checkWhole(); err != nil {
					return nil, err
				}
				for i := range d.components {
					c := &d.components[i]
					d.transform(c, 0, c.paddedHigh)
				}
			}
			return d.picture(o.Gray, pixels)
		case m != sos:
			err = d.segment(m)
		case streaming:
			err = errors.New("a scan follows one that has all colors")
		case d.scans == maxScans:
			err = fmt.Errorf("there are more than %d scans", maxScans)
		default:
			if err = d.readScan(); err != nil {
				break
			}
			if d.scans == 0 {
				streaming = !d.progressive && len(d.inScan) == len(d.components)
				d.room(streaming)
			}
			d.scans++
			if err = d.coded(); err != nil {
				break
			}
			switch {
			case streaming:
				if err = d.rows(); err == nil {
					complete = true
				}
			case len(d.inScan) == 1:
				err = d.alone(d.inScan[0])
			default:
				err = d.together()
			}
		}
		if complete && err == ErrCut {
			return d.picture(o.Gray, pixels) // nothing is missing but what follows
		}
		if err != nil {
			return nil, err
		}
	}
}

// room makes memory for the planes and coefficients of a picture, or for a row of MCUs' coefficients where streaming.
func (d *decoder) room(streaming bool) {
	bytes, coefs := 0, 0
	for i := range d.components {
		c := &d.components[i]
		high := c.paddedHigh
		if streaming {
			high = c.v
		}
		coefs += 64 * c.paddedWide * high
		bytes += 64*c.paddedWide*c.paddedHigh + d.rowRoom()
	}
	d.bytes, d.coefs, d.extent = sized(d.bytes, bytes), sized(d.coefs, coefs), sized(d.extent, coefs/64)
	clear(d.coefs)
	clear(d.extent)
	bytesAt, coefsAt := 0, 0
	for i := range d.components {
		c := &d.components[i]
		high := c.paddedHigh
		if streaming {
			high = c.v
		}
		n := 64 * c.paddedWide * high
		c.coefs, c.last = d.coefs[coefsAt:coefsAt+n], d.extent[coefsAt/64:(coefsAt+n)/64]
		coefsAt += n
		n = 64 * c.paddedWide * c.paddedHigh
		c.plane, c.into = d.bytes[bytesAt:bytesAt+n], d.bytes[bytesAt+n:bytesAt+n+d.rowRoom()]
		bytesAt += n + d.rowRoom()
	}
}

// rowRoom is room for a row of the picture, made for some pixels at a time.
func (d *decoder) rowRoom() int { return up(d.width, 64)*64 + 64 }

// sized is memory of that size, what it holds left open.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// rows reads a scan of all colors, a row of MCUs at a time.
func (d *decoder) rows() error {
	wide, high := up(d.width, 8*d.maxH), up(d.height, 8*d.maxV)
	for row := range high {
		if row > 0 {
			clear(d.coefs)
			clear(d.extent)
		}
		for column := range wide {
			if d.restart > 0 {
				if d.untilRestart == 0 {
					if err := d.restarted(); err != nil {
						return err
					}
				}
				d.untilRestart--
			}
			if d.insufficient {
				continue
			}
			for _, c := range d.inScan {
				for y := range c.v {
					at := y*c.paddedWide + column*c.h
					for x := range c.h {
						d.sequential(c, at+x)
					}
				}
			}
			d.insufficient = d.past()
		}
		for i := range d.components {
			c := &d.components[i]
			d.transform(c, row*c.v, c.v)
		}
	}
	return nil
}

// together reads a scan of several colors, whose coefficients are kept.
func (d *decoder) together() error {
	wide, high := up(d.width, 8*d.maxH), up(d.height, 8*d.maxV)
	read := d.reader()
	for row := range high {
		for column := range wide {
			more, err := d.more()
			if err != nil {
				return err
			}
			if !more {
				if d.over() {
					return nil
				}
				continue
			}
			for _, c := range d.inScan {
				for y := range c.v {
					at := (row*c.v+y)*c.paddedWide + column*c.h
					for x := range c.h {
						read(c, at+x)
					}
				}
			}
			d.insufficient = d.past()
		}
	}
	return nil
}

// alone reads a scan of one color, whose coefficients are kept.
func (d *decoder) alone(c *component) error {
	read := d.reader()
	for row := range c.blocksHigh {
		at := row * c.paddedWide
		for column := range c.blocksWide {
			more, err := d.more()
			if err != nil {
				return err
			}
			if more {
				read(c, at+column)
				d.insufficient = d.past()
			} else if d.over() {
				return nil
			}
		}
	}
	return nil
}

// more restarts where it is time to, and reports whether there are data.
func (d *decoder) more() (bool, error) {
	if d.restart > 0 {
		if d.untilRestart == 0 {
			if err := d.restarted(); err != nil {
				return false, err
			}
		}
		d.untilRestart--
	}
	return !d.insufficient, nil
}

// reader returns what reads a block of the scan.
func (d *decoder) reader() func(c *component, at int) {
	switch {
	case !d.progressive:
		return d.sequential
	case d.from == 0 && d.high == 0:
		return d.firstDC
	case d.from == 0:
		return d.laterDC
	case d.high == 0:
		return d.firstAC
	}
	return d.laterAC
}

// checkWhole refuses progressive pictures of which scans are missing: libjpeg guesses what these would have brought.
func (d *decoder) checkWhole() error {
	if !d.progressive {
		return nil
	}
	for i := range d.components {
		c := &d.components[i]
		if c.quant == nil || c.accuracy[0] < 0 {
			return nil
		}
	}
	for i := range d.components {
		for k, missing := range d.components[i].accuracy[1:10] {
			if missing != 0 {
				return fmt.Errorf("scans are missing: coefficient %d of color %d isn't there, or not in full", k+1, i)
			}
		}
	}
	return nil
}
