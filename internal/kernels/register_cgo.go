//go:build cgo && linux && amd64

package kernels

/*
#cgo CFLAGS: -O3 -Wall
#cgo LDFLAGS: -ldl -lm -lpthread
#include <stdlib.h>
#include "conv.h"
#include "memory.h"
#include "register.h"
*/
import "C"

import (
	"errors"
	"fmt"
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

// KeepMemory lets the C library keep up to a GiB of what XLA frees after a step for the next one. By default it
// returns large blocks to the system, which fills fresh pages with zeros in every step: a quarter of the time of a
// small network's. It has its full effect when it is called before a plugin starts its threads.
func KeepMemory() { C.gk_keep_memory() }

// Best is the widest level that this processor has, None if it has none.
func Best() Level { return Level(C.gk_best_level()) }
