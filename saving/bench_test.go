package saving_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/saving"
)

const (
	bigUnits  = 4096
	bigLayers = 8
	bigBytes  = bigLayers * (bigUnits + 1) * bigUnits * 4 // 512 MiB
	// The most memory that saving or loading may take, in sizes of the weights.
	bigPeak = 2.5
	// bigChild tells the test's own program, started anew, which file to load and where to save it.
	bigChild = "GOKERAS_BIG_MODEL"
)

// bigModel has half a gigabyte of weights, all set.
func bigModel(t testing.TB) *functional.Model {
	x := functional.Input(bigUnits)
	h := x
	for range bigLayers {
		h = layers.Dense(bigUnits).KernelInitializer("zeros").Apply(h)
	}
	m, err := functional.NewModel(x, h)
	require.NoError(t, err)
	kernel := make([]float32, bigUnits*bigUnits)
	for i, w := range m.Weights() {
		for k := range kernel[:w.Size()] {
			kernel[k] = float32((k*7919+i*104729)%1000003) / 1000003
		}
		require.NoError(t, w.Set(tensors.FromFlatDataAndDimensions(kernel[:w.Size()], w.Shape()...)))
	}
	return m
}

// BenchmarkBigModel saves and loads a model of half a gigabyte. With GOKERAS_PYTHON, a Python with h5py, it says how much longer that takes
// than h5py takes for the same arrays; peak-ratio is the most memory of a program that loads and saves, in sizes of the weights.
func BenchmarkBigModel(b *testing.B) {
	m := bigModel(b)
	path := filepath.Join(b.TempDir(), "big.keras")
	b.Run("Save", func(b *testing.B) {
		b.SetBytes(bigBytes)
		compareWithH5py(b, "save", best(b, func() error { return m.Save(path) }))
	})
	if _, err := os.Stat(path); err != nil {
		require.NoError(b, m.Save(path))
	}
	b.Run("Load", func(b *testing.B) {
		b.SetBytes(bigBytes)
		compareWithH5py(b, "load", best(b, func() error {
			_, err := saving.LoadModel(path)
			return err
		}))
	})
	b.Run("Memory", func(b *testing.B) {
		for b.Loop() {
			ratio := float64(peakOfChild(b, path)) / bigBytes
			b.ReportMetric(ratio, "peak-ratio")
			require.Less(b, ratio, bigPeak)
		}
	})
}

// best is the shortest time that do took: what else the machine does makes some longer.
func best(b *testing.B, do func() error) time.Duration {
	shortest := time.Duration(math.MaxInt64)
	for b.Loop() {
		start := time.Now()
		require.NoError(b, do())
		shortest = min(shortest, time.Since(start))
	}
	return shortest
}

// peakOfChild starts a program that loads the model and saves it, and returns the most memory it had.
func peakOfChild(t testing.TB, path string) int64 {
	t.Helper()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("this system doesn't tell a program's peak of memory")
	}
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, "-test.run=^TestBigModelChild$", "-test.v")
	cmd.Env = append(os.Environ(), bigChild+"="+path)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	_, after, ok := strings.Cut(string(out), "peak=")
	require.True(t, ok, "%s", out)
	text, _, _ := strings.Cut(after, "\n")
	peak, err := strconv.ParseInt(text, 10, 64)
	require.NoError(t, err)
	return peak
}

// TestBigModelChild is the program of the benchmark, and does nothing else.
func TestBigModelChild(t *testing.T) {
	path := os.Getenv(bigChild)
	if path == "" {
		t.Skip("the benchmark of a big model starts it")
	}
	m, err := saving.LoadModel(path)
	require.NoError(t, err)
	require.NoError(t, m.Save(path+".again"))
	require.NoError(t, os.Remove(path+".again"))
	status, err := os.Open("/proc/self/status")
	require.NoError(t, err)
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64)
			require.NoError(t, err)
			fmt.Printf("peak=%d\n", kilobytes<<10)
			return
		}
	}
	t.Fatal("/proc/self/status has no VmHWM")
}

// h5pyScript writes and reads arrays like the big model's, aside and flushed to the disk as Save does it, and prints the shortest
// times of five.
const h5pyScript = `
import json, os, sys, time
import h5py, numpy as np
path, units, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
arrays = [(np.random.rand(units, units).astype("float32"), np.zeros(units, "float32")) for _ in range(count)]
times = {"save": [], "load": []}
for _ in range(5):
    start = time.perf_counter()
    with h5py.File(path + ".new", "w") as f:
        for i, (kernel, bias) in enumerate(arrays):
            group = f.create_group(f"layers/dense_{i}/vars")
            group["0"], group["1"] = kernel, bias
    with open(path + ".new", "rb") as f:
        os.fsync(f.fileno())
    os.replace(path + ".new", path)
    times["save"].append(time.perf_counter() - start)
    start = time.perf_counter()
    with h5py.File(path, "r") as f:
        read = [(f[f"layers/dense_{i}/vars/0"][()], f[f"layers/dense_{i}/vars/1"][()]) for i in range(count)]
    times["load"].append(time.perf_counter() - start)
    del read
print(json.dumps({key: min(t) for key, t in times.items()}))
`

var h5pyTimes map[string]float64

func compareWithH5py(b *testing.B, what string, took time.Duration) {
	b.Helper()
	python := os.Getenv("GOKERAS_PYTHON")
	if python == "" {
		return
	}
	if h5pyTimes == nil {
		cmd := exec.Command(python, "-c", h5pyScript, filepath.Join(b.TempDir(), "h5py.h5"), strconv.Itoa(bigUnits), strconv.Itoa(bigLayers))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		require.NoError(b, err)
		require.NoError(b, json.Unmarshal(out, &h5pyTimes))
	}
	b.ReportMetric(took.Seconds()/h5pyTimes[what], "x-h5py")
}
