package pd

import (
	"math"

	"github.com/gokeras/gokeras/port/np"
)

// Rolling computes a number of the values up to each row, so many of them, that aren't missing; of fewer than least, or of none, it is missing (pandas:
// series.rolling(size, min_periods=least)). The function is one of this package's, such as [Mean].
func Rolling(column any, size, least int, f func(data any) *np.Array) *np.Array {
	if size < 1 || least < 0 || least > size {
		np.Fail("ValueError", "min_periods %d must be <= window %d", least, size)
	}
	values := numbersOf(column)
	out := make([]float64, len(values))
	for i := range values {
		window := present(np.Of(values[max(i+1-size, 0) : i+1]))
		if out[i] = math.NaN(); len(window) >= max(least, 1) {
			out[i] = f(window).Float()
		}
	}
	return np.Of(out)
}

// Shift moves a column by so many rows; those that nothing comes to are missing (pandas: series.shift(by)).
func Shift(column any, by int) *np.Array {
	if by == 0 {
		return np.Of(column)
	}
	values := numbersOf(column)
	out := make([]float64, len(values))
	for i := range out {
		if from := i - by; from >= 0 && from < len(values) {
			out[i] = values[from]
		} else {
			out[i] = math.NaN()
		}
	}
	return np.Of(out)
}

// Diff is what each row has more than the one so many rows before (pandas: series.diff(by)).
func Diff(column any, by int) *np.Array {
	return np.Subtract(np.Of(numbersOf(column)), Shift(column, by))
}

// PctChange is the change from the row before, as a share of it (pandas: series.pct_change()).
func PctChange(column any) *np.Array {
	return np.Subtract(np.Divide(np.Of(numbersOf(column)), Shift(column, 1)), 1)
}

// numbersOf are the numbers of a column.
func numbersOf(column any) []float64 {
	c := np.Of(column)
	if c.DType()[0] == '<' {
		np.Fail("TypeError", "a column of texts has no numbers")
	}
	return c.AsType(np.Float64).Ravel().Floats()
}
