package layers

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// modalBatchNormalization is Keras 1's BatchNormalization with a mode, which Keras has no more: it normalizes each sample along the last axis, or by each batch's
// own moments in predictions, too. The moving ones lie in the files, unused. It is here for old files, and for what is saved of their models.
type modalBatchNormalization struct {
	layer[symbolic.Layer]
	symbolic.PassesMask
	cfg modalBatchNormConfig
}

const (
	bySample = 1
	byBatch  = 2
)

type modalBatchNormConfig struct {
	symbolic.LayerConfig
	Axis int `keras:"axis" default:"-1"`
	Mode int `keras:"mode" default:"1"`
	batchStatistics
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &modalBatchNormalization{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
}

// KerasClass names the class, which Keras 1 has without a word for the mode.
func (l *modalBatchNormalization) KerasClass() symbolic.Class {
	return keras2Class("ModalBatchNormalization")
}

// KerasConfig returns the layer's configuration.
func (l *modalBatchNormalization) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras 1 hasn't.
func (c *modalBatchNormConfig) Validate() error {
	if c.Mode != bySample && c.Mode != byBatch || c.Renorm || c.Synchronized || !c.Scale || !c.Center {
		return fmt.Errorf("expected mode 1 or 2 and no other options, received mode=%d", c.Mode)
	}
	return nil
}

// Infer returns the input's shape.
func (l *modalBatchNormalization) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := l.oneAsBuilt(in)
	if err != nil {
		return nil, err
	}
	if axis, ok := x.Axis(l.cfg.Axis); ok && l.cfg.Mode == bySample && axis != len(x)-1 {
		return nil, fmt.Errorf("mode=1 normalizes along the last axis, received axis=%d for an input of shape %s", l.cfg.Axis, x)
	}
	return l.floatOutput(x, l.knownAxis(x, l.cfg.Axis))
}

// Declare declares gamma, beta and the moving moments.
func (l *modalBatchNormalization) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := firstShape(in)
	axis, _ := x.Axis(l.cfg.Axis)
	l.cfg.declareAll(b, x[axis])
	return nil
}

// Call computes the layer.
func (l *modalBatchNormalization) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	dtype := dtypes.Float32
	if x.DType() == dtypes.Float64 {
		dtype = dtypes.Float64
	}
	x = graph.ConvertDType(x, dtype)
	last := x.Rank() - 1
	kept, over := graph.MustAdjustAxis(l.cfg.Axis, x), []int{last}
	if l.cfg.Mode == byBatch {
		over = nil
		for i := range x.Rank() {
			if i != kept {
				over = append(over, i)
			}
		}
	}
	away := graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, over...))
	deviation := graph.Sqrt(graph.AddScalar(graph.ReduceAndKeep(graph.Square(away), graph.ReduceMean, over...), l.cfg.Epsilon))
	if l.cfg.Mode == bySample { // which has it twice
		deviation = graph.AddScalar(deviation, l.cfg.Epsilon)
	}
	along := make([]int, x.Rank())
	for i := range along {
		along[i] = 1
	}
	along[kept] = x.Shape().Dimensions[kept]
	weight := func(name string) *graph.Node {
		return graph.Reshape(graph.ConvertDType(c.RawWeight(name), dtype), along...)
	}
	y := graph.Add(graph.Mul(graph.Div(away, deviation), weight("gamma")), weight("beta"))
	return []*graph.Node{graph.ConvertDType(y, c.DType())}
}
