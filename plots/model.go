package plots

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/atomicfile"
)

// ModelOptions are the arguments of Keras's plot_model; each zero value is Keras's default.
type ModelOptions struct {
	ShowShapes           bool // input and output shapes (Keras: show_shapes)
	ShowDType            bool // types of the outputs (Keras: show_dtype)
	ShowLayerNames       bool // names beside the classes (Keras: show_layer_names)
	ShowLayerActivations bool // activations of the layers that have one (Keras: show_layer_activations)
	ShowTrainable        bool // whether the weights are trained (Keras: show_trainable)
	// ExpandNested draws the layers of a model inside the model, in a dashed frame (Keras: expand_nested).
	ExpandNested bool
	// LayerRange draws the layers from the first name to the second alone, those included, of a deep model; "" is its beginning or end (Keras 2:
	// layer_range).
	LayerRange [2]string
	// RankDir is the direction of the graph: "TB" (top to bottom), "LR", "BT" or "RL" (Keras: rankdir). "": "TB".
	RankDir string
	// DPI is the resolution in dots per inch (Keras: dpi). 0: 200. A PNG that would have more than 32,767 pixels on a
	// side, or 100 million in all, gets a lower one.
	DPI int
	// Splines says how edges are drawn: "ortho" (right angles), "curved", "polyline", "spline" or "line" (Keras: splines). "": "ortho".
	Splines string
}

// Model draws the graph of the model's layers to path, a .png, .svg or .dot file (Keras: keras.utils.plot_model): a box a
// layer, an arrow from each layer to those that take its output. A .dot file is the graph in Graphviz's language.
//
// Errors are another suffix, an option that has no meaning, and a Sequential that isn't built.
func Model(m *functional.Model, path string, opts ...ModelOptions) error {
	o, err := one(opts)
	if err == nil {
		err = model(m, path, o)
	}
	if err != nil {
		return fmt.Errorf("plots.Model: %w", err)
	}
	return nil
}

// DOT returns the graph of the model's layers in Graphviz's language (Keras: keras.utils.model_to_dot). Errors are
// those of [Model].
func DOT(m *functional.Model, opts ...ModelOptions) (string, error) {
	o, err := one(opts)
	var text string
	if err == nil {
		text, err = dot(m, &o)
	}
	if err != nil {
		return "", fmt.Errorf("plots.DOT: %w", err)
	}
	return text, nil
}

func model(m *functional.Model, path string, o ModelOptions) error {
	format, err := formatOf(path, "png", "svg", "dot")
	if err != nil {
		return err
	}
	text, err := dot(m, &o)
	if err != nil {
		return err
	}
	data := []byte(text)
	if format != "dot" {
		if data, err = render(text, format, o.DPI); err != nil {
			return fmt.Errorf("drawing the graph: %w", err)
		}
	}
	return atomicfile.Write(path, 0o644, func(w *os.File) error {
		_, err := w.Write(data)
		return err
	})
}

// complete puts the defaults in and checks the rest.
func (o *ModelOptions) complete() error {
	if o.RankDir == "" {
		o.RankDir = "TB"
	}
	if o.Splines == "" {
		o.Splines = "ortho"
	}
	if o.DPI == 0 {
		o.DPI = 200
	}
	if o.DPI < 1 || o.DPI > 2400 {
		return fmt.Errorf("DPI is %d, want 1 to 2400, or 0 for 200", o.DPI)
	}
	for _, choice := range []struct {
		name, got string
		want      []string
	}{
		{"RankDir", o.RankDir, []string{"TB", "LR", "BT", "RL"}},
		{"Splines", o.Splines, []string{"ortho", "curved", "polyline", "spline", "line"}},
	} {
		if !slices.Contains(choice.want, choice.got) {
			return fmt.Errorf("%s is %q, want %s", choice.name, choice.got, strings.Join(choice.want, ", "))
		}
	}
	return nil
}

func dot(m *functional.Model, o *ModelOptions) (string, error) {
	if m == nil {
		return "", errors.New("the model is nil")
	}
	if err := o.complete(); err != nil {
		return "", err
	}
	if m.Nodes() == nil {
		return "", fmt.Errorf("model %q has not yet been built: build it by calling Build or by fitting it on data", m.Name())
	}
	g := &graph{o: *o, ids: map[functional.Layer]string{}, edges: map[[2]string]bool{}}
	fmt.Fprintf(&g.out, "digraph %s {\n", quote(m.Name()))
	fmt.Fprintf(&g.out, "  rankdir=%s; concentrate=true; dpi=%d; splines=%s;\n", o.RankDir, o.DPI, o.Splines)
	g.out.WriteString("  node [shape=record, fontname=Helvetica, margin=0];\n  edge [penwidth=2];\n")
	drawn, err := g.inRange(m)
	if err != nil {
		return "", err
	}
	g.boxes(drawn, "", "  ")
	g.arrows(m)
	g.out.WriteString("}\n")
	return g.out.String(), nil
}
