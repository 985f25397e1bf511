// Package exampletest has what the tests of the examples share: digits to learn from, and looks at what a program printed and drew.
package exampletest

import (
	"bytes"
	"context"
	"image"
	_ "image/png" // the pictures that the examples draw
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/mnisttest"
)

// Main runs the tests of an example on the engine that every machine has: they are small, and the same everywhere.
func Main(m *testing.M) {
	_ = os.Setenv("GOKERAS_BACKEND", "go")
	os.Exit(m.Run())
}

// Run runs a program to its end and returns what it printed.
func Run(t *testing.T, run func(ctx context.Context, args []string, out io.Writer) error, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), args, &out))
	return out.String()
}

// Refuses holds a program to what it writes to standard error of arguments that are wrong, by that text.
func Refuses(t *testing.T, run func(ctx context.Context, args []string, stdout, stderr io.Writer) error, usage error, wrong map[string][]string) {
	t.Helper()
	for want, args := range wrong {
		t.Run(want, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.ErrorIs(t, run(t.Context(), args, &stdout, &stderr), usage)
			require.Contains(t, stderr.String(), want)
			require.Empty(t, stdout.String())
		})
	}
}

// Number is the number in the first group of a pattern, found in a text.
func Number(t *testing.T, text, pattern string) float64 {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	require.NotNil(t, found, text)
	v, err := strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
	return v
}

// Width is the width of a picture in a file.
func Width(t *testing.T, path string) int {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	picture, _, err := image.Decode(file)
	require.NoError(t, err)
	return picture.Bounds().Dx()
}

// Digits writes MNIST's files, both parts with the same pictures, and returns their folder.
func Digits(t *testing.T, images, labels []byte) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for _, part := range []string{"train", "t10k"} {
		require.NoError(t, mnisttest.Write(folder, part, images, labels))
	}
	return folder
}

// Plain writes 40 pictures of the right form, all the same, of one class.
func Plain(t *testing.T) (folder string) {
	t.Helper()
	const count, size = 40, mnisttest.Side * mnisttest.Side
	return Digits(t, bytes.Repeat([]byte{0, 200}, count*size/2), make([]byte, count))
}

// Bars writes pictures that are easy to tell apart: a bar at a height that is the digit's own.
func Bars(t *testing.T, train, test int) (folder string) {
	t.Helper()
	folder = t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	const side = mnisttest.Side
	for part, n := range map[string]int{"train": train, "t10k": test} {
		images, labels := make([]byte, n*side*side), make([]byte, n)
		for i := range n {
			labels[i] = byte(i % 10)
			for pixel := range side * side {
				images[i*side*side+pixel] = byte(rng.IntN(60))
			}
			top := 3 + 2*(i%10)
			for pixel := top * side; pixel < (top+2)*side; pixel++ {
				images[i*side*side+pixel] = byte(180 + rng.IntN(70))
			}
		}
		require.NoError(t, mnisttest.Write(folder, part, images, labels))
	}
	return folder
}
