package plt

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"github.com/gokeras/gokeras/port/np"
)

// StartAngle is the startangle of a pie, in degrees.
type StartAngle float64

// Errorbar draws a line through points with bars of the errors in y; [Fmt] is its format string.
func (a *Axes) Errorbar(x, y, yerr any, args ...any) {
	s := styleOf(args)
	if s.format != styleOf(nil).format {
		s.readFormat(s.format)
	}
	xs, ys := floats(x), floats(y)
	if len(xs) != len(ys) {
		np.Fail("ValueError", "'x' and 'y' must have the same size")
	}
	errs := floats(np.BroadcastTo(yerr, len(ys)))
	if s.color == nil {
		s.color = a.next()
	}
	a.line(xs, ys, s)
	bar := style{line: "-", width: s.width, alpha: s.alpha, color: s.color}
	for i := range xs {
		a.line([]float64{xs[i], xs[i]}, []float64{ys[i] - errs[i], ys[i] + errs[i]}, bar)
	}
}

// Step draws a line of steps through points, each of which ends one.
func (a *Axes) Step(x, y any, args ...any) {
	s := styleOf(args)
	for _, r := range s.rest {
		if text, ok := r.(string); ok {
			s.readFormat(text)
		}
	}
	xs, ys := floats(x), floats(y)
	if len(xs) != len(ys) {
		np.Fail("ValueError", "x and y must have same first dimension, but have shapes (%d,) and (%d,)", len(xs), len(ys))
	}
	var stepX, stepY []float64
	for i := range xs {
		if i > 0 {
			stepX, stepY = append(stepX, xs[i-1]), append(stepY, ys[i])
		}
		stepX, stepY = append(stepX, xs[i]), append(stepY, ys[i])
	}
	a.line(stepX, stepY, s)
}

// Boxplot draws a box of the quartiles of each list, whiskers to the last values within one and a half times their distance, and what lies
// beyond as circles: of one list, of several, or of the columns of an array; [Labels] are their names.
func (a *Axes) Boxplot(x any, args ...any) {
	s := styleOf(args)
	var lists [][]float64
	switch v := x.(type) {
	case []*np.Array:
		for _, l := range v {
			lists = append(lists, floats(l))
		}
	case [][]float64:
		lists = v
	case [][]int:
		for _, l := range v {
			lists = append(lists, floats(l))
		}
	default:
		array := np.Of(x)
		if array.NDim() < 2 {
			lists = [][]float64{floats(array)}
			break
		}
		for i := range array.Dim(1) {
			lists = append(lists, floats(array.Index(np.All, i)))
		}
	}
	if s.labels != nil && len(s.labels) != len(lists) {
		np.Fail("ValueError", "Dimensions of labels and X must be compatible")
	}
	names := s.labels
	width := min(max(0.15*float64(len(lists)-1), 0.15), 0.5)
	black := style{line: "-", width: 1, alpha: 1, color: color.Black}
	median := style{line: "-", width: 1, alpha: 1, color: cycle(1)}
	var at []float64
	for i, list := range lists {
		place := float64(i + 1)
		at = append(at, place)
		if s.labels == nil {
			names = append(names, fmt.Sprint(i+1))
		}
		a.x.add(place - 0.5)
		a.x.add(place + 0.5)
		if len(list) == 0 {
			continue
		}
		q1, q2, q3 := np.Percentile(list, 25).Float(), np.Percentile(list, 50).Float(), np.Percentile(list, 75).Float()
		low, high := q1, q3
		var beyond []float64
		for _, v := range list {
			switch {
			case v < q1-1.5*(q3-q1) || v > q3+1.5*(q3-q1):
				beyond = append(beyond, v)
			default:
				low, high = min(low, v), max(high, v)
			}
		}
		left, right := place-width/2, place+width/2
		a.line([]float64{left, right, right, left, left}, []float64{q1, q1, q3, q3, q1}, black)
		a.line([]float64{place, place}, []float64{q1, low}, black)
		a.line([]float64{place, place}, []float64{q3, high}, black)
		for _, end := range []float64{low, high} {
			a.line([]float64{place - width/4, place + width/4}, []float64{end, end}, black)
		}
		a.line([]float64{left, right}, []float64{q2, q2}, median)
		if beyond != nil {
			a.line(slices.Repeat([]float64{place}, len(beyond)), beyond, style{line: "", marker: "o", width: 1, alpha: 1, color: color.Black})
		}
	}
	a.x.stickLo, a.x.stickHi = true, true
	a.xticks = &ticks{at: at, labels: names}
}

// Pie draws the shares of numbers as parts of a circle, against the clock from [StartAngle]; [Labels] stand outside, and what the format [Fmt]
// makes of percentages inside.
func (a *Axes) Pie(x any, args ...any) {
	s := styleOf(args)
	sizes := floats(x)
	sum := 0.0
	for _, v := range sizes {
		if v < 0 {
			np.Fail("ValueError", "Wedge sizes 'x' must be non negative values")
		}
		sum += v
	}
	if s.labels != nil && len(s.labels) != len(sizes) {
		np.Fail("ValueError", "'labels' must be of length 'x', not %d", len(s.labels))
	}
	from := 0.0
	for _, r := range s.rest {
		if angle, ok := r.(StartAngle); ok {
			from = float64(angle) / 180 * math.Pi
		}
	}
	for i, v := range sizes {
		to := from + 2*math.Pi*v/sum
		outline := []point{{0, 0}}
		for n := range 65 {
			angle := from + (to-from)*float64(n)/64
			outline = append(outline, point{math.Cos(angle), math.Sin(angle)})
		}
		wedge := style{color: a.next(), alpha: s.alpha}
		middle := (from + to) / 2
		if s.labels != nil {
			wedge.label = s.labels[i]
			a.textAt(1.2*math.Cos(middle), 1.1*math.Sin(middle), s.labels[i], true, nil)
		}
		a.area(outline, wedge)
		if s.format != styleOf(nil).format {
			a.textAt(0.6*math.Cos(middle), 0.6*math.Sin(middle), fmt.Sprintf(s.format, 100*v/sum), true, nil)
		}
		from = to
	}
	for _, end := range []float64{-1.25, 1.25} {
		a.x.add(end)
		a.y.add(end)
	}
	a.x.stickLo, a.x.stickHi, a.y.stickLo, a.y.stickHi = true, true, true, true
	a.equal, a.off = true, true
}

// Rectangle draws a rectangle of whose corners (x, y) is the lowest and leftmost, filled unless [Color] and an [EdgeColor] say otherwise: with an
// EdgeColor alone it is an outline (matplotlib: add_patch of patches.Rectangle).
func (a *Axes) Rectangle(x, y, width, height float64, args ...any) {
	s := styleOf(args)
	corners := []point{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}
	if s.color != nil || s.edge == nil {
		if s.color == nil {
			s.color = cycle(0)
		}
		fill := s
		fill.edge = nil
		a.area(corners, fill)
	}
	if s.edge != nil {
		outline := style{line: s.line, width: s.width, alpha: s.alpha, color: s.edge}
		a.line([]float64{x, x + width, x + width, x, x}, []float64{y, y, y + height, y + height, y}, outline)
	}
}

// Errorbar is [Axes.Errorbar] of the current axes.
func Errorbar(x, y, yerr any, args ...any) { Gca().Errorbar(x, y, yerr, args...) }

// Step is [Axes.Step] of the current axes.
func Step(x, y any, args ...any) { Gca().Step(x, y, args...) }

// Boxplot is [Axes.Boxplot] of the current axes.
func Boxplot(x any, args ...any) { Gca().Boxplot(x, args...) }

// Pie is [Axes.Pie] of the current axes.
func Pie(x any, args ...any) { Gca().Pie(x, args...) }
