package plt

import (
	"image/color"
	"math"
	"strconv"
	"strings"
)

// locate places ticks as matplotlib's AutoLocator: on multiples of 1, 2, 2.5 or 5 times a power of ten, at most bins intervals.
func locate(lo, hi float64, bins int) []float64 {
	if lo > hi {
		lo, hi = hi, lo
	}
	span := hi - lo
	if !(span > 0) || math.IsInf(span, 0) {
		return []float64{lo}
	}
	raw := span / float64(bins)
	scale := math.Pow(10, math.Floor(math.Log10(raw)))
	steps := []float64{0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20}
	i := 0
	for i < len(steps)-1 && steps[i]*scale < raw*(1-1e-10) {
		i++
	}
	for ; ; i-- {
		step := steps[i] * scale
		first, last := math.Ceil(lo/step-1e-10), math.Floor(hi/step+1e-10)
		if last-first >= 1 || i == 0 {
			var out []float64
			for k := first; k <= last && len(out) < 100; k++ {
				out = append(out, k*step)
			}
			return out
		}
	}
}

// labelsOf writes ticks with as many decimals as tell them apart; very large or small ones by a common power of ten.
func labelsOf(at []float64) (labels []string, power string) {
	if len(at) == 0 {
		return nil, ""
	}
	lo, hi, largest := at[0], at[0], 0.0
	for _, v := range at {
		lo, hi, largest = min(lo, v), max(hi, v), max(largest, math.Abs(v))
	}
	scale := 1.0
	if largest > 0 {
		if e := math.Floor(math.Log10(largest)); e >= 7 || e <= -5 {
			scale = math.Pow(10, e)
			power = "1e" + strconv.Itoa(int(e))
		}
	}
	span := (hi - lo) / scale
	if span == 0 {
		span = largest / scale
	}
	order := 0.0
	if span > 0 {
		order = math.Floor(math.Log10(span))
	}
	digits := int(max(0, 3-order))
	for ; digits >= 0; digits-- {
		unit := math.Pow(10, float64(digits))
		off := 0.0
		for _, v := range at {
			off = max(off, math.Abs(v/scale-math.Round(v/scale*unit)/unit))
		}
		if off >= 1e-3*math.Pow(10, order) {
			break
		}
	}
	digits++
	for _, v := range at {
		text := strconv.FormatFloat(v/scale, 'f', digits, 64)
		if strings.Trim(text, "-0.") == "" {
			text = strings.TrimPrefix(text, "-")
		}
		labels = append(labels, text)
	}
	return labels, power
}

// FormatNumber writes a number in Python's format ("d", ".2f", ".2g", ".1%").
func FormatNumber(v float64, format string) string {
	verb := byte('g')
	digits := 6
	spec := strings.TrimPrefix(format, ".")
	if spec != "" {
		verb = spec[len(spec)-1]
		if n, err := strconv.Atoi(spec[:len(spec)-1]); err == nil && strings.HasPrefix(format, ".") {
			digits = min(max(n, 0), 100)
		}
	}
	switch verb {
	case 'd':
		return strconv.FormatFloat(v, 'f', 0, 64)
	case 'f', 'e':
		return strconv.FormatFloat(v, verb, digits, 64)
	case '%':
		return strconv.FormatFloat(v*100, 'f', digits, 64) + "%"
	}
	digits = max(digits, 1)
	e := 0
	if v != 0 {
		text := strconv.FormatFloat(v, 'e', digits-1, 64)
		e, _ = strconv.Atoi(text[strings.IndexByte(text, 'e')+1:])
		if e < -4 || e >= digits {
			mantissa, exponent, _ := strings.Cut(text, "e")
			if strings.Contains(mantissa, ".") {
				mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
			}
			return mantissa + "e" + exponent
		}
	}
	text := strconv.FormatFloat(v, 'f', max(digits-1-e, 0), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

func nrgba(c color.Color) color.NRGBA { return color.NRGBAModel.Convert(c).(color.NRGBA) }

// luminance is how bright a colour looks, 0 … 1.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.03928 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}
