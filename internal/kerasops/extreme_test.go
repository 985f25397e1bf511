package kerasops

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// TestGradientsOfExtremes: XLA computes singular values twice, where the smallest is found and where it is compared, and doesn't round them alike.
func TestGradientsOfExtremes(t *testing.T) {
	want := map[any][]*tensors.Tensor{}
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for _, ord := range []any{1, -1, "nuc", 2, -2} {
			exec, err := graph.NewExec(engine, func(x *graph.Node) []*graph.Node {
				y := norm(x, ord, []int{3, 1})
				return []*graph.Node{y, graph.Gradient(graph.ReduceAllSum(graph.Square(y)), x)[0]}
			})
			require.NoError(t, err)
			got, err := exec.Call(golden.RuleInput(0, 2, 3, 2, 3).Tensor(t))
			require.NoError(t, err)
			for _, v := range got {
				require.NoError(t, v.ToLocal())
			}
			if want[ord] == nil {
				want[ord] = got // the pure-Go engine's, as Keras's: functional's TestOperationsFromKeras
			}
			golden.Same(t, got, want[ord], golden.Tolerance{Abs: 1e-5, Rel: 1e-5})
		}
	})
}
