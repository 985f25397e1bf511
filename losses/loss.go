package losses

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
)

// Loss compares predictions with targets (Keras: keras.losses.Loss).
type Loss interface {
	config.Object
	// KerasName is the loss's name (Keras: loss.name).
	KerasName() string
	// Values returns the loss of each sample before reduction, usually of
	// shape (batch,) or (batch, d0, … dN-1). It builds part of a GoMLX graph and panics
	// with an error where shapes don't fit, as GoMLX's own functions do.
	Values(yTrue, yPred *graph.Node) *graph.Node
	// KerasReduction says how the values become one number (Keras: loss.reduction).
	KerasReduction() Reduction
}

// Masked is implemented by a [Loss] that leaves out some of its values (Keras: the mask that
// ignore_class sets). [Compute] asks for it.
type Masked interface {
	// Mask returns which of Values count, as booleans of their shape, or nil for all.
	Mask(yTrue, yPred *graph.Node) *graph.Node
}

// Reduction is how per-sample values become a loss (Keras: reduction=). The
// empty string is Python's None and means the same as [None].
type Reduction string

// Keras 3's reductions.
const (
	SumOverBatchSize     Reduction = "sum_over_batch_size"
	Sum                  Reduction = "sum"
	Mean                 Reduction = "mean"
	MeanWithSampleWeight Reduction = "mean_with_sample_weight"
	None                 Reduction = "none"
)

var reductions = []string{string(SumOverBatchSize), string(Sum), string(Mean), string(MeanWithSampleWeight), string(None)}

func (r Reduction) check() error {
	switch r {
	case "", SumOverBatchSize, Sum, Mean, MeanWithSampleWeight, None:
		return nil
	}
	return config.UnknownName("reduction", string(r), reductions)
}

// reductionField is a Reduction as configurations hold it: null or a name.
type reductionField Reduction

// EncodeKeras implements config.Codec.
func (r *reductionField) EncodeKeras() (any, error) {
	if *r == "" {
		return nil, nil
	}
	return string(*r), Reduction(*r).check()
}

// DecodeKeras implements config.Codec.
func (r *reductionField) DecodeKeras(v any) error {
	if v == nil {
		*r = ""
		return nil
	}
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("got a %T, want null or one of %s", v, strings.Join(reductions, ", "))
	}
	*r = reductionField(s)
	return Reduction(s).check()
}

// Class names a Keras class as files do; a class of your own registers as
// Class{Module: "my_package", Name: "Mine", Registered: "my_package>Mine"}.
type Class = config.Class

var catalogue = config.NewCatalogue[Loss]("loss")

// Get resolves what Keras accepts as a loss: nil (none), a [Loss], a name such as "mse" or
// "categorical_crossentropy", or a decoded configuration. A loss that is
// asked for by the name of its function is called what the caller called it ("mse").
func Get(v any) (Loss, error) {
	loss, err := catalogue.Get(v)
	if err != nil {
		return nil, err
	}
	if name := functionOf(v); name != "" && name != loss.KerasClass().Name {
		if named, ok := loss.(interface{ rename(string) }); ok {
			named.rename(name)
		}
	}
	return loss, nil
}

// functionOf is the name by which v asks for a function, "" for what is something else.
func functionOf(v any) string {
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.String {
		return rv.String()
	}
	if m, ok := v.(map[string]any); ok && m["class_name"] == "function" {
		name, _ := m["config"].(string)
		return name
	}
	return ""
}

// Resolve is [Get] where the shapes of one target and prediction are known
// (-1 is None): they decide which crossentropy "crossentropy" and "ce" stand for, by Keras's rule.
func Resolve(v any, yTrueShape, yPredShape []int) (Loss, error) {
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.String {
		given := rv.String()
		if lower := strings.ToLower(given); lower == "crossentropy" || lower == "ce" {
			kind, err := ClassificationOf(yTrueShape, yPredShape)
			if err != nil {
				return nil, fmt.Errorf("loss %q: %w", given, err)
			}
			return Get(string(kind) + "_crossentropy")
		}
	}
	return Get(v)
}

// Classification is how targets name classes.
type Classification string

// The classifications that Keras tells apart: one number a target that is 0 or
// 1, a row of class probabilities, a class number.
const (
	Binary            Classification = "binary"
	Categorical       Classification = "categorical"
	SparseCategorical Classification = "sparse_categorical"
)

// ClassificationOf derives the classification from the shapes of a target and a prediction, batch
// included and -1 for None, as Keras does for the names "accuracy" and "crossentropy".
func ClassificationOf(yTrueShape, yPredShape []int) (Classification, error) {
	if len(yTrueShape) == 0 || len(yPredShape) == 0 {
		return "", fmt.Errorf("targets of shape %s and predictions of shape %s: want at least the batch axis in each",
			align.Shape(yTrueShape), align.Shape(yPredShape))
	}
	trueLast, predLast := yTrueShape[len(yTrueShape)-1], yPredShape[len(yPredShape)-1]
	switch {
	case predLast == 1:
		return Binary, nil
	case len(yTrueShape) < len(yPredShape) || trueLast == 1 && predLast > 1:
		return SparseCategorical, nil
	}
	return Categorical, nil
}

// Register makes a custom loss known to [Get] and to files under the
// registered name of its class ("package>Name").
func Register(create func() Loss) { catalogue.Add(create) }

// Names lists the names that [Get] accepts.
func Names() []string { return catalogue.Names() }
