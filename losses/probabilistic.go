package losses

import "github.com/gomlx/gomlx/core/graph"

// KLDivergenceLoss is the sum over the last axis of yTrue·log(yTrue/yPred), both kept within [1e-7, 1] (Keras:
// keras.losses.KLDivergence, "kld").
type KLDivergenceLoss struct{ rowwise[*KLDivergenceLoss] }

// KLDivergence returns the Kullback-Leibler divergence with Keras's defaults.
func KLDivergence() *KLDivergenceLoss {
	l := &KLDivergenceLoss{}
	l.of(l, "KLDivergence", "kl_divergence", func(y, p *graph.Node) *graph.Node {
		y, p = within(y, epsilon, 1), within(p, epsilon, 1)
		return graph.ReduceSum(graph.Mul(y, graph.Log(graph.Div(y, p))), -1)
	})
	return l
}

// PoissonLoss is the mean over the last axis of yPred - yTrue·log(yPred + 1e-7) (Keras: keras.losses.Poisson).
type PoissonLoss struct{ rowwise[*PoissonLoss] }

// Poisson returns the Poisson loss with Keras's defaults.
func Poisson() *PoissonLoss {
	l := &PoissonLoss{}
	l.of(l, "Poisson", "poisson", func(y, p *graph.Node) *graph.Node {
		return meanLast(graph.Sub(p, graph.Mul(y, graph.Log(graph.AddScalar(p, epsilon)))))
	})
	return l
}

func init() {
	catalogue.Add(func() Loss { return KLDivergence() }, "kld", "KLD")
	catalogue.Add(func() Loss { return Poisson() })
}
