package setters

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"unicode"
)

// form is how a setter looks.
type form struct {
	params string // "strides ...int"
	// change is the second argument of Configure, in which FIELD is the configuration's field.
	change string
	// nilable reports that the field can be Python's None.
	nilable bool
	uses    []string // packages that params and change name
}

// formOf chooses by the field's type.
func (s *source) formOf(f field) (form, error) {
	p := parameter(f.argument)
	text := types.ExprString(f.typ)
	switch t := f.typ.(type) {
	case *ast.StarExpr:
		return form{params: p + " " + types.ExprString(t.X), change: "setPointer(&FIELD, " + p + ")", nilable: true, uses: packages(t.X)}, nil
	case *ast.ArrayType:
		elem := types.ExprString(t.Elt)
		switch {
		case t.Len == nil:
			return form{params: p + " ..." + elem, change: "setSlice(&FIELD, " + p + ")", nilable: true, uses: packages(t.Elt)}, nil
		case elem == "int":
			return form{params: p + " ...int", change: "setAxes(FIELD[:], " + p + ")"}, nil
		case elem == "float64":
			return form{params: p + " ...float64", change: "setAll(FIELD[:], " + p + ")"}, nil
		}
	case *ast.InterfaceType:
		if len(t.Methods.List) == 0 {
			return form{params: p + " any", change: "set(&FIELD, " + p + ")", nilable: true}, nil
		}
	case *ast.SelectorExpr:
		for _, get := range []struct{ name, param string }{
			{"initializers.Initializer", "initializer"}, {"regularizers.Regularizer", "regularizer"}, {"constraints.Constraint", "constraint"},
		} {
			if pkg, _, _ := strings.Cut(get.name, "."); text == get.name {
				return form{params: get.param + " any", change: "resolve(&FIELD, " + pkg + ".Get, " + get.param + ")", nilable: true, uses: []string{pkg}}, nil
			}
		}
		switch {
		case text == "activations.Name":
			return form{params: p + " string", change: "setActivation(&FIELD, " + p + ")"}, nil
		case t.Sel.Name == "Shape":
			return form{params: p + " ...int", change: "setSlice(&FIELD, " + p + ")", nilable: true}, nil
		}
		return form{params: p + " " + text, change: "set(&FIELD, " + p + ")", nilable: true, uses: packages(t)}, nil
	case *ast.Ident:
		return s.formOfName(f, t.Name)
	}
	return form{}, fmt.Errorf("field %s has the type %s, for which there is no form of setter: see the package's documentation", f.name, text)
}

func (s *source) formOfName(f field, name string) (form, error) {
	p := parameter(f.argument)
	spec := s.types[name]
	if spec == nil {
		return form{params: p + " " + name, change: "set(&FIELD, " + p + ")", nilable: name == "any"}, nil
	}
	if set := s.methods[name]["set"]; set != nil {
		return formOfSet(set), nil
	}
	if base, ok := spec.Type.(*ast.Ident); ok && base.Name == "string" {
		if s.methods[name]["check"] == nil {
			return form{}, fmt.Errorf("field %s: the type %s has no method check, which lists the right names", f.name, name)
		}
		return form{params: p + " string", change: "setWord(&FIELD, " + p + ")"}, nil
	}
	return form{params: p + " " + name, change: "set(&FIELD, " + p + ")"}, nil
}

// formOfSet gives a setter the parameters of the field type's method set.
func formOfSet(set *ast.FuncDecl) form {
	var params, args []string
	var uses []string
	for _, p := range set.Type.Params.List {
		text, dots := types.ExprString(p.Type), ""
		if e, variadic := p.Type.(*ast.Ellipsis); variadic {
			text, dots = "..."+types.ExprString(e.Elt), "..."
		}
		uses = append(uses, packages(p.Type)...)
		for _, name := range p.Names {
			params = append(params, name.Name+" "+text)
			args = append(args, name.Name+dots)
		}
	}
	return form{params: strings.Join(params, ", "), change: "func() error { return FIELD.set(" + strings.Join(args, ", ") + ") }", nilable: true, uses: uses}
}

// packages names the packages in a type.
func packages(t ast.Expr) []string {
	var list []string
	ast.Inspect(t, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := sel.X.(*ast.Ident); ok {
				list = append(list, pkg.Name)
			}
		}
		return true
	})
	return list
}

// parameter is the name of a setter's parameter: pool_size is poolSize.
func parameter(argument string) string {
	var b strings.Builder
	for i, word := range strings.Split(argument, "_") {
		if i > 0 && word != "" {
			word = string(unicode.ToUpper(rune(word[0]))) + word[1:]
		}
		b.WriteString(word)
	}
	if name := b.String(); !token.IsKeyword(name) && name != "l" {
		return name
	}
	return b.String() + "Value"
}
