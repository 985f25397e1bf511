package layers

import (
	"fmt"
	"math"

	farm "github.com/dgryski/go-farm"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// HashedCrossingLayer is Keras's HashedCrossing: two features, of texts or whole numbers, become the bin of their combination, by a hash. It runs on the host, before
// the compiled program.
type HashedCrossingLayer struct {
	layer[*HashedCrossingLayer]
	symbolic.OnHost
	sampleWise
	cfg hashedCrossingConfig
}

type hashedCrossingConfig struct {
	symbolic.LayerConfig
	NumBins    int        `keras:"num_bins"`
	OutputMode OutputMode `keras:"output_mode" default:"int"`
	Sparse     bool       `keras:"sparse"`
	DType      outputType `keras:"dtype" default:"null"`
	_          any        `keras:"trainable,unsaved"`
	_          any        `keras:"activity_regularizer,unsaved"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return HashedCrossing(1) }) }

// HashedCrossing returns a layer that makes of two tensors of shape (batch,) or (batch, 1) the numbers of numBins bins (Keras: HashedCrossing(num_bins)).
func HashedCrossing(numBins int) *HashedCrossingLayer {
	l := &HashedCrossingLayer{}
	l.cfg.DType = outputType{of: &l.cfg.LayerConfig, mode: &l.cfg.OutputMode, plain: true}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.LayerConfig.DType = ""
	l.cfg.NumBins = numBins
	return l
}

// TakesList says that the layer takes a list.
func (l *HashedCrossingLayer) TakesList() {}

// DType sets the layer's dtype policy, such as "float16" (Keras: dtype). The default is "int64" in the output mode int, else "float32".
func (l *HashedCrossingLayer) DType(policy symbolic.DTypePolicy) *HashedCrossingLayer {
	l.SetDType(policy)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *hashedCrossingConfig) Validate() error {
	switch {
	case c.Sparse:
		return errSparse
	case c.NumBins < 0:
		return fmt.Errorf("num_bins must not be negative: received num_bins=%d", c.NumBins)
	}
	return onlyModes(c.OutputMode, Int, OneHot)
}

// Infer keeps the shape of the inputs, or puts the bins into it.
func (l *HashedCrossingLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	inputs := in.First()
	if len(inputs) != 2 {
		return nil, fmt.Errorf("expected as input a list of 2 tensors: received %d", len(inputs))
	}
	x := inputs[0].Shape.Clone()
	for _, input := range inputs {
		switch {
		case !input.Shape.Equal(inputs[0].Shape):
			return nil, fmt.Errorf("expected the two input tensors to have identical shapes: received %s and %s", inputs[0].Shape, input.Shape)
		case input.DType != symbolic.Text && !ndarray.DType(input.DType).IsInt():
			return nil, fmt.Errorf("all `HashedCrossing` inputs should have an integer or string dtype: received %s", input.DType)
		}
	}
	if err := checkCrossed(x); err != nil {
		return nil, err
	}
	if l.cfg.OutputMode == OneHot {
		x = append(withoutLastOne(x), l.cfg.NumBins)
	}
	return []symbolic.Spec{{Shape: x, DType: l.cfg.compute()}}, nil
}

// compute is the name of the type in which the layer computes.
func (c *hashedCrossingConfig) compute() string {
	return ndarray.DTypeName(symbolic.DTypePolicy(c.DType.name()).Compute())
}

func checkCrossed(dims symbolic.Shape) error {
	if len(dims) > 2 || len(dims) == 2 && dims[1] != 1 {
		return fmt.Errorf("all `HashedCrossing` inputs should have shape `()`, `(batch_size)` or `(batch_size, 1)`: received %s", dims)
	}
	return nil
}

// HostCall returns the function from features to bins.
func (l *HashedCrossingLayer) HostCall() (symbolic.HostFunc, error) {
	if err := l.Err(); err != nil {
		return nil, err
	}
	if err := l.cfg.Validate(); err != nil {
		return nil, err
	}
	return func(inputs []symbolic.HostValue) ([]symbolic.HostValue, error) {
		if len(inputs) < 2 {
			return nil, fmt.Errorf("`HashedCrossing` should be called on at least two inputs: received %d", len(inputs))
		}
		dims := symbolic.HostShape(inputs[0])
		if err := checkCrossed(dims); err != nil {
			return nil, err
		}
		hashes := make([]uint64, dims.Size())
		for i := range hashes {
			hashes[i] = crossingKey
		}
		for _, v := range inputs {
			if !symbolic.HostShape(v).Equal(dims) {
				return nil, fmt.Errorf("all `HashedCrossing` inputs should have equal shape: received %s and %s", dims, symbolic.HostShape(v))
			}
			if err := crossWith(hashes, v); err != nil {
				return nil, err
			}
		}
		bins := make([]int64, len(hashes))
		for i, h := range hashes {
			if bins[i] = int64(h % math.MaxInt64); l.cfg.NumBins > 0 {
				bins[i] = int64(h % uint64(l.cfg.NumBins))
			}
		}
		out, err := encodeCategories(bins, dims, l.cfg.OutputMode, l.cfg.NumBins, symbolic.DTypePolicy(l.cfg.DType.name()).Variable())
		return []symbolic.HostValue{out}, err
	}, nil
}

// crossingKey is what TensorFlow begins a crossing with.
const crossingKey = 0xDECAFCAFFE

// crossWith takes a feature into the hashes of combinations: a text by its own hash, a number as it is.
func crossWith(hashes []uint64, v symbolic.HostValue) error {
	if texts, ok := v.(*symbolic.Texts); ok {
		for i, text := range texts.Flat {
			hashes[i] = joinHashes(hashes[i], farm.Fingerprint64([]byte(text)))
		}
		return nil
	}
	if t := v.(*tensors.Tensor); !t.DType().IsInt() {
		return fmt.Errorf("all `HashedCrossing` inputs should have an integer or string dtype: received %s", t.DType())
	}
	numbers, _, err := wholeNumbers(v)
	for i, n := range numbers {
		hashes[i] = joinHashes(hashes[i], uint64(n))
	}
	return err
}

// joinHashes is TensorFlow's FingerprintCat64.
func joinHashes(a, b uint64) uint64 {
	const factor = 0xc6a4a7935bd1e995
	mix := func(v uint64) uint64 { return v ^ v>>47 }
	h := a ^ factor
	h ^= mix(b*factor) * factor
	h *= factor
	h = mix(h) * factor
	return mix(h)
}

// Encode returns the bins of two features or more, without a model (Keras: layer(inputs)).
func (l *HashedCrossingLayer) Encode(features ...any) (*tensors.Tensor, error) {
	return numbersOnHost(l, features...)
}
