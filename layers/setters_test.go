package layers

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/kerastable/setters"
)

func TestSettersAreCurrent(t *testing.T) {
	want, err := setters.Generate(".")
	require.NoError(t, err)
	have, err := os.ReadFile(setters.File)
	require.NoError(t, err)
	require.Equal(t, string(want), string(have), "run go generate ./layers")
}

func TestFill(t *testing.T) {
	one, three, four := make([]int, 1), make([]int, 3), make([]int, 4)
	require.NoError(t, fill(three, []int{2}))
	require.Equal(t, []int{2, 2, 2}, three)
	require.NoError(t, fill(three, []int{1, 2, 3}))
	require.Equal(t, []int{1, 2, 3}, three)
	require.EqualError(t, fill(one, []int{1, 2}), "got 2 values: want 1")
	require.EqualError(t, fill(three, nil), "got 0 values: want 1 (for depth, height and width) or 3 (depth, height, width)")
	require.EqualError(t, fill(four, []int{1, 2}), "got 2 values: want 1 or 4")
	require.EqualError(t, setAll(make([]float64, 2), []float64{1})(), "got 1 values: want 2")
}
