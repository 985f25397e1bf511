package plots

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Bytes is what a function of this package draws, for a notebook or a web page instead of a file; format is "svg", "png" or, of a model, "dot".
//
//	svg, err := plots.Bytes("svg", func(path string) error { return plots.History(history, path) })
func Bytes(format string, draw func(path string) error) (content []byte, err error) {
	dir, err := os.MkdirTemp("", "gokeras-*")
	if err != nil {
		return nil, fmt.Errorf("plots.Bytes: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "picture."+filepath.Base(format))
	if err := draw(path); err != nil {
		return nil, err
	}
	if content, err = os.ReadFile(path); err != nil {
		return nil, fmt.Errorf("plots.Bytes: nothing was drawn: %w", err)
	}
	return content, nil
}
