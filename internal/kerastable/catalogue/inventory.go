package catalogue

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/kerastable"
	"github.com/gokeras/gokeras/internal/kerastable/setters"
	_ "github.com/gokeras/gokeras/layers" // registers the layers
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/regularizers"
)

// Inventory is what this module has.
type Inventory struct {
	root     string
	exported map[string]map[string]string // of each folder the names of types and functions, with the functions' parameters
	layers   map[string]setters.Layer     // by class
}

// Open reads the module whose folder, or a folder inside it, is dir.
func Open(dir string) (*Inventory, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, Path)); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			return nil, fmt.Errorf("%s isn't in this module: no folder above it has %s", dir, Path)
		}
		root = filepath.Dir(root)
	}
	v := &Inventory{root: root, exported: map[string]map[string]string{}, layers: map[string]setters.Layer{}}
	list, err := setters.Read(filepath.Join(root, "layers"))
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		v.layers[l.Class] = l
	}
	return v, nil
}

// Exported reports whether a package of this module exports a type or a function: "layers.Conv2D".
func (v *Inventory) Exported(name string) bool {
	_, ok := v.export(name)
	return ok
}

// export returns the parameters of an exported function, "(filters, kernelSize)", or "" for a type.
func (v *Inventory) export(name string) (params string, ok bool) {
	folder, name, _ := strings.Cut(name, ".")
	if v.exported[folder] == nil {
		v.exported[folder] = exports(filepath.Join(v.root, folder))
	}
	params, ok = v.exported[folder][name]
	return params, ok
}

// exports lists the exported types and functions of the package in dir, none if there is no such package.
func exports(dir string) map[string]string {
	names := map[string]string{}
	paths, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil || strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() && !isOption(d) {
					names[d.Name.Name] = parameters(d)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if t, ok := spec.(*ast.TypeSpec); ok && t.Name.IsExported() {
						names[t.Name.Name] = ""
					}
				}
			}
		}
	}
	return names
}

// isOption reports whether a function makes an argument of others: ops.DType isn't Keras's operation dtype.
func isOption(f *ast.FuncDecl) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	name, ok := f.Type.Results.List[0].Type.(*ast.Ident)
	return ok && name.Name == "Option"
}

// parameters names a function's parameters: "(x, axis...)".
func parameters(f *ast.FuncDecl) string {
	var names []string
	for _, p := range f.Type.Params.List {
		dots := ""
		if _, variadic := p.Type.(*ast.Ellipsis); variadic {
			dots = "..."
		}
		for _, name := range p.Names {
			names = append(names, name.Name+dots)
		}
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// packageOf is the package of a kind.
func packageOf(kind kerastable.Kind) string {
	switch kind {
	case kerastable.Loss:
		return "losses"
	case kerastable.Schedule:
		return "optimizers"
	case kerastable.Operation:
		return "ops"
	}
	return string(kind) + "s"
}

// Get resolves a name as the kind's package does; ok is false for kinds that have no such function.
func Get(kind kerastable.Kind, name string) (o config.Object, err error, ok bool) {
	switch kind {
	case kerastable.Loss:
		o, err = losses.Get(name)
	case kerastable.Metric:
		o, err = metrics.Get(name)
	case kerastable.Optimizer:
		o, err = optimizers.Get(name)
	case kerastable.Schedule:
		o, err = optimizers.GetSchedule(map[string]any{"class_name": name})
	case kerastable.Initializer:
		o, err = initializers.Get(name)
	case kerastable.Regularizer:
		o, err = regularizers.Get(name)
	case kerastable.Constraint:
		o, err = constraints.Get(name)
	case kerastable.Activation:
		_, err = activations.Get(activations.Name(name))
	default:
		return nil, nil, false
	}
	return o, err, true
}

// Has reports whether this module has what Keras calls so.
func (v *Inventory) Has(e *kerastable.Entry) bool {
	name := packageOf(e.Kind) + "."
	switch {
	case e.Kind == kerastable.Layer && !e.Function:
		return slices.Contains(functional.LayerNames(), config.SnakeCase(e.Name))
	case e.Kind == kerastable.Application:
		return v.Exported(name + e.Name)
	case e.Kind == kerastable.Operation && !e.Function:
		return kerasops.Module(e.Name) == e.Module
	case e.Kind == kerastable.Operation:
		return e.Module == "keras.ops" && v.Exported(name+kerastable.GoName(e.Name))
	}
	if _, err, ok := Get(e.Kind, e.Name); ok && err == nil {
		return e.Function || v.Exported(name+e.Name)
	}
	return !e.Function && v.Exported(name+e.Name) // a base class, or a callback
}

// Constructor is what makes the part in Go, with its parameters: "layers.Conv2D(filters, kernelSize)", "callbacks.NewHistory()"; the type's
// name alone where no function makes it, "" where there is none.
func (v *Inventory) Constructor(e *kerastable.Entry) string {
	pkg := packageOf(e.Kind) + "."
	names := []string{pkg + "New" + e.Name, pkg + kerastable.GoName(e.Name)}
	if e.Name == "InputLayer" {
		names = []string{"functional.Input"}
	}
	for _, name := range names {
		if params, ok := v.export(name); ok {
			return name + params
		}
	}
	return ""
}

// Layer returns what is known of a layer of package layers.
func (v *Inventory) Layer(class string) (setters.Layer, bool) {
	l, ok := v.layers[class]
	return l, ok
}

// Key names an entry within its kind as missing.txt does: the name, with the module inside the kind's own before it: "Conv2D", "image.resize".
// Of operations the table has the functions of keras.ops and the classes in files, which are "numpy.Add".
func Key(e *kerastable.Entry) string {
	for _, prefix := range []string{"keras.applications.", "keras.src.ops.", "keras.ops."} {
		if inner, ok := strings.CutPrefix(e.Module, prefix); ok {
			return inner + "." + e.Name
		}
	}
	return e.Name
}
