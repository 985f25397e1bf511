package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteTable writes the report for people: a row a measure, a column a model, medians with the rounds' range.
func (r *Report) WriteTable(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "Engine %s, %d cores%s, %s, %s. Batches of %d, float32; medians of %d rounds (least–most).\n",
		r.Machine.Engine, r.Machine.Cores, prefixed(" of ", r.Machine.CPU), r.Machine.OS, r.Machine.Go, r.Batch, r.Rounds)
	if r.Machine.Load != nil {
		fmt.Fprintf(&out, "The machine's load was %.1f when this began.\n", *r.Machine.Load)
	}
	fmt.Fprintln(&out)
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	row := func(title string, cell func(*Result) string) {
		cells := make([]string, len(r.Models))
		applies := false
		for i, m := range r.Models {
			cells[i] = cell(m)
			applies = applies || cells[i] != ""
			if cells[i] == "" {
				cells[i] = "-"
			}
		}
		if applies {
			fmt.Fprintf(table, "%s\t%s\n", title, strings.Join(cells, "\t"))
		}
	}
	row("MODEL", func(m *Result) string { return m.Model })
	row("parameters", func(m *Result) string { return fmt.Sprint(m.Params) })
	row("steps timed together", func(m *Result) string { return fmt.Sprint(m.Steps) })
	row("Fit, ms/step", func(m *Result) string { return m.Fit.cell() })
	row("  samples/s", func(m *Result) string { return rate(m.FitRate) })
	row("  its executable alone, ms/step", func(m *Result) string { return m.Bare.cell() })
	row("  host beside the device, µs/step", func(m *Result) string { return m.Host.cell() })
	row("Evaluate, ms/step", func(m *Result) string { return m.Evaluate.cell() })
	row("  samples/s", func(m *Result) string { return rate(m.EvaluateRate) })
	row("Predict, ms/step", func(m *Result) string { return m.Predict.cell() })
	row("  samples/s", func(m *Result) string { return rate(m.PredictRate) })
	row("Predict of one sample, ms", func(m *Result) string { return m.PredictOne.cell() })
	row("PredictOnBatch of one sample, ms", func(m *Result) string { return m.OnBatchOne.cell() })
	row("Predictor of one sample, ms", func(m *Result) string { return m.CallOne.cell() })
	fresh := func(cell func(*Fresh) string) func(*Result) string {
		return func(m *Result) string {
			if m.Fresh == nil {
				return ""
			}
			return cell(m.Fresh)
		}
	}
	row("First step with compilation, s", fresh(func(f *Fresh) string { return fmt.Sprintf("%.2f", f.FirstStep) }))
	row("Process start to first step, s", fresh(func(f *Fresh) string { return fmt.Sprintf("%.2f", f.Start) }))
	row("  the second start, s", fresh(func(f *Fresh) string { return fmt.Sprintf("%.2f", f.SecondStart) }))
	row("Peak memory, MB", fresh(func(f *Fresh) string {
		if f.PeakMemory == 0 {
			return ""
		}
		return fmt.Sprintf("%d (%d samples)", f.PeakMemory>>20, f.Samples)
	}))
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// cell is a table's text for the sample, "" for nil.
func (s *Sample) cell() string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%s (%s–%s)", digits(s.Median), digits(s.Min), digits(s.Max))
}

// digits writes a time with as many digits as it deserves.
func digits(v float64) string {
	switch {
	case v >= 100 || v <= -100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10 || v <= -10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func rate(v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f", v)
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
