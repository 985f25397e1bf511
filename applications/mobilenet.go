package applications

import (
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// MobileNetNetwork is the builder of [MobileNet].
type MobileNetNetwork struct {
	network[*MobileNetNetwork]
	alpha           float64
	depthMultiplier int
	dropout         float64
}

// MobileNet is the small network of depthwise convolutions by Howard and others (Keras: MobileNet), for images (batch, 224, 224, 3).
func MobileNet() *MobileNetNetwork {
	m := &MobileNetNetwork{alpha: 1, depthMultiplier: 1, dropout: 1e-3}
	m.start(m, design{
		function: "MobileNet", size: 224, least: 32, mode: tf,
		arguments: m.check,
		shapes: func(n *net) error {
			return n.settleShape(n.publishedSize(mobileNetSizes))
		},
		label:  func(n *net) string { return mobileName("mobilenet", m.alpha, n, mobileNetSizes) },
		layers: m.layers,
		file:   m.file,
	})
	return m
}

// mobileNetSizes are the sizes of images that there are published weights for, 224 else.
var mobileNetSizes = []int{128, 160, 192, 224}

// Alpha multiplies the number of filters of each layer (Keras: alpha=1.0). Published weights go with 0.25, 0.5, 0.75 and 1.
func (m *MobileNetNetwork) Alpha(alpha float64) *MobileNetNetwork {
	m.alpha = alpha
	return m
}

// DepthMultiplier is how many channels a depthwise convolution makes of each (Keras: depth_multiplier=1). Published weights go with 1.
func (m *MobileNetNetwork) DepthMultiplier(multiplier int) *MobileNetNetwork {
	m.depthMultiplier = multiplier
	return m
}

// Dropout is the part that is dropped before the classifier in training (Keras: dropout=0.001).
func (m *MobileNetNetwork) Dropout(rate float64) *MobileNetNetwork {
	m.dropout = rate
	return m
}

func (m *MobileNetNetwork) check(n *net) error {
	if err := checkMultiplier("alpha", m.alpha); err != nil || n.weights != imageNet {
		return err
	}
	if m.depthMultiplier != 1 {
		return fmt.Errorf("with the weights %q the depth multiplier must be 1, received %d", imageNet, m.depthMultiplier)
	}
	return publishedAlpha(m.alpha, 0.25, 0.5, 0.75, 1)
}

func publishedAlpha(alpha float64, published ...float64) error {
	if !slices.Contains(published, alpha) {
		return fmt.Errorf("with the weights %q alpha can be one of %v, received %v", imageNet, published, alpha)
	}
	return nil
}

// publishedSize is the size of images that the published weights come from: that of the input where it is one of these, 224 else.
func (n *net) publishedSize(sizes []int) int {
	if n.shape != nil {
		if rows, columns, _ := n.extents(); rows == columns && slices.Contains(sizes, rows) {
			return rows
		}
	}
	return 224
}

// mobileName is the model's name: that of the function, the width, and the height of images, with published weights that of theirs.
func mobileName(function string, alpha float64, n *net, sizes []int) string {
	rows, _, _ := n.extents()
	if n.weights == imageNet {
		rows = n.publishedSize(sizes)
	}
	if rows == functional.None {
		return fmt.Sprintf("%s_%.2f_None", function, alpha)
	}
	return fmt.Sprintf("%s_%.2f_%d", function, alpha, rows)
}

// relu6 cuts off above 6.
func relu6(name string, x *functional.Tensor) *functional.Tensor {
	return layers.ReLU().MaxValue(6).Name(name).Apply(x)
}

func (m *MobileNetNetwork) layers(n *net, x *functional.Tensor) *functional.Tensor {
	width := func(filters int) int { return int(float64(filters) * m.alpha) }
	norm := func(name string, x *functional.Tensor) *functional.Tensor {
		return relu6(name+"_relu", n.norm().Name(name+"_bn").Apply(x))
	}
	x = norm("conv1", n.conv(width(32), 3).Padding(layers.Same).UseBias(false).Strides(2).Name("conv1").Apply(x))
	for i, filters := range []int{64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024} {
		block := i + 1
		deep, wide := fmt.Sprintf("conv_dw_%d", block), fmt.Sprintf("conv_pw_%d", block)
		depthwise := n.depthwise(3).DepthMultiplier(m.depthMultiplier).Padding(layers.Same)
		if slices.Contains([]int{2, 4, 6, 12}, block) {
			x = n.pad(0, 1, 0, 1).Name(fmt.Sprintf("conv_pad_%d", block)).Apply(x)
			depthwise.Padding(layers.Valid).Strides(2)
		}
		x = norm(deep, depthwise.Name(deep).Apply(x))
		x = norm(wide, n.conv(width(filters), 1).Padding(layers.Same).UseBias(false).Name(wide).Apply(x))
	}
	if !n.includeTop {
		return n.pooled(x, "", "")
	}
	x = n.globalAverage().KeepDims(true).Apply(x)
	x = layers.Dropout(m.dropout).Name("dropout").Apply(x)
	x = n.conv(n.classes, 1).Padding(layers.Same).Name("conv_preds").Apply(x)
	x = layers.Reshape(n.classes).Name("reshape_2").Apply(x)
	return layers.Activation(n.activation).Name("predictions").Apply(x)
}

func (m *MobileNetNetwork) file(n *net) weightsFile {
	widths := map[float64]string{0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1: "1_0"}
	name := fmt.Sprintf("mobilenet_%s_%d_tf", widths[m.alpha], n.publishedSize(mobileNetSizes))
	if !n.includeTop {
		name += "_no_top"
	}
	return weightsFile{name: name + ".h5", url: keras2Folder + "mobilenet/" + name + ".h5"}
}
