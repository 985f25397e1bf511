package featurespace

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// Options are the arguments of [New]; the zero value is Keras's default.
type Options struct {
	OutputMode            string     // "": "concat", all features in one vector; "dict", each by itself
	Crosses               [][]string // pairs of features whose combinations are a feature, too
	CrossingDim           int        // the number of bins of a crossing; 0: 32
	HashingDim            int        // the number of bins of hashed features that are given by name; 0: 32
	NumDiscretizationBins int        // the number of bins of discretized features that are given by name; 0: 32
}

// FeatureSpace prepares the columns of tables. Make it with [New].
type FeatureSpace struct {
	o        Options
	columns  []string // in alphabetical order
	features map[string]*Feature
	crosses  []cross
	adapted  bool

	// Once it is built:
	inputs       map[string]*functional.Tensor
	preprocessed map[string]*functional.Tensor
	encoded      []*functional.Tensor
	names        []string
	preparing    *functional.Model
}

type cross struct {
	features []string
	dim      int
	mode     string
}

func (c cross) name() string { return strings.Join(c.features, "_X_") }

// New makes a space of features by the names of their columns, each a *[Feature] or the name of a kind: "float", "float_rescaled",
// "float_normalized", "float_discretized", "integer_categorical", "string_categorical", "integer_hashed", "string_hashed" (Keras: FeatureSpace(features)).
func New(features map[string]any, o Options) (*FeatureSpace, error) {
	if len(features) == 0 {
		return nil, fmt.Errorf("featurespace: got no features")
	}
	for _, n := range []*int{&o.CrossingDim, &o.HashingDim, &o.NumDiscretizationBins} {
		if *n == 0 {
			*n = 32
		}
	}
	if o.OutputMode == "" {
		o.OutputMode = "concat"
	}
	if o.OutputMode != "concat" && o.OutputMode != "dict" {
		return nil, fmt.Errorf("featurespace: %w", config.UnknownName("output_mode", o.OutputMode, []string{"concat", "dict"}))
	}
	s := &FeatureSpace{o: o, columns: slices.Sorted(maps.Keys(features)), features: map[string]*Feature{}}
	for _, column := range s.columns {
		f, err := standard(column, features[column], o)
		if err != nil {
			return nil, fmt.Errorf("featurespace: feature %q: %w", column, err)
		}
		s.features[column] = f
	}
	for _, names := range o.Crosses {
		for _, name := range names {
			if s.features[name] == nil {
				return nil, fmt.Errorf("featurespace: all features referenced in the crosses should be present in the features: received unknown features: %v", names)
			}
		}
		s.crosses = append(s.crosses, cross{slices.Clone(names), o.CrossingDim, "one_hot"})
	}
	return s, nil
}

// adaptable are the columns of which there is something to learn.
func (s *FeatureSpace) adaptable() []string {
	var out []string
	for _, column := range s.columns {
		l := s.features[column].preprocessor
		if _, ok := l.(symbolic.Adapter); !ok {
			continue
		}
		given := "" // by this argument, there is nothing to learn
		switch l.(type) {
		case *layers.NormalizationLayer:
			given = "mean"
		case *layers.DiscretizationLayer:
			given = "bin_boundaries"
		}
		if fields, err := config.Fields(l.KerasConfig()); given != "" && err == nil && fields[given] != nil {
			continue
		}
		out = append(out, column)
	}
	return out
}

// Adapt learns what the features need from a table: a slice of numbers or texts for each column, all of one length (Keras: adapt). It is done once,
// before the features are used.
func (s *FeatureSpace) Adapt(table map[string]any) error {
	if s.inputs != nil {
		return fmt.Errorf("featurespace: the features are in use: adapt them before")
	}
	for _, column := range s.adaptable() {
		given, ok := table[column]
		if !ok {
			return fmt.Errorf("featurespace: the table has no column %q", column)
		}
		rows, err := column2D(given, s.features[column].dtype)
		if err != nil {
			return fmt.Errorf("featurespace: column %q: %w", column, err)
		}
		l := s.features[column].preprocessor
		if n, ok := l.(*layers.NormalizationLayer); ok && !n.Built() { // for any number of rows, not for those of the table
			if err := n.BuildOn(symbolic.Spec{Shape: symbolic.Shape{symbolic.None, 1}, DType: "float32"}); err != nil {
				return fmt.Errorf("featurespace: column %q: %w", column, err)
			}
		}
		if err := l.(symbolic.Adapter).Adapt(rows.batches()); err != nil {
			return fmt.Errorf("featurespace: column %q: %w", column, err)
		}
	}
	s.adapted = true
	return s.build()
}

// build makes the symbolic tensors.
func (s *FeatureSpace) build() error {
	if s.inputs != nil {
		return nil
	}
	if !s.adapted && len(s.adaptable()) > 0 {
		return fmt.Errorf("featurespace: call Adapt before you use the features")
	}
	inputs, preprocessed := map[string]*functional.Tensor{}, map[string]*functional.Tensor{}
	for _, column := range s.columns {
		f := s.features[column]
		x := functional.InputWith(functional.InputOptions{Shape: []int{1}, DType: f.dtype, Name: column})
		inputs[column], preprocessed[column] = x, x
		if f.preprocessor != nil {
			preprocessed[column] = f.preprocessor.Base().ApplyCall([]any{x}, nil)[0]
		}
		if err := preprocessed[column].Err(); err != nil {
			return fmt.Errorf("featurespace: feature %q: %w", column, err)
		}
	}
	var names []string
	var encoded []*functional.Tensor
	add := func(name string, x *functional.Tensor, mode string, categories func() (int, error)) error {
		if mode == "one_hot" {
			n, err := categories()
			if err == nil && !strings.HasPrefix(x.DType(), "int") {
				err = fmt.Errorf("has output mode \"one_hot\", so its layer must return whole numbers, not %s", x.DType())
			}
			if err != nil {
				return fmt.Errorf("featurespace: feature %q: %w", name, err)
			}
			x = layers.CategoryEncoding(n).OutputMode("multi_hot").Apply(x)
		}
		if s.o.OutputMode == "concat" && x.Err() == nil && !strings.Contains(x.DType(), "float") {
			return fmt.Errorf("featurespace: cannot concatenate features because feature %q has not been encoded (it has dtype %s): consider the output mode \"dict\"", name, x.DType())
		}
		names, encoded = append(names, name), append(encoded, x)
		if err := x.Err(); err != nil {
			return fmt.Errorf("featurespace: feature %q: %w", name, err)
		}
		return nil
	}
	for _, column := range s.columns {
		if err := add(column, preprocessed[column], s.features[column].output, s.features[column].cardinality); err != nil {
			return err
		}
	}
	crosses := slices.Clone(s.crosses)
	slices.SortFunc(crosses, func(a, b cross) int { return strings.Compare(a.name(), b.name()) })
	for _, c := range crosses {
		var of []*functional.Tensor
		for _, name := range c.features {
			of = append(of, preprocessed[name])
		}
		x := layers.HashedCrossing(c.dim).Name(c.name()).Apply(of...)
		if x.Err() != nil {
			return fmt.Errorf("featurespace: crossing %v: %w", c.features, x.Err())
		}
		if err := add(c.name(), x, c.mode, func() (int, error) { return c.dim, nil }); err != nil {
			return err
		}
	}
	if s.o.OutputMode == "concat" {
		if len(encoded) > 1 {
			encoded = []*functional.Tensor{layers.Concatenate().Axis(-1).Apply(encoded...)}
		}
		names = []string{"concat"}
	}
	from := make([]*functional.Tensor, len(s.columns))
	for i, column := range s.columns {
		from[i] = inputs[column]
	}
	m, err := functional.NewModel(from, encoded)
	if err != nil {
		return fmt.Errorf("featurespace: %w", err)
	}
	s.inputs, s.preprocessed, s.encoded, s.names, s.preparing = inputs, preprocessed, encoded, names, m
	return nil
}

// Columns are the names of the features, in alphabetical order.
func (s *FeatureSpace) Columns() []string { return slices.Clone(s.columns) }

// Names are the names of what GetEncodedFeatures and Call return: "concat", or with the output mode "dict" those of the features and of the crossings.
func (s *FeatureSpace) Names() ([]string, error) {
	err := s.build()
	return slices.Clone(s.names), err
}

// GetInputs are the symbolic inputs (batch, 1), by column, of models that take rows of tables as they are (Keras: get_inputs).
func (s *FeatureSpace) GetInputs() (map[string]*functional.Tensor, error) {
	err := s.build()
	return maps.Clone(s.inputs), err
}

// GetPreprocessedFeatures are the symbolic columns after their layers, and before they are encoded.
func (s *FeatureSpace) GetPreprocessedFeatures() (map[string]*functional.Tensor, error) {
	err := s.build()
	return maps.Clone(s.preprocessed), err
}

// GetEncodedFeatures are the symbolic features, in the order of Names: one vector (batch, n), or with the output mode "dict" each by itself
// (Keras: get_encoded_features). A model from GetInputs through them takes rows of tables.
func (s *FeatureSpace) GetEncodedFeatures() ([]*functional.Tensor, error) {
	err := s.build()
	return slices.Clone(s.encoded), err
}

// Rows are a table as what models take: the columns in alphabetical order, as the inputs of GetInputs want them.
func (s *FeatureSpace) Rows(table map[string]any) ([]any, error) {
	out := make([]any, len(s.columns))
	count := -1
	for i, column := range s.columns {
		given, ok := table[column]
		if !ok {
			return nil, fmt.Errorf("featurespace: the table has no column %q", column)
		}
		rows, err := column2D(given, s.features[column].dtype)
		if err != nil {
			return nil, fmt.Errorf("featurespace: column %q: %w", column, err)
		}
		if n := rows.count(); count >= 0 && n != count {
			return nil, fmt.Errorf("featurespace: column %q has %d rows, those before have %d", column, n, count)
		}
		count = rows.count()
		out[i] = rows.value()
	}
	return out, nil
}

// Call encodes the rows of a table, a slice for each column (Keras: feature_space(data)): one array (rows, n), or with the output mode "dict" one for
// each of Names. One row is columns of length 1.
func (s *FeatureSpace) Call(table map[string]any) ([]*tensors.Tensor, error) {
	if err := s.build(); err != nil {
		return nil, err
	}
	rows, err := s.Rows(table)
	if err != nil {
		return nil, err
	}
	out, err := s.preparing.PredictAll(rows, functional.Predict{Verbose: functional.Silent})
	if err != nil {
		return nil, fmt.Errorf("featurespace: %w", err)
	}
	return out, nil
}
