// Package windows has the weights by which stretches of a signal are multiplied before their Fourier transform.
package windows

import (
	"math"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// shapes are the windows by their name in SciPy: weight k of n in a window that is symmetric.
var shapes = map[string]func(k, n int) float64{
	"boxcar":         func(int, int) float64 { return 1 },
	"triang":         triangle,
	"bartlett":       func(k, n int) float64 { return 1 - math.Abs(2*place(k, n)-1) },
	"hann":           cosines(0.5, 0.5),
	"hamming":        cosines(0.54, 0.46),
	"blackman":       cosines(0.42, 0.5, 0.08),
	"nuttall":        cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411),
	"blackmanharris": cosines(0.35875, 0.48829, 0.14128, 0.01168),
	"flattop":        cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
	"cosine":         func(k, n int) float64 { return math.Sin(math.Pi / float64(n) * (float64(k) + 0.5)) },
	"barthann": func(k, n int) float64 {
		d := math.Abs(place(k, n) - 0.5)
		return 0.62 - 0.48*d + 0.38*math.Cos(2*math.Pi*d)
	},
	"bohman": func(k, n int) float64 {
		d := math.Abs(2*place(k, n) - 1)
		if k == 0 || k == n-1 {
			return 0
		}
		return (1-d)*math.Cos(math.Pi*d) + math.Sin(math.Pi*d)/math.Pi
	},
	"parzen": func(k, n int) float64 {
		from := math.Abs(float64(k) - float64(n-1)/2)
		d := from / (float64(n) / 2)
		if from <= float64(n-1)/4 {
			return 1 - 6*d*d + 6*d*d*d
		}
		return 2 * (1 - d) * (1 - d) * (1 - d)
	},
	"exponential": func(k, n int) float64 { return math.Exp(-math.Abs(float64(k) - float64(n-1)/2)) },
	"lanczos": func(k, n int) float64 {
		x := math.Pi * (2*place(k, n) - 1)
		if x == 0 {
			return 1
		}
		return math.Sin(x) / x
	},
	"taylor": taylor,
	"tukey": func(k, n int) float64 {
		const tapered = 0.5
		x := place(k, n)
		if x = min(x, 1-x); x < tapered/2 {
			return (1 + math.Cos(math.Pi*(2*x/tapered-1))) / 2
		}
		return 1
	},
}

// aliases are other names of them.
var aliases = map[string]string{
	"box": "boxcar", "ones": "boxcar", "rect": "boxcar", "rectangular": "boxcar", "triangle": "triang", "tri": "triang", "bart": "bartlett", "brt": "bartlett",
	"han": "hann", "hamm": "hamming", "ham": "hamming", "black": "blackman", "blk": "blackman", "nut": "nuttall", "nutl": "nuttall",
	"blackharr": "blackmanharris", "bkh": "blackmanharris", "flat": "flattop", "flt": "flattop", "halfcosine": "cosine", "brthan": "barthann", "bth": "barthann",
	"bman": "bohman", "bmn": "bohman", "parz": "parzen", "par": "parzen", "poisson": "exponential", "sinc": "lanczos", "taylorwin": "taylor", "tuk": "tukey",
}

// place is where weight k of n lies between 0 and 1.
func place(k, n int) float64 { return float64(k) / float64(n-1) }

func triangle(k, n int) float64 {
	k = min(k, n-1-k)
	if n%2 == 0 {
		return float64(2*k+1) / float64(n)
	}
	return float64(2*k+2) / float64(n+1)
}

// taylor has four lobes beside the main one at -30 dB.
func taylor(k, n int) float64 {
	const lobes, level = 4, 30
	a := math.Acosh(math.Pow(10, level/20.0)) / math.Pi
	a *= a
	spread := lobes * lobes / (a + (lobes-0.5)*(lobes-0.5))
	var parts [lobes]float64
	for m := 1; m < lobes; m++ {
		above, below := 1.0, 2.0
		if m%2 == 0 {
			above = -1
		}
		for j := 1; j < lobes; j++ {
			above *= 1 - float64(m*m)/spread/(a+(float64(j)-0.5)*(float64(j)-0.5))
			if j != m {
				below *= 1 - float64(m*m)/float64(j*j)
			}
		}
		parts[m] = above / below
	}
	at := func(k float64) float64 {
		sum := 1.0
		for m := 1; m < lobes; m++ {
			sum += 2 * parts[m] * math.Cos(2*math.Pi*float64(m)*(k-float64(n)/2+0.5)/float64(n))
		}
		return sum
	}
	return at(float64(k)) / at(float64(n-1)/2)
}

// cosines are windows that are sums of cosines.
func cosines(parts ...float64) func(k, n int) float64 {
	return func(k, n int) float64 {
		sum, sign := 0.0, 1.0
		for i, p := range parts {
			sum += sign * p * math.Cos(2*math.Pi*float64(i)*place(k, n))
			sign = -sign
		}
		return sum
	}
}

// Named returns the n weights of a window that SciPy knows by that name and needs no other argument for (scipy.signal.get_window);
// a periodic one goes on where it ended, a symmetric one ends as it began.
func Named(name string, n int, periodic bool) ([]float64, error) {
	known, always := strings.CutSuffix(name, "_periodic")
	periodic = periodic || always
	known, never := strings.CutSuffix(known, "_symmetric")
	periodic = periodic && !never
	if of, ok := aliases[known]; ok {
		known = of
	}
	f, ok := shapes[known]
	if !ok {
		return nil, config.UnknownName("window", name, Names())
	}
	w := make([]float64, max(n, 0))
	if n == 1 {
		w[0] = 1
		return w, nil
	}
	size := n
	if periodic {
		size++
	}
	for k := range w {
		w[k] = f(k, size)
	}
	return w, nil
}

// Names are the names of the windows, without their aliases.
func Names() []string {
	names := make([]string, 0, len(shapes))
	for name := range shapes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
