package port

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/internal/atomicfile"
)

// Write puts the program's files and its report, port-report.md, into a folder, which it makes. A go.mod that is there stays.
func (p *Program) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	kept := err == nil
	files := map[string][]byte{"port-report.md": []byte(p.Report.Markdown())}
	for name, text := range p.Files {
		if kept && (name == "go.mod" || name == "go.sum") {
			continue
		}
		files[name] = text
	}
	for _, name := range sortedKeys(files) {
		if err := atomicfile.Write(filepath.Join(dir, name), 0o644, func(w *os.File) error {
			_, err := w.Write(files[name])
			return err
		}); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
