// Package goapi says what the exported constructors and setters of this module take: the table api.json, read from the sources. Package port
// matches Keras's arguments with it, so that a part added to the module can be ported without another line of code.
package goapi

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
)

//go:generate go run ./cmd

// Packages are those that the table covers.
var Packages = []string{"layers", "losses", "metrics", "optimizers", "callbacks", "initializers", "regularizers", "constraints", "functional", "plots", "ops", "port/np", "port/plt", "port/sk", "port/pd"}

// Param is a parameter; the type of the last one begins with "..." where there may be several.
type Param struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Func is a function or a method.
type Func struct {
	Params []Param  `json:"params,omitempty"`
	Result []string `json:"result,omitempty"`
}

// Package is a package of the module.
type Package struct {
	Funcs map[string]Func `json:"funcs,omitempty"`
	// Methods are those by which a type's configuration is set, by type; their first result is the type itself.
	Methods map[string]map[string]Func `json:"methods,omitempty"`
	// Fields are the types of the exported fields of structs.
	Fields map[string]map[string]string `json:"fields,omitempty"`
	// Words are the named types that are strings.
	Words []string `json:"words,omitempty"`
}

//go:embed api.json
var table []byte

// Table is the whole table, by package.
var Table = sync.OnceValue(func() map[string]*Package {
	t := map[string]*Package{}
	if err := json.Unmarshal(table, &t); err != nil {
		panic(fmt.Sprintf("api.json: %v", err))
	}
	return t
})

// Read reads the sources below the module's root.
func Read(root string) (map[string]*Package, error) {
	all := map[string]*Package{}
	for _, name := range Packages {
		if _, err := os.Stat(filepath.Join(root, name)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		p, err := read(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		all[name] = p
	}
	return all, nil
}

type method struct {
	param string // the receiver's type parameter
	Func
}

type source struct {
	methods map[string]map[string]method
	embeds  map[string][]ast.Expr
	params  map[string][]string // type parameters of types
}

func read(dir string) (*Package, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	p := &Package{Funcs: map[string]Func{}, Methods: map[string]map[string]Func{}, Fields: map[string]map[string]string{}}
	s := source{map[string]map[string]method{}, map[string][]ast.Expr{}, map[string][]string{}}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				s.function(p, d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if t, ok := spec.(*ast.TypeSpec); ok {
						s.typ(p, t)
					}
				}
			}
		}
	}
	for name := range s.embeds {
		if !ast.IsExported(name) {
			continue
		}
		set := map[string]Func{}
		s.promote(set, name, "*"+name, 0)
		if len(set) > 0 {
			p.Methods[name] = set
		}
	}
	sort.Strings(p.Words)
	return p, nil
}

func (s source) function(p *Package, d *ast.FuncDecl) {
	if !d.Name.IsExported() {
		return
	}
	bounds := map[string]string{}
	if d.Type.TypeParams != nil {
		for _, field := range d.Type.TypeParams.List {
			for _, n := range field.Names {
				bounds[n.Name] = types.ExprString(field.Type)
			}
		}
	}
	f := Func{Params: params(d.Type.Params, bounds)}
	if d.Type.Results != nil {
		for _, r := range d.Type.Results.List {
			for range max(len(r.Names), 1) {
				f.Result = append(f.Result, types.ExprString(r.Type))
			}
		}
	}
	if d.Recv == nil {
		p.Funcs[d.Name.Name] = f
		return
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	param := ""
	if index, ok := t.(*ast.IndexExpr); ok {
		t, param = index.X, types.ExprString(index.Index)
	}
	name := types.ExprString(t)
	if s.methods[name] == nil {
		s.methods[name] = map[string]method{}
	}
	s.methods[name][d.Name.Name] = method{param, f}
}

func (s source) typ(p *Package, t *ast.TypeSpec) {
	name := t.Name.Name
	switch u := t.Type.(type) {
	case *ast.Ident:
		if u.Name == "string" && t.Name.IsExported() {
			p.Words = append(p.Words, name)
		}
	case *ast.StructType:
		s.embeds[name] = nil
		if t.TypeParams != nil {
			for _, f := range t.TypeParams.List {
				for _, n := range f.Names {
					s.params[name] = append(s.params[name], n.Name)
				}
			}
		}
		fields := map[string]string{}
		for _, f := range u.Fields.List {
			if len(f.Names) == 0 {
				s.embeds[name] = append(s.embeds[name], f.Type)
			}
			for _, n := range f.Names {
				if n.IsExported() {
					fields[n.Name] = types.ExprString(f.Type)
				}
			}
		}
		if t.Name.IsExported() && len(fields) > 0 {
			p.Fields[name] = fields
		}
	}
}

// promote collects the setters that a type has of its own and through what it embeds; self is the type that they return.
func (s source) promote(set map[string]Func, name, self string, depth int) {
	if depth > 6 {
		return
	}
	for method, m := range s.methods[name] {
		if _, ok := set[method]; ok || len(m.Result) != 1 {
			continue
		}
		if r := m.Result[0]; r == self || m.param != "" && r == m.param {
			set[method] = Func{Params: m.Params}
		}
	}
	for _, e := range s.embeds[name] {
		if star, ok := e.(*ast.StarExpr); ok {
			e = star.X
		}
		if index, ok := e.(*ast.IndexExpr); ok {
			e = index.X
		}
		s.promote(set, types.ExprString(e), self, depth+1)
	}
}

func params(list *ast.FieldList, bounds map[string]string) []Param {
	var ps []Param
	for _, field := range list.List {
		t := types.ExprString(field.Type)
		if bound, ok := bounds[strings.TrimPrefix(t, "...")]; ok {
			t = bound
		}
		if len(field.Names) == 0 {
			ps = append(ps, Param{Type: t})
		}
		for _, n := range field.Names {
			ps = append(ps, Param{n.Name, t})
		}
	}
	return ps
}
