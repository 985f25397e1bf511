package port

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestProofProgram looks at what a program that is compared with Python says.
func TestProofProgram(t *testing.T) {
	nb, err := ReadScript([]byte("import numpy as np\nfrom keras.models import Sequential\nfrom keras.layers import Dense\nx = np.ones((4, 2))\nn = 3\nm = Sequential([Dense(1, input_shape=(2,))])\nm.compile('adam', 'mse')\n" +
		"def train(model):\n    return model.fit(x, x[:, 0], epochs=2)\nh = train(m)\np = m.predict(x)\nscore = m.evaluate(x, x[:, 0])\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Translate(nb, Options{proof: true})
	if err != nil {
		t.Fatal(err)
	}
	checkGo(t, "a proof", p)
	for _, want := range []string{`prove.Value(1, "x", x)`, `prove.Value(1, "n", n)`, `prove.Value(1, "m", m)`, `prove.Value(1, "p", p)`, `prove.Fit("model", model, `, `prove.Weighted("m", m).Predict(`, `prove.Weighted("m", m).Evaluate(`} {
		if !strings.Contains(string(p.Files["main.go"]), want) {
			t.Errorf("%s is missing:\n%s", want, p.Files["main.go"])
		}
	}
}

func TestProofTable(t *testing.T) {
	run := &pythonRun{Keras: "3", Values: map[string]map[string]json.RawMessage{"2": {"x": json.RawMessage(`{}`), "m": json.RawMessage(`{"model": {}}`)}}, Fits: map[string]json.RawMessage{"m 1": nil}}
	rows := []provenRow{{Cell: 2, Name: "m", What: "configuration", Verdict: "same"}, {Name: "m", What: "fit 1: inputs", Verdict: "same"}}
	if p := run.proof(rows, nil, ""); !p.Holds() || !p.Rows[2].Skipped {
		t.Error(p)
	}
	for what, p := range map[string]*Proof{"a fit is missing": run.proof(rows[:1], nil, ""), "a model is missing": run.proof(rows[1:], nil, ""), "the program failed": run.proof(rows, errors.New("exit status 2"), "panic")} {
		if p.Holds() {
			t.Errorf("%s:\n%s", what, p)
		}
	}
	run.Stale = map[string][]string{"2": {"y_pred"}}
	if p := run.proof(rows, nil, ""); !p.Holds() || !strings.Contains(p.String(), "| cell 2: y_pred | stopped by an error before |  | not compared |") {
		t.Error(p)
	}
	run.Errors = append(run.Errors, struct {
		Cell, Line int
		Text       string
	}{3, 1, "NameError"})
	if p := run.proof(rows, nil, ""); p.Holds() || !strings.Contains(p.String(), "| cell 3, line 1 | NameError |") {
		t.Error(p)
	}
}

func TestCopyFiles(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "work")
	if err := os.WriteFile(filepath.Join(from, "a.csv"), []byte("1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(from, "images"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := copyFiles(to, from); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "a.csv"), []byte("2"), 0o644); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(filepath.Join(from, "a.csv")); err != nil || string(raw) != "1" {
		t.Errorf("the original is %q (%v)", raw, err)
	}
	if _, err := os.Stat(filepath.Join(to, "images")); err != nil {
		t.Error(err)
	}
}

func TestLimited(t *testing.T) {
	start := time.Now()
	if _, err := limited(context.Background(), 100*time.Millisecond, "", nil, "sleep", "60"); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	if out, err := limited(context.Background(), time.Minute, "", []string{"A_NAME=value"}, "sh", "-c", "echo $A_NAME"); err != nil || out != "value\n" {
		t.Errorf("%q, %v", out, err)
	}
}
