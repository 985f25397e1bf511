package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/atomicfile"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/saving"
)

const weightsSuffix = ".weights.h5"

// newConvertCommand makes "gokeras convert".
func newConvertCommand() *cobra.Command {
	var architecture string
	var noCompile, weightsOnly bool
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "Convert one format of file into another",
		Long: `Convert a model or its weights into another format. What IN is, its content says;
what OUT shall be, its suffix:

  .keras, or none   a whole model, in Keras 3's format
  .h5, .hdf5        a whole model, in Keras's legacy format
  .weights.h5       the weights (with --weights-only, .h5 too, in the legacy format)
  .json             the architecture and compile arguments (Python: model.to_json)

Weights alone have no architecture: --model names a file that has it, a model or
the .json.`,
		Example: `  gokeras convert legacy.h5 model.keras
  gokeras convert model.keras model.weights.h5
  gokeras convert model.weights.h5 model.keras --model architecture.json
  gokeras convert model.keras deployed.keras --no-compile`,
		Args:              files("IN", "OUT"),
		ValidArgsFunction: completeFiles(2),
	}
	cmd.Flags().StringVar(&architecture, "model", "", "for weights: a file with their model's architecture")
	cmd.Flags().BoolVar(&weightsOnly, "weights-only", false, "write the weights alone")
	cmd.Flags().BoolVar(&noCompile, "no-compile", false, "leave out the compile arguments and the optimizer's state")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		in, out := args[0], args[1]
		switch suffix := filepath.Ext(out); suffix {
		case "", ".keras", ".h5", ".hdf5", ".json":
		default:
			return fmt.Errorf("OUT %s: the suffix %s is of no format that can be written: want .keras (or none), .h5, .hdf5, .weights.h5 or .json", out, suffix)
		}
		if err := checkTarget("OUT", out); err != nil {
			return err
		}
		m, err := readAny(in, architecture, noCompile)
		if err != nil {
			return err
		}
		if weightsOnly {
			return m.SaveWeights(out)
		}
		return saveAs(m, out)
	}
	return cmd
}

// readAny reads a model from a file of any format; architecture names another that has what weights alone lack.
func readAny(path, architecture string, noCompile bool) (*functional.Model, error) {
	kind, err := sniff(path)
	if err != nil {
		return nil, err
	}
	load := saving.LoadModel
	if noCompile {
		load = saving.LoadUncompiled
	}
	switch {
	case kind != weightsFile && architecture != "":
		return nil, fmt.Errorf("--model %s: %s has an architecture of its own; --model is for weights", architecture, path)
	case kind == modelFile:
		return load(path)
	case kind == architectureFile:
		return readArchitecture(path, !noCompile)
	case architecture == "":
		return nil, fmt.Errorf("%s holds weights and no architecture: name a file that has it with --model", path)
	}
	var m *functional.Model
	if kind, err = sniff(architecture); err != nil {
		return nil, fmt.Errorf("--model: %w", err)
	}
	switch kind {
	case modelFile:
		m, err = load(architecture)
	case architectureFile:
		m, err = readArchitecture(architecture, !noCompile)
	default:
		err = fmt.Errorf("--model %s holds weights and no architecture", architecture)
	}
	if err != nil {
		return nil, err
	}
	return m, m.LoadWeights(path)
}

// fileKind is what a file is good for.
type fileKind int

const (
	modelFile fileKind = iota
	weightsFile
	architectureFile // JSON
)

// sniff looks at the content of a file.
func sniff(path string) (fileKind, error) {
	format, err := kerasfile.Detect(path)
	if err != nil {
		return 0, err
	}
	switch format {
	case kerasfile.WeightsFormat, kerasfile.LegacyWeightsFormat, kerasfile.ShardedFormat:
		return weightsFile, nil
	case kerasfile.Unknown:
		if isJSON(path) {
			return architectureFile, nil
		}
		return 0, fmt.Errorf("%s is %s: want a .keras archive, a .h5 model, .weights.h5 weights or the .json of an architecture", path, format)
	}
	return modelFile, nil // what can't be read, LoadModel says
}

func isJSON(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	return bytes.HasPrefix(bytes.TrimSpace(head[:n]), []byte("{"))
}

// maxJSON bounds what is read of a file that says it is an architecture.
const maxJSON = 256 << 20

func readArchitecture(path string, compile bool) (*functional.Model, error) {
	raw, err := readBounded(path, maxJSON, ", too many for an architecture")
	if err != nil {
		return nil, err
	}
	m, err := functional.FromJSON(raw, compile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// saveAs writes the model as the suffix of the path says.
func saveAs(m *functional.Model, path string) error {
	switch {
	case strings.HasSuffix(path, weightsSuffix):
		return m.SaveWeights(path)
	case filepath.Ext(path) != ".json":
		return m.Save(path)
	}
	compact, err := m.ToJSON()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return atomicfile.Write(path, 0o644, func(w *os.File) error {
		_, err := w.Write(out.Bytes())
		return err
	})
}
