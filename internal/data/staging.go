package data

import (
	"errors"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Staging is where batches are that an engine shares with the host: in the user's arrays themselves, where a batch is a piece of them, and else in memory that is used again
// and again. The system's way to new memory takes longer than what is written to it.
type Staging struct {
	engine compute.Backend
	view   View
	mu     sync.Mutex
	free   []*tensors.Tensor
	shown  map[*tensors.Tensor][]byte // the memory behind what is shown where it is, which stays as long
	ended  bool                       // what comes back isn't needed any more
}

// View makes memory of the host's a buffer as it is; nil where it can't.
type View func(engine compute.Backend, memory []byte, shape shapes.Shape) compute.Buffer

// NewStaging returns nil for an engine that shares no memory with the host.
func NewStaging(engine compute.Backend, view View) *Staging {
	if !engine.HasSharedBuffers() {
		return nil
	}
	return &Staging{engine: engine, view: view, shown: map[*tensors.Tensor][]byte{}}
}

// leastViewed is how many bytes are sooner copied than shown where they are.
const leastViewed = 16 << 10

// show is a part of an array in Go's memory as a tensor, nil where it must be copied.
func (s *Staging) show(part []byte, shape shapes.Shape) *tensors.Tensor {
	if s == nil || len(part) < leastViewed {
		return nil
	}
	buffer := s.view(s.engine, part, shape)
	if buffer == nil {
		return nil
	}
	t, err := tensors.FromBuffer(buffer)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	s.shown[t] = part
	s.mu.Unlock()
	return t
}

// take returns an array of whatever numbers were there before.
func (s *Staging) take(shape shapes.Shape) (*tensors.Tensor, error) {
	if s == nil {
		return tensors.FromShape(shape), nil
	}
	s.mu.Lock()
	i := slices.IndexFunc(s.free, func(t *tensors.Tensor) bool { return t.Shape().Equal(shape) })
	if i >= 0 {
		t := s.free[i]
		s.free = slices.Delete(s.free, i, i+1)
		s.mu.Unlock()
		return t, nil
	}
	s.mu.Unlock()
	return tensors.FromShapeForBackend(s.engine, 0, shape)
}

// give takes arrays back that nobody uses any more.
func (s *Staging) give(list []*tensors.Tensor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed error
	for _, t := range list {
		if t.IsShared() && !s.ended {
			s.free = append(s.free, t)
		} else {
			failed = errors.Join(failed, t.FinalizeAll())
			delete(s.shown, t)
		}
	}
	return failed
}

// End gives the memory back to the system.
func (s *Staging) End() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	list := s.free
	s.free, s.ended = nil, true
	s.mu.Unlock()
	return s.give(list)
}
