//go:build unix

package crash

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/eventfile"
	"github.com/gokeras/gokeras/internal/execcache"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

// What a child that trains resumably is told.
const (
	kindVariable  = "GOKERAS_CRASH_KIND"  // which training
	limitVariable = "GOKERAS_CRASH_LIMIT" // the size of the largest file that it may write
	killsVariable = "GOKERAS_CRASH_KILLS" // of the test: how many processes are killed for each kind of training
)

// kinds are the trainings that are killed, with how often they back up.
var kinds = map[string]int{"arrays": 1, "epochs": callbacks.Epoch, "batches": 2, "steps": 3, "own": 1}

// trainResumably trains with a backup in dir/backup, and prints what everything is like in the end.
func trainResumably(dir string) error {
	if limit := os.Getenv(limitVariable); limit != "" {
		signal.Ignore(syscall.SIGXFSZ)
		bytes, err := strconv.ParseUint(limit, 10, 64)
		if err != nil {
			return err
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: bytes}); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	kind := os.Getenv(kindVariable)
	functional.SetRandomSeed(5)
	in := functional.Input(3)
	h := layers.Dense(6).Activation("relu").Apply(in)
	h = layers.Dropout(0.3).Apply(layers.BatchNormalization().Apply(h))
	m, err := functional.NewModel(in, layers.Dense(1).Apply(h))
	if err != nil {
		return err
	}
	c := functional.Compile{Optimizer: optimizers.Adam(0.02).UseEMA(true), Loss: "mse", Metrics: []any{"mae"}}
	if kind == "steps" {
		c.StepsPerExecution = 2
	}
	if err := m.Compile(c); err != nil {
		return err
	}
	source := rand.New(rand.NewPCG(1, 2))
	rows := func(n int) (x [][]float32, y [][]float32) {
		for range n {
			a, b, c := source.Float32(), source.Float32(), source.Float32()
			x, y = append(x, []float32{a, b, c}), append(y, []float32{a*b - c + 0.3*source.Float32()})
		}
		return x, y
	}
	x, y := rows(26)
	xVal, yVal := rows(8)
	checkpoint := callbacks.ModelCheckpoint(filepath.Join(dir, "best.weights.h5")).SaveWeightsOnly(true).SaveBestOnly(true)
	stopping := callbacks.EarlyStopping().Patience(4).RestoreBestWeights(true)
	backup := callbacks.BackupAndRestore(filepath.Join(dir, "backup")).SaveFreq(kinds[kind]).DoubleCheckpoint(kind == "steps")
	log := filepath.Join(dir, "log.csv")
	trains := false
	fit := functional.Fit{Epochs: 8, BatchSize: 5, Verbose: functional.Silent, Context: ctx, ValidationData: &functional.Data{X: xVal, Y: yVal}, Callbacks: []callbacks.Callback{
		checkpoint, stopping, backup, callbacks.ReduceLROnPlateau().Factor(0.5).Patience(1), callbacks.CSVLogger(log),
		callbacks.TensorBoard(filepath.Join(dir, "logs")).UpdateFreq(1).HistogramFreq(2),
		&callbacks.LambdaCallback{TrainBatchEnd: func(int, *callbacks.Logs) error {
			var err error
			if !trains {
				_, err = fmt.Println("trains")
			}
			trains = true
			return err
		}},
	}}
	var data any = x
	var targets any = y
	switch kind {
	case "batches": // an iterator that goes on with an order of its own from pass to pass
		data, targets, fit.BatchSize = batches(x, y, source), nil, 0
	case "steps": // epochs that end within a pass over the data
		fit.StepsPerEpoch = 4
	}
	type trainer interface {
		Fit(x, y any, o functional.Fit) (*functional.History, error)
	}
	var t trainer = m
	if kind == "own" {
		adam := optimizers.Adam(0.02).UseEMA(true)
		step := func(s *functional.Step) *graph.Node {
			noise := graph.MulScalar(s.RandomNormal(s.BatchSize(), 3), 0.01)
			loss := s.Loss("mse", s.Targets()[0], s.Call(m, graph.Add(s.X(), noise)))
			s.Report("loss", loss)
			return loss
		}
		t, err = functional.NewTrainer(functional.TrainerOptions{Models: []*functional.Model{m},
			TrainStep: func(s *functional.Step) { s.Minimize(step(s), adam, m) }, TestStep: func(s *functional.Step) { step(s) }})
		if err != nil {
			return err
		}
	}
	history, err := t.Fit(data, targets, fit)
	if errors.Is(err, context.Canceled) {
		fmt.Println("interrupted")
		return nil
	}
	if err != nil {
		return err
	}
	if backup.Restored() {
		fmt.Println("resumed")
	}
	// What comes after shows whether the sources of randomness are as if nothing had happened.
	fit.Callbacks, fit.Epochs, fit.Context = nil, 1, nil
	if _, ok := data.(functional.Batches); ok {
		data, targets, fit.BatchSize = x, y, 5
	}
	more, err := t.Fit(data, targets, fit)
	if err != nil {
		return err
	}
	sum := sha256.New()
	values, err := m.GetWeights()
	if err != nil {
		return err
	}
	if kind != "own" {
		variables, err := m.OptimizerVariables()
		if err != nil {
			return err
		}
		for _, v := range variables {
			value, err := v.Value()
			if err != nil {
				return err
			}
			values = append(values, value)
		}
	}
	for _, v := range values {
		if err := v.ConstBytes(func(data []byte) { sum.Write(data) }); err != nil {
			return err
		}
	}
	rowsOfLog, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	for _, part := range []string{"train", "validation"} { // and nothing twice in TensorBoard's events
		files, err := filepath.Glob(filepath.Join(dir, "logs", part, "*"))
		if err != nil {
			return err
		}
		latest, newest := "", time.Time{} // beside what a process left that was killed before its first backup
		for _, path := range files {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if info.ModTime().After(newest) {
				latest, newest = path, info.ModTime()
			}
		}
		events, err := eventfile.Read(latest)
		if err != nil {
			return err
		}
		fmt.Fprintln(sum, part, events)
	}
	best, _ := checkpoint.Best()
	for _, h := range []*functional.History{history, more} {
		text, err := json.Marshal(h)
		if err != nil {
			return err
		}
		sum.Write(text)
	}
	sum.Write(rowsOfLog)
	_, err = fmt.Printf("end %x best %v epoch %d log %d epochs %v\n", sum.Sum(nil), best, stopping.BestEpoch(), bytes.Count(rowsOfLog, []byte("\n")), history.Epoch)
	return err
}

// batches are five samples each, drawn anew in each pass.
func batches(x, y [][]float32, source *rand.Rand) functional.Batches {
	return iter.Seq2[functional.Data, error](func(yield func(functional.Data, error) bool) {
		for range 4 {
			var bx, by [][]float32
			for range 5 {
				i := source.IntN(len(x))
				bx, by = append(bx, x[i]), append(by, y[i])
			}
			if !yield(functional.Data{X: tensors.FromValue(bx), Y: tensors.FromValue(by)}, nil) {
				return
			}
		}
	})
}

// resumable is a process that trains resumably.
func resumable(engine, kind, dir string, more ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childVariable+"=resume", pathVariable+"="+dir, kindVariable+"="+kind, "GOKERAS_BACKEND="+engine, execcache.Variable+"="+compiled), more...)
	return cmd
}

// printed is what a process prints; trains is closed when it has trained for the first time.
type printed struct {
	bytes.Buffer
	trains chan struct{}
	once   sync.Once
}

func (p *printed) Write(text []byte) (int, error) {
	n, err := p.Buffer.Write(text)
	if bytes.Contains(p.Bytes(), []byte("trains")) {
		p.once.Do(func() { close(p.trains) })
	}
	return n, err
}

// whole runs a training to its end, which it returns, with what else the child wrote.
func whole(t *testing.T, cmd *exec.Cmd) (end, output string) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	_, end, ok := strings.Cut(string(out), "end ")
	require.True(t, ok, "%s", out)
	return end, string(out)
}

func killsOf(t *testing.T, fallback int) int {
	t.Helper()
	text := os.Getenv(killsVariable)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, killsVariable)
	return n
}

// TestResumedRunEndsAsUndisturbed kills trainings at moments that they can't foresee, some of them while a backup is written, asks others to
// stop, starts them again, and compares each end with that of a run which nobody disturbed, bit by bit.
func TestResumedRunEndsAsUndisturbed(t *testing.T) {
	for engine, kills := range map[string]int{"go": 4, "xla": 2} {
		for kind := range kinds {
			t.Run(engine+"/"+kind, func(t *testing.T) {
				wantsEngine(t, engine)
				want, _ := whole(t, resumable(engine, kind, t.TempDir())) // it may compile, which those to come don't
				started := time.Now()
				again, _ := whole(t, resumable(engine, kind, t.TempDir()))
				length := time.Since(started)
				require.Equal(t, want, again)
				killed, litter, resumed := 0, 0, 0
				for wanted := killsOf(t, kills); killed < wanted; {
					dir := t.TempDir()
					for {
						ended, end, again := disturb(t, resumable(engine, kind, dir), length)
						if again {
							resumed++
						}
						if ended {
							require.Equal(t, want, end)
							break
						}
						killed++
						left, err := filepath.Glob(filepath.Join(dir, "backup", ".*.tmp"))
						require.NoError(t, err)
						litter += len(left)
					}
				}
				t.Logf("%d processes ended early, %d of them while they wrote a backup; %d runs that ended went on from one", killed, litter, resumed)
			})
		}
	}
}

// wantsEngine skips a test of an engine that this machine doesn't have, or that the tests are told to leave alone.
func wantsEngine(t *testing.T, engine string) {
	t.Helper()
	if asked := os.Getenv("GOKERAS_TEST_ENGINES"); engine == "xla" && asked != "" && !strings.Contains(asked, "xla") {
		t.Skipf("GOKERAS_TEST_ENGINES=%s", asked)
	}
	if engine == "xla" && withoutXLA() != "" {
		t.Skipf("this machine has no XLA: %s", withoutXLA())
	}
}

// withoutXLA is what a process says that finds no plugin of XLA, nothing where one is there.
var withoutXLA = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "crash")
	if err != nil {
		return "" // the test that asks will fail by itself
	}
	defer os.RemoveAll(dir)
	if out, err := resumable("xla", "arrays", dir).CombinedOutput(); err != nil && strings.Contains(string(out), "plugin") {
		return string(out)
	}
	return ""
})

// disturb runs the process and ends it after a while, if it hasn't ended before, one time in four by asking it to stop. Three times in four
// the while begins with the training: on XLA a process spends most of its time on getting there.
func disturb(t *testing.T, cmd *exec.Cmd, length time.Duration) (ended bool, end string, resumed bool) {
	t.Helper()
	out := printed{trains: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	sig := syscall.SIGKILL
	if rand.IntN(4) == 0 {
		sig = syscall.SIGTERM
	}
	wait := rand.N(length * 5 / 4)
	moment, trains := time.After(wait), (chan struct{})(nil)
	if rand.IntN(4) > 0 {
		moment, trains = nil, out.trains
	}
	var err error
	for ended := false; !ended; {
		select {
		case err = <-done:
			ended = true
		case <-trains:
			moment, trains = time.After(wait/4), nil
		case <-moment:
			_ = cmd.Process.Signal(sig)
			err, ended = <-done, true
		}
	}
	text := out.String()
	if _, end, ok := strings.Cut(text, "end "); ok {
		return true, end, strings.Contains(text, "resumed")
	}
	require.NotContains(t, text, "child:")
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		require.True(t, exit.Sys().(syscall.WaitStatus).Signaled(), "%s", text)
	} else {
		require.NoError(t, err)
		require.Contains(t, text, "interrupted")
	}
	return false, "", false
}

// TestResumeAfterAFullDisk: a backup that doesn't fit ends the training with an error and leaves the one before, from which the next run goes on.
func TestResumeAfterAFullDisk(t *testing.T) {
	for _, engine := range []string{"go", "xla"} {
		t.Run(engine, func(t *testing.T) {
			wantsEngine(t, engine)
			resumeAfterAFullDisk(t, engine)
		})
	}
}

func resumeAfterAFullDisk(t *testing.T, engine string) {
	want, _ := whole(t, resumable(engine, "arrays", t.TempDir()))
	dir := t.TempDir()
	disk := filepath.Join(dir, "backup")
	require.NoError(t, os.Mkdir(disk, 0o777))
	failed := 0
	backup := filepath.Join(disk, "latest.npz")
	if full, empty := smallDisk(t, disk); full != nil {
		for pages := 24; failed < 3; pages-- { // down to where there is room for one backup, but not for the next beside it
			require.Positive(t, pages)
			full(pages)
			out, err := resumable(engine, "arrays", dir).CombinedOutput()
			empty()
			if err == nil {
				continue
			}
			require.Contains(t, string(out), "no space left on device")
			require.FileExists(t, backup, "the backup before the one that failed")
			failed, pages = failed+1, pages+1
		}
	} else {
		for limit := 8 << 10; limit < 64<<10; limit += 512 {
			out, err := resumable(engine, "arrays", dir, fmt.Sprintf("%s=%d", limitVariable, limit)).CombinedOutput()
			if err == nil {
				t.Fatalf("with files of at most %d bytes the training ended before a backup failed:\n%s", limit, out)
			}
			require.Contains(t, string(out), "file too large")
			if _, err := os.Stat(backup); err == nil {
				failed++
				break
			}
		}
	}
	require.Positive(t, failed)
	end, out := whole(t, resumable(engine, "arrays", dir))
	require.Contains(t, out, "resumed")
	require.Equal(t, want, end)
}
