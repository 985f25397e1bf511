package lowering

// Layer is what a marked loop computes: a kind of recurrent layer with Keras's usual activations, or another layer, in one turn.
type Layer int32

// The layers. A GRU resets after the product.
const (
	SimpleRNN Layer = iota
	LSTM
	GRU
	Attention
	LayerNormalization
	Maxima // along an axis in the middle
	layers
)

// Role is what a part of a loop's state is to the layer.
type Role int32

// The roles. In the gradient's loop, D… are gradients: those for H and C are its states, that for Outputs an input, those for X and Products what it writes.
const (
	NoRole   Role = iota // what the loop alone is concerned with
	X                    // the inputs' part of the products
	Kernel               // the recurrent kernel
	Bias                 // a GRU's recurrent bias
	StepMask             // which steps aren't masked; of attention, which sources count
	H                    // state: the output
	C                    // state: an LSTM's carry
	Outputs
	Products // of the state with the kernel: and X, or a GRU's Bias
	Carries  // C before each step
	BeforeH  // H before each step
	DH
	DC
	DOutputs
	DX
	DProducts
	Query // of attention
	Key
	Value
	Factor
	DQuery
	DKey
	DValue
	Gamma // of normalization
	Beta
	DGamma
	DBeta
	Number // that the layer has for an argument
)

// Mark says that a While computes a layer. It is the last part of the loop's state, and stays what it is.
type Mark struct {
	Layer             Layer
	Gradient, Reverse bool   // Reverse: the layer begins with the last step; its gradient then with the first
	Roles             []Role // of the other parts of the state
}

// magic begins a mark's numbers.
const magic = 0x4c4f4f50

// Numbers are the mark as a constant holds it.
func (m Mark) Numbers() []int32 {
	flag := map[bool]int32{true: 1}
	list := []int32{magic, int32(m.Layer), flag[m.Gradient], flag[m.Reverse]}
	for _, r := range m.Roles {
		list = append(list, int32(r))
	}
	return list
}

// ReadMark reads a mark's numbers; ok is false if they are none.
func ReadMark(numbers []int) (m Mark, ok bool) {
	if len(numbers) < 4 || numbers[0] != magic || numbers[1] < 0 || numbers[1] >= int(layers) {
		return m, false
	}
	m = Mark{Layer: Layer(numbers[1]), Gradient: numbers[2] == 1, Reverse: numbers[3] == 1}
	for _, r := range numbers[4:] {
		m.Roles = append(m.Roles, Role(r))
	}
	return m, true
}
