package goengine

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
)

// Backend is the engine. Its name and its options are those of GoMLX's.
type Backend struct {
	compute.Backend
	workers int
}

// New makes an engine; options are those of GoMLX's, "" for the defaults.
func New(options string) (compute.Backend, error) {
	// GoMLX's operations wait for workers of the pool that they hold one of: when several run side by side, all may wait for ever.
	engine, err := gobackend.New(oneByOne(options))
	if err != nil {
		return nil, err
	}
	b := &Backend{Backend: engine, workers: runtime.GOMAXPROCS(0)}
	for _, option := range strings.Split(options, ",") {
		if n, ok := strings.CutPrefix(option, "parallelism="); ok {
			if b.workers, err = strconv.Atoi(n); err != nil {
				return nil, err
			}
			b.workers = max(b.workers, 1)
		}
	}
	return b, nil
}

// oneByOne has GoMLX's engine run a program's operations one after another, each with all workers, unless the options say otherwise.
func oneByOne(options string) string {
	if strings.Contains(options, "ops_") {
		return options
	}
	return strings.TrimPrefix(options+",ops_sequential", ",")
}

// Capabilities are GoMLX's without shapes that are only known at run time: kernels are made for one shape.
func (b *Backend) Capabilities() compute.Capabilities {
	c := b.Backend.Capabilities().Clone()
	c.DynamicShapes = compute.DynamicShapesNone
	return c
}

// Builder starts a program.
func (b *Backend) Builder(name string) compute.Builder {
	shadow := b.Backend.Builder(name)
	r := &builder{Builder: shadow, backend: b, known: map[compute.Value]*value{}}
	r.main = &function{b: r, shadow: shadow.Main()}
	return r
}

// BufferFromFlatData copies values to a new buffer.
func (b *Backend) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	inner, err := b.Backend.BufferFromFlatData(device, flat, shape)
	if err != nil {
		return nil, err
	}
	return &buffer{inner, b}, nil
}

// NewSharedBuffer makes a buffer whose memory the caller may write.
func (b *Backend) NewSharedBuffer(device compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	inner, flat, err := b.Backend.NewSharedBuffer(device, shape)
	if err != nil {
		return nil, nil, err
	}
	return &buffer{inner, b}, flat, nil
}

// buffer is a buffer of GoMLX's that belongs to this engine.
type buffer struct {
	compute.Buffer
	backend *Backend
}

func (b *buffer) Backend() compute.Backend { return b.backend }

// unwrap returns GoMLX's buffer.
func (b *Backend) unwrap(buf compute.Buffer) (compute.Buffer, error) {
	own, ok := buf.(*buffer)
	if !ok || own == nil || own.backend != b {
		return nil, fmt.Errorf("goengine: a buffer of type %T isn't one of this engine's", buf)
	}
	return own.Buffer, nil
}
