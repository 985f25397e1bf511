package functional

import (
	"errors"

	"github.com/gokeras/gokeras/symbolic"
)

// Quantize makes whole numbers of few bits of the weights of all layers that can be quantized, Dense, EinsumDense, Embedding and ReversibleEmbedding: in
// mode "int8" of 8 bits, of what is multiplied with them, too; in mode "int4" of 4 bits, of which 128 share a scale (Keras: model.quantize(mode)). Layers of
// models inside are quantized with them; those inside other layers, as MultiHeadAttention and TimeDistributed, keep their floats: Keras quantizes them too, but
// then can't read the file, or forgets the scales.
// Files take less space, and predictions change a little. The model must be compiled afterwards. If a layer can't be quantized, those before it stay so.
func (m *Model) Quantize(mode string) error {
	if n, ok := symbolic.NetworkOf(m); !ok || !n.Built() {
		return errors.New("Quantize: the model isn't built yet: give it an input or call it first")
	}
	seen := map[*symbolic.BaseLayer]bool{}
	var each func(l symbolic.Layer) error
	each = func(l symbolic.Layer) error {
		if seen[l.Base()] {
			return nil
		}
		seen[l.Base()] = true
		if n, ok := symbolic.NetworkOf(l); ok {
			for _, inner := range n.Layers() {
				if err := each(inner); err != nil {
					return err
				}
			}
			return nil
		}
		if q, ok := l.(symbolic.Quantizer); ok {
			return q.Quantize(mode)
		}
		return nil
	}
	return each(m)
}
