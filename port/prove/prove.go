package prove

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/port/np"
)

// Verdict says how a comparison came out.
type Verdict string

// The verdicts.
const (
	Same    Verdict = "same"
	Differs Verdict = "differs"
	Skipped Verdict = "not compared"
)

// Row is one comparison.
type Row struct {
	Cell int `json:"cell,omitempty"`
	// Name is the variable's.
	Name    string  `json:"name"`
	What    string  `json:"what"`
	Python  string  `json:"python"`
	Program string  `json:"program"`
	Verdict Verdict `json:"verdict"`
}

// trial is what a model did in Python: its arrays are in File.
type trial struct {
	Inputs, Targets, Weights, Outputs, Batch int
	Losses                                   []float64 // of five training steps
	Why                                      string    // it wasn't trained
	File                                     string
}

// Value is what Python noted of a variable at the end of a cell.
type pythonValue struct {
	Shape  []int
	DType  string
	Rows   int
	Scalar bool
	Text   *string
	Model  *struct {
		Config map[string]any
		Trial  *trial
		Why    string
	}
}

type pythonFit struct {
	Epochs     float64
	BatchSize  *float64 `json:"batch_size"`
	Validation float64  `json:"validation_split"`
	X, Y       [][]int
	Trial      *trial
	Config     map[string]any
	Why        string
	History    map[string][]float64
	Trained    string
	Weights    int
}

type record struct {
	Values map[string]map[string]pythonValue
	Fits   map[string]pythonFit
	// Weights are those of models that predict or are evaluated, where they have changed: files.
	Weights map[string]struct {
		File  string
		Count int
	}
}

var folder = os.Getenv("GOKERAS_PROVE")

var python = sync.OnceValue(func() (r record) {
	raw, err := os.ReadFile(filepath.Join(folder, "python.json"))
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		panic(fmt.Sprintf("what Python gave: %v", err))
	}
	return r
})

// Python's run begins with the same seed.
func init() { np.Random.Seed(0) }

// add writes a row.
func add(r Row) {
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	f, err := os.OpenFile(filepath.Join(folder, "rows.jsonl"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.Write(append(raw, '\n'))
		if closed := f.Close(); err == nil {
			err = closed
		}
	}
	if err != nil {
		panic(err)
	}
}

func arrays(file string) map[string]*np.Array { return np.LoadNPZ(filepath.Join(folder, file)) }

// list are the arrays of a letter: w0, w1, …
func list(all map[string]*np.Array, letter string, n int) []*np.Array {
	var out []*np.Array
	for i := range n {
		if a := all[fmt.Sprint(letter, i)]; a != nil {
			out = append(out, a)
		}
	}
	return out
}

// exact is how much arrays may differ, as a part of the largest element, and at least of 1. What follows from a trained model's float32 numbers
// may differ by approximate.
const (
	exact       = 1e-6
	approximate = 1e-4
)

var trained bool

// Value compares a variable at the end of a cell: an array, a number, a text, a list of numbers or a model.
func Value(cell int, name string, v any) {
	noted, ok := python().Values[fmt.Sprint(cell)][name]
	if !ok {
		return
	}
	row := Row{Cell: cell, Name: name, What: "value", Verdict: Differs}
	switch v := v.(type) {
	case *functional.Model:
		if noted.Model == nil {
			row.Python, row.Program = "no model", "a model"
			add(row)
			return
		}
		c := comparison{cell: cell, name: name, model: v}
		c.config(noted.Model.Config)
		if t := noted.Model.Trial; t == nil {
			c.row("predictions", noted.Model.Why, "", Skipped)
		} else {
			c.trial(t)
		}
		return
	case string:
		if row.Program = fmt.Sprintf("%.60q", v); noted.Text != nil {
			row.Python = fmt.Sprintf("%.60q", *noted.Text)
			if v == *noted.Text {
				row.Verdict = Same
			}
		}
		add(row)
		return
	}
	if noted.Text != nil || noted.Model != nil {
		row.Python, row.Program = "another kind of value", fmt.Sprintf("%T", v)
		add(row)
		return
	}
	a, isArray := v.(*np.Array)
	if !isArray {
		a = np.Of(v)
	}
	if a == nil {
		row.Python, row.Program = shape(noted.Shape), "nothing"
		add(row)
		return
	}
	row.Python, row.Program = shape(noted.Shape), shape(a.Shape())
	if isArray && !noted.Scalar {
		row.Python += " " + noted.DType
		row.Program += " " + string(a.DType())
	}
	if row.Python == row.Program {
		want := arrays(fmt.Sprintf("cell%d.npz", cell))[name]
		if a.NDim() > 0 && noted.Rows < a.Len() {
			a = a.Index(np.S(":%d", noted.Rows))
		}
		tolerance := exact
		if trained {
			tolerance = approximate
		}
		var text string
		if text, row.Verdict = compare(want, a, tolerance); a.Size() == 1 && row.Verdict == Differs {
			row.Python, row.Program = want.String(), a.String()
		} else {
			row.Program += ", " + text
		}
	}
	add(row)
}

func shape(s []int) string { return np.Zeros(s...).ShapeString() }

// compare says how two arrays of one shape differ.
func compare(want, got *np.Array, tolerance float64) (string, Verdict) {
	if want == nil || !slices.Equal(want.Shape(), got.Shape()) {
		return "another shape", Differs
	}
	largest, off := farthest(want.Floats(), got.Floats())
	switch {
	case off == 0:
		return "bit by bit", Same
	case off <= tolerance*max(1, largest):
		return fmt.Sprintf("within %.0e", off), Same
	}
	return fmt.Sprintf("off by %.2g of %.3g", off, largest), Differs
}

// Fit compares a model, and what it is about to be trained on, with what they were in Python: data, configuration, predictions, one gradient
// step, five training steps. Then the model gets the weights that it had after its training in Python, and Python's history is its own.
func Fit(name string, m *functional.Model, x, y any, o functional.Fit) (*functional.History, error) {
	counts[name]++
	key := fmt.Sprint(name, " ", counts[name])
	c := comparison{name: name, what: fmt.Sprintf("fit %d: ", counts[name]), model: m}
	said, ok := python().Fits[key]
	if !ok {
		c.row("", "no such fit", "a fit", Differs)
		o.Epochs = 1
		return m.Fit(x, y, o)
	}
	trained = true
	batch := 0
	if said.BatchSize != nil {
		batch = int(*said.BatchSize)
	}
	c.equal("epochs, batch size, validation split", fmt.Sprintf("%v, %d, %v", max(said.Epochs, 1), batch, said.Validation), fmt.Sprintf("%v, %d, %v", max(o.Epochs, 1), o.BatchSize, o.ValidationSplit))
	if t := said.Trial; t != nil {
		heads := arrays(t.File)
		c.data("inputs", x, said.X, list(heads, "x", t.Inputs))
		c.data("targets", y, said.Y, list(heads, "y", t.Targets))
		c.build(heads["x0"])
		c.config(said.Config)
		c.trial(t)
	} else {
		c.config(said.Config)
		why := said.Why
		if why == "" {
			why = "the data aren't arrays"
		}
		c.row("predictions and steps", why, "", Skipped)
	}
	c.weights(list(arrays(said.Trained), "w", said.Weights))
	h := &functional.History{History: said.History}
	for _, v := range said.History {
		h.Epoch = np.Arange(len(v)).Ints()
		break
	}
	return h, nil
}

// Weighted gives a model the weights that it had in Python when it predicted, or was evaluated, for as many times.
func Weighted(name string, m *functional.Model) *functional.Model {
	uses[name]++
	if w, ok := python().Weights[fmt.Sprint(name, " ", uses[name])]; ok {
		trained = true
		c := comparison{name: name, what: fmt.Sprintf("use %d: ", uses[name]), model: m}
		c.weights(list(arrays(w.File), "w", w.Count))
	}
	return m
}

var uses = map[string]int{}

var counts = map[string]int{}
