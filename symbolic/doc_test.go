package symbolic_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocListsInterfaces: the package's page links every interface that a layer may implement besides Layer.
func TestDocListsInterfaces(t *testing.T) {
	parse := func(path string) *ast.File {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		return file
	}
	page := parse("doc.go").Doc.Text()
	found := 0
	ast.Inspect(parse("layer.go"), func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if _, is := spec.Type.(*ast.InterfaceType); is && spec.Name.IsExported() && spec.Name.Name != "Layer" {
			found++
			require.Contains(t, page, "["+spec.Name.Name+"]")
		}
		return true
	})
	require.NotZero(t, found)
}
