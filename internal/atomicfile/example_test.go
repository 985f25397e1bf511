package atomicfile_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/internal/atomicfile"
)

func ExampleWrite() {
	dir, err := os.MkdirTemp("", "atomicfile")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "note.txt")
	err = atomicfile.Write(path, 0o644, func(w *os.File) error {
		_, err := io.WriteString(w, "all or nothing")
		return err
	})
	content, _ := os.ReadFile(path)
	fmt.Println(string(content), err)
	// Output: all or nothing <nil>
}
