package port

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNotebookInGo compiles the cells of a Go notebook as its kernel does: declarations together, what stands under %% in main.
func TestNotebookInGo(t *testing.T) {
	raw, err := os.ReadFile("testdata/seed.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	nb, err := ReadNotebook(raw)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Translate(nb, Options{Name: "seed.ipynb", Notebook: true})
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		Cells []struct {
			Type   string   `json:"cell_type"`
			Source []string `json:"source"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(p.Files["notebook.ipynb"], &made); err != nil || len(p.Files) != 1 {
		t.Fatal(err, len(p.Files))
	}
	program, headings := "package main\n\n", 0
	for _, c := range made.Cells {
		text := strings.Join(c.Source, "")
		body, runs := strings.CutPrefix(text, "%%\n")
		switch {
		case c.Type == "markdown":
			headings++
		case strings.HasPrefix(text, "!"):
		case runs:
			program += "func main() {\n" + body + "\n}\n"
		default:
			program += text + "\n"
		}
	}
	if headings != 5 {
		t.Errorf("%d headings", headings)
	}
	program = strings.Replace(program, "\t\"github.com/janpfeifer/gonb/gonbui\"\n", "", 1) + "var gonbui struct{ DisplayPNG func([]byte); Sync func() }\n"
	whole, err := Translate(nb, Options{Name: "seed.ipynb", Replace: ".."})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string][]byte{"main.go": []byte(program), "go.mod": whole.Files["go.mod"], "go.sum": whole.Files["go.sum"]} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	vet := exec.Command("go", "vet", ".")
	vet.Dir = dir
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, program)
	}
	if _, err := Translate(nb, Options{Package: "a", Notebook: true}); err == nil {
		t.Error("a notebook is made of a package")
	}
}
