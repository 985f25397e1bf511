package layers

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/internal/scan"
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// MultiHeadAttentionLayer is Keras's MultiHeadAttention: each step of a query takes from the steps of a value what it attends to, by several
// heads, each with projections of its own.
type MultiHeadAttentionLayer struct {
	layer[*MultiHeadAttentionLayer]
	sampleWiseUnless
	symbolic.PassesMask
	cfg multiHeadAttentionConfig

	query, key, value, gate, output *EinsumDenseLayer // gate is nil for none
	softmax                         *SoftmaxLayer
	dropout                         *DropoutLayer
	product, combine                string // what is multiplied with what, in Einstein's notation
	flash                           bool
}

type multiHeadAttentionConfig struct {
	symbolic.LayerConfig
	NumHeads      int     `keras:"num_heads"`
	KeyDim        int     `keras:"key_dim"`
	ValueDim      *int    `keras:"value_dim"`
	Dropout       float64 `keras:"dropout"`
	UseBias       bool    `keras:"use_bias" default:"true"`
	OutputShape   intList `keras:"output_shape"`
	AttentionAxes intList `keras:"attention_axes"`
	SlidingWindow *int    `keras:"sliding_window"`
	kernelAndBias
	ActivityRegularizer regularizers.Regularizer `keras:"activity_regularizer"` // of each projection, not of the layer's outputs
	UseGate             bool                     `keras:"use_gate"`
	Seed                *int                     `keras:"seed"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return MultiHeadAttention(0, 0) }) }

// MultiHeadAttention returns an attention of so many heads, whose queries and keys have keyDim features each (Keras:
// MultiHeadAttention(num_heads, key_dim)). It is applied to a query of shape (batch, T, features) and a value of shape (batch, S, features), and
// perhaps a key like the value, and returns (batch, T, the query's features):
//
//	y := layers.MultiHeadAttention(2, 16).Apply(x, x)
//
// ApplyWith takes Keras's other arguments: attention_mask, use_causal_mask, return_attention_scores, which adds the scores of shape
// (batch, heads, T, S) as a second output, …
func MultiHeadAttention(numHeads, keyDim int) *MultiHeadAttentionLayer {
	l := &MultiHeadAttentionLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.NumHeads, l.cfg.KeyDim = numHeads, keyDim
	return l
}

// KerasConfig returns the layer's configuration.
func (l *MultiHeadAttentionLayer) KerasConfig() any {
	if l.cfg.ValueDim == nil && l.cfg.KeyDim > 0 {
		dim := l.cfg.KeyDim // as Keras writes it
		l.cfg.ValueDim = &dim
	}
	return &l.cfg
}

// FlashAttention asks for a fused computation (Keras: flash_attention=). The numbers are the same, and XLA computes as it does without; true
// together with dropout, or where attention scores are returned, is an error, as in Keras. Default false.
func (l *MultiHeadAttentionLayer) FlashAttention(wanted bool) *MultiHeadAttentionLayer {
	l.Configure("flash_attention", func() error { l.flash = wanted; return nil })
	return l
}

// ActivityRegularizer penalises the outputs of each projection, not those of the layer: a name ("l2") or a value of package regularizers (Keras:
// activity_regularizer=). Default none.
func (l *MultiHeadAttentionLayer) ActivityRegularizer(regularizer any) *MultiHeadAttentionLayer {
	l.Configure("activity_regularizer", resolve(&l.cfg.ActivityRegularizer, regularizers.Get, regularizer))
	return l
}

// Validate reports arguments that Keras rejects.
func (c *multiHeadAttentionConfig) Validate() error {
	for _, p := range []struct {
		name  string
		value *int
	}{{"num_heads", &c.NumHeads}, {"key_dim", &c.KeyDim}, {"value_dim", c.ValueDim}, {"sliding_window", c.SlidingWindow}} {
		if p.value != nil && *p.value <= 0 {
			return fmt.Errorf("received an invalid value for argument `%s`, expected a positive integer, received: %s=%d", p.name, p.name, *p.value)
		}
	}
	return nil
}

// Infer returns the shape of the query with the last axis replaced by output_shape, if that is set, and that of the scores, if they are asked for.
func (l *MultiHeadAttentionLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	query, value, key, err := attended(in)
	if err != nil {
		return nil, err
	}
	axes, err := l.axes(len(query))
	if err != nil {
		return nil, err
	}
	scores := in.Bool("return_attention_scores")
	switch {
	case len(query) != len(value) || !middle(value).Equal(middle(key)):
		return nil, fmt.Errorf("`query` and `value` must have as many axes, and all dimensions of `value` and `key`, except the last one, must be equal, "+
			"received: query_shape=%s, value_shape=%s and key_shape=%s", query, value, key)
	case l.flash && l.cfg.Dropout > 0:
		return nil, fmt.Errorf("dropout is not supported with flash attention: set dropout to 0, received dropout=%v", l.cfg.Dropout)
	case l.flash && scores:
		return nil, fmt.Errorf("returning attention scores is not supported with flash attention")
	}
	if mask, ok := in.Tensor("attention_mask"); ok {
		if err := l.fits(mask.Shape, query, value, axes); err != nil {
			return nil, err
		}
		l.crossesIf(len(mask.Shape) <= 2*len(axes)) // it has no batch axis, so what stands first goes along the query's steps
	}
	for _, name := range []string{"query_mask", "value_mask", "key_mask"} {
		mask, ok := in.Tensor(name)
		l.crossesIf(ok && len(mask.Shape) < 2)
	}
	out := query
	if len(l.cfg.OutputShape) > 0 {
		out = append(query[:len(query)-1:len(query)-1], l.cfg.OutputShape...)
	}
	specs := []symbolic.Spec{l.Floats(out)}
	if scores { // Keras says so, also where the value has another length
		specs = append(specs, l.Floats(symbolic.Shape{query[0], l.cfg.NumHeads, query[1], query[1]}))
	}
	return specs, nil
}

// attended are the shapes of the inputs; the key is the value where there is none.
func attended(in *symbolic.Inputs) (query, value, key symbolic.Shape, err error) {
	shapes := make([]symbolic.Shape, 3)
	for i, name := range []string{"query", "value", "key"} {
		t, ok := in.Tensor(name)
		switch {
		case ok:
			shapes[i] = t.Shape
		case name == "key" && in.Get(name) == nil:
			shapes[i] = shapes[1]
		default:
			return nil, nil, nil, fmt.Errorf("`%s` must be one tensor", name)
		}
		if err := minRank(shapes[i], 3); err != nil {
			return nil, nil, nil, fmt.Errorf("`%s`: %w", name, err)
		}
	}
	return shapes[0], shapes[1], shapes[2], nil
}

func middle(x symbolic.Shape) symbolic.Shape { return x[1 : len(x)-1] }

// axes are those of inputs of that rank over which the attention goes, counted from the start.
func (l *MultiHeadAttentionLayer) axes(rank int) ([]int, error) {
	var list []int
	if l.cfg.AttentionAxes == nil {
		for axis := 1; axis < rank-1; axis++ {
			list = append(list, axis)
		}
		return list, nil
	}
	for _, axis := range l.cfg.AttentionAxes {
		at, _ := make(symbolic.Shape, rank).Axis(axis)
		if at < 1 || at > rank-2 || slices.Contains(list, at) {
			return nil, fmt.Errorf("attention_axes=%s: axis %d is none of the axes between the batch and the features of an input with %d axes, or is there twice",
				tuple(l.cfg.AttentionAxes), axis, rank)
		}
		list = append(list, at)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("attention_axes is empty: want at least one axis")
	}
	return list, nil
}

// fits checks that a mask broadcasts to the scores.
func (l *MultiHeadAttentionLayer) fits(mask, query, value symbolic.Shape, axes []int) error {
	var scores symbolic.Shape
	for i := range len(query) - 1 {
		if !slices.Contains(axes, i) {
			scores = append(scores, query[i])
		}
	}
	scores = append(scores, l.cfg.NumHeads)
	for _, x := range []symbolic.Shape{query, value} {
		for _, axis := range axes {
			scores = append(scores, x[axis])
		}
	}
	last := min(len(mask), 2*len(axes))
	with := append(mask[:len(mask)-last:len(mask)-last], slices.Repeat([]int{1}, max(0, len(scores)-len(mask)))...)
	with = append(with, mask[len(mask)-last:]...)
	ok := len(with) == len(scores)
	for i := 0; ok && i < len(scores); i++ {
		ok = with[i] == 1 || with[i] == scores[i] || with[i] == symbolic.None || scores[i] == symbolic.None
	}
	if !ok {
		return fmt.Errorf("`attention_mask` of shape %s does not broadcast to scores of shape %s", mask, scores)
	}
	return nil
}

// Declare makes the projections, in Keras's order and under its names.
func (l *MultiHeadAttentionLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	c := &l.cfg
	c.LayerConfig.ActivityRegularizer = nil // the projections have it
	heads, valueDim := c.NumHeads, *c.ValueDim
	query, value, keyShape, err := attended(in)
	if err != nil {
		return err
	}
	free := len(query) - 1
	project := func(attribute, name string, x symbolic.Shape, dim int) *EinsumDenseLayer {
		e := l.projection(name, free, 1, []int{heads, dim})
		if attribute == "_gate_dense" {
			e.cfg.Activation = activations.Sigmoid
		}
		b.Track(attribute, e, l.Floats(x))
		return e
	}
	l.query = project("query_dense", "query", query, c.KeyDim)
	l.key = project("key_dense", "key", keyShape, c.KeyDim)
	if c.UseGate {
		l.gate = project("_gate_dense", "gate", query, valueDim)
	}
	l.value = project("value_dense", "value", value, valueDim)
	if c.AttentionAxes, err = l.axes(len(query)); err != nil {
		return err
	}
	l.attend(b, len(query)+1)
	last := []int(c.OutputShape)
	if len(last) == 0 {
		last = []int{query[free]}
	}
	l.output = l.projection("attention_output", free, 2, last)
	b.Track("output_dense", l.output, l.Floats(append(query[:free:free], heads, valueDim)))
	return nil
}

// letters are the names of axes in Einstein's notation.
const letters = "abcdefghijklmnopqrstuvwxyz"

// projection makes a layer that keeps the first axes, sums over the bound ones, and has those of output in their place.
func (l *MultiHeadAttentionLayer) projection(name string, free, bound int, output []int) *EinsumDenseLayer {
	c := &l.cfg
	kept, summed, made := letters[:free], letters[free:free+bound], letters[free+bound:free+bound+len(output)]
	shape := append(slices.Repeat([]int{symbolic.None}, free-1), output...)
	e := EinsumDense(kept+summed+","+summed+made+"->"+kept+made, shape...).Name(name).DType(string(l.BaseLayer.DType()))
	if c.UseBias {
		e.cfg.BiasAxes = &made
	}
	e.cfg.kernelAndBias = c.kernelAndBias
	e.cfg.ActivityRegularizer = c.ActivityRegularizer
	return e
}

// attend prepares what is computed between projections of that rank: (batch, other axes…, attention axes…, heads, features).
func (l *MultiHeadAttentionLayer) attend(b *symbolic.Builder, rank int) {
	c := &l.cfg
	target := []byte(letters[:rank])
	source := slices.Clone(target)
	next := rank
	var scores []byte
	for i := range rank - 1 {
		if slices.Contains(c.AttentionAxes, i) {
			source[i] = letters[next]
			next++
		} else {
			scores = append(scores, target[i])
		}
	}
	for _, side := range [][]byte{target, source} {
		for _, axis := range c.AttentionAxes {
			scores = append(scores, side[axis])
		}
	}
	l.product = fmt.Sprintf("%s,%s->%s", target, source, scores) // query, key
	l.combine = fmt.Sprintf("%s,%s->%s", scores, source, target) // scores, value
	l.softmax = Softmax().DType(string(l.BaseLayer.DType()))
	for i := range c.AttentionAxes {
		l.softmax.cfg.Axis.list = append(l.softmax.cfg.Axis.list[:i:i], len(scores)-len(c.AttentionAxes)+i)
	}
	l.dropout = Dropout(c.Dropout).DType(string(l.BaseLayer.DType()))
	l.dropout.cfg.Seed = c.Seed
	of := l.Floats(slices.Repeat(symbolic.Shape{symbolic.None}, len(scores)))
	b.Track("_softmax", l.softmax, of)
	b.Track("_dropout_layer", l.dropout, of)
}

// OutputSteps says that what was added to the value gets no attention.
func (l *MultiHeadAttentionLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	query, _ := c.Tensor("query")
	var steps []*graph.Node // of the query, the value and the key
	for _, name := range []string{"query", "value", "key"} {
		steps = append(steps, c.StepsOf(name)...)
	}
	masked := false // where a mask leaves nothing, all steps are attended to
	for _, name := range []string{"query_mask", "value_mask", "key_mask", "attention_mask"} {
		masked = masked || len(c.Tensors(name)) > 0
	}
	apart := l.cfg.SlidingWindow != nil && steps[0] != steps[1]
	ok := !masked && !apart && !c.Bool("return_attention_scores") && query.Rank() == 3 && steps[1] == steps[len(steps)-1] && l.cfg.ActivityRegularizer == nil
	return steps[:1], ok
}

// Call computes the layer.
func (l *MultiHeadAttentionLayer) Call(c *symbolic.Call, _ []*graph.Node) []*graph.Node {
	query, _ := c.Tensor("query")
	value, _ := c.Tensor("value")
	key, hasKey := c.Tensor("key")
	if !hasKey {
		key = value
	}
	// The query's mask is its own, even where the caller gave another, as in Keras.
	queryMask := c.TakeMask("query")
	c.TakeMask("value")
	c.TakeMask("key")
	mask := l.mask(c, query, value, queryMask)

	var gate *graph.Node
	if l.gate != nil {
		gate = c.Apply(l.gate, query)[0]
	}
	q, k, v := c.Apply(l.query, query)[0], c.Apply(l.key, key)[0], c.Apply(l.value, value)[0]
	wantScores := c.Bool("return_attention_scores")
	mask = l.withHeads(c, mask, q.Rank()+len(l.cfg.AttentionAxes)-1)
	var y, scores *graph.Node
	if l.cfg.Dropout > 0 || wantScores || q.Rank() != 4 {
		y, scores = l.attention(c, q, k, v, mask, wantScores)
	} else {
		y = l.dotProductAttention(c, q, k, v, mask)
	}
	if gate != nil {
		y = graph.Mul(y, gate)
	}
	y = c.Apply(l.output, y)[0]
	if queryMask != nil {
		c.SetOutputMask(0, queryMask)
	}
	if !wantScores {
		return []*graph.Node{y}
	}
	if mask != nil {
		c.SetOutputMask(1, mask)
	}
	return []*graph.Node{y, scores}
}

// mask says which steps of the value each step of the query may attend to: bools that broadcast to (batch, T, S), or nil for all.
func (l *MultiHeadAttentionLayer) mask(c *symbolic.Call, query, value, queryMask *graph.Node) *graph.Node {
	toBool := func(x *graph.Node) *graph.Node { return c.Op("Cast", map[string]any{"dtype": "bool"}, x) }
	var all *graph.Node
	and := func(m *graph.Node) {
		if all == nil {
			all = m
		} else {
			all = c.Op("LogicalAnd", nil, m, all)
		}
	}
	expanded := func(x *graph.Node, axis int) *graph.Node {
		return c.Op("ExpandDims", map[string]any{"axis": axis}, toBool(x))
	}
	if queryMask != nil {
		and(expanded(queryMask, -1))
	}
	for _, name := range []string{"value_mask", "key_mask"} {
		if m, ok := c.Tensor(name); ok {
			and(expanded(m, -2))
		}
	}
	if steps := c.StepsOf("value"); len(steps) > 0 && steps[0] != nil {
		and(expanded(symbolic.Counted(steps[0], value.Shape().Dimensions[:2]...), -2))
	}
	distance := func() *graph.Node { // of a step of the query from one of the value
		dims := []int{1, query.Shape().Dimensions[1], value.Shape().Dimensions[1]}
		position := func(axis int) *graph.Node {
			return graph.Iota(c.Graph(), shapes.Make(dtypes.Int32, dims...), axis)
		}
		return graph.Sub(position(1), position(2))
	}
	if c.Bool("use_causal_mask") {
		d := distance()
		and(graph.GreaterOrEqual(d, filled(d, 0)))
	}
	if window := l.cfg.SlidingWindow; window != nil {
		d := graph.Abs(distance())
		and(graph.LessThan(d, filled(d, float64(*window))))
	}
	if m, ok := c.Tensor("attention_mask"); ok {
		and(toBool(m))
	}
	return all
}

// withHeads gives a mask, if there is one, the axes that scores of that rank have before the attention's and that it lacks.
func (l *MultiHeadAttentionLayer) withHeads(c *symbolic.Call, mask *graph.Node, rank int) *graph.Node {
	for mask != nil && mask.Rank() < rank {
		mask = c.Op("ExpandDims", map[string]any{"axis": -2*len(l.cfg.AttentionAxes) - 1}, mask)
	}
	return mask
}

// scale is what products of queries and keys are multiplied with.
func (l *MultiHeadAttentionLayer) scale() float64 { return 1 / math.Sqrt(float64(l.cfg.KeyDim)) }

// einsum multiplies in Einstein's notation.
func einsum(c *symbolic.Call, subscripts string, x, y *graph.Node) *graph.Node {
	return c.Op("Einsum", map[string]any{"subscripts": subscripts}, x, y)
}

// scoresLike is the shape of the scores of q (batch, steps, heads, size) and k (batch, sources, heads, size).
func scoresLike(q, k *graph.Node) shapes.Shape {
	d := q.Shape().Dimensions
	return shapes.Make(q.DType(), d[0], d[2], d[1], k.Shape().Dimensions[1])
}

// counts makes bools of a mask of scores, if there is one.
func (l *MultiHeadAttentionLayer) counts(mask, q, k *graph.Node) *graph.Node {
	if mask == nil {
		return nil
	}
	counts, err := asCounts(mask, scoresLike(q, k).Dimensions)
	if err != nil {
		panic(err)
	}
	return counts
}

// keptShares is what weights of that shape are multiplied with: what dropout makes of ones in training, and 0 where a mask says that they don't count; nil for ones.
func keptShares(c *symbolic.Call, mask *graph.Node, shape shapes.Shape, dropout func(ones *graph.Node) *graph.Node) *graph.Node {
	if mask == nil && !c.Training {
		return nil
	}
	kept := graph.Ones(c.Graph(), shape)
	if c.Training {
		kept = dropout(kept)
	}
	if mask != nil {
		kept = graph.Where(graph.BroadcastToDims(mask, shape.Dimensions...), kept, graph.ZerosLike(kept))
	}
	return kept
}

// attention computes the scores one by one, or by a kernel if nobody wants them. A step that may attend to nothing gets zeros.
func (l *MultiHeadAttentionLayer) attention(c *symbolic.Call, q, k, v, mask *graph.Node, wantScores bool) (y, scores *graph.Node) {
	if a := (scan.Attention{Scale: l.scale()}); !wantScores && a.Takes(q, k, v) {
		a.Mask = l.counts(mask, q, k)
		a.Factor = keptShares(c, a.Mask, scoresLike(q, k), func(ones *graph.Node) *graph.Node { return c.Apply(l.dropout, ones)[0] })
		return a.Run(q, k, v), nil
	}
	scores = einsum(c, l.product, graph.MulScalar(q, l.scale()), k)
	var kwargs map[string]any
	if mask != nil {
		kwargs = map[string]any{"mask": mask}
	}
	scores = c.ApplyCall(l.softmax, []any{scores}, kwargs)[0]
	return einsum(c, l.combine, c.Apply(l.dropout, scores)[0], v), scores
}

// dotProductAttention is what Keras computes where nobody sees the scores: in at least 32 bits. A step that may attend to nothing attends to all alike.
func (l *MultiHeadAttentionLayer) dotProductAttention(c *symbolic.Call, q, k, v, mask *graph.Node) *graph.Node {
	wide := func(x *graph.Node) *graph.Node {
		if x.DType() == dtypes.Float64 {
			return x
		}
		return graph.ConvertDType(x, dtypes.Float32)
	}
	return scan.Attention{Scale: l.scale(), Mask: l.counts(mask, q, k)}.Run(wide(q), wide(k), v)
}

// intList is an argument that is None, a whole number or a list of them; files hold a list.
type intList []int

// EncodeKeras writes a list.
func (a *intList) EncodeKeras() (any, error) {
	if *a == nil {
		return nil, nil
	}
	return (&axes{list: *a, isList: true}).EncodeKeras()
}

// DecodeKeras reads null, a number or a list.
func (a *intList) DecodeKeras(v any) error {
	*a = nil
	if v == nil {
		return nil
	}
	var read axes
	if err := read.DecodeKeras(v); err != nil {
		return err
	}
	*a = read.list
	return nil
}

func (a *intList) set(values ...int) error {
	*a = slices.Clone(values)
	return nil
}
