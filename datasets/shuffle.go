package datasets

import (
	"fmt"
	"math/bits"

	"github.com/gokeras/gokeras/internal/mt19937"
)

// seedNumPy starts as numpy.random.RandomState(seed) does.
func seedNumPy(seed int) (*mt19937.Source, error) {
	if seed < 0 || uint64(seed) > 1<<32-1 {
		return nil, fmt.Errorf("the seed is %d, and 0 to 2**32 - 1 was expected", seed)
	}
	return mt19937.New(uint32(seed)), nil
}

// seedPython starts as random.seed(seed) does.
func seedPython(seed int) *mt19937.Source {
	magnitude := uint64(max(seed, -seed))
	key := []uint32{uint32(magnitude)}
	if high := uint32(magnitude >> 32); high > 0 {
		key = append(key, high)
	}
	return mt19937.FromKeys(key)
}

// shuffleNumPy is the order in which RandomState.shuffle leaves 0 to n-1.
func shuffleNumPy(s *mt19937.Source, n int) []int {
	return shuffled(n, func(last uint32) uint32 { return uint32(mt19937.UpTo(s, uint64(last))) })
}

// shufflePython is the order in which random.shuffle leaves 0 to n-1.
func shufflePython(s *mt19937.Source, n int) []int {
	return shuffled(n, func(last uint32) uint32 {
		shift := 32 - bits.Len32(last+1)
		for {
			if v := s.Uint32() >> shift; v <= last {
				return v
			}
		}
	})
}

// shuffled swaps each place, from the last on, with one that choose finds at or before it.
func shuffled(n int, choose func(last uint32) uint32) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := choose(uint32(i))
		order[i], order[j] = order[j], order[i]
	}
	return order
}
