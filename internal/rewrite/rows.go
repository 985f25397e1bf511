package rewrite

import (
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// Sums and extremes along the last axis, such as a softmax has them, XLA computes value by value, and what stands before them once more for each. A kernel
// that does all of a row while it is in the cache pays from so many values a row, and so many in all.
const (
	leastOfRow  = 64
	leastOfRows = 1 << 13
)

// rowGroup is statements on the values of rows, and on numbers of rows, that become one call.
type rowGroup struct {
	rows, columns int
	members       []*stablehlo.Statement // in their order
}

// of reports whether a value is one of the rows' values, or of numbers of the rows.
func (g *rowGroup) of(v *stablehlo.Value) (wide, number bool) {
	shape := v.Shape()
	wide = shape.Size() == g.rows*g.columns && shape.Rank() > 0 && shape.Dim(-1) == g.columns
	return wide, shape.Size() == g.rows
}

// rows makes calls of what computes sums and extremes of rows, with what stands around these.
func (r *rewriter) rows() {
	of := map[*stablehlo.Statement]*rowGroup{}
	statements := r.statements()
	for _, s := range statements {
		if g := r.rowGroup(s, of); g != nil {
			for _, member := range g.members {
				of[member] = g
			}
		}
	}
	reduces := func(s *stablehlo.Statement) bool { return r.reduction(s) >= 0 }
	made := false
	for _, s := range statements {
		g := of[s]
		if g == nil || g.members[0] != s || g.rows*g.columns < leastOfRows || !slices.ContainsFunc(g.members, reduces) {
			continue
		}
		if p, ok := r.rowProgram(g); ok {
			call := g.members[len(g.members)-1]
			for _, member := range g.members {
				if member != call {
					r.drop(member)
				}
			}
			r.call(call, kernels.Rows, kernels.Window{Rows: &p.program}, p.operands...)
			r.change(call, func() { call.Outputs = p.results })
			made = true
		}
	}
	if made {
		r.sweep()
		r.sort()
	}
}

// rowGroup is the group of s: with those of its operands, all of them or one, or a new one; nil if it can't be in any.
func (r *rewriter) rowGroup(s *stablehlo.Statement, of map[*stablehlo.Statement]*rowGroup) *rowGroup {
	if len(s.Outputs) == 0 {
		return nil
	}
	var behind []*rowGroup // the last one first
	for _, v := range s.Inputs {
		if g := of[r.def[v]]; g != nil && !slices.Contains(behind, g) && r.fits(s, g) {
			behind = append(behind, g)
		}
	}
	slices.SortFunc(behind, func(a, b *rowGroup) int {
		return r.index[b.members[len(b.members)-1]] - r.index[a.members[len(a.members)-1]]
	})
	same := func(g *rowGroup) bool { return g.rows == behind[0].rows && g.columns == behind[0].columns }
	if len(behind) > 1 && !slices.ContainsFunc(behind, func(g *rowGroup) bool { return !same(g) }) && r.mayUnite(s, of, behind) {
		return r.unitedRows(s, behind)
	}
	for _, g := range behind {
		if r.mayUnite(s, of, []*rowGroup{g}) {
			return r.unitedRows(s, []*rowGroup{g})
		}
	}
	v := s.Outputs[0]
	switch {
	case r.reduction(s) >= 0:
		v = r.reduced(s)
	case !isElementwise(s):
		return nil
	}
	if v.Shape().Rank() < 2 || v.Shape().Dim(-1) < leastOfRow || v.Shape().Size() == v.Shape().Dim(-1) {
		return nil
	}
	return &rowGroup{columns: v.Shape().Dim(-1), rows: v.Shape().Size() / v.Shape().Dim(-1), members: []*stablehlo.Statement{s}}
}

// fits reports whether s, one of whose operands is computed in the group, is something that the group may compute.
func (r *rewriter) fits(s *stablehlo.Statement, g *rowGroup) bool {
	wide, number := g.of(s.Outputs[0])
	switch {
	case r.reduction(s) >= 0:
		of, _ := g.of(r.reduced(s))
		return of && number
	case isElementwise(s):
		return wide || number
	case name(s) == "reshape":
		from, fromNumber := g.of(s.Inputs[0])
		return wide && from || number && fromNumber
	case name(s) == "broadcast_in_dim":
		from, fromNumber := g.of(s.Inputs[0])
		if !r.keepsOrder(s) {
			return false
		}
		if wide && fromNumber { // each number along its row
			along := numbers(s, "broadcast_dimensions", s.Inputs[0].Shape().Rank())
			last := s.Outputs[0].Shape().Rank() - 1
			return !slices.Contains(along, last) || s.Inputs[0].Shape().Dim(-1) == 1
		}
		return wide && from || number && fromNumber
	}
	return false
}

// keepsOrder reports whether a broadcast repeats values, if at all, along the last axis alone.
func (r *rewriter) keepsOrder(s *stablehlo.Statement) bool {
	from, to := s.Inputs[0].Shape(), s.Outputs[0].Shape()
	along := numbers(s, "broadcast_dimensions", from.Rank())
	if along == nil || !slices.IsSorted(along) {
		return false
	}
	size := 1
	for i, axis := range along {
		if axis < to.Rank()-1 {
			if from.Dimensions[i] != to.Dimensions[axis] {
				return false
			}
			size *= to.Dimensions[axis]
		}
	}
	return size == to.Size()/to.Dim(-1)
}

// reduction is the kind of a reduction of float32 along the last axis, -1 if s is none.
func (r *rewriter) reduction(s *stablehlo.Statement) kernels.ReductionKind {
	const none = kernels.ReductionKind(-1)
	if name(s) != "reduce" || len(s.FunctionParameters) != 1 || r.reduced(s).Shape().DType != dtypes.Float32 || r.reduced(s).Shape().Rank() < 2 {
		return none
	}
	if axes := numbers(s, "dimensions", 1); axes == nil || axes[0] != r.reduced(s).Shape().Rank()-1 || s.Outputs[0].Shape().Rank() != r.reduced(s).Shape().Rank()-1 {
		return none
	}
	f := s.FunctionParameters[0]
	switch {
	case len(s.Inputs) == 4 && r.isPlaceOfLargest(s):
		return kernels.PlaceOfLargest
	case len(s.Inputs) != 2:
		return none
	case isOne(f, "add") && r.isZero(s.Inputs[1]):
		return kernels.Total
	case isOne(f, "maximum") && r.isConstant(s.Inputs[1], math.Inf(-1)):
		return kernels.Largest
	case isOne(f, "minimum") && r.isConstant(s.Inputs[1], math.Inf(1)):
		return kernels.Smallest
	}
	return none
}

// reduced is the array whose rows s reduces.
func (r *rewriter) reduced(s *stablehlo.Statement) *stablehlo.Value {
	return s.Inputs[len(s.Inputs)/2-1]
}

// isPlaceOfLargest reports whether s finds the places of maxima as GoMLX writes it.
func (r *rewriter) isPlaceOfLargest(s *stablehlo.Statement) bool {
	places, f := s.Inputs[0], s.FunctionParameters[0]
	if r.operation(places) != "iota" || r.def[places].Attributes["iota_dimension"] != int64(places.Shape().Rank()-1) || places.Shape().DType != dtypes.Int32 {
		return false
	}
	if !r.isZero(s.Inputs[2]) || len(r.uses[s.Outputs[1]]) > 0 {
		return false
	}
	var steps []string
	for _, inner := range f.Statements {
		step := name(inner)
		if step == "compare" {
			for direction := range comparisons {
				if strings.Contains(text(inner, "comparison_direction"), direction) {
					step += " " + direction
				}
			}
		}
		steps = append(steps, step)
	}
	return slices.Equal(steps, []string{"compare GT", "compare NE", "or", "compare EQ", "minimum", "select", "select", "maximum", "return"})
}

// unitedRows is s with the members of groups.
func (r *rewriter) unitedRows(s *stablehlo.Statement, groups []*rowGroup) *rowGroup {
	g := &rowGroup{rows: groups[0].rows, columns: groups[0].columns}
	for _, other := range groups {
		g.members = append(g.members, other.members...)
	}
	slices.SortFunc(g.members, func(a, b *stablehlo.Statement) int { return r.index[a] - r.index[b] })
	g.members = append(g.members, s)
	return g
}

// mayUnite reports whether groups aren't too large, and no way leads from them through other statements to s: one call can't stand on both sides of these.
func (r *rewriter) mayUnite(s *stablehlo.Statement, of map[*stablehlo.Statement]*rowGroup, groups []*rowGroup) bool {
	members := map[*stablehlo.Statement]bool{s: true}
	for _, g := range groups {
		for _, member := range g.members {
			members[member] = true
		}
	}
	if len(members) > mostMembers {
		return false
	}
	seen := map[*stablehlo.Statement]bool{}
	// comeBack reports whether what statements compute is used for a member's operand; members themselves lead to each other.
	var comeBack func(list []*stablehlo.Statement, areMembers bool) bool
	comeBack = func(list []*stablehlo.Statement, areMembers bool) bool {
		for _, from := range list {
			for _, v := range from.Outputs {
				for _, user := range r.uses[v] {
					at, ofMain := r.index[user]
					switch {
					case members[user]:
						if !areMembers {
							return true
						}
					case !ofMain: // inside of another, wherever that stands
						return true
					case !seen[user] && at < r.index[s]: // what stands behind s is in no group yet
						together := []*stablehlo.Statement{user}
						if g := of[user]; g != nil {
							together = g.members
						}
						for _, one := range together {
							seen[one] = true
						}
						if comeBack(together, false) {
							return true
						}
					}
				}
			}
		}
		return false
	}
	for _, g := range groups {
		if comeBack(g.members, true) {
			return false
		}
	}
	return true
}

// sort puts the statements in an order in which each stands behind what it uses, changing as little as that takes.
func (r *rewriter) sort() {
	statements := r.statements()
	sorted := make([]*stablehlo.Statement, 0, len(statements))
	done := map[*stablehlo.Statement]bool{}
	var put func(s *stablehlo.Statement)
	put = func(s *stablehlo.Statement) {
		if done[s] {
			return
		}
		done[s] = true
		eachUse(s, func(_ *stablehlo.Statement, v *stablehlo.Value) {
			if d := r.def[v]; d != nil {
				if _, ofMain := r.index[d]; ofMain {
					put(d)
				}
			}
		})
		sorted = append(sorted, s)
	}
	for _, s := range statements {
		put(s)
	}
	r.main.Statements = sorted
	r.renumber(0, len(sorted))
}
