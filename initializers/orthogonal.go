package initializers

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/gokeras/gokeras/internal/config"
)

func init() {
	catalogue.Add(func() Initializer { return Orthogonal() }, "OrthogonalInitializer")
}

type orthogonalConfig struct {
	Gain float64   `keras:"gain" default:"1.0"`
	Seed seedValue `keras:"seed"`
}

// OrthogonalInitializer fills with an orthogonal matrix. Make it with [Orthogonal].
type OrthogonalInitializer struct{ cfg orthogonalConfig }

// Orthogonal fills with a random matrix of orthonormal columns, or rows where
// it has fewer rows than columns (Keras: Orthogonal). A weight of more than two
// axes is filled as the matrix (product of all axes but the last, last axis).
func Orthogonal() *OrthogonalInitializer {
	o := &OrthogonalInitializer{}
	config.SetDefaults(&o.cfg)
	return o
}

// Gain sets the factor of the matrix (Keras: gain=1.0).
func (o *OrthogonalInitializer) Gain(gain float64) *OrthogonalInitializer {
	o.cfg.Gain = gain
	return o
}

// Seed makes every call give the same values (Keras: seed=None).
func (o *OrthogonalInitializer) Seed(seed int) *OrthogonalInitializer {
	o.cfg.Seed = seedValue{n: &seed}
	return o
}

// Values implements [Initializer]. A shape of fewer than two axes is an error.
func (o *OrthogonalInitializer) Values(shape []int, rng *rand.Rand) ([]float32, error) {
	if len(shape) < 2 {
		return nil, fmt.Errorf("Orthogonal: shape %v of rank %d, want at least two axes", shape, len(shape))
	}
	values, err := filled("Orthogonal", shape, 0)
	if err != nil || len(values) == 0 {
		return values, err
	}
	cols := shape[len(shape)-1]
	rows := len(values) / cols
	tall, thin := max(rows, cols), min(rows, cols)
	q := orthonormal(tall, thin, o.cfg.Seed.source(rng))
	for i := range rows {
		for j := range cols {
			v := 0.0
			if rows < cols {
				v = q[j*thin+i]
			} else {
				v = q[i*thin+j]
			}
			values[i*cols+j] = float32(o.cfg.Gain * v)
		}
	}
	return values, nil
}

// orthonormal returns a tall×thin matrix, row by row, of orthonormal columns.
// It is the Q of a normal matrix's QR decomposition with each column's sign
// chosen so that R's diagonal is positive, which makes its distribution uniform.
func orthonormal(tall, thin int, rng *rand.Rand) []float64 {
	q := make([]float64, tall*thin)
	for i := range q {
		q[i] = rng.NormFloat64()
	}
	a := blas64.General{Rows: tall, Cols: thin, Stride: thin, Data: q}
	tau := make([]float64, thin)
	work := make([]float64, 1)
	lapack64.Geqrf(a, tau, work, -1) // asks for the size of work
	work = make([]float64, int(work[0]))
	lapack64.Geqrf(a, tau, work, len(work))
	negative := make([]bool, thin)
	for j := range negative {
		negative[j] = q[j*thin+j] < 0
	}
	work = work[:1]
	lapack64.Orgqr(a, tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Orgqr(a, tau, work, len(work))
	for i := range q {
		if negative[i%thin] {
			q[i] = -q[i]
		}
	}
	return q
}

// KerasClass implements config.Object.
func (*OrthogonalInitializer) KerasClass() config.Class { return class("Orthogonal") }

// KerasConfig implements config.Object.
func (o *OrthogonalInitializer) KerasConfig() any { return &o.cfg }
