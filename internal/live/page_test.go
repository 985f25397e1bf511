//go:build live

package live

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/doctest"
)

// TestKerasFilesPage runs docs/keras-files.md: its Python, shell and Go blocks, in order, in one folder. An output block holds what the block
// before it prints.
func TestKerasFilesPage(t *testing.T) {
	page, err := doctest.ReadPage(filepath.Join("..", "..", "docs", "keras-files.md"))
	require.NoError(t, err)
	bin, err := buildCommand()
	require.NoError(t, err)
	dir := t.TempDir()
	ran := map[string]int{}
	for i, block := range page.Blocks {
		at := fmt.Sprintf("docs/keras-files.md:%d", block.Line)
		var out string
		switch block.Language {
		case "python":
			ask(t, &out, "run", map[string]any{"code": block.Text, "folder": dir})
		case "sh":
			cmd := exec.Command("bash", "-euo", "pipefail", "-c", block.Text)
			cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			out = output(t, at, dir, cmd)
		case "go":
			out = output(t, at, dir, exec.Command(buildProgram(t, at, block.Text)))
		case "output":
			continue
		default:
			t.Fatalf("%s: a block of %q can't be run", at, block.Language)
		}
		ran[block.Language]++
		if i+1 < len(page.Blocks) && page.Blocks[i+1].Language == "output" {
			require.Equal(t, strings.TrimSpace(page.Blocks[i+1].Text), strings.TrimSpace(out), at)
		}
	}
	for _, language := range []string{"python", "sh", "go"} {
		require.NotZero(t, ran[language], "the page has no %s blocks", language)
	}
}

// output runs a command in the folder; it returns what it prints to standard output.
func output(t *testing.T, at, dir string, cmd *exec.Cmd) string {
	t.Helper()
	var errs strings.Builder
	cmd.Dir, cmd.Stderr = dir, &errs
	out, err := cmd.Output()
	require.NoError(t, err, "%s\n%s%s", at, out, errs.String())
	return string(out)
}

// buildProgram compiles a program as if it stood in a folder of this module; it returns the path of the executable.
func buildProgram(t *testing.T, at, text string) string {
	t.Helper()
	dir := t.TempDir()
	source, overlay, exe := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(source, []byte(text), 0o600))
	here, err := os.Getwd()
	require.NoError(t, err)
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, "page", "main.go"): source}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, list, 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "-o", exe, "./page").CombinedOutput()
	require.NoError(t, err, "%s\n%s", at, out)
	return exe
}

// TestPython runs the Python of the pages in docs, block after block in a folder of the page's own. In docs/programs.md each prints what its twin in Go does.
// docs/keras-files.md has a test of its own.
func TestPython(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	require.NoError(t, err)
	ran, compared := 0, 0
	for _, path := range pages {
		if filepath.Base(path) == "keras-files.md" {
			continue
		}
		page, err := doctest.ReadPage(path)
		require.NoError(t, err)
		folder := t.TempDir()
		require.NoError(t, doctest.ReadersFiles(folder))
		for i, block := range page.Blocks {
			if block.Language != "python" {
				continue
			}
			var code strings.Builder
			for _, given := range block.Given {
				code.WriteString(given.Text)
			}
			var out string
			ask(t, &out, "run", map[string]any{"code": code.String() + block.Run(), "folder": folder})
			ran++
			if filepath.Base(path) != "programs.md" || i+2 >= len(page.Blocks) || page.Blocks[i+2].Language != "output" {
				continue
			}
			compared++
			plain := strings.NewReplacer("(", "[", ")", "]", ",", "", "'", "", "True", "true").Replace // Python's spelling of lists and booleans
			require.Equal(t, plain(strings.TrimSpace(page.Blocks[i+2].Text)), plain(strings.TrimSpace(out)), "%s:%d", path, block.Line)
		}
	}
	require.Greater(t, ran, 16)
	require.GreaterOrEqual(t, compared, 7)
}
