package main

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/cifartest"
	"github.com/gokeras/gokeras/internal/exampletest"
	"github.com/gokeras/gokeras/saving"
)

func TestMain(m *testing.M) { exampletest.Main(m) }

// runNotebook runs the program and returns what it wrote.
func runNotebook(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	functional.ClearSession()
	var out, errOut bytes.Buffer
	code = start(args, &out, &errOut)
	return code, out.String(), errOut.String()
}

const number = `-?\d+\.\d+(?:e[-+]\d+)?`

// The smallest run of all three models: they share the checkpoint, and the best of them is loaded.
func TestThreeModels(t *testing.T) {
	if testing.Short() {
		t.Skip("convolutions take seconds on the pure-Go engine")
	}
	folder := t.TempDir()
	checkpoint := filepath.Join(folder, "checkpoint")
	code, stdout, stderr := runNotebook(t, "-dataset", "synthetic", "-samples", "5", "-batch", "4", "-epochs", "1", "-seed", "1",
		"-checkpoint", checkpoint, "-out", folder)
	require.Equal(t, exitOK, code, stderr)
	require.Contains(t, stdout, "5 training and 1 test images from synthetic\n")

	for i, name := range []string{"model", "model_1", "model_2"} {
		require.Contains(t, stdout, fmt.Sprintf("Model: %q\n", name))
		require.Contains(t, stdout, []string{
			"Total params: 904718 (3.45 MB)\n", "Total params: 2547406 (9.72 MB)\n", "Total params: 868502 (3.31 MB)\n"}[i])
		file, err := os.Open(filepath.Join(folder, fmt.Sprintf("model%d.png", i+1)))
		require.NoError(t, err)
		cfg, err := png.DecodeConfig(file)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		require.Equal(t, [2]int{1200, 400}, [2]int{cfg.Width, cfg.Height})
	}
	// The names go on counting from model to model, as in one Python process.
	require.Contains(t, stdout, " conv2d_8 (Conv2D)           (None, 32, 32, 32)           896       ['input_2[0][0]']")
	require.Contains(t, stdout, "'flatten_4[0][0]']")

	messages := regexp.MustCompile(`(?m)^Epoch 1: val_accuracy (improved from|did not improve from) (-inf|0\.\d{5}|1\.00000)`).FindAllStringSubmatch(stdout, -1)
	require.Len(t, messages, 3)
	require.Equal(t, []string{"improved from", "-inf"}, messages[0][1:])
	for _, later := range messages[1:] {
		require.NotEqual(t, "-inf", later[2], "the checkpoint forgot the models before")
	}

	require.Regexp(t, `(?m)^model test loss: `+number+`\nmodel test accuracy: [01](\.0)?$`, stdout)
	require.Regexp(t, `(?m)^Test accuracy: [01], Test loss: `+number+`$`, stdout)
	require.Regexp(t, `(?m)^Best model: model(_[12])? from `+regexp.QuoteMeta(checkpoint)+`, val_accuracy \d\.\d{5}$`, stdout)
	_, err := saving.LoadModel(checkpoint)
	require.NoError(t, err)

	table := stdout[strings.Index(stdout, "Model  Architecture"):]
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for _, line := range lines {
		require.LessOrEqual(t, len(line), len(lines[0]), line)
	}
	for i := range 3 {
		require.Regexp(t, fmt.Sprintf(`(?m)^%d      \S.* yes +\d+\.\d\d%% +\d+\.\d\d%%$`, i+1), table)
	}
}

// What fit prints is what the notebook shows. The data are CIFAR-10's files in both of their forms.
func TestCIFAR10Archives(t *testing.T) {
	folder := t.TempDir()
	set := cifartest.New(3, 1)
	binary, python := filepath.Join(folder, "b", cifartest.BinaryArchive), filepath.Join(folder, "p", cifartest.PythonArchive)
	require.NoError(t, set.WriteBinaryArchive(binary))
	require.NoError(t, set.WritePythonArchive(python))
	for name, c := range map[string]struct {
		data   string
		images string
		args   []string
		steps  int
	}{
		"the binary archive":       {binary, "15 training and 3 test images", nil, 3},
		"the Python archive":       {python, "15 training and 3 test images", nil, 3},
		"the folder of an archive": {filepath.Dir(python), "15 training and 3 test images", nil, 3},
		"a part of the data":       {binary, "10 training and 2 test images", []string{"-samples", "10"}, 2},
		"more than there are":      {binary, "15 training and 3 test images", []string{"-samples", "100", "-batch", "64"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			args := append([]string{"-data", c.data, "-models", "3", "-epochs", "2", "-batch", "4",
				"-checkpoint", filepath.Join(out, "checkpoint"), "-out", filepath.Join(out, "new", "figures")}, c.args...)
			code, stdout, stderr := runNotebook(t, args...)
			require.Equal(t, exitOK, code, stderr)
			require.Contains(t, stdout, c.images+" from "+c.data)
			require.Contains(t, stdout, "Epoch 1/2\n")
			require.Contains(t, stdout, "Epoch 2/2\n")
			require.Regexp(t, `\nEpoch 1: val_accuracy improved from -inf to \d\.\d{5}, saving model to `+regexp.QuoteMeta(out), stdout)
			require.Regexp(t, `\nEpoch 2: val_accuracy (did not improve|improved) from \d\.\d{5}`, stdout)
			bar := fmt.Sprintf(`(?m)^%[1]d/%[1]d \[={30}\] - \d+s \d+m?s/step - loss: \S+ - accuracy: \S+ - val_loss: \S+ - val_accuracy: \S+$`, c.steps)
			require.Len(t, regexp.MustCompile(bar).FindAllString(stdout, -1), 2)
			require.FileExists(t, filepath.Join(out, "new", "figures", "model3.png"))
			require.NoFileExists(t, filepath.Join(out, "new", "figures", "model1.png"))
			require.FileExists(t, filepath.Join(out, "checkpoint"))
		})
	}
}

// interrupter sends this process Ctrl-C's signal when it is written a text.
type interrupter struct {
	bytes.Buffer
	t    *testing.T
	text string
}

func (w *interrupter) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if w.text != "" && strings.Contains(w.String(), w.text) {
		w.text = ""
		self, findErr := os.FindProcess(os.Getpid())
		require.NoError(w.t, findErr)
		require.NoError(w.t, self.Signal(os.Interrupt))
	}
	return n, err
}

func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process can't send itself Ctrl-C there")
	}
	functional.ClearSession()
	folder := t.TempDir()
	stdout := &interrupter{t: t, text: "Epoch 3/1000\n"}
	var stderr bytes.Buffer
	code := start([]string{"-dataset", "synthetic", "-samples", "10", "-batch", "4", "-epochs", "1000", "-models", "3",
		"-checkpoint", filepath.Join(folder, "checkpoint"), "-out", folder}, stdout, &stderr)
	require.Equal(t, 130, code)
	require.Equal(t, "functional_api: interrupted\n", lastLine(stderr.String()))
	found := regexp.MustCompile(`Figure of (\d+) epochs: (\S+)\n`).FindStringSubmatch(stdout.String())
	require.NotNil(t, found, "no figure of the epochs before Ctrl-C")
	require.FileExists(t, found[2])
	require.NotContains(t, stdout.String(), "Test accuracy")

	model, err := saving.LoadModel(filepath.Join(folder, "checkpoint"))
	require.NoError(t, err, "the checkpoint is whole")
	require.Equal(t, "model", model.Name())
}

func lastLine(text string) string {
	lines := strings.SplitAfter(text, "\n")
	return lines[max(len(lines)-2, 0)]
}

func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"help":               {[]string{"-help"}, exitOK, "-checkpoint file"},
		"a flag":             {[]string{"-epoch", "3"}, exitUsage, "not defined: -epoch"},
		"an argument":        {[]string{"cifar10"}, exitUsage, `unexpected argument "cifar10"`},
		"a data set":         {[]string{"-dataset", "cifar100"}, exitUsage, `-dataset is "cifar100", want cifar10 or synthetic`},
		"data for synthetic": {[]string{"-dataset", "synthetic", "-data", "x"}, exitUsage, "give one of them"},
		"a model":            {[]string{"-models", "1,4"}, exitUsage, `-models is "1,4"`},
		"no epoch":           {[]string{"-epochs", "0"}, exitUsage, "-epochs is 0"},
		"one sample":         {[]string{"-samples", "1"}, exitUsage, "-samples is 1"},
		"no data":            {[]string{"-data", filepath.Join(t.TempDir(), "none")}, exitError, "Or try the notebook without CIFAR-10: -dataset synthetic"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runNotebook(t, append(c.args, "-out", t.TempDir())...)
			if name == "an argument" { // flags end where arguments begin
				code, stdout, stderr = runNotebook(t, c.args...)
			}
			require.Equal(t, c.code, code)
			require.Contains(t, stderr, c.want)
			require.Empty(t, stdout)
		})
	}
}

func TestWrap(t *testing.T) {
	require.Equal(t, []string{"Conv2D(a, b) -> Conv2D(c, d);", "Flatten -> Dense(1)"},
		wrap("Conv2D(a, b) -> Conv2D(c, d); Flatten -> Dense(1)", 30))
	require.Equal(t, []string{"a ->", "Conv2D(a, b, c, d)"}, wrap("a -> Conv2D(a, b, c, d)", 8), "no break inside a layer")
}
