package port

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// State is what became of a statement.
type State string

// The states of a statement.
const (
	Translated   State = "translated"
	Approximated State = "approximated" // the program does something that differs, as the notes say
	Left         State = "left"         // it, or something in it, stands in the program as a comment
)

// Item is a statement at the top of a cell.
type Item struct {
	Cell   int      `json:"cell"` // from 1
	Line   int      `json:"line"` // in the cell, from 1
	Python string   `json:"python"`
	State  State    `json:"state"`
	Notes  []string `json:"notes,omitempty"`
}

func (i *Item) note(text string) {
	if !slices.Contains(i.Notes, text) {
		i.Notes = append(i.Notes, text)
	}
}

// approximate notes what differs.
func (t *translator) approximate(format string, args ...any) {
	if t.item.State == Translated {
		t.item.State = Approximated
	}
	t.item.note(fmt.Sprintf(format, args...))
}

// Report says what became of each statement of a notebook.
type Report struct {
	Notebook string  `json:"notebook"`
	Items    []*Item `json:"statements"`
}

// Count is how many statements have a state.
func (r *Report) Count(s State) int {
	n := 0
	for _, i := range r.Items {
		if i.State == s {
			n++
		}
	}
	return n
}

// Whole reports that nothing was left.
func (r *Report) Whole() bool { return r.Count(Left) == 0 }

// JSON is the report for programs.
func (r *Report) JSON() ([]byte, error) {
	return json.MarshalIndent(struct {
		*Report
		Translated   int  `json:"translated"`
		Approximated int  `json:"approximated"`
		Left         int  `json:"left"`
		Whole        bool `json:"whole"`
	}{r, r.Count(Translated), r.Count(Approximated), r.Count(Left), r.Whole()}, "", "  ")
}

// Markdown is the report for people: what was left and what differs first, then every statement.
func (r *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What became of %s\n\n%d statements: %d translated, %d approximated, %d left.\n", orName(r.Notebook), len(r.Items),
		r.Count(Translated), r.Count(Approximated), r.Count(Left))
	for _, part := range []struct {
		state State
		title string
	}{{Left, "Left"}, {Approximated, "Approximated"}} {
		if r.Count(part.state) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n", part.title)
		for _, i := range r.Items {
			if i.State != part.state {
				continue
			}
			fmt.Fprintf(&b, "\nCell %d, line %d: %s\n\n", i.Cell, i.Line, strings.Join(i.Notes, "; "))
			for _, l := range strings.Split(i.Python, "\n") {
				b.WriteString("    " + l + "\n")
			}
		}
	}
	b.WriteString("\n## All statements\n\n| cell | line | state | Python |\n| --- | --- | --- | --- |\n")
	for _, i := range r.Items {
		first, _, _ := strings.Cut(i.Python, "\n")
		if len(first) > 80 {
			first = strings.ToValidUTF8(first[:80], "") + "…"
		}
		fmt.Fprintf(&b, "| %d | %d | %s | `%s` |\n", i.Cell, i.Line, i.State, strings.NewReplacer("|", "\\|", "`", "'").Replace(first))
	}
	return b.String()
}
