package rewrite

import (
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/execcache"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/internal/notice"
)

// Compiler is the engine as programs are built and compiled on it: on XLA, what its compiler would run slowly is rewritten just before,
// and what it compiled is kept for the next start. Buffers stay the engine's own. Where kernels are off that could serve, it says so once on standard error.
func Compiler(engine compute.Backend) compute.Backend {
	if backend.PluginOf(engine) == "" {
		return engine
	}
	use := usable(engine)
	if use.notice != "" {
		notice.Once(use.notice)
	}
	return compiler{Backend: engine, level: use.level, small: true, err: use.err}
}

type compiler struct {
	compute.Backend
	level kernels.Level // None: the engine takes no kernels
	small bool          // of small programs, kernels do all they can
	err   error         // for who compiles
}

var (
	_ backend.Wrapper    = compiler{}
	_ lowering.MaxPooler = compiler{}
	_ lowering.Kerneled  = compiler{}
)

// Unwrap implements backend.Wrapper.
func (c compiler) Unwrap() compute.Backend { return c.Backend }

// TakesMaxPool implements lowering.MaxPooler.
func (c compiler) TakesMaxPool(dtype dtypes.DType, windows []int) bool {
	_, ok := poolSize(windows)
	return c.level != kernels.None && dtype == dtypes.Float32 && ok
}

// HasKernels implements lowering.Kerneled.
func (c compiler) HasKernels() bool { return c.level != kernels.None }

func (c compiler) Builder(name string) compute.Builder {
	return builder{Builder: c.Backend.Builder(name), level: c.level, small: c.small, onCPU: backend.KindOf(c.Backend) == backend.XLACPU, err: c.err}
}

type builder struct {
	compute.Builder
	level kernels.Level
	small bool
	onCPU bool
	err   error
}

func (b builder) Compile() (compute.Executable, error) {
	if b.err != nil {
		return nil, b.err
	}
	if b.level == kernels.None {
		return execcache.Compile(b.Builder, "")
	}
	if p := programOf(b.Builder); p != nil {
		callKernels(p, b.level, b.small)
	}
	return execcache.Compile(b.Builder, kernels.Version())
}

// programOf is the StableHLO program inside go-xla's builder, which has no method that gives it, or nil.
func programOf(b compute.Builder) *program {
	v := reflect.ValueOf(unwrapped(b.Main()))
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	field := v.Elem().FieldByName("fn")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*stablehlo.Function]() || field.IsNil() {
		return nil
	}
	return newProgram((*stablehlo.Function)(field.UnsafePointer()))
}
