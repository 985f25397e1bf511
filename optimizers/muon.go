package optimizers

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// MuonOptimizer steps matrices by their momentum made orthogonal, and all other weights as AdamW does (Keras: keras.optimizers.Muon).
type MuonOptimizer struct {
	Base[*MuonOptimizer]
	cfg struct {
		Arguments         `default:"name=muon,learning_rate=0.001,weight_decay=0.004"`
		AdamBeta1         float64  `keras:"adam_beta_1" default:"0.9"`
		AdamBeta2         float64  `keras:"adam_beta_2" default:"0.999"`
		AdamWeightDecay   *float64 `keras:"adam_weight_decay" default:"0.004"`
		Epsilon           float64  `keras:"epsilon" default:"1e-7"`
		ExcludeLayers     []string `keras:"exclude_layers" default:"[]"`
		ExcludeEmbeddings bool     `keras:"exclude_embeddings" default:"true"`
		MuonA             float64  `keras:"muon_a" default:"3.4445"`
		MuonB             float64  `keras:"muon_b" default:"-4.7750"`
		MuonC             float64  `keras:"muon_c" default:"2.0315"`
		AdamLRRatio       float64  `keras:"adam_lr_ratio" default:"1"`
		Momentum          float64  `keras:"momentum" default:"0.95"`
		NSSteps           int      `keras:"ns_steps" default:"5"`
		Nesterov          bool     `keras:"nesterov" default:"true"`
		RMSRate           *float64 `keras:"rms_rate" default:"0.2"`
	}
}

// Muon returns Muon with Keras's defaults: learning rate 0.001 unless given.
func Muon(learningRate ...float64) *MuonOptimizer {
	o := &MuonOptimizer{}
	o.Start(o, class("Muon"), &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

// AdamBeta1 sets the decay of the first moment of weights that AdamW steps (Keras: adam_beta_1=, default 0.9).
func (o *MuonOptimizer) AdamBeta1(beta float64) *MuonOptimizer {
	o.cfg.AdamBeta1 = beta
	return o
}

// AdamBeta2 sets the decay of the second moment of weights that AdamW steps (Keras: adam_beta_2=, default 0.999).
func (o *MuonOptimizer) AdamBeta2(beta float64) *MuonOptimizer {
	o.cfg.AdamBeta2 = beta
	return o
}

// AdamWeightDecay sets the decay of weights that AdamW steps (Keras: adam_weight_decay=, default 0.004).
func (o *MuonOptimizer) AdamWeightDecay(decay float64) *MuonOptimizer {
	o.cfg.AdamWeightDecay = &decay
	return o
}

// Epsilon sets the small number in AdamW's denominator (Keras: epsilon=, default 1e-7).
func (o *MuonOptimizer) Epsilon(epsilon float64) *MuonOptimizer {
	o.cfg.Epsilon = epsilon
	return o
}

// ExcludeLayers gives weights to AdamW in whose path one of the regular expressions matches (Keras: exclude_layers=, default none).
func (o *MuonOptimizer) ExcludeLayers(expressions ...string) *MuonOptimizer {
	o.cfg.ExcludeLayers = append([]string{}, expressions...)
	return o
}

// ExcludeEmbeddings gives weights to AdamW whose path has the word embedding in it (Keras: exclude_embeddings=, default true).
func (o *MuonOptimizer) ExcludeEmbeddings(on bool) *MuonOptimizer {
	o.cfg.ExcludeEmbeddings = on
	return o
}

// Polynomial sets the coefficients of X, X³ and X⁵ in the iteration that makes a matrix orthogonal (Keras: muon_a=, muon_b=, muon_c=, default
// 3.4445, -4.775 and 2.0315).
func (o *MuonOptimizer) Polynomial(a, b, c float64) *MuonOptimizer {
	o.cfg.MuonA, o.cfg.MuonB, o.cfg.MuonC = a, b, c
	return o
}

// AdamLRRatio sets AdamW's learning rate relative to the one of matrices (Keras: adam_lr_ratio=, default 1).
func (o *MuonOptimizer) AdamLRRatio(ratio float64) *MuonOptimizer {
	o.cfg.AdamLRRatio = ratio
	return o
}

// Momentum sets how much of a matrix's momentum stays at each step (Keras: momentum=, default 0.95).
func (o *MuonOptimizer) Momentum(momentum float64) *MuonOptimizer {
	o.cfg.Momentum = momentum
	return o
}

// NSSteps sets the number of iterations that make a matrix orthogonal (Keras: ns_steps=, default 5, at most 1000).
func (o *MuonOptimizer) NSSteps(steps int) *MuonOptimizer {
	o.cfg.NSSteps = steps
	return o
}

// Nesterov asks for Nesterov's momentum (Keras: nesterov=, default true).
func (o *MuonOptimizer) Nesterov(on bool) *MuonOptimizer {
	o.cfg.Nesterov = on
	return o
}

// RMSRate sets the size of a matrix's step, relative to AdamW's (Keras: rms_rate=, default 0.2).
func (o *MuonOptimizer) RMSRate(rate float64) *MuonOptimizer {
	o.cfg.RMSRate = &rate
	return o
}

// NoRMSRate leaves a matrix's step as it is (Keras: rms_rate=None).
func (o *MuonOptimizer) NoRMSRate() *MuonOptimizer {
	o.cfg.RMSRate = nil
	return o
}

// mostNSSteps bounds what a file may ask for: each iteration is in the program.
const mostNSSteps = 1000

// Check says which arguments are out of range.
func (o *MuonOptimizer) Check() error {
	if o.cfg.NSSteps > mostNSSteps {
		return fmt.Errorf("ns_steps must be at most %d; received ns_steps=%d", mostNSSteps, o.cfg.NSSteps)
	}
	for _, expression := range o.cfg.ExcludeLayers {
		if _, err := regexp.Compile(expression); err != nil {
			return fmt.Errorf("exclude_layers: %w", err)
		}
	}
	return nil
}

// isAdams tells whether AdamW steps the weight.
func (o *MuonOptimizer) isAdams(w Variable) bool {
	if len(w.Shape) != 2 || o.cfg.ExcludeEmbeddings && strings.Contains(strings.ToLower(w.Path), "embedding") {
		return true
	}
	for _, expression := range o.cfg.ExcludeLayers {
		if re, err := regexp.Compile(expression); err == nil && re.MatchString(w.Path) { // validated
			return true
		}
	}
	return false
}

// decayOf is the weight's decay, nil for none.
func (o *MuonOptimizer) decayOf(w Variable) *float64 {
	if o.isAdams(w) {
		return o.cfg.AdamWeightDecay
	}
	return o.cfg.WeightDecay
}

// Slots implements [Rule].
func (o *MuonOptimizer) Slots(w Variable) [][]Variable {
	if o.isAdams(w) {
		return [][]Variable{likeWeight(w, "momentum", "velocity")}
	}
	return [][]Variable{likeWeight(w, "momentum")}
}

// Update implements [Rule].
func (o *MuonOptimizer) Update(s *Step, _ Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	c := &o.cfg
	if len(slots) == 2 {
		n := s.Count(w, 1)
		rate := as(times(s.LearningRate, c.AdamLRRatio), w)
		root := graph.Sqrt(graph.OneMinus(graph.Pow(Number(w, c.AdamBeta2), n)))
		alpha := graph.Div(graph.Mul(rate, root), graph.OneMinus(graph.Pow(Number(w, c.AdamBeta1), n)))
		m, v := approach(slots[0], g, 1-c.AdamBeta1), approach(slots[1], graph.Square(g), 1-c.AdamBeta2)
		return graph.Sub(w, graph.Div(graph.Mul(m, alpha), plus(graph.Sqrt(v), c.Epsilon))), []*graph.Node{m, v}
	}
	m := graph.Add(slots[0], graph.Add(g, times(slots[0], c.Momentum-1)))
	towards := m
	if c.Nesterov {
		towards = graph.Add(g, times(m, c.Momentum))
	}
	step := graph.Mul(s.Rate(w), o.orthogonal(towards))
	if c.RMSRate != nil {
		longer := max(w.Shape().Dim(0), w.Shape().Dim(1))
		step = times(times(step, math.Sqrt(float64(longer))), *c.RMSRate)
	}
	return graph.Sub(w, step), []*graph.Node{m}
}

// orthogonal brings the singular values of a matrix near 1, by iterations of Newton and Schulz.
func (o *MuonOptimizer) orthogonal(x *graph.Node) *graph.Node {
	isTall := x.Shape().Dim(0) > x.Shape().Dim(1)
	if isTall {
		x = graph.Transpose(x, 0, 1)
	}
	x = graph.Div(x, plus(graph.Sqrt(sumOfSquares(x)), 1e-7))
	for range o.cfg.NSSteps {
		square := graph.MatMul(x, graph.Transpose(x, 0, 1))
		factor := graph.Add(times(square, o.cfg.MuonB), graph.MatMul(times(square, o.cfg.MuonC), square))
		x = graph.Add(times(x, o.cfg.MuonA), graph.MatMul(factor, x))
	}
	if isTall {
		x = graph.Transpose(x, 0, 1)
	}
	return x
}

func init() { catalogue.Add(func() Optimizer { return Muon() }) }
