package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/symbolic"
)

// GroupQueryAttentionLayer is Keras's GroupQueryAttention, whose class is GroupedQueryAttention: an attention in which several heads of the
// query share one head of key and value.
type GroupQueryAttentionLayer struct {
	layer[*GroupQueryAttentionLayer]
	sampleWiseUnless
	symbolic.PassesMask
	cfg groupQueryAttentionConfig

	heads                           *MultiHeadAttentionLayer // computes masks, scores and sums, from the projections of this layer
	query, key, value, gate, output *EinsumDenseLayer        // gate is nil for none
	flash                           bool
}

type groupQueryAttentionConfig struct {
	symbolic.LayerConfig
	HeadDim          int     `keras:"head_dim"`
	NumQueryHeads    int     `keras:"num_query_heads"`
	NumKeyValueHeads int     `keras:"num_key_value_heads"`
	Dropout          float64 `keras:"dropout" default:"0.0"`
	UseBias          bool    `keras:"use_bias" default:"true"`
	SlidingWindow    *int    `keras:"sliding_window"`
	kernelAndBias
	UseGate bool `keras:"use_gate"`
	Seed    *int `keras:"seed"`
	_       any  `keras:"activity_regularizer"`
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return GroupQueryAttention(0, 0, 0) }, "GroupedQueryAttention")
}

// GroupQueryAttention returns an attention with numQueryHeads heads of headDim features, of which numQueryHeads / numKeyValueHeads each
// share the key and the value of one head (Keras: GroupQueryAttention(head_dim, num_query_heads, num_key_value_heads)). It is applied to a
// query of shape (batch, T, features) and a value of shape (batch, S, features), and perhaps a key like the value, and returns (batch, T,
// features). ApplyWith takes Keras's other arguments, as for [MultiHeadAttention]. As in Keras, the activity regularizer penalises the
// outputs of each projection and those of the layer.
func GroupQueryAttention(headDim, numQueryHeads, numKeyValueHeads int) *GroupQueryAttentionLayer {
	l := &GroupQueryAttentionLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.HeadDim, l.cfg.NumQueryHeads, l.cfg.NumKeyValueHeads = headDim, numQueryHeads, numKeyValueHeads
	return l
}

// KerasClass names Keras's GroupQueryAttention, which is GroupedQueryAttention inside Keras.
func (l *GroupQueryAttentionLayer) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "keras.layers", Name: "GroupQueryAttention", Python: "GroupedQueryAttention"}
}

// FlashAttention asks for a fused computation (Keras: flash_attention=). The numbers are the same, and XLA computes as it does without; true
// together with dropout, or where attention scores are returned, is an error, as in Keras. Default false.
func (l *GroupQueryAttentionLayer) FlashAttention(wanted bool) *GroupQueryAttentionLayer {
	l.Configure("flash_attention", func() error { l.flash = wanted; return nil })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *groupQueryAttentionConfig) Validate() error {
	for _, p := range []struct {
		name  string
		value *int
	}{{"head_dim", &c.HeadDim}, {"num_query_heads", &c.NumQueryHeads}, {"num_key_value_heads", &c.NumKeyValueHeads}, {"sliding_window", c.SlidingWindow}} {
		if p.value != nil && *p.value <= 0 {
			return fmt.Errorf("received an invalid value for argument `%s`, expected a positive integer, received: %s=%d", p.name, p.name, *p.value)
		}
	}
	if c.NumQueryHeads%c.NumKeyValueHeads != 0 {
		return fmt.Errorf("`num_query_heads` must be divisible by `num_key_value_heads`, received %d and %d", c.NumQueryHeads, c.NumKeyValueHeads)
	}
	return nil
}

// Infer returns the shape of the query, and that of the scores, if they are asked for.
func (l *GroupQueryAttentionLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	query, value, key, err := attended(in)
	if err != nil {
		return nil, err
	}
	for _, x := range []symbolic.Shape{query, value, key} {
		if err := exactRank(x, 3); err != nil {
			return nil, err
		}
	}
	scores := in.Bool("return_attention_scores")
	switch {
	case query[2] != value[2]:
		return nil, fmt.Errorf("the last dimension of `query` and `value` must be equal, received: query_shape=%s and value_shape=%s", query, value)
	case value[1] != key[1]:
		return nil, fmt.Errorf("all dimensions of `value` and `key`, except the last one, must be equal, received: value_shape=%s and key_shape=%s", value, key)
	case l.flash && l.cfg.Dropout > 0:
		return nil, fmt.Errorf("dropout is not supported with flash attention: set dropout to 0, received dropout=%v", l.cfg.Dropout)
	case l.flash && scores:
		return nil, fmt.Errorf("returning attention scores is not supported with flash attention")
	}
	if mask, ok := in.Tensor("attention_mask"); ok {
		fits := &MultiHeadAttentionLayer{cfg: multiHeadAttentionConfig{NumHeads: l.cfg.NumQueryHeads}}
		if err := fits.fits(mask.Shape, query, value, []int{1}); err != nil {
			return nil, err
		}
		l.crossesIf(len(mask.Shape) <= 2) // it has no batch axis, so what stands first goes along the query's steps
	}
	for _, name := range []string{"query_mask", "value_mask", "key_mask"} {
		mask, ok := in.Tensor(name)
		l.crossesIf(ok && len(mask.Shape) < 2)
	}
	specs := []symbolic.Spec{l.Floats(query)}
	if scores {
		specs = append(specs, l.Floats(symbolic.Shape{query[0], l.cfg.NumQueryHeads, query[1], key[1]}))
	}
	return specs, nil
}

// Declare makes the projections, in Keras's order and under its names.
func (l *GroupQueryAttentionLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	c := &l.cfg
	query, value, key, err := attended(in)
	if err != nil {
		return err
	}
	l.heads = MultiHeadAttention(c.NumQueryHeads, c.HeadDim).Name("heads").DType(string(l.BaseLayer.DType()))
	l.heads.cfg.AttentionAxes, l.heads.cfg.SlidingWindow = []int{1}, c.SlidingWindow
	l.heads.cfg.Dropout, l.heads.cfg.Seed, l.heads.cfg.UseBias = c.Dropout, c.Seed, c.UseBias
	l.heads.cfg.kernelAndBias = c.kernelAndBias
	l.heads.cfg.ActivityRegularizer = c.ActivityRegularizer
	project := func(attribute, name string, x symbolic.Shape, heads int) *EinsumDenseLayer {
		e := l.heads.projection(name, 2, 1, []int{heads, c.HeadDim})
		if name == "gate" {
			e.cfg.Activation = activations.Sigmoid
		}
		b.Track(attribute, e, l.Floats(x))
		return e
	}
	l.query = project("_query_dense", "query", query, c.NumQueryHeads)
	l.key = project("_key_dense", "key", key, c.NumKeyValueHeads)
	if c.UseGate {
		l.gate = project("_gate_dense", "gate", query, c.NumQueryHeads)
	}
	l.value = project("_value_dense", "value", value, c.NumKeyValueHeads)
	l.heads.attend(b, 4)
	l.output = l.heads.projection("attention_output", 2, 2, []int{query[2]})
	b.Track("_output_dense", l.output, l.Floats(symbolic.Shape{symbolic.None, symbolic.None, c.NumQueryHeads, c.HeadDim}))
	return nil
}

// Call computes the layer.
func (l *GroupQueryAttentionLayer) Call(c *symbolic.Call, _ []*graph.Node) []*graph.Node {
	query, _ := c.Tensor("query")
	value, _ := c.Tensor("value")
	key, hasKey := c.Tensor("key")
	if !hasKey {
		key = value
	}
	queryMask, _ := c.Tensor("query_mask")
	mask := l.heads.withHeads(c, l.heads.mask(c, query, value, queryMask), 4)

	shares := l.cfg.NumQueryHeads / l.cfg.NumKeyValueHeads
	q := c.Apply(l.query, query)[0]
	k := repeatedAlong(c.Apply(l.key, key)[0], 2, shares)
	v := repeatedAlong(c.Apply(l.value, value)[0], 2, shares)
	wantScores := c.Bool("return_attention_scores")
	var y, scores *graph.Node
	if l.cfg.Dropout > 0 || wantScores {
		y, scores = l.heads.attention(c, q, k, v, mask, wantScores)
	} else {
		y = l.heads.dotProductAttention(c, q, k, v, mask)
	}
	if l.gate != nil {
		y = graph.Mul(y, c.Apply(l.gate, query)[0])
	}
	y = c.Apply(l.output, y)[0]
	if !wantScores {
		return []*graph.Node{y}
	}
	if mask != nil {
		c.SetOutputMask(1, mask)
	}
	return []*graph.Node{y, scores}
}
