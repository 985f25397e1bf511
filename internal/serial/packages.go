package serial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// packageClasses are layers that files name by their class alone, of Python packages beside Keras.
var packageClasses = map[string][]string{
	"tensorflow_hub":                {"KerasLayer"},
	"tensorflow_model_optimization": {"ClusterWeights", "PruneLowMagnitude", "QuantizeLayer", "QuantizeWrapper", "QuantizeWrapperV2"},
	"tensorflow_probability": {"DenseFlipout", "DenseLocalReparameterization", "DenseReparameterization", "DenseVariational", "DistributionLambda", "IndependentBernoulli",
		"IndependentLogistic", "IndependentNormal", "IndependentPoisson", "KLDivergenceAddLoss", "MixtureNormal", "MultivariateNormalTriL", "OneHotCategorical"},
	"efficientnet":         {"FixedDropout"},
	"keras_self_attention": {"SeqSelfAttention", "SeqWeightedAttention"},
}

// packageOf is the Python package beside Keras that a layer is from, "" for none that is known. TensorFlow Addons registers its classes, and QKeras puts a Q before
// those of Keras.
func packageOf(class, registered string) string {
	if strings.HasPrefix(registered, "Addons>") || strings.HasPrefix(class, "Addons>") {
		return "tensorflow_addons"
	}
	if strings.Contains(registered, ">") {
		return ""
	}
	if plain, ok := strings.CutPrefix(class, "Q"); ok && symbolic.KnowsLayer(plain) {
		return "qkeras"
	}
	for name, classes := range packageClasses {
		if slices.Contains(classes, class) {
			return name
		}
	}
	return ""
}

// ofPackage explains a layer of such a package.
func ofPackage(name, class, pkg string) error {
	return fmt.Errorf("%w: layer %q is of the Python package %s, not of Keras: register a Go type of that class with functional.RegisterLayer, or, in Python, "+
		"put Keras's own layers in its place and save the model again", config.UnknownName("layer", class, nil), name, pkg)
}
