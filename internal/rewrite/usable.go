package rewrite

import (
	"fmt"
	"os"
	"sync"

	"github.com/gomlx/compute"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/kernels"
)

// Kernels is what [Describe] tells.
type Kernels struct {
	// Level is the set of instructions that kernels use, "avx2" or "avx512"; "" if programs call none.
	Level string `json:"level,omitempty"`
	// Off says why programs call none.
	Off string `json:"off,omitempty"`
}

// Describe tells whether the programs of an engine call kernels. Both parts are empty for engines that aren't XLA's CPU plugin: there are none for them.
func Describe(engine compute.Backend) Kernels {
	if backend.KindOf(engine) != backend.XLACPU {
		return Kernels{}
	}
	use := usable(engine)
	if use.level != kernels.None {
		return Kernels{Level: use.level.String()}
	}
	return Kernels{Off: use.off}
}

// variable is the environment variable that says which kernels may be used.
const variable = "GOKERAS_KERNELS"

// use says which kernels an engine's programs call.
type use struct {
	level  kernels.Level
	off    string // why none
	notice string // what the user should know of that
	err    error  // the user asked for what there isn't
}

// usable finds out which kernels the engine's programs may call.
func usable(engine compute.Backend) use {
	if backend.KindOf(engine) != backend.XLACPU {
		return use{}
	}
	most, err := mostLevel(os.Getenv(variable))
	best := kernels.Best()
	switch {
	case err != nil:
		return use{off: err.Error(), err: err}
	case most == kernels.None:
		return use{off: variable + "=off"}
	case best == kernels.None:
		return use{off: kernels.Register("").Error()} // nothing faster could be had
	}
	plugin := backend.PluginOf(engine)
	if err := kernels.Register(plugin); err != nil {
		return turnedOff(err)
	}
	level := min(best, most)
	check, _ := checks.LoadOrStore(plugin, sync.OnceValue(func() error { return selfCheck(engine, level) }))
	if err := check.(func() error)(); err != nil {
		return turnedOff(err)
	}
	return use{level: level}
}

// checks are the results of self-checks, by plugin.
var checks sync.Map

func turnedOff(reason error) use {
	return use{off: reason.Error(), notice: fmt.Sprintf("XLA's programs run without kernels, two to three times as slow: %v", reason)}
}

// mostLevel is what GOKERAS_KERNELS asks for.
func mostLevel(asked string) (kernels.Level, error) {
	switch asked {
	case "", kernels.AVX512.String():
		return kernels.AVX512, nil
	case kernels.AVX2.String():
		return kernels.AVX2, nil
	case "off":
		return kernels.None, nil
	}
	return kernels.None, fmt.Errorf(`the environment variable %s is %q, want "off", "avx2" or "avx512"`, variable, asked)
}
