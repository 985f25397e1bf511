package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/jsonarray"
	"github.com/gokeras/gokeras/internal/npz"
)

// Data for models in other files than .npz: tables in .csv, values in .json.

// inMemory are the arrays of a file that was read whole: tensors, and lists of texts.
type inMemory map[string]any

func (m inMemory) Has(name string) bool { return m[name] != nil }

func (m inMemory) Names() []string {
	return slices.Sorted(maps.Keys(m))
}

func (m inMemory) Value(name string) (any, error) { return m[name], nil }

func (m inMemory) Close() error { return nil }

// inArchive are those of an .npz file, read when they are asked for.
type inArchive struct{ *npz.Archive }

func (a inArchive) Value(name string) (any, error) { return a.Tensor(name) }

// tableOptions say what a table doesn't.
type tableOptions struct {
	// targets are the columns to predict. nil is "y" or "target" or "label" if the table has it, else the last; empty is none.
	targets []string
	scale   float64 // of a picture's values
}

// readCSV reads a table: a row a sample, a column a number or a text, perhaps names in the first row. A model whose inputs all have the
// names of columns gets those; another has one input, whose shape the other columns fill in order. The targets become "y".
func readCSV(path string, m *functional.Model, o tableOptions) (inMemory, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	reader := csv.NewReader(f)
	reader.ReuseRecord, reader.TrimLeadingSpace = true, true
	t := &table{}
	for row := 0; ; row++ {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		line, _ := reader.FieldPos(0)
		if row == 0 && t.begin(record) {
			continue
		}
		for i, field := range record {
			if field == "" {
				return nil, fmt.Errorf("%s: line %d: column %q is empty: want a number or a text in each", path, line, t.names[i])
			}
			t.columns[i] = append(t.columns[i], field)
		}
	}
	if len(t.columns) == 0 || len(t.columns[0]) == 0 {
		return nil, fmt.Errorf("%s: the table has no rows", path)
	}
	out, err := t.arrays(m, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

type table struct {
	names   []string
	columns [][]string
}

// begin looks at the first row, and reports whether it names the columns: whether none of it is a number.
func (t *table) begin(record []string) (names bool) {
	t.columns = make([][]string, len(record))
	names = !slices.ContainsFunc(record, func(field string) bool {
		_, err := strconv.ParseFloat(field, 64)
		return err == nil
	})
	for i, field := range record {
		name := "column " + strconv.Itoa(i)
		if names {
			name = strings.TrimPrefix(strings.Clone(field), "\ufeff")
		}
		t.names = append(t.names, name)
	}
	return names
}

func (t *table) arrays(m *functional.Model, o tableOptions) (inMemory, error) {
	out := inMemory{}
	targets := o.targets
	if targets == nil {
		targets = t.names[len(t.names)-1:]
		for _, usual := range []string{"label", "target", "y"} {
			if slices.Contains(t.names, usual) {
				targets = []string{usual}
			}
		}
	}
	var y []int
	for _, name := range targets {
		i := slices.Index(t.names, name)
		if i < 0 {
			return nil, fmt.Errorf("there is no column %q: the columns are %s", name, quoted(t.names))
		}
		y = append(y, i)
	}
	var err error
	if len(y) > 0 {
		if out["y"], err = t.block(y, []int{len(y)}); err != nil {
			return nil, err
		}
	}
	if inputs := m.InputNames(); !slices.ContainsFunc(inputs, func(name string) bool { return !slices.Contains(t.names, name) }) {
		for _, name := range inputs {
			if out[name], err = t.block([]int{slices.Index(t.names, name)}, []int{1}); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	var x []int
	for i := range t.names {
		if !slices.Contains(y, i) {
			x = append(x, i)
		}
	}
	if len(x) == 0 {
		return nil, errors.New("the table has no column for the model's input")
	}
	dims := []int{len(x)}
	if inputs := m.Inputs(); len(inputs) == 1 {
		if shape := inputs[0].Shape()[1:]; !slices.Contains(shape, functional.None) && shape.Size() == len(x) {
			dims = shape
		}
	}
	out["x"], err = t.block(x, dims)
	return out, err
}

// block is an array of some columns, the axes dims behind that of the rows.
func (t *table) block(columns, dims []int) (any, error) {
	rows := len(t.columns[0])
	flat := make([]float32, 0, rows*len(columns))
	var texts []string
	for row := range rows {
		for _, i := range columns {
			field := t.columns[i][row]
			if texts == nil {
				if v, err := strconv.ParseFloat(field, 32); err == nil {
					flat = append(flat, float32(v))
					continue
				}
				if len(columns) > 1 {
					return nil, fmt.Errorf("row %d: %q in column %q is no number", row+1, field, t.names[i])
				}
				texts = slices.Clone(t.columns[i][:row])
			}
			texts = append(texts, field)
		}
	}
	if texts != nil {
		return texts, nil
	}
	return tensors.FromFlatDataAndDimensions(flat, append([]int{rows}, dims...)...), nil
}

// maxJSONData bounds what is read of a file of values, which take several times as much memory.
const maxJSONData = 1 << 30

// readJSON reads values: an object of arrays by name, or one array, which is the input.
func readJSON(path string) (inMemory, error) {
	raw, err := readBounded(path, maxJSONData, ": convert it to .npz")
	if err != nil {
		return nil, err
	}
	byName := map[string]json.RawMessage{}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		byName["x"] = raw
	} else if err := json.Unmarshal(raw, &byName); err != nil {
		return nil, fmt.Errorf("%s: want an array, or an object of arrays: %w", path, err)
	}
	out := inMemory{}
	for name, text := range byName {
		if out[name], err = jsonarray.Decode(text); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, name, err)
		}
	}
	return out, nil
}

// openSource opens a file with data for the model.
func openSource(path string, m *functional.Model, o tableOptions) (source, error) {
	suffix := strings.ToLower(filepath.Ext(path))
	switch suffix {
	case ".csv":
		return readCSV(path, m, o)
	case ".json":
		return readJSON(path)
	case ".npy":
		x, err := npz.ReadSingle(path)
		if err != nil {
			return nil, err
		}
		return inMemory{"x": x}, nil
	}
	if slices.Contains(pictureSuffixes, suffix) {
		return readPicture(path, m, o.scale)
	}
	archive, err := npz.Open(path)
	if err != nil {
		return nil, err
	}
	return inArchive{archive}, nil
}
