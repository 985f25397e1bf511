package training

import (
	"slices"

	"github.com/gomlx/compute"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/symbolic"
)

// largestArray is the bytes that the largest array between two layers has for each sample, 0 if unknown.
func largestArray(m *symbolic.Network) int {
	if !m.Connected() {
		return 0
	}
	largest := 0
	for _, n := range m.Nodes() {
		sizes := []int{}
		for _, t := range n.Outputs {
			sizes = append(sizes, sampleBytes(t.Shape()))
		}
		if inner, ok := symbolic.NetworkOf(n.Layer); ok {
			sizes = append(sizes, largestArray(inner))
		}
		if slices.Contains(sizes, 0) {
			return 0
		}
		largest = max(largest, slices.Max(sizes))
	}
	return largest
}

// sampleBytes is the size of one sample as float32, 0 if axes are open.
func sampleBytes(shape symbolic.Shape) int {
	if len(shape) == 0 {
		return 0
	}
	size := 4
	for _, d := range shape[1:] {
		if d == symbolic.None {
			return 0
		}
		size *= d
	}
	return size
}

const (
	cacheBytes       = 4 << 20  // of the largest array between layers, so that a core's caches hold what the next layer reads
	acceleratorBytes = 64 << 20 // the same, for a device that wants much work at once
	mostPredicted    = 1024     // samples at once
)

// PredictBatch is how many samples Predict computes at once where nobody sees the batches:
// a doubling of Keras's 32, so that few programs serve all, and no more than there are rows.
func (m *Session) PredictBatch(engine compute.Backend, rows int) int {
	size, largest := DefaultBatchSize, largestArray(m.Network)
	if largest == 0 || !m.SamplesAlone() {
		return size
	}
	budget := cacheBytes
	if backend.KindOf(engine) == backend.XLAAccelerator {
		budget = acceleratorBytes
	}
	for 2*size <= min(rows, mostPredicted) && 2*size*largest <= budget {
		size *= 2
	}
	return size
}

// DefaultBatchSize is Keras's.
const DefaultBatchSize = 32
