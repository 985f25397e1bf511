package applications_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/applications"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

// TestTransfer goes the way of Keras's guide: a frozen base below a new head, then its last layers thawed.
func TestTransfer(t *testing.T) {
	golden.OnGo(t)
	functional.SetRandomSeed(1)
	backbone := applications.MobileNet().Weights("").Alpha(0.25).InputShape(32, 32, 3).IncludeTop(false)
	base, err := backbone.Model()
	require.NoError(t, err)
	for k, w := range base.Weights() {
		require.NoError(t, w.Set(ruleWeight(k, w.Name(), w.Shape()).Tensor(t)))
	}
	base.Trainable(false)
	inputs := functional.Input(32, 32, 3)
	x := base.ApplyWith(map[string]any{"training": false}, backbone.PreprocessTensor(inputs))[0]
	x = layers.GlobalAveragePooling2D().Apply(x)
	model, err := functional.NewModel(inputs, layers.Dense(2).Activation("softmax").Name("head").Apply(x))
	require.NoError(t, err)
	images, labels := golden.RuleInput(0, 8, 32, 32, 3).Tensor(t), golden.RuleLabels(8, 2)

	// changed names the weights that a Fit changed.
	changed := func() []string {
		before, err := model.GetWeights()
		require.NoError(t, err)
		require.NoError(t, model.Compile(functional.Compile{Optimizer: optimizers.Adam(0.01), Loss: "sparse_categorical_crossentropy"}))
		_, err = model.Fit(images, labels, functional.Fit{Epochs: 1, BatchSize: 4, Verbose: functional.Silent})
		require.NoError(t, err)
		after, err := model.GetWeights()
		require.NoError(t, err)
		var names []string
		for i, w := range model.Weights() {
			if !slices.Equal(golden.Floats(t, before[i]), golden.Floats(t, after[i])) {
				names = append(names, w.Path())
			}
		}
		return names
	}
	require.Equal(t, []string{"head/kernel", "head/bias"}, changed())

	base.Trainable(true)
	all := base.Layers()
	for _, l := range all[:len(all)-3] {
		l.Base().SetTrainable(false)
	}
	require.Equal(t, []string{"conv_pw_13/kernel", "conv_pw_13_bn/gamma", "conv_pw_13_bn/beta", "conv_pw_13_bn/moving_mean", "conv_pw_13_bn/moving_variance",
		"head/kernel", "head/bias"}, changed(), "the last layers learn; like Keras 3.15, Fit forgets training=False")
	model.HonourTraining(true)
	require.Equal(t, []string{"conv_pw_13/kernel", "conv_pw_13_bn/gamma", "conv_pw_13_bn/beta", "head/kernel", "head/bias"}, changed(),
		"the last layers learn, and their moving averages stand still")

	// A head on an inner layer.
	var inner *functional.Tensor
	for _, node := range base.Nodes() {
		if node.Layer.Base().Name() == "conv_pw_5_relu" {
			inner = node.Outputs[0]
		}
	}
	short, err := functional.NewModel(base.Inputs()[0], layers.GlobalMaxPooling2D().Apply(inner))
	require.NoError(t, err)
	features, err := short.Predict(images, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	require.Equal(t, []int{8, 64}, features.Shape().Dimensions)
}

// TestHostileSizes has what no machine could hold: it must not be made, or only on paper.
func TestHostileSizes(t *testing.T) {
	const huge = 1 << 40
	for name, n := range map[string]network{
		"channels":  applications.ResNet50().Weights("").InputShape(64, 64, huge),
		"zero":      applications.ResNet50().Weights("").InputShape(64, 64, 0),
		"negative":  applications.ResNet50().Weights("").InputShape(64, 64, -7),
		"rows":      applications.VGG16().Weights("").InputShape(huge, huge, 3),
		"classes":   applications.MobileNetV3Small().Weights("").Classes(huge),
		"minus":     applications.DenseNet121().Weights("").Classes(-1),
		"depth":     applications.MobileNet().Weights("").DepthMultiplier(huge),
		"below":     applications.VGG16().Weights("").InputShape(-2, 64, 3),
		"directory": applications.VGG16().Weights(t.TempDir()).IncludeTop(false),
	} {
		m, err := n.Model()
		if err == nil {
			_, err = m.Predict([][][][]float32{{{{1}}}}, functional.Predict{Verbose: functional.Silent})
		}
		require.Error(t, err, name)
	}
}
