package doctest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func module(t *testing.T) Module {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	return Module{Dir: root, Path: "github.com/gokeras/gokeras", Files: ReadersFiles}
}

// documentation reads README.md, ARCHITECTURE.md and everything in docs.
func documentation(t *testing.T) []*Page {
	t.Helper()
	root := module(t).Dir
	paths := []string{filepath.Join(root, "README.md"), filepath.Join(root, "ARCHITECTURE.md")}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".md" {
			paths = append(paths, path)
		}
		return err
	})
	require.NoError(t, err)
	var pages []*Page
	for _, path := range paths {
		p, err := ReadPage(path)
		require.NoError(t, err)
		pages = append(pages, p)
	}
	return pages
}

// TestDocumentationRuns builds and runs all Go of the pages, in a module of a reader's.
func TestDocumentationRuns(t *testing.T) {
	pages := documentation(t)
	isGo := func(b Block) bool { return b.Language == "go" }
	require.True(t, slices.ContainsFunc(pages, func(p *Page) bool { return slices.ContainsFunc(p.Blocks, isGo) }), "no page has a Go snippet")
	require.NoError(t, module(t).Check(t.Context(), pages))
}

func TestDocumentationLinks(t *testing.T) {
	for _, p := range documentation(t) {
		broken, err := p.BrokenLinks()
		require.NoError(t, err)
		require.Empty(t, broken)
	}
}

func page(t *testing.T, lines ...string) *Page {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.md")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	p, err := ReadPage(path)
	require.NoError(t, err)
	return p
}

func TestGoodPage(t *testing.T) {
	p := page(t,
		"# A page",
		"```go",
		"import \"strconv\"",
		"",
		"n, err := strconv.Atoi(\"12\")",
		"if err != nil {",
		"	return err",
		"}",
		"```",
		"A later block sees `n`, and types of the page.",
		"<!-- given: names := []string{\"a\"} -->",
		"<!-- with: n := 0 => n := config.Small() -->",
		"```go",
		"err = show(n, names...)",
		"n := 0",
		"if n != 7 {",
		"	return fmt.Errorf(\"%d isn't what stands in\", n)",
		"}",
		"```",
		"```go",
		"// show prints.",
		"func show(n int, names ...string) error { _, err := fmt.Println(n, names); return err }",
		"```",
		"- in a list:",
		"  ```go",
		"  package main",
		"",
		"  import \"fmt\"",
		"",
		"  func main() { fmt.Println(\"hello\") }",
		"  ```",
		"  ```output",
		"  hello",
		"  ```",
		"```python",
		"n = undefined",
		"```",
	)
	m := module(t)
	m.Dir, m.Path = copyModule(t), "example.com/m"
	require.NoError(t, m.Check(t.Context(), []*Page{p}))
}

// copyModule makes a small module with a package config and a package internal/in.
func copyModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for path, text := range map[string]string{
		"go.mod":               "module example.com/m\n\ngo 1.26\n",
		"config/config.go":     "package config\n\nfunc Small() int { return 7 }\n",
		"internal/in/inner.go": "package in\n",
	} {
		path = filepath.Join(dir, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return dir
}

func TestErrorsNamePageAndLine(t *testing.T) {
	m := Module{Dir: copyModule(t), Path: "example.com/m"}
	for _, tc := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{"unknown name", []string{"text", "```go", "x := 1", "y := undefinedName(x)", "```"}, []string{"page.md:4", "undefined: undefinedName"}},
		{"wrong type", []string{"```go", "var s string = 1", "```"}, []string{"page.md:2", "cannot use 1"}},
		{"no such function of the module", []string{"```go", "config.Missing()", "```"}, []string{"page.md:2", "undefined: config.Missing"}},
		{"in a complete file", []string{"```go", "package main", "", "func main() { missing() }", "```"}, []string{"page.md:4", "undefined: missing"}},
		{"no Go", []string{"```go", "model.Fit(x, …)", "```"}, []string{"page.md:2", "neither declarations nor statements"}},
		{"in a declaration", []string{"```go", "type T struct{ x Missing }", "```"}, []string{"page.md:2", "undefined: Missing"}},
		{"unused import", []string{"```go", "import \"os\"", "", "x := 1", "```"}, []string{"page.md:2", "\"os\" imported and not used"}},
		{"a program that fails", []string{"```go", "package main", "", "func main() { panic(\"no\") }", "```"}, []string{"page.md:2", "panic: no"}},
		{"other output", []string{"```go", "package main", "", "func main() { println() }", "```", "```output", "hi", "```"}, []string{"page.md:2", "where the page shows\nhi"}},
		{"a fragment that fails", []string{"```go", "_, err := os.Open(\"nowhere\")", "```"}, []string{"page.md", "open nowhere"}},
		{"a package of our own rooms", []string{"```go", "import _ \"example.com/m/internal/in\"", "```"}, []string{"page.md:2", "use of internal package"}},
		{"given wrongly", []string{"<!-- given: x *int -->", "```go", "y := x", "```"}, []string{"page.md:1", "given"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := m.Check(t.Context(), []*Page{page(t, tc.lines...)})
			for _, want := range tc.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestBrokenPages(t *testing.T) {
	for text, want := range map[string]string{
		"a\n```go\nx":           "page.md:2: the block that begins here is not closed",
		"```go,norun\nx\n```\n": `page.md:1: unknown tag "norun"`,
		"<!-- given:\nx := 1\n": "page.md:1: the comment that begins here is not closed",
		"<!-- with: a -->\n":    "page.md:1: want <!-- with:",
	} {
		_, err := parsePage("page.md", text)
		require.ErrorContains(t, err, want)
	}
}

func TestLinks(t *testing.T) {
	p := page(t,
		"# The `first` heading!",
		"# Twice",
		"# Twice",
		"[good](page.md), [top](#the-first-heading), [second](page.md#twice-1), [web](https://example.com/x), `[code](missing.md)`",
		"![picture](missing.png \"title\")",
		"[file](gone/away.md) and [anchor](#nowhere)",
		"[ref]: other.md",
		"```text",
		"[code](missing.md)",
		"```",
	)
	broken, err := p.BrokenLinks()
	require.NoError(t, err)
	require.Equal(t, []string{
		p.Path + ":5: link to missing.png: there is no such file",
		p.Path + ":6: link to gone/away.md: there is no such file",
		p.Path + ":6: link to #nowhere: there is no such heading",
		p.Path + ":7: link to other.md: there is no such file",
	}, broken)
}
