package doctest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLayersAreShort: what a user has to write for a layer with a weight, comments and all, stays within 35 lines.
func TestLayersAreShort(t *testing.T) {
	p, err := ReadPage(filepath.Join(module(t).Dir, "docs", "adding-a-layer.md"))
	require.NoError(t, err)
	at := slices.IndexFunc(p.Blocks, func(b Block) bool { return b.Language == "go" })
	require.GreaterOrEqual(t, at, 0)
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, p.Path, p.Blocks[at].Text, parser.ParseComments)
	require.NoError(t, err)
	var first, last token.Pos // of the type, and of its method Call
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.TYPE && first == token.NoPos {
				first = d.Doc.Pos()
			}
		case *ast.FuncDecl:
			if d.Recv != nil && d.Name.Name == "Call" {
				last = d.End()
			}
		}
	}
	require.True(t, first.IsValid() && last > first, "the page's first program has no layer")
	require.LessOrEqual(t, fset.Position(last).Line-fset.Position(first).Line+1, 35)
}
