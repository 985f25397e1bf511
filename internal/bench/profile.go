package bench

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/rewrite"
)

// Profile tells where the time of a training step goes, of the executable alone; of a model that can't be trained, that of predicting a batch.
type Profile struct {
	Model string  `json:"model"`
	Step  float64 `json:"step_ms"`
	// Cores is how many a step keeps busy: the process's time over the clock's. 0 where the system doesn't tell.
	Cores   float64       `json:"cores"`
	Kernels []KernelShare `json:"kernels"`
	// Rest is what the step takes beside kernels, in XLA's own code. Kernels that run side by side can make it negative.
	Rest float64 `json:"rest_ms"`
}

// KernelShare is what the calls of a kernel take of a step.
type KernelShare struct {
	Kernel string  `json:"kernel"`
	Calls  float64 `json:"calls"` // a step
	Time   float64 `json:"ms"`    // a step
	// GFLOPS and GBs are the rates of operations in products and of operands and results, in billions a second.
	GFLOPS float64 `json:"gflops,omitempty"`
	GBs    float64 `json:"gb_per_s"`
}

// ProfileReport is what [Profiles] found.
type ProfileReport struct {
	Machine Machine `json:"machine"`
	Batch   int     `json:"batch"`
	// What the machine can do: the rates of a product of matrices of 1024 × 1024, and of copying, where a byte that is read and written counts twice.
	GFLOPS float64    `json:"gflops"`
	GBs    float64    `json:"gb_per_s"`
	Models []*Profile `json:"models"`
}

// Profiles takes a profile of each model.
func Profiles(ctx context.Context, o Options) (*ProfileReport, error) {
	machine, err := describe()
	if err != nil {
		return nil, err
	}
	report := &ProfileReport{Machine: machine, Batch: o.Batch, GBs: copyRate()}
	if report.GFLOPS, err = productRate(); err != nil {
		return nil, err
	}
	for _, name := range o.Models {
		if o.Progress != nil {
			o.Progress(name)
		}
		m, err := prepare(ctx, name, o)
		if err != nil {
			return nil, err
		}
		what := Predict
		if m.compiled() {
			what = Bare
		}
		p := &Profile{Model: name}
		var each time.Duration
		busy := processTime()
		list, err := kernels.Profile(func() (err error) {
			each, err = m.measure(ctx, what, m.steps)
			return err
		})
		if err != nil {
			return nil, err
		}
		n := float64(m.steps)
		p.Step = milliseconds(each)
		p.Cores = milliseconds(processTime()-busy) / (n * p.Step)
		p.Rest = p.Step
		for _, s := range list {
			seconds := s.Time.Seconds()
			p.Kernels = append(p.Kernels, KernelShare{
				strings.TrimPrefix(s.Target, kernels.Prefix), float64(s.Calls) / n, milliseconds(s.Time) / n, float64(s.Operations) / seconds / 1e9, float64(s.Bytes) / seconds / 1e9,
			})
			p.Rest -= milliseconds(s.Time) / n
		}
		slices.SortFunc(p.Kernels, func(a, b KernelShare) int { return int(1e6 * (b.Time - a.Time)) })
		report.Models = append(report.Models, p)
	}
	return report, nil
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

// best is the least time of some runs.
func best(run func()) float64 {
	least := time.Duration(1<<63 - 1)
	for range 7 {
		start := time.Now()
		run()
		least = min(least, time.Since(start))
	}
	return least.Seconds()
}

// productRate multiplies matrices on the engine in use, with its kernels.
func productRate() (float64, error) {
	const n = 1024
	engine, err := backend.Default()
	if err != nil {
		return 0, err
	}
	x := tensors.FromFlatDataAndDimensions(make([]float32, n*n), n, n)
	defer x.FinalizeAll()
	exec, err := graph.NewExec(rewrite.Compiler(engine), func(a, b *graph.Node) *graph.Node {
		return graph.ReduceAllSum(graph.DotGeneral(a, []int{1}, nil, b, []int{0}, nil))
	})
	if err != nil {
		return 0, err
	}
	defer exec.Finalize()
	seconds := best(func() {
		if err == nil {
			_, err = exec.Call(x, x)
		}
	})
	return 2 * n * n * n / seconds / 1e9, err
}

// copyRate copies memory on all cores.
func copyRate() float64 {
	const bytes = 64 << 20
	workers := runtime.GOMAXPROCS(0)
	from, to := make([][]byte, workers), make([][]byte, workers)
	for i := range workers {
		from[i], to[i] = make([]byte, bytes), make([]byte, bytes)
		from[i][0] = 1
		copy(from[i][1:], from[i]) // fresh pages all show the same zeros
	}
	seconds := best(func() {
		var all sync.WaitGroup
		for i := range workers {
			all.Go(func() { copy(to[i], from[i]) })
		}
		all.Wait()
	})
	return float64(2*bytes*workers) / seconds / 1e9
}

// WriteTable writes the profiles for people, a table a model.
func (r *ProfileReport) WriteTable(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "Engine %s, %d cores%s, %s, %s. Batches of %d, float32.\n", r.Machine.Engine, r.Machine.Cores, prefixed(" of ", r.Machine.CPU), r.Machine.OS, r.Machine.Go, r.Batch)
	fmt.Fprintf(&out, "A product of large matrices runs at %.0f GFLOP/s here, and memory is copied at %.0f GB/s.\n", r.GFLOPS, r.GBs)
	for _, p := range r.Models {
		fmt.Fprintf(&out, "\n%s: a step takes %s ms and keeps %.1f cores busy.\n\n", p.Model, digits(p.Step), p.Cores)
		table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "KERNEL\tcalls\tms\tof the step\tGFLOP/s\tof the machine's\tGB/s\tof the machine's")
		for _, k := range p.Kernels {
			rate, share := "-", "-"
			if k.GFLOPS > 0 {
				rate, share = fmt.Sprintf("%.0f", k.GFLOPS), percent(k.GFLOPS/r.GFLOPS)
			}
			fmt.Fprintf(table, "%s\t%.0f\t%s\t%s\t%s\t%s\t%.0f\t%s\n", k.Kernel, k.Calls, digits(k.Time), percent(k.Time/p.Step), rate, share, k.GBs, percent(k.GBs/r.GBs))
		}
		fmt.Fprintf(table, "what is left to the engine\t-\t%s\t%s\t-\t-\t-\t-\n", digits(p.Rest), percent(p.Rest/p.Step))
		if err := table.Flush(); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
