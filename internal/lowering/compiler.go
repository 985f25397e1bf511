package lowering

import (
	"fmt"
	"os"
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/execcache"
	"github.com/gokeras/gokeras/internal/kernels"
)

// Compiler is the engine as programs are built and compiled on it: on XLA, what its compiler would run slowly is rewritten just before,
// and what it compiled is kept for the next start. Buffers stay the engine's own.
func Compiler(engine compute.Backend) compute.Backend {
	p, ok := engine.(interface{ PluginName() string })
	if !ok {
		return engine
	}
	c := compiler{Backend: engine}
	var most kernels.Level
	if most, c.err = mostLevel(os.Getenv("GOKERAS_KERNELS")); kindOf(engine) == xlaCPU && most != kernels.None && kernels.Register(p.PluginName()) == nil {
		c.level = min(kernels.Best(), most)
	}
	return c
}

// mostLevel is what GOKERAS_KERNELS asks for.
func mostLevel(asked string) (kernels.Level, error) {
	switch asked {
	case "", "avx512":
		return kernels.AVX512, nil
	case "avx2":
		return kernels.AVX2, nil
	case "off":
		return kernels.None, nil
	}
	return kernels.None, fmt.Errorf(`the environment variable GOKERAS_KERNELS is %q, want "off", "avx2" or "avx512"`, asked)
}

type compiler struct {
	compute.Backend
	level kernels.Level // None: the engine takes no kernels
	err   error         // for who compiles
}

func (c compiler) Builder(name string) compute.Builder {
	return builder{Builder: c.Backend.Builder(name), level: c.level, err: c.err}
}

type builder struct {
	compute.Builder
	level kernels.Level
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
		callKernels(p, b.level)
	}
	return execcache.Compile(b.Builder, kernels.Version())
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
