package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/exampletest"
)

// TestPolicies: in half precision the network learns as well as in float32.
func TestPolicies(t *testing.T) {
	if testing.Short() {
		t.Skip("trains three times")
	}
	folder := exampletest.Bars(t, 200, 100)
	accuracies := map[functional.DTypePolicy]float64{}
	for _, policy := range []functional.DTypePolicy{"float32", "mixed_bfloat16", "mixed_float16"} {
		functional.ClearSession()
		require.NoError(t, functional.SetDTypePolicy(policy))
		defer func() { require.NoError(t, functional.SetDTypePolicy("float32")) }()
		var stdout, stderr bytes.Buffer
		require.NoError(t, run(t.Context(), []string{"-data", folder, "-samples", "200", "-epochs", "5", "-out", t.TempDir()}, &stdout, &stderr))
		accuracies[policy] = exampletest.Number(t, stdout.String(), `Test accuracy: (\d+\.\d\d) %`)
	}
	t.Log(accuracies)
	require.Greater(t, accuracies["float32"], 90.0)
	require.InDelta(t, accuracies["float32"], accuracies["mixed_bfloat16"], 5)
	require.InDelta(t, accuracies["float32"], accuracies["mixed_float16"], 5)
}
