package functional

import (
	"github.com/gomlx/compute"

	"github.com/gokeras/gokeras/backend"
)

// alone are the layers that compute each sample from that sample only, outside training.
// What isn't here may look at the whole batch, as operations and layers of users' own can.
var alone = map[string]bool{}

func init() {
	for _, name := range []string{
		"Activation", "ReLU", "LeakyReLU", "ELU", "PReLU",
		"Dense", "EinsumDense", "Embedding", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv1D", "DepthwiseConv2D",
		"SeparableConv1D", "SeparableConv2D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose",
		"MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D",
		"GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D",
		"GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D",
		"BatchNormalization", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
		"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate",
		"Flatten", "Reshape", "Permute", "RepeatVector", "Rescaling",
		"ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "Cropping1D", "Cropping2D", "Cropping3D",
		"UpSampling1D", "UpSampling2D", "UpSampling3D",
	} {
		alone[name] = true
	}
}

// samplesAlone reports whether a sample's outputs are known not to depend on the others
// in its batch, and gives the bytes that the largest array between two layers has for each sample, 0 if unknown.
func (m *Model) samplesAlone() (yes bool, largest int) {
	if m.inputs == nil {
		return false, 0
	}
	for _, t := range m.inputs {
		if len(t.shape) == 0 || t.shape[0] != None {
			return false, 0
		}
		largest = max(largest, sampleBytes(t.shape))
	}
	known := true
	yes = true
	_ = m.eachNode(func(n *node) error {
		if inner, ok := n.layer.(*Model); ok {
			innerYes, innerLargest := inner.samplesAlone()
			yes, known = yes && innerYes, known && innerLargest > 0
			largest = max(largest, innerLargest)
			return nil
		}
		class := n.layer.KerasClass()
		if !alone[class.Name] || class.Module != "keras.layers" || class.Registered != "" || stacksSamples(n) {
			yes = false
		}
		for _, t := range n.outputs {
			size := sampleBytes(t.shape)
			known = known && size > 0
			largest = max(largest, size)
		}
		return nil
	})
	if !known {
		largest = 0
	}
	return yes, largest
}

// stacksSamples finds what joins along the batch's axis, or leaves it out.
func stacksSamples(n *node) bool {
	for _, t := range n.outputs {
		if len(t.shape) == 0 || t.shape[0] != None {
			return true
		}
	}
	// Along another axis, what is concatenated is larger there.
	return n.layer.KerasClass().Name == "Concatenate" && len(n.inputs) > 1 && n.outputs[0].shape[1:].Equal(n.inputs[0].shape[1:])
}

// sampleBytes is the size of one sample as float32, 0 if axes are open.
func sampleBytes(shape Shape) int {
	size := 4
	for _, d := range shape[1:] {
		if d == None {
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

// predictBatch is how many samples Predict computes at once where nobody sees the batches:
// a doubling of Keras's 32, so that few programs serve all, and no more than there are rows.
func (m *Model) predictBatch(engine compute.Backend, rows int) int {
	yes, largest := m.samplesAlone()
	size := defaultBatchSize
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
