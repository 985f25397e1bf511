package random

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNumbersArePythons draws what testdata/generate.py drew.
func TestNumbersArePythons(t *testing.T) {
	raw, err := os.ReadFile("testdata/random.json")
	require.NoError(t, err)
	var want []struct {
		Seed                                                 int
		Shuffled                                             string
		Random, Gauss, NormalVariate                         []float64
		RandInt, Wide, RandRange, Choice, Choices, Few, Many []int
		All                                                  []string
		Uniform, Own, Last                                   float64
	}
	require.NoError(t, json.Unmarshal(raw, &want))
	require.NotEmpty(t, want)
	for _, w := range want {
		r := New(w.Seed)
		letters := strings.Split("abcdefghij", "")
		Shuffle(r, letters)
		require.Equal(t, w.Shuffled, strings.Join(letters, ""))
		many := make([]int, 100)
		for i := range many {
			many[i] = i
		}
		for _, x := range w.Random {
			require.Equal(t, x, r.Random())
		}
		for _, x := range w.RandInt {
			require.Equal(t, x, r.RandInt(-5, 60))
		}
		for _, x := range w.Wide {
			require.Equal(t, x, r.RandInt(0, 1e15))
		}
		for _, x := range w.RandRange {
			require.Equal(t, x, r.RandRange(3, 17))
		}
		require.Equal(t, w.Uniform, r.Uniform(-2, 5))
		for _, x := range w.Choice {
			require.Equal(t, x, Choice(r, many))
		}
		require.Equal(t, w.Choices, Choices(r, many, 4))
		require.Equal(t, w.Few, Sample(r, many, 3))
		require.Equal(t, w.Many, Sample(r, many, 30))
		require.Equal(t, w.All, Sample(r, letters, 10))
		for _, x := range w.Gauss {
			require.InDelta(t, x, r.Gauss(1, 2), 1e-14)
		}
		for _, x := range w.NormalVariate {
			require.InDelta(t, x, r.NormalVariate(1, 2), 1e-14)
		}
		require.Equal(t, w.Own, New(w.Seed).Random())
		require.Equal(t, w.Last, r.Random())
	}
	require.PanicsWithValue(t, "ValueError", func() {
		defer func() {
			if e, ok := recover().(error); ok && strings.Contains(e.Error(), "Sample larger than population") {
				panic("ValueError")
			}
		}()
		Sample(New(1), []int{1}, 2)
	})
}
