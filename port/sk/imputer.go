package sk

import (
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// SimpleImputer puts a value in place of what is missing in each column (sklearn.impute.SimpleImputer).
type SimpleImputer struct {
	strategy   string
	fill       any
	Statistics *np.Array
}

// NewSimpleImputer makes one; strategy is "mean", "median", "most_frequent", or "constant" with a value, 0 if there is none.
func NewSimpleImputer(strategy string, value ...any) *SimpleImputer {
	i := &SimpleImputer{strategy: strategy, fill: 0}
	if len(value) > 0 {
		i.fill = value[0]
	}
	return i
}

func missing(c *np.Array) *np.Array {
	if c.DType()[0] == '<' {
		return np.Equal(c, "nan")
	}
	return np.Isnan(c.AsType(np.Float64))
}

// Fit learns the values of columns.
func (s *SimpleImputer) Fit(x any) *SimpleImputer {
	a := table(x)
	var values []*np.Array
	for i := range a.Dim(1) {
		c := a.Index(np.All, i)
		there := c.Index(np.LogicalNot(missing(c)))
		var v *np.Array
		switch {
		case s.strategy == "constant":
			v = np.Of(s.fill)
		case there.Size() == 0:
			np.Fail("ValueError", "column %d has no value", i)
		case s.strategy == "most_frequent":
			values, _, _, counts := np.UniqueAll(there)
			v = values.Index(np.Argmax(counts).Int())
		case strings.HasPrefix(string(a.DType()), "<"):
			np.Fail("ValueError", "Cannot use %s strategy with non-numeric data", s.strategy)
		case s.strategy == "mean":
			v = np.Mean(there)
		case s.strategy == "median":
			v = np.Median(there)
		default:
			np.Fail("ValueError", "the strategy %q isn't known", s.strategy)
		}
		values = append(values, v)
	}
	s.Statistics = np.Stack(values, 0)
	return s
}

// Transform puts them in place.
func (s *SimpleImputer) Transform(x any) *np.Array {
	notFitted("SimpleImputer", s.Statistics != nil)
	a := table(x)
	if a.Dim(1) != s.Statistics.Len() {
		np.Fail("ValueError", "X has %d features, but SimpleImputer is expecting %d features as input.", a.Dim(1), s.Statistics.Len())
	}
	var columns []*np.Array
	for i := range a.Dim(1) {
		c := a.Index(np.All, i)
		columns = append(columns, np.Where(missing(c), s.Statistics.Index(i), c))
	}
	return np.Stack(columns, 1)
}

// FitTransform is Fit and Transform.
func (s *SimpleImputer) FitTransform(x any) *np.Array { return s.Fit(x).Transform(x) }
