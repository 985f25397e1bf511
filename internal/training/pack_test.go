package training

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// perWeight is Adam with a step of its own.
type perWeight struct{ *optimizers.AdamOptimizer }

func (o perWeight) Apply(trainable []optimizers.Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	return o.AdamOptimizer.Apply(trainable, state, weights, grads)
}

// TestTogether looks at what stands together for each optimizer.
func TestTogether(t *testing.T) {
	for _, tc := range []struct {
		o     optimizers.Optimizer
		slots string // beside each weight; "-" where weights must stay apart
	}{
		{optimizers.Adam(), "momentum velocity"},
		{optimizers.Adam().AMSGrad(true), "momentum velocity velocity_hat"},
		{optimizers.Adam().UseEMA(true).GradientAccumulationSteps(2), "average gradient_accumulator momentum velocity"},
		{optimizers.Adam().GlobalClipnorm(1), "momentum velocity"},
		{optimizers.Adam().Clipnorm(1), "-"},
		{optimizers.AdamW().ExcludeFromWeightDecay("bias"), "-"},
		{optimizers.AdamW(), "momentum velocity"},
		{optimizers.Nadam(), "momentum velocity"},
		{optimizers.Adamax(), "momentum norm"},
		{optimizers.SGD(), ""},
		{optimizers.SGD().Momentum(0.9).LearningRateSchedule(optimizers.ExponentialDecay(0.1, 10, 0.9)), "momentum"},
		{optimizers.RMSprop().Momentum(0.9).Centered(true), "velocity momentum average_gradient"},
		{optimizers.Adagrad(), "accumulator"},
		{optimizers.Adadelta(), "accumulated_grad accumulated_delta_var"},
		{optimizers.Ftrl(), "accumulator linear"},
		{optimizers.Lion(), "momentum"},
		{optimizers.ScheduleFreeAdamW(), "momentum velocity"},
		{optimizers.Lamb(), "-"},
		{optimizers.Adafactor(), "-"},
		{optimizers.Muon(), "-"},
		{optimizers.LossScaleOptimizer(optimizers.Adam()), "-"},
		{perWeight{optimizers.Adam()}, "-"},
	} {
		t.Run(fmt.Sprint(tc.o.KerasName(), tc.slots), func(t *testing.T) {
			tr := &trainer{optimizer: tc.o}
			for i := range 12 {
				shape, dtype := []int{i + 1, 3}, dtypes.Float32
				switch i {
				case 3:
					shape = []int{largestPacked + 1}
				case 5:
					dtype = dtypes.Float16
				}
				tr.trainable = append(tr.trainable, symbolic.NewVariable(fmt.Sprint("w", i), fmt.Sprint("w", i), dtype, shape, 0))
			}
			tr.specs = specsOf(tr.trainable)
			var err error
			tr.variables, err = tr.optimizerVariables()
			require.NoError(t, err)
			v := tr.together()
			if tc.slots == "-" {
				require.Nil(t, v)
				return
			}
			require.NotNil(t, v)
			require.Len(t, v.groups, 1+len(strings.Fields(tc.slots)))
			require.Equal(t, []*symbolic.Weight{v.groups[0].whole, tr.trainable[3], tr.trainable[5]}, v.weights)
			small := slices.Concat(tr.trainable[:3], tr.trainable[4:5], tr.trainable[6:])
			require.Equal(t, small, v.groups[0].parts)
			for k, slot := range strings.Fields(tc.slots) {
				for i, w := range v.groups[1+k].parts {
					require.Equal(t, small[i].Name()+"_"+slot, w.Name())
				}
			}
			// Each variable of the optimizer is there once, and the others are in the same order.
			var all, others []*symbolic.Weight
			for _, w := range v.variables {
				if at := slices.IndexFunc(v.groups, func(g *group) bool { return g.whole == w }); at >= 0 {
					all = append(all, v.groups[at].parts...)
				} else {
					all, others = append(all, w), append(others, w)
				}
			}
			require.ElementsMatch(t, tr.variables, all)
			require.True(t, slices.IsSortedFunc(others, func(a, b *symbolic.Weight) int { return slices.Index(tr.variables, a) - slices.Index(tr.variables, b) }))
		})
	}
}

// TestFewStayApart has too few small weights for a group.
func TestFewStayApart(t *testing.T) {
	tr := &trainer{optimizer: optimizers.Adam()}
	for i := range fewestPacked - 1 {
		tr.trainable = append(tr.trainable, symbolic.NewVariable(fmt.Sprint("w", i), fmt.Sprint("w", i), dtypes.Float32, []int{3}, 0))
	}
	tr.specs = specsOf(tr.trainable)
	var err error
	tr.variables, err = tr.optimizerVariables()
	require.NoError(t, err)
	require.Nil(t, tr.together())
}
