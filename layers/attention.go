package layers

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/scan"
	"github.com/gokeras/gokeras/symbolic"
)

// AttentionLayer is Keras's Attention: each step of a query takes from the steps of a value what it attends to, by the products of queries and keys.
type AttentionLayer struct {
	attention[*AttentionLayer]
	cfg attentionConfig
}

type attentionConfig struct {
	symbolic.LayerConfig
	UseScale  bool      `keras:"use_scale"`
	ScoreMode ScoreMode `keras:"score_mode" default:"dot"`
	attentionDropout
}

// AdditiveAttentionLayer is Keras's AdditiveAttention, where what a step attends to follows from tanh(query + key).
type AdditiveAttentionLayer struct {
	attention[*AdditiveAttentionLayer]
	cfg additiveAttentionConfig
}

type additiveAttentionConfig struct {
	symbolic.LayerConfig
	UseScale bool `keras:"use_scale" default:"true"`
	attentionDropout
}

// ScoreMode says how an [Attention] compares a query with a key.
type ScoreMode string

// The score modes.
const (
	DotScore    = "dot"    // by the sum of their products
	ConcatScore = "concat" // by the sum of tanh(query + key)
)

func (m ScoreMode) check() error {
	if m != DotScore && m != ConcatScore {
		return fmt.Errorf("invalid value for argument score_mode, expected one of \"dot\", \"concat\", received: score_mode=%q", string(m))
	}
	return nil
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return Attention() })
	symbolic.RegisterLayer(func() symbolic.Layer { return AdditiveAttention() })
}

// Attention returns a layer that is applied to a query of shape (batch, T, features), a value of shape (batch, S, features), and perhaps a key like
// the value, and returns for each step of the query a mean of the value's steps (Keras: Attention()): Attention().Apply(query, value). ApplyWith
// takes return_attention_scores, which adds the weights of shape (batch, T, S) as a second output, and use_causal_mask.
func Attention() *AttentionLayer {
	l := &AttentionLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.common, l.score, l.products = &l.cfg.attentionDropout, l.scores, l.scaled
	return l
}

// AdditiveAttention is like [Attention], but compares queries and keys by tanh(query + key), summed with weights that are learnt (Keras:
// AdditiveAttention()).
func AdditiveAttention() *AdditiveAttentionLayer {
	l := &AdditiveAttentionLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.common, l.score = &l.cfg.attentionDropout, l.scores
	return l
}

// Validate reports arguments that Keras rejects.
func (c *attentionConfig) Validate() error { return c.ScoreMode.check() }

// Declare declares the factors of the scores, one number each.
func (l *AttentionLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	if l.cfg.UseScale {
		b.Weight(symbolic.WeightSpec{Name: "scale", Shape: []int{}, Initializer: initializers.Ones()})
	}
	if l.cfg.ScoreMode == ConcatScore {
		b.Weight(symbolic.WeightSpec{Name: "concat_score_weight", Shape: []int{}, Initializer: initializers.Ones()})
	}
	l.cfg.declare(b)
	return nil
}

// Declare declares the weights of the features, if use_scale is set.
func (l *AdditiveAttentionLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	if l.cfg.UseScale {
		query := firstShape(in)
		features := query[len(query)-1]
		if features == symbolic.None {
			return fmt.Errorf("the query's last axis must be known, because the layer's weights depend on it, received shape %s", query)
		}
		b.Weight(symbolic.WeightSpec{Name: "scale", Shape: []int{features}})
	}
	l.cfg.declare(b)
	return nil
}

// scaled multiplies the query instead of its products with keys.
func (l *AttentionLayer) scaled(c *symbolic.Call, query *graph.Node) *graph.Node {
	if l.cfg.ScoreMode != DotScore {
		return nil
	}
	if l.cfg.UseScale {
		return graph.Mul(query, c.Weight("scale"))
	}
	return query
}

func (l *AttentionLayer) scores(c *symbolic.Call, query, key *graph.Node) *graph.Node {
	scale := func(x *graph.Node) *graph.Node {
		if !l.cfg.UseScale {
			return x
		}
		return graph.Mul(floats(c, x), c.Weight("scale"))
	}
	if l.cfg.ScoreMode == DotScore {
		return scale(einsum(c, "...ij,...kj->...ik", query, key))
	}
	x := graph.ReduceSum(graph.Tanh(kerasops.Inexact(scale(pairs(query, key)))), -1)
	return graph.Mul(x, ndarray.Cast(c.Weight("concat_score_weight"), x.DType()))
}

func (l *AdditiveAttentionLayer) scores(c *symbolic.Call, query, key *graph.Node) *graph.Node {
	x := graph.Tanh(kerasops.Inexact(pairs(query, key)))
	if l.cfg.UseScale {
		x = graph.Mul(x, graph.ExpandLeftToRank(ndarray.Cast(c.Weight("scale"), x.DType()), x.Rank()))
	}
	return graph.ReduceSum(x, -1)
}

// pairs adds each step of the query to each of the key.
func pairs(query, key *graph.Node) *graph.Node {
	return graph.Add(graph.InsertAxes(query, -2), graph.InsertAxes(key, -3))
}

// attentionDropout are the arguments of the dropout of weights.
type attentionDropout struct {
	Dropout float64 `keras:"dropout"`
	Seed    *int    `keras:"seed"`
}

func (d *attentionDropout) declare(b *symbolic.Builder) {
	if d.Dropout > 0 {
		b.Seed(d.Seed)
	}
}

// attention is what attentions of one head share.
type attention[L symbolic.Layer] struct {
	layer[L]
	sampleWiseUnless
	common *attentionDropout
	score  func(c *symbolic.Call, query, key *graph.Node) *graph.Node
	// products returns what the scores are products of with the key, nil if they are none; it may itself be nil.
	products func(c *symbolic.Call, query *graph.Node) *graph.Node
}

// TakesList says that the layer takes a list.
func (l *attention[L]) TakesList() {}

// Infer returns the query's shape with the value's last axis, and that of the scores, if they are asked for.
func (l *attention[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	class := l.self.KerasClass().Name
	list, isList := in.Get("inputs").([]any)
	shapes := shapesOf(in)
	if !isList || len(list) < 2 || len(list) > 3 || len(shapes) != len(list) {
		return nil, fmt.Errorf("%s layer must be called on a list of 2 or 3 inputs, namely [query, value] or [query, value, key]", class)
	}
	if mask := in.Get("mask"); mask != nil {
		if list, isList := mask.([]any); !isList || len(list) < 2 || len(list) > 3 {
			return nil, fmt.Errorf("%s layer mask must be a list of 2 or 3, namely [query_mask, value_mask]", class)
		}
	}
	for _, x := range shapes {
		if err := minRank(x, 2); err != nil {
			return nil, err
		}
		l.crossesIf(len(x) < 3) // the samples are the steps
	}
	for _, mask := range in.Tensors("mask") {
		l.crossesIf(len(mask.Shape) < 2)
	}
	query, value, key := shapes[0], shapes[1], shapes[len(shapes)-1]
	differ := func(a, b int) bool { return a != b && a != symbolic.None && b != symbolic.None }
	if len(query) != len(key) || len(value) != len(key) || differ(query[len(query)-1], key[len(key)-1]) || differ(value[len(value)-2], key[len(key)-2]) {
		return nil, fmt.Errorf("%s layer: query and key must have as many features, value and key as many steps, received query, value, key of shapes %s, %s, %s", class, query, value, key)
	}
	steps := query[: len(query)-1 : len(query)-1]
	specs := []symbolic.Spec{l.Floats(append(steps, value[len(value)-1]))}
	if in.Bool("return_attention_scores") {
		specs = append(specs, l.Floats(append(steps, key[len(key)-2])))
	}
	return specs, nil
}

// ComputeMask returns the query's mask.
func (l *attention[L]) ComputeMask(m *symbolic.MaskCall) []symbolic.Mask {
	mask := m.Previous()
	if mask == nil {
		return nil
	}
	return []symbolic.Mask{m.Op("ConvertToTensor", nil, mask)}
}

// OutputSteps says that what was added to the value gets no attention.
func (l *attention[L]) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	steps := c.StepsOf("inputs")
	masked := len(c.Tensors("mask")) > 0 // where a mask leaves nothing, all steps are attended to
	if masked || c.Bool("return_attention_scores") || c.First()[0].Rank() != 3 || steps[1] != steps[len(steps)-1] {
		return nil, false
	}
	return steps[:1], true
}

// Call computes the layer.
func (l *attention[L]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	query, value, key := in[0], in[1], in[len(in)-1]
	masks, _ := c.Get("mask").([]any)
	expanded := func(i, axis int) *graph.Node {
		if i >= len(masks) || masks[i] == nil {
			return nil
		}
		return c.Op("ExpandDims", map[string]any{"axis": axis}, c.Op("Cast", map[string]any{"dtype": "bool"}, masks[i]))
	}
	finished := func(y *graph.Node) *graph.Node {
		if m := expanded(0, -1); m != nil {
			return c.Op("Where", nil, m, y, 0.0)
		}
		return y
	}
	counts := expanded(1, -2)
	var counted *graph.Node // says which of the value's steps weren't added
	if steps := c.StepsOf("inputs"); len(steps) > 1 && steps[1] != nil {
		counted = graph.InsertAxes(symbolic.Counted(steps[1], value.Shape().Dimensions[:2]...), -2)
	}
	if counts == nil && query.DType().IsFloat() && query.Rank() == 3 && l.products != nil && !c.Bool("return_attention_scores") {
		if y := l.byKernel(c, query, key, value, counted); y != nil {
			return []*graph.Node{finished(y)}
		}
	}
	if dtype := query.DType(); dtype != dtypes.Int8 || l.products == nil { // products of which are of 32 bits
		kerasops.Unwrapped("attention", query)
	}
	scores := kerasops.Inexact(l.score(c, query, key))
	if c.Bool("use_causal_mask") {
		dims := scores.Shape().Dimensions
		causal := earlier(c.Graph(), dims[len(dims)-2], dims[len(dims)-1])
		if counts == nil {
			counts = causal
		} else {
			counts = c.Op("LogicalAnd", nil, counts, causal)
		}
	}
	if counts == nil {
		counts = counted
	} else if counted != nil {
		counts = c.Op("LogicalAnd", nil, counts, counted)
	}
	if counts != nil {
		far := 1e9
		if scores.DType() == dtypes.Float16 {
			far = 65504
		}
		counts, err := spreadMask(counts, scores.Shape().Dimensions)
		if err != nil {
			panic(err)
		}
		scores = graph.Where(counts, scores, graph.AddScalar(scores, -far))
	}
	weights := activations.SoftmaxAxis(scores, -1)
	if c.Training && l.common.Dropout > 0 {
		weights = dropped(c, weights, l.common.Dropout, weights.Shape().Dimensions)
	}
	y := finished(einsum(c, "...ij,...jk->...ik", weights, value))
	if c.Bool("return_attention_scores") {
		return []*graph.Node{y, weights}
	}
	return []*graph.Node{y}
}

// earlier says which of so many sources come no later than each step: (1, steps, sources).
func earlier(g *graph.Graph, steps, sources int) *graph.Node {
	position := func(axis int) *graph.Node { return graph.Iota(g, shapes.Make(dtypes.Int32, 1, steps, sources), axis) }
	return graph.GreaterOrEqual(position(1), position(2))
}

// byKernel computes the layer by the engine's kernel, for one head; nil if that doesn't take it. Counts says which steps of the value count, (batch, 1, S), nil for all.
func (l *attention[L]) byKernel(c *symbolic.Call, query, key, value, counts *graph.Node) *graph.Node {
	if query = l.products(c, query); query == nil {
		return nil
	}
	q, k, v := graph.InsertAxes(query, 2), graph.InsertAxes(key, 2), graph.InsertAxes(value, 2)
	a := scan.Attention{Scale: 1}
	if !a.Takes(q, k, v) {
		return nil
	}
	like := scoresLike(q, k)
	if c.Bool("use_causal_mask") {
		causal := earlier(c.Graph(), like.Dimensions[2], like.Dimensions[3])
		if counts == nil {
			counts = causal
		} else {
			counts = c.Op("LogicalAnd", nil, counts, causal)
		}
	}
	if counts != nil {
		a.Mask = graph.InsertAxes(counts, 1)
	}
	if l.common.Dropout > 0 {
		a.Factor = keptShares(c, nil, like, func(ones *graph.Node) *graph.Node {
			return graph.InsertAxes(dropped(c, graph.Squeeze(ones, 1), l.common.Dropout, []int{like.Dimensions[0], like.Dimensions[2], like.Dimensions[3]}), 1)
		})
	}
	return graph.Squeeze(a.Run(q, k, v), 2)
}
