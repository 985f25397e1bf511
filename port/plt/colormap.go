package plt

import (
	_ "embed"
	"encoding/hex"
	"image/color"
	"math"
	"strings"
	"sync"

	"github.com/gokeras/gokeras/port/np"
)

//go:embed colormaps.txt
var colormapText string

// colormaps has 64 colours of each of matplotlib's maps.
var colormaps = sync.OnceValue(func() map[string][]byte {
	out := map[string][]byte{}
	for line := range strings.Lines(colormapText) {
		name, digits, _ := strings.Cut(strings.TrimSpace(line), " ")
		out[name], _ = hex.DecodeString(digits)
	}
	out["grey"] = out["gray"]
	return out
})

// colormap gives the colour of a number in 0 … 1.
type colormap func(v float64) color.NRGBA

// colormapOf finds a map by name; "_r" at its end reverses it.
func colormapOf(name string) colormap {
	if name == "" {
		name = defaultMap
	}
	base, reversed := strings.CutSuffix(name, "_r")
	data, ok := colormaps()[base]
	if !ok {
		np.Fail("ValueError", "'%s' is not a known value for cmap", name)
	}
	return func(v float64) color.NRGBA {
		if v != v {
			return color.NRGBA{}
		}
		v = min(max(v, 0), 1)
		if reversed {
			v = 1 - v
		}
		at := v * 63
		i := min(int(at), 62)
		t := at - float64(i)
		mix := func(c int) uint8 {
			return uint8(math.Round(float64(data[3*i+c])*(1-t) + float64(data[3*i+3+c])*t))
		}
		return color.NRGBA{mix(0), mix(1), mix(2), 255}
	}
}

var defaultMap = "viridis"

// Gray makes "gray" the colour map of images from now on (pyplot: plt.gray()).
func Gray() { defaultMap = "gray" }
