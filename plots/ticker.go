package plots

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// ticker places at most ten ticks on round numbers, all with the same number of decimals.
type ticker struct {
	whole bool // whole numbers only: epochs
}

// Ticks implements [plot.Ticker].
func (t ticker) Ticks(low, high float64) []plot.Tick {
	step := t.step(high - low)
	decimals := 0
	for s := step; decimals < 12 && math.Abs(s-math.Round(s)) > 1e-6*s; decimals++ {
		s *= 10
	}
	first := math.Ceil(low/step - 1e-9)
	var ticks []plot.Tick
	for i := range 12 {
		k := first + float64(i)
		if k*step > high+step*1e-9 {
			break
		}
		ticks = append(ticks, plot.Tick{Value: k * step, Label: label(k*step, decimals)})
	}
	return ticks
}

// step is the smallest of 1, 2, 2.5 and 5 times a power of ten that cuts the span into 9 parts at most.
func (t ticker) step(span float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(span/9)))
	for _, factor := range []float64{1, 2, 2.5, 5, 10} {
		step := factor * power
		if t.whole && step != math.Round(step) {
			continue
		}
		if step*9 >= span*(1-1e-9) {
			return step
		}
	}
	if t.whole {
		return 1
	}
	return 10 * power
}

// label writes large and tiny numbers with an exponent, so that the axis stays narrow.
func label(v float64, decimals int) string {
	switch {
	case v == 0: // also -0
		v = 0
		if decimals > 5 {
			decimals = 0
		}
	case math.Abs(v) >= 1e6 || decimals > 5:
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}
