package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// TestHelpExamples runs what --help shows, in a folder with the files that it names. Of what takes long, or fetches, the flags are checked.
func TestHelpExamples(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	notebook, err := os.ReadFile("../../port/testdata/seed.ipynb")
	require.NoError(t, err)
	module, err := filepath.Abs("../..")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(module, f.at("gokeras")))
	require.NoError(t, os.Mkdir(f.at("here"), 0o755))
	f = folder(f.at("here"))
	require.NoError(t, os.WriteFile(f.at("mnist.ipynb"), notebook, 0o644))
	t.Chdir(string(f))
	one := classifier(t, "model.keras")
	for _, name := range []string{"trained.keras", "before.keras", "after.keras", "python.keras", "go.keras", "a.keras", "b.keras", "legacy.h5"} {
		require.NoError(t, one.Save(name))
	}
	require.NoError(t, one.SaveWeights("model.weights.h5"))
	require.NoError(t, os.WriteFile("architecture.json", must2(one.ToJSON()), 0o644))
	require.NoError(t, os.Link("architecture.json", "model.json"))
	require.NoError(t, os.Link("model.weights.h5", "model_weights.h5"))
	x, _ := labelled(t, "train.npz")
	labelled(t, "test.npz")
	require.NoError(t, datasets.SaveNPZ("in.npz", map[string]*tensors.Tensor{"x": x}))
	require.NoError(t, os.WriteFile("table.csv", []byte("a,b,c,d,price\n1,2,3,4,0\n5,6,7,8,1\n"), 0o644))
	require.NoError(t, os.WriteFile("rows.csv", []byte("1,2,3,4\n5,6,7,8\n"), 0o644))
	several(t, "two.keras")
	require.NoError(t, datasets.SaveNPZ("two.npz", map[string]*tensors.Tensor{
		"a": arange(0.3, samples, 4), "b": arange(0.9, samples, 2), "left": arange(0.1, samples, 2), "right": arange(0.5, samples, 1)}))
	pictures(t, "pictures.keras")
	require.NoError(t, datasets.SaveImage("photo.png", tensors.FromFlatDataAndDimensions(make([]float32, 4*4*3), 4, 4, 3), datasets.ArrayToImageOptions{}))
	t.Setenv("GOKERAS_CACHE", f.at("cache"))
	bare, err := functional.NewSequential(functional.Input(4), layers.Dense(1))
	saved(t, bare, err, "uncompiled.keras")

	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		for _, line := range exampleLines(cmd.Example) {
			t.Run(line, func(t *testing.T) { runExample(t, line) })
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(newRoot())
}

func must2[T any](v T, err error) T {
	must(err)
	return v
}

func exampleLines(text string) (lines []string) {
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " | ") // what other programs make of it
		for strings.Contains(strings.SplitN(line, " ", 2)[0], "=") {
			_, line, _ = strings.Cut(line, " ")
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func runExample(t *testing.T, line string) {
	args := strings.Fields(strings.ReplaceAll(line, "'", ""))
	require.Equal(t, "gokeras", args[0])
	root := newRoot()
	cmd, rest, err := root.Find(args[1:])
	require.NoError(t, err)
	if slices.Contains([]string{"bench", "install", "serve", "completion"}, cmd.Name()) {
		require.NoError(t, cmd.ParseFlags(rest))
		require.NoError(t, cmd.ValidateArgs(cmd.Flags().Args()))
		require.NoError(t, cmd.ValidateRequiredFlags())
		return
	}
	code, _, stderr := execute(t.Context(), newRoot(), args[1:]...)
	if cmd.Name() == "diff" && code == exitDifferent {
		code = exitOK
	}
	require.Equal(t, exitOK, code, stderr)
}
