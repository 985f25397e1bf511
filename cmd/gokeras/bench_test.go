package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/bench"
)

// benchChild marks the process of TestBenchProcess that measures.
const benchChild = "GOKERAS_TEST_BENCH_CHILD"

// TestBenchProcess is what TestBench starts as the fresh process.
func TestBenchProcess(t *testing.T) {
	if os.Getenv(benchChild) == "" {
		t.Skip("TestBench starts this")
	}
	root := newRoot()
	root.SetArgs([]string{"bench", "--serve"})
	os.Exit(run(context.Background(), root))
}

func TestBench(t *testing.T) {
	onGo(t)
	original := benchProcess
	defer func() { benchProcess = original }()
	benchProcess = func(args ...string) (*exec.Cmd, error) {
		require.Equal(t, []string{"bench", "--serve"}, args)
		cmd, err := original("-test.run=^TestBenchProcess$")
		if err == nil {
			cmd.Env = append(os.Environ(), benchChild+"=1", "GOKERAS_BACKEND=go")
		}
		return cmd, err
	}
	report := gokerasJSON[bench.Report](t, exitOK, "bench", "--models", "dense", "--batch-size", "4", "--steps", "2", "--rounds", "1", "--samples", "6", "--quiet")
	require.Equal(t, "Go Backend", report.Machine.Engine)
	require.Equal(t, 4, report.Batch)
	require.Len(t, report.Models, 1)
	dense := report.Models[0]
	require.Equal(t, "dense", dense.Model)
	require.Equal(t, 8, dense.Samples)
	require.Len(t, dense.Fit.Rounds, 1)
	require.Equal(t, 6, dense.Fresh.Samples)
	require.Greater(t, dense.Fresh.Start, dense.Fresh.FirstStep)
	require.Greater(t, dense.Fresh.SecondStart, dense.Fresh.SecondFirstStep)
	require.Positive(t, dense.Fresh.SecondFirstStep)
	if runtime.GOOS == "linux" {
		require.Positive(t, dense.Fresh.PeakMemory)
	}

	stdout, stderr := gokeras(t, exitOK, "bench", "--models=dense", "--batch=2", "--steps=1", "--rounds=1", "--fresh=false")
	require.Regexp(t, `(?m)^MODEL +dense$`, stdout)
	require.NotContains(t, stdout, "Peak memory")
	require.Equal(t, "dense: compiling\nround 1 of 1\n", stderr)
}

func TestBenchProfile(t *testing.T) {
	onGo(t)
	report := gokerasJSON[bench.ProfileReport](t, exitOK, "bench", "--profile", "--models", "dense", "--batch-size", "4", "--steps", "2", "--quiet")
	require.Positive(t, report.GFLOPS)
	require.Positive(t, report.GBs)
	require.Len(t, report.Models, 1)
	dense := report.Models[0]
	require.Empty(t, dense.Kernels) // the pure-Go engine calls none
	require.Equal(t, dense.Step, dense.Rest)

	stdout, _ := gokeras(t, exitOK, "bench", "--profile", "--models", "dense", "--batch-size", "4", "--steps", "2")
	require.Regexp(t, `(?m)^dense: a step takes .* ms and keeps .* cores busy\.$`, stdout)
	require.Regexp(t, `(?m)^what is left to the engine +- +[0-9.]+ +100 %`, stdout)
}

func TestBenchUsage(t *testing.T) {
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--models", "model4"}, exitUsage, "--models: there is no built-in model \"model4\", only chain20, chain6, chain60, dense, model1, model2, model3; files are arguments"},
		{[]string{"--steps", "-1"}, exitUsage, "--steps is -1, want 1 or more, or 0 for the default"},
		{[]string{"--batch-size", "0"}, exitUsage, "--batch-size is 0, want 1 or more"},
		{[]string{"--batch", "0"}, exitUsage, "--batch-size is 0, want 1 or more"}, // its older name
		{[]string{"missing.keras"}, exitError, "\"missing.keras\" is neither a file"},
	} {
		onGo(t)
		_, stderr := gokeras(t, tc.code, append([]string{"bench"}, tc.args...)...)
		require.Contains(t, stderr, tc.want)
	}
}
