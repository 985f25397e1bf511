package kernels

// The names by which programs call the kernels (StableHLO: call_target_name). Operands and results are float32 in row-major order;
// positions, uint8, tell which of its window's places, four unless it is said otherwise, each maximum of a max-pool came from. What
// stands in brackets is there with the option of that name. The attribute [Attribute] holds what shapes leave open.
const (
	// Forward: x, kernel, [Bias], [Factor], [Added], [Beside: the last channels of x] gives y = conv(x, kernel)·factor + bias + added or, with Pool, its max-pool by 2×2, [Positions].
	Forward = "gokeras.conv.forward"
	// InputGradient: the gradient for y (or with Positions that for its max-pool, and positions), kernel, [Bias], [Factor], [Mask] gives the gradient for x, or what a
	// transposed convolution does with it, where the kernel is as large as the strides. An axis has a stride or a dilation, not both; so has it of DepthwiseInputGradient.
	InputGradient = "gokeras.conv.input_gradient"
	// KernelGradient: x, the gradient for y (or with Positions as above) gives the gradient for the kernel, with Bias that for the bias, too.
	KernelGradient = "gokeras.conv.kernel_gradient"
	// DepthwiseForward: x, a kernel (height, width, 1, channels), [Bias], [Factor] gives y, each channel convolved by itself. Before may not reach beyond the kernel and its gaps.
	DepthwiseForward = "gokeras.depthwise.forward"
	// DepthwiseInputGradient: the gradient for y, the kernel gives the gradient for x.
	DepthwiseInputGradient = "gokeras.depthwise.input_gradient"
	// DepthwiseKernelGradient: x, the gradient for y gives the gradient for the kernel.
	DepthwiseKernelGradient = "gokeras.depthwise.kernel_gradient"
	// Pool: y gives its max-pool by 2×2, [Positions].
	Pool = "gokeras.pool"
	// PoolGradient: the gradient for a max-pool, positions gives that for y.
	PoolGradient = "gokeras.pool_gradient"
	// AnyPool: x (batch, height, width, channels) or, of one row, (batch, width, channels) gives its max-pool by windows of height and width Window.Out, [Positions], which are
	// counted along a window's rows. A window has at most 255 places. With ReLU a maximum ≤ 0 has no position.
	AnyPool = "gokeras.max_pool"
	// AnyPoolGradient: the gradient for such a max-pool, positions gives that for x.
	AnyPoolGradient = "gokeras.max_pool_gradient"
	// Dot: a (rows, depth), b (depth, columns), [Bias], [Factor], [Added], [Mask], [Dropout: two keys, a factor] gives a · b with what follows it. Window.Out holds rows and columns,
	// Window.Strides[0] the depth: operands may have more axes. Window.Before[0] is the bound below which hashes let values stay.
	Dot = "gokeras.dot"
	// Sum: x (…, columns), [Factor, of its shape] or [Centre: a value a column] gives, of each column, [Plain: the sum of x], that of x·factor or of (x - centre)².
	Sum = "gokeras.sum"
	// Lookup: a table (words, size), indices of int32 gives the table's rows of those numbers; of Window.Out[0] indices that follow each other, their sum. [Wrapped, Checked].
	Lookup = "gokeras.lookup"
	// LookupGradient: the gradient for that, the indices gives that for the table.
	LookupGradient = "gokeras.lookup_gradient"
	// Adam: w, m, v, g of any one shape for each of up to 64 variables, then the scalars rate, share1, share2, epsilon give for each w',
	// m' = m + (g - m)·share1 and v' = v + (g² - v)·share2, where w' = w - m'·rate / (√v' + epsilon).
	Adam = "gokeras.adam"
	// Pack: values in any shapes give all of them, one after the other.
	Pack = "gokeras.pack"
	// Unpack: the values from number Window.Out[0] on give the first of them, those after them …, in any shapes.
	Unpack = "gokeras.unpack"
	// SimpleRNN, LSTM and GRU (which resets after the product): x (steps, batch, gates·units), kernel (units, gates·units), [Bias, of a GRU], h and an LSTM's c
	// (batch, units) before the first step, [Mask] gives [Last: those after the last step], [Outputs], [Products], [Carries]. With Both these are there twice, the second
	// time of a layer in reverse.
	SimpleRNN = "gokeras.simple_rnn"
	LSTM      = "gokeras.lstm"
	GRU       = "gokeras.gru"
	// Their gradients: a GRU's x, products, kernel, a GRU's h or an LSTM's c before each step, the gradients for h and an LSTM's c after the last step, [Outputs: that
	// for them], [Mask] gives those for h and c before the first step, for x, and for a GRU's products.
	SimpleRNNGradient = "gokeras.simple_rnn_gradient"
	LSTMGradient      = "gokeras.lstm_gradient"
	GRUGradient       = "gokeras.gru_gradient"
	// Attention: q (batch, steps, heads, size), k (batch, sources, heads, size), v (batch, sources, heads, value size), the scalar scale, [Mask: bools that broadcast
	// to (batch, heads, steps, sources)], [Factor, of that shape] gives softmax(scale·q·kᵀ)·v of each head, scores that don't count being as low as Keras has them,
	// and weights multiplied by factors.
	Attention = "gokeras.attention"
	// AttentionGradient: q, k, v, the gradient for the result, scale, [Mask], [Factor] gives those for q, k and v.
	AttentionGradient = "gokeras.attention_gradient"
	// Maxima: x (outer, count, inner) gives the maxima along its axis in the middle, (outer, inner).
	Maxima = "gokeras.maxima"
	// MaximaGradient: x, the gradient for the maxima gives that for x, which equal values share.
	MaximaGradient = "gokeras.maxima_gradient"
	// LayerNormalization: x (rows, columns), gamma and beta (columns), the scalar epsilon gives x with the mean beta and the deviation gamma in each row.
	LayerNormalization = "gokeras.layer_normalization"
	// LayerNormalizationGradient: x, gamma, the gradient for the result, epsilon gives those for x, gamma and beta.
	LayerNormalizationGradient = "gokeras.layer_normalization_gradient"
	// Elementwise: arrays of float32, int32 or bool give arrays of one size, by the steps of Window.Program.
	Elementwise = "gokeras.elementwise"
	// Rows: arrays of float32, int32 or bool give arrays of so many rows and columns, or of one value a row, by Window.Rows.
	Rows = "gokeras.rows"
)

// Prefix is what all these names begin with.
const Prefix = "gokeras."

// APIVersion is XLA's for calls of this kind (StableHLO: api_version).
const APIVersion = 4

// Level is a set of vector instructions.
type Level int64

// The levels that kernels are made for: with narrower vectors XLA's own code is faster. The constants are those of conv.h.
const (
	None Level = iota
	AVX2
	AVX512
)

// String returns the level as GOKERAS_KERNELS names it, "off" for none.
func (l Level) String() string { return [...]string{None: "off", AVX2: "avx2", AVX512: "avx512"}[l] }

// Options are what a call does beside the convolution.
type Options int64

// The constants are those of handlers.c.
const (
	ReLU      Options = 1 << iota // values ≤ 0 become 0; NaN stays
	Bias                          // a bias is added, or its gradient a result
	MaxPool                       // the result is pooled
	Positions                     // positions are a result, or an operand
	Mask                          // the result is 0 where a last operand, of its shape, is ≤ 0; of recurrent layers: which steps (steps, batch) aren't masked; of attention: which sources count

	// Of recurrent layers, see rnn.h:
	Reverse  // the last step comes first
	Outputs  // the outputs are a result, or their gradient an operand
	Products // the products are a result
	Carries  // the carries are a result
	Last     // the last states are results

	// Of sums, and of layers, where there is one for each filter:
	Factor // a factor is an operand
	Centre // a centre is
	Plain  // the sum of x itself is a result

	// Of products:
	TurnedA // a lies in memory as (depth, rows)
	TurnedB // b lies as (columns, depth)

	// Of layers:
	Added // what is added to the result, of its size, is an operand
	Six   // with ReLU: values ≥ 6 become 6

	// Of recurrent layers:
	Both // a second layer, in reverse, runs beside the first

	// Of convolutions:
	Beside // the input's last channels are an operand of their own

	// Of products:
	Dropout // the result is what a Dropout makes of it

	// Of lookups:
	Wrapped // an index below 0 counts from the table's end
	Checked // an index outside the table gives NaN; else it gives the nearest row
)

// Window is the geometry of a convolution that the shapes of its operands leave open. The output's pixel (r, c) meets the input's
// pixel (r·Strides[0] - Before[0] + i·Dilations[0], c·Strides[1] - Before[1] + j·Dilations[1]) at the kernel's element (i, j).
type Window struct {
	Strides, Dilations, Before [2]int
	Out                        [2]int // the output's height and width, before a max-pool; of AnyPool the window's
	Level                      Level
	Options                    Options
	Program                    Program     // of Elementwise
	Rows                       *RowProgram // of Rows
}

// Attribute is the name of the attribute that holds [Window.Values].
const Attribute = "window"

// Values are the window's numbers in the order in which the kernels read them.
func (w Window) Values() []int64 {
	list := append([]int64{
		int64(w.Strides[0]), int64(w.Strides[1]), int64(w.Dilations[0]), int64(w.Dilations[1]), int64(w.Before[0]), int64(w.Before[1]), int64(w.Out[0]), int64(w.Out[1]),
		int64(w.Level), int64(w.Options),
	}, w.Program.values()...)
	if w.Rows != nil {
		list = append(list, w.Rows.values()...)
	}
	return list
}
