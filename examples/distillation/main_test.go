package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/exampletest"
)

// TestDistillation trains the three networks on a few images of the right form.
func TestDistillation(t *testing.T) {
	out := exampletest.Run(t, run, "-data", exampletest.Plain(t), "-samples", "32", "-epochs", "2")
	require.Contains(t, out, "student, from the teacher:\nEpoch 1/2")
	require.Contains(t, out, "distillation_loss")
	for _, line := range []string{"teacher of 50186 parameters: test accuracy", "student of 4266 parameters: test accuracy", "alone   of 4266 parameters: test accuracy"} {
		require.Contains(t, out, line)
	}
}
