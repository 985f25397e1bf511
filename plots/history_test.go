package plots_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/plots"
)

// notebook is a history like those of the ten epochs that Keras's users know.
func notebook() *callbacks.History {
	return &callbacks.History{History: map[string][]float64{
		"loss":         {1.6512, 1.1761, 0.9612, 0.8302, 0.7337, 0.6552, 0.5936, 0.5380, 0.4955, 0.4511},
		"accuracy":     {0.3900, 0.5793, 0.6629, 0.7077, 0.7427, 0.7707, 0.7915, 0.8115, 0.8260, 0.8402},
		"val_loss":     {1.2801, 1.0727, 0.8915, 0.7636, 0.7378, 0.6862, 0.6699, 0.6970, 0.6771, 0.6700},
		"val_accuracy": {0.5346, 0.6242, 0.6823, 0.7314, 0.7449, 0.7639, 0.7804, 0.7657, 0.7767, 0.7882},
	}}
}

func historyOf(values map[string][]float64) *callbacks.History {
	return &callbacks.History{History: values}
}

func TestHistoryPNGHasTheNotebooksSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.png")
	require.NoError(t, plots.History(notebook(), path))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	img, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	require.Equal(t, 1200, img.Bounds().Dx(), "12 inches at 100 DPI")
	require.Equal(t, 400, img.Bounds().Dy())

	// Both panes have both of matplotlib's first colours.
	seen := map[[4]uint32]bool{}
	for y := range 400 {
		for x := range 1200 {
			r, g, b, _ := img.At(x, y).RGBA()
			seen[[4]uint32{uint32(x / 600), r >> 8, g >> 8, b >> 8}] = true
		}
	}
	for pane := range uint32(2) {
		require.True(t, seen[[4]uint32{pane, 0x1f, 0x77, 0xb4}], "blue in pane %d", pane)
		require.True(t, seen[[4]uint32{pane, 0xff, 0x7f, 0x0e}], "orange in pane %d", pane)
	}

	require.NoError(t, plots.History(notebook(), path, plots.HistoryOptions{Width: 6, Height: 2, DPI: 50}))
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	cfg, err := png.DecodeConfig(file)
	require.NoError(t, err)
	require.Equal(t, [2]int{300, 100}, [2]int{cfg.Width, cfg.Height})
}

// svgTexts draws the history as SVG and returns its texts, in order.
func svgTexts(t *testing.T, h *callbacks.History, opts ...plots.HistoryOptions) (texts []string, svg string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "history.svg")
	require.NoError(t, plots.History(h, path, opts...))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return textsOf(t, data), string(data)
}

func textsOf(t *testing.T, svg []byte) (texts []string) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	inText := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		require.NoError(t, err, "the file is not well-formed")
		switch token := token.(type) {
		case xml.StartElement:
			inText = token.Name.Local == "text"
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				texts = append(texts, strings.TrimSpace(string(token)))
			}
		}
	}
}

func TestHistoryLabels(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		history map[string][]float64
		options plots.HistoryOptions
		want    []string // among the texts
		not     []string
	}{
		"the notebook's": {
			history: notebook().History,
			options: plots.HistoryOptions{Notebook: true},
			want:    []string{"Training loss", "Testing loss", "Training acc", "Testing acc", "0", "2", "8", "0.4", "1.6", "epoch", "loss", "accuracy"},
			not:     []string{"Validation loss"},
		},
		"the usual": {
			history: notebook().History,
			want:    []string{"Training loss", "Validation loss", "Training acc", "Validation acc", "2", "10", "0.4", "1.6", "epoch", "loss", "accuracy"},
			not:     []string{"Testing loss", "0"},
		},
		"without validation": {
			history: map[string][]float64{"loss": {2, 1}, "accuracy": {0.5, 0.6}},
			want:    []string{"Training loss", "Training acc"},
			not:     []string{"Validation loss", "Validation acc"},
		},
		"other metrics": {
			history: map[string][]float64{"loss": {2, 1}, "val_loss": {2, 1}, "mae": {3, 2}, "val_mae": {3, 2}, "learning_rate": {0.001, 0.0001}},
			want:    []string{"Training loss", "Validation loss", "Training mae", "Validation mae"},
			not:     []string{"learning_rate"},
		},
		"the learning rate": {
			history: map[string][]float64{"loss": {2, 1}, "learning_rate": {0.001, 0.0001}},
			options: plots.HistoryOptions{Metrics: []string{"learning_rate"}},
			want:    []string{"learning_rate"},
			not:     []string{"Training loss", "Validation learning_rate"},
		},
		"several outputs": {
			history: map[string][]float64{"loss": {2, 1}, "a_accuracy": {0, 1}, "val_a_accuracy": {0, 1}, "b_binary_accuracy": {0, 1}, "val_b_binary_accuracy": {0, 1}},
			want:    []string{"Training a_acc", "Validation a_acc", "Training b_binary_acc"},
		},
		"a choice": {
			history: notebook().History,
			options: plots.HistoryOptions{Metrics: []string{"accuracy"}},
			want:    []string{"Training acc", "Validation acc"},
			not:     []string{"Training loss"},
		},
		"one epoch":             {history: map[string][]float64{"loss": {1.5}}, want: []string{"Training loss", "1"}, not: []string{"0"}},
		"values not finite":     {history: map[string][]float64{"loss": {1, nan, inf, 2, -inf, 3, 4}}, want: []string{"Training loss"}},
		"a metric not finite":   {history: map[string][]float64{"loss": {1, 2}, "mae": {nan, nan}}, want: []string{"Training loss", "mae"}},
		"constant values":       {history: map[string][]float64{"loss": {0, 0, 0}}, want: []string{"Training loss"}},
		"large and tiny values": {history: map[string][]float64{"loss": {1e308, -1e308}, "mae": {1e-300, 2e-300}}, want: []string{"Training loss"}},
		"a name to escape":      {history: map[string][]float64{"loss": {1}, "<&>": {1}}, want: []string{"<&>"}},
	} {
		t.Run(name, func(t *testing.T) {
			texts, svg := svgTexts(t, historyOf(c.history), c.options)
			require.Subset(t, texts, c.want)
			for _, text := range c.not {
				require.NotContains(t, texts, text)
			}
			require.NotContains(t, svg, "NaN")
			require.NotContains(t, svg, "Inf")
		})
	}
}

func TestHistoryOrderOfPanes(t *testing.T) {
	texts, svg := svgTexts(t, notebook())
	require.Contains(t, texts, "Training loss")
	require.Less(t, strings.Index(svg, "Training loss"), strings.Index(svg, "Training acc"))
	texts, svg = svgTexts(t, notebook(), plots.HistoryOptions{Metrics: []string{"accuracy", "loss"}})
	require.Contains(t, texts, "Training loss")
	require.Greater(t, strings.Index(svg, "Training loss"), strings.Index(svg, "Training acc"))
}

// A single epoch has to be seen, although a line through one point has no length.
func TestHistoryMarksSinglePoints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.png")
	require.NoError(t, plots.History(historyOf(map[string][]float64{"loss": {1.5}, "val_loss": {1.2}}), path))
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	img, err := png.Decode(file)
	require.NoError(t, err)
	// In the middle, where the legend is not.
	orange, blue := 0, 0
	b := img.Bounds()
	for y := range b.Dy() {
		for x := b.Dx() * 2 / 5; x < b.Dx()*3/5; x++ {
			switch r, g, bl, _ := img.At(x, y).RGBA(); [3]uint32{r >> 8, g >> 8, bl >> 8} {
			case [3]uint32{0x1f, 0x77, 0xb4}:
				blue++
			case [3]uint32{0xff, 0x7f, 0x0e}:
				orange++
			}
		}
	}
	require.Greater(t, blue, 10)
	require.Greater(t, orange, 10)
}

func TestHistoryErrors(t *testing.T) {
	folder := t.TempDir()
	for name, c := range map[string]struct {
		history *callbacks.History
		path    string
		options []plots.HistoryOptions
		want    string
	}{
		"another suffix":     {notebook(), "history.gif", nil, "ends in .gif: want .png or .svg"},
		"no suffix":          {notebook(), "history", nil, "no suffix"},
		"nil":                {nil, "history.png", nil, "fit the model first"},
		"empty":              {historyOf(nil), "history.png", nil, "fit the model first"},
		"nothing finite":     {historyOf(map[string][]float64{"loss": {math.NaN()}}), "history.png", nil, "no finite value"},
		"an unknown metric":  {notebook(), "history.png", []plots.HistoryOptions{{Metrics: []string{"acc"}}}, `no "acc", only loss, accuracy`},
		"no metric":          {notebook(), "history.png", []plots.HistoryOptions{{Metrics: []string{}}}, "Metrics is empty"},
		"a negative size":    {notebook(), "history.png", []plots.HistoryOptions{{Width: -1}}, "Width -1"},
		"a size not finite":  {notebook(), "history.svg", []plots.HistoryOptions{{Width: math.NaN()}}, "Width NaN"},
		"a huge picture":     {notebook(), "history.png", []plots.HistoryOptions{{DPI: 100000}}, "million pixels"},
		"options twice":      {notebook(), "history.png", make([]plots.HistoryOptions, 2), "2 options"},
		"a folder not there": {notebook(), "none/history.png", nil, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder, c.path)
			err := plots.History(c.history, path, c.options...)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "plots.History: ")
			require.NoFileExists(t, path)
		})
	}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, entries)
}
