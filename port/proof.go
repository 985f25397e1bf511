package port

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gokeras/gokeras/port/internal/python"
)

// prelude runs a notebook's cells in Python and writes what a program is compared with.
//
//go:embed prelude.py
var prelude []byte

// Python says how ProvePython runs a notebook.
type Python struct {
	// Command is a Python that has Keras 3, NumPy, and what else the notebook imports.
	Command string
	// Folder has the notebook, and its data files beside it.
	Folder string
	// Limit bounds the time of Python, and that of the program; 0 is 20 minutes.
	Limit time.Duration
}

// proven compares, at the end of a cell, the variables that it assigns.
func (t *translator) proven(cell int, stmts []*python.Stmt) {
	for _, name := range assigned(stmts) {
		b := t.module.names[name]
		if b == nil || b.v == nil || b.v.items != nil && !b.v.tuple {
			continue
		}
		v := b.v
		if v.object != nil && v.object.model != nil && v.object.class.base == "model" {
			v = v.object.model
		}
		if v.kind == "scores" && strings.HasPrefix(v.code, "\x01") {
			t.code("prove.Value(%d, %q, %s.Values)", cell, name, v.code)
			continue
		}
		list := v.kind == "list" && (number(*v.elem)) && v.shown == ""
		if list || slices.Contains([]string{"array", "int", "float", "bool", "str", "model"}, v.kind) && strings.HasPrefix(v.code, "\x01") && v.goT != "callbacks.Model" {
			t.code("prove.Value(%d, %q, %s)", cell, name, v.code)
		}
	}
}

// receiver is what a method is called of, as the notebook writes it.
func (c *call) receiver() string {
	if c.e == nil || len(c.e.Args) == 0 || c.e.Args[0].Kind != python.Attr {
		return "?"
	}
	name := ""
	for e := c.e.Args[0].Args[0]; ; e = e.Args[0] {
		switch e.Kind {
		case python.Name:
			return e.Text + name
		case python.Attr:
			name = "." + e.Text + name
		default:
			return "?"
		}
	}
}

// pythonRun is what the comparison needs to know of Python's run.
type pythonRun struct {
	Keras, Backend string
	Errors         []struct {
		Cell, Line int
		Text       string
	}
	Values map[string]map[string]json.RawMessage
	// Stale are the names, by cell, that Python left behind, since a cell stopped before it came to them.
	Stale map[string][]string
	Fits  map[string]json.RawMessage
}

// ProvePython runs the notebook in Python, as a process of its own with a limit of time, and then a program that is made of it, and
// compares them: the variables at the end of each cell, and each model's configuration, its predictions with the same weights, one gradient step,
// five training steps. Both run in a copy of the notebook's folder, with data sets that are made up; every fit of Python's is
// one epoch of at most ten batches.
//
// The notebook's code is executed, with all that it does to files and to the network.
func ProvePython(ctx context.Context, nb *Notebook, o Options, p Python) (proof *Proof, err error) {
	if p.Limit == 0 {
		p.Limit = 20 * time.Minute
	}
	if ctx == nil {
		ctx = context.Background()
	}
	folder, err := os.MkdirTemp("", "gokeras-prove-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	work := filepath.Join(folder, "work")
	if err := copyFiles(work, p.Folder); err != nil {
		return nil, err
	}
	var cells [][2]any
	for i, c := range nb.Cells {
		if !c.Markdown {
			cells = append(cells, [2]any{i + 1, strings.ReplaceAll(c.python(), magicMark, " ")})
		}
	}
	text, err := json.Marshal(cells)
	if err != nil {
		return nil, err
	}
	o.proof, o.Package, o.Module = true, "", "ported"
	program, err := Translate(nb, o)
	if err != nil {
		return nil, err
	}
	source := filepath.Join(folder, "go")
	if err := program.Write(source); err != nil {
		return nil, err
	}
	for name, content := range map[string][]byte{"cells.json": text, "prelude.py": prelude} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	binary := filepath.Join(folder, "program")
	if out, err := limited(ctx, p.Limit, source, nil, "go", "build", "-o", binary, "."); err != nil {
		return nil, fmt.Errorf("the program doesn't build: %w\n%s", err, out)
	}
	out, err := limited(ctx, p.Limit, work, nil, p.Command, filepath.Join(folder, "prelude.py"), folder)
	if err != nil {
		return nil, fmt.Errorf("the notebook in %s: %w\n%s", p.Command, err, out)
	}
	var run pythonRun
	raw, err := os.ReadFile(filepath.Join(folder, "python.json"))
	if err == nil {
		err = json.Unmarshal(raw, &run)
	}
	if err != nil {
		return nil, fmt.Errorf("what Python gave: %w", err)
	}
	var args []string
	if bytes.Contains(program.Files["helpers.go"], []byte(`flag.String("dataset"`)) {
		args = []string{"-dataset", "synthetic"}
	}
	out, failed := limited(ctx, p.Limit, work, []string{"GOKERAS_PROVE=" + folder}, binary, args...)
	rows, err := readRows(filepath.Join(folder, "rows.jsonl"))
	if err != nil {
		return nil, err
	}
	return run.proof(rows, failed, out), nil
}

// provenRow is a row that the program writes.
type provenRow struct {
	Cell                                 int
	Name, What, Python, Program, Verdict string
}

func readRows(path string) ([]provenRow, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rows []provenRow
	d := json.NewDecoder(bytes.NewReader(raw))
	for {
		var r provenRow
		if err := d.Decode(&r); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
}

// proof is the table of all comparisons.
func (run *pythonRun) proof(rows []provenRow, failed error, out string) *Proof {
	p := &Proof{Title: fmt.Sprintf("the notebook ran on Keras %s (%s)", run.Keras, run.Backend)}
	for _, e := range run.Errors {
		p.Rows = append(p.Rows, ProofRow{What: fmt.Sprintf("cell %d, line %d", e.Cell, e.Line), Notebook: e.Text, Program: ""})
	}
	seen := map[string]bool{}
	for _, r := range rows {
		what := r.Name + ", " + r.What
		if r.Cell > 0 {
			what = fmt.Sprintf("cell %d: %s", r.Cell, what)
			seen[fmt.Sprint(r.Cell, r.Name)] = true
		} else if n, _, ok := strings.Cut(r.What, ":"); ok {
			seen[r.Name+strings.TrimPrefix(n, "fit")] = true
		}
		p.Rows = append(p.Rows, ProofRow{What: what, Notebook: r.Python, Program: r.Program, Same: r.Verdict == "same", Skipped: r.Verdict == "not compared"})
	}
	for _, cell := range sortedKeys(run.Values) {
		for _, name := range sortedKeys(run.Values[cell]) {
			if !seen[cell+name] {
				model := bytes.Contains(run.Values[cell][name], []byte(`"model"`))
				p.Rows = append(p.Rows, ProofRow{What: fmt.Sprintf("cell %s: %s", cell, name), Notebook: "a value", Program: "no variable to compare", Skipped: !model && failed == nil})
			}
		}
	}
	for _, cell := range sortedKeys(run.Stale) {
		for _, name := range run.Stale[cell] {
			p.Rows = append(p.Rows, ProofRow{What: fmt.Sprintf("cell %s: %s", cell, name), Notebook: "stopped by an error before", Skipped: true})
		}
	}
	for _, name := range sortedKeys(run.Fits) {
		if !seen[name] {
			p.Rows = append(p.Rows, ProofRow{What: "fit " + name, Notebook: "trained", Program: "not reached"})
		}
	}
	if failed != nil {
		p.Rows = append(p.Rows, ProofRow{What: "the program", Notebook: "", Program: failed.Error() + ": " + last(out, 300)})
	}
	return p
}

// limited runs a command and returns the end of what it writes.
func limited(ctx context.Context, limit time.Duration, dir string, env []string, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = 10 * time.Second
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if ctx.Err() != nil {
		err = fmt.Errorf("it took longer than %v", limit)
	}
	return string(out), err
}

// tail keeps the end of what is written to it.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	const most = 1 << 16
	*t = append(*t, p...)
	if len(*t) > 2*most {
		*t = append((*t)[:0], (*t)[len(*t)-most:]...)
	}
	return len(p), nil
}

func last(text string, n int) string {
	text = strings.TrimSpace(text)
	if len(text) > n {
		text = "…" + strings.ToValidUTF8(text[len(text)-n:], "")
	}
	return text
}

// copyFiles copies a folder's files, which programs may read and write, and links its folders. Large files are linked too.
func copyFiles(to, from string) error {
	if err := os.MkdirAll(to, 0o755); err != nil || from == "" {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		source, err := filepath.Abs(filepath.Join(from, e.Name()))
		if err != nil {
			return err
		}
		target := filepath.Join(to, e.Name())
		info, err := os.Stat(source)
		if err != nil {
			continue // a link to nothing
		}
		if info.IsDir() || !info.Mode().IsRegular() || info.Size() > 64<<20 {
			if err := os.Symlink(source, target); err != nil {
				return err
			}
			continue
		}
		content, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		if err := os.WriteFile(target, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
