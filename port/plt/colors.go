package plt

import (
	"strings"
	"sync"

	"github.com/gokeras/gokeras/port/np"
)

// segments are matplotlib's maps that are lines between colours: for red, green and blue the places and the values there.
var segments = map[string][3][][2]float64{
	"jet": {
		{{0, 0}, {0.35, 0}, {0.66, 1}, {0.89, 1}, {1, 0.5}},
		{{0, 0}, {0.125, 0}, {0.375, 1}, {0.64, 1}, {0.91, 0}, {1, 0}},
		{{0, 0.5}, {0.11, 1}, {0.34, 1}, {0.65, 0}, {1, 0}},
	},
	"gray": {{{0, 0}, {1, 1}}, {{0, 0}, {1, 1}}, {{0, 0}, {1, 1}}},
	"hot": {
		{{0, 0.0416}, {0.365079, 1}, {1, 1}},
		{{0, 0}, {0.365079, 0}, {0.746032, 1}, {1, 1}},
		{{0, 0}, {0.746032, 0}, {1, 1}},
	},
}

// lookupTables has the 256 colours of each map of segments.
var lookupTables = sync.OnceValue(func() map[string][][3]float64 {
	const n = 256
	step := 1 / float64(n-1)
	tables := map[string][][3]float64{}
	for name, channels := range segments {
		table := make([][3]float64, n)
		for c, points := range channels {
			at := 1
			for i := range table {
				x := (n - 1) * (float64(i) * step)
				switch {
				case i == 0:
					table[i][c] = points[0][1]
				case i == n-1:
					table[i][c] = points[len(points)-1][1]
				default:
					for (n-1)*points[at][0] < x {
						at++
					}
					from, to := points[at-1], points[at]
					part := (x - (n-1)*from[0]) / ((n-1)*to[0] - (n-1)*from[0])
					table[i][c] = min(max(part*(to[1]-from[1])+from[1], 0), 1)
				}
			}
		}
		tables[name] = table
	}
	return tables
})

// Colors gives the colours that a map of matplotlib's has for numbers (a call of what matplotlib.cm.get_cmap returns): red, green, blue and
// opacity as a last axis. Whole numbers are places among the map's 256 colours, floats parts of 1. It panics with a ValueError for a map
// that isn't one of jet, gray and hot.
func Colors(name string, values any) *np.Array {
	base, reversed := strings.CutSuffix(name, "_r")
	table, ok := lookupTables()[base]
	if !ok {
		np.Fail("ValueError", "the colours of the map '%s' aren't known exactly: those of jet, gray and hot are", name)
	}
	x := np.Of(values)
	whole := strings.Contains(string(x.DType()), "int")
	numbers := np.Reshape(x, -1).AsType("float64").Floats()
	colors := make([]float64, 0, 4*len(numbers))
	for _, v := range numbers {
		if v != v {
			colors = append(colors, 0, 0, 0, 0)
			continue
		}
		if !whole {
			v *= 256
			if v == 256 {
				v = 255
			}
		}
		i := int(min(max(v, 0), 255))
		if reversed {
			i = 255 - i
		}
		colors = append(colors, table[i][0], table[i][1], table[i][2], 1)
	}
	return np.Reshape(np.Of(colors), append(x.Shape(), 4)...)
}
