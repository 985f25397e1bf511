package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/saving"
)

type historyFile struct {
	Epoch   []int                `json:"epoch"`
	History map[string][]float64 `json:"history"`
}

func readHistory(t *testing.T, path string) historyFile {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	var h historyFile
	require.NoError(t, json.Unmarshal(content, &h))
	return h
}

// TestFitGoesOn trains in two halves, through a file, and in one go.
func TestFitGoesOn(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	classifier(t, f.at("m.keras"))
	labelled(t, f.at("data.npz"))
	fit := func(from, to string, more ...string) string {
		args := append([]string{"fit", f.at(from), "--data", f.at("data.npz"), "-o", f.at(to), "-b", "8", "--shuffle=false"}, more...)
		stdout, stderr := gokeras(t, exitOK, args...)
		require.Empty(t, stdout)
		return stderr
	}
	stderr := fit("m.keras", "half.keras", "--epochs", "2")
	require.Contains(t, stderr, "Epoch 2/2\n")
	require.Contains(t, stderr, "3/3 [==============================]")
	require.Contains(t, stderr, "Wrote "+f.at("half.keras")+" after 2 epochs (6 steps)\n")
	fit("half.keras", "whole.keras", "--epochs", "4", "--initial-epoch", "2", "--history", f.at("h2.json"), "-q")
	fit("m.keras", "once.keras", "--epochs", "4", "--history", f.at("h1.json"), "-q")
	gokeras(t, exitOK, "diff", f.at("whole.keras"), f.at("once.keras"), "--training")
	gokeras(t, exitError, "diff", f.at("half.keras"), f.at("once.keras"))

	once, second := readHistory(t, f.at("h1.json")), readHistory(t, f.at("h2.json"))
	require.Equal(t, []int{0, 1, 2, 3}, once.Epoch)
	require.Equal(t, []int{2, 3}, second.Epoch)
	require.Equal(t, once.History["loss"][2:], second.History["loss"])
	require.Len(t, once.History["accuracy"], 4)

	// Weights alone.
	fit("m.keras", "once.weights.h5", "--epochs", "4", "-q")
	gokeras(t, exitOK, "diff", f.at("once.keras"), f.at("once.weights.h5"))
}

func TestFitSeed(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	m, err := functional.NewSequential(functional.Input(4), layers.Dense(8), layers.Dropout(0.5), layers.Dense(3).Activation("softmax"))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy"}))
	saved(t, m, nil, f.at("m.keras"))
	labelled(t, f.at("data.npz"))
	for _, run := range [][2]string{{"a", "5"}, {"b", "5"}, {"c", "6"}} {
		gokeras(t, exitOK, "fit", f.at("m.keras"), "--data", f.at("data.npz"), "-o", f.at(run[0]+".keras"), "-b", "4", "-e", "2", "--seed", run[1], "-q")
	}
	gokeras(t, exitOK, "diff", f.at("a.keras"), f.at("b.keras"))
	gokeras(t, exitError, "diff", f.at("a.keras"), f.at("c.keras"))
}

// TestFitOverrides keeps the optimizer's state unless there is another optimizer.
func TestFitOverrides(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	classifier(t, f.at("m.keras"))
	labelled(t, f.at("data.npz"))
	fit := func(from, to string, more ...string) *functional.Model {
		gokeras(t, exitOK, append([]string{"fit", f.at(from), "--data", f.at("data.npz"), "-o", f.at(to), "-q"}, more...)...)
		m, err := saving.LoadModel(f.at(to))
		require.NoError(t, err)
		return m
	}
	steps := func(m *functional.Model) int {
		variables, err := m.OptimizerVariables()
		require.NoError(t, err)
		value, err := variables[0].Value()
		require.NoError(t, err)
		return int(tensors.ToScalar[int32](value))
	}
	require.Equal(t, 1, steps(fit("m.keras", "one.keras")))

	m := fit("one.keras", "two.keras", "--metrics", "sparse_categorical_crossentropy", "--learning-rate", "0.25")
	require.Equal(t, 2, steps(m))
	rate, err := m.LearningRate()
	require.NoError(t, err)
	require.InDelta(t, 0.25, rate, 1e-9)
	c, ok := m.Compiled()
	require.True(t, ok)
	require.Equal(t, []any{"sparse_categorical_crossentropy"}, c.Metrics)
	require.Equal(t, "sparse_categorical_crossentropy", c.Loss)

	m = fit("two.keras", "three.keras", "--optimizer", "sgd", "--learning-rate", "0.5")
	require.Equal(t, 1, steps(m))
	require.IsType(t, optimizers.SGD(), m.Optimizer())

	// A model without compile arguments.
	gokeras(t, exitOK, "convert", f.at("m.keras"), f.at("bare.keras"), "--no-compile")
	m = fit("bare.keras", "trained.keras", "--loss", "sparse_categorical_crossentropy")
	require.IsType(t, optimizers.RMSprop(), m.Optimizer())
}

func TestFitCallbacks(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	classifier(t, f.at("m.keras"))
	x, y := labelled(t, f.at("data.npz"))
	_, stderr := gokeras(t, exitOK, "fit", f.at("m.keras"), "--data", f.at("data.npz"), "-o", f.at("o.keras"), "-e", "6", "--learning-rate", "0.3",
		"--validation-split", "0.25", "--seed", "2", "--checkpoint", f.at("best.keras"), "--early-stopping", "2", "--restore-best", "--history", f.at("h.json"))
	require.Contains(t, stderr, "Epoch 1: val_loss improved from inf to")
	h := readHistory(t, f.at("h.json"))
	best := 0
	for i, v := range h.History["val_loss"] {
		if v < h.History["val_loss"][best] {
			best = i
		}
	}
	require.Less(t, len(h.Epoch), 6, "the training was not stopped: %v", h.History)
	require.Len(t, h.Epoch, best+3)
	gokeras(t, exitOK, "diff", f.at("best.keras"), f.at("o.keras"))

	// Without validation it is the loss that counts; each epoch's model has a name of its own.
	gokeras(t, exitOK, "fit", f.at("m.keras"), "--data", f.at("data.npz"), "-o", f.at("o.keras"), "-e", "2", "--checkpoint", f.at("e{epoch}.weights.h5"), "-q")
	for _, name := range []string{"e1.weights.h5", "e2.weights.h5"} {
		_, err := os.Stat(f.at(name))
		require.NoError(t, err)
	}
	_, stderr = gokeras(t, exitOK, "fit", f.at("m.keras"), "--data", f.at("data.npz"), "-o", f.at("o.keras"), "--checkpoint", f.at("best.keras"), "--monitor", "accuracy")
	require.Contains(t, stderr, "Epoch 1: accuracy improved from -inf to")

	// Validation data of its own, and sample weights.
	require.NoError(t, datasets.SaveNPZ(f.at("v.npz"), map[string]*tensors.Tensor{"x": x, "y": y, "sample_weight": arange(0.2, samples)}))
	stdout, _ := gokeras(t, exitOK, "fit", f.at("m.keras"), "--data", f.at("v.npz"), "--validation-data", f.at("data.npz"), "-o", f.at("o.keras"), "-q", "--json")
	_, last, _ := strings.Cut(stdout, "\n")
	var report struct {
		Out         string
		Steps       int
		Epochs      int
		Interrupted bool
		History     historyFile
	}
	require.NoError(t, json.Unmarshal([]byte(last), &report))
	require.Equal(t, f.at("o.keras"), report.Out)
	require.Equal(t, 1, report.Steps)
	require.Len(t, report.History.History["val_accuracy"], 1)
}

// stopAt cancels when a text is written.
type stopAt struct {
	all  bytes.Buffer
	text string
	stop func()
}

func (s *stopAt) Write(p []byte) (int, error) {
	if strings.Contains(string(p), s.text) {
		s.stop()
	}
	return s.all.Write(p)
}

func TestFitInterrupted(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	classifier(t, f.at("m.keras"))
	labelled(t, f.at("data.npz"))
	ctx, cancel := context.WithCancel(t.Context())
	stderr := &stopAt{text: "Epoch 3/", stop: cancel}
	var stdout bytes.Buffer
	root := newRoot()
	root.SetOut(&stdout)
	root.SetErr(stderr)
	root.SetArgs([]string{"fit", f.at("m.keras"), "--data", f.at("data.npz"), "-o", f.at("o.keras"), "-e", "1000", "-b", "8", "--history", f.at("h.json"), "--json"})
	require.Equal(t, exitInterrupted, run(ctx, root))
	require.Contains(t, stderr.all.String(), "gokeras: interrupted after 6 steps (2 epochs complete): what was trained so far is in "+f.at("o.keras")+"\n")
	require.Len(t, readHistory(t, f.at("h.json")).Epoch, 2)
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	require.Len(t, lines, 3)
	saved := readHistory(t, f.at("h.json"))
	for i, line := range lines[:2] {
		var epoch struct {
			Epoch, Epochs int
			Logs          map[string]float64
		}
		require.NoError(t, json.Unmarshal([]byte(line), &epoch))
		require.Equal(t, []int{i + 1, 1000}, []int{epoch.Epoch, epoch.Epochs})
		require.Equal(t, saved.History["loss"][i], epoch.Logs["loss"])
		require.Len(t, epoch.Logs, len(saved.History))
	}
	var report fitReport
	require.NoError(t, json.Unmarshal([]byte(lines[2]), &struct {
		*fitReport
		History any `json:"history"`
	}{fitReport: &report}))
	require.True(t, report.Interrupted)
	require.Equal(t, 2, report.Epochs)
	_, err := saving.LoadModel(f.at("o.keras"))
	require.NoError(t, err)

	// Before the first step there is nothing to write.
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	root = newRoot()
	root.SetOut(io.Discard)
	root.SetErr(&stdout)
	root.SetArgs([]string{"fit", f.at("m.keras"), "--data", f.at("data.npz"), "-o", f.at("none.keras")})
	require.Equal(t, exitInterrupted, run(ctx, root))
	requireNoFile(t, f.at("none.keras"))
}

// TestFitKeepsWhatWasTrained has a checkpoint fail after the first epoch.
func TestFitKeepsWhatWasTrained(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	classifier(t, f.at("m.keras"))
	labelled(t, f.at("data.npz"))
	require.NoError(t, os.WriteFile(f.at("file"), nil, 0o644))
	_, stderr := gokeras(t, exitError, "fit", f.at("m.keras"), "--data", f.at("data.npz"), "-o", f.at("o.keras"), "--checkpoint", f.at("file")+"/c{epoch}.keras")
	require.Contains(t, stderr, f.at("file"))
	_, err := saving.LoadModel(f.at("o.keras"))
	require.NoError(t, err)
}

// TestFitResumes compares a training that was interrupted and taken up again with one that wasn't.
func TestFitResumes(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	classifier(t, f.at("m.keras"))
	labelled(t, f.at("data.npz"))
	fit := func(ctx context.Context, code int, stderr io.Writer, name string, more ...string) {
		root := newRoot()
		root.SetOut(io.Discard)
		root.SetErr(stderr)
		root.SetArgs(append([]string{"fit", f.at("m.keras"), "--data", f.at("data.npz"), "-o", f.at(name + ".keras"), "-e", "5", "-b", "8", "--seed", "3", "--validation-split", "0.2",
			"--early-stopping", "9", "--restore-best", "--history", f.at(name + ".json")}, more...))
		require.Equal(t, code, run(ctx, root))
	}
	fit(t.Context(), exitOK, io.Discard, "whole")
	ctx, cancel := context.WithCancel(t.Context())
	fit(ctx, exitInterrupted, &stopAt{text: "Epoch 3/", stop: cancel}, "part", "--resume", f.at("backup"))
	require.Len(t, readHistory(t, f.at("part.json")).Epoch, 2)
	fit(t.Context(), exitOK, io.Discard, "part", "--resume", f.at("backup"))
	require.Equal(t, readHistory(t, f.at("whole.json")), readHistory(t, f.at("part.json")))
	weights := func(name string) []any {
		m, err := saving.LoadModel(f.at(name))
		require.NoError(t, err)
		values, err := m.GetWeights()
		require.NoError(t, err)
		variables, err := m.OptimizerVariables()
		require.NoError(t, err)
		for _, v := range variables {
			value, err := v.Value()
			require.NoError(t, err)
			values = append(values, value)
		}
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = v.Value()
		}
		return list
	}
	require.Equal(t, weights("whole.keras"), weights("part.keras"))
	requireNoFile(t, f.at("backup"))
}
