package main

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/saving"
)

func TestInspect(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	m := classifier(t, f.at("m.keras"))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	require.NoError(t, m.Weights()[1].Set(tensors.FromValue([]float32{0, nan, inf, 1, 0, 5}))) // dense/bias
	saved(t, m, nil, f.at("m.keras"))

	stdout, stderr := gokeras(t, exitOK, "inspect", f.at("m.keras"))
	require.Empty(t, stderr)
	for _, want := range []string{
		`(?m)^Saved: +\S+ by Keras `, `(?m)^Model: +sequential \(Sequential\)$`, `(?m)^Optimizer: adam, 14 variables$`, `(?m)^Weights: +8 arrays, 75 parameters, 300 B$`,
		`(?m)^dense/kernel +float32 +\(4, 6\) +96 B `, `(?m)^dense/bias +float32 +\(6,\) +24 B +0 +5 +1.5 +2.0616 +2 +1 +1$`,
		`(?m)^batch_normalization/moving_variance \(not trained\) +float32 +\(6,\) +24 B +1 +1 +1 +0 +0 +0 +0$`,
		`(?m)^adam/iteration +int32 +\(\) +4 B +0 +0 +0 +0 +1 `,
	} {
		require.Regexp(t, want, stdout)
	}

	i := gokerasJSON[inspection](t, exitOK, "inspect", f.at("m.keras"))
	require.False(t, i.Raw)
	require.Len(t, i.Weights, 8)
	require.Len(t, i.Variables, 14)
	require.Equal(t, []int{6}, i.Weights[1].Shape)
	require.Equal(t, Statistics{Min: 0, Max: 5, Mean: 1.5, Std: i.Weights[1].Std, Zeros: 2, NaNs: 1, Infs: 1}, *i.Weights[1].Statistics)
	require.InDelta(t, math.Sqrt(4.25), float64(i.Weights[1].Std), 1e-12)
	require.False(t, *i.Weights[4].Trainable)

	stdout, _ = gokeras(t, exitOK, "inspect", f.at("m.keras"), "--raw", "--no-stats")
	require.Regexp(t, `(?m)^layers/dense/vars/0 +dense +float32 +\(4, 6\) +96 B$`, stdout)
	require.Regexp(t, `(?m)^layers/dense_1/vars/1 +dense_1 +float32 +\(3,\) +12 B$`, stdout)
	require.NotContains(t, stdout, "MEAN")

	gokeras(t, exitOK, "convert", f.at("m.keras"), f.at("m.weights.h5"))
	stdout, stderr = gokeras(t, exitOK, "inspect", f.at("m.weights.h5"))
	require.Empty(t, stderr)
	require.Regexp(t, `(?m)^layers/dense/vars/1 +dense +float32 +\(6,\) +24 B +0 +5 +1.5 `, stdout)
}

// TestUnknownLayers shows, draws and compares models with layers that only Python has.
func TestUnknownLayers(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	m := golden.LoadShown(t)[0]
	archive, legacy := m.Write(t, ".keras"), m.Write(t, ".h5")
	for _, path := range []string{archive, legacy} {
		stdout, stderr := gokeras(t, exitOK, "summary", path)
		require.Contains(t, stdout, " block (Block) ")
		require.Contains(t, stdout, fmt.Sprint("Total params: ", m.Params))
		require.Regexp(t, `(?m)^  block: .*Block`, stderr)
		stdout, _ = gokeras(t, exitOK, "inspect", path)
		require.Contains(t, stdout, fmt.Sprint(m.Params, " parameters"))
		require.Regexp(t, `(?m)^block/.* float32 +\(2, 5\)`, stdout)
		gokeras(t, exitOK, "plot", path, "-o", f.at("m.svg"))
		drawn, err := os.ReadFile(f.at("m.svg"))
		require.NoError(t, err)
		require.Contains(t, string(drawn), "Halves")
		gokeras(t, exitOK, "diff", path, path)
		_, stderr = gokeras(t, exitError, "convert", path, f.at("again.keras"))
		require.Contains(t, stderr, "aren't known here: Scale, Halves, Block")
	}
	gokeras(t, exitOK, "summary", archive, "--json")

	stdout, _ := gokeras(t, exitDifferent, "diff", archive, golden.LoadShown(t)[1].Write(t, ".keras"))
	require.Contains(t, stdout, "Halves")
}

// TestNamesFromStrangers shows names from files without what they would do to a terminal.
func TestNamesFromStrangers(t *testing.T) {
	f := newFolder(t)
	tree := kerasfile.NewGroup()
	a, err := kerasfile.FromTensor(tensors.FromValue([]float32{1, 2}))
	require.NoError(t, err)
	require.NoError(t, tree.Set("layers/\x1b[2Jdense/vars/0", a))
	require.NoError(t, kerasfile.WriteWeights(f.at("m.weights.h5"), tree))
	require.NoError(t, kerasfile.WriteWeights(f.at("none.weights.h5"), kerasfile.NewGroup()))
	for code, args := range map[int][]string{exitOK: {"inspect", f.at("m.weights.h5")}, exitDifferent: {"diff", f.at("none.weights.h5"), f.at("m.weights.h5")}} {
		stdout, _ := gokeras(t, code, args...)
		require.Contains(t, stdout, `layers/\x1b[2Jdense/vars/0`)
		require.NotContains(t, stdout, "\x1b")
	}
}

func TestDiff(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	a := classifier(t, f.at("a.keras"))
	stdout, stderr := gokeras(t, exitOK, "diff", f.at("a.keras"), f.at("a.keras"), "--training")
	require.Empty(t, stdout+stderr)
	require.True(t, gokerasJSON[diffReport](t, exitOK, "diff", f.at("a.keras"), f.at("a.keras")).Same)

	// One element of one weight.
	bias := a.Weights()[1]
	require.NoError(t, bias.Set(tensors.FromValue([]float32{0, 0, 0.5, 0, 0, 0})))
	saved(t, a, nil, f.at("b.keras"))
	stdout, stderr = gokeras(t, exitDifferent, "diff", f.at("a.keras"), f.at("b.keras"))
	require.Empty(t, stderr)
	require.Equal(t, "--- "+f.at("a.keras")+"\n+++ "+f.at("b.keras")+"\nweights (7 of those that both have are the same):\n"+
		"  ! dense/bias: 1 of 6 elements differ, by up to 0.5 (relative 1)\n", stdout)
	gokeras(t, exitDifferent, "diff", f.at("a.keras"), f.at("b.keras"), "--tolerance", "0.4")
	gokeras(t, exitOK, "diff", f.at("a.keras"), f.at("b.keras"), "--tolerance", "0.5")
	require.NoError(t, bias.Set(tensors.FromValue([]float32{0, 0, float32(math.Inf(1)), 0, 0, float32(math.NaN())})))
	saved(t, a, nil, f.at("inf.keras"))
	stdout, _ = gokeras(t, exitDifferent, "diff", f.at("a.keras"), f.at("inf.keras"), "--tolerance", "1e9")
	require.Contains(t, stdout, "2 of 6 elements differ, by up to +Inf")
	gokeras(t, exitOK, "diff", f.at("inf.keras"), f.at("inf.keras"))

	// Weights alone, against a model.
	gokeras(t, exitOK, "convert", f.at("b.keras"), f.at("b.weights.h5"))
	gokeras(t, exitOK, "diff", f.at("b.keras"), f.at("b.weights.h5"))
	stdout, _ = gokeras(t, exitDifferent, "diff", f.at("a.keras"), f.at("b.weights.h5"))
	require.Contains(t, stdout, "! layers/dense/vars/1: 1 of 6 elements differ")

	// Compile arguments count when asked for.
	bare := f.at("bare.keras")
	gokeras(t, exitOK, "convert", f.at("a.keras"), bare, "--no-compile")
	gokeras(t, exitOK, "diff", f.at("a.keras"), bare)
	stdout, _ = gokeras(t, exitDifferent, "diff", f.at("a.keras"), bare, "--training")
	require.Contains(t, stdout, "compile arguments:\n")
	require.Contains(t, stdout, "\n  - adam/iteration\n")
}

func TestDiffArchitecture(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	build := func(path string, units int, more bool, activation string) {
		functional.ClearSession()
		x := functional.InputWith(functional.InputOptions{Shape: functional.Shape{4}, Name: "x"})
		inner := layers.Dense(units).Name("within").Activation(activation)
		in := functional.Input(4)
		model, err := functional.NewModel(in, inner.Apply(in))
		require.NoError(t, err)
		h := model.Named("inner").Apply(x)
		if more {
			h = layers.Dense(units).Name("more").Apply(h)
		}
		m, err := functional.NewModel(x, layers.Dense(2).Name("last").Apply(h))
		saved(t, m, err, path)
	}
	build(f.at("a.keras"), 3, false, "relu")
	build(f.at("same.keras"), 3, false, "relu")
	build(f.at("b.keras"), 5, true, "tanh")
	gokeras(t, exitDifferent, "diff", f.at("a.keras"), f.at("same.keras")) // the weights are drawn anew
	require.Empty(t, gokerasJSON[diffReport](t, exitDifferent, "diff", f.at("a.keras"), f.at("same.keras")).Architecture)

	r := gokerasJSON[diffReport](t, exitDifferent, "diff", f.at("a.keras"), f.at("b.keras"))
	at := map[string]configDiff{}
	for _, d := range r.Architecture {
		at[d.Path] = d
	}
	require.Equal(t, configDiff{Path: "inner/within.config.units", A: 3.0, B: 5.0}, at["inner/within.config.units"])
	require.Equal(t, configDiff{Path: "inner/within.config.activation", A: "relu", B: "tanh"}, at["inner/within.config.activation"])
	require.Equal(t, configDiff{Path: "more", Only: "b", B: "Dense"}, at["more"])
	require.Contains(t, at, "last.inbound_nodes")
	require.Len(t, at, 4, "%v", r.Architecture)
	weights := map[string]weightDiff{}
	for _, d := range r.Weights {
		weights[d.Name] = d
	}
	require.Equal(t, [2][]int{{3, 2}, {5, 2}}, *weights["last/kernel"].Shapes)
	require.Equal(t, "b", weights["more/kernel"].Only)

	stdout, _ := gokeras(t, exitDifferent, "diff", f.at("a.keras"), f.at("b.keras"))
	require.Contains(t, stdout, "\n  + more: \"Dense\"\n")
	require.Contains(t, stdout, "\n  ! inner/within.config.units: 3 -> 5\n")
	require.Contains(t, stdout, `["inner[0][0]"]`)
	require.Contains(t, stdout, "\n  ! last/kernel: shape (3, 2) -> (5, 2)\n")
}

func TestConvert(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	m := several(t, f.at("m.keras"))
	convert := func(args ...string) {
		for i, a := range args {
			if !strings.HasPrefix(a, "-") {
				args[i] = f.at(a)
			}
		}
		stdout, stderr := gokeras(t, exitOK, append([]string{"convert"}, args...)...)
		require.Empty(t, stdout+stderr)
	}
	convert("m.keras", "copy")
	gokeras(t, exitOK, "diff", f.at("m.keras"), f.at("copy"), "--training")

	convert("m.keras", "m.weights.h5")
	convert("m.keras", "m.json")
	for _, from := range []string{"m.json", "copy"} {
		convert("m.weights.h5", "again.keras", "--model", from)
		gokeras(t, exitOK, "diff", f.at("m.keras"), f.at("again.keras"))
		again, err := saving.LoadModel(f.at("again.keras"))
		require.NoError(t, err)
		require.NotNil(t, again.Optimizer(), from)
	}
	raw, err := os.ReadFile(f.at("m.json"))
	require.NoError(t, err)
	twin, err := functional.FromJSON(raw, false)
	require.NoError(t, err)
	require.Equal(t, m.InputNames(), twin.InputNames())

	convert("m.keras", "bare.keras", "--no-compile")
	bare, err := saving.LoadModel(f.at("bare.keras"))
	require.NoError(t, err)
	require.Nil(t, bare.Optimizer())
}

// TestLegacyFiles goes through the formats of Keras 2.
func TestLegacyFiles(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	classifier(t, f.at("m.keras"))
	labelled(t, f.at("data.npz"))
	gokeras(t, exitOK, "fit", f.at("m.keras"), "--data", f.at("data.npz"), "-o", f.at("m.h5"), "-q")
	gokeras(t, exitOK, "convert", f.at("m.h5"), f.at("back.keras"))
	gokeras(t, exitOK, "diff", f.at("m.h5"), f.at("back.keras"))
	gokeras(t, exitDifferent, "diff", f.at("m.h5"), f.at("m.keras"))
	stdout, _ := gokeras(t, exitOK, "inspect", f.at("m.h5"))
	require.Regexp(t, `(?m)^dense/kernel +float32 +\(4, 6\) +96 B `, stdout)
	require.Regexp(t, `(?m)^adam/iteration +\S+ +\(\) .* 1 +1 +1 `, stdout)

	gokeras(t, exitOK, "convert", f.at("m.h5"), f.at("old.h5"), "--weights-only")
	gokeras(t, exitOK, "convert", f.at("m.h5"), f.at("new.weights.h5"))
	for _, weights := range []string{"old.h5", "new.weights.h5"} {
		gokeras(t, exitOK, "diff", f.at("m.h5"), f.at(weights))
		gokeras(t, exitOK, "diff", f.at(weights), f.at("back.keras"))
		stdout, _ := gokeras(t, exitDifferent, "diff", f.at("m.keras"), f.at(weights))
		require.Contains(t, stdout, "6 elements differ")
		gokeras(t, exitOK, "convert", f.at(weights), f.at("again.keras"), "--model", f.at("m.keras"))
		gokeras(t, exitOK, "diff", f.at("again.keras"), f.at("m.h5"))
	}
	_, stderr := gokeras(t, exitDiffError, "diff", f.at("old.h5"), f.at("new.weights.h5"))
	require.Contains(t, stderr, "hold weights in different formats: convert one of them")
}
