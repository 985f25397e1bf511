package doctest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// others are the packages outside of the module that fragments use without importing them.
var others = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "io": "io", "log": "log", "math": "math", "os": "os", "signal": "os/signal",
	"slices": "slices", "strings": "strings", "time": "time",
	"must":    "github.com/janpfeifer/must",
	"graph":   "github.com/gomlx/gomlx/core/graph",
	"tensors": "github.com/gomlx/gomlx/core/tensors",
	"dtypes":  "github.com/gomlx/compute/dtypes",
	"shapes":  "github.com/gomlx/compute/shapes",
}

// fragments are the incomplete snippets of a page.
type fragments struct {
	page         *Page
	count        int
	imports      []importSpec // that fragments wrote
	declarations strings.Builder
	statements   strings.Builder
	scopes       int
}

type importSpec struct{ name, path, line string }

const wrapper = "package p; func _() error {"

func (f *fragments) add(block Block) error {
	f.count++
	fset := token.NewFileSet()
	block.Text = block.Run()
	file, err := parser.ParseFile(fset, "", "package p;"+block.Text, parser.SkipObjectResolution)
	if err == nil {
		f.declarations.WriteString(lineDirective(f.page, block.Line) + f.takeImports(fset, file, block, len("package p;")) + "\n")
		return nil
	}
	// Imports may stand above the statements.
	text := block.Text
	if file, err := parser.ParseFile(fset, "", "package p;"+text, parser.ImportsOnly); err == nil {
		text = f.takeImports(fset, file, block, len("package p;"))
	}
	file, err = parser.ParseFile(fset, fmt.Sprintf("%s:%d", f.page.Path, block.Line), wrapper+text+"}", parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("%s:%d: the snippet is neither declarations nor statements: %w", f.page.Path, block.Line, err)
	}
	f.statements.WriteString("{\n")
	for _, given := range block.Given {
		if err := f.given(given); err != nil {
			return err
		}
	}
	f.statements.WriteString(lineDirective(f.page, block.Line) + text)
	f.scopes++
	for _, name := range declaredNames(file.Decls[0].(*ast.FuncDecl).Body.List) {
		if name == "err" { // which the page leaves to its reader
			f.statements.WriteString("if err != nil {\nreturn err\n}\n")
		}
		f.statements.WriteString("_ = " + name + "\n")
	}
	return nil
}

// given adds what a page takes for granted, statements or declarations.
func (f *fragments) given(g Given) error {
	if _, err := parser.ParseFile(token.NewFileSet(), "", "package p;"+g.Text, parser.SkipObjectResolution); err == nil {
		f.declarations.WriteString(lineDirective(f.page, g.Line) + g.Text)
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), fmt.Sprintf("%s:%d", f.page.Path, g.Line), wrapper+g.Text+"}", parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("%s:%d: given: %w", f.page.Path, g.Line, err)
	}
	f.statements.WriteString(lineDirective(f.page, g.Line) + g.Text)
	for _, name := range declaredNames(file.Decls[0].(*ast.FuncDecl).Body.List) {
		f.statements.WriteString("_ = " + name + "\n")
	}
	return nil
}

// takeImports remembers the imports and returns the text with blanks in their place.
func (f *fragments) takeImports(fset *token.FileSet, file *ast.File, block Block, offset int) string {
	blank := []byte(block.Text)
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			continue
		}
		for i := fset.Position(g.Pos()).Offset - offset; i < fset.Position(g.End()).Offset-offset; i++ {
			if blank[i] != '\n' {
				blank[i] = ' '
			}
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ImportSpec)
			path, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
			name := importName(path)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			if !slices.ContainsFunc(f.imports, func(have importSpec) bool { return have.name == name && have.path == path }) {
				f.imports = append(f.imports, importSpec{name, path, fmt.Sprintf("//line %s:%d\n", f.page.Path, block.Line+fset.Position(spec.Pos()).Line-1)})
			}
		}
	}
	return string(blank)
}

var versionPattern = regexp.MustCompile(`/v[0-9]+$`)

// importName is the name that a package most likely has.
func importName(path string) string {
	path = versionPattern.ReplaceAllString(path, "")
	return path[strings.LastIndex(path, "/")+1:]
}

// declaredNames are the variables that a list of statements declares; a snippet may leave them unused.
func declaredNames(list []ast.Stmt) []string {
	var names []string
	add := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" && !slices.Contains(names, id.Name) {
			names = append(names, id.Name)
		}
	}
	for _, s := range list {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				for _, e := range s.Lhs {
					add(e)
				}
			}
		case *ast.DeclStmt:
			if g := s.Decl.(*ast.GenDecl); g.Tok == token.VAR {
				for _, spec := range g.Specs {
					for _, id := range spec.(*ast.ValueSpec).Names {
						add(id)
					}
				}
			}
		}
	}
	return names
}

// source is the page's package.
func (f *fragments) source(m Module) (string, error) {
	body := f.declarations.String() + "func Run() error {\n" + f.statements.String() + strings.Repeat("}\n", f.scopes) + "return nil\n}\n"
	var imports strings.Builder
	have := map[string]bool{}
	for _, spec := range f.imports {
		fmt.Fprintf(&imports, "%simport %s %q\n", spec.line, spec.name, spec.path)
		have[spec.name] = true
	}
	file, err := parser.ParseFile(token.NewFileSet(), f.page.Path, "package p\n"+body, 0)
	if err != nil {
		return "", err
	}
	// Only the deprecated resolution of the parser is needed here: which names belong to no declaration of this file.
	for _, id := range file.Unresolved {
		if have[id.Name] {
			continue
		}
		path := others[id.Name]
		if own := filepath.Join(m.Dir, id.Name); path == "" && token.IsIdentifier(id.Name) && hasGo(own) {
			path = m.Path + "/" + id.Name
		}
		if path != "" {
			have[id.Name] = true
			fmt.Fprintf(&imports, "import %q\n", path)
		}
	}
	return "package page\n" + imports.String() + body, nil
}

func hasGo(dir string) bool {
	list, err := filepath.Glob(filepath.Join(dir, "*.go"))
	return err == nil && len(list) > 0
}
