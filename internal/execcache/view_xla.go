//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package execcache

import (
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// View makes memory of the host's a buffer as it is, without a copy. Nil: this engine's programs read none of the host's memory, or not at such a place.
//
// While the buffer is there, the caller keeps the memory, and nobody writes to it. Go's memory stays where it is, as its collector moves nothing.
func View(engine compute.Backend, memory []byte, shape shapes.Shape) compute.Buffer {
	backend, ok := engine.(*xla.Backend)
	if !ok || !backend.HasSharedBuffers() || len(memory) == 0 || goxlaLayout() != nil {
		return nil
	}
	start := unsafe.Pointer(unsafe.SliceData(memory))
	if uintptr(start)%pjrt.BufferAlignment != 0 {
		return nil
	}
	client := get[*pjrt.Client](backend, "client")
	if !client.IsValid() || client.Platform() != "cpu" {
		return nil
	}
	held, err := client.CreateViewOfDeviceBuffer(start, shape.DType, shape.Dimensions)
	if err != nil {
		return nil
	}
	return bufferOf(backend, held)
}
