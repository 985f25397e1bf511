//go:build unix

package crash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// childVariable tells a process of this test binary which part of a child to play; pathVariable, where its checkpoint is.
const (
	childVariable = "GOKERAS_CRASH_CHILD"
	pathVariable  = "GOKERAS_CRASH_PATH"
)

// compiled is a folder in which all children keep what XLA compiles, as users' processes do in theirs.
var compiled string

func TestMain(m *testing.M) {
	var err error
	switch part := os.Getenv(childVariable); part {
	case "":
		code := 1
		if compiled, err = os.MkdirTemp("", "crash"); err == nil {
			code = m.Run()
			_ = os.RemoveAll(compiled)
		}
		os.Exit(code)
	case "save":
		err = saveForever(os.Getenv(pathVariable))
	case "checkpoint":
		err = trainForever(os.Getenv(pathVariable))
	case "interrupt":
		err = trainUntilInterrupted()
	case "resume":
		err = trainResumably(os.Getenv(pathVariable))
	default:
		err = fmt.Errorf("unknown part %q", part)
	}
	if err != nil {
		fmt.Println("child:", err)
		os.Exit(1)
	}
}

const inputs = 256

func newModel(units int) (*functional.Model, error) {
	x := functional.Input(inputs)
	h := layers.Dense(units).Activation("relu").Apply(x)
	m, err := functional.NewModel(x, layers.Dense(1).Apply(h))
	if err != nil {
		return nil, err
	}
	return m, m.Compile(functional.Compile{Optimizer: "adam", Loss: "mse"})
}

// fill sets every weight to one number, so that a file with parts of two checkpoints shows.
func fill(m *functional.Model, value float32) error {
	for _, w := range m.Weights() {
		data := make([]float32, w.Size())
		for i := range data {
			data[i] = value
		}
		if err := w.Set(tensors.FromFlatDataAndDimensions(data, w.Shape()...)); err != nil {
			return err
		}
	}
	return nil
}

// saveForever replaces the file again and again, each time with other weights; a line says that one was written.
func saveForever(path string) error {
	m, err := newModel(1024)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		if err := fill(m, float32(n)); err != nil {
			return err
		}
		if err := m.Save(path); err != nil {
			return err
		}
		fmt.Println("saved", n)
	}
}

func data(rows int) (x, y *tensors.Tensor) {
	xs, ys := make([]float32, rows*inputs), make([]float32, rows)
	for i := range xs {
		xs[i] = float32(i%7) / 7
	}
	for i := range ys {
		ys[i] = float32(i%3) / 3
	}
	return tensors.FromFlatDataAndDimensions(xs, rows, inputs), tensors.FromFlatDataAndDimensions(ys, rows, 1)
}

// trainForever trains with a checkpoint after every batch.
func trainForever(path string) error {
	m, err := newModel(256)
	if err != nil {
		return err
	}
	x, y := data(64)
	_, err = m.Fit(x, y, functional.Fit{Epochs: math.MaxInt32, BatchSize: 32, Verbose: functional.Silent, Callbacks: []callbacks.Callback{
		callbacks.ModelCheckpoint(path).SaveFreq(1),
		&callbacks.LambdaCallback{EpochEnd: func(epoch int, _ *callbacks.Logs) error {
			_, err := fmt.Println("saved", epoch)
			return err
		}},
	}})
	return err
}

// trainUntilInterrupted trains for ever, or until the interrupt ends the context.
func trainUntilInterrupted() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	m, err := newModel(8)
	if err != nil {
		return err
	}
	x, y := data(32)
	history, err := m.Fit(x, y, functional.Fit{Epochs: math.MaxInt32, BatchSize: 8, Verbose: functional.Silent, Context: ctx, Callbacks: []callbacks.Callback{
		&callbacks.LambdaCallback{EpochEnd: func(epoch int, _ *callbacks.Logs) error {
			if epoch == 2 {
				fmt.Println("training")
			}
			return nil
		}},
	}})
	if !errors.Is(err, context.Canceled) {
		return fmt.Errorf("Fit returned the error %v, want one that wraps context.Canceled", err)
	}
	losses := history.History["loss"]
	if len(losses) < 3 || len(losses) != len(history.Epoch) || math.IsNaN(losses[0]) {
		return fmt.Errorf("the history has losses %v of epochs %v, want at least 3", losses, history.Epoch)
	}
	// The model is as good as any: it predicts, and trains on.
	if _, err := m.Predict(x, functional.Predict{Verbose: functional.Silent}); err != nil {
		return err
	}
	if history, err = m.Fit(x, y, functional.Fit{Epochs: 1, BatchSize: 8, Verbose: functional.Silent}); err != nil {
		return err
	}
	// After few epochs the loss still goes up and down by itself.
	if more := history.History["loss"]; len(more) != 1 || !(more[0] < 1.5*losses[0]) {
		return fmt.Errorf("training went on with loss %v after it had begun with %v", more, losses[0])
	}
	fmt.Println("epochs", len(losses))
	return nil
}

// child is a running process of this test binary.
type child struct {
	cmd    *exec.Cmd
	output *bufio.Scanner
}

func start(t *testing.T, part, path string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+part, pathVariable+"="+path, "GOKERAS_BACKEND=go")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &child{cmd, bufio.NewScanner(out)}
}

// wait reads the child's output up to a line that begins so.
func (c *child) wait(t *testing.T, prefix string) string {
	t.Helper()
	for c.output.Scan() {
		if line := c.output.Text(); strings.HasPrefix(line, prefix) {
			return line
		} else if strings.HasPrefix(line, "child:") {
			t.Fatal(line)
		}
	}
	t.Fatalf("the child ended before it wrote %q", prefix)
	return ""
}

// kill is kill -9, at a moment that the child can't foresee.
func (c *child) kill(t *testing.T) {
	t.Helper()
	time.Sleep(time.Duration(rand.IntN(60_000)) * time.Microsecond)
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGKILL))
	for c.output.Scan() {
		require.NotContains(t, c.output.Text(), "child:")
	}
	err := c.cmd.Wait()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, syscall.SIGKILL, exit.Sys().(syscall.WaitStatus).Signal(), "how the child ended")
}

// sweep returns how many files other than the checkpoint lie in its folder, and removes them.
func sweep(t *testing.T, path string) int {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	litter := 0
	for _, e := range entries {
		if e.Name() != filepath.Base(path) {
			litter++
			require.NoError(t, os.Remove(filepath.Join(filepath.Dir(path), e.Name())))
		}
	}
	return litter
}

// loadWhole loads the model and requires that all weights come from one and the same Save; it returns their value.
func loadWhole(t *testing.T, path string) float64 {
	t.Helper()
	m, err := functional.Load(path, functional.LoadOptions{})
	require.NoError(t, err)
	values, err := m.GetWeights()
	require.NoError(t, err)
	first := golden.Floats(t, values[0])[0]
	for i, v := range values {
		for _, element := range golden.Floats(t, v) {
			if element != first {
				t.Fatalf("weight %d has the value %v among others of %v: parts of two checkpoints", i, element, first)
			}
		}
	}
	return first
}

func TestKillDuringSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.keras")
	kills := 12
	if testing.Short() {
		kills = 3
	}
	inTheMiddle := 0
	for range kills {
		c := start(t, "save", path)
		line := c.wait(t, "saved")
		require.Equal(t, "saved 1", line)
		c.kill(t)
		litter := sweep(t, path)
		require.LessOrEqual(t, litter, 1, "temporary files left behind")
		inTheMiddle += litter
		require.GreaterOrEqual(t, loadWhole(t, path), 1.0)
	}
	t.Logf("%d of %d kills came while a file was being written", inTheMiddle, kills)
}

func TestKillDuringCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	kills := 6
	if testing.Short() {
		kills = 2
	}
	for range kills {
		c := start(t, "checkpoint", path)
		c.wait(t, "saved")
		c.kill(t)
		require.LessOrEqual(t, sweep(t, path), 1, "temporary files left behind")
		m, err := functional.Load(path, functional.LoadOptions{})
		require.NoError(t, err)
		values, err := m.GetWeights()
		require.NoError(t, err)
		for _, v := range values {
			for _, element := range golden.Floats(t, v) {
				require.False(t, math.IsNaN(element) || math.IsInf(element, 0))
			}
		}
		require.NotNil(t, m.Optimizer(), "the checkpoint has the optimizer")
	}
}

func TestInterruptEndsFit(t *testing.T) {
	c := start(t, "interrupt", "")
	c.wait(t, "training")
	require.NoError(t, c.cmd.Process.Signal(os.Interrupt))
	var epochs int
	_, err := fmt.Sscanf(c.wait(t, "epochs"), "epochs %d", &epochs)
	require.NoError(t, err)
	require.GreaterOrEqual(t, epochs, 3)
	require.NoError(t, c.cmd.Wait(), "the child's exit")
}
