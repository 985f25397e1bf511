package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"text/tabwriter"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/jsonarray"
)

// outputsJSON writes an object with an array for each output.
func outputsJSON(out *bytes.Buffer, names []string, results []*tensors.Tensor) error {
	out.WriteByte('{')
	for i, t := range results {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := json.Marshal(names[i])
		if err != nil {
			return err
		}
		out.Write(append(key, ':'))
		array, err := jsonarray.Append(nil, t)
		if err != nil {
			return fmt.Errorf("output %q: %w", names[i], err)
		}
		out.Write(array)
	}
	out.WriteString("}\n")
	return nil
}

// outputColumns are the outputs as a table: a row a sample, and a column for each of the other elements.
func outputColumns(names []string, results []*tensors.Tensor) (titles []string, rows [][]float64, bits []int, err error) {
	for i, t := range results {
		dims := t.Shape().Dimensions
		if len(dims) == 0 || i > 0 && dims[0] != len(rows) {
			return nil, nil, nil, fmt.Errorf("output %q has shape %s, which is no table beside the others: want --format json or npz", names[i], functional.Shape(dims))
		}
		width := 1
		for _, n := range dims[1:] {
			width *= n
		}
		for j := range width {
			title := names[i]
			if width > 1 {
				title += "_" + strconv.Itoa(j)
			}
			titles = append(titles, title)
			bits = append(bits, 64)
			if t.DType() == dtypes.Float32 {
				bits[len(bits)-1] = 32
			}
		}
		flat := make([]float64, 0, t.Shape().Size())
		if err := eachChunk(t, func(values []float64) { flat = append(flat, values...) }); err != nil {
			return nil, nil, nil, fmt.Errorf("output %q: %w", names[i], err)
		}
		if i == 0 {
			rows = make([][]float64, dims[0])
		}
		for r := range rows {
			rows[r] = append(rows[r], flat[r*width:(r+1)*width]...)
		}
	}
	return titles, rows, bits, nil
}

func outputsCSV(out *bytes.Buffer, names []string, results []*tensors.Tensor) error {
	titles, rows, bits, err := outputColumns(names, results)
	if err != nil {
		return err
	}
	w := csv.NewWriter(out)
	if err := w.Write(titles); err != nil {
		return err
	}
	record := make([]string, len(titles))
	for _, row := range rows {
		for i, v := range row {
			record[i] = strconv.FormatFloat(v, 'g', -1, bits[i])
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func outputsTable(out *bytes.Buffer, names []string, results []*tensors.Tensor) error {
	titles, rows, _, err := outputColumns(names, results)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "sample\t")
	for _, title := range titles {
		fmt.Fprintf(w, "%s\t", clean(title))
	}
	for i, row := range rows {
		fmt.Fprintf(w, "\n%d\t", i)
		for _, v := range row {
			fmt.Fprintf(w, "%s\t", short(v))
		}
	}
	fmt.Fprintln(w)
	return w.Flush()
}
