package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/mnisttest"
)

// TestDistillation trains the three networks on a few images of the right form.
func TestDistillation(t *testing.T) {
	folder := t.TempDir()
	const count = 40
	for _, part := range []string{"train", "t10k"} {
		require.NoError(t, mnisttest.Write(folder, part, bytes.Repeat([]byte{0, 200}, count*side*side/2), make([]byte, count)))
	}
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-data", folder, "-samples", "32", "-epochs", "2"}, &out))
	require.Contains(t, out.String(), "student, from the teacher:\nEpoch 1/2")
	require.Contains(t, out.String(), "distillation_loss")
	for _, line := range []string{"teacher of 50186 parameters: test accuracy", "student of 4266 parameters: test accuracy", "alone   of 4266 parameters: test accuracy"} {
		require.Contains(t, out.String(), line)
	}
}
