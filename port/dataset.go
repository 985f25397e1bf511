package port

import (
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// bindDataset assigns what load_data returns, two pairs of arrays, to names in any of the ways in which Python can.
func (t *translator) bindDataset(target *python.Expr, v *value) {
	pairs := []*python.Expr{nil, nil}
	whole := ""
	switch {
	case target.Kind == python.Name:
		whole = target.Text
	case (target.Kind == python.Tuple || target.Kind == python.List) && len(target.Args) == 2:
		pairs = target.Args
	default:
		fail(target, "load_data returns two pairs")
	}
	flat := &python.Expr{Kind: python.Tuple, Line: target.Line}
	prefixes := []string{"train", "test"}
	type held struct{ name, x, y string }
	var tuples []held
	for i, p := range pairs {
		name := whole + "_" + prefixes[i]
		switch {
		case p == nil:
		case p.Kind == python.Name:
			name = p.Text
		case (p.Kind == python.Tuple || p.Kind == python.List) && len(p.Args) == 2 && p.Args[0].Kind == python.Name && p.Args[1].Kind == python.Name:
			flat.Args = append(flat.Args, p.Args...)
			continue
		default:
			fail(target, "this target isn't translated")
		}
		if strings.Trim(name, "_") == "" {
			blank := &python.Expr{Kind: python.Name, Text: "_", Line: target.Line}
			flat.Args = append(flat.Args, blank, blank)
			continue
		}
		x, y := name+"_x", name+"_y"
		flat.Args = append(flat.Args, &python.Expr{Kind: python.Name, Text: x, Line: target.Line}, &python.Expr{Kind: python.Name, Text: y, Line: target.Line})
		tuples = append(tuples, held{name, x, y})
	}
	t.unpack(flat, &value{typ: typ{kind: "tuple", goT: "multi", elems: v.elems}, code: v.code})
	var both []*value
	for _, h := range tuples {
		pair := &value{items: []*value{t.sc.names[h.x].v, t.sc.names[h.y].v}, tuple: true, typ: typ{kind: "tuple"}}
		both = append(both, pair)
		t.sc.names[h.name] = &binding{v: pair}
	}
	if whole != "" {
		t.sc.names[whole] = &binding{v: &value{items: both, tuple: true, typ: typ{kind: "tuple"}}}
	}
}
