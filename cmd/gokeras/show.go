package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/saving"
)

// weightsFlag adds --weights, for models of which a file has the architecture alone.
func weightsFlag(cmd *cobra.Command) *string {
	path := cmd.Flags().String("weights", "", "the file with the weights: .h5 or .weights.h5, of a model in a .json file, or in place of the model's own")
	must(cmd.MarkFlagFilename("weights", "h5", "hdf5", "keras"))
	return path
}

// loadWith reads a model that is to compute. The weights of a file that has the architecture alone are in another file.
func loadWith(path, weights string) (m *functional.Model, err error) {
	switch kind, unknown := sniff(path); {
	case unknown != nil || kind != architectureFile:
		m, err = saving.LoadUncompiled(path)
	case weights == "":
		return nil, fmt.Errorf("%s has the architecture of a model alone: name the file with its weights with --weights", path)
	default:
		m, err = readArchitecture(path, false)
	}
	if err == nil && weights != "" {
		err = m.LoadWeights(weights)
	}
	return m, err
}

// showModel reads a model to look at: a file of any kind that describes one. What isn't known here stands in it all the same, and notes say so.
func showModel(path string, notes io.Writer) (*functional.Model, error) {
	if kind, err := sniff(path); err == nil && kind == architectureFile {
		return readArchitecture(path, false)
	}
	m, err := saving.LoadUncompiled(path)
	if err == nil {
		return m, nil
	}
	shown, failed := functional.ShowModel(path)
	if failed != nil || len(shown.UnknownLayers()) == 0 {
		return nil, err
	}
	fmt.Fprintf(notes, "gokeras: %s has layers that can be shown but not run here; their weights count as trainable, and \"?\" is a shape that the file doesn't tell:\n", path)
	for _, l := range shown.UnknownLayers() {
		fmt.Fprintf(notes, "  %s: %s\n", clean(l.Layer), clean(l.Reason))
	}
	return shown, nil
}
