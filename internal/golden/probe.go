package golden

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Probes is what a family of probes holds: README.md, under probes, says what the fields mean.
type Probes struct {
	Cases  []Probe      `json:"probes"`
	Errors []ProbeError `json:"errors"`
}

// Probe is a small model, given its weights and called.
type Probe struct {
	Name string `json:"name"`
	// Config is the model's configuration as Keras writes it into files.
	Config json.RawMessage `json:"config"`
	// Rewritten is what Keras writes of the model that it read from Config; null where that is the same.
	Rewritten  json.RawMessage  `json:"rewritten"`
	Layers     []string         `json:"layers"`
	Operations []ProbeOperation `json:"operations"`
	Weights    []ProbeWeight    `json:"weights"`
	// Adapt is what a layer was adapted to before the calls, or nil.
	Adapt *Adaption   `json:"adapt"`
	Calls []ProbeCall `json:"calls"`
}

// Adaption is the data that a layer learned its state from, as one array or as batches.
type Adaption struct {
	Layer    string  `json:"layer"`
	Batches  []Array `json:"batches"`
	OneArray bool    `json:"one_array"`
}

// ProbeOperation is a layer or operation of the model's graph, with the symbolic outputs of each of its calls.
type ProbeOperation struct {
	Name    string          `json:"name"`
	Class   string          `json:"class"`
	Outputs [][]ProbeTensor `json:"outputs"`
}

// ProbeTensor is a symbolic tensor; -1 stands for None.
type ProbeTensor struct {
	Shape  ProbeShape `json:"shape"`
	DType  string     `json:"dtype"`
	Masked bool       `json:"masked"`
}

// ProbeShape reads null as -1.
type ProbeShape []int

// UnmarshalJSON implements json.Unmarshaler.
func (s *ProbeShape) UnmarshalJSON(raw []byte) error {
	var dims []*int
	if err := json.Unmarshal(raw, &dims); err != nil {
		return err
	}
	*s = make(ProbeShape, len(dims))
	for i, d := range dims {
		(*s)[i] = -1
		if d != nil {
			(*s)[i] = *d
		}
	}
	return nil
}

// ProbeWeight is one of model.weights before the first call.
type ProbeWeight struct {
	Path      string `json:"path"`
	Trainable bool   `json:"trainable"`
	DType     string `json:"dtype"`
	Value     Array  `json:"value"`
}

// ProbeCall is one call of the model. Lists are in the flat order of the model's inputs, of its outputs, or
// of its trainable weights; nil stands for what has no mask, no cotangent or no gradient.
type ProbeCall struct {
	// Reset says that the states of stateful layers were reset before.
	Reset    bool    `json:"reset"`
	Training bool    `json:"training"`
	Inputs   []Array `json:"inputs"`
	Outputs  []Array `json:"outputs"`
	// OutputStructure is the outputs as the call returned them, with each replaced by its index.
	OutputStructure any      `json:"output_structure"`
	Masks           []*Array `json:"masks"`
	Cotangents      []*Array `json:"cotangents"`
	InputGrads      []*Array `json:"input_grads"`
	WeightGrads     []*Array `json:"weight_grads"`
	Losses          Value    `json:"losses"`
	// NonTrainableAfter are the values of the non-trainable weights after the call, StatesAfter those of recurrent layers' states.
	NonTrainableAfter []Array       `json:"non_trainable_after"`
	StatesAfter       []ProbeStates `json:"states_after"`
}

// ProbeStates are the states that a stateful recurrent layer was left with.
type ProbeStates struct {
	Layer  string  `json:"layer"`
	States []Array `json:"states"`
}

// ProbeError is a constructor call (Class and Arguments) or a call of a layer (Layer, Inputs and
// Arguments), and what Keras raised: nil where it raised nothing.
type ProbeError struct {
	Class     string                     `json:"class"`
	Layer     json.RawMessage            `json:"layer"`
	Inputs    []json.RawMessage          `json:"inputs"`
	Arguments map[string]json.RawMessage `json:"arguments"`
	Error     *KerasError                `json:"error"`
}

// KerasError is an exception of Keras's: the class's name and the text.
type KerasError struct {
	Exception string `json:"exception"`
	Message   string `json:"message"`
	// When says of a layer's call which one failed: "symbolic", or "numbers" where only the call with arrays did.
	When string `json:"when"`
}

// LoadProbes reads a family of probes.
func LoadProbes(t testing.TB, family string) Probes {
	t.Helper()
	var p Probes
	Load(t, family, &p)
	require.NotEmpty(t, p.Cases, "%s.json", family)
	return p
}

// ProbeFamilies names the families of probes that there are.
func ProbeFamilies(t testing.TB) []string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(here), "testdata", "*.json"))
	require.NoError(t, err)
	var families []string
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		if bytes.HasPrefix(raw, []byte(`{"probes":`)) {
			families = append(families, strings.TrimSuffix(filepath.Base(file), ".json"))
		}
	}
	require.NotEmpty(t, families)
	return families
}
