package doctest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProgramsSideBySide holds each Go program of docs/programs.md to one and a half times the lines of the Python before it, imports left out.
func TestProgramsSideBySide(t *testing.T) {
	p, err := ReadPage(filepath.Join(module(t).Dir, "docs", "programs.md"))
	require.NoError(t, err)
	programs, python := 0, 0
	for _, b := range p.Blocks {
		switch b.Language {
		case "python":
			python = codeLines(b.Text)
		case "go":
			require.NotZero(t, python)
			lines := codeLines(b.Text)
			t.Logf("line %d: %d of Go, %d of Python: %.2f", b.Line, lines, python, float64(lines)/float64(python))
			require.LessOrEqual(t, float64(lines), 1.5*float64(python), "the Go program at line %d", b.Line)
			programs, python = programs+1, 0
		}
	}
	require.Equal(t, 11, programs)
}

// codeLines counts the lines with code, imports and the package clause left out.
func codeLines(text string) int {
	n, imports := 0, false
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "import (":
			imports = true
		case imports:
			imports = line != ")"
		case line == "", strings.HasPrefix(line, "import "), strings.HasPrefix(line, "from "), strings.HasPrefix(line, "package "):
		default:
			n++
		}
	}
	return n
}
