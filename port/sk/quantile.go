package sk

import (
	"math"

	"github.com/gokeras/gokeras/port/np"
)

// QuantileTransformer gives each number its place among those that it was fitted to, from 0 to 1 (sklearn.preprocessing.QuantileTransformer with
// its uniform distribution). It is fitted to at most 10,000 rows: of more, scikit-learn draws some.
type QuantileTransformer struct {
	n          int
	References *np.Array // (quantiles,), from 0 to 1: references_
	Quantiles  *np.Array // (quantiles, features): quantiles_
}

// NewQuantileTransformer makes one with n quantiles, or as many as there are rows if these are fewer.
func NewQuantileTransformer(n int) *QuantileTransformer {
	if n < 1 {
		np.Fail("InvalidParameterError", "The 'n_quantiles' parameter of QuantileTransformer must be an int in the range [1, inf). Got %d instead.", n)
	}
	return &QuantileTransformer{n: n}
}

// Fit learns the quantiles of each feature.
func (q *QuantileTransformer) Fit(x any) *QuantileTransformer {
	a, t := features(x, -1)
	if a.Len() > 10000 {
		np.Fail("NotImplementedError", "QuantileTransformer is fitted to 10000 rows at most here, not to %d", a.Len())
	}
	q.References = np.Linspace(0, 1, max(1, min(q.n, a.Len())))
	var columns []*np.Array
	for i := range a.Dim(1) {
		var known []float64
		for _, v := range a.Index(np.All, i).Floats() {
			if !math.IsNaN(v) {
				known = append(known, v)
			}
		}
		columns = append(columns, np.Percentile(np.Of(known), np.Multiply(q.References, 100)))
	}
	q.Quantiles = np.Stack(columns, 1).AsType(t)
	return q
}

// Transform gives the places.
func (q *QuantileTransformer) Transform(x any) *np.Array {
	return q.columns(x, func(column, quantiles *np.Array) []float64 {
		// In both directions, since quantiles may be equal.
		up := np.Interp(column, quantiles, q.References)
		down := np.Interp(np.Negative(column), np.Negative(np.Flip(quantiles, 0)), np.Negative(np.Flip(q.References, 0)))
		places := np.Multiply(0.5, np.Subtract(up, down)).Floats()
		low, high := quantiles.Index(0).Float(), quantiles.Index(-1).Float()
		for i, v := range column.Floats() {
			switch v {
			case low:
				places[i] = 0
			case high:
				places[i] = 1
			}
		}
		return places
	})
}

// FitTransform is Fit and Transform.
func (q *QuantileTransformer) FitTransform(x any) *np.Array { return q.Fit(x).Transform(x) }

// InverseTransform goes back.
func (q *QuantileTransformer) InverseTransform(x any) *np.Array {
	return q.columns(x, func(column, quantiles *np.Array) []float64 {
		return np.Interp(column, q.References, quantiles).Floats()
	})
}

func (q *QuantileTransformer) columns(x any, f func(column, quantiles *np.Array) []float64) *np.Array {
	notFitted("QuantileTransformer", q.Quantiles != nil)
	a, t := features(x, q.Quantiles.Dim(1))
	made := a.AsType(t).Copy()
	for i := range a.Dim(1) {
		made.SetIndex(f(a.Index(np.All, i).AsType("float64"), q.Quantiles.Index(np.All, i)), np.All, i)
	}
	return made
}

// CaliforniaHousing is sklearn.datasets.fetch_california_housing of StatLib's table: longitude, latitude, age, rooms, bedrooms, population,
// households, income and value of each block.
func CaliforniaHousing(table *np.Array) *Bunch {
	if table.NDim() != 2 || table.Dim(1) != 9 {
		np.Fail("ValueError", "the table has shape %v, not 9 columns", table.Shape())
	}
	column := func(i int) *np.Array { return table.Index(np.All, i).AsType("float64") }
	households := column(6)
	data := np.Stack([]*np.Array{column(7), column(2), np.Divide(column(3), households), np.Divide(column(4), households), column(5), np.Divide(column(5), households), column(1), column(0)}, 1)
	return &Bunch{Data: data, Target: np.Divide(column(8), 100000.0), TargetNames: []string{"MedHouseVal"},
		FeatureNames: []string{"MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"}}
}
