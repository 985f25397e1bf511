//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package execcache

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
	"github.com/gomlx/go-xla/stablehlo"
	"k8s.io/klog/v2"
)

// This file alone knows what go-xla's structures hold. goxlaLayout must have found them right before anything else here is called.

// goxlaLayout returns an error if go-xla's structures aren't those that this file knows.
var goxlaLayout = sync.OnceValue(func() error {
	for _, s := range knownStructs() {
		if err := s.check(); err != nil {
			return fmt.Errorf("this version of go-xla is unknown to the cache: %w", err)
		}
	}
	return nil
})

// knownStruct are the fields that this file uses of a structure.
type knownStruct struct {
	of reflect.Type
	// fields are their types; nil is a pointer to something of C's.
	fields map[string]reflect.Type
	// made says that this file makes such structures, which therefore may have no other fields.
	made bool
}

func knownStructs() []knownStruct {
	strings, integer, integers, truth := reflect.TypeFor[[]string](), reflect.TypeFor[int](), reflect.TypeFor[[]int](), reflect.TypeFor[bool]()
	plugin, client := reflect.TypeFor[*pjrt.Plugin](), reflect.TypeFor[*pjrt.Client]()
	specs, memory := reflect.TypeFor[[]*compute.ShardingSpec](), reflect.TypeFor[pjrt.ExecutableMemoryUsageStats]()
	loadedHandle := pointedTo(reflect.TypeFor[pjrt.LoadedExecutable](), "wrapper")
	handle := pointedTo(reflect.TypeFor[pjrt.Executable](), "wrapper")
	bufferHandle := pointedTo(reflect.TypeFor[pjrt.Buffer](), "wrapper")
	clientHandle := pointedTo(reflect.TypeFor[pjrt.Client](), "client")
	known := []knownStruct{
		{of: reflect.TypeFor[xla.Builder](), fields: map[string]reflect.Type{
			"backend": reflect.TypeFor[*xla.Backend](), "builder": reflect.TypeFor[*stablehlo.Builder](), "mainFn": reflect.TypeFor[*xla.Function](),
			"numDevices": integer, "deviceAssignment": integers, "distStrategy": reflect.TypeFor[distributed.Strategy](),
		}},
		{of: reflect.TypeFor[xla.Backend](), fields: map[string]reflect.Type{"plugin": plugin, "client": client}},
		{of: reflect.TypeFor[xla.Function](), fields: map[string]reflect.Type{
			"returned": truth, "outputs": reflect.TypeFor[[]*xla.Node](),
			"parameterNames": strings, "parameterShapes": reflect.TypeFor[[]shapes.Shape](), "parameterSpecs": specs,
		}},
		{of: reflect.TypeFor[xla.Node](), fields: map[string]reflect.Type{"shape": reflect.TypeFor[shapes.Shape]()}},
		{made: true, of: reflect.TypeFor[xla.Executable](), fields: map[string]reflect.Type{
			"backend": reflect.TypeFor[*xla.Backend](), "exec": reflect.TypeFor[*pjrt.LoadedExecutable](), "name": reflect.TypeFor[string](),
			"parameterNames": strings, "parameterShapes": reflect.TypeFor[[]shapes.Shape](), "parameterSpecs": specs,
			"outputShapes": reflect.TypeFor[[]shapes.Shape](), "outputSpecs": specs,
			"distStrategy": reflect.TypeFor[distributed.Strategy](), "numDevices": integer, "deviceAssignment": integers, "portable": truth,
		}},
		{made: true, of: reflect.TypeFor[xla.Buffer](), fields: map[string]reflect.Type{"backend": reflect.TypeFor[*xla.Backend](), "pjrtBuffer": reflect.TypeFor[*pjrt.Buffer]()}},
		{made: true, of: reflect.TypeFor[pjrt.Buffer](), fields: map[string]reflect.Type{
			"wrapper": reflect.PointerTo(bufferHandle), "wrapperCleanUp": reflect.TypeFor[runtime.Cleanup](), "isShared": truth,
			"dimsSet": truth, "dims": integers, "dtypeSet": truth, "dtype": reflect.TypeFor[dtypes.DType](),
		}},
		{made: true, of: bufferHandle, fields: map[string]reflect.Type{"c": nil, "sharedRawStorage": reflect.TypeFor[unsafe.Pointer](), "plugin": plugin, "client": client}},
		{of: reflect.TypeFor[pjrt.Device](), fields: map[string]reflect.Type{"cDevice": nil}},
		{of: reflect.TypeFor[pjrt.Plugin](), fields: map[string]reflect.Type{"api": nil}},
		{of: clientHandle, fields: map[string]reflect.Type{"c": nil}},
		{made: true, of: reflect.TypeFor[pjrt.LoadedExecutable](), fields: map[string]reflect.Type{
			"wrapper": reflect.PointerTo(loadedHandle), "plugin": plugin, "client": client, "executable": reflect.TypeFor[*pjrt.Executable](),
			"Name": reflect.TypeFor[string](), "NumOutputs": integer, "numReplicas": integer, "numPartitions": integer,
			"deviceAssignment": integers, "isPortable": truth, "OnDeviceMemoryUsageStats": memory, "OnHostMemoryUsageStats": memory,
		}},
		{made: true, of: loadedHandle, fields: map[string]reflect.Type{"c": nil, "plugin": plugin}},
		{made: true, of: reflect.TypeFor[pjrt.Executable](), fields: map[string]reflect.Type{"wrapper": reflect.PointerTo(handle)}},
		{made: true, of: handle, fields: map[string]reflect.Type{"c": nil, "plugin": plugin}},
	}
	return known
}

// nothing stands for a structure that isn't there.
type nothing struct{}

// pointedTo is the structure that the field of s points to.
func pointedTo(s reflect.Type, field string) reflect.Type {
	if f, ok := s.FieldByName(field); ok && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct {
		return f.Type.Elem()
	}
	return reflect.TypeFor[nothing]()
}

func (s knownStruct) check() error {
	for name, want := range s.fields {
		f, ok := s.of.FieldByName(name)
		switch {
		case !ok || len(f.Index) != 1:
			return fmt.Errorf("%v has no field %s", s.of, name)
		case want == nil && f.Type.Kind() != reflect.Pointer, want != nil && f.Type != want:
			return fmt.Errorf("%v has a field %s of type %v", s.of, name, f.Type)
		}
	}
	if s.made && s.of.NumField() != len(s.fields) {
		return fmt.Errorf("%v has %d fields, not %d", s.of, s.of.NumField(), len(s.fields))
	}
	if of, holds := s.fields["c"]; s.made && holds && of == nil && !reflect.PointerTo(s.of).Implements(reflect.TypeFor[destroyer]()) {
		return fmt.Errorf("*%v has no method Destroy", s.of)
	}
	return nil
}

// destroyer is what go-xla's holders of C's objects are.
type destroyer interface{ Destroy() error }

// field is the field of the structure that p points to, which can be read and set.
func field(p reflect.Value, name string) reflect.Value {
	f := p.Elem().FieldByName(name)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

// get reads a field of the structure that p points to.
func get[T any](p any, name string) T {
	return field(reflect.ValueOf(p), name).Interface().(T)
}

// set writes a field of the structure that p points to.
func set(p reflect.Value, name string, value any) { field(p, name).Set(reflect.ValueOf(value)) }

// pointer reads a pointer to something of C's.
func pointer(p reflect.Value, name string) unsafe.Pointer {
	return *(*unsafe.Pointer)(field(p, name).Addr().UnsafePointer())
}

// setPointer writes a pointer to something of C's.
func setPointer(p reflect.Value, name string, value unsafe.Pointer) {
	*(*unsafe.Pointer)(field(p, name).Addr().UnsafePointer()) = value
}

// program is what a builder is about to compile.
type program struct {
	key     Key
	builder *xla.Builder
	backend *xla.Backend
	main    *xla.Function
	plugin  *pjrt.Plugin
	client  *pjrt.Client
	api     pjrtAPI
}

// describeProgram returns an error for programs that aren't cached.
func describeProgram(b *xla.Builder, extra string) (*program, error) {
	if err := goxlaLayout(); err != nil {
		return nil, err
	}
	if err := b.CheckValid(); err != nil {
		return nil, err
	}
	p := &program{builder: b, backend: get[*xla.Backend](b, "backend"), main: get[*xla.Function](b, "mainFn")}
	p.plugin, p.client = get[*pjrt.Plugin](p.backend, "plugin"), get[*pjrt.Client](p.backend, "client")
	switch {
	case p.main == nil || !get[bool](p.main, "returned") || p.plugin == nil || p.client == nil:
		return nil, errors.New("the program isn't finished")
	case get[distributed.Strategy](b, "distStrategy") != distributed.None || get[[]int](b, "deviceAssignment") != nil || get[int](b, "numDevices") > 1:
		return nil, errors.New("it is for several devices, or a particular one")
	case p.client.Platform() != "cpu":
		// A GPU's code also depends on its driver and on NVIDIA's libraries, which the key doesn't know.
		return nil, fmt.Errorf("the cache doesn't know the platform %s", p.client.Platform())
	}
	var err error
	if p.api, err = newPJRT(pointer(reflect.ValueOf(p.plugin), "api")); err != nil {
		return nil, err
	}
	text, err := get[*stablehlo.Builder](b, "builder").Build()
	if err != nil {
		return nil, err
	}
	plugin, err := fileIdentity(p.plugin.Path())
	if err != nil {
		return nil, err
	}
	machine, err := machineParts()
	if err != nil {
		return nil, err
	}
	major, minor := p.plugin.Version()
	p.key = hashParts(slices.Concat([]string{
		extra, string(text), plugin, fmt.Sprint(major, ".", minor), p.client.Platform(), p.client.PlatformVersion(),
		p.backend.DeviceDescription(0), p.backend.Config(),
	}, machine)...)
	return p, nil
}

// serialize returns the plugin's bytes of what the program was compiled to.
func (p *program) serialize(compiled compute.Executable) ([]byte, error) {
	e, ok := compiled.(*xla.Executable)
	if !ok {
		return nil, fmt.Errorf("the executable is a %T", compiled)
	}
	loaded := get[*pjrt.LoadedExecutable](e, "exec")
	inner := get[*pjrt.Executable](loaded, "executable")
	if inner == nil {
		return nil, errors.New("the executable is gone")
	}
	defer runtime.KeepAlive(loaded)
	handle := field(reflect.ValueOf(inner), "wrapper")
	return p.api.serialize(pointer(handle, "c"))
}

// load makes the executable that compiling the program would give from the plugin's bytes of it.
func (p *program) load(serialized []byte) (compute.Executable, error) {
	defer runtime.KeepAlive(p.client)
	client := pointer(field(reflect.ValueOf(p.client), "client"), "c")
	cLoaded, cInner, err := p.api.load(client, serialized)
	if err != nil {
		return nil, err
	}
	inner := new(pjrt.Executable)
	own(inner, p.plugin, cInner)
	loaded := new(pjrt.LoadedExecutable)
	own(loaded, p.plugin, cLoaded)

	l := reflect.ValueOf(loaded)
	set(l, "plugin", p.plugin)
	set(l, "client", p.client)
	set(l, "executable", inner)
	set(l, "numReplicas", 1)
	set(l, "numPartitions", 1)
	set(l, "isPortable", true)
	if loaded.Name, err = inner.Name(); err != nil {
		return nil, err
	}
	if loaded.NumOutputs, err = inner.NumOutputs(); err != nil {
		return nil, err
	}
	if loaded.OnDeviceMemoryUsageStats, loaded.OnHostMemoryUsageStats, err = inner.GetMemoryStats(); err != nil {
		return nil, err
	}
	nodes := get[[]*xla.Node](p.main, "outputs")
	if loaded.NumOutputs != len(nodes) {
		return nil, fmt.Errorf("it has %d outputs, the program %d", loaded.NumOutputs, len(nodes))
	}
	outputs := make([]shapes.Shape, len(nodes))
	for i, n := range nodes {
		outputs[i] = get[shapes.Shape](n, "shape")
	}

	e := new(xla.Executable)
	v := reflect.ValueOf(e)
	set(v, "backend", p.backend)
	set(v, "exec", loaded)
	set(v, "name", p.builder.Name())
	for _, name := range []string{"parameterNames", "parameterShapes", "parameterSpecs"} {
		field(v, name).Set(field(reflect.ValueOf(p.main), name))
	}
	set(v, "outputShapes", outputs)
	set(v, "distStrategy", distributed.None)
	set(v, "numDevices", 1)
	set(v, "portable", true)
	return e, nil
}

// own makes owner, a pjrt.Executable, pjrt.LoadedExecutable or pjrt.Buffer, hold C's object and destroy it in the end.
func own[T any](owner *T, plugin *pjrt.Plugin, c unsafe.Pointer) runtime.Cleanup {
	wrapper := field(reflect.ValueOf(owner), "wrapper")
	handle := reflect.New(wrapper.Type().Elem())
	setPointer(handle, "c", c)
	set(handle, "plugin", plugin)
	wrapper.Set(handle)
	return runtime.AddCleanup(owner, func(d destroyer) {
		if err := d.Destroy(); err != nil {
			klog.Errorf("destroying an object of XLA's: %v", err)
		}
	}, handle.Interface().(destroyer))
}

// newBuffer is a buffer of the backend's that holds C's.
func newBuffer(backend *xla.Backend, c unsafe.Pointer) *xla.Buffer {
	plugin, held := get[*pjrt.Plugin](backend, "plugin"), new(pjrt.Buffer)
	cleanup := own(held, plugin, c)
	set(reflect.ValueOf(held), "wrapperCleanUp", cleanup)
	set(field(reflect.ValueOf(held), "wrapper"), "client", get[*pjrt.Client](backend, "client"))
	return bufferOf(backend, held)
}

// bufferOf is the backend's buffer around PJRT's.
func bufferOf(backend *xla.Backend, held *pjrt.Buffer) *xla.Buffer {
	b := new(xla.Buffer)
	set(reflect.ValueOf(b), "backend", backend)
	set(reflect.ValueOf(b), "pjrtBuffer", held)
	return b
}
