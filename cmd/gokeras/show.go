package main

import (
	"fmt"
	"io"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/saving"
)

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
