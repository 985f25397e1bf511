package featurespace

import (
	"fmt"

	"github.com/gokeras/gokeras/internal/autoname"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// Feature says what a column holds and how it is encoded. The constructors make them; their names, such as "float_normalized", stand for
// features with Keras's defaults.
type Feature struct {
	dtype, output string
	preprocessor  symbolic.Layer // nil: the values as they are
	kind, name    string         // of a feature without a layer, its name in files
	err           error
}

func made(kind, dtype, output string, preprocessor symbolic.Layer) *Feature {
	return &Feature{dtype: dtype, output: output, preprocessor: preprocessor, kind: kind}
}

// named gives the feature its name, by default one that counts up, as Keras's do.
func (f *Feature) named(name string) *Feature {
	if f.name == "" {
		if name == "" {
			name = autoname.Join(f.kind, autoname.Take(f.kind))
		}
		f.name = name
		if f.preprocessor != nil && f.kind != "" {
			f.preprocessor.Base().SetName(name + "_preprocessor")
		}
	}
	return f
}

// OutputMode chooses "one_hot" or "int", the number of the category, for features of categories, which are one_hot by default (Keras: output_mode=).
func (f *Feature) OutputMode(mode string) *Feature {
	if mode != "int" && mode != "one_hot" && mode != "float" {
		f.err = config.UnknownName("output_mode", mode, []string{"float", "int", "one_hot"})
	}
	f.output = mode
	return f
}

// Name names the layer that prepares the column: "age" makes it "age_preprocessor" (Keras: name=).
func (f *Feature) Name(name string) *Feature { return f.named(name) }

// Float is numbers as they are (Keras: FeatureSpace.float).
func Float() *Feature { return made("float", "float32", "float", nil) }

// FloatRescaled is numbers times scale plus offset, 1 and 0 by Keras's defaults (Keras: FeatureSpace.float_rescaled).
func FloatRescaled(scale, offset float64) *Feature {
	return made("float_rescaled", "float32", "float", layers.Rescaling(scale).Offset(offset))
}

// FloatNormalized is numbers that get the mean 0 and the variance 1 (Keras: FeatureSpace.float_normalized).
func FloatNormalized() *Feature {
	return made("float_normalized", "float32", "float", layers.Normalization().Axis(-1))
}

// FloatDiscretized is numbers in numBins bins, whose limits Adapt learns, or between the limits given, with numBins 0 (Keras:
// FeatureSpace.float_discretized).
func FloatDiscretized(numBins int, binBoundaries ...float64) *Feature {
	l := layers.Discretization()
	if numBins != 0 {
		l.NumBins(numBins)
	}
	if len(binBoundaries) > 0 {
		l.BinBoundaries(binBoundaries...)
	}
	return made("float_discretized", "float32", "one_hot", l)
}

// Categories are the arguments of [IntegerCategorical] and [StringCategorical]; the zero value is Keras's default.
type Categories struct {
	MaxTokens     int // the largest number of categories; 0: all
	NumOovIndices int // how many numbers those that Adapt didn't see share; 0: 1
}

// IntegerCategorical is whole numbers that name categories (Keras: FeatureSpace.integer_categorical).
func IntegerCategorical(o Categories) *Feature {
	l := layers.IntegerLookup().NumOovIndices(max(o.NumOovIndices, 1))
	if o.MaxTokens != 0 {
		l.MaxTokens(o.MaxTokens)
	}
	return made("integer_categorical", "int32", "one_hot", l)
}

// StringCategorical is texts that name categories (Keras: FeatureSpace.string_categorical).
func StringCategorical(o Categories) *Feature {
	l := layers.StringLookup().NumOovIndices(max(o.NumOovIndices, 1))
	if o.MaxTokens != 0 {
		l.MaxTokens(o.MaxTokens)
	}
	return made("string_categorical", symbolic.Text, "one_hot", l)
}

// IntegerHashed is whole numbers, each in one of numBins bins (Keras: FeatureSpace.integer_hashed).
func IntegerHashed(numBins int) *Feature {
	return made("integer_hashed", "int32", "one_hot", layers.Hashing(numBins))
}

// StringHashed is texts, each in one of numBins bins (Keras: FeatureSpace.string_hashed).
func StringHashed(numBins int) *Feature {
	return made("string_hashed", symbolic.Text, "one_hot", layers.Hashing(numBins))
}

// Custom is a column that a layer of yours prepares: dtype is the column's, such as "float32" or "string", outputMode "float", "int" or "one_hot"
// (Keras: FeatureSpace.feature).
func Custom(dtype string, preprocessor symbolic.Layer, outputMode string) *Feature {
	f := made("", dtype, outputMode, preprocessor).OutputMode(outputMode)
	f.name = "feature"
	if err := symbolic.Made(preprocessor); err != nil && f.err == nil {
		f.err = err
	}
	return f
}

// standard makes what New was given a feature: one, or the name of a kind.
func standard(column string, given any, o Options) (*Feature, error) {
	switch v := given.(type) {
	case *Feature:
		if v == nil {
			return nil, fmt.Errorf("got a nil *Feature")
		}
		return v.named(""), v.err
	case string:
		kinds := map[string]func() *Feature{
			"float": Float, "float_normalized": FloatNormalized,
			"float_rescaled":      func() *Feature { return FloatRescaled(1, 0) },
			"float_discretized":   func() *Feature { return FloatDiscretized(o.NumDiscretizationBins) },
			"integer_categorical": func() *Feature { return IntegerCategorical(Categories{}) },
			"string_categorical":  func() *Feature { return StringCategorical(Categories{}) },
			"integer_hashed":      func() *Feature { return IntegerHashed(o.HashingDim) },
			"string_hashed":       func() *Feature { return StringHashed(o.HashingDim) },
		}
		make, ok := kinds[v]
		if !ok {
			names := []string{}
			for name := range kinds {
				names = append(names, name)
			}
			return nil, config.UnknownName("feature type", v, names)
		}
		return make().named(column), nil
	}
	return nil, fmt.Errorf("got a %T, want a *Feature or the name of a kind", given)
}

// cardinality is the number of categories.
func (f *Feature) cardinality() (int, error) {
	if l, ok := f.preprocessor.(interface{ VocabularySize() int }); ok {
		return l.VocabularySize(), nil
	}
	if f.preprocessor != nil {
		fields, err := config.Fields(f.preprocessor.KerasConfig())
		if err != nil {
			return 0, err
		}
		if n, ok := config.AsInt(fields["num_bins"]); ok && n > 0 {
			return n, nil
		}
		if list, ok := fields["bin_boundaries"].([]any); ok {
			return len(list) + 1, nil
		}
	}
	return 0, fmt.Errorf("has output mode \"one_hot\", but it isn't a standard feature whose number of categories is known: try \"int\"")
}
