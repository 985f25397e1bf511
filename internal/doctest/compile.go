package doctest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Module is the module whose documentation is tested.
type Module struct {
	Dir  string // its root
	Path string // its import path
}

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

// program is a snippet to run.
type program struct {
	pkg      string // relative to the module's root: "./…"
	at       string
	output   *string
	inFolder bool // it runs in an empty folder
}

// Check compiles the Go snippets of the pages and runs those that ask for it. The error has the go command's messages, which
// name the pages and their lines.
func (m Module) Check(ctx context.Context, pages []*Page) error {
	b := &builder{m: m, overlay: map[string]string{}}
	for i, p := range pages {
		if err := b.page(i, p); err != nil {
			return err
		}
	}
	if len(b.packages) == 0 {
		return nil
	}
	return b.build(ctx)
}

type builder struct {
	m        Module
	overlay  map[string]string // path → text
	packages []string
	programs []program
}

// folder is where the go command sees the snippets; nothing is there on disk.
const folder = "internal/doctest/snippets"

func (b *builder) add(path, text string) {
	b.overlay[filepath.Join(b.m.Dir, filepath.FromSlash(path))] = text
	pkg := "./" + path[:strings.LastIndex(path, "/")]
	if !slices.Contains(b.packages, pkg) {
		b.packages = append(b.packages, pkg)
	}
}

func (b *builder) page(index int, p *Page) error {
	pkg := fmt.Sprintf("%s/page%d", folder, index)
	f := &fragments{page: p}
	for i, block := range p.Blocks {
		if block.Language != "go" {
			continue
		}
		at := fmt.Sprintf("%s:%d", p.Path, block.Line)
		path, named := block.Tags["file"]
		where, run := block.Tags["run"]
		switch {
		case named:
			if !filepath.IsLocal(path) || filepath.Ext(path) != ".go" || !strings.Contains(path, "/") {
				return fmt.Errorf("%s: file=%s is not a Go file in one of the module's folders", at, path)
			}
			b.add(path, lineDirective(p, block)+block.Text)
		case isFile(block.Text):
			own := fmt.Sprintf("%s_%d", pkg, block.Line)
			b.add(own+"/snippet.go", lineDirective(p, block)+block.Text)
			if name, embeds := block.Tags["embed"]; embeds && filepath.IsLocal(name) {
				b.overlay[filepath.Join(b.m.Dir, filepath.FromSlash(own), name)] = ""
			}
			if run {
				pr := program{pkg: "./" + own, at: at, inFolder: where == "folder"}
				if i+1 < len(p.Blocks) && p.Blocks[i+1].Language == "output" {
					pr.output = &p.Blocks[i+1].Text
				}
				b.programs = append(b.programs, pr)
			}
		case run:
			return fmt.Errorf("%s: only a complete program (package main) can be run", at)
		default:
			if err := f.add(block); err != nil {
				return err
			}
		}
	}
	if f.count == 0 {
		return nil
	}
	text, err := f.source(b.m)
	if err != nil {
		return err
	}
	b.add(pkg+"/page.go", text)
	return nil
}

func lineDirective(p *Page, block Block) string {
	return fmt.Sprintf("//line %s:%d\n", p.Path, block.Line)
}

func isFile(text string) bool {
	_, err := parser.ParseFile(token.NewFileSet(), "", text, parser.PackageClauseOnly)
	return err == nil
}

// build compiles everything with one call of the go command, then runs the programs.
func (b *builder) build(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "doctest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	replace := map[string]string{}
	for path, text := range b.overlay {
		real := filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
		if err := os.WriteFile(real, []byte(text), 0o644); err != nil {
			return err
		}
		replace[path] = real
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, list, 0o644); err != nil {
		return err
	}
	if _, err := b.run(ctx, "go", append([]string{"build", "-overlay", overlay, "-o", os.DevNull}, b.packages...)...); err != nil {
		return fmt.Errorf("the snippets don't compile: %w", err)
	}
	for _, p := range b.programs {
		exe := filepath.Join(dir, "program")
		if _, err := b.run(ctx, "go", "build", "-overlay", overlay, "-o", exe, p.pkg); err != nil {
			return fmt.Errorf("%s: %w", p.at, err)
		}
		out, err := b.runIn(ctx, p.inFolder, exe)
		if err != nil {
			return fmt.Errorf("%s: the program failed: %w", p.at, err)
		}
		if p.output != nil && strings.TrimSpace(out) != strings.TrimSpace(*p.output) {
			return fmt.Errorf("%s: the program printed\n%s\nwhere the page shows\n%s", p.at, out, *p.output)
		}
	}
	return nil
}

func (b *builder) run(ctx context.Context, name string, args ...string) (stdout string, err error) {
	return b.runIn(ctx, false, name, args...)
}

// runIn runs a command in the module, or in an empty folder.
func (b *builder) runIn(ctx context.Context, emptyFolder bool, name string, args ...string) (stdout string, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = b.m.Dir
	if emptyFolder {
		if cmd.Dir, err = os.MkdirTemp("", "doctest"); err != nil {
			return "", err
		}
		defer os.RemoveAll(cmd.Dir)
	}
	cmd.Env = append(cmd.Environ(), "GOKERAS_CACHE=off") // a check leaves nothing behind in the user's folders
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w\n%s%s", err, errs.String(), out.String())
	}
	return out.String(), nil
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
	file, err := parser.ParseFile(fset, "", "package p;"+block.Text, parser.SkipObjectResolution)
	if err == nil {
		f.declarations.WriteString(lineDirective(f.page, block) + f.takeImports(fset, file, block, len("package p;")) + "\n")
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
		decl, err := parser.ParseFile(fset, "", wrapper+"var "+given+"}", parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("%s:%d: given: %w", f.page.Path, block.Line, err)
		}
		f.statements.WriteString("var " + given + "\n")
		for _, name := range declaredNames(decl.Decls[0].(*ast.FuncDecl).Body.List) {
			f.statements.WriteString("_ = " + name + "\n")
		}
	}
	f.statements.WriteString(lineDirective(f.page, block) + text)
	f.scopes++
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
	body := f.declarations.String() + "func _() error {\n" + f.statements.String() + strings.Repeat("}\n", f.scopes) + "return nil\n}\n"
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
