package prove

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/port/np"
)

// begin makes a folder of what Python gave.
func begin(t *testing.T, said map[string]any, files map[string]map[string]any) {
	t.Helper()
	folder = t.TempDir()
	trained = false
	clear(counts)
	clear(uses)
	raw, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	python = func() record { return r }
	for name, arrays := range files {
		np.SaveNPZ(filepath.Join(folder, name), arrays)
	}
}

// rows are the verdicts by what was compared.
func rows(t *testing.T) map[string]Verdict {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, "rows.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	got := map[string]Verdict{}
	for s := bufio.NewScanner(f); s.Scan(); {
		var r Row
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		got[r.Name+" "+r.What] = r.Verdict
	}
	return got
}

func TestValue(t *testing.T) {
	array := func(dtype string, shape ...int) map[string]any {
		return map[string]any{"shape": shape, "dtype": dtype, "rows": shape[0]}
	}
	scalar := map[string]any{"shape": []int{}, "dtype": "int64", "scalar": true}
	begin(t, map[string]any{"values": map[string]any{"3": map[string]any{"a": array("float64", 3), "b": array("float64", 3), "c": array("float32", 3), "d": array("float64", 2), "n": scalar, "m": scalar,
		"text": map[string]any{"text": "x"}, "other": map[string]any{"text": "x"}}}},
		map[string]map[string]any{"cell3.npz": {"a": np.Of([]float64{1, math.NaN(), 3}), "b": np.Of([]float64{1, 2, 3}), "c": np.ArrayOf("float32", []float64{1, 2, 3}), "d": np.Of([]float64{1, 2}), "n": np.Of(5), "m": np.Of(5)}})
	Value(3, "a", np.Of([]float64{1, math.NaN(), 3 + 1e-7}))
	Value(3, "b", np.Of([]float64{1, 2, 3.001}))
	Value(3, "c", np.Of([]float64{1, 2, 3}))
	Value(3, "d", np.Of([]float64{1, 2, 3}))
	Value(3, "n", 5)
	Value(3, "m", 6)
	Value(3, "text", "x")
	Value(3, "other", 1)
	Value(3, "unknown", 1)
	got := rows(t)
	for name, want := range map[string]Verdict{"a": Same, "b": Differs, "c": Differs, "d": Differs, "n": Same, "m": Differs, "text": Same, "other": Differs, "unknown": ""} {
		if got[name+" value"] != want {
			t.Errorf("%s: %q, not %q", name, got[name+" value"], want)
		}
	}
}

// TestFit trains y = w·x + b by hand: one step of SGD(1) on the first batch, and steps of SGD(0.1).
func TestFit(t *testing.T) {
	x, y := []float64{1, 2, -1, 0.5}, []float64{2, 1, 0, 1}
	step := func(w, b, rate float64, at int) (float64, float64, float64) {
		e0, e1 := w*x[at]+b-y[at], w*x[at+1]+b-y[at+1]
		return w - rate*(e0*x[at]+e1*x[at+1]), b - rate*(e0+e1), (e0*e0 + e1*e1) / 2
	}
	w, b := 0.5, 0.25
	gw, gb, _ := step(w, b, 1, 0)
	sw, sb, first := step(w, b, 0.1, 0)
	sw, sb, second := step(sw, sb, 0.1, 2)
	var p []float64
	for _, v := range x {
		p = append(p, w*v+b)
	}
	column := func(v ...float64) *np.Array { return np.ArrayOf("float32", v).Reshape(-1, 1) }
	one := func(v float64) *np.Array { return np.ArrayOf("float32", []float64{v}) }
	for what, c := range map[string]struct {
		loss, gradient float64
		moved, rounded float64
		want           map[string]Verdict
	}{
		"another movement": {0, 0, 0.01, 0, map[string]Verdict{"five training steps": Differs}},
		"roundings matter": {0, 0, 0.01, 0.01, map[string]Verdict{"five training steps": Same}},
		"as it is":         {0, 0, 0, 0, map[string]Verdict{"one gradient step": Same, "five training steps": Same}},
		"another loss":     {0.1, 0, 0, 0, map[string]Verdict{"one gradient step": Same, "five training steps": Differs}},
		"another gradient": {0, 0.3, 0, 0, map[string]Verdict{"one gradient step": Differs, "five training steps": Same}},
	} {
		m, err := functional.NewSequential(functional.Input(1).Layer(), layers.Dropout(0.5), layers.Dense(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Compile(functional.Compile{Optimizer: optimizers.SGD(0.1), Loss: "mse"}); err != nil {
			t.Fatal(err)
		}
		raw, err := m.ToJSON()
		var cfg map[string]any
		if err != nil || json.Unmarshal(raw, &cfg) != nil {
			t.Fatal(err)
		}
		trial := map[string]any{"inputs": 1, "targets": 1, "weights": 2, "outputs": 1, "batch": 2, "losses": []float64{first + c.loss, second}, "file": "fit0.npz"}
		begin(t, map[string]any{"fits": map[string]any{"m 1": map[string]any{"epochs": 5, "batch_size": 2, "x": [][]int{{4, 1}}, "y": [][]int{{4, 1}}, "trial": trial, "config": cfg,
			"history": map[string]any{"loss": []float64{0.5}}, "trained": "weights0.npz", "weights": 2}}},
			map[string]map[string]any{"fit0.npz": {"x0": column(x...), "y0": column(y...), "w0": column(w), "w1": one(b), "p0": column(p...), "g0": column(gw + c.gradient), "g1": one(gb), "s0": column(sw + c.moved), "s1": one(sb), "r0": column(sw + c.moved + c.rounded), "r1": one(sb)},
				"weights0.npz": {"w0": column(7), "w1": one(8)}})
		h, err := Fit("m", m, column(x...).Tensor(), column(y...).Tensor(), functional.Fit{Epochs: 5, BatchSize: 2})
		if err != nil || h.History["loss"][0] != 0.5 {
			t.Errorf("%s: %v, %v", what, h, err)
		}
		got := rows(t)
		for name, want := range map[string]Verdict{"epochs, batch size, validation split": Same, "inputs": Same, "targets": Same, "configuration": Same, "predictions": Same} {
			c.want[name] = want
		}
		for name, want := range c.want {
			if got["m fit 1: "+name] != want {
				t.Errorf("%s: %s is %q, not %q", what, name, got["m fit 1: "+name], want)
			}
		}
		weights, err := m.GetWeights()
		if err != nil || np.FromTensor(weights[1]).Float() != 8 {
			t.Errorf("%s: the weights after the training aren't Python's (%v)", what, err)
		}
		if _, err := Fit("m", m, column(x...).Tensor(), column(y...).Tensor(), functional.Fit{Verbose: functional.Silent}); err != nil {
			t.Error(err)
		}
		if v := rows(t)["m fit 2: "]; v != Differs {
			t.Errorf("a fit that Python hasn't is %q", v)
		}
	}
}

func TestDiff(t *testing.T) {
	model := func(input, dense, units string) map[string]any {
		var cfg map[string]any
		text := `{"module": "keras", "class_name": "Functional", "config": {"name": "m", "layers": [{"class_name": "InputLayer", "config": {"name": "IN"}}, {"class_name": "Dense", "config": {"name": "D", "units": U},
			"inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["IN", 0, 0]}}]}]}], "output_layers": [["D", 0, 0]]}}`
		if err := json.Unmarshal([]byte(strings.NewReplacer("IN", input, "D\"", dense+"\"", "U}", units+"}").Replace(text)), &cfg); err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	for _, c := range []struct {
		a, b map[string]any
		same bool
	}{
		{model("input_layer_3", "dense_7", "4"), model("input_1", "dense", "4"), true},
		{model("input_layer_3", "dense_7", "4"), model("input_1", "dense", "5"), false},
		{model("input_layer", "mine", "4"), model("input_1", "mine", "4.0000001"), true},
		{model("input_layer", "mine", "4"), model("input_1", "yours", "4"), false},
	} {
		var list []string
		keys := 0
		diff(&list, &keys, "", plain(c.a), plain(c.b))
		if (len(list) == 0) != c.same || keys < 8 {
			t.Errorf("%d keys, %v", keys, list)
		}
	}
}

// TestUnbuilt: a model that Python hasn't built yet, since Keras 3 heeds no input_length, has the layers of one whose input is known here.
func TestUnbuilt(t *testing.T) {
	in := functional.Input(5).Layer()
	built, err := functional.NewSequential(in, layers.Embedding(7, 2).Name("e"), layers.Flatten().Name("f"))
	if err != nil {
		t.Fatal(err)
	}
	open, err := functional.NewSequential(layers.Embedding(7, 2).Name("e"), layers.Flatten().Name("f"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := functional.NewSequential(layers.Embedding(7, 3).Name("e"), layers.Flatten().Name("f"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want, got *functional.Model
		verdict   Verdict
	}{{open, built, Same}, {built, built, Same}, {built, open, Differs}, {other, built, Differs}} {
		raw, err := c.want.ToJSON()
		var cfg map[string]any
		if err != nil || json.Unmarshal(raw, &cfg) != nil {
			t.Fatal(err)
		}
		begin(t, map[string]any{}, nil)
		comparison{name: "m", what: "m", model: c.got}.config(cfg)
		for name, verdict := range rows(t) {
			if verdict != c.verdict {
				t.Errorf("%s: %s, not %s", name, verdict, c.verdict)
			}
		}
	}
}

// TestBuiltByData: a model without an input gets that of the data, and is then what Python's is after its fit.
func TestBuiltByData(t *testing.T) {
	m, err := functional.NewSequential(layers.Dense(2).Name("d"))
	if err != nil {
		t.Fatal(err)
	}
	begin(t, map[string]any{}, nil)
	comparison{name: "m", what: "m", model: m}.build(np.Ones(4, 3))
	if shape := m.Input().Shape(); !slices.Equal(shape, functional.Shape{functional.None, 3}) {
		t.Errorf("the input is %s", shape)
	}
}

// TestForgottenOptimizer: a configuration of Python's without an optimizer, as after saving to a legacy file, is that of a model that has one.
func TestForgottenOptimizer(t *testing.T) {
	m, err := functional.NewSequential(functional.Input(3), layers.Dense(2).Name("d"))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse"}); err != nil {
		t.Fatal(err)
	}
	for key, verdict := range map[string]Verdict{"optimizer": Same, "loss": Differs} {
		raw, err := m.ToJSON()
		var cfg map[string]any
		if err != nil || json.Unmarshal(raw, &cfg) != nil {
			t.Fatal(err)
		}
		delete(cfg["compile_config"].(map[string]any), key)
		begin(t, map[string]any{}, nil)
		comparison{name: "m", what: "m", model: m}.config(cfg)
		for name, got := range rows(t) {
			if got != verdict {
				t.Errorf("without %s, %s: %s", key, name, got)
			}
		}
	}
}
