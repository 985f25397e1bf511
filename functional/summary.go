package functional

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// SummaryOptions are the arguments of Keras's Model.summary; each zero value is the default.
type SummaryOptions struct {
	LineLength    int       // 0: 65 for a plain stack, 98 for a graph
	Positions     []float64 // ends of the columns, relative or absolute; nil: Keras's
	ExpandNested  bool      // show the layers of models inside the model
	ShowTrainable bool      // add a column that says Y or N
	// LayerRange keeps the layers from the first to the second name, both inclusive.
	LayerRange [2]string
}

// Summary writes the model's table of layers (Keras: Model.summary).
func (m *Model) Summary(w io.Writer) error { return m.SummaryWith(w, SummaryOptions{}) }

// SummaryWith is Summary with all of Keras's arguments.
func (m *Model) SummaryWith(w io.Writer, o SummaryOptions) error {
	if w == nil {
		return fmt.Errorf("the writer is nil: want one such as os.Stdout")
	}
	if err := m.Ready(); err != nil {
		return err
	}
	s := &summary{m: m, nested: o.ExpandNested, trainable: o.ShowTrainable, linear: m.Linear()}
	if err := s.columns(o); err != nil {
		return err
	}
	shown, err := layerRange(m.Operations(), o.LayerRange)
	if err != nil {
		return err
	}

	fmt.Fprintf(&s.out, "Model: %q\n", m.Name())
	s.line(strings.Repeat("_", s.width))
	header := []string{"Layer (type)", "Output Shape", "Param #"}
	if !s.linear {
		header = append(header, "Connected to")
	}
	if s.trainable {
		header = append(header, "Trainable")
	}
	s.row(header, 0)
	s.line(strings.Repeat("=", s.width))
	for _, l := range shown {
		s.layer(l, 0, false)
	}
	s.line(strings.Repeat("=", s.width))
	total := m.Weights()
	trainable := m.TrainableWeights()
	frozen := m.NonTrainableWeights()
	for _, part := range []struct {
		label   string
		weights []*Weight
	}{{"Total", total}, {"Trainable", trainable}, {"Non-trainable", frozen}} {
		s.line(fmt.Sprintf("%s params: %d (%s)", part.label, symbolic.CountParams(part.weights), readableSize(part.weights)))
	}
	s.line(strings.Repeat("_", s.width))
	_, err = io.WriteString(w, s.out.String())
	return err
}

// summary is a table under construction.
type summary struct {
	m         *Model
	out       strings.Builder
	linear    bool
	nested    bool
	trainable bool
	width     int
	ends      []int // where each column ends
}

func (s *summary) line(text string) { s.out.WriteString(text + "\n") }

// maxWidth bounds the width of a table.
const maxWidth = 10000

func (s *summary) columns(o SummaryOptions) error {
	if o.LineLength < 0 || o.LineLength > maxWidth {
		return fmt.Errorf("option LineLength is %d, want a number from 1 to %d, or 0 for the default", o.LineLength, maxWidth)
	}
	s.width = orDefault(o.LineLength, 65)
	positions := []float64{0.45, 0.85, 1}
	if !s.linear {
		s.width = orDefault(o.LineLength, 98)
		positions = []float64{0.3, 0.6, 0.7, 1}
	}
	if o.Positions != nil {
		positions = o.Positions
	}
	columns := 3
	if !s.linear {
		columns = 4
	}
	if len(positions) < columns {
		return fmt.Errorf("option Positions has %d values, want %d", len(positions), columns)
	}
	relative := positions[len(positions)-1] <= 1
	for _, p := range positions {
		if relative {
			p *= float64(s.width)
		}
		if !(p >= 0 && p <= maxWidth) {
			return fmt.Errorf("option Positions are %v, want increasing numbers up to 1, or up to %d characters", positions, maxWidth)
		}
		s.ends = append(s.ends, int(p))
	}
	if s.trainable {
		s.width += 11
		s.ends = append(s.ends, s.width)
	}
	return nil
}

// layer writes a layer's row and, if asked to, the rows of the layers inside it.
func (s *summary) layer(l Layer, level int, last bool) {
	base := l.Base()
	fields := []string{
		fmt.Sprintf("%s (%s)", base.Name(), className(l)),
		outputShapeText(l),
		paramsText(l),
	}
	if !s.linear {
		fields = append(fields, s.connections(l))
	}
	if s.trainable {
		fields = append(fields, map[bool]string{true: "Y", false: "N"}[base.Trainable()])
	}
	s.row(fields, level)
	if inner, ok := l.(*Model); ok && s.nested && len(inner.Operations()) > 0 {
		bar := func(level, dashes int) {
			s.line(strings.Repeat("|", level) + strings.Repeat("¯", dashes) + strings.Repeat("|", level))
		}
		bar(level+1, s.width-2*level-2)
		for i, child := range inner.Operations() {
			s.layer(child, level+1, i == len(inner.Operations())-1)
		}
		bar(level, s.width-2*level)
		last = true // Keras leaves no empty line below the frame
	}
	if !last {
		s.line(strings.Repeat("|", level) + strings.Repeat(" ", s.width-2*level) + strings.Repeat("|", level))
	}
}

// paramsText is how many parameters a layer has, as far as that is known: a layer of a Sequential without an input shape isn't built.
func paramsText(l Layer) string {
	text := fmt.Sprint(l.Base().CountParams())
	_, ready := l.(symbolic.ReadyMade)
	if m, isModel := l.(*Model); isModel {
		ready = m.Connected()
	}
	if ready || len(LayerNodes(l)) > 0 || len(l.Base().Weights()) > 0 {
		return text
	}
	return text + " (unbuilt)"
}

func className(l Layer) string {
	return l.KerasClass().Own()
}

// outputShapeText is the output shape as the table shows it: in a list for
// inputs and several outputs, "multiple" for a layer applied to different shapes.
func outputShapeText(l Layer) string {
	nodes := LayerNodes(l)
	if len(nodes) == 0 {
		return "?"
	}
	text := func(n NodeInfo) string {
		_, isInput := l.(*InputLayer)
		if len(n.Outputs) == 1 && !isInput {
			return n.Outputs[0].Shape().String()
		}
		parts := make([]string, len(n.Outputs))
		for i, t := range n.Outputs {
			parts[i] = t.Shape().String()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	first := text(nodes[0])
	for _, n := range nodes[1:] {
		if text(n) != first {
			return "multiple"
		}
	}
	return first
}

// connections lists where the layer's inputs in this model come from, as Python prints a list of strings.
func (s *summary) connections(l Layer) string {
	var names []string
	for _, n := range LayerNodes(l) {
		if !s.m.Contains(l, n.Index) {
			continue
		}
		for _, t := range n.Inputs {
			source, _ := t.Source()
			names = append(names, "'"+source.String()+"'")
		}
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// row writes fields into the columns, wrapping what doesn't fit onto further lines.
func (s *summary) row(fields []string, level int) {
	rest := slices.Clone(fields)
	for slices.ContainsFunc(rest, func(f string) bool { return f != "" }) {
		line := ""
		for col := range rest {
			start := 0
			if col > 0 {
				start = s.ends[col-1]
			}
			last := col == len(s.ends)-1
			room := s.ends[col] - start
			gap := 0
			if !last { // two spaces between columns, and one before the first
				gap = 2
				room -= 3
			}
			if col == 0 {
				room -= level
			}
			piece := fitting(rest[col], room)
			rest[col] = strings.TrimPrefix(rest[col], piece)
			if col == 0 {
				line += strings.Repeat("|", level) + " "
			}
			line += piece + strings.Repeat(" ", gap)
			pad := s.ends[col] - utf8.RuneCountInString(line)
			if level > 0 && last {
				pad -= level
			}
			line += strings.Repeat(" ", max(pad, 0))
		}
		s.line(line + strings.Repeat("|", level))
	}
}

// fitting is the part of text that goes on a line of the given room: up to the
// end of the first shape or connection in it, if one ends there.
func fitting(text string, room int) string {
	piece, runes := text, 0
	for at := range text {
		if runes == max(room, 1) {
			piece = text[:at]
			break
		}
		runes++
	}
	cut := len(piece)
	for _, end := range []string{"),", "},", "],", "',"} {
		if at := strings.Index(piece, end); at >= 0 {
			cut = min(cut, at+len(end))
		}
	}
	return piece[:cut]
}

// readableSize is the memory that the weights take, as Keras prints it.
func readableSize(weights []*Weight) string {
	bytes := 0.0
	for _, w := range weights {
		bytes += float64(w.Size() * w.DType().Size())
	}
	units := []string{"Byte", "KB", "MB", "GB", "TB", "PB"}
	i := 0
	for bytes >= 1024 && i < len(units)-1 {
		bytes /= 1024
		i++
	}
	return fmt.Sprintf("%.2f %s", bytes, units[i])
}

func layerRange(layers []Layer, bounds [2]string) ([]Layer, error) {
	if bounds == [2]string{} {
		return layers, nil
	}
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.Base().Name()
	}
	first, last := slices.Index(names, bounds[0]), slices.Index(names, bounds[1])
	for i, at := range []int{first, last} {
		if at < 0 {
			return nil, fmt.Errorf("LayerRange: %w", config.UnknownName("layer", bounds[i], names))
		}
	}
	return layers[min(first, last) : max(first, last)+1], nil
}
