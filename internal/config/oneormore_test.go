package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
)

func TestOneOrMore(t *testing.T) {
	for _, given := range []any{nil, 0.5, []any{0.5}, []any{}, []any{1.0, 2.5}} {
		var o config.OneOrMore[float64]
		require.NoError(t, o.DecodeKeras(given))
		back, err := o.EncodeKeras()
		require.NoError(t, err)
		require.Equal(t, given, back)
	}
	var axes config.OneOrMore[int]
	require.NoError(t, axes.DecodeKeras([]any{1.0, -2.0}))
	require.Equal(t, config.Given([]int{1, -2}), axes)
	require.ErrorContains(t, axes.DecodeKeras(0.5), "got 0.5, want null, a whole number or a list of them")
	require.ErrorContains(t, axes.DecodeKeras([]any{"a"}), `got "a"`)
	require.True(t, config.Given([]int{3}).One)
}
