package plots

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/gokeras/gokeras/callbacks"
)

// HistoryOptions are the choices of [History]; each zero value is the default.
type HistoryOptions struct {
	// Width and Height are the size of the figure in inches. 0: 6×4 a pane, so that two panes are matplotlib's
	// figsize=(12, 4).
	Width, Height float64
	// DPI is the resolution of a PNG in dots per inch. 0: 100, as matplotlib's.
	DPI int
	// Metrics names the panes, in order: "loss", "accuracy". nil: all that the history has, the loss first, except the learning rate.
	Metrics []string
	// Notebook draws as the lines that notebooks copy from each other do: "Testing loss" for the validation's, and epochs that count from 0.
	Notebook bool
}

// maxPixels bounds the area of a picture: 400 MB while it is drawn.
const maxPixels = 100_000_000

// columns is how many panes lie side by side before the next row begins.
const columns = 3

// History draws the values of each epoch to path, a .png or .svg file: a pane for the loss, with the lines
// "Training loss" and, if there was validation, "Validation loss", and beside it one for each metric, "Training acc" and "Validation
// acc" for the accuracy. Epochs count from 1, as the progress bar's.
//
// NaN and infinite values leave a gap in their line. A history without any finite value is an error, as are a metric that it
// hasn't and another suffix.
func History(h *callbacks.History, path string, opts ...HistoryOptions) error {
	o, err := one(opts)
	if err == nil {
		err = history(h, path, o)
	}
	if err != nil {
		return fmt.Errorf("plots.History: %w", err)
	}
	return nil
}

func history(h *callbacks.History, path string, o HistoryOptions) error {
	format, err := formatOf(path, "png", "svg")
	if err != nil {
		return err
	}
	panes, err := panesOf(h, o)
	if err != nil {
		return err
	}
	if !(o.Width >= 0) || !(o.Height >= 0) || o.DPI < 0 {
		return fmt.Errorf("options Width %v, Height %v and DPI %d: want positive numbers, or 0 for the defaults", o.Width, o.Height, o.DPI)
	}
	cols := min(len(panes), columns)
	rows := (len(panes) + cols - 1) / cols
	if o.Width == 0 {
		o.Width = 6 * float64(cols)
	}
	if o.Height == 0 {
		o.Height = 4 * float64(rows)
	}
	if o.DPI == 0 {
		o.DPI = 100
	}
	tiles := draw.Tiles{Cols: cols, Rows: rows, PadX: vg.Points(24), PadY: vg.Points(18),
		PadLeft: vg.Points(12), PadRight: vg.Points(12), PadTop: vg.Points(12), PadBottom: vg.Points(10)}
	return picture(path, format, o.Width, o.Height, o.DPI, func(whole draw.Canvas) {
		for i, p := range panes {
			p.draw(tiles.At(whole, i%cols, i/cols))
		}
	})
}

// one returns the options of a call, of which there may be one.
func one[O any](opts []O) (o O, err error) {
	if len(opts) > 1 {
		return o, fmt.Errorf("%d options given, and one at most was expected", len(opts))
	}
	if len(opts) == 1 {
		o = opts[0]
	}
	return o, nil
}

// formatOf returns the suffix of path without its dot, if it is one of the formats.
func formatOf(path string, formats ...string) (string, error) {
	suffix := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	if slices.Contains(formats, suffix) {
		return suffix, nil
	}
	want := "." + strings.Join(formats[:len(formats)-1], ", .") + " or ." + formats[len(formats)-1]
	if suffix == "" {
		return "", fmt.Errorf("the path %q has no suffix to choose the format by: want %s", path, want)
	}
	return "", fmt.Errorf("the path %q ends in .%s: want %s", path, suffix, want)
}

// panesOf sorts the history into panes: a metric and its values in validation share one.
func panesOf(h *callbacks.History, o HistoryOptions) ([]pane, error) {
	metrics := o.Metrics
	if h == nil || len(h.History) == 0 {
		return nil, errors.New("the history is empty: fit the model first")
	}
	var have []string
	for _, key := range h.Keys() {
		base := strings.TrimPrefix(key, "val_")
		if !slices.Contains(have, base) {
			have = append(have, base)
		}
	}
	// In the notebook's order, however the history was put together.
	if i := slices.Index(have, "loss"); i > 0 {
		have = slices.Insert(slices.Delete(have, i, i+1), 0, "loss")
	}
	if metrics == nil {
		metrics = slices.DeleteFunc(slices.Clone(have), func(name string) bool { return name == "learning_rate" && len(have) > 1 })
	}
	first, validation := 1, "Validation "
	if o.Notebook {
		first, validation = 0, "Testing "
	}
	if len(metrics) == 0 {
		return nil, errors.New("option Metrics is empty: want at least one name, or nil for all")
	}
	var panes []pane
	finite := false
	for _, name := range metrics {
		if !slices.Contains(have, name) {
			return nil, fmt.Errorf("the history has no %q, only %s", name, strings.Join(have, ", "))
		}
		p := pane{name: name, first: first}
		short := shortName(name)
		training, testing := "Training "+short, validation+short
		if _, validated := h.History["val_"+name]; !validated && name != "loss" && name != "accuracy" {
			training = name // such as the learning rate, which is of no data set
		}
		for _, s := range []series{{training, h.History[name], firstColor}, {testing, h.History["val_"+name], secondColor}} {
			if s.values == nil {
				continue
			}
			p.series = append(p.series, s)
			finite = finite || slices.ContainsFunc(s.values, isFinite)
		}
		panes = append(panes, p)
	}
	if !finite {
		return nil, errors.New("the history has no finite value to draw")
	}
	return panes, nil
}

// shortName is what a metric's lines call it.
func shortName(metric string) string {
	if base, ok := strings.CutSuffix(metric, "accuracy"); ok {
		return base + "acc"
	}
	return metric
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
