package setters

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// source is what is read of a package of layers, generated files apart. It is read without being compiled, so that the setters can be
// written anew when those that are there no longer fit.
type source struct {
	types   map[string]*ast.TypeSpec
	methods map[string]map[string]*ast.FuncDecl // by receiver's type and name
	funcs   map[string]*ast.FuncDecl
	imports map[string]string // paths by package name
	base    string            // the package of LayerConfig
}

func readSource(dir string) (*source, error) {
	s := &source{types: map[string]*ast.TypeSpec{}, methods: map[string]map[string]*ast.FuncDecl{}, funcs: map[string]*ast.FuncDecl{}, imports: map[string]string{}}
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, generatedSuffix) {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		s.add(file)
	}
	return s, nil
}

func (s *source) add(file *ast.File) {
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		s.imports[name] = path
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					s.types[t.Name.Name] = t
				}
			}
		case *ast.FuncDecl:
			if d.Recv == nil {
				s.funcs[d.Name.Name] = d
				continue
			}
			name, _ := instance(d.Recv.List[0].Type)
			if s.methods[name] == nil {
				s.methods[name] = map[string]*ast.FuncDecl{}
			}
			s.methods[name][d.Name.Name] = d
		}
	}
}

// instance takes the star and the type arguments off a local type's name: *pooling[L] is pooling and L.
func instance(e ast.Expr) (name string, args []ast.Expr) {
	switch e := e.(type) {
	case *ast.StarExpr:
		return instance(e.X)
	case *ast.IndexExpr:
		name, _ = instance(e.X)
		return name, []ast.Expr{e.Index}
	case *ast.IndexListExpr:
		name, _ = instance(e.X)
		return name, e.Indices
	case *ast.Ident:
		return e.Name, nil
	}
	return "", nil
}

// field is a field of a layer's configuration that holds an argument of Keras's.
type field struct {
	argument   string // Keras's name
	name       string // Go's
	typ        ast.Expr
	def        string // the default tag
	hasDefault bool
}

// Layer is a layer's type.
type Layer struct {
	Class string // Keras's: "Conv2D"
	Type  string // Go's: "Conv2DLayer"
	// Taken are the arguments, by Keras's names, that the constructor takes and that can't be left out; Optional is its variadic parameter, if it has one.
	Taken, Optional []string

	cfg    string           // the name of the field with the configuration
	fields map[string]field // those of the configuration, by Keras's argument
}

// Holds reports whether the layer's configuration has a field for an argument of Keras's constructor. One that is always None has none.
func (l *Layer) Holds(argument string) bool {
	_, ok := l.fields[argument]
	return ok || slices.ContainsFunc(common, func(c commonArgument) bool { return c.argument == argument })
}

// Read returns the layers of the package in dir, by name.
func Read(dir string) ([]Layer, error) {
	s, err := readSource(dir)
	if err != nil {
		return nil, err
	}
	return s.layers()
}

// layers lists the types that end in Layer and have a configuration.
func (s *source) layers() ([]Layer, error) {
	var list []Layer
	for _, name := range slices.Sorted(maps.Keys(s.types)) {
		class, isLayer := strings.CutSuffix(name, "Layer")
		if !isLayer || class == "" || !ast.IsExported(name) {
			continue
		}
		cfg, typ, err := s.configuration(s.types[name], nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if cfg == "" {
			continue
		}
		l := Layer{Class: class, Type: name, cfg: cfg, fields: map[string]field{}}
		if err := s.flatten(&l, typ); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s.constructor(&l)
		list = append(list, l)
	}
	return list, nil
}

// configuration returns the field of a layer's struct, or of one that it embeds, whose struct embeds a LayerConfig. Args are the type's
// arguments.
func (s *source) configuration(spec *ast.TypeSpec, args []ast.Expr) (name string, typ ast.Expr, err error) {
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return "", nil, nil
	}
	params, err := typeParams(spec, args)
	if err != nil {
		return "", nil, err
	}
	for _, f := range st.Fields.List {
		if len(f.Names) == 1 && s.isConfiguration(f.Type) {
			return f.Names[0].Name, substitute(f.Type, params), nil
		}
	}
	for _, f := range st.Fields.List {
		if embedded, args := instance(substitute(f.Type, params)); len(f.Names) == 0 && s.types[embedded] != nil {
			if name, typ, err := s.configuration(s.types[embedded], args); name != "" || err != nil {
				return name, typ, err
			}
		}
	}
	return "", nil, nil
}

// typeParams pairs a type's parameters with its arguments.
func typeParams(spec *ast.TypeSpec, args []ast.Expr) (map[string]ast.Expr, error) {
	params := map[string]ast.Expr{}
	if spec.TypeParams == nil {
		return params, nil
	}
	for _, list := range spec.TypeParams.List {
		for _, p := range list.Names {
			if len(args) == 0 {
				return nil, fmt.Errorf("%s has too few type arguments", spec.Name.Name)
			}
			params[p.Name] = args[0]
			args = args[1:]
		}
	}
	return params, nil
}

func (s *source) isConfiguration(t ast.Expr) bool {
	if isLayerConfig(t) {
		s.base = types.ExprString(t.(*ast.SelectorExpr).X)
		return true
	}
	name, _ := instance(t)
	spec := s.types[name]
	if spec == nil {
		return false
	}
	st, ok := spec.Type.(*ast.StructType)
	return ok && slices.ContainsFunc(st.Fields.List, func(f *ast.Field) bool {
		return len(f.Names) == 0 && s.isConfiguration(f.Type)
	})
}

// isLayerConfig reports whether t is the struct of the arguments that all layers have.
func isLayerConfig(t ast.Expr) bool {
	sel, ok := t.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "LayerConfig"
}

// flatten collects the fields of a configuration.
func (s *source) flatten(l *Layer, t ast.Expr) error {
	if isLayerConfig(t) {
		return nil
	}
	name, args := instance(t)
	spec := s.types[name]
	if spec == nil {
		return fmt.Errorf("the configuration embeds %s, which isn't of this package", types.ExprString(t))
	}
	params, err := typeParams(spec, args)
	if err != nil {
		return err
	}
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return fmt.Errorf("%s is no struct", name)
	}
	for _, f := range st.Fields.List {
		if len(f.Names) == 0 {
			if err := s.flatten(l, substitute(f.Type, params)); err != nil {
				return err
			}
			continue
		}
		if f.Tag == nil {
			continue
		}
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
		argument, _, _ := strings.Cut(tag.Get("keras"), ",")
		switch {
		case argument == "":
		case f.Names[0].Name == "_": // always None
		default:
			def, has := tag.Lookup("default")
			l.fields[argument] = field{argument, f.Names[0].Name, substitute(f.Type, params), def, has}
		}
	}
	return nil
}

// substitute puts type arguments in the place of type parameters.
func substitute(t ast.Expr, params map[string]ast.Expr) ast.Expr {
	switch t := t.(type) {
	case *ast.Ident:
		if arg, ok := params[t.Name]; ok {
			return arg
		}
	case *ast.StarExpr:
		return &ast.StarExpr{X: substitute(t.X, params)}
	case *ast.ArrayType:
		return &ast.ArrayType{Len: t.Len, Elt: substitute(t.Elt, params)}
	case *ast.IndexExpr:
		return &ast.IndexExpr{X: t.X, Index: substitute(t.Index, params)}
	case *ast.IndexListExpr:
		list := make([]ast.Expr, len(t.Indices))
		for i, e := range t.Indices {
			list[i] = substitute(e, params)
		}
		return &ast.IndexListExpr{X: t.X, Indices: list}
	}
	return t
}

// constructor reads which arguments the function of the class's name takes.
func (s *source) constructor(l *Layer) {
	f := s.funcs[l.Class]
	if f == nil {
		return
	}
	for _, p := range f.Type.Params.List {
		_, variadic := p.Type.(*ast.Ellipsis)
		for _, name := range p.Names {
			if variadic {
				l.Optional = append(l.Optional, pythonName(name.Name))
			} else {
				l.Taken = append(l.Taken, pythonName(name.Name))
			}
		}
	}
}

// pythonName is the name of an argument of Keras's that a parameter in Go has: kernelSize is kernel_size.
func pythonName(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteString("_" + strings.ToLower(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
