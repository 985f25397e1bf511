package lowering

import (
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// Compiler is the engine as programs are built and compiled on it: what its
// compiler would run slowly is rewritten just before. Buffers stay the engine's own.
func Compiler(engine compute.Backend) compute.Backend {
	p, ok := engine.(interface{ PluginName() string })
	if !ok || kindOf(engine) != xlaCPU || kernels.Register(p.PluginName()) != nil {
		return engine
	}
	return compiler{Backend: engine, level: kernels.Best()}
}

type compiler struct {
	compute.Backend
	level kernels.Level
}

func (c compiler) Builder(name string) compute.Builder {
	return builder{Builder: c.Backend.Builder(name), level: c.level}
}

type builder struct {
	compute.Builder
	level kernels.Level
}

func (b builder) Compile() (compute.Executable, error) {
	if p := programOf(b.Builder); p != nil {
		callKernels(p, b.level)
	}
	return b.Builder.Compile()
}

// programOf is the StableHLO program inside go-xla's builder, which has no method that gives it, or nil.
func programOf(b compute.Builder) *program {
	v := reflect.ValueOf(b.Main())
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	field := v.Elem().FieldByName("fn")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*stablehlo.Function]() || field.IsNil() {
		return nil
	}
	return newProgram((*stablehlo.Function)(field.UnsafePointer()))
}
