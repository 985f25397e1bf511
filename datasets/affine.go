package datasets

import "math"

type matrix3 [3][3]float64

func (a matrix3) times(b matrix3) (out matrix3) {
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				out[i][j] += a[i][k] * b[k][j]
			}
		}
	}
	return out
}

// affine moves an image's pixels (Keras: apply_affine_transform, which takes SciPy's affine_transform for each channel).
func (g *ImageDataGenerator) affine(m *picture, p ImageTransform) {
	var whole *matrix3
	then := func(next matrix3) {
		if whole != nil {
			next = whole.times(next)
		}
		whole = &next
	}
	if p.Theta != 0 {
		sin, cos := math.Sincos(p.Theta * (math.Pi / 180))
		then(matrix3{{cos, -sin, 0}, {sin, cos, 0}, {0, 0, 1}})
	}
	if p.Tx != 0 || p.Ty != 0 {
		then(matrix3{{1, 0, p.Tx}, {0, 1, p.Ty}, {0, 0, 1}})
	}
	if p.Shear != 0 {
		sin, cos := math.Sincos(p.Shear * (math.Pi / 180))
		then(matrix3{{1, -sin, 0}, {0, cos, 0}, {0, 0, 1}})
	}
	zx, zy := p.Zx, p.Zy
	if zx == 0 {
		zx = 1
	}
	if zy == 0 {
		zy = 1
	}
	if zx != 1 || zy != 1 {
		then(matrix3{{zx, 0, 0}, {0, zy, 0}, {0, 0, 1}})
	}
	if whole == nil {
		return
	}
	ox, oy := float64(m.height)/2-0.5, float64(m.width)/2-0.5
	t := matrix3{{1, 0, ox}, {0, 1, oy}, {0, 0, 1}}.times(*whole).times(matrix3{{1, 0, -ox}, {0, 1, -oy}, {0, 0, 1}})
	// Keras exchanges x and y of the matrix.
	a := [2][3]float64{{t[1][1], t[1][0], t[1][2]}, {t[0][1], t[0][0], t[0][2]}}
	planes := make([]*splinePlane, m.channels)
	if g.order > 1 {
		for c := range planes {
			planes[c] = splineOf(m, c, g.order, g.o.FillMode)
		}
	}
	out := make([]float32, len(m.pixels))
	for y := range m.height {
		for x := range m.width {
			at := [2]float64{}
			for i := range at {
				at[i] = float64(y)*a[i][0] + float64(x)*a[i][1] + a[i][2]
			}
			rows, high, inside := g.taps(at[0], m.height)
			columns, wide, insideToo := g.taps(at[1], m.width)
			for c := range m.channels {
				v := g.o.Cval
				if inside && insideToo {
					v = 0
					for i, row := range rows[:g.order+1] {
						for j, column := range columns[:g.order+1] {
							var pixel float64
							if p := planes[c]; p != nil {
								pixel = p.values[row*p.width+column]
							} else {
								pixel = float64(m.pixels[m.at(c, row, column)])
							}
							v += pixel * high[i] * wide[j]
						}
					}
				}
				out[m.at(c, y, x)] = float32(v)
			}
		}
	}
	m.pixels = out
}

// taps are the places along an axis that make the value at a coordinate, and their weights; false for what Cval fills. Of splines the places are those of coefficients.
func (g *ImageDataGenerator) taps(at float64, n int) (places [6]int, weights [6]float64, inside bool) {
	if g.order > 1 && g.o.FillMode == "nearest" { // beyond the edges too, where the last coefficient goes on
		n += 2 * splinePad
		at = min(max(at+splinePad, -splinePad), float64(n+splinePad))
	} else if at = outside(at, n, g.o.FillMode); !(at > -1) {
		return places, weights, false
	}
	middle := math.Floor(at)
	if g.order%2 == 0 {
		middle = math.Floor(at + 0.5)
	}
	weights = splineWeights(at-middle, g.order)
	for i := range places[:g.order+1] {
		place := int(middle) - g.order/2 + i
		switch g.o.FillMode {
		case "nearest":
			place = min(max(place, 0), n-1)
		case "reflect":
			if place < 0 || place >= n {
				place = int(outside(float64(place), n, "reflect"))
			}
		default:
			place = mirrored(place, n)
		}
		places[i] = place
	}
	return places, weights, true
}

// outside maps a coordinate beyond the borders as SciPy does.
func outside(at float64, n int, mode string) float64 {
	last := float64(n - 1)
	if at >= 0 && at <= last {
		return at
	}
	switch {
	case mode == "constant":
		return -1
	case mode == "nearest":
		return min(max(at, 0), last)
	case n <= 1:
		return 0
	case mode == "wrap":
		if at < 0 {
			return at + last*(math.Trunc(-at/last)+1)
		}
		return at - last*math.Trunc(at/last)
	}
	whole := 2 * float64(n)
	if at > last {
		if at -= whole * math.Trunc(at/whole); at >= float64(n) {
			at = whole - at - 1
		}
		return at
	}
	if at < -whole {
		at += whole * math.Trunc(-at/whole)
	}
	if at < -float64(n) {
		return at + whole
	}
	return max(-at, 1e-15) - 1
}
