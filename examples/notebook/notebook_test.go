package notebook

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// display stands for the package by which a program shows pictures in a cell, which does nothing outside of one.
const display = `
var gonbui struct{ DisplaySvg func(string); Sync func() }

func init() {
	gonbui.DisplaySvg = func(svg string) { fmt.Println("picture:", strings.Contains(svg, "</svg>")) }
	gonbui.Sync = func() {}
}
`

// TestNotebook runs the cells as the kernel does: declarations together, each cell that runs after them.
func TestNotebook(t *testing.T) {
	raw, err := os.ReadFile("gokeras.ipynb")
	require.NoError(t, err)
	var notebook struct {
		Cells []struct {
			Type   string   `json:"cell_type"`
			Source []string `json:"source"`
		} `json:"cells"`
	}
	require.NoError(t, json.Unmarshal(raw, &notebook))
	var declarations, main strings.Builder
	for _, cell := range notebook.Cells {
		text := strings.Join(cell.Source, "")
		body, runs := strings.CutPrefix(text, "%%\n")
		switch {
		case cell.Type != "code" || strings.HasPrefix(text, "!"):
		case runs:
			main.WriteString("{\n" + body + "\n}\n")
		default:
			declarations.WriteString(text + "\n")
		}
	}
	program := strings.Replace(declarations.String(), `"github.com/janpfeifer/gonb/gonbui"`, `"strings"`, 1)
	program = "package main\n\n" + program + display + "\nfunc main() {\n" + main.String() + "}\n"

	module, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(module, "examples", "notebook", "cells", "main.go"): filepath.Join(dir, "main.go")}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	cmd := exec.CommandContext(t.Context(), "go", "run", "-overlay", filepath.Join(dir, "overlay.json"), "./examples/notebook/cells")
	cmd.Dir = module
	cmd.Env = append(cmd.Environ(), "GOKERAS_CACHE=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, 2, strings.Count(string(out), "picture: true"), "%s", out)
	require.Contains(t, string(out), "Trainable params: 337")
	require.Contains(t, string(out), "Epoch 20/20")
	require.Contains(t, string(out), "trained: true")
}
