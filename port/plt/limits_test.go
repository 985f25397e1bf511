package plt_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/port/np"
	"github.com/gokeras/gokeras/port/plt"
)

var cases = map[string]func(ax *plt.Axes){
	"line":      func(ax *plt.Axes) { ax.Plot([]int{0, 1, 2, 5}) },
	"two lines": func(ax *plt.Axes) { ax.Plot([]int{1, 2}, []int{3, 4}, []int{0, 5}, []float64{-1, 2.5}, "r--") },
	"constant":  func(ax *plt.Axes) { ax.Plot([]int{3, 3, 3}) },
	"scatter":   func(ax *plt.Axes) { ax.Scatter([]int{1, 2, 4}, []float64{0.1, 0.2, -0.7}) },
	"bar":       func(ax *plt.Axes) { ax.Bar([]int{0, 1, 2}, []int{3, 5, 2}) },
	"barh":      func(ax *plt.Axes) { ax.Barh([]int{0, 1, 2}, []int{3, 5, 2}) },
	"hist":      func(ax *plt.Axes) { ax.Hist([]int{1, 2, 2, 3, 3, 3, 9}, plt.Bins(4)) },
	"imshow":    func(ax *plt.Axes) { ax.Imshow(np.Arange(12).Reshape(3, 4)) },
	"xlim":      func(ax *plt.Axes) { ax.Plot([]int{1, 2, 3}); ax.Xlim(0, 10); ax.Ylim(1.5) },
	"negative":  func(ax *plt.Axes) { ax.Plot([]float64{-0.001, 0.002, 0.0005}) },
	"large":     func(ax *plt.Axes) { ax.Plot([]int{0, 25000, 310000}) },
	"epochs": func(ax *plt.Axes) {
		ax.Plot([]float64{0.9, 0.5, 0.31, 0.28, 0.3})
		ax.Plot([]float64{0.8, 0.6, 0.42, 0.45, 0.47})
	},
	"axhline": func(ax *plt.Axes) { ax.Plot([]int{0, 1}); ax.Axhline(5) },
	"fill":    func(ax *plt.Axes) { ax.FillBetween([]int{0, 1, 2}, []int{1, 2, 1}, []float64{0, 0.5, 0}) },
	"twinx": func(ax *plt.Axes) {
		ax.Plot([]int{0, 1, 2, 9}, []float64{0.5, 0.7, 0.8, 0.9})
		ax.Twinx().Plot([]int{-4, 2}, []float64{30, 250})
	},
	"twinx host": func(ax *plt.Axes) {
		ax.Plot([]float64{0.5, 0.7, 0.8, 0.9})
		twin := ax.Twinx()
		twin.Bar([]int{2, 6}, []float64{30, 250})
		twin.Xlim(-3)
		plt.Sca(ax)
	},
	"empty": func(*plt.Axes) {},
	"nan":   func(ax *plt.Axes) { ax.Plot([]float64{1, math.NaN(), 3}) },
}

// TestLimits holds the ends of axes, the ticks and their labels to matplotlib's.
func TestLimits(t *testing.T) {
	raw, err := os.ReadFile("testdata/limits.json")
	require.NoError(t, err)
	var want map[string]struct {
		XLim, YLim       [2]float64
		XTicks, YTicks   []float64
		XLabels, YLabels []string
	}
	require.NoError(t, json.Unmarshal(raw, &want))
	require.Len(t, cases, len(want))
	for name, draw := range cases {
		t.Run(name, func(t *testing.T) {
			defer plt.Close("all")
			_, panes := plt.Subplots(1, 1)
			ax := panes[0][0]
			draw(ax)
			ax = plt.Gca()
			w := want[name]
			near := func(want, got []float64) {
				t.Helper()
				require.Len(t, got, len(want), "want %v, got %v", want, got)
				for i := range want {
					require.InDelta(t, want[i], got[i], 1e-12*math.Max(1, math.Abs(want[i])))
				}
			}
			x0, x1 := ax.GetXlim()
			y0, y1 := ax.GetYlim()
			near(w.XLim[:], []float64{x0, x1})
			near(w.YLim[:], []float64{y0, y1})
			xs, xl := ax.XTicksAt()
			ys, yl := ax.YTicksAt()
			near(w.XTicks, xs)
			near(w.YTicks, ys)
			require.Equal(t, w.XLabels, xl)
			require.Equal(t, w.YLabels, yl)
		})
	}
}
