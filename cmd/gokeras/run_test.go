package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

func TestSummary(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	m := several(t, f.at("m.keras"))
	var want bytes.Buffer
	require.NoError(t, m.Summary(&want))
	stdout, stderr := gokeras(t, exitOK, "summary", f.at("m.keras"))
	require.Equal(t, want.String(), stdout)
	require.Empty(t, stderr)
	stdout, _ = gokeras(t, exitOK, "summary", f.at("m.keras"), "--trainable")
	require.Contains(t, stdout, "Trainable")
}

func TestSummaryJSON(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	x := functional.Input(4)
	shared := layers.Dense(4).Name("shared")
	inner, err := functional.NewModel(x, layers.Dense(4).Name("within").Apply(x))
	require.NoError(t, err)
	in := functional.InputWith(functional.InputOptions{Shape: functional.Shape{4}, Name: "in"})
	frozen := layers.Dense(2).Name("frozen").Trainable(false)
	m, err := functional.NewModel(in, frozen.Apply(inner.Named("inner").Apply(shared.Apply(shared.Apply(in)))))
	saved(t, m, err, f.at("m.keras"))

	s := gokerasJSON[modelSummary](t, exitOK, "summary", f.at("m.keras"))
	four := 4
	require.Equal(t, []tensorSummary{{Name: "in", Shape: []*int{nil, &four}, DType: "float32"}}, s.Inputs)
	require.Equal(t, paramSummary{Total: 50, Trainable: 40, NonTrainable: 10, Bytes: 200}, s.Params)
	byName := map[string]layerSummary{}
	for _, l := range s.Layers {
		byName[l.Name] = l
	}
	require.Len(t, byName, 4)
	require.Equal(t, [][]string{{"in[0][0]"}, {"shared[0][0]"}}, [][]string{byName["shared"].Calls[0].Inputs, byName["shared"].Calls[1].Inputs})
	require.Equal(t, "within", byName["inner"].Model.Layers[1].Name)
	require.False(t, byName["frozen"].Trainable)
}

func TestPredict(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	m := several(t, f.at("m.keras"))
	a, b := arange(0.3, samples, 4), arange(0.9, samples, 2)
	want, err := m.PredictAll([]*tensors.Tensor{a, b}, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	for _, names := range [][2]string{{"input_0", "input_1"}, {"a", "b"}, {"x_0", "x_1"}, {"arr_0", "arr_1"}} {
		require.NoError(t, datasets.SaveNPZ(f.at("in.npz"), map[string]*tensors.Tensor{names[0]: a, names[1]: b, "y": a}))
		stdout, stderr := gokeras(t, exitOK, "predict", f.at("m.keras"), "--inputs", f.at("in.npz"), "--outputs", f.at("out.npz"), "--batch-size", "7")
		require.Empty(t, stdout)
		require.Contains(t, stderr, "3/3 [")
		require.Contains(t, stderr, "out.npz: output_0 (20, 2) float32, output_1 (20, 1) float32\n")
		got := load(t, f.at("out.npz"))
		require.Len(t, got, 2)
		for i, name := range []string{"output_0", "output_1"} {
			require.True(t, want[i].InDelta(got[name], 1e-6), name)
		}
	}

	report := gokerasJSON[predictReport](t, exitOK, "predict", f.at("m.keras"), "--inputs", f.at("in.npz"), "--outputs", f.at("out.npz"), "-q")
	require.Equal(t, predictReport{f.at("out.npz"), []predictedArray{
		{"output_0", "left", []int{samples, 2}, "float32"}, {"output_1", "right", []int{samples, 1}, "float32"}}}, report)

	// A single input needs no number, and float64 will do.
	one := classifier(t, f.at("one.keras"))
	x, _ := labelled(t, f.at("data.npz"))
	wantOne, err := one.Predict(x, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	var wide []float64
	tensors.MustConstFlatData(x, func(flat []float32) {
		for _, v := range flat {
			wide = append(wide, float64(v))
		}
	})
	require.NoError(t, datasets.SaveNPZ(f.at("in.npz"), map[string]*tensors.Tensor{"input": tensors.FromFlatDataAndDimensions(wide, samples, 4)}))
	for _, in := range []string{"in.npz", "data.npz"} {
		_, stderr := gokeras(t, exitOK, "predict", f.at("one.keras"), "--inputs", f.at(in), "--outputs", f.at("out.npz"), "--quiet")
		require.Empty(t, stderr)
		require.True(t, wantOne.InDelta(load(t, f.at("out.npz"))["output_0"], 1e-6))
	}
}

// TestPredictForms writes the same predictions in each form, from inputs in each form.
func TestPredictForms(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	m := several(t, f.at("m.keras"))
	require.NoError(t, os.WriteFile(f.at("in.json"), []byte(`{"a": [[1,2,3,4],[0,0,0,0.5]], "b": [[1,0],[0,1]]}`), 0o644))
	a, b := tensors.FromValue([][]float32{{1, 2, 3, 4}, {0, 0, 0, 0.5}}), tensors.FromValue([][]float32{{1, 0}, {0, 1}})
	want, err := m.PredictAll([]*tensors.Tensor{a, b}, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	left, right := want[0].Value().([][]float32), want[1].Value().([][]float32)

	var got struct{ Left, Right [][]float32 }
	stdout, _ := gokeras(t, exitOK, "predict", f.at("m.keras"), "--inputs", f.at("in.json"), "--json", "-q")
	require.NoError(t, json.Unmarshal([]byte(stdout), &got))
	require.Equal(t, left, got.Left)
	require.Equal(t, right, got.Right)
	gokeras(t, exitOK, "predict", f.at("m.keras"), "--inputs", f.at("in.json"), "-o", f.at("out.json"), "-q")
	content, err := os.ReadFile(f.at("out.json"))
	require.NoError(t, err)
	require.Equal(t, stdout, string(content))

	number := func(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }
	stdout, _ = gokeras(t, exitOK, "predict", f.at("m.keras"), "--inputs", f.at("in.json"), "--format", "csv", "-q")
	require.Equal(t, "left_0,left_1,right\n"+number(left[0][0])+","+number(left[0][1])+","+number(right[0][0])+"\n"+
		number(left[1][0])+","+number(left[1][1])+","+number(right[1][0])+"\n", stdout)
	stdout, _ = gokeras(t, exitOK, "predict", f.at("m.keras"), "--inputs", f.at("in.json"), "-q")
	require.Regexp(t, `^ +sample +left_0 +left_1 +right\n +0 .*\n +1 .*\n$`, stdout)

	// Tables: one input takes all columns but the target.
	one := classifier(t, f.at("one.keras"))
	require.NoError(t, os.WriteFile(f.at("t.csv"), []byte("p,q,label,r,s\n1,2,0,3,4\n5,6,1,7,8\n"), 0o644))
	require.NoError(t, os.WriteFile(f.at("x.csv"), []byte("1,2,3,4\n5,6,7,8\n"), 0o644))
	x := tensors.FromValue([][]float32{{1, 2, 3, 4}, {5, 6, 7, 8}})
	wantOne, err := one.Predict(x, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	gokeras(t, exitOK, "predict", f.at("one.keras"), "--inputs", f.at("x.csv"), "-o", f.at("out.npz"), "-q")
	require.True(t, wantOne.InDelta(load(t, f.at("out.npz"))["output_0"], 1e-6))
	scores, err := one.Evaluate(x, []int32{0, 1}, functional.Evaluate{Verbose: functional.Silent})
	require.NoError(t, err)
	require.InDeltaMapValues(t, scores.Map(), gokerasJSON[map[string]float64](t, exitOK, "evaluate", f.at("one.keras"), "--data", f.at("t.csv"), "-q"), 1e-6)
}

func TestEvaluate(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	m := classifier(t, f.at("m.keras"))
	x, y := labelled(t, f.at("data.npz"))
	evaluate := func(o functional.Evaluate) map[string]float64 {
		o.Verbose = functional.Silent
		scores, err := m.Evaluate(x, y, o)
		require.NoError(t, err)
		return scores.Map()
	}
	got := gokerasJSON[map[string]float64](t, exitOK, "evaluate", f.at("m.keras"), "--data", f.at("data.npz"), "-b", "8")
	require.InDeltaMapValues(t, evaluate(functional.Evaluate{BatchSize: 8}), got, 1e-6)
	stdout, stderr := gokeras(t, exitOK, "evaluate", f.at("m.keras"), "--data", f.at("data.npz"))
	require.Regexp(t, `^loss: [0-9.]+\naccuracy: [0-9.]+\n$`, stdout)
	require.Contains(t, stderr, "1/1 [")

	// Sample weights are heeded.
	weight := arange(0.2, samples)
	require.NoError(t, datasets.SaveNPZ(f.at("weighted.npz"), map[string]*tensors.Tensor{"x_0": x, "y_0": y, "sample_weight": weight}))
	got = gokerasJSON[map[string]float64](t, exitOK, "evaluate", f.at("m.keras"), "--data", f.at("weighted.npz"), "-q")
	require.InDeltaMapValues(t, evaluate(functional.Evaluate{SampleWeight: weight}), got, 1e-6)

	// Several outputs, one of which has metrics; targets by the outputs' names.
	two := several(t, f.at("two.keras"))
	data := map[string]*tensors.Tensor{"a": arange(0.3, samples, 4), "b": arange(0.9, samples, 2), "left": arange(0.1, samples, 2), "right": arange(0.5, samples, 1)}
	require.NoError(t, datasets.SaveNPZ(f.at("two.npz"), data))
	scores, err := two.Evaluate([]*tensors.Tensor{data["a"], data["b"]}, []*tensors.Tensor{data["left"], data["right"]}, functional.Evaluate{Verbose: functional.Silent})
	require.NoError(t, err)
	got = gokerasJSON[map[string]float64](t, exitOK, "evaluate", f.at("two.keras"), "--data", f.at("two.npz"), "-q")
	require.InDeltaMapValues(t, scores.Map(), got, 1e-6)
	got = gokerasJSON[map[string]float64](t, exitOK, "evaluate", f.at("two.keras"), "--data", f.at("two.npz"), "-q", "--loss", "left=mse,right=mae", "--metrics", "left=mae")
	require.InDelta(t, scores.Value("right_mae"), got["right_loss"], 1e-6)
	require.Contains(t, got, "left_mae")

	// A model without compile arguments.
	gokeras(t, exitOK, "convert", f.at("m.keras"), f.at("bare.keras"), "--no-compile")
	_, stderr = gokeras(t, exitError, "evaluate", f.at("bare.keras"), "--data", f.at("data.npz"))
	require.Contains(t, stderr, f.at("bare.keras")+": the model was saved without compile arguments: name a loss with --loss")
	got = gokerasJSON[map[string]float64](t, exitOK, "evaluate", f.at("bare.keras"), "--data", f.at("data.npz"), "-q", "--loss", "sparse_categorical_crossentropy", "--metrics", "accuracy")
	require.InDeltaMapValues(t, evaluate(functional.Evaluate{}), got, 1e-6)
}

func TestPlot(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	several(t, f.at("m.keras"))
	for _, name := range []string{"m.svg", "m.dot"} {
		stdout, stderr := gokeras(t, exitOK, "plot", f.at("m.keras"), "-o", f.at(name), "--rankdir", "LR")
		require.Empty(t, stdout+stderr)
		content, err := os.ReadFile(f.at(name))
		require.NoError(t, err)
		require.Contains(t, string(content), "right")
	}
}

// TestErrors lists what a user is told about wrong files and command lines.
func TestErrors(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	classifier(t, f.at("m.keras"))
	several(t, f.at("two.keras"))
	x, y := labelled(t, f.at("data.npz"))
	save := func(name string, arrays map[string]*tensors.Tensor) {
		require.NoError(t, datasets.SaveNPZ(f.at(name), arrays))
	}
	save("other.npz", map[string]*tensors.Tensor{"z": x})
	save("wide.npz", map[string]*tensors.Tensor{"x": arange(1, samples, 5), "y": y})
	save("three.npz", map[string]*tensors.Tensor{"x_0": x, "x_1": x, "x_2": x})
	for name, text := range map[string]string{"bad.csv": "a,b\n1,2\n3,x\n", "gap.csv": "a,b\n1,2\n3,\n", "bad.json": "[[1,2],[3]]"} {
		require.NoError(t, os.WriteFile(f.at(name), []byte(text), 0o644))
	}
	require.NoError(t, os.WriteFile(f.at("text.npz"), []byte("no archive"), 0o644))
	require.NoError(t, os.WriteFile(f.at("text.keras"), []byte("no archive"), 0o644))
	gokeras(t, exitOK, "convert", f.at("m.keras"), f.at("m.weights.h5"))
	gokeras(t, exitOK, "convert", f.at("m.keras"), f.at("m.json"))
	in := func(names ...string) []string {
		out := make([]string, len(names))
		for i, name := range names {
			if out[i] = name; strings.Contains(name, ".") && !strings.HasPrefix(name, "-") && !strings.HasPrefix(name, "0.") {
				out[i] = f.at(name)
			}
		}
		return out
	}
	for _, tc := range []struct {
		args []string
		code int
		want string // the folder of the test is written ~
	}{
		{in("summary"), exitUsage, `"gokeras summary" takes 1 file (a model), and 0 were given`},
		{in("convert", "m.keras"), exitUsage, `"gokeras convert" takes 2 files (IN, OUT), and 1 were given`},
		{in("summary", "none.keras"), exitError, "~/none.keras: no such file or directory"},
		{in("summary", "text.keras"), exitError, "~/text.keras"},
		{in("summary", "m.weights.h5"), exitError, "~/m.weights.h5 is a .weights.h5 file"},

		{in("predict", "m.keras"), exitUsage, `required flag(s) "inputs" not set`},
		{in("predict", "m.keras", "--inputs", "data.npz", "--outputs", "o.npz", "--batch-size", "0"), exitUsage, "--batch-size is 0, want 1 or more"},
		{in("predict", "m.keras", "--inputs", "none.npz", "--outputs", "o.npz"), exitError, "~/none.npz: no such file or directory"},
		{in("predict", "m.keras", "--inputs", "text.npz", "--outputs", "o.npz"), exitError, "~/text.npz: the archive is cut short or damaged"},
		{in("predict", "m.keras", "--inputs", "other.npz", "--outputs", "o.npz"), exitError,
			`~/other.npz: the model takes 1 input ("input_1"): want the arrays "input", or "input_1"; the file has "z"`},
		{in("predict", "two.keras", "--inputs", "three.npz", "--outputs", "o.npz"), exitError,
			`the model takes 2 inputs ("a", "b"): want the arrays "input_0", "input_1", or "a", "b"; the file has "x_0", "x_1", "x_2"`},
		{in("predict", "m.keras", "--inputs", "wide.npz", "--outputs", "o.npz"), exitError,
			`~/m.keras on ~/wide.npz: predicting with model "sequential": data x: input "input_1" expects shape (None, 4), got data of shape (20, 5)`},
		{in("predict", "m.keras", "--inputs", "data.npz", "--outputs", "none/o.npz"), exitError, "--output ~/none/o.npz: the folder ~/none does not exist: make it first"},
		{in("predict", "m.keras", "--inputs", "data.npz", "--outputs", ".", "--format", "npz"), exitError, "--output ~: it is a folder, want the name of a file"},
		{in("predict", "m.keras", "--inputs", "data.npz", "-o", "o.png"), exitUsage, "want a file that ends in .npz, .csv or .json"},
		{in("predict", "m.keras", "--inputs", "data.npz", "--format", "npz"), exitUsage, "an archive can't go to standard output"},
		{in("predict", "m.keras", "--inputs", "bad.csv"), exitError, `~/bad.csv: row 2: "x" in column "b" is no number`},
		{in("predict", "m.keras", "--inputs", "gap.csv"), exitError, `~/gap.csv: line 3: column "b" is empty`},
		{in("predict", "m.keras", "--inputs", "bad.json"), exitError, `~/bad.json: "x": at byte 10: a list of length 1, where others have 2`},
		{in("evaluate", "m.keras", "--data", "bad.csv", "--target", "z"), exitError, `~/bad.csv: there is no column "z": the columns are "a", "b"`},

		{in("evaluate", "m.keras", "--data", "three.npz"), exitError, `the model takes 1 input`},
		{in("evaluate", "two.keras", "--data", "data.npz"), exitError, `~/data.npz: the model takes 2 inputs ("a", "b"): want the arrays "x_0", "x_1", or "a", "b"`},
		{in("evaluate", "m.keras", "--data", "wide.npz"), exitError, "~/m.keras on ~/wide.npz: "},
		{in("evaluate", "m.keras", "--data", "data.npz", "--loss", "nope"), exitError, `unknown loss "nope"`},
		{in("evaluate", "two.keras", "--data", "data.npz", "--loss", "up=mse"), exitError, `~/two.keras: --loss up=mse: there is no output "up": the outputs are "left", "right"`},
		{in("evaluate", "two.keras", "--data", "data.npz", "--metrics", "left=mse,mae"), exitError, `--metrics: either name an output for each`},

		{in("fit", "m.keras", "--data", "data.npz"), exitUsage, `required flag(s) "output" not set`},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "o.keras", "--epochs", "0"), exitUsage, "--epochs is 0, want 1 or more"},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "o.keras", "--initial-epoch", "1"), exitUsage, "--initial-epoch is 1, want 0 to 0"},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "o.keras", "--validation-split", "1"), exitUsage, "--validation-split is 1, want a number between 0 and 1"},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "o.keras", "--learning-rate", "0"), exitUsage, "--learning-rate is 0, want a positive number"},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "o.keras", "--restore-best"), exitUsage, "--restore-best has no meaning without --early-stopping"},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "o.keras", "--monitor", "loss"), exitUsage, "--monitor has no meaning without"},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "o.keras", "--validation-split", "0.1", "--validation-data", "data.npz"), exitUsage, "validation-data validation-split"},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "o.json"), exitUsage, "a .json file has no weights"},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "none/o.keras"), exitError, "--output ~/none/o.keras: the folder ~/none does not exist"},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "o.keras", "--history", "none/h.json"), exitError, "--history ~/none/h.json: the folder"},
		{in("fit", "m.keras", "--data", "data.npz", "-o", "o.keras", "--optimizer", "adm"), exitError, `unknown optimizer "adm"`},
		{in("fit", "m.keras", "--data", "other.npz", "-o", "o.keras"), exitError, `~/other.npz: the model takes 1 input`},
		{in("fit", "m.keras", "--data", "wide.npz", "-o", "o.keras"), exitError, `~/m.keras on ~/wide.npz: fitting model`},

		{in("plot", "m.keras"), exitUsage, `required flag(s) "output" not set`},
		{in("plot", "m.keras", "-o", "m.jpg"), exitUsage, "--output ~/m.jpg: want a file that ends in .svg, .png or .dot"},
		{in("plot", "m.keras", "-o", "m.svg", "--rankdir", "up"), exitError, "~/m.keras: "},
		{in("inspect", "data.npz"), exitError, "~/data.npz is a file of NumPy's: want a .keras archive"},
		{in("diff", "m.keras", "data.npz"), exitDiffError, "~/data.npz is a file of NumPy's"},
		{in("diff", "m.keras", "m.json"), exitDiffError, "~/m.json is an architecture without weights"},
		{in("diff", "m.keras", "m.weights.h5", "--training"), exitDiffError, "--training compares models, and not their weights alone"},
		{in("diff", "m.keras", "two.keras", "--tolerance", "-1"), exitUsage, "--tolerance is -1"},
		{in("convert", "m.weights.h5", "o.keras"), exitError, "~/m.weights.h5 holds weights and no architecture: name a file that has it with --model"},
		{in("convert", "m.weights.h5", "o.keras", "--model", "m.weights.h5"), exitError, "--model ~/m.weights.h5 holds weights and no architecture"},
		{in("convert", "m.weights.h5", "o.keras", "--model", "two.keras"), exitError, "~/m.weights.h5"},
		{in("convert", "m.keras", "o.keras", "--model", "two.keras"), exitError, "~/m.keras has an architecture of its own"},
		{in("convert", "text.keras", "o.keras"), exitError, "~/text.keras is in no format that Keras writes"},
		{in("convert", "m.keras", "o.onnx"), exitError, "OUT ~/o.onnx: the suffix .onnx is of no format that can be written: want .keras (or none), .h5, .hdf5, .weights.h5 or .json"},
	} {
		_, stderr := gokeras(t, tc.code, tc.args...)
		require.Contains(t, strings.ReplaceAll(stderr, string(f), "~"), tc.want, "%v", tc.args)
		require.Equal(t, tc.code == exitUsage && tc.args[0] != "diff" || strings.Contains(tc.want, "--tolerance"), strings.Contains(stderr, "--help' for usage."), "%v: %s", tc.args, stderr)
	}
	for _, name := range []string{"o.npz", "o.keras", "o.json"} {
		requireNoFile(t, f.at(name))
	}
	left, err := os.ReadDir(string(f))
	require.NoError(t, err)
	for _, entry := range left {
		require.False(t, strings.HasPrefix(entry.Name(), "."), "%s was left behind", entry.Name())
	}
}

func TestCompletion(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"summary", ""}, ":0\n"},                                  // files
		{[]string{"summary", "m.keras", ""}, ":4\n"},                       // nothing more
		{[]string{"diff", "a.keras", ""}, ":0\n"},                          // files
		{[]string{"fit", "m.keras", "--data", ""}, "npz\ncsv\njson\n:8\n"}, // files of that suffix
		{[]string{"fit", "--optimizer", ""}, "adam\n"},
		{[]string{"evaluate", "--metrics", "mae,"}, "mae,accuracy\n"},
		{[]string{"plot", "--rankdir", ""}, "TB\nLR\nBT\nRL\n"},
	} {
		stdout, _ := gokeras(t, exitOK, append([]string{"__complete"}, tc.args...)...)
		require.Contains(t, stdout, tc.want, "%v", tc.args)
	}
}

// TestArchitectures computes with a model of which one file has the architecture and another the weights.
func TestArchitectures(t *testing.T) {
	onGo(t)
	f := newFolder(t)
	m := classifier(t, f.at("m.keras"))
	x, _ := labelled(t, f.at("data.npz"))
	want, err := m.Predict(x, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	raw, err := m.ToJSON()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(f.at("m.json"), raw, 0o644))
	require.NoError(t, m.SaveWeights(f.at("m.weights.h5")))
	require.NoError(t, m.SaveWeights(f.at("old.h5")))
	require.NoError(t, m.Save(f.at("whole.h5")))
	for _, weights := range []string{"m.weights.h5", "old.h5", "whole.h5"} {
		gokeras(t, exitOK, "predict", f.at("m.json"), "--weights", f.at(weights), "--inputs", f.at("data.npz"), "--outputs", f.at("out.npz"), "--quiet")
		require.True(t, want.InDelta(load(t, f.at("out.npz"))["output_0"], 1e-6), weights)
		i := gokerasJSON[inspection](t, exitOK, "inspect", f.at("m.json"), "--weights", f.at(weights))
		require.Len(t, i.Weights, 8)
		require.Equal(t, "dense/kernel", i.Weights[0].Name)
	}
	gokeras(t, exitOK, "summary", f.at("m.json"))
	gokeras(t, exitOK, "plot", f.at("m.json"), "-o", f.at("m.svg"))
	for _, command := range [][]string{{"predict", f.at("m.json"), "--inputs", f.at("data.npz")}, {"inspect", f.at("m.json")}} {
		_, stderr := gokeras(t, exitError, command...)
		require.Contains(t, stderr, "name the file with its weights with --weights")
	}
}
