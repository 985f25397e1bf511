package saving

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/gokeras/gokeras/functional"
)

// LoadModelFrom is [LoadModel] of a file that lies in the size bytes of in, a .keras archive or a legacy .h5 file.
func LoadModelFrom(in io.ReaderAt, size int64) (*functional.Model, error) {
	return functional.LoadFrom(in, size, "from memory", functional.LoadOptions{})
}

// LoadModelBytes is [LoadModel] of a file's content, such as a variable of //go:embed has it.
func LoadModelBytes(content []byte) (*functional.Model, error) {
	return LoadModelFrom(bytes.NewReader(content), int64(len(content)))
}

// LoadModelFS is [LoadModel] of a file of a file system, such as an embed.FS. A file that can't be read in any order is read into memory.
func LoadModelFS(system fs.FS, name string) (m *functional.Model, err error) {
	f, err := system.Open(name)
	if err != nil {
		return nil, fmt.Errorf("loading model: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("loading model %s: %w", name, err)
	}
	if in, ok := f.(io.ReaderAt); ok {
		return functional.LoadFrom(in, info.Size(), name, functional.LoadOptions{})
	}
	content, err := io.ReadAll(io.LimitReader(f, info.Size()))
	if err != nil {
		return nil, fmt.Errorf("loading model %s: %w", name, err)
	}
	return functional.LoadFrom(bytes.NewReader(content), int64(len(content)), name, functional.LoadOptions{})
}
