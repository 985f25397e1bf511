package kerasops

import (
	"math"
	"math/bits"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/scan"
)

// beams are the likeliest beginnings of what logits spell, so many for each sequence of a batch: first those that are possible, ordered by their classes, a
// path before those that it begins, then those of probability 0, as empty paths.
type beams struct {
	paths   *graph.Node // (batch, beams, steps), -1 after the end
	lengths *graph.Node // (batch, beams)
	common  *graph.Node // (batch, beams, beams): how many classes two paths begin with in common
	// emitted and blanked are logarithms of the probabilities of the ways to a path whose last step is its last class, and a blank: (batch, beams).
	emitted, blanked *graph.Node
}

// beamSearch is what logits (batch, steps, classes) spell: the likeliest paths, so many, (paths, batch, steps), and the logarithms of their probabilities
// (batch, paths). It follows width beams. Of equal paths, the one whose first different class is the smaller comes first.
//
// GoMLX's sorts can't stand in a loop. So the candidates of a step are told apart by what is known of the paths that they come from, without being compared
// whole, and the best of them are found by counting.
func beamSearch(logits, sequenceLengths *graph.Node, width, topPaths, blank int) (paths, scores *graph.Node) {
	g := logits.Graph()
	batch, steps, classes := logits.Shape().Dimensions[0], logits.Shape().Dimensions[1], logits.Shape().Dimensions[2]
	// Inside, classes are counted from the last one, which makes the preferred path the last one of its equals.
	logs := graph.Reverse(graph.LogSoftmax(logits, -1), 2)
	blank = classes - 1 - blank

	last := firstBeams(graph.Squeeze(cut(logs, 1, 0, 1), 1), width, steps, blank)
	if steps > 1 {
		number := graph.AddScalar(graph.Iota(g, shapeOf(dtypes.Int32, []int{steps - 1, batch}), 0), 1)
		_, ends := spread(number, graph.InsertAxes(sequenceLengths, 0))
		loop := scan.Loop{
			Steps:  steps - 1,
			States: []*graph.Node{last.paths, last.lengths, last.common, last.emitted, last.blanked},
			Inputs: []*graph.Node{graph.TransposeAllAxes(cut(logs, 1, 1, steps), 1, 0, 2), graph.LessThan(number, ends)},
		}
		states, _ := loop.Run(func(s *scan.Step) (states, outputs []*graph.Node) {
			next := beams{s.States[0], s.States[1], s.States[2], s.States[3], s.States[4]}.step(s.Inputs[0], blank)
			for i, x := range []*graph.Node{next.paths, next.lengths, next.common, next.emitted, next.blanked} {
				states = append(states, graph.Where(ofBatch(s.Inputs[1], x), x, s.States[i]))
			}
			return states, nil
		})
		last = beams{states[0], states[1], states[2], states[3], states[4]}
	}

	scores = sumOfLogs(last.emitted, last.blanked)
	i, j := pairs(graph.Iota(g, shapeOf(dtypes.Int32, []int{batch, width}), 1))
	a, b := pairs(orNever(graph.LogicalNot(graph.IsNaN(scores)), scores))
	order := arranged(graph.Or(graph.GreaterThan(a, b), graph.And(graph.Equal(a, b), graph.GreaterThan(i, j))))
	paths, scores = rows(last.paths, order), rows(scores, order)
	paths = graph.Where(isLess(paths, 0), paths, graph.AddScalar(graph.Neg(paths), float64(classes-1)))
	if missing := topPaths - width; missing > 0 {
		paths = graph.Concatenate([]*graph.Node{paths, graph.AddScalar(graph.Zeros(g, shapeOf(dtypes.Int32, []int{batch, missing, steps})), -1)}, 1)
		scores = graph.Concatenate([]*graph.Node{scores, graph.BroadcastToDims(graph.Infinity(g, scores.DType(), -1), batch, missing)}, 1)
	}
	return graph.TransposeAllAxes(cut(paths, 1, 0, topPaths), 1, 0, 2), cut(scores, 1, 0, topPaths)
}

// firstBeams are those after the first step, of whose classes x (batch, classes) are the logarithms of the probabilities.
func firstBeams(x *graph.Node, width, steps, blank int) beams {
	g := x.Graph()
	batch, classes := x.Shape().Dimensions[0], x.Shape().Dimensions[1]
	found := min(width, classes)
	classOf := graph.Iota(g, shapeOf(dtypes.Int32, []int{batch, classes}), 1)
	chosen := best(x, classOf, classes, found)
	// Among those found the empty path comes first, and last what can't be.
	dead := graph.LogicalNot(possible(rows(x, chosen)))
	empty := graph.Or(dead, graph.Equal(chosen, full(chosen, blank)))
	key := graph.Where(dead, graph.AddScalar(chosen, float64(classes)), graph.Where(empty, full(chosen, -1), chosen))
	a, b := pairs(key)
	chosen = rows(chosen, arranged(graph.LessThan(a, b)))

	score := rows(x, chosen)
	isBlank := graph.Equal(chosen, full(chosen, blank))
	alive := graph.And(possible(score), graph.LogicalNot(isBlank))
	length := graph.ConvertDType(alive, dtypes.Int32)
	wide := func(x *graph.Node, fill float64) *graph.Node {
		if found == width {
			return x
		}
		dims := x.Shape().Clone()
		dims.Dimensions[1] = width - found
		return graph.Concatenate([]*graph.Node{x, graph.BroadcastToDims(graph.Scalar(g, x.DType(), fill), dims.Dimensions...)}, 1)
	}
	out := beams{lengths: wide(length, 0), emitted: wide(orNever(graph.LogicalNot(isBlank), score), math.Inf(-1)), blanked: wide(orNever(isBlank, score), math.Inf(-1))}
	paths := graph.InsertAxes(wide(graph.Where(alive, chosen, full(chosen, -1)), -1), -1)
	if steps > 1 {
		paths = graph.Concatenate([]*graph.Node{paths, graph.AddScalar(graph.Zeros(g, shapeOf(dtypes.Int32, []int{batch, width, steps - 1})), -1)}, 2)
	}
	out.paths = paths
	i, j := pairs(graph.Iota(g, out.lengths.Shape(), 1))
	first, _ := pairs(out.lengths)
	out.common = graph.Where(graph.Equal(i, j), first, graph.ZerosLike(first))
	return out
}

// step is a step later, of whose classes x (batch, classes) are the logarithms of the probabilities.
func (b beams) step(x *graph.Node, blank int) beams {
	g := x.Graph()
	batch, width, steps, classes := x.Shape().Dimensions[0], b.paths.Shape().Dimensions[1], b.paths.Shape().Dimensions[2], x.Shape().Dimensions[1]
	each := func(x *graph.Node, n int) *graph.Node {
		return graph.BroadcastToDims(graph.InsertAxes(x, -1), append(x.Shape().Clone().Dimensions, n)...)
	}
	swapped := func(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 1) }
	within := func(at *graph.Node) *graph.Node {
		return graph.Max(graph.Min(at, full(at, steps-1)), graph.ZerosLike(at))
	}
	alive := possible(larger(b.emitted, b.blanked))
	tail := graph.Squeeze(takeAlong(b.paths, graph.InsertAxes(within(graph.AddScalar(b.lengths, -1)), -1), 2), 2)

	// The ways to a longer path: from the last class, if that is another one, and from a blank.
	class := graph.Iota(g, shapeOf(dtypes.Int32, []int{batch, width, classes}), 2)
	step := graph.BroadcastToDims(graph.InsertAxes(x, 1), batch, width, classes)
	isClass := graph.NotEqual(class, full(class, blank))
	fromClass, fromBlank := orNever(isClass, graph.Add(each(b.emitted, classes), step)), orNever(isClass, graph.Add(each(b.blanked, classes), step))
	most := largest(fromClass, fromBlank)
	repeats := graph.Equal(class, each(tail, classes))
	repeated := graph.ReduceMax(orNever(repeats, fromClass), 2)
	fromClass = orNever(graph.LogicalNot(repeats), fromClass)
	longer := logOf(graph.Add(expOf(fromClass, most), expOf(fromBlank, most)), most)

	// Of paths i and j, i may begin j; next is the class that follows in j. If j ends there, the ways from i to a longer path lead to j, too.
	short, long := pairs(b.lengths)
	next := swapped(takeAlong(b.paths, within(long), 2))
	aliveShort, aliveLong := pairs(alive)
	begins := graph.And(graph.Equal(b.common, short), graph.GreaterThan(long, short))
	becomes := graph.And(graph.And(begins, aliveShort), graph.Equal(graph.AddScalar(short, 1), long))
	arriving := func(from *graph.Node) *graph.Node {
		return expOf(graph.ReduceMax(orNever(becomes, takeAlong(from, graph.MaxScalar(next, 0), 2)), 1), most)
	}
	emitted := logOf(graph.Add(graph.Add(expOf(repeated, most), arriving(fromClass)), arriving(fromBlank)), most)
	pause := broadcastTo(cut(x, 1, blank, blank+1), []int{batch, width})
	again, still := graph.Add(b.emitted, pause), graph.Add(b.blanked, pause)
	mostBlank := largest(again, still)
	never := orNever(isLess(class, 0), longer)
	nextEach, classEach := each(next, classes), graph.BroadcastToDims(graph.InsertAxes(class, 2), batch, width, width, classes)
	isNext := graph.And(each(becomes, classes), graph.Equal(nextEach, classEach))
	longer = orNever(isLess(graph.ReduceMax(graph.ConvertDType(isNext, dtypes.Int32), 2), 1), longer)

	// Candidates are the paths as they are, and each with each class. A key orders them as their classes do: it counts the paths before a candidate; of the
	// candidates between the same two paths, the later the path they come from, the earlier they are.
	kind, span := dtypes.Int32, (width+1)*(width+1)*classes
	if bits.Len(uint(span)) > 30 {
		kind = dtypes.Int64
	}
	place := graph.Iota(g, shapeOf(kind, []int{batch, width}), 1)
	i, j := pairs(place)
	before := graph.Where(each(begins, classes), graph.LessThan(nextEach, classEach), each(graph.LessOrEqual(j, i), classes))
	passed := graph.ReduceSum(graph.ConvertDType(graph.And(each(aliveLong, classes), before), kind), 2)
	key := func(passed, from, class *graph.Node) *graph.Node {
		return graph.Add(graph.MulScalar(graph.Add(graph.MulScalar(passed, float64(width+1)), from), float64(classes)), class)
	}
	both := func(own, longer *graph.Node) *graph.Node {
		return graph.Concatenate([]*graph.Node{own, graph.Reshape(longer, batch, width*classes)}, 1)
	}
	keys := both(key(place, full(place, width), graph.ZerosLike(place)), key(passed, each(graph.AddScalar(graph.Neg(place), float64(width-1)), classes), graph.ConvertDType(class, kind)))
	emitted = both(emitted, longer)
	blanked := both(logOf(graph.Add(expOf(again, mostBlank), expOf(still, mostBlank)), mostBlank), logOf(expOf(never, mostBlank), mostBlank))
	total := logAddExp(emitted, blanked)
	total = orNever(graph.LogicalNot(graph.IsNaN(total)), total)

	chosen := best(total, keys, span, width)
	dead := graph.ConvertDType(graph.LogicalNot(possible(rows(total, chosen))), kind)
	first, second := pairs(graph.Add(rows(keys, chosen), graph.MulScalar(dead, float64(span))))
	chosen = rows(chosen, arranged(graph.LessThan(first, second)))

	out := beams{emitted: rows(emitted, chosen), blanked: rows(blanked, chosen)}
	grown := graph.GreaterOrEqual(chosen, full(chosen, width))
	rest := graph.MaxScalar(graph.AddScalar(chosen, float64(-width)), 0)
	quotient := graph.Div(rest, full(rest, classes))
	parent, added := graph.Where(grown, quotient, chosen), graph.Sub(rest, graph.MulScalar(quotient, float64(classes)))
	alive = possible(rows(total, chosen))
	lengths := rows(b.lengths, parent)
	atEnd := graph.And(each(grown, steps), graph.Equal(graph.Iota(g, b.paths.Shape(), 2), each(lengths, steps)))
	out.paths = graph.Where(atEnd, each(added, steps), rows(b.paths, parent))
	out.paths = graph.Where(each(alive, steps), out.paths, full(out.paths, -1))
	out.lengths = graph.Where(alive, graph.Add(lengths, graph.ConvertDType(grown, dtypes.Int32)), graph.ZerosLike(lengths))
	// Two paths have one class more in common than those they come from, or none.
	common := rows(swapped(rows(b.common, parent)), parent)
	mine := takeAlong(out.paths, within(common), 2)
	same := graph.And(graph.Equal(mine, swapped(mine)), graph.GreaterOrEqual(mine, graph.ZerosLike(mine)))
	out.common = graph.Add(common, graph.ConvertDType(same, dtypes.Int32))
	return out
}

// best are the places of the k greatest x (batch, n), of equal ones those with the greatest keys, which are different numbers from 0 to below.
func best(x, keys *graph.Node, below, k int) *graph.Node {
	g := x.Graph()
	// The bits of a float, with the sign's turned and, below 0, all, are numbers in the same order.
	kind, size := dtypes.Uint32, 32
	if x.DType() == dtypes.Float64 {
		kind, size = dtypes.Uint64, 64
	}
	word := graph.Bitcast(graph.Where(graph.Equal(x, graph.ZerosLike(x)), graph.ZerosLike(x), x), kind)
	sign := graph.BitwiseShiftLeft(full(word, 1), full(word, size-1))
	word = graph.Where(graph.GreaterOrEqual(word, sign), graph.BitwiseNot(word), graph.BitwiseOr(word, sign))
	least := threshold(word, nil, graph.Scalar(g, dtypes.Int32, k), size)
	sure, level := graph.GreaterThan(word, least), graph.Equal(word, least)
	missing := graph.AddScalar(graph.Neg(graph.ReduceAndKeep(graph.ConvertDType(sure, dtypes.Int32), graph.ReduceSum, 1)), float64(k))
	keyKind := dtypes.Uint32
	if keys.DType() == dtypes.Int64 {
		keyKind = dtypes.Uint64
	}
	keys = graph.ConvertDType(keys, keyKind)
	chosen := graph.Or(sure, graph.And(level, graph.GreaterOrEqual(keys, threshold(keys, level, missing, (bits.Len(uint(below))+3)/4*4))))

	// How many are chosen up to each place
	count := graph.ConvertDType(chosen, dtypes.Int32)
	batch, n := x.Shape().Dimensions[0], x.Shape().Dimensions[1]
	for by := 1; by < n; by *= 2 {
		count = graph.Add(count, graph.Concatenate([]*graph.Node{graph.Zeros(g, shapeOf(dtypes.Int32, []int{batch, by})), cut(count, 1, 0, n-by)}, 1))
	}
	return placeIn(graph.BroadcastToDims(graph.InsertAxes(count, 1), batch, k, n), graph.Iota(g, shapeOf(dtypes.Int32, []int{batch, k}), 1), true)
}

// threshold is the greatest number of so many bits that at least k of x (batch, n) reach, of those that among has, broadcast to x.
func threshold(x, among, k *graph.Node, size int) *graph.Node {
	g := x.Graph()
	const digits = 15
	batch, n := x.Shape().Dimensions[0], x.Shape().Dimensions[1]
	wide := func(x *graph.Node) *graph.Node {
		return graph.BroadcastToDims(graph.InsertAxes(x, 1), batch, digits, n)
	}
	found := graph.Zeros(g, shapeOf(x.DType(), []int{batch, 1}))
	digit := graph.AddScalar(graph.Iota(g, shapeOf(x.DType(), []int{batch, digits}), 1), 1)
	for shift := size - 4; shift >= 0; shift -= 4 {
		tried := graph.Add(broadcastTo(found, []int{batch, digits}), graph.BitwiseShiftLeft(digit, full(digit, shift)))
		reach := graph.GreaterOrEqual(wide(x), graph.BroadcastToDims(graph.InsertAxes(tried, -1), batch, digits, n))
		if among != nil {
			reach = graph.And(reach, wide(among))
		}
		counts := graph.ReduceSum(graph.ConvertDType(reach, dtypes.Int32), 2)
		enough := graph.ConvertDType(graph.GreaterOrEqual(counts, broadcastTo(k, []int{batch, digits})), x.DType())
		number := graph.ReduceAndKeep(enough, graph.ReduceSum, 1)
		found = graph.Add(found, graph.BitwiseShiftLeft(number, full(number, shift)))
	}
	return broadcastTo(found, []int{batch, n})
}

// arranged are the places (batch, n) of elements of which before (batch, n, n) tells whether one comes before another, in order.
func arranged(before *graph.Node) *graph.Node {
	rank := graph.ReduceSum(graph.ConvertDType(before, dtypes.Int32), 1)
	_, ranks := pairs(rank)
	i, place := pairs(graph.Iota(before.Graph(), rank.Shape(), 1))
	return graph.ReduceSum(graph.Where(graph.Equal(ranks, i), place, graph.ZerosLike(place)), 2)
}

// pairs is x (batch, n) along the first and along the second of two axes (batch, n, n).
func pairs(x *graph.Node) (first, second *graph.Node) {
	batch, n := x.Shape().Dimensions[0], x.Shape().Dimensions[1]
	return graph.BroadcastToDims(graph.InsertAxes(x, 2), batch, n, n), graph.BroadcastToDims(graph.InsertAxes(x, 1), batch, n, n)
}

// rows are the parts of x (batch, n, …) at places (batch, k).
func rows(x, places *graph.Node) *graph.Node {
	dims := x.Shape().Dimensions
	start := graph.MulScalar(graph.Iota(x.Graph(), places.Shape(), 0), float64(dims[1]))
	flat := graph.Reshape(x, append([]int{dims[0] * dims[1]}, dims[2:]...)...)
	return graph.Gather(flat, graph.InsertAxes(graph.Add(places, start), -1))
}

// full is v everywhere.
func full(like *graph.Node, v int) *graph.Node {
	return graph.BroadcastToDims(graph.Scalar(like.Graph(), like.DType(), v), like.Shape().Dimensions...)
}

// ofBatch is x (batch), or (batch, 1), for all elements of a batch.
func ofBatch(x, like *graph.Node) *graph.Node {
	dims := like.Shape().Clone().Dimensions
	for i := range dims[1:] {
		dims[i+1] = 1
	}
	return broadcastTo(graph.Reshape(x, dims...), like.Shape().Dimensions)
}

// orNever is x where the condition holds, and the logarithm of a probability of 0 elsewhere.
func orNever(condition, x *graph.Node) *graph.Node {
	return graph.Where(condition, x, broadcastTo(graph.Infinity(x.Graph(), x.DType(), -1), x.Shape().Dimensions))
}

// possible tells of logarithms of probabilities where these aren't 0.
func possible(x *graph.Node) *graph.Node {
	return graph.GreaterThan(x, broadcastTo(graph.Infinity(x.Graph(), x.DType(), -1), x.Shape().Dimensions))
}

// largest is the greatest element of each sequence.
func largest(x, y *graph.Node) *graph.Node {
	both := graph.Max(x, y)
	return graph.ReduceMax(graph.Reshape(both, both.Shape().Dimensions[0], -1), 1)
}

func expOf(x, most *graph.Node) *graph.Node { return graph.Exp(graph.Sub(x, ofBatch(most, x))) }

func logOf(x, most *graph.Node) *graph.Node { return graph.Add(graph.Log(x), ofBatch(most, x)) }

// sumOfLogs is the logarithm of the sum of what x and y are logarithms of.
func sumOfLogs(x, y *graph.Node) *graph.Node {
	most := largest(x, y)
	return logOf(graph.Add(expOf(x, most), expOf(y, most)), most)
}
