package goapi

import (
	"reflect"
	"strings"
	"testing"
)

// TestTableIsUpToDate fails when `go generate ./port/internal/goapi` would change the table.
func TestTableIsUpToDate(t *testing.T) {
	read, err := Read("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range read {
		have := Table()[name]
		if have == nil {
			t.Fatalf("package %s isn't in the table", name)
		}
		if !reflect.DeepEqual(keys(p.Funcs), keys(have.Funcs)) || !reflect.DeepEqual(keys(p.Methods), keys(have.Methods)) {
			t.Errorf("package %s has changed: run go generate ./port/internal/goapi", name)
		}
		for typ, set := range p.Methods {
			if !reflect.DeepEqual(set, have.Methods[typ]) && len(set)+len(have.Methods[typ]) > 0 {
				for m, f := range set {
					if g := have.Methods[typ][m]; !reflect.DeepEqual(f.Params, g.Params) && len(f.Params)+len(g.Params) > 0 {
						t.Errorf("%s.%s.%s has changed: run go generate ./port/internal/goapi", name, typ, m)
					}
				}
			}
		}
	}
}

func TestTable(t *testing.T) {
	adam := Table()["optimizers"].Methods["AdamOptimizer"]
	if p := adam["Beta1"].Params; len(p) != 1 || p[0].Type != "float64" {
		t.Errorf("Adam's Beta1 takes %v", p)
	}
	if p := Table()["layers"].Funcs["Conv2D"].Params; len(p) != 2 || p[1].Type != "int | [2]int" {
		t.Errorf("Conv2D takes %v", p)
	}
}

func keys[V any](m map[string]V) map[string]bool {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return set
}

// TestNamesDiffer: names are found without regard to case, each one.
func TestNamesDiffer(t *testing.T) {
	for name, p := range Table() {
		seen := map[string]string{}
		for f := range p.Funcs {
			if other := seen[strings.ToLower(f)]; other != "" {
				t.Errorf("package %s has both %s and %s", name, f, other)
			}
			seen[strings.ToLower(f)] = f
		}
	}
}
