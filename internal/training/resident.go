package training

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
)

// mostResident is how many bytes of data are kept on a device unless the user asks for it.
const mostResident = 2 << 30

// resident are the arrays of a data.Source on the device, where the rows of each batch are gathered.
type resident struct {
	m      *Session
	engine compute.Backend
	mu     sync.Mutex        // a cancelled call's goroutine may still gather when the data is let go
	list   []*tensors.Tensor // x, y and w, one after the other
	x, y   int               // how many of them are inputs and targets
}

// KeepOnDevice puts the arrays on the device if that is wanted, or left open and worth it.
func (m *Session) KeepOnDevice(ctx context.Context, s data.Source, wanted Choice) (release func(), err error) {
	a, ok := s.(*data.Arrays)
	if wanted != Default && wanted != On && wanted != Off {
		return nil, fmt.Errorf("option DataOnDevice is %d, want functional.On, Off or Default", wanted)
	}
	if !ok || wanted == Off {
		return func() {}, nil
	}
	if a.Host != nil {
		if wanted == On {
			return nil, fmt.Errorf("option DataOnDevice is functional.On, but the host computes inputs of the model for each batch")
		}
		return func() {}, nil
	}
	engine, err := backend.DefaultContext(ctx)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, t := range slices.Concat(a.X, a.Y, a.W) {
		size += int(t.Shape().ByteSize())
	}
	if wanted == Default && (backend.KindOf(engine) != backend.XLAAccelerator || size > mostResident) {
		return func() {}, nil
	}
	r := &resident{m: m, engine: engine, x: len(a.X), y: len(a.Y)}
	for _, t := range slices.Concat(a.X, a.Y, a.W) {
		var there *tensors.Tensor
		if err := catch.Panic(func() error {
			var err error
			there, err = t.OnDeviceClone(engine, 0)
			return err
		}); err != nil {
			r.release()
			return nil, fmt.Errorf("putting the data on the device: %w", err)
		}
		r.list = append(r.list, there)
	}
	a.Resident = r.gather
	return r.release, nil
}

// gather returns the batch of those rows. Only their numbers go to the device.
func (r *resident) gather(rows []int) (*data.Batch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == nil {
		return nil, context.Canceled
	}
	p, err := r.program(len(rows))
	if err != nil {
		return nil, fmt.Errorf("building the gathering of %d rows: %w", len(rows), err)
	}
	numbers := make([]int32, len(rows))
	for i, row := range rows {
		numbers[i] = int32(row)
	}
	var list []*tensors.Tensor
	err = catch.Panic(func() error {
		var inputs []compute.Buffer
		for _, t := range r.list {
			buffer, err := t.Buffer(r.engine, 0)
			if err != nil {
				return err
			}
			inputs = append(inputs, buffer)
		}
		buffer, err := tensors.FromFlatDataAndDimensions(numbers, len(numbers)).DonateBuffer(r.engine, 0)
		if err != nil {
			return err
		}
		list = p.graph.RunWithBuffers(append(inputs, buffer), p.donated, 0)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("gathering %d rows: %w", len(rows), err)
	}
	b := &data.Batch{Rows: len(rows), X: list[:r.x], Y: list[r.x : r.x+r.y]}
	if len(list) > r.x+r.y {
		b.W = list[r.x+r.y:]
	}
	return b, nil
}

// program returns the compiled gathering of so many rows, which the model keeps for other calls.
func (r *resident) program(rows int) (*program, error) {
	var key strings.Builder
	fmt.Fprintf(&key, "%p gather %d", r.engine, rows)
	for _, t := range r.list {
		fmt.Fprintf(&key, " %s", t.Shape())
	}
	r.m.programs.mu.Lock()
	defer r.m.programs.mu.Unlock()
	if p, ok := r.m.programs.byKey[key.String()]; ok {
		return p, nil
	}
	p := &program{engine: r.engine}
	err := catch.Panic(func() error {
		p.graph = graph.NewGraph(r.engine, r.m.Name()+"_gather")
		var all, parts []*graph.Node
		for i, t := range r.list {
			all = append(all, graph.Parameter(p.graph, fmt.Sprintf("data_%d", i), t.Shape()))
			p.donated = append(p.donated, false)
		}
		numbers := graph.Parameter(p.graph, "rows", shapes.Make(dtypes.Int32, rows))
		p.donated = append(p.donated, true)
		for _, n := range all {
			parts = append(parts, graph.Gather(n, graph.InsertAxes(numbers, -1)))
		}
		return p.graph.Compile(parts...)
	})
	if err != nil {
		return nil, err
	}
	r.m.programs.add(key.String(), p)
	return p, nil
}

// release frees the device's memory.
func (r *resident) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.list {
		_ = t.FinalizeAll()
	}
	r.list = nil
}
