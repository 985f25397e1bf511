package activations

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGet(t *testing.T) {
	for _, name := range Names() {
		f, err := Get(Name(name))
		require.NoError(t, err, name)
		require.NotNil(t, f, name)
	}
	_, err := Get("relo")
	require.ErrorContains(t, err, `unknown activation "relo"; did you mean "relu"?`)
	_, err = Get("threshold")
	require.ErrorContains(t, err, "ThresholdWith")
}
