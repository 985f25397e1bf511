package datasets

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

func TestToCategorical(t *testing.T) {
	cases := map[string]struct {
		y       any
		classes int
		dims    []int
		ones    []int // the class of each sample
	}{
		"a slice":               {[]int{0, 2, 1}, 3, []int{3, 3}, []int{0, 2, 1}},
		"more classes":          {[]int{0, 2, 1}, 5, []int{3, 5}, []int{0, 2, 1}},
		"classes from the data": {[]int{0, 2, 1}, 0, []int{3, 3}, []int{0, 2, 1}},
		"a column":              {[][]uint8{{1}, {0}}, 2, []int{2, 2}, []int{1, 0}},
		"only the last axis":    {[][][]int32{{{1}}, {{0}}}, 2, []int{2, 1, 2}, []int{1, 0}},
		"one sample":            {[]int{1}, 2, []int{1, 2}, []int{1}},
		"a matrix":              {[][]int64{{1, 0}, {2, 2}}, 3, []int{2, 2, 3}, []int{1, 0, 2, 2}},
		"a number":              {2, 4, []int{4}, []int{2}},
		"a tensor":              {tensors.FromFlatDataAndDimensions([]uint8{1, 0}, 2, 1), 2, []int{2, 2}, []int{1, 0}},
		"int8":                  {[]int8{1, 0}, 2, []int{2, 2}, []int{1, 0}},
		"int16":                 {[]int16{1, 0}, 2, []int{2, 2}, []int{1, 0}},
		"uint16":                {[]uint16{1, 0}, 2, []int{2, 2}, []int{1, 0}},
		"uint32":                {[]uint32{1, 0}, 2, []int{2, 2}, []int{1, 0}},
		"uint64":                {[]uint64{1, 0}, 2, []int{2, 2}, []int{1, 0}},
		"float32":               {[]float32{1, 0}, 2, []int{2, 2}, []int{1, 0}},
		"float64":               {[]float64{1, 0}, 2, []int{2, 2}, []int{1, 0}},
		"float16":               {[]float16.Float16{float16.FromFloat32(1), 0}, 2, []int{2, 2}, []int{1, 0}},
		"bfloat16":              {[]bfloat16.BFloat16{bfloat16.FromFloat32(1), 0}, 2, []int{2, 2}, []int{1, 0}},
		"empty":                 {tensors.FromScalarAndDimensions(uint8(0), 0, 1), 3, []int{0, 3}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ToCategorical(c.y, c.classes)
			require.NoError(t, err)
			require.Equal(t, c.dims, got.Shape().Dimensions)
			classes := c.dims[len(c.dims)-1]
			want := make([]float32, len(c.ones)*classes)
			for i, class := range c.ones {
				want[i*classes+class] = 1
			}
			if len(want) > 0 {
				flat, err := tensors.CopyFlatData[float32](got)
				require.NoError(t, err)
				require.Equal(t, want, flat)
			}
		})
	}
}

func TestToCategoricalErrors(t *testing.T) {
	finalized := tensors.FromValue([]int32{1})
	require.NoError(t, finalized.FinalizeAll())
	cases := map[string]struct {
		y       any
		classes int
		want    string
	}{
		"too large":           {[]int{0, 3}, 3, "y has class 3 at element 1, and the classes are 0 to 2"},
		"negative":            {[]int{-1, 1}, 3, "y has class -1 at element 0"},
		"negative, no number": {[]int{-1}, 0, "y has class -1 at element 0"},
		"empty, no number":    {tensors.FromScalarAndDimensions(uint8(0), 0), 0, "y is empty, and numClasses is needed"},
		"negative number":     {[]int{1}, -1, "numClasses is -1"},
		"a fraction":          {[]float64{1, .5}, 3, "element 1 is 0.5, and a whole number was expected"},
		"not a number":        {[]float32{float32(math.NaN())}, 3, "element 0 is NaN"},
		"infinite":            {[]float32{float32(math.Inf(1))}, 3, "element 0 is +Inf"},
		"complex":             {[]complex64{1}, 3, "elements of type Complex64"},
		"ragged":              {[][]int{{1}, {1, 2}}, 3, "cannot be made a tensor"},
		"text":                {[]string{"cat"}, 3, "a []string cannot be made a tensor"},
		"nil":                 {nil, 3, "it is nil"},
		"a nil tensor":        {(*tensors.Tensor)(nil), 3, "it is nil"},
		"a finalized tensor":  {finalized, 3, "datasets.ToCategorical: y: "},
		"a hash":              {[]int64{math.MaxInt64}, 0, "class 9223372036854775807, which is too large"},
		"beyond int64":        {[]uint64{math.MaxUint64}, 0, "element 0 is 18446744073709551615"},
		"memory":              {make([]uint8, 1000), 1 << 30, "1000 samples of 1073741824 classes are more than fit"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := ToCategorical(c.y, c.classes)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "datasets.ToCategorical: ")
		})
	}
}
