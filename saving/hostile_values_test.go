package saving_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/saving"
)

func layerJSON(class, cfg string) string {
	return fmt.Sprintf(`{"module": "keras.layers", "class_name": %q, "config": {%s}, "registered_name": null}`, class, cfg)
}

// sequentialJSON is the configuration of a Sequential on inputs of a shape such as "[null, 4]".
func sequentialJSON(shape string, layers ...string) string {
	input := layerJSON("InputLayer", `"batch_shape": `+shape+`, "dtype": "float32", "name": "i"`)
	return `{"module": "keras", "class_name": "Sequential", "config": {"name": "s", "trainable": true, "dtype": "float32", "layers": [` +
		strings.Join(append([]string{input}, layers...), ", ") + `]}}`
}

func tensorJSON(layer string, node int) string {
	return fmt.Sprintf(`{"class_name": "__keras_tensor__", "config": {"shape": [null, 4], "dtype": "float32", "keras_history": [%q, %d, 0]}}`, layer, node)
}

// nodeJSON is one call on the outputs of first calls of layers.
func nodeJSON(layers ...string) string {
	refs := make([]string, len(layers))
	for i, l := range layers {
		refs[i] = tensorJSON(l, 0)
	}
	if len(refs) == 1 {
		return fmt.Sprintf(`{"args": [%s], "kwargs": {}}`, refs[0])
	}
	return fmt.Sprintf(`{"args": [[%s]], "kwargs": {}}`, strings.Join(refs, ", "))
}

func entryJSON(class, name, cfg string, nodes ...string) string {
	l := layerJSON(class, strings.TrimSuffix(fmt.Sprintf(`"name": %q, %s`, name, cfg), ", "))
	return strings.TrimSuffix(l, "}") + fmt.Sprintf(`, "name": %q, "inbound_nodes": [%s]}`, name, strings.Join(nodes, ", "))
}

// functionalJSON is the configuration of a model from "i" to the named outputs.
func functionalJSON(name, outputs string, layers ...string) string {
	input := entryJSON("InputLayer", "i", `"batch_shape": [null, 4], "dtype": "float32"`)
	return fmt.Sprintf(`{"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional", "config": {"name": %q, "trainable": true, "layers": [`, name) +
		strings.Join(append([]string{input}, layers...), ", ") + `], "input_layers": ["i", 0, 0], "output_layers": ` + outputs + `}}`
}

func compiledJSON(model, compile string) string {
	return strings.TrimSuffix(model, "}") + `, "compile_config": {` + compile + `}}`
}

// nestedTwice is a model that applies a model twice that applies a model twice, and so on: few layers, and 2^depth calls.
func nestedTwice(depth int) string {
	inner := entryJSON("ReLU", "m", "", nodeJSON("i"))
	for i := range depth {
		model := functionalJSON("m", `["m", 0, 0]`, inner)
		if i == 0 {
			model = functionalJSON("m", `["m", 0, 0]`, entryJSON("ReLU", "m", "", nodeJSON("i")))
		}
		second := fmt.Sprintf(`{"args": [%s], "kwargs": {}}`, tensorJSON("m", 0))
		inner = strings.TrimSuffix(model, "}") + fmt.Sprintf(`, "name": "m", "inbound_nodes": [%s, %s]}`, nodeJSON("i"), second)
	}
	return functionalJSON("outer", `["m", 2, 0]`, inner)
}

// chain is a functional model of n layers in a row, listed from the last to the first if backwards.
func chain(n int, backwards bool) string {
	layers := make([]string, n)
	for i := range layers {
		from, at := fmt.Sprintf("r%d", i-1), i
		if i == 0 {
			from = "i"
		}
		if backwards {
			at = n - 1 - i
		}
		layers[at] = entryJSON("ReLU", fmt.Sprintf("r%d", i), "", nodeJSON(from))
	}
	return functionalJSON("m", fmt.Sprintf(`["r%d", 0, 0]`, n-1), layers...)
}

// doubling is a model whose n layers each put their input beside itself.
func doubling(n int) string {
	layers := make([]string, n)
	from := "i"
	for i := range layers {
		name := fmt.Sprintf("c%d", i)
		layers[i] = entryJSON("Concatenate", name, `"axis": -1`, nodeJSON(from, from))
		from = name
	}
	return functionalJSON("m", fmt.Sprintf(`[%q, 0, 0]`, from), layers...)
}

func repeat(n int, text string) string {
	return strings.TrimSuffix(strings.Repeat(text+", ", n), ", ")
}

// TestHostileConfigurations lists configurations with the error that each gives; "" is for those that make a model which is as large as it says, and of
// which nothing takes memory.
func TestHostileConfigurations(t *testing.T) {
	relu := layerJSON("ReLU", "")
	dense := func(units string) string { return layerJSON("Dense", `"units": `+units) }
	onOutput := func(nodes ...string) string {
		return functionalJSON("m", `["d", 0, 0]`, entryJSON("Dense", "d", `"units": 2`, nodes...))
	}
	wide := sequentialJSON("[null, 4]", dense("2"))
	for name, c := range map[string]struct{ raw, says string }{
		"nothing":              {"", "EOF"},
		"null":                 {"null", "object"},
		"a list":               {"[]", "array"},
		"two objects":          {"{} {}", "more after"},
		"not UTF-8":            {"{\"class_name\": \"\xff\xfe\"}", "unknown layer"},
		"deep lists":           {`{"a": ` + strings.Repeat("[", 1e6) + `}`, "deep"},
		"deep closed":          {`{"a": ` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`, "deep"},
		"deep objects":         {strings.Repeat(`{"a":`, 1e6), "deep"},
		"deep sequentials":     {strings.Repeat(`{"class_name": "Sequential", "config": {"name": "s", "layers": [`, 400) + strings.Repeat("]}}", 400), "deep"},
		"models applied twice": {nestedTwice(15), "applications"},
		"models in models":     {nestedTwice(40), "inside each other"},
		"layers in layers": {sequentialJSON("[null, 4, 4]", strings.Repeat(`{"class_name": "TimeDistributed", "config": {"layer": `, 40)+
			relu+strings.Repeat("}}", 40)), "inside each other"},
		"values":               {`{"a": [` + repeat(5e6, "1") + `]}`, "values"},
		"a million layers":     {sequentialJSON("[null, 4]", repeat(1e6, `{"class_name":"ReLU","config":{}}`)), "values"},
		"many layers":          {sequentialJSON("[null, 4]", repeat(1e5, `{"class_name":"ReLU","config":{}}`)), "layers"},
		"long chain":           {chain(2000, false), ""},
		"long chain backwards": {chain(2000, true), ""},
		"long sequential":      {sequentialJSON("[null, 4]", repeat(2000, layerJSON("ReLU", ""))), ""},
		"huge units":           {sequentialJSON("[null, 4]", dense("1000000000000")), ""},
		"units past int":       {sequentialJSON("[null, 4]", dense("1e30")), "units"},
		"units of half":        {sequentialJSON("[null, 4]", dense("1.5")), "units"},
		"negative units":       {sequentialJSON("[null, 4]", dense("-3")), "units"},
		"weights past int":     {sequentialJSON("[null, 1000000000000]", dense("1000000000000")), "too large"},
		"huge input":           {sequentialJSON("[null, 1099511627776, 1099511627776, 1099511627776]", layerJSON("Flatten", "")), "too large"},
		"axis past int":        {sequentialJSON("[null, 1e30]", relu), "axis"},
		"negative axis":        {sequentialJSON("[null, -4]", relu), "axis"},
		"rank":                 {sequentialJSON("["+repeat(1e5, "1")+"]", relu), "axes"},
		"doubling":             {doubling(70), "too large"},
		"huge reshape":         {sequentialJSON("[null, 4]", layerJSON("Reshape", `"target_shape": [`+repeat(1e5, "1")+`]`)), "total size"},
		"reshape past int":     {sequentialJSON("[null, 4]", layerJSON("Reshape", `"target_shape": [4294967296, 4294967296, 4294967296]`)), "total size"},
		"pool of nothing":      {sequentialJSON("[null, 4, 4, 1]", layerJSON("MaxPooling2D", `"pool_size": [0, 0]`)), "pool_size"},
		"huge pool":            {sequentialJSON("[null, 4, 4, 1]", layerJSON("MaxPooling2D", `"pool_size": [1000000000000, 1000000000000]`)), "at most"},
		"stride of nothing":    {sequentialJSON("[null, 4, 4, 1]", layerJSON("Conv2D", `"filters": 1, "kernel_size": [1, 1], "strides": [0, 0]`)), "strides"},
		"huge kernel":          {sequentialJSON("[null, null, null, 1]", layerJSON("Conv2D", `"filters": 1099511627776, "kernel_size": [1099511627776, 1099511627776]`)), "too many"},
		"dilation past int":    {sequentialJSON("[null, 4, 4, 1]", layerJSON("Conv2D", `"filters": 1, "kernel_size": [2000000000000, 2], "dilation_rate": [2000000000000, 1]`)), "at most"},
		"cycle":                {functionalJSON("m", `["a", 0, 0]`, entryJSON("ReLU", "a", "", nodeJSON("b")), entryJSON("ReLU", "b", "", nodeJSON("a"))), "cycle"},
		"self reference":       {onOutput(nodeJSON("d")), "cycle"},
		"no such layer":        {onOutput(nodeJSON("nowhere")), "no such layer"},
		"no such call":         {onOutput(strings.Replace(nodeJSON("i"), `"i", 0, 0`, `"i", 1000000000000, 0`, 1)), "call"},
		"negative call":        {onOutput(strings.Replace(nodeJSON("i"), `"i", 0, 0`, `"i", -1, 0`, 1)), "reference"},
		"no such output":       {onOutput(strings.Replace(nodeJSON("i"), `"i", 0, 0`, `"i", 0, 1e15`, 1)), "output"},
		"long reference":       {onOutput(`{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": [` + repeat(1e5, `"i"`) + `]}}], "kwargs": {}}`), "reference"},
		"many inputs":          {functionalJSON("m", `["d", 0, 0]`, entryJSON("Add", "d", "", nodeJSON(strings.Split(repeat(5000, "i"), ", ")...))), ""},
		"ids in models in models": {strings.Repeat(`{"class_name": "Sequential", "config": {"name": "s", "layers": [`, 15) +
			`{"class_name": "ReLU", "shared_object_id": 1, "config": {"x": [` + repeat(3e5, "1") + `]}}` + strings.Repeat("]}}", 15), "unknown argument"},
		"two of a name":           {functionalJSON("m", `["d", 0, 0]`, entryJSON("ReLU", "d", "", nodeJSON("i")), entryJSON("ReLU", "d", "", nodeJSON("i"))), "named"},
		"control characters":      {functionalJSON("m", `["\u001b[2J", 0, 0]`, strings.ReplaceAll(entryJSON("ReLU", "ESC", "", nodeJSON("i")), "ESC", `\u001b[2J`)), "control"},
		"model's name":            {strings.Replace(functionalJSON("m", `["i", 0, 0]`), `"name": "m"`, `"name": "m\u0007"`, 1), "control"},
		"long name":               {functionalJSON(strings.Repeat("n", 1e6), `["i", 0, 0]`), "name"},
		"no outputs":              {functionalJSON("m", `[]`), "none"},
		"outputs of outputs":      {functionalJSON("m", strings.Repeat("[", 900)+strings.Repeat("]", 900)), "none"},
		"unknown class":           {sequentialJSON("[null, 4]", layerJSON("Denze", "")), "Dense"},
		"unknown argument":        {sequentialJSON("[null, 4]", layerJSON("ReLU", `"`+strings.Repeat("x", 1e5)+`": 1`)), "unknown argument"},
		"long class":              {sequentialJSON("[null, 4]", layerJSON(strings.Repeat("x", 1e6), "")), "unknown layer"},
		"Python's body":           {sequentialJSON("[null, 4]", layerJSON("Lambda", `"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}`)), "Python code"},
		"NaN where a text is":     {sequentialJSON("[null, 4]", layerJSON("ReLU", `"name": NaN`)), "name"},
		"Infinity as a size":      {sequentialJSON("[null, 4]", dense("Infinity")), "units"},
		"NaN as an axis":          {sequentialJSON("[null, NaN]", relu), "axis"},
		"NaN as a slope":          {sequentialJSON("[null, 4]", layerJSON("LeakyReLU", `"negative_slope": NaN`)), "negative_slope"},
		"many thresholds":         {compiledJSON(wide, `"optimizer": "sgd", "loss": "mse", "metrics": [{"class_name": "AUC", "config": {"num_thresholds": 1000000000000}}]`), "metrics"},
		"many classes":            {compiledJSON(wide, `"optimizer": "sgd", "loss": "mse", "metrics": [{"class_name": "MeanIoU", "config": {"num_classes": 1000000000000}}]`), "metrics"},
		"many metrics":            {compiledJSON(wide, `"optimizer": "sgd", "loss": "mse", "metrics": [`+repeat(1e5, `"mae"`)+`]`), ""},
		"many losses":             {compiledJSON(wide, `"optimizer": "sgd", "loss": [`+repeat(1e5, `"mse"`)+`]`), ""},
		"deep metrics":            {compiledJSON(wide, `"optimizer": "sgd", "loss": "mse", "metrics": `+strings.Repeat("[", 900)+strings.Repeat("]", 900)), ""},
		"huge steps":              {compiledJSON(wide, `"optimizer": "sgd", "loss": "mse", "steps_per_execution": 1000000000000`), ""},
		"optimizer of a list":     {compiledJSON(wide, `"optimizer": [1], "loss": "mse"`), "optimizer"},
		"loss of an unknown name": {compiledJSON(wide, `"optimizer": "sgd", "loss": "`+strings.Repeat("x", 1e6)+`"`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := readConfig(t, name, []byte(c.raw))
			if c.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.says)
			}
		})
	}
}

// TestPythonNumbers reads what Python's json writes for numbers that JSON lacks, and writes it again.
func TestPythonNumbers(t *testing.T) {
	operation := fmt.Sprintf(`{"module": "keras.src.ops.numpy", "class_name": "Maximum", "config": {"name": "maximum"}, "registered_name": "Maximum", "name": "maximum",
		"inbound_nodes": [{"args": [%s, -Infinity], "kwargs": {}}]}`, tensorJSON("i", 0))
	m, err := functional.FromJSON([]byte(functionalJSON("m", `["maximum", 0, 0]`, operation)), false)
	require.NoError(t, err)
	require.NoError(t, predictOn(m, 4))
	raw, err := m.ToJSON()
	require.NoError(t, err)
	require.Contains(t, string(raw), ",-Infinity]")
	path := filepath.Join(t.TempDir(), "m.keras")
	require.NoError(t, m.Save(path))
	m, err = saving.LoadModel(path)
	require.NoError(t, err)
	require.NoError(t, predictOn(m, 4))
	for _, path := range []string{"m.h5", "m.hdf5"} {
		path = filepath.Join(t.TempDir(), path)
		require.NoError(t, m.Save(path))
		m, err = saving.LoadModel(path)
		require.NoError(t, err)
	}
}
