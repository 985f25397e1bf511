package rewrite

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// Packed begins the names of parameters in which the values of several variables stand one after the other.
const Packed = "gokeras_packed"

// mostParts are the operands or results of one call: XLA's compiler compares those of a call with each other again and again.
const mostParts = 64

func isPacked(v *stablehlo.Value) bool { return strings.HasPrefix(v.String(), "%"+Packed) }

// packed has calls take the packed parameters apart, and join what is to be packed.
func (r *rewriter) packed() {
	found := false
	for _, v := range r.main.Inputs {
		if isPacked(v) {
			found = true
			r.unpack(v)
		}
	}
	if !found {
		return
	}
	var made []*stablehlo.Statement
	for _, s := range r.main.Statements {
		if _, still := r.index[s]; still && r.isLongJoin(s) {
			before, ok := r.join(s)
			if !ok {
				return
			}
			made = append(made, before...)
		}
		made = append(made, s)
	}
	r.main.Statements = made
	r.renumber(0, len(made))
	r.sweep()
}

// unpack has calls take the slices of a packed parameter.
func (r *rewriter) unpack(whole *stablehlo.Value) {
	starts := map[*stablehlo.Statement]int{}
	var others []*stablehlo.Statement
	for _, s := range r.uses[whole] {
		at := numbers(s, "start_indices", 1)
		step := numbers(s, "strides", 1)
		if _, ofMain := r.index[s]; ofMain && name(s) == "slice" && at != nil && step != nil && step[0] == 1 {
			starts[s] = at[0]
		} else {
			others = append(others, s)
		}
	}
	// Taken out at once, for one by one each would be looked for among all.
	r.uses[whole] = others
	parts := slices.SortedFunc(maps.Keys(starts), func(a, b *stablehlo.Statement) int { return cmp.Compare(starts[a], starts[b]) })
	for len(parts) > 0 {
		n, end := 0, starts[parts[0]]
		for n < min(len(parts), mostParts) && starts[parts[n]] == end {
			end += parts[n].Outputs[0].Shape().Size()
			n++
		}
		r.unpackRun(whole, starts[parts[0]], parts[:n])
		parts = parts[n:]
	}
}

// unpackRun makes the first of slices that follow on each other the call for all.
func (r *rewriter) unpackRun(whole *stablehlo.Value, start int, parts []*stablehlo.Statement) {
	first := slices.MinFunc(parts, func(a, b *stablehlo.Statement) int { return r.index[a] - r.index[b] })
	var results []*stablehlo.Value
	for _, s := range parts {
		v := s.Outputs[0]
		if user := r.onlyUser(v); user != nil && name(user) == "reshape" {
			if _, ofMain := r.index[user]; ofMain {
				v = user.Outputs[0]
				r.drop(user)
			}
		}
		if s != first {
			r.drop(s)
		}
		results = append(results, v)
	}
	r.call(first, kernels.Unpack, kernels.Window{Out: [2]int{start, 0}}, whole)
	r.change(first, func() { first.Outputs = results })
}

// isLongJoin reports whether s joins more vectors than XLA does well: it goes through all of them for each element.
func (r *rewriter) isLongJoin(s *stablehlo.Statement) bool {
	const fewest = 8
	return name(s) == "concatenate" && len(s.Inputs) >= fewest && s.Outputs[0].Shape().Rank() == 1 && s.Outputs[0].Shape().DType == dtypes.Float32
}

// join makes a concatenation of vectors a call, before which others may join parts of them.
func (r *rewriter) join(s *stablehlo.Statement) (before []*stablehlo.Statement, ok bool) {
	parts := slices.Clone(s.Inputs)
	for i, v := range parts {
		if from := r.inputs(v, "reshape"); from != nil && r.onlyUser(v) == s {
			parts[i] = from[0]
		}
	}
	for len(parts) > mostParts {
		var joined []*stablehlo.Value
		for some := range slices.Chunk(parts, mostParts) {
			size := 0
			for _, v := range some {
				size += v.Shape().Size()
			}
			whole, err := r.newValue(dtypes.Float32, []int{size})
			if err != nil {
				return nil, false
			}
			call := &stablehlo.Statement{Builder: s.Builder, Function: s.Function, Outputs: []*stablehlo.Value{whole}}
			r.index[call] = 0
			r.call(call, kernels.Pack, kernels.Window{}, some...)
			before, joined = append(before, call), append(joined, whole)
		}
		parts = joined
	}
	r.call(s, kernels.Pack, kernels.Window{}, parts...)
	return before, true
}
