package datasets

import (
	"fmt"
	"math"
	"slices"

	"github.com/gokeras/gokeras/internal/bilinear"
)

// pillowFilters are Pillow's interpolations but for the nearest pixel, and how far they reach.
var pillowFilters = map[string]struct {
	reach float64
	f     func(x float64) float64
}{
	"box": {0.5, func(x float64) float64 {
		if x > -0.5 && x <= 0.5 {
			return 1
		}
		return 0
	}},
	"bilinear": {1, func(x float64) float64 { return max(0, 1-math.Abs(x)) }},
	"hamming": {1, func(x float64) float64 {
		x = math.Abs(x)
		switch {
		case x == 0:
			return 1
		case x >= 1:
			return 0
		}
		x *= math.Pi
		return math.Sin(x) / x * (0.54 + 0.46*math.Cos(x))
	}},
	"bicubic": {2, func(x float64) float64 {
		x = math.Abs(x)
		switch {
		case x < 1:
			return (1.5*x-2.5)*x*x + 1
		case x < 2:
			return ((-0.5*x+2.5)*x-4)*x + 2
		}
		return 0
	}},
	"lanczos": {3, func(x float64) float64 {
		if x < -3 || x >= 3 {
			return 0
		}
		return sinc(x) * sinc(x/3)
	}},
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(x*math.Pi) / (x * math.Pi)
}

// pillowResize gives an image another size in Pillow's whole numbers; with keep it takes the middle part of the right proportions.
// Between the two axes values are rounded to bytes; before Pillow 13 the width always came first.
func pillowResize(m *Image, height, width int, how string, keep bool) (*Image, error) {
	if err := imageSize(height, width); err != nil {
		return nil, err
	}
	filter, known := pillowFilters[how]
	if how != "nearest" && !known {
		return nil, fmt.Errorf("the interpolation is %q, want nearest, bilinear, bicubic, hamming, box or lanczos", how)
	}
	top, left, tall, broad := 0, 0, m.Height, m.Width
	if keep {
		tall, broad = min(m.Height, m.Width*height/width), min(m.Width, m.Height*width/height)
		if tall < 1 || broad < 1 {
			return nil, fmt.Errorf("nothing is left of %d×%d pixels in the proportions of %d×%d", m.Height, m.Width, height, width)
		}
		top, left = (m.Height-tall)/2, (m.Width-broad)/2
	}
	if how == "nearest" {
		out := &Image{Height: height, Width: width, Channels: m.Channels, Pixels: make([]uint8, 0, height*width*m.Channels)}
		columns := nearestPlaces(left, broad, width, m.Width)
		for _, row := range nearestPlaces(top, tall, height, m.Height) {
			for _, column := range columns {
				at := (row*m.Width + column) * m.Channels
				out.Pixels = append(out.Pixels, m.Pixels[at:at+m.Channels]...)
			}
		}
		return out, nil
	}
	m = m.multiplied()
	if m.Width != width || broad != m.Width {
		m = m.filtered(true, left, broad, width, filter.reach, filter.f)
	}
	if m.Height != height || tall != m.Height {
		m = m.filtered(false, top, tall, height, filter.reach, filter.f)
	}
	return m.divided(), nil
}

// nearestPlaces are the pixels of a part of an axis that another number of pixels take. Pillow adds up the distance, whose rounding decides where two are
// equally near.
func nearestPlaces(from, size, to, limit int) []int {
	step := float64(size) / float64(to)
	at := float64(from) + step*0.5
	places := make([]int, to)
	for i := range places {
		places[i] = min(int(at), limit-1)
		at += step
	}
	return places
}

// filtered gives one axis another size. Weights are whole numbers of 22 bits behind the point, and results are bytes.
func (m *Image) filtered(alongX bool, from, size, to int, reach float64, f func(x float64) float64) *Image {
	const bits = 22
	out := &Image{Height: to, Width: m.Width, Channels: m.Channels}
	limit, step, lines := m.Height, m.Width*m.Channels, m.Width*m.Channels
	if alongX {
		out.Height, out.Width = m.Height, to
		limit, step, lines = m.Width, m.Channels, m.Height*m.Channels
	}
	out.Pixels = make([]uint8, out.Height*out.Width*out.Channels)
	scale := float64(size) / float64(to)
	stretch := max(scale, 1)
	for i := range to {
		centre := float64(from) + (float64(i)+0.5)*scale
		first := max(int(centre-reach*stretch+0.5), 0)
		last := min(int(centre+reach*stretch+0.5), limit)
		weights, sum := make([]float64, last-first), 0.0
		for k := range weights {
			weights[k] = f((float64(k+first) - centre + 0.5) / stretch)
			sum += weights[k]
		}
		whole := make([]int, len(weights))
		for k, w := range weights {
			if sum != 0 {
				w /= sum
			}
			whole[k] = int(w*(1<<bits) + math.Copysign(0.5, w))
		}
		for line := range lines {
			at, target := line, i*step+line
			if alongX {
				y, c := line/m.Channels, line%m.Channels
				at, target = y*m.Width*m.Channels+c, (y*to+i)*m.Channels+c
			}
			total := 1 << (bits - 1)
			for k, w := range whole {
				total += int(m.Pixels[at+(first+k)*step]) * w
			}
			out.Pixels[target] = uint8(min(max(total>>bits, 0), 255))
		}
	}
	return out
}

// multiplied multiplies colors with their alpha, so that what can't be seen doesn't color its neighbours.
func (m *Image) multiplied() *Image {
	if m.Channels != 4 {
		return m
	}
	out := &Image{m.Height, m.Width, 4, slices.Clone(m.Pixels)}
	for i := 0; i < len(out.Pixels); i += 4 {
		p := out.Pixels[i : i+4]
		for c := range 3 {
			v := int(p[c])*int(p[3]) + 128
			p[c] = uint8((v>>8 + v) >> 8)
		}
	}
	return out
}

// divided is the way back.
func (m *Image) divided() *Image {
	if m.Channels != 4 {
		return m
	}
	for i := 0; i < len(m.Pixels); i += 4 {
		p := m.Pixels[i : i+4]
		if p[3] == 0 || p[3] == 255 {
			continue
		}
		for c := range 3 {
			p[c] = uint8(min(255*int(p[c])/int(p[3]), 255))
		}
	}
	return m
}

func imageSize(height, width int) error {
	if height < 1 || width < 1 || width > MaxImagePixels/height {
		return fmt.Errorf("the size is %d×%d, want a height and a width of at least 1, and at most %d pixels", height, width, MaxImagePixels)
	}
	return nil
}

// floatWeights are the interpolations of tf.image.resize that sum up several pixels by weights: those of a new pixel, for which it takes from 0 on.
var floatWeights = map[string]func(n, m, j int) weightsAt{
	"bicubic":  cubicWeights,
	"lanczos3": func(n, m, j int) weightsAt { return lanczosWeights(n, m, j, 3) },
	"lanczos5": func(n, m, j int) weightsAt { return lanczosWeights(n, m, j, 5) },
	"nearest": func(n, m, j int) weightsAt { // in TensorFlow's float32, which decide where the middle lies between two
		return weightsAt{min(int((float32(j)+0.5)*(float32(n)/float32(m))), n-1), []float32{1}}
	},
	"area": areaWeights,
	"gaussian": func(n, m, j int) weightsAt {
		return kernelWeights(n, m, j, 1.5, func(x float64) float64 {
			if math.Abs(x) >= 1.5 {
				return 0
			}
			return math.Exp(-2 * x * x)
		})
	},
	"mitchellcubic": func(n, m, j int) weightsAt {
		return kernelWeights(n, m, j, 2, func(x float64) float64 {
			switch x = math.Abs(x); {
			case x >= 2:
				return 0
			case x >= 1:
				return ((-7*x/18+2)*x-10./3)*x + 16./9
			}
			return (7*x/6-2)*x*x + 8./9
		})
	},
}

// smoothing are the interpolations that change an image even where its size stays.
var smoothing = []string{"gaussian", "mitchellcubic"}

// weightsAt are the elements that make a new one.
type weightsAt struct {
	first   int
	weights []float32
}

func weightsOf(n, m int, how string) []weightsAt {
	out, of := make([]weightsAt, m), floatWeights[how]
	for j := range out {
		out[j] = of(n, m, j)
	}
	return out
}

// areaWeights are the parts that old elements have of the new one number j.
func areaWeights(n, m, j int) weightsAt {
	size := float64(n) / float64(m)
	from, to := float64(j)*size, float64(j+1)*size
	out := weightsAt{first: min(int(from), n-1)}
	for i := out.first; i < n && (i == out.first || float64(i) < to); i++ {
		out.weights = append(out.weights, float32((min(float64(i+1), to)-max(float64(i), from))/size))
	}
	return out
}

// kernelWeights are the values of a function of the distance, which reaches so far.
func kernelWeights(n, m, j int, reach float64, f func(x float64) float64) weightsAt {
	centre := (float64(j)+0.5)*float64(n)/float64(m) - 0.5
	first, last := max(int(math.Floor(centre-reach)), 0), min(int(math.Ceil(centre+reach)), n-1)
	out, sum := weightsAt{first, make([]float32, last-first+1)}, 0.0
	for k := range out.weights {
		w := f(centre - float64(first+k))
		out.weights[k] = float32(w)
		sum += w
	}
	return out.normalized(float32(sum))
}

// lanczosWeights are those of TensorFlow's ScaleAndTranslate, in its float32.
func lanczosWeights(n, m, j int, radius float32) weightsAt {
	scale := 1 / float32(float32(m)/float32(n))
	centre := (float32(j) + 0.5) * scale
	first := min(max(int(math.Ceil(float64(float32(centre-radius)-0.5))), 0), n-1)
	last := min(max(int(math.Floor(float64(float32(centre+radius)-0.5))), 0), n-1)
	out, sum := weightsAt{first, make([]float32, last-first+1)}, float32(0)
	for k := range out.weights {
		w := lanczos(float32(first+k)+0.5-centre, radius)
		out.weights[k] = w
		sum += w
	}
	return out.normalized(sum)
}

func lanczos(x, radius float32) float32 {
	const pi = float32(math.Pi)
	sine := func(x float32) float32 { return float32(math.Sin(float64(x))) }
	x = max(x, -x)
	switch {
	case x > radius:
		return 0
	case x <= 1e-3:
		return 1
	}
	turn := pi * x
	return float32(float32(radius*sine(turn))*sine(turn/radius)) / float32(float32(float32(pi*pi)*x)*x)
}

// cubicWeights are those of TensorFlow's ResizeBicubic, which knows 1024 places between two pixels.
func cubicWeights(n, m, j int) weightsAt {
	const places = 1024
	scaled := (float32(j) + 0.5) * (float32(n) / float32(m))
	at := scaled - 0.5
	below := math.Floor(float64(at))
	share := int(math.RoundToEven(float64((at - float32(below)) * places)))
	near := func(i int) float32 { x := float64(float32(i) / places); return float32((1.5*x-2.5)*x*x + 1) }
	far := func(i int) float32 { x := float64(float32(i)/places + 1); return float32(((-0.5*x+2.5)*x-4)*x + 2) }
	four := [4]float32{far(share), near(share), near(places - share), far(places - share)}
	first := max(int(below)-1, 0)
	last := min(int(below)+2, n-1)
	out, sum := weightsAt{first, four[first-int(below)+1 : last-int(below)+2]}, float32(0)
	for _, w := range out.weights {
		sum += w
	}
	return out.normalized(sum)
}

// normalized makes the sum 1.
func (w weightsAt) normalized(sum float32) weightsAt {
	if sum = 1 / sum; !math.IsInf(float64(sum), 0) {
		for k := range w.weights {
			w.weights[k] *= sum
		}
	}
	return w
}

// floatResize gives an image another size as tf.image.resize does, in floats without smoothing; into is zeros, which stay where pad leaves room.
func floatResize(m *Image, height, width int, how string, crop, pad bool, into []float32) error {
	top, left, tall, broad := 0, 0, m.Height, m.Width       // what is taken
	down, right, newHeight, newWidth := 0, 0, height, width // where it goes
	switch {
	case crop:
		tall = max(min(m.Height, int(float64(m.Width*height)/float64(width))), 1)
		broad = max(min(m.Width, int(float64(m.Height*width)/float64(height))), 1)
		top, left = (m.Height-tall)/2, (m.Width-broad)/2
	case pad: // in TensorFlow's float32, which decide where a size is rounded down
		ratio := max(float32(broad)/float32(width), float32(tall)/float32(height))
		down, newHeight = middle(float32(tall)/ratio, height)
		right, newWidth = middle(float32(broad)/ratio, width)
		if newHeight < 1 || newWidth < 1 {
			return fmt.Errorf("nothing is left of %d×%d pixels in the proportions of %d×%d", tall, broad, height, width)
		}
	}
	if how == "bilinear" {
		n := m.Channels
		bilinear.Resize(bilinear.Picture[float32]{Pixels: into[(down*width+right)*n:], Stride: width * n, Height: newHeight, Width: newWidth, Channels: n},
			bilinear.Picture[uint8]{Pixels: m.Pixels[(top*m.Width+left)*n:], Stride: m.Width * n, Height: tall, Width: broad, Channels: n})
		return nil
	}
	rows, columns := weightsOf(tall, newHeight, how), weightsOf(broad, newWidth, how)
	var lines [][]uint8 // that make a new one
	// Along the height first, as Keras does.
	between := make([]float32, m.Width*m.Channels)
	for y, row := range rows {
		lines = lines[:0]
		for k := range row.weights {
			lines = append(lines, m.Pixels[(row.first+k+top)*m.Width*m.Channels:][:len(between)])
		}
		clear(between)
		for k, line := range lines {
			for i, p := range line {
				between[i] += float32(row.weights[k] * float32(p))
			}
		}
		for x, column := range columns {
			at := (column.first + left) * m.Channels
			pixel := into[((y+down)*width+x+right)*m.Channels:][:m.Channels]
			for c := range pixel {
				var sum float32
				for k, w := range column.weights {
					sum += float32(w * between[at+k*m.Channels+c])
				}
				pixel[c] = sum
			}
		}
	}
	return nil
}

// middle is where something of that size begins in the middle of a larger one, and its whole pixels.
func middle(size float32, of int) (begin, whole int) {
	return max(0, int(math.Floor(float64((float32(of)-size)/2)))), int(size)
}
