package jpeg

// stored is what a file's values are, by its number of colors, what Adobe's or the JFIF marker says, and the colors' names, as libjpeg guesses it.
func (d *decoder) stored() (space Space, asYCC bool) {
	switch len(d.components) {
	case 1:
		return Gray, false
	case 4:
		return CMYK, d.adobe && d.adobeTransform != 0
	}
	c := d.components
	switch {
	case d.jfif:
		return RGB, true
	case d.adobe:
		return RGB, d.adobeTransform != 0
	}
	return RGB, !(c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B')
}

// picture makes the pixels of the planes.
func (d *decoder) picture(gray bool, pixels []uint8) (*Picture, error) {
	space, asYCC := d.stored()
	p := &Picture{Width: d.width, Height: d.height, Space: space, Adobe: d.adobe}
	if gray && space == RGB {
		p.Space = Gray
	}
	channels := p.Space.Channels()
	p.Pixels = sized(pixels, d.width*d.height*channels)
	if vectors && p.Space == RGB && asYCC && colorsVectors(d, p.Pixels) {
		return p, nil
	}
	var rows [4]func(y int) []uint8
	needed := d.components
	if p.Space == Gray && asYCC {
		needed = needed[:1]
	}
	for i := range needed {
		var err error
		if rows[i], err = d.upsampler(&d.components[i]); err != nil {
			return nil, err
		}
	}
	for y := range d.height {
		into := p.Pixels[y*d.width*channels:][:d.width*channels]
		first := rows[0](y)[:d.width]
		switch {
		case space == Gray || p.Space == Gray && asYCC:
			copy(into, first)
		case p.Space == Gray:
			grayRow(into, first, rows[1](y), rows[2](y))
		case space == RGB && asYCC:
			rgbRow(into, first, rows[1](y), rows[2](y))
		case space == RGB:
			interleave(into, channels, first, rows[1](y), rows[2](y))
		case asYCC:
			cmykRow(into, first, rows[1](y), rows[2](y), rows[3](y))
		default:
			interleave(into, channels, first, rows[1](y), rows[2](y), rows[3](y))
		}
	}
	return p, nil
}

// clamped is a number with 16 bits behind the point as a byte.
func clamped(v int32) uint8 {
	if uint32(v)&0xff000000 == 0 {
		return uint8(v >> 16)
	}
	return uint8(^(v >> 31))
}

// rgb is a color of ITU-R BT.601, in numbers with 16 bits behind the point.
func rgb(luma, blue, red uint8) (r, g, b uint8) {
	y, cb, cr := int32(luma)<<16+1<<15, int32(blue)-128, int32(red)-128
	return clamped(y + 91881*cr), clamped(y - 22554*cb - 46802*cr), clamped(y + 116130*cb)
}

func rgbRow(into, luma, blue, red []uint8) {
	blue, red = blue[:len(luma)], red[:len(luma)]
	for i, v := range luma {
		y, cb, cr := int32(v)<<16+1<<15, int32(blue[i])-128, int32(red[i])-128
		p := into[3*i : 3*i+3 : 3*i+3]
		p[0], p[1], p[2] = clamped(y+91881*cr), clamped(y-22554*cb-46802*cr), clamped(y+116130*cb)
	}
}

// cmykRow takes the colors of YCCK, which are those of white without the inks.
func cmykRow(into, luma, blue, red, black []uint8) {
	for i, v := range luma {
		r, g, b := rgb(v, blue[i], red[i])
		p := into[4*i : 4*i+4 : 4*i+4]
		p[0], p[1], p[2], p[3] = 255-r, 255-g, 255-b, black[i]
	}
}

// grayRow takes the brightness of colors.
func grayRow(into, red, green, blue []uint8) {
	for i := range into {
		into[i] = uint8((19595*uint32(red[i]) + 38470*uint32(green[i]) + 7471*uint32(blue[i]) + 1<<15) >> 16)
	}
}

func interleave(into []uint8, channels int, rows ...[]uint8) {
	for c, row := range rows {
		for i, v := range row[:len(into)/channels] {
			into[i*channels+c] = v
		}
	}
}
