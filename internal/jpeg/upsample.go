package jpeg

import "errors"

// sampling is how a color's samples become those of the picture.
type sampling int

const (
	full     sampling = iota // there is one for each pixel
	wideHalf                 // one for two beside each other: each pixel takes three quarters of its own and one of the nearest other one
	highHalf                 // one for two above each other, likewise
	bothHalf                 // one for two by two
	repeated                 // one for as many as it may be, which all take it
)

// sampling returns a color's. For so few columns that there is no neighbour on each side libjpeg repeats them.
func (d *decoder) sampling(c *component) (s sampling, wide, high int, err error) {
	if d.maxH%c.h != 0 || d.maxV%c.v != 0 {
		return 0, 0, 0, errors.New("a color's samples aren't a whole part of another's, which isn't supported")
	}
	wide, high = d.maxH/c.h, d.maxV/c.v
	switch {
	case wide == 1 && high == 1:
		s = full
	case wide == 2 && high == 1 && c.width > 2:
		s = wideHalf
	case wide == 1 && high == 2:
		s = highHalf
	case wide == 2 && high == 2 && c.width > 2:
		s = bothHalf
	default:
		s = repeated
	}
	return s, wide, high, nil
}

// upsampler returns what makes a row of the picture from a color's samples, valid until it is called again.
func (d *decoder) upsampler(c *component) (func(y int) []uint8, error) {
	s, wide, high, err := d.sampling(c)
	if err != nil {
		return nil, err
	}
	stride := 8 * c.paddedWide
	line := func(y int) []uint8 { return c.plane[min(max(y, 0), c.height-1)*stride:][:c.width] }
	// near is the row that a pixel's color takes a quarter of.
	near := func(y int) []uint8 { return line(y/2 + 2*(y%2) - 1) }
	into := c.into
	switch s {
	case full:
		return line, nil
	case wideHalf:
		return func(y int) []uint8 { widen(line(y), into); return into }, nil
	case highHalf:
		return func(y int) []uint8 {
			own, near, round := line(y/2), near(y), 1+int32(y%2)
			into, near := into[:len(own)], near[:len(own)]
			for i, v := range own {
				into[i] = uint8((3*int32(v) + int32(near[i]) + round) >> 2)
			}
			return into
		}, nil
	case bothHalf:
		return func(y int) []uint8 { widenBoth(line(y/2), near(y), into); return into }, nil
	}
	return func(y int) []uint8 {
		row := line(y / high)
		for i, v := range row {
			for k := range wide {
				into[i*wide+k] = v
			}
		}
		return into
	}, nil
}

// widen makes two pixels of each sample of at least 2.
func widen(row, into []uint8) {
	n := len(row)
	into = into[:2*n]
	into[0], into[2*n-1] = row[0], row[n-1]
	before := int32(row[0])
	for i, b := range row[1:] {
		v := int32(b)
		p := into[2*i+1 : 2*i+3 : 2*i+3]
		p[0], p[1] = uint8((3*before+v+2)>>2), uint8((3*v+before+1)>>2)
		before = v
	}
}

// widenBoth does it where a row takes a quarter of its nearest one.
func widenBoth(own, near, into []uint8) {
	n := len(own)
	near, into = near[:n], into[:2*n]
	before := 3*int32(own[0]) + int32(near[0])
	into[0] = uint8((4*before + 8) >> 4)
	for i, b := range own[1:] {
		v := 3*int32(b) + int32(near[i+1])
		p := into[2*i+1 : 2*i+3 : 2*i+3]
		p[0], p[1] = uint8((3*before+v+7)>>4), uint8((3*v+before+8)>>4)
		before = v
	}
	into[2*n-1] = uint8((4*before + 7) >> 4)
}
