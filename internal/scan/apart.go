package scan

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/catch"
)

// GoMLX makes equal scalars of a graph one node, and go-xla equal reductions one function, in whatever function of the graph they were first made.
// What a loop's function makes must be its own, so these memories are set aside while one is made. They have no methods for it.

// loops reports whether the graph's engine can hold a loop.
func loops(g *graph.Graph) bool {
	return g.Backend().Capabilities().Functions && caches(g) != nil
}

// caches are the maps in which GoMLX and the engine's builder remember nodes, nil if they aren't where they are known to be.
func caches(g *graph.Graph) []reflect.Value {
	v := reflect.ValueOf(g).Elem()
	list := []reflect.Value{v.FieldByName("scalars"), v.FieldByName("tensorConstants")}
	for inner := v.FieldByName("builder"); inner.IsValid() && (inner.Kind() == reflect.Interface || inner.Kind() == reflect.Pointer); {
		if inner = inner.Elem(); inner.Kind() != reflect.Struct {
			continue
		}
		if inner.FieldByName("cacheReductions").IsValid() {
			for _, name := range []string{"cacheReductions", "cacheArgMinMax", "cacheSelections"} {
				list = append(list, inner.FieldByName(name))
			}
			break
		}
		inner = inner.FieldByName("Builder") // of an engine around another
	}
	for _, field := range list {
		if !field.IsValid() || field.Kind() != reflect.Map || !field.CanAddr() {
			return nil
		}
	}
	return list
}

// apart makes a closure of its own, which uses nothing of the graph around it.
func apart(g *graph.Graph, define func(g *graph.Graph) []*graph.Node) (f *graph.Function, err error) {
	for _, cache := range caches(g) {
		field := reflect.NewAt(cache.Type(), unsafe.Pointer(cache.UnsafeAddr())).Elem()
		was := reflect.ValueOf(field.Interface())
		field.Set(reflect.MakeMap(field.Type()))
		defer field.Set(was)
	}
	err = catch.Panic(func() error {
		f = graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
			results := define(g)
			if err := holds(g, results); err != nil {
				panic(err)
			}
			return results
		})
		return nil
	})
	return f, err
}

// holds returns an error if a loop's function can't compute the results, or not well.
func holds(g *graph.Graph, results []*graph.Node) error {
	slow := backend.KindOf(g.Backend()) == backend.XLACPU
	seen := map[*graph.Node]bool{}
	var check func(n *graph.Node) error
	check = func(n *graph.Node) error {
		if seen[n] {
			return nil
		}
		seen[n] = true
		if n.Function() != g.CurrentFunc() {
			return fmt.Errorf("scan: a loop's body uses %s, which it wasn't given", n)
		}
		switch n.Type() {
		case graph.NodeTypeConvGeneral, graph.NodeTypeReduceWindow, graph.NodeTypeSelectAndScatterMax, graph.NodeTypeSelectAndScatterMin:
			if slow {
				return fmt.Errorf("scan: XLA's CPU plugin computes %s slowly in a loop", n)
			}
		}
		for _, in := range n.Inputs() {
			if err := check(in); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range results {
		if err := check(r); err != nil {
			return err
		}
	}
	return nil
}

// canSlice reports whether the engine can read and write parts of an array whose places are known at run time only.
func canSlice(g *graph.Graph) bool {
	c := g.Backend().Capabilities().Operations
	return c[compute.OpTypeDynamicSlice] && c[compute.OpTypeDynamicUpdateSlice]
}
