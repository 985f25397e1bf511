package featurespace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/serial"
	"github.com/gokeras/gokeras/symbolic"
)

const module = "keras.src.layers.preprocessing.feature_space"

// inside is the part of a feature's configuration that is a layer.
type inside struct {
	Preprocessor symbolic.Layer `keras:"preprocessor"`
}

func object(class string, cfg map[string]any) map[string]any {
	return config.Envelope(config.Class{Module: module, Name: class, Registered: class}, cfg)
}

// Save writes the space, with what it learnt, to a .keras file, which Keras reads, too (Keras: save).
func (s *FeatureSpace) Save(path string) error {
	if !strings.HasSuffix(path, ".keras") {
		return fmt.Errorf("featurespace: the path must end in .keras")
	}
	if err := s.build(); err != nil {
		return err
	}
	features, built := map[string]any{}, map[string]any{}
	weights, assets := kerasfile.NewGroup(), map[string][]byte{}
	places := newPlaces()
	for _, column := range s.columns {
		f := s.features[column]
		var preprocessor any
		if f.preprocessor == nil {
			float32s := symbolic.DTypePolicy("float32")
			policy, err := float32s.EncodeKeras()
			if err != nil {
				return err
			}
			out := object("TFDIdentity", map[string]any{"name": f.name + "_preprocessor", "trainable": true, "dtype": policy})
			out["build_config"] = map[string]any{"input_shape": []any{nil, 1}}
			preprocessor = out
		} else {
			out, err := serial.Encode(f.preprocessor)
			if err != nil {
				return fmt.Errorf("featurespace: feature %q: %w", column, err)
			}
			preprocessor = out
		}
		built[column] = map[string]any{}
		if m, ok := preprocessor.(map[string]any); ok && m["build_config"] != nil {
			built[column] = m["build_config"]
		}
		features[column] = object("Feature", map[string]any{"dtype": f.dtype, "preprocessor": preprocessor, "output_mode": f.output})
		if err := keep(weights, assets, places.of(f), f.preprocessor); err != nil {
			return fmt.Errorf("featurespace: feature %q: %w", column, err)
		}
	}
	crosses := []any{}
	for _, c := range s.crosses {
		names := make([]any, len(c.features))
		for i, name := range c.features {
			names[i] = name
		}
		crosses = append(crosses, object("Cross", map[string]any{"feature_names": names, "crossing_dim": c.dim, "output_mode": c.mode}))
	}
	root := config.Envelope(config.Class{Module: "keras.utils", Name: "FeatureSpace"}, map[string]any{
		"features": features, "output_mode": s.o.OutputMode, "crosses": crosses, "crossing_dim": s.o.CrossingDim, "hashing_dim": s.o.HashingDim,
		"num_discretization_bins": s.o.NumDiscretizationBins,
	})
	root["build_config"] = built
	text, err := config.Marshal(root)
	if err != nil {
		return fmt.Errorf("featurespace: %w", err)
	}
	return kerasfile.Write(path, &kerasfile.Archive{Config: text, Weights: weights, Assets: assets})
}

// places are the folders of the layers: their classes, counted.
type places map[string]int

func newPlaces() places { return places{} }

func (p places) of(f *Feature) string {
	name := "tfd_identity"
	if f.preprocessor != nil {
		name = config.SnakeCase(f.preprocessor.KerasClass().Name)
	}
	n := p[name]
	p[name]++
	if n > 0 {
		name = fmt.Sprintf("%s_%d", name, n)
	}
	return "preprocessors/" + name
}

// keep puts a layer's weights, and what it keeps beside them, into the file.
func keep(weights *kerasfile.Group, assets map[string][]byte, place string, l symbolic.Layer) error {
	if l == nil {
		return nil
	}
	put := func(name string, t *tensors.Tensor) error {
		a, err := kerasfile.FromTensor(t)
		if err == nil {
			err = weights.Set(place+"/vars/"+name, a)
		}
		return err
	}
	for i, w := range l.Base().Weights() {
		t, err := w.Value()
		if err == nil {
			err = put(fmt.Sprint(i), t)
		}
		if err != nil {
			return err
		}
	}
	keeper, ok := l.(symbolic.FileKeeper)
	if !ok {
		return nil
	}
	kept, err := keeper.Keep()
	if err != nil {
		return err
	}
	for name, t := range kept.Arrays {
		if err := put(name, t); err != nil {
			return err
		}
	}
	for name, content := range kept.Files {
		assets[place+"/"+name] = content
	}
	return nil
}

// Load reads a space that [FeatureSpace.Save], or Keras, wrote (Keras: load_model).
func Load(path string) (*FeatureSpace, error) {
	r, err := kerasfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var s *FeatureSpace
	if err := catch.Panic(func() (err error) { s, err = fromFile(r); return err }); err != nil {
		return nil, fmt.Errorf("featurespace: %s: %w", path, err)
	}
	return s, nil
}

func fromFile(r *kerasfile.Reader) (*FeatureSpace, error) {
	var root struct {
		Class  string `json:"class_name"`
		Config struct {
			Features              json.RawMessage `json:"features"`
			OutputMode            string          `json:"output_mode"`
			CrossingDim           int             `json:"crossing_dim"`
			HashingDim            int             `json:"hashing_dim"`
			NumDiscretizationBins int             `json:"num_discretization_bins"`
			Crosses               []struct {
				Config struct {
					FeatureNames []string `json:"feature_names"`
					CrossingDim  int      `json:"crossing_dim"`
					OutputMode   string   `json:"output_mode"`
				} `json:"config"`
			} `json:"crosses"`
		} `json:"config"`
	}
	if err := json.Unmarshal(r.Config(), &root); err != nil {
		return nil, err
	}
	if root.Class != "FeatureSpace" {
		return nil, fmt.Errorf("it holds a %q, not a FeatureSpace", root.Class)
	}
	given, order := map[string]any{}, []string{}
	d := json.NewDecoder(bytes.NewReader(root.Config.Features))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("features: want an object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var raw map[string]any
		if err := d.Decode(&raw); err != nil {
			return nil, err
		}
		column, _ := name.(string)
		f, err := featureOf(raw)
		if err != nil {
			return nil, fmt.Errorf("feature %q: %w", column, err)
		}
		if given[column] == nil {
			order = append(order, column)
		}
		given[column] = f
	}
	c := root.Config
	s, err := New(given, Options{OutputMode: c.OutputMode, CrossingDim: c.CrossingDim, HashingDim: c.HashingDim, NumDiscretizationBins: c.NumDiscretizationBins})
	if err != nil {
		return nil, err
	}
	for _, x := range c.Crosses {
		if mode := x.Config.OutputMode; mode != "int" && mode != "one_hot" {
			return nil, config.UnknownName("output_mode", mode, []string{"int", "one_hot"})
		}
		for _, name := range x.Config.FeatureNames {
			if s.features[name] == nil {
				return nil, fmt.Errorf("a crossing names the unknown feature %q", name)
			}
		}
		s.crosses = append(s.crosses, cross{x.Config.FeatureNames, x.Config.CrossingDim, x.Config.OutputMode})
	}
	// The folders are counted in the order of the file.
	where, counted := map[string]string{}, newPlaces()
	for _, column := range order {
		where[column] = counted.of(s.features[column])
	}
	for _, column := range s.columns { // vocabularies are known before the features are built
		if err := takeKept(r, where[column], s.features[column].preprocessor); err != nil {
			return nil, fmt.Errorf("feature %q: %w", column, err)
		}
	}
	s.adapted = true
	if err := s.build(); err != nil {
		return nil, err
	}
	for _, column := range s.columns {
		if err := takeWeights(r, where[column], s.features[column].preprocessor); err != nil {
			return nil, fmt.Errorf("feature %q: %w", column, err)
		}
	}
	return s, nil
}

// featureOf reads a feature's object.
func featureOf(raw map[string]any) (*Feature, error) {
	cfg, _ := raw["config"].(map[string]any)
	dtype, _ := cfg["dtype"].(string)
	mode, _ := cfg["output_mode"].(string)
	preprocessor, _ := cfg["preprocessor"].(map[string]any)
	own, _ := preprocessor["config"].(map[string]any)
	name, _ := own["name"].(string)
	f := made("", dtype, mode, nil).OutputMode(mode)
	if f.err != nil {
		return nil, f.err
	}
	if !slices.Contains([]string{"float32", "int32", "int64", symbolic.Text}, dtype) {
		return nil, fmt.Errorf("dtype %q isn't supported for a column", dtype)
	}
	f.name = strings.TrimSuffix(name, "_preprocessor")
	if f.name == "" {
		f.name = "feature"
	}
	if preprocessor["class_name"] == "TFDIdentity" {
		return f, nil
	}
	var in inside
	if err := config.Decode(map[string]any{"preprocessor": preprocessor}, &in); err != nil {
		return nil, err
	}
	if err := symbolic.Made(in.Preprocessor); err != nil {
		return nil, err
	}
	f.preprocessor = in.Preprocessor
	return f, nil
}

// takeKept gives a layer what the file has of it beside its weights.
func takeKept(r *kerasfile.Reader, place string, l symbolic.Layer) error {
	keeper, ok := l.(symbolic.FileKeeper)
	if !ok {
		return nil
	}
	kept := &symbolic.Kept{Arrays: map[string]*tensors.Tensor{}, Files: map[string][]byte{}}
	if vars := r.Weights().Group(place + "/vars"); vars != nil {
		for _, name := range vars.Names() {
			if a, ok := vars.Array(name); ok && strings.Trim(name, "0123456789") != "" {
				t, err := a.Tensor()
				if err != nil {
					return err
				}
				kept.Arrays[name] = t
			}
		}
	}
	for _, path := range r.AssetNames() {
		if name, ok := strings.CutPrefix(path, place+"/"); ok && !strings.Contains(name, "/") {
			content, err := r.Asset(path)
			if err != nil {
				return err
			}
			kept.Files[name] = content
		}
	}
	commit, err := keeper.Restore(kept)
	if err == nil && commit != nil {
		commit()
	}
	return err
}

// takeWeights gives a layer its weights.
func takeWeights(r *kerasfile.Reader, place string, l symbolic.Layer) error {
	if l == nil {
		return nil
	}
	for i, w := range l.Base().Weights() {
		a, ok := r.Weights().Array(fmt.Sprintf("%s/vars/%d", place, i))
		if !ok {
			return fmt.Errorf("the file has no weight %s", w.Path())
		}
		t, err := a.Tensor()
		if err == nil {
			err = w.Set(t)
		}
		if err != nil {
			return fmt.Errorf("weight %s: %w", w.Path(), err)
		}
	}
	return nil
}
