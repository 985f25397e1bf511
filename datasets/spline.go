package datasets

import "math"

// splinePoles are those of SciPy's spline filters, by order.
var splinePoles = map[int][]float64{
	2: {math.Sqrt(8) - 3},
	3: {math.Sqrt(3) - 2},
	4: {math.Sqrt(664-math.Sqrt(438976)) + math.Sqrt(304) - 19, math.Sqrt(664+math.Sqrt(438976)) - math.Sqrt(304) - 19},
	5: {math.Sqrt(67.5-math.Sqrt(4436.25)) + math.Sqrt(26.25) - 6.5, math.Sqrt(67.5+math.Sqrt(4436.25)) - math.Sqrt(26.25) - 6.5},
}

// splinePad is by how many pixels SciPy repeats the borders before it filters, where no filter fits what lies beyond them exactly.
const splinePad = 12

// splinePlane is one channel of an image as the coefficients of its spline, with edges where the fill mode asks for them.
type splinePlane struct {
	values []float64
	width  int
}

// splineOf makes coefficients of a channel's pixels.
func splineOf(m *picture, channel, order int, mode string) *splinePlane {
	pad := 0
	if mode == "nearest" {
		pad = splinePad
	}
	height, width := m.height+2*pad, m.width+2*pad
	p := &splinePlane{make([]float64, height*width), width}
	for y := range height {
		for x := range p.width {
			row, column := min(max(y-pad, 0), m.height-1), min(max(x-pad, 0), m.width-1)
			p.values[y*p.width+x] = float64(m.pixels[m.at(channel, row, column)])
		}
	}
	// A border that goes on with the nearest pixel or in reverse repeats its last pixel; the others are filtered as if they didn't.
	repeats := mode == "nearest" || mode == "reflect"
	for x := range p.width {
		filterLine(p.values[x:], height, width, order, repeats)
	}
	for y := range height {
		filterLine(p.values[y*p.width:], p.width, 1, order, repeats)
	}
	return p
}

// filterLine makes coefficients of n values, step apart.
func filterLine(line []float64, n, step, order int, repeats bool) {
	if n <= 1 {
		return
	}
	at := func(i int) *float64 { return &line[i*step] }
	gain := 1.0
	for _, z := range splinePoles[order] {
		gain *= (1 - z) * (1 - 1/z)
	}
	for i := range n {
		*at(i) *= gain
	}
	for _, z := range splinePoles[order] {
		first, last := at(0), at(n-1)
		if repeats {
			begin, far := *first, math.Pow(z, float64(n))
			*first += far * *last
			power := z
			for i := 1; i < n; i++ {
				*first += power * (*at(i) + far**at(n - 1 - i))
				power *= z
			}
			*first = *first*(z/(1-far*far)) + begin
		} else {
			far := math.Pow(z, float64(n-1))
			*first += far * *last
			power := z
			for i := 1; i < n-1; i++ {
				*first += power * (*at(i) + far**at(n - 1 - i))
				power *= z
			}
			*first /= 1 - far*far
		}
		for i := 1; i < n; i++ {
			*at(i) += z * *at(i - 1)
		}
		if repeats {
			*last *= z / (z - 1)
		} else {
			*last = (z**at(n - 2) + *last) * z / (z*z - 1)
		}
		for i := n - 2; i >= 0; i-- {
			*at(i) = z * (*at(i + 1) - *at(i))
		}
	}
}

// splineWeights is how much each of order+1 coefficients counts, x behind the middle one.
func splineWeights(x float64, order int) [6]float64 {
	var w [6]float64
	y, z := x, 1-x
	switch order {
	case 0:
	case 1:
		w[0] = z
	case 2:
		w[1] = 0.75 - x*x
		w[0] = 0.5 * (0.5 - x) * (0.5 - x)
	case 3:
		w[0] = z * z * z / 6
		w[1] = (y*y*(y-2)*3 + 4) / 6
		w[2] = (z*z*(z-2)*3 + 4) / 6
	case 4:
		side := func(y float64) float64 { return y*(y*(y*(5-y)/6-1.25)+5./24) + 55./96 }
		w[0] = math.Pow(0.5-x, 4) / 24
		w[1], w[3] = side(1+x), side(1-x)
		w[2] = x*x*(x*x*0.25-0.625) + 115./192
	case 5:
		middle := func(y float64) float64 { return y*y*(y*y*(0.25-y/12)-0.5) + 0.55 }
		side := func(y float64) float64 { return y*(y*(y*(y*(y/24-0.375)+1.25)-1.75)+0.625) + 0.425 }
		w[0] = math.Pow(z, 5) / 120
		w[1], w[4] = side(x+1), side(z+1)
		w[2], w[3] = middle(x), middle(z)
	}
	w[order] = 1
	for _, v := range w[:order] {
		w[order] -= v
	}
	return w
}

// mirrored is a place beyond the borders as one within, where the image goes on in reverse behind its last pixel.
func mirrored(i, n int) int {
	if n <= 1 {
		return 0
	}
	whole := 2*n - 2
	if i = ((i % whole) + whole) % whole; i >= n {
		i = whole - i
	}
	return i
}
