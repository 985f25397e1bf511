package golden

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
)

// Encoded returns an object's configuration as a file holds it, decoded.
func Encoded(t testing.TB, o config.Object) map[string]any {
	t.Helper()
	enc, err := config.Encode(o)
	require.NoError(t, err)
	raw, err := json.Marshal(enc)
	require.NoError(t, err)
	var back map[string]any
	require.NoError(t, json.Unmarshal(raw, &back))
	return back
}

// SameObjects requires each object to be written as Keras writes what the same call makes there, and to be got back from that.
func SameObjects[T config.Object](t testing.TB, want map[string]map[string]any, made map[string]T, get func(any) (T, error)) {
	t.Helper()
	require.Len(t, want, len(made))
	for call, cfg := range want {
		require.Equal(t, cfg, Encoded(t, made[call]), call)
	}
	SameDecoded(t, want, get, func(call string) any { return want[call] })
}

// SameDecoded requires what get makes of what is given for each name to be written as Keras has it.
func SameDecoded[T config.Object](t testing.TB, want map[string]map[string]any, get func(any) (T, error), given func(name string) any) {
	t.Helper()
	for name, cfg := range want {
		o, err := get(given(name))
		require.NoError(t, err, name)
		require.Equal(t, cfg, Encoded(t, o), name)
	}
}
