package port

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// Proof is how what a program prints agrees with what its notebook had printed.
type Proof struct {
	// Title says what was compared with.
	Title string
	Rows  []ProofRow
}

// ProofRow is one comparison.
type ProofRow struct {
	What, Notebook, Program string
	Same                    bool
	// Skipped says that the two can't be compared, or nothing is there to compare with: it counts neither way.
	Skipped bool
}

// Holds reports that nothing differs.
func (p *Proof) Holds() bool {
	for _, r := range p.Rows {
		if !r.Same && !r.Skipped {
			return false
		}
	}
	return true
}

func (p *Proof) String() string {
	var b strings.Builder
	if len(p.Rows) == 0 {
		return "proof: the notebook has no saved output to compare with\n"
	}
	if p.Title != "" {
		b.WriteString(p.Title + "\n\n")
	}
	b.WriteString("| what | notebook | program | |\n| --- | --- | --- | --- |\n")
	count := map[string]int{}
	for _, r := range p.Rows {
		verdict := "differs"
		switch {
		case r.Same:
			verdict = "same"
		case r.Skipped:
			verdict = "not compared"
		}
		count[verdict]++
		cell := strings.NewReplacer("|", "\\|", "\n", " ").Replace
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(r.What), cell(r.Notebook), cell(r.Program), verdict)
	}
	fmt.Fprintf(&b, "\nproof: %d same, %d differ, %d not compared\n", count["same"], count["differs"], count["not compared"])
	return b.String()
}

// layerRow is a row of a summary: its class, its shape and its number of parameters.
type layerRow struct{ class, shape, params string }

func (l layerRow) String() string { return l.class + " " + l.shape + " " + l.params }

var (
	boxes    = regexp.MustCompile(`[│┃|]`)
	rowStart = regexp.MustCompile(`^\s*(\S+)\s*\(([A-Z]\w*)`)
	shapeOf  = regexp.MustCompile(`\[?\((None[^)]*|\?[^)]*)\)\]?`)
	totals   = regexp.MustCompile(`(?m)^\s*(Total|Trainable|Non-trainable) params:\s*([0-9,]+)`)
)

// summaries finds the tables of model.summary in a text, whatever version of Keras wrote them.
func summaries(text string) (tables [][]layerRow, counts [][]string) {
	parts := regexp.MustCompile(`(?m)^\s*Model:? .*$`).Split(text, -1)
	for _, part := range parts[1:] {
		var rows []layerRow
		for _, l := range strings.Split(part, "\n") {
			l = boxes.ReplaceAllString(l, " ")
			m := rowStart.FindStringSubmatchIndex(l)
			if m == nil {
				continue
			}
			shape := shapeOf.FindStringSubmatchIndex(l)
			if shape == nil {
				continue
			}
			row := layerRow{class: l[m[4]:m[5]], shape: strings.ReplaceAll("("+l[shape[2]:shape[3]]+")", " ", "")}
			if fields := strings.Fields(l[shape[1]:]); len(fields) > 0 {
				row.params = strings.ReplaceAll(fields[0], ",", "")
			}
			rows = append(rows, row)
		}
		if len(rows) == 0 {
			continue
		}
		tables = append(tables, rows)
		var c []string
		for _, m := range totals.FindAllStringSubmatch(part, -1) {
			c = append(c, m[1]+" "+strings.ReplaceAll(m[2], ",", ""))
		}
		counts = append(counts, c)
	}
	return tables, counts
}

// CompareOutputs compares a program's output with the outputs that a notebook was saved with: each table of model.summary.
func CompareOutputs(nb *Notebook, output string) *Proof {
	var saved strings.Builder
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			saved.WriteString(o + "\n")
		}
	}
	wanted, wantedCounts := summaries(saved.String())
	got, gotCounts := summaries(output)
	p := &Proof{}
	for i, table := range wanted {
		what := fmt.Sprintf("summary %d", i+1)
		if i >= len(got) {
			p.Rows = append(p.Rows, ProofRow{What: what, Notebook: fmt.Sprintf("%d layers", len(table)), Program: "none"})
			continue
		}
		mine := withoutInputs(got[i])
		theirs := withoutInputs(table)
		row := ProofRow{What: what, Notebook: fmt.Sprintf("%d layers", len(theirs)), Program: fmt.Sprintf("%d layers", len(mine)), Same: len(mine) == len(theirs)}
		for k := 0; k < min(len(mine), len(theirs)); k++ {
			// Narrow columns cut class names; a cut one agrees with what it begins.
			a, b := theirs[k], mine[k]
			if a.shape != b.shape || a.params != b.params || !strings.HasPrefix(a.class, b.class) && !strings.HasPrefix(b.class, a.class) {
				row.Notebook, row.Program, row.Same = a.String(), b.String(), false
				break
			}
		}
		p.Rows = append(p.Rows, row)
		for k, c := range wantedCounts[i] {
			mine := "none"
			if k < len(gotCounts[i]) {
				mine = gotCounts[i][k]
			}
			p.Rows = append(p.Rows, ProofRow{What: what + ", parameters", Notebook: c, Program: mine, Same: c == mine})
		}
	}
	return p
}

// withoutInputs leaves out input layers, which some versions of Keras show for a Sequential and others don't.
func withoutInputs(rows []layerRow) []layerRow {
	var out []layerRow
	for _, r := range rows {
		if !strings.HasPrefix(r.class, "InputLayer") {
			out = append(out, r)
		}
	}
	return out
}

// Prove builds and runs the program in dir on synthetic data with one epoch, and compares its output with the notebook's.
func Prove(ctx context.Context, nb *Notebook, dir string) (*Proof, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	args := []string{"run", ".", "-epochs", "1"}
	cmd := exec.CommandContext(ctx, "go", append(args, "-dataset", "synthetic")...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil && strings.Contains(string(out), "flag provided but not defined") {
		cmd = exec.CommandContext(ctx, "go", "run", ".")
		cmd.Dir = dir
		out, err = cmd.CombinedOutput()
	}
	if err != nil {
		text := string(out)
		if len(text) > 2000 {
			text = "…" + text[len(text)-2000:]
		}
		return nil, fmt.Errorf("the program in %s: %w\n%s", dir, err, text)
	}
	return CompareOutputs(nb, string(out)), nil
}
