package kernels

// The names by which programs call the kernels (StableHLO: call_target_name). The operands and results are float32, in row-major
// order; the attribute [Window] gives the geometry that shapes leave open.
const (
	// Forward is conv(x, kernel) or, with a third operand, conv(x, kernel) + bias.
	Forward = "gokeras.conv.forward"
	// InputGradient is the gradient for x, from that for y, and the kernel. Strides must be 1.
	InputGradient = "gokeras.conv.input_gradient"
	// KernelGradient is the gradient for the kernel, from x and the gradient for y.
	KernelGradient = "gokeras.conv.kernel_gradient"
)

// APIVersion is XLA's for calls of this kind (StableHLO: api_version).
const APIVersion = 4

// Level is a set of vector instructions.
type Level int64

// The levels that kernels are made for; the constants are those of conv.h.
const (
	Generic Level = iota
	AVX2
	AVX512
)

// Window is the geometry of a convolution that the shapes of its operands leave open. The output's pixel (r, c) meets the input's
// pixel (r·Strides[0] - Before[0] + i, c·Strides[1] - Before[1] + j) at the kernel's element (i, j).
type Window struct {
	Strides, Before [2]int
	// ReLU makes values that are not above 0 zero, in Forward.
	ReLU  bool
	Level Level
}

// Attribute is the name of the attribute that holds [Window.Values].
const Attribute = "window"

// Values are the window's numbers in the order in which the kernels read them.
func (w Window) Values() [6]int64 {
	values := [6]int64{int64(w.Strides[0]), int64(w.Strides[1]), int64(w.Before[0]), int64(w.Before[1]), 0, int64(w.Level)}
	if w.ReLU {
		values[4] = 1
	}
	return values
}
