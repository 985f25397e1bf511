package training

import (
	"github.com/gomlx/compute"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/symbolic"
)

// samplesAlone reports whether a sample's outputs are known not to depend on the others
// in its batch, and gives the bytes that the largest array between two layers has for each sample, 0 if unknown.
func samplesAlone(m *symbolic.Network) (yes bool, largest int) {
	if !m.Connected() {
		return false, 0
	}
	for _, t := range m.Inputs() {
		if len(t.Shape()) == 0 || t.Shape()[0] != symbolic.None {
			return false, 0
		}
		largest = max(largest, sampleBytes(t.Shape()))
	}
	known := true
	yes = true
	for _, n := range m.Nodes() {
		if len(n.Inputs) == 0 {
			continue
		}
		if inner, ok := symbolic.NetworkOf(n.Layer); ok {
			innerYes, innerLargest := samplesAlone(inner)
			yes, known = yes && innerYes, known && innerLargest > 0
			largest = max(largest, innerLargest)
			continue
		}
		alone, ok := n.Layer.(symbolic.SampleWise)
		yes = yes && ok && alone.SamplesAlone() && keepsSamples(n)
		for _, t := range n.Outputs {
			size := sampleBytes(t.Shape())
			known = known && size > 0
			largest = max(largest, size)
		}
	}
	if !known {
		largest = 0
	}
	return yes, largest
}

// keepsSamples reports whether the first axis of all outputs is the batch's.
func keepsSamples(n symbolic.NodeInfo) bool {
	for _, t := range n.Outputs {
		if shape := t.Shape(); len(shape) == 0 || shape[0] != symbolic.None {
			return false
		}
	}
	return true
}

// sampleBytes is the size of one sample as float32, 0 if axes are open.
func sampleBytes(shape symbolic.Shape) int {
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
	yes, largest := samplesAlone(m.Network)
	size := DefaultBatchSize
	if !yes || largest == 0 {
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

// SamplesAlone reports whether a sample's outputs are known not to depend on the others in its batch.
func (m *Session) SamplesAlone() bool {
	yes, _ := samplesAlone(m.Network)
	return yes
}
