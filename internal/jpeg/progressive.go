package jpeg

// firstDC reads the upper bits of a block's mean.
func (d *decoder) firstDC(c *component, at int) {
	if bits := d.symbol(c.dc); bits > 0 {
		c.predicted += extended(d.take(uint(bits)), uint(bits))
	}
	c.coefs[at*64] = int16(c.predicted << d.low)
}

// laterDC reads one more bit.
func (d *decoder) laterDC(c *component, at int) {
	if d.take(1) != 0 {
		c.coefs[at*64] |= 1 << d.low
	}
}

// firstAC reads the upper bits of some coefficients.
func (d *decoder) firstAC(c *component, at int) {
	if d.eobRun > 0 {
		d.eobRun--
		return
	}
	coef := (*[64]int16)(c.coefs[at*64:])
	for k := d.from; k <= d.to; k++ {
		s := d.symbol(c.ac)
		run, bits := int(s>>4), uint(s&15)
		switch {
		case bits > 0:
			k += run
			coef[order[k&127]&63] = int16(extended(d.take(bits), bits) << d.low)
			c.last[at] = max(c.last[at], uint8(k))
		case run == 15:
			k += 15
		default:
			d.eobRun = 1<<run - 1
			if run > 0 {
				d.eobRun += int(d.take(uint(run)))
			}
			return
		}
	}
}

// laterAC reads one more bit of coefficients, and those that it is the first one of.
func (d *decoder) laterAC(c *component, at int) {
	coef := (*[64]int16)(c.coefs[at*64:])
	k := d.from
	if d.eobRun == 0 {
		for ; k <= d.to; k++ {
			s := d.symbol(c.ac)
			run, value := int(s>>4), int16(0)
			if s&15 != 0 {
				if value = -1 << d.low; d.take(1) != 0 {
					value = 1 << d.low
				}
			} else if run != 15 {
				d.eobRun = 1 << run
				if run > 0 {
					d.eobRun += int(d.take(uint(run)))
				}
				break
			}
			k = d.refine(coef, k, run)
			if value != 0 {
				coef[order[k]&63] = value
				c.last[at] = max(c.last[at], uint8(k))
			}
		}
	}
	if d.eobRun > 0 {
		d.refine(coef, k, 64)
		d.eobRun--
	}
}

// refine reads a bit of each coefficient that isn't zero, from one on to the one behind so many zeros, which it returns.
func (d *decoder) refine(coef *[64]int16, k, zeros int) int {
	for ; k <= d.to; k++ {
		v := &coef[order[k]&63]
		switch {
		case *v == 0:
			if zeros--; zeros < 0 {
				return k
			}
		case d.take(1) != 0 && *v&(1<<d.low) == 0:
			if *v > 0 {
				*v += 1 << d.low
			} else {
				*v -= 1 << d.low
			}
		}
	}
	return k
}
