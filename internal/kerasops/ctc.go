package kerasops

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/scan"
)

func init() {
	define("nn", "CTCLoss", "target output target_length output_length", "mask_index=0", func(c *call) []Spec {
		target, output := c.spec("target"), c.spec("output")
		if len(target.Shape) != 2 || len(output.Shape) != 3 {
			fail("got a target of shape %s and an output of shape %s, want (batch, labels) and (batch, steps, classes)", ShapeText(target.Shape), ShapeText(output.Shape))
		}
		batch := output.Shape[0]
		for _, name := range []string{"target", "target_length", "output_length"} {
			shape := c.spec(name).Shape
			if name != "target" && len(shape) != 1 {
				fail("%s: got shape %s, want (batch)", name, ShapeText(shape))
			}
			if shape[0] != batch {
				fail("arguments `%s` and `output` must have the same first dimension, received shapes %s and %s", name, ShapeText(shape), ShapeText(output.Shape))
			}
		}
		for _, d := range []int{target.Shape[1], output.Shape[1]} {
			if d == 0 {
				fail("got a target of shape %s and an output of shape %s, want at least one label and step", ShapeText(target.Shape), ShapeText(output.Shape))
			}
		}
		c.blank("mask_index", output.Shape[2])
		return []Spec{{[]int{batch}, promote(output.DType, "float32")}}
	}, func(c *call) []*graph.Node {
		target, logits := c.nodeOf(c.need("target"), "int32"), c.nodeOf(c.need("output"), "float32")
		lengths := c.nodeOf(c.need("target_length"), "int32")
		all := graph.Scalar(c.g, dtypes.Int32, target.Shape().Dimensions[1])
		lengths = graph.Max(graph.Min(lengths, all), graph.Scalar(c.g, dtypes.Int32, 0))
		ctc := scan.CTC{Logits: logits, Target: target, Labels: lengths, Steps: c.nodeOf(c.need("output_length"), "int32"), Blank: c.blank("mask_index", logits.Shape().Dimensions[2])}
		return []*graph.Node{convert(ctc.Loss(), dtypeOf(c.out[0].DType))}
	})
	define("nn", "CTCDecode", "inputs sequence_lengths", "strategy=\"greedy\" beam_width=100 top_paths=1 merge_repeated=true mask_index=0", func(c *call) []Spec {
		s, lengths := c.spec("inputs"), c.spec("sequence_lengths")
		strategy, _ := c.config["strategy"].(string)
		if strategy != "greedy" && strategy != beamSearchStrategy {
			fail("strategy: %w", config.UnknownName("strategy", strategy, []string{"greedy", beamSearchStrategy}))
		}
		if len(s.Shape) != 3 || s.Shape[1] == 0 || s.Shape[2] == 0 || len(lengths.Shape) != 1 {
			fail("got inputs of shape %s and sequence lengths of shape %s, want (batch, steps, classes), none of them 0, and (batch)", ShapeText(s.Shape), ShapeText(lengths.Shape))
		}
		c.boolParam("merge_repeated")
		if c.config["mask_index"] != nil {
			c.intParam("mask_index")
		}
		paths := 1
		if strategy == beamSearchStrategy {
			paths, _ = c.beams(s.Shape[2])
		}
		return []Spec{{[]int{paths, s.Shape[0], s.Shape[1]}, "int32"}, {[]int{s.Shape[0], paths}, promote(s.DType, "float32")}}
	}, func(c *call) []*graph.Node {
		x := c.nodeOf(c.need("inputs"), c.out[1].DType)
		batch, steps, classes := x.Shape().Dimensions[0], x.Shape().Dimensions[1], x.Shape().Dimensions[2]
		lengths := graph.InsertAxes(c.nodeOf(c.need("sequence_lengths"), "int32"), -1)
		blank := classes - 1
		if c.config["strategy"] == beamSearchStrategy {
			if c.config["mask_index"] != nil {
				blank = c.intParam("mask_index")
			}
			paths, width := c.beams(classes)
			decoded, scores := beamSearch(x, graph.Squeeze(lengths, -1), width, paths, blank)
			return []*graph.Node{decoded, scores}
		}
		if c.config["mask_index"] != nil {
			blank = bounded("mask_index", c.intParam("mask_index"), 1<<30)
		}
		whole := func(v int) *graph.Node { return broadcastTo(graph.Scalar(c.g, dtypes.Int32, v), []int{batch, steps}) }
		at := graph.Iota(c.g, shapeOf(dtypes.Int32, []int{batch, steps}), 1)
		_, lengths = spread(at, lengths)
		after := graph.GreaterOrEqual(at, lengths)
		best := graph.Where(after, whole(blank), graph.ArgMax(graph.StopGradient(x), -1, dtypes.Int32))
		score := graph.ReduceMax(x, -1)
		score = graph.Where(after, graph.ZerosLike(score), score)
		if c.boolParam("merge_repeated") && steps > 1 {
			first := graph.NotEqual(cut(best, 1, 1, steps), cut(best, 1, 0, steps-1))
			kept := graph.Where(first, cut(best, 1, 1, steps), cut(whole(blank), 1, 1, steps))
			best = graph.Concatenate([]*graph.Node{cut(best, 1, 0, 1), kept}, 1)
		}
		isBlank := graph.Equal(best, whole(blank))
		best = graph.Where(isBlank, whole(-1), best)
		order := argsort(graph.Where(isBlank, whole(steps), at), 1, false)
		return []*graph.Node{graph.InsertAxes(takeAlong(best, order, 1), 0), graph.InsertAxes(graph.Neg(graph.ReduceSum(score, 1)), -1)}
	})
}

const beamSearchStrategy = "beam_search"

// beams is how many paths a beam search of so many classes gives and how many it follows. Keras on JAX makes NaN, or less than is promised, of what is refused.
func (c *call) beams(classes int) (paths, width int) {
	paths, width = c.intParam("top_paths"), c.intParam("beam_width")
	if width < 1 || width > 1<<20 {
		fail("beam_width: got %d, want 1 or more, and no more than %d", width, 1<<20)
	}
	if paths < 1 || paths > 2*width {
		fail("top_paths: got %d for a beam_width of %d, want 1 or more, and no more than twice as many as that", paths, width)
	}
	if classes == 1 {
		fail("got inputs of one class, want one more than the blank")
	}
	if c.config["mask_index"] != nil {
		c.blank("mask_index", classes)
	}
	return paths, width
}

// blank is the number of a class, of so many.
func (c *call) blank(name string, classes int) int {
	n := c.intParam(name)
	if n < 0 || classes != None && n >= classes {
		fail("%s: got %d for %d classes", name, n, classes)
	}
	return n
}
