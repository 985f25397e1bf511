//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package execcache

/*
#include "pjrt.h"

typedef struct {
	const gk_api* api;
	void* executable;
	void* device;
	size_t inputs, outputs, fixed, next_count;
	void** in;           // the inputs
	void** out;          // the outputs, then one event
	unsigned char* own;  // of each input: whether it is destroyed here
	int64_t* fixed_at;   // the inputs that aren't donated
	int64_t* next;       // of the first outputs: which inputs they become
} gk_chain;

static void gk_chain_destroy(const gk_chain* c, void** buffer) {
	if (*buffer == NULL) {
		return;
	}
	struct {
		size_t struct_size;
		void* extensions;
		void* buffer;
	} args = {sizeof(args), NULL, *buffer};
	*buffer = NULL;
	void* error = c->api->functions[GK_BUFFER_DESTROY](&args);
	if (error != NULL) {
		free(gk_message(c->api, error));
	}
}

// gk_chain_run runs the program once and waits for its end. The first outputs become inputs, in place of those that are destroyed.
static char* gk_chain_run(const gk_chain* c) {
	struct {
		size_t struct_size;
		void* extensions;
		void *send, *receive;
		size_t sends, receives;
		int launch;
		const int64_t* fixed;
		size_t fixed_size;
		void* context;
		const char* call_location;
		size_t tasks;
		void *task_ids, *incarnations, *slices;
	} options = {.struct_size = sizeof(options), .fixed = c->fixed_at, .fixed_size = c->fixed};
	void** in = c->in;
	void** out = c->out;
	void** events = c->out + c->outputs;
	struct {
		size_t struct_size;
		void* extensions;
		void* executable;
		void* options;
		void*** in;
		size_t devices;
		size_t inputs;
		void*** out;
		void** events;
		void* device;
	} args = {sizeof(args), NULL, c->executable, &options, &in, 1, c->inputs, &out, events, c->device};
	memset(out, 0, (c->outputs + 1) * sizeof(void*));
	void* error = c->api->functions[GK_LOADED_EXECUTABLE_EXECUTE](&args);
	if (error != NULL) {
		return gk_message(c->api, error);
	}
	if (*events != NULL) {
		struct {
			size_t struct_size;
			void* extensions;
			void* event;
		} event = {sizeof(event), NULL, *events};
		error = c->api->functions[GK_EVENT_AWAIT](&event);
		c->api->functions[GK_EVENT_DESTROY](&event);
	}
	if (error != NULL) {
		for (size_t i = 0; i < c->outputs; i++) {
			gk_chain_destroy(c, &out[i]);
		}
		return gk_message(c->api, error);
	}
	for (size_t i = 0; i < c->next_count; i++) {
		size_t to = c->next[i];
		if (c->own[to]) {
			gk_chain_destroy(c, &in[to]);
		}
		in[to] = out[i];
		c->own[to] = 1;
	}
	return NULL;
}

// gk_chain_clear destroys the inputs that are left.
static void gk_chain_clear(const gk_chain* c) {
	for (size_t i = 0; i < c->inputs; i++) {
		if (c->own[i]) {
			gk_chain_destroy(c, &c->in[i]);
		}
	}
}
*/
import "C"

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync/atomic"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// Chain runs a program again and again, some of whose outputs are its inputs the next time. Between two runs these stay in C: a buffer of go-xla's
// costs a dozen calls and allocations, which in a training step of many small variables is more than XLA takes.
//
// Put and Run exclude everything else; inputs that come from outputs may be taken and dropped side by side.
type Chain struct {
	*chain
	backend    *xla.Backend
	executable *xla.Executable
	missing    atomic.Int64 // inputs that should come from outputs and aren't here
}

// chain is what must be freed in the end.
type chain struct {
	c       C.gk_chain
	client  *pjrt.Client
	in, out []unsafe.Pointer
	own     []bool           // of each input: whether it is C's to destroy
	given   []compute.Buffer // the inputs that buffers of go-xla's hold
	put     []int            // the inputs given for the next run
	lent    []bool           // of each input: whether it stays the giver's
	donated []bool
	comes   []bool // of each input: whether it comes from an output
}

// NewChain prepares runs of an executable whose i-th output becomes input next[i]; donated tells of each input whether a run uses it up. Nil: programs of this engine aren't run so.
func NewChain(e compute.Executable, donated []bool, next []int) *Chain {
	executable, ok := e.(*xla.Executable)
	if !ok || goxlaLayout() != nil {
		return nil
	}
	exec, backend := get[*pjrt.LoadedExecutable](executable, "exec"), get[*xla.Backend](executable, "backend")
	if exec == nil || backend == nil || !get[bool](executable, "portable") || get[int](executable, "numDevices") > 1 {
		return nil
	}
	plugin, client := get[*pjrt.Plugin](backend, "plugin"), get[*pjrt.Client](backend, "client")
	if !client.IsValid() || client.Platform() != "cpu" {
		return nil
	}
	api, err := newPJRT(pointer(reflect.ValueOf(plugin), "api"))
	if err != nil {
		return nil
	}
	var fixed []int
	for i, d := range donated {
		if !d {
			fixed = append(fixed, i)
		}
	}
	s := &chain{client: client, donated: donated, given: make([]compute.Buffer, len(donated)), comes: make([]bool, len(donated)), lent: make([]bool, len(donated))}
	for _, i := range next {
		s.comes[i] = true
	}
	s.c = C.gk_chain{
		api: api.c, executable: pointer(field(reflect.ValueOf(exec), "wrapper"), "c"), device: pointer(reflect.ValueOf(client.AddressableDevices()[0]), "cDevice"),
		inputs: C.size_t(len(donated)), outputs: C.size_t(exec.NumOutputs), fixed: C.size_t(len(fixed)), next_count: C.size_t(len(next)),
	}
	s.in = allocate[unsafe.Pointer](unsafe.Pointer(&s.c.in), len(donated))
	s.out = allocate[unsafe.Pointer](unsafe.Pointer(&s.c.out), exec.NumOutputs+1)
	s.own = allocate[bool](unsafe.Pointer(&s.c.own), len(donated))
	copy(allocate[int](unsafe.Pointer(&s.c.fixed_at), len(fixed)), fixed)
	copy(allocate[int](unsafe.Pointer(&s.c.next), len(next)), next)
	c := &Chain{chain: s, backend: backend, executable: executable}
	c.missing.Store(int64(len(next)))
	runtime.AddCleanup(c, (*chain).free, s)
	return c
}

// allocate makes the pointer at a place point to zeros of C's.
func allocate[T any](at unsafe.Pointer, count int) []T {
	*(*unsafe.Pointer)(at) = C.calloc(C.size_t(count+1), C.size_t(unsafe.Sizeof(*new(T))))
	return unsafe.Slice(*(**T)(at), count)
}

func (s *chain) free() {
	if s.client.IsValid() { // else its buffers are gone
		C.gk_chain_clear(&s.c)
	}
	for _, p := range []unsafe.Pointer{unsafe.Pointer(s.c.in), unsafe.Pointer(s.c.out), unsafe.Pointer(s.c.own), unsafe.Pointer(s.c.fixed_at), unsafe.Pointer(s.c.next)} {
		C.free(p)
	}
}

// Whole reports whether all inputs are here that come from outputs.
func (c *Chain) Whole() bool { return c.missing.Load() == 0 }

// Has reports whether input i is here.
func (c *Chain) Has(i int) bool { return c.in[i] != nil }

// Put makes a buffer input i of the next run, which uses it up if the input is donated.
func (c *Chain) Put(i int, b compute.Buffer) error {
	if !c.donated[i] && c.given[i] == b {
		return nil
	}
	buffer, ok := b.(*xla.Buffer)
	if !ok {
		return fmt.Errorf("the buffer is a %T", b)
	}
	held := get[*pjrt.Buffer](buffer, "pjrtBuffer")
	if err := held.Check(); err != nil {
		return err
	}
	if c.comes[i] && c.in[i] == nil {
		c.missing.Add(-1)
	}
	c.in[i], c.own[i], c.given[i] = pointer(field(reflect.ValueOf(held), "wrapper"), "c"), false, b
	c.put = append(c.put, i)
	c.lent[i] = false
	return nil
}

// Lend makes a buffer input i of the next run, which doesn't come from an output and isn't written to. It stays the caller's.
func (c *Chain) Lend(i int, b compute.Buffer) error {
	err := c.Put(i, b)
	c.lent[i] = err == nil
	return err
}

// Run runs the program, all of whose inputs are here, and returns the outputs that don't become inputs. Where it fails, those that come from outputs are still what they were, but for inputs in whose place the program writes: these may be lost.
func (c *Chain) Run() ([]compute.Buffer, error) {
	defer runtime.KeepAlive(c)
	err := c.executable.CheckValid()
	if err != nil {
		return nil, err
	}
	if text := C.gk_chain_run(&c.c); text != nil {
		err = failure(text)
	}
	for _, i := range c.put {
		if b := c.given[i]; b != nil && c.donated[i] && (err == nil || !c.comes[i]) {
			if !c.lent[i] {
				err = errors.Join(err, b.Finalize())
			}
			c.given[i] = nil
			if !c.comes[i] {
				c.in[i] = nil
			}
		}
	}
	c.put = c.put[:0]
	if err != nil {
		return nil, err
	}
	var results []compute.Buffer
	for _, p := range c.out[c.c.next_count : len(c.out)-1] {
		results = append(results, newBuffer(c.backend, p))
	}
	return results, nil
}

// Take returns input i, which is here no longer, as a buffer of the caller's; nil if it wasn't.
func (c *Chain) Take(i int) compute.Buffer {
	if c.in[i] == nil {
		return nil
	}
	b := c.given[i]
	if b == nil {
		b = newBuffer(c.backend, c.in[i]) // go-xla's count of buffers doesn't know it
	}
	c.in[i], c.own[i], c.given[i] = nil, false, nil
	if c.comes[i] {
		c.missing.Add(1)
	}
	return b
}
