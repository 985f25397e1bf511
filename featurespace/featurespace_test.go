package featurespace

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/layers"
)

// spaces are the fixture's as Go makes them.
var spaces = map[string]func() (*FeatureSpace, error){
	"concat by name": func() (*FeatureSpace, error) {
		return New(map[string]any{"age": "float_normalized", "city": "string_categorical", "id": "integer_categorical", "weight": "float"}, Options{})
	},
	"dict, crosses": func() (*FeatureSpace, error) {
		return New(map[string]any{
			"age": FloatRescaled(0.5, 1), "city": StringCategorical(Categories{MaxTokens: 3, NumOovIndices: 2}), "id": IntegerCategorical(Categories{}).OutputMode("int"), "weight": FloatDiscretized(3),
		}, Options{OutputMode: "dict", Crosses: [][]string{{"city", "id"}}, CrossingDim: 5})
	},
	"hashed": func() (*FeatureSpace, error) {
		return New(map[string]any{"city": StringHashed(4), "id": IntegerHashed(3), "age": "float", "weight": "float_rescaled"}, Options{Crosses: [][]string{{"city", "id"}, {"id", "city"}}, CrossingDim: 3})
	},
	"of 70 rows, by name": func() (*FeatureSpace, error) {
		return New(map[string]any{"city": "string_hashed", "age": "float_discretized", "weight": "float_normalized", "id": "integer_hashed"}, Options{HashingDim: 3, NumDiscretizationBins: 4})
	},
}

type column struct {
	DType string
	Data  []any
}

func table(t *testing.T, columns map[string]column) map[string]any {
	out := map[string]any{}
	for name, c := range columns {
		switch c.DType {
		case "string":
			list := make([]string, len(c.Data))
			for i, v := range c.Data {
				list[i] = v.(string)
			}
			out[name] = list
		case "int":
			list := make([]int, len(c.Data))
			for i, v := range c.Data {
				list[i] = int(v.(float64))
			}
			out[name] = list
		default:
			list := make([]float64, len(c.Data))
			for i, v := range c.Data {
				list[i] = v.(float64)
			}
			out[name] = list
		}
	}
	return out
}

func TestFeatureSpace(t *testing.T) {
	var fixture struct {
		Spaces []struct {
			Name         string
			Table, Other map[string]column
			Outputs      map[string]golden.Array
			OtherOutputs map[string]golden.Array `json:"other_outputs"`
			Config       json.RawMessage
			File         string
		}
		Errors []struct {
			Features   map[string]any
			OutputMode string `json:"output_mode"`
			Crosses    [][]string
		}
	}
	golden.Load(t, "featurespaces", &fixture)
	require.Len(t, fixture.Spaces, len(spaces))
	for i, c := range fixture.Spaces {
		t.Run(c.Name, func(t *testing.T) {
			golden.OnSomeEngines(t, i, func(t *testing.T, engine compute.Backend) {
				defer backend.Use(engine)()
				functional.ClearSession()
				s, err := spaces[c.Name]()
				require.NoError(t, err)
				check := func(s *FeatureSpace, rows map[string]column, want map[string]golden.Array) {
					t.Helper()
					got, err := s.Call(table(t, rows))
					require.NoError(t, err)
					names, err := s.Names()
					require.NoError(t, err)
					require.Len(t, want, len(names))
					for i, name := range names {
						golden.Close(t, name, got[i], want[name], golden.Float32)
					}
				}
				require.NoError(t, s.Adapt(table(t, c.Table)))
				check(s, c.Table, c.Outputs)
				check(s, c.Other, c.OtherOutputs)

				path := filepath.Join(t.TempDir(), "space.keras")
				require.NoError(t, s.Save(path))
				r, err := kerasfile.Open(path)
				require.NoError(t, err)
				golden.SameJSON(t, c.Config, r.Config(), "shared_object_id")
				require.NoError(t, r.Close())
				again, err := Load(path)
				require.NoError(t, err)
				check(again, c.Other, c.OtherOutputs)

				if c.File == "" {
					return
				}
				file, err := base64.StdEncoding.DecodeString(c.File)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(path, file, 0o600))
				kerass, err := Load(path)
				require.NoError(t, err)
				check(kerass, c.Table, c.Outputs)
			})
		})
	}
	for _, e := range fixture.Errors {
		_, err := New(e.Features, Options{OutputMode: e.OutputMode, Crosses: e.Crosses})
		require.Error(t, err, "%v", e)
	}
}

// TestModel trains a model on encoded rows, and one that takes rows as they are.
func TestModel(t *testing.T) {
	golden.OnGo(t)
	rows := map[string]any{"age": []int{20, 30, 40, 50}, "city": []string{"a", "b", "a", "c"}, "size": []float32{1, 2, 3, 4}}
	s, err := New(map[string]any{"age": FloatNormalized(), "city": "string_categorical", "size": FloatDiscretized(0, 1.5, 3.5)}, Options{})
	require.NoError(t, err)
	_, err = s.GetInputs()
	require.ErrorContains(t, err, "call Adapt")
	require.NoError(t, s.Adapt(rows))
	require.ErrorContains(t, s.Adapt(rows), "are in use")
	inputs, err := s.GetInputs()
	require.NoError(t, err)
	prepared, err := s.GetPreprocessedFeatures()
	require.NoError(t, err)
	require.Len(t, prepared, 3)
	encoded, err := s.GetEncodedFeatures()
	require.NoError(t, err)
	require.Equal(t, functional.Shape{functional.None, 1 + 4 + 3}, encoded[0].Shape())

	var from []*functional.Tensor
	for _, column := range s.Columns() {
		from = append(from, inputs[column])
	}
	m, err := functional.NewModel(from, layers.Dense(1).Apply(encoded[0]))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse"}))
	x, err := s.Rows(rows)
	require.NoError(t, err)
	_, err = m.Fit(x, []float32{0, 1, 0, 1}, functional.Fit{Epochs: 2, Verbose: functional.Silent})
	require.NoError(t, err)
}

func TestMistakes(t *testing.T) {
	golden.OnGo(t)
	for name, features := range map[string]map[string]any{
		"kind": {"a": "flaot"}, "type": {"a": 3}, "nil": {"a": (*Feature)(nil)}, "mode": {"a": Float().OutputMode("x")}, "custom": {"a": Custom("float32", nil, "float")},
	} {
		_, err := New(features, Options{})
		require.Error(t, err, name)
	}
	s, err := New(map[string]any{"a": "float", "b": StringHashed(3)}, Options{})
	require.NoError(t, err)
	for name, rows := range map[string]map[string]any{
		"column": {"a": []float32{1}}, "type": {"a": []string{"x"}, "b": []string{"y"}}, "texts": {"a": []float32{1}, "b": []int{1}}, "count": {"a": []float32{1, 2}, "b": []string{"y"}},
		"scalar": {"a": 1, "b": "x"}, "nothing": {"a": []any{nil}, "b": []string{"y"}}, "empty": {"a": []float32{}, "b": []string{}},
	} {
		_, err := s.Call(rows)
		require.Error(t, err, name)
	}
	require.Error(t, s.Save("x.h5"))
	_, err = Load(filepath.Join(t.TempDir(), "none.keras"))
	require.Error(t, err)
	whole, err := New(map[string]any{"a": IntegerHashed(3).OutputMode("int")}, Options{})
	require.NoError(t, err)
	_, err = whole.GetInputs()
	require.ErrorContains(t, err, `consider the output mode "dict"`)
	for name, text := range map[string]string{
		"class": `{"class_name": "Functional", "config": {}}`, "features": `{"class_name": "FeatureSpace", "config": {"features": 3}}`,
		"feature": `{"class_name": "FeatureSpace", "config": {"features": {"a": {"config": {"dtype": "float32", "output_mode": "float", "preprocessor": {"class_name": "Dense", "config": {"units": -1}}}}}}}`,
		"dtype":   `{"class_name": "FeatureSpace", "config": {"features": {"a": {"config": {"dtype": "x", "output_mode": "float"}}}}}`,
		"cross":   `{"class_name": "FeatureSpace", "config": {"features": {"a": {"config": {"dtype": "float32", "output_mode": "float", "preprocessor": {"class_name": "TFDIdentity", "config": {}}}}}, "crosses": [{"config": {"feature_names": ["b", "c"], "crossing_dim": 3, "output_mode": "one_hot"}}]}}`,
	} {
		path := filepath.Join(t.TempDir(), "bad.keras")
		require.NoError(t, kerasfile.Write(path, &kerasfile.Archive{Config: []byte(text)}))
		_, err := Load(path)
		require.Error(t, err, name)
	}
}
