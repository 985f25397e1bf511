//go:build cgo && linux && amd64

package kernels

/*
#cgo CFLAGS: -O3 -Wall
#cgo LDFLAGS: -ldl -lm -lpthread
#include <stdlib.h>
#include "conv.h"
#include "memory.h"
#include "register.h"
#include "signals.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"
)

var (
	mu         sync.Mutex
	registered = map[string]error{} // by the plugin's path
)

// Register makes the kernels known to the XLA plugin of that name or path, as
// GoMLX calls it. Programs that it compiles afterwards may call them.
func Register(name string) error {
	if Best() == None {
		return errors.New("kernels for XLA need a processor with AVX2")
	}
	plugin, err := pjrt.GetPlugin(name)
	if err != nil {
		return fmt.Errorf("kernels for XLA plugin %s: %w", name, err)
	}
	mu.Lock()
	defer mu.Unlock()
	err, done := registered[plugin.Path()]
	if !done {
		err = register(plugin.Path())
		registered[plugin.Path()] = err
	}
	return err
}

func register(plugin string) error {
	path := C.CString(plugin)
	defer C.free(unsafe.Pointer(path))
	message := make([]byte, 512)
	if C.gk_register(path, (*C.char)(unsafe.Pointer(&message[0])), C.size_t(len(message))) != 0 {
		return fmt.Errorf("kernels for XLA plugin %s: %w", plugin, errors.New(C.GoString((*C.char)(unsafe.Pointer(&message[0])))))
	}
	return nil
}

// KeepMemory has an XLA plugin, by its name or path, keep up to a GiB of the large blocks that it frees after a step for the next one. By default the C
// library returns them to the system, which fills fresh pages with zeros in every step: a quarter of the time of a small network's.
func KeepMemory(name string) {
	plugin, err := pjrt.GetPlugin(name)
	if err != nil {
		return // nothing is kept
	}
	path := C.CString(plugin.Path())
	defer C.free(unsafe.Pointer(path))
	C.gk_keep_memory(path)
}

// WithoutSignals runs f, which starts a plugin's threads, such that no signal interrupts them: other threads handle all. oneDNN's
// matrix products, which XLA runs there, use memory from the heap as their stack for a while, and a signal's handler would write over
// what lies before it. Without this a program dies under Go's CPU profiler, whose signals go to the thread that is busy.
func WithoutSignals(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var was C.sigset_t
	C.gk_block_signals(&was)
	defer C.gk_unblock_signals(&was)
	f()
}

// Best is the widest level that this processor has, None if it has none.
func Best() Level { return Level(C.gk_best_level()) }
