package serial

import (
	"fmt"
	"io"

	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/symbolic"
)

// CompileFunc compiles a model with the arguments that its file has.
type CompileFunc func(model symbolic.Layer, arguments map[string]any) error

func (f CompileFunc) run(model symbolic.Layer, arguments map[string]any) error {
	if f == nil || len(arguments) == 0 {
		return nil
	}
	if err := f(model, arguments); err != nil {
		return Brief(fmt.Errorf("model %q: compile_config: %w: saving.LoadUncompiled (--no-compile of the command) reads the model without", model.Base().Name(), err))
	}
	return nil
}

// Load reads a model from an archive or a legacy file; the content tells which it is. A nil compile leaves out the file's compile arguments and the
// optimizer's state.
func Load(path string, compile CompileFunc) (symbolic.Layer, error) {
	return load(path, compile, false)
}

// Show is Load of a model that is only to be shown, uncompiled: what can't be made here stands in it as [symbolic.Unknown].
func Show(path string) (symbolic.Layer, error) { return load(path, nil, true) }

func load(path string, compile CompileFunc, show bool) (symbolic.Layer, error) {
	open := kerasfile.Open
	if format, err := kerasfile.Detect(path); err == nil && format == kerasfile.LegacyModelFormat {
		open = kerasfile.OpenHDF5
	}
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(f, compile, show)
}

// LoadFrom is Load of a file that lies in the size bytes of in; name stands for it in errors.
func LoadFrom(in io.ReaderAt, size int64, name string, compile CompileFunc) (symbolic.Layer, error) {
	f, err := kerasfile.NewModelReader(in, size, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(f, compile, false)
}

func read(f *kerasfile.Reader, compile CompileFunc, show bool) (symbolic.Layer, error) {
	if f.Format() == kerasfile.LegacyModelFormat {
		return readLegacy(f, compile, show)
	}
	l, arguments, err := fromArchive(f, show)
	if err == nil {
		followVersion(l, f.Metadata().KerasVersion)
		err = compile.run(l, arguments)
	}
	if err == nil {
		err = restore(l, f, compile != nil, show)
	}
	if err != nil {
		return nil, orDamage(f, err)
	}
	return l, nil
}

// fromArchive makes the model of an archive, with new weights.
func fromArchive(f *kerasfile.Reader, show bool) (model symbolic.Layer, compile map[string]any, err error) {
	m, err := decodeJSON(f.Config())
	if err == nil && eraOfArchive(f).old() {
		m, err = modernArchive(m, f.Metadata().KerasVersion)
	}
	if err != nil {
		return nil, nil, Brief(fmt.Errorf("reading a model's configuration: %w", err))
	}
	if show {
		markShown(m)
	}
	return fromDecoded(m)
}

// Decode makes the model that a configuration describes, compiled if compile isn't nil.
func Decode(raw []byte, compile CompileFunc) (symbolic.Layer, error) {
	l, arguments, err := FromJSON(raw)
	if err == nil {
		err = compile.run(l, arguments)
	}
	return l, err
}
