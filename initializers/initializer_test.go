package initializers

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGetGivesEveryName(t *testing.T) {
	for _, name := range Names() {
		i, err := Get(name)
		require.NoError(t, err, name)
		values, err := i.Values([]int{4, 3}, rand.New(rand.NewPCG(1, 2)))
		require.NoError(t, err, name)
		require.Len(t, values, 12, name)
	}
	_, err := Get("he_nromal")
	require.ErrorContains(t, err, `did you mean "he_normal"?`)
}
