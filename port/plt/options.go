package plt

import (
	"fmt"
	"image/color"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"

	"github.com/gokeras/gokeras/port/np"
)

// Keyword arguments of matplotlib's functions.
type (
	Label     string     // label: what the legend calls it
	Color     string     // color: "r", "tab:blue", "C1", "steelblue", "#1f77b4", "0.5"
	EdgeColor string     // edgecolor of bars
	Marker    string     // marker: "o", ".", "s", "^", "v", "x", "+", "*", "d"
	LineStyle string     // linestyle: "-", "--", ":", "-.", "" or "None"
	LineWidth float64    // linewidth in points
	Alpha     float64    // alpha: 1 is opaque
	Size      float64    // s of scatter: the area in square points
	Bins      int        // bins of hist
	Width     float64    // width of bars
	Cmap      string     // cmap: the name of a colour map
	VMin      float64    // vmin: the value of the map's first colour
	VMax      float64    // vmax: the value of its last colour
	Aspect    string     // aspect of imshow: "equal" or "auto"
	FontSize  float64    // fontsize in points
	Rotation  float64    // rotation of tick labels in degrees
	Loc       string     // loc of a legend: "upper right" …
	Annot     bool       // annot of heatmap
	Fmt       string     // fmt of heatmap: "d", ".2g", ".2f"
	Density   bool       // density of hist
	FigSize   [2]float64 // figsize in inches
	DPI       int        // dpi of savefig
)

// C is the c of scatter: a colour for each point, as numbers on the colour map.
type C struct{ Values any }

// Labels are the tick labels of Xticks and Yticks, and those of a heatmap's columns and rows.
type Labels []string

type style struct {
	label, marker, line, cmap, aspect, loc, format string
	color, edge                                    color.Color
	width, bar, alpha, size, font, rotation        float64
	vmin, vmax                                     *float64
	bins                                           int
	annot, density                                 bool
	values                                         *np.Array
	labels                                         []string
	rest                                           []any
}

func styleOf(args []any) style {
	s := style{line: "-", width: 1.5, bar: 0.8, alpha: 1, size: 36, bins: 10, format: ".2g"}
	for _, a := range args {
		switch v := a.(type) {
		case Label:
			s.label = string(v)
		case Color:
			s.color = parseColor(string(v))
		case EdgeColor:
			s.edge = parseColor(string(v))
		case Marker:
			s.marker = string(v)
		case LineStyle:
			s.line = string(v)
		case LineWidth:
			s.width = float64(v)
		case Alpha:
			s.alpha = min(max(float64(v), 0), 1)
		case Size:
			s.size = float64(v)
		case Bins:
			s.bins = int(v)
		case Width:
			s.bar = float64(v)
		case Cmap:
			s.cmap = string(v)
		case VMin:
			f := float64(v)
			s.vmin = &f
		case VMax:
			f := float64(v)
			s.vmax = &f
		case Aspect:
			s.aspect = string(v)
		case FontSize:
			s.font = float64(v)
		case Rotation:
			s.rotation = float64(v)
		case Loc:
			s.loc = string(v)
		case Annot:
			s.annot = bool(v)
		case Fmt:
			s.format = string(v)
		case Density:
			s.density = bool(v)
		case C:
			s.values = np.Of(v.Values)
		case Labels:
			s.labels = v
		default:
			s.rest = append(s.rest, a)
		}
	}
	return s
}

// tab10 is the cycle of colours.
var tab10 = []string{"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"}

var tabNames = []string{"blue", "orange", "green", "red", "purple", "brown", "pink", "gray", "olive", "cyan"}

var letters = map[string]color.NRGBA{
	"b": {0, 0, 255, 255}, "g": {0, 128, 0, 255}, "r": {255, 0, 0, 255}, "c": {0, 191, 191, 255}, "m": {191, 0, 191, 255}, "y": {191, 191, 0, 255},
	"k": {0, 0, 0, 255}, "w": {255, 255, 255, 255},
}

func cycle(i int) color.Color { return parseColor(tab10[i%len(tab10)]) }

func parseColor(text string) color.Color {
	if c, ok := colorOf(text); ok {
		return c
	}
	np.Fail("ValueError", "'%s' is not a valid color value.", text)
	return nil
}

func colorOf(text string) (color.Color, bool) {
	if c, ok := letters[text]; ok {
		return c, true
	}
	if name, ok := strings.CutPrefix(text, "tab:"); ok {
		for i, n := range tabNames {
			if n == name || n == "gray" && name == "grey" {
				return colorOf(tab10[i])
			}
		}
		return nil, false
	}
	if len(text) == 2 && text[0] == 'C' && text[1] >= '0' && text[1] <= '9' {
		return colorOf(tab10[text[1]-'0'])
	}
	if hex, ok := strings.CutPrefix(text, "#"); ok {
		if len(hex) == 3 {
			hex = fmt.Sprintf("%c%c%c%c%c%c", hex[0], hex[0], hex[1], hex[1], hex[2], hex[2])
		}
		if len(hex) == 6 {
			hex += "ff"
		}
		v, err := strconv.ParseUint(hex, 16, 32)
		if err != nil || len(hex) != 8 {
			return nil, false
		}
		return color.NRGBA{uint8(v >> 24), uint8(v >> 16), uint8(v >> 8), uint8(v)}, true
	}
	if c, ok := colornames.Map[strings.ToLower(text)]; ok {
		return c, true
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil && v >= 0 && v <= 1 {
		return color.Gray{uint8(v*255 + 0.5)}, true
	}
	return nil, false
}

// format reads a format string such as "ro--" into a style.
func (s *style) readFormat(text string) {
	rest := text
	if c, ok := colorOf(text); ok && len(text) > 1 {
		s.color = c
		return
	}
	line, marked := "", false
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "-."):
			line, rest = rest[:2], rest[2:]
			continue
		case rest[0] == '-' || rest[0] == ':':
			line = rest[:1]
		case strings.ContainsRune("bgrcmykw", rune(rest[0])):
			s.color = letters[rest[:1]]
		case strings.ContainsRune(".,ov^<>sp*hHxX+Dd|_1234", rune(rest[0])):
			s.marker, marked = rest[:1], true
		default:
			np.Fail("ValueError", "'%s' is not a valid format string (unrecognized character '%s')", text, rest[:1])
		}
		rest = rest[1:]
	}
	if line != "" || marked {
		s.line = line
	}
}

func fade(c color.Color, alpha float64) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = uint8(float64(n.A)*alpha + 0.5)
	return n
}
