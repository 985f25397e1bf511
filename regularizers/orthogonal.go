package regularizers

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

func init() {
	catalogue.Add(func() Regularizer { return OrthogonalRegularizer() })
}

// Mode says which vectors of a matrix [OrthogonalRegularizer] wants orthogonal.
type Mode string

// Keras's modes.
const (
	Rows    Mode = "rows"
	Columns Mode = "columns"
)

// epsilon is Keras's keras.config.epsilon().
const epsilon = 1e-7

type orthogonalConfig struct {
	Factor single `keras:"factor" default:"0.01"`
	Mode   Mode   `keras:"mode" default:"rows"`
}

// Orthogonality penalises vectors that aren't orthogonal. Make it with
// [OrthogonalRegularizer].
type Orthogonality struct{ cfg orthogonalConfig }

// OrthogonalRegularizer adds factor times the mean of |cos| of the angles
// between every two rows (or columns) of a matrix to the loss (Keras:
// OrthogonalRegularizer).
func OrthogonalRegularizer() *Orthogonality {
	r := &Orthogonality{}
	config.SetDefaults(&r.cfg)
	return r
}

// Factor sets the factor (Keras: factor=0.01).
func (r *Orthogonality) Factor(factor float64) *Orthogonality {
	r.cfg.Factor = single(factor)
	return r
}

// Mode sets whether rows or columns are to be orthogonal (Keras: mode="rows").
func (r *Orthogonality) Mode(mode Mode) *Orthogonality {
	r.cfg.Mode = mode
	return r
}

// Penalty implements [Regularizer]. It panics with an error unless x has the
// shape (rows, columns) and at least two vectors, for fewer of which Keras's penalty
// isn't a number.
func (r *Orthogonality) Penalty(x *graph.Node) *graph.Node {
	if err := r.Validate(); err != nil {
		panic(err)
	}
	if x.Rank() != 2 {
		panic(fmt.Errorf("OrthogonalRegularizer: got the shape %v, want a matrix (rank 2)", x.Shape().Dimensions))
	}
	if r.cfg.Mode == Columns {
		x = graph.Transpose(x, 0, 1)
	}
	size := x.Shape().Dimensions[0]
	if size < 2 {
		panic(fmt.Errorf("OrthogonalRegularizer: got %d %s, want at least two", size, r.cfg.Mode))
	}
	x = normalizedRows(x)
	products := graph.Dot(x, graph.Transpose(x, 0, 1)).Product()
	g := x.Graph()
	square := shapes.Make(dtypes.Int32, size, size)
	diagonal := graph.Equal(graph.Iota(g, square, 0), graph.Iota(g, square, 1))
	products = graph.Where(diagonal, graph.ScalarZero(g, x.DType()), products)
	pairs := float64(size) * float64(size-1) / 2
	return graph.MulScalar(sumAbs(products), float64(r.cfg.Factor)*0.5/pairs)
}

// normalizedRows divides the rows of x by their lengths; a row of zeros stays so, and its gradient finite.
func normalizedRows(x *graph.Node) *graph.Node {
	squares := graph.ReduceAndKeep(graph.Square(x), graph.ReduceSum, 1)
	g, dtype := x.Graph(), x.DType()
	short := graph.LessOrEqual(squares, graph.Scalar(g, dtype, epsilon*epsilon))
	safe := graph.Where(short, graph.ScalarOne(g, dtype), squares)
	inverse := graph.Where(short, graph.Scalar(g, dtype, 1/epsilon), graph.Reciprocal(graph.Sqrt(safe)))
	return graph.Mul(x, inverse)
}

// Validate returns an error unless the factor is a number ≥ 0 and the mode one of Keras's.
func (r *Orthogonality) Validate() error {
	if err := checkFactor("OrthogonalRegularizer", "factor", float64(r.cfg.Factor)); err != nil {
		return err
	}
	if r.cfg.Mode != Rows && r.cfg.Mode != Columns {
		return fmt.Errorf("OrthogonalRegularizer: %w", config.UnknownName("mode", string(r.cfg.Mode), []string{string(Rows), string(Columns)}))
	}
	return nil
}

// KerasClass implements config.Object.
func (*Orthogonality) KerasClass() config.Class { return class("OrthogonalRegularizer") }

// KerasConfig implements config.Object.
func (r *Orthogonality) KerasConfig() any { return &r.cfg }
