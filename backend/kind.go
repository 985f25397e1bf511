package backend

import (
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
)

// Kind is what an engine is, as far as it decides how graphs are built and where data is kept.
type Kind int

const (
	// Other is an engine that isn't known here, such as one that the program registered with GoMLX itself.
	Other Kind = iota
	// Go is a pure-Go engine, this module's or GoMLX's own.
	Go
	// XLACPU is XLA's plugin for the CPU, which computes in the host's memory.
	XLACPU
	// XLAAccelerator is an XLA plugin for devices with memory of their own: CUDA, ROCm, TPU.
	XLAAccelerator
)

// Device is the device of an engine that holds and computes everything: the first one.
const Device = compute.DeviceNum(0)

// goName is what GoMLX's pure-Go engine calls itself, and so does this module's, which embeds it.
const goName = "Go Backend"

// String returns the kind in words.
func (k Kind) String() string {
	switch k {
	case Go:
		return "pure Go"
	case XLACPU:
		return "XLA on the CPU"
	case XLAAccelerator:
		return "XLA on an accelerator"
	}
	return "another kind of engine"
}

// Wrapper is implemented by engines that stand in for another while a program is built.
type Wrapper interface {
	// Unwrap returns the engine inside.
	Unwrap() compute.Backend
}

// KindOf tells what an engine is, also from inside a graph, where another may stand in for it ([Wrapper]).
func KindOf(engine compute.Backend) Kind {
	if plugin := PluginOf(engine); isCPUName(plugin) {
		return XLACPU
	} else if plugin != "" {
		return XLAAccelerator
	}
	if inner := unwrap(engine); inner != nil && inner.Name() == goName {
		return Go
	}
	return Other
}

// PluginOf returns the name or path by which go-xla knows an engine's plugin, "" for engines that aren't XLA's.
func PluginOf(engine compute.Backend) string {
	// In builds without XLA go-xla's type doesn't exist.
	if x, ok := unwrap(engine).(interface{ PluginName() string }); ok {
		return x.PluginName()
	}
	return ""
}

func unwrap(engine compute.Backend) compute.Backend {
	for {
		w, ok := engine.(Wrapper)
		if !ok {
			return engine
		}
		engine = w.Unwrap()
	}
}

// isCPUName guesses from a plugin's name or path whether it computes on the CPU. The folders of a path say nothing.
func isCPUName(plugin string) bool {
	return strings.Contains(strings.ToLower(filepath.Base(plugin)), "cpu")
}
