package serial

import (
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/symbolic"
)

// legacyLayout is how the arrays of a legacy file lie in memory: by the generation of Keras that wrote it, and the backend that it ran on.
type legacyLayout struct {
	era     era
	backend string
}

// convert turns the arrays that a file has of a layer into those of Keras 3: the separate gates of Keras 1, kernels of other backends, cuDNN's layout.
func (f legacyLayout) convert(l symbolic.Layer, arrays []kerasfile.Array) ([]kerasfile.Array, error) {
	if len(arrays) == 0 || f.era == keras3 {
		return arrays, nil
	}
	if n, ok := symbolic.NetworkOf(l); ok {
		return f.convertModel(n, arrays)
	}
	class := l.KerasClass().Name
	inner := map[string]symbolic.Layer{}
	for _, a := range l.Base().Attributes() {
		inner[a.Name] = a.Layer
	}
	switch {
	case class == "TimeDistributed" && inner["layer"] != nil:
		return f.convert(inner["layer"], arrays)
	case class == "Bidirectional" && inner["forward_layer"] != nil && inner["backward_layer"] != nil:
		half := len(arrays) / 2
		first, err := f.convert(inner["forward_layer"], arrays[:half])
		if err != nil {
			return nil, err
		}
		second, err := f.convert(inner["backward_layer"], arrays[half:])
		return append(slices.Clone(first), second...), err
	}
	arrays = slices.Clone(arrays)
	var err error
	if f.era == keras1 {
		if arrays, err = keras1Arrays(l, class, arrays); err != nil {
			return nil, err
		}
	}
	want := l.Base().Weights()
	switch class {
	case "Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "ConvLSTM2D":
		kernels := arrays[:1]
		if class == "ConvLSTM2D" {
			kernels = arrays[:min(2, len(arrays))]
		}
		for i, kernel := range kernels {
			if f.backend == "theano" { // it turns kernels round
				cfg, err := config.Fields(l.KerasConfig())
				if err != nil {
					return nil, err
				}
				window := kernel.Shape()[:max(0, len(kernel.Shape())-2)]
				if cfg["padding"] == "same" && slices.ContainsFunc(window, func(d int) bool { return d%2 == 0 }) {
					return nil, fmt.Errorf("its file was made on Theano, which pads otherwise for a kernel of an even size with padding=\"same\"")
				}
				if kernels[i], err = flipped(kernel); err != nil {
					return nil, err
				}
			}
			if i < len(want) && len(kernel.Shape()) == 4 && !sameShape(want[i], kernel) {
				if turned, err := permuted(kernels[i], 3, 2, 0, 1); err == nil && sameShape(want[i], turned) {
					kernels[i] = turned
				}
			}
		}
	case "LSTM", "GRU":
		return fromCuDNN(class, arrays, want)
	}
	return arrays, nil
}

func sameShape(w *symbolic.Weight, a kerasfile.Array) bool {
	return symbolic.Shape(w.Spec().Shape).Equal(a.Shape())
}

// convertModel converts the arrays of a model inside a model: those that training changes of all its layers first, then the others.
func (f legacyLayout) convertModel(n *symbolic.Network, arrays []kerasfile.Array) ([]kerasfile.Array, error) {
	var parts [2][]symbolic.Layer
	counts := map[symbolic.Layer][2]int{}
	total := 0
	for _, l := range f.layers(n) {
		var count [2]int
		for _, w := range l.Base().Weights() {
			at := 0
			if !w.Trainable() || !l.Base().Trainable() {
				at = 1
			}
			count[at]++
		}
		counts[l] = count
		total += count[0] + count[1]
		for at := range parts {
			if count[at] > 0 {
				parts[at] = append(parts[at], l)
			}
		}
	}
	if total != len(arrays) {
		return arrays, nil // it doesn't fit, which is said where it is compared
	}
	own := map[symbolic.Layer][]kerasfile.Array{}
	rest := arrays
	for at := range parts {
		for _, l := range parts[at] {
			own[l] = append(own[l], rest[:counts[l][at]]...)
			rest = rest[counts[l][at]:]
		}
	}
	for l, list := range own {
		converted, err := f.convert(l, list)
		if err != nil {
			return nil, fmt.Errorf("layer %q: %w", l.Base().Name(), err)
		}
		if len(converted) != len(list) {
			return nil, fmt.Errorf("layer %q: it has %d arrays, want %d", l.Base().Name(), len(list), len(converted))
		}
		own[l] = converted
	}
	out := make([]kerasfile.Array, 0, len(arrays))
	for at := range parts {
		for _, l := range parts[at] {
			n := counts[l][at]
			out = append(out, own[l][:n]...)
			own[l] = own[l][n:]
		}
	}
	return out, nil
}

// keras1Arrays converts what Keras 1 had of a layer.
func keras1Arrays(l symbolic.Layer, class string, arrays []kerasfile.Array) ([]kerasfile.Array, error) {
	first := func(a kerasfile.Array, err error) ([]kerasfile.Array, error) {
		arrays[0] = a
		return arrays, err
	}
	cfg, err := config.Fields(l.KerasConfig())
	if err != nil {
		return nil, err
	}
	channelsFirst := cfg["data_format"] == "channels_first"
	if channelsFirst && slices.Contains([]string{"Conv2D", "Conv3D", "SeparableConv2D", "ConvLSTM2D"}, class) {
		for i, a := range arrays {
			order := map[int][]int{4: {2, 3, 1, 0}, 5: {2, 3, 4, 1, 0}}[len(a.Shape())] // from (filters, channels, rows, columns)
			if order == nil {
				continue
			}
			if arrays[i], err = permuted(a, order...); err != nil {
				return nil, err
			}
		}
	}
	shape := arrays[0].Shape()
	switch {
	case class == "Conv1D" && len(shape) == 4:
		if shape[1] != 1 {
			return nil, fmt.Errorf("its kernel has shape %v, as before Keras 1.2, which isn't read here", shape)
		}
		return first(reshaped(arrays[0], shape[0], shape[2], shape[3]))
	case class == "Conv2DTranspose" && len(shape) == 4: // a convolution's
		if channelsFirst {
			return first(permuted(arrays[0], 2, 3, 0, 1))
		}
		return first(permuted(arrays[0], 0, 1, 3, 2))
	case class == "GRU" && len(arrays) == 9:
		return gates(arrays, 0, 3, 6)
	case (class == "LSTM" || class == "ConvLSTM2D") && len(arrays) == 12: // input, candidate, forget, output
		return gates(arrays, 0, 6, 3, 9)
	}
	return arrays, nil
}

// gates joins the kernels, recurrent kernels and biases that begin at each of the places.
func gates(arrays []kerasfile.Array, at ...int) ([]kerasfile.Array, error) {
	out := make([]kerasfile.Array, 3)
	for part := range out {
		list := make([]kerasfile.Array, len(at))
		for i, first := range at {
			list[i] = arrays[first+part]
		}
		var err error
		if out[part], err = joined(list); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fromCuDNN converts the weights of CuDNNLSTM and CuDNNGRU, which have two biases for each gate and kernels that are turned.
func fromCuDNN(class string, arrays []kerasfile.Array, want []*symbolic.Weight) ([]kerasfile.Array, error) {
	if len(arrays) != 3 || len(want) != 3 || sameShape(want[2], arrays[2]) {
		return arrays, nil
	}
	n := map[string]int{"LSTM": 4, "GRU": 3}[class]
	kernel, recurrent, bias := arrays[0].Shape(), arrays[1].Shape(), arrays[2].Shape()
	if len(kernel) != 2 || len(recurrent) != 2 || len(bias) != 1 || recurrent[1] != n*recurrent[0] || kernel[1] != recurrent[1] || bias[0] != 2*recurrent[1] {
		return arrays, nil
	}
	if class == "GRU" && len(want[2].Spec().Shape) != 2 {
		return nil, fmt.Errorf("weights of a CuDNNGRU go into a GRU with reset_after=True alone")
	}
	out := slices.Clone(arrays)
	var err error
	units := recurrent[0]
	for i, rows := range []int{kernel[0], units} {
		// Each gate's kernel lies as (units, rows) where Keras has (rows, units).
		turn := func(from []float32) []float32 {
			to := make([]float32, len(from))
			for gate := range n {
				for r := range rows {
					for u := range units {
						at := gate*units + u
						source := u*rows + r // in the gate's own block, read row by row
						to[r*n*units+at] = from[source/units*n*units+gate*units+source%units]
					}
				}
			}
			return to
		}
		if i == 1 {
			turn = func(from []float32) []float32 {
				to := make([]float32, len(from))
				for gate := range n {
					for r := range units {
						for u := range units {
							to[r*n*units+gate*units+u] = from[u*n*units+gate*units+r]
						}
					}
				}
				return to
			}
		}
		if out[i], err = mapped(arrays[i], arrays[i].Shape(), turn); err != nil {
			return nil, err
		}
	}
	if class == "GRU" {
		out[2], err = reshaped(arrays[2], 2, n*units)
		return out, err
	}
	out[2], err = mapped(arrays[2], []int{n * units}, func(from []float32) []float32 {
		to := make([]float32, n*units)
		for i := range to {
			to[i] = from[i] + from[n*units+i]
		}
		return to
	})
	return out, err
}
