package symbolic

// Text is the Keras type of texts: tensors of it are computed on the host alone.
const Text = "string"

// HostValue is data on the host: a *tensors.Tensor, or *Texts.
type HostValue any

// Texts are texts in an array.
type Texts struct {
	Flat []string // in row-major order
	Dims []int    // the first axis counts the samples
}
