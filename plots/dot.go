package plots

import (
	"fmt"
	"html"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/gokeras/gokeras/functional"
)

// graph is a DOT text under construction.
type graph struct {
	o     ModelOptions
	out   strings.Builder
	ids   map[functional.Layer]string // of the boxes: names, behind those of the models they are in
	edges map[[2]string]bool
}

// inRange are the layers that are drawn of the whole model.
func (g *graph) inRange(m *functional.Model) ([]functional.Layer, error) {
	all := m.Operations()
	ends := [2]int{0, len(all) - 1}
	for i, name := range g.o.LayerRange {
		if name == "" {
			continue
		}
		if ends[i] = slices.IndexFunc(all, func(l functional.Layer) bool { return l.Base().Name() == name }); ends[i] < 0 {
			_, err := m.GetLayer(name)
			return nil, fmt.Errorf("option LayerRange: %w", err)
		}
	}
	if ends[0] > ends[1] {
		return nil, fmt.Errorf("option LayerRange: layer %q comes after layer %q", g.o.LayerRange[0], g.o.LayerRange[1])
	}
	return all[ends[0] : ends[1]+1], nil
}

// boxes writes a box for each of a model's layers; within is the path of the models around it.
func (g *graph) boxes(layers []functional.Layer, within, indent string) {
	for _, l := range layers {
		if _, drawn := g.ids[l]; drawn { // a layer that two models share
			continue
		}
		id := within + l.Base().Name()
		g.ids[l] = id
		if inner, ok := g.expanded(l); ok {
			fmt.Fprintf(&g.out, "%ssubgraph %s {\n%s  style=dashed; label=%s; labeljust=l; fontname=Helvetica;\n",
				indent, quote("cluster_"+id), indent, quote(inner.Name()))
			g.boxes(inner.Operations(), id+"/", indent+"  ")
			fmt.Fprintf(&g.out, "%s}\n", indent)
			continue
		}
		fmt.Fprintf(&g.out, "%s%s [label=<%s>];\n", indent, quote(id), g.label(l))
	}
}

// expanded returns the model that is drawn as its layers rather than as a box.
func (g *graph) expanded(l functional.Layer) (*functional.Model, bool) {
	inner, ok := l.(*functional.Model)
	return inner, ok && g.o.ExpandNested && inner.Nodes() != nil
}

// arrows writes an arrow for each layer that takes the output of another, one even where it takes it several times.
func (g *graph) arrows(m *functional.Model) {
	for _, l := range m.Operations() {
		if inner, ok := g.expanded(l); ok {
			g.arrows(inner)
		}
	}
	for _, n := range m.Nodes() {
		for i, t := range n.Inputs {
			from, okFrom := g.source(t)
			to, okTo := g.destination(n.Layer, i)
			if !okFrom || !okTo || g.edges[[2]string{from, to}] {
				continue
			}
			g.edges[[2]string{from, to}] = true
			fmt.Fprintf(&g.out, "  %s -> %s;\n", quote(from), quote(to))
		}
	}
}

// source is the box whose layer made the tensor; a Sequential's input has none.
func (g *graph) source(t *functional.Tensor) (id string, ok bool) {
	for {
		s, made := t.Source()
		if !made {
			return "", false
		}
		inner, expanded := g.expanded(s.Layer)
		if !expanded {
			id, ok = g.ids[s.Layer]
			return id, ok
		}
		t = inner.Outputs()[s.TensorIndex]
	}
}

// destination is the box that takes a layer's input i: inside a nested model its input layer, or a Sequential's first layer.
func (g *graph) destination(l functional.Layer, i int) (id string, ok bool) {
	for {
		inner, expanded := g.expanded(l)
		if !expanded {
			id, ok = g.ids[l]
			return id, ok
		}
		input := inner.Inputs()[i].Layer()
		if _, drawn := g.ids[input]; !drawn {
			input = inner.Layers()[0]
			i = 0
		}
		l = input
	}
}

// label is the table in a layer's box, in Graphviz's HTML.
func (g *graph) label(l functional.Layer) string {
	class := escape(l.KerasClass().Own())
	title := "<b>" + class + "</b>"
	if g.o.ShowLayerNames {
		title = "<b>" + escape(l.Base().Name()) + "</b> (" + class + ")"
	}
	cells := g.cells(l)
	span := max(len(cells), 1)
	var b strings.Builder
	b.WriteString(`<table border="0" cellborder="1" bgcolor="black" cellpadding="10">`)
	fmt.Fprintf(&b, `<tr><td colspan="%d" bgcolor="black"><font point-size="16" color="white">%s</font></td></tr>`, span, title)
	if name := activationOf(l); g.o.ShowLayerActivations && name != "" {
		fmt.Fprintf(&b, `<tr><td colspan="%d" bgcolor="white"><font point-size="14">Activation: <b>%s</b></font></td></tr>`, span, escape(name))
	}
	if len(cells) > 0 {
		b.WriteString("<tr>" + strings.Join(cells, "") + "</tr>")
	}
	b.WriteString("</table>")
	return b.String()
}

// cells are the lower part of a box.
func (g *graph) cells(l functional.Layer) (cells []string) {
	cell := func(what, value string) {
		cells = append(cells, fmt.Sprintf(`<td bgcolor="white"><font point-size="14">%s: <b>%s</b></font></td>`, what, escape(value)))
	}
	var first functional.NodeInfo
	if inner, ok := l.(*functional.Model); ok {
		first.Inputs, first.Outputs = inner.Inputs(), inner.Outputs()
	} else if nodes := functional.LayerNodes(l); len(nodes) > 0 {
		first = nodes[0]
	}
	shape := func(t *functional.Tensor) string { return t.Shape().String() }
	if g.o.ShowShapes {
		if _, isInput := l.(*functional.InputLayer); !isInput {
			cell("Input shape", list(first.Inputs, shape))
		}
		cell("Output shape", list(first.Outputs, shape))
	}
	if g.o.ShowDType {
		cell("Output dtype", list(first.Outputs, (*functional.Tensor).DType))
	}
	if g.o.ShowTrainable && len(l.Base().Weights()) > 0 {
		colour, text := "firebrick", "Non-trainable"
		if l.Base().Trainable() {
			colour, text = "forestgreen", "Trainable"
		}
		cells = append(cells, fmt.Sprintf(`<td bgcolor="%s"><font point-size="14" color="white"><b>%s</b></font></td>`, colour, text))
	}
	return cells
}

// list writes what is shown of one tensor, or of several in brackets.
func list(tensors []*functional.Tensor, show func(*functional.Tensor) string) string {
	parts := make([]string, len(tensors))
	for i, t := range tensors {
		parts[i] = show(t)
	}
	switch len(parts) {
	case 0:
		return "?"
	case 1:
		return parts[0]
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// activationOf is the layer's activation as its configuration has it, "" if there is none.
func activationOf(l functional.Layer) string {
	v := reflect.Indirect(reflect.ValueOf(l.KerasConfig()))
	if v.Kind() != reflect.Struct {
		return ""
	}
	for _, field := range reflect.VisibleFields(v.Type()) {
		key, _, _ := strings.Cut(field.Tag.Get("keras"), ",")
		if key != "activation" || !field.IsExported() {
			continue
		}
		value, err := v.FieldByIndexErr(field.Index)
		if err != nil {
			return ""
		}
		if value.Kind() == reflect.String {
			return value.String()
		}
		return fmt.Sprint(value.Interface())
	}
	return ""
}

// escape makes text fit for Graphviz's HTML, where a backslash begins an escape such as \N too.
func escape(text string) string {
	return strings.ReplaceAll(html.EscapeString(printable(text)), `\`, `\\`)
}

// quote makes text a DOT string. A backslash stays as it is in DOT, but not before what ends the string.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(printable(text)) + `"`
}

func printable(text string) string {
	runes := []rune(strings.ToValidUTF8(text, "\uFFFD"))
	for i, r := range runes {
		if unicode.IsControl(r) {
			runes[i] = '\uFFFD'
		}
	}
	return string(slices.Clip(runes))
}
