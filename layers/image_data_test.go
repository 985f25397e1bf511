package layers

import (
	"encoding/json"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/internal/probe"
	"github.com/gokeras/gokeras/symbolic"
)

// givenData runs a layer of images on a dictionary, whose leaves are the inputs, with random numbers that were given.
type givenData struct {
	given
	form map[string]any
}

func (g *givenData) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) { return in.First(), nil }
func (g *givenData) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	leaves := make([]any, len(in))
	for i, n := range in {
		leaves[i] = n
	}
	data, err := nest.Pack(g.form, leaves)
	require.NoError(g.t, err)
	return changedData(c, g.inner, data.(map[string]any), func(draws, []int) transformation {
		if len(g.with) == 0 {
			return nil
		}
		t := transformation{}
		for name, a := range g.with {
			t[name] = graph.ConstTensor(c.Graph(), a.Tensor(g.t))
		}
		return t
	})
}

// arraysOf decodes a dictionary of arrays.
func arraysOf(t *testing.T, raw map[string]json.RawMessage) map[string]any {
	t.Helper()
	out := map[string]any{}
	for key, v := range raw {
		if key == boxesKey {
			var both map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(v, &both))
			out[key] = arraysOf(t, both)
			continue
		}
		var a golden.Array
		require.NoError(t, json.Unmarshal(v, &a))
		out[key] = a
	}
	return out
}

// TestImageData holds what layers make of dictionaries, for given random numbers, to Keras.
func TestImageData(t *testing.T) {
	var fixture struct {
		Cases []struct {
			Name           string
			Layer          json.RawMessage
			Training       bool
			Data, Outputs  map[string]json.RawMessage
			Transformation map[string]golden.Array
		}
	}
	golden.Load(t, "imagedata", &fixture)
	for i, c := range fixture.Cases {
		t.Run(c.Name, func(t *testing.T) {
			inner, cfg := decodedLayer(t, c.Layer)
			form := arraysOf(t, c.Data)
			l := &givenData{given{inner: inner.(augmenter), with: c.Transformation, t: t}, form}
			l.Init(l, &l.cfg)
			l.SetDType(symbolic.DTypePolicy(policyOf(t, cfg)))
			var inputs []*functional.Tensor
			var specs []any
			for _, leaf := range nest.Flatten(form) {
				a := leaf.(golden.Array)
				inputs = append(inputs, functional.InputWith(functional.InputOptions{Shape: a.Shape[1:], DType: a.DType}))
				specs = append(specs, symbolic.Spec{Shape: a.Shape, DType: a.DType})
			}
			// What the layer says of its outputs.
			shapes, err := nest.Pack(form, specs)
			require.NoError(t, err)
			require.NoError(t, inner.Base().BuildOn(shapes))

			if len(inputs) == 1 {
				require.NoError(t, l.Apply(inputs[0]).Err())
			} else {
				require.NoError(t, l.ApplyMulti(inputs...)[0].Err())
			}
			golden.OnSomeEngines(t, i, func(t *testing.T, engine compute.Backend) {
				var values []*tensors.Tensor
				for _, leaf := range nest.Flatten(form) {
					values = append(values, leaf.(golden.Array).Tensor(t))
				}
				p, err := probe.Layer(engine, l, c.Training, values, nil)
				require.NoError(t, err)
				want := nest.Flatten(arraysOf(t, c.Outputs))
				require.Len(t, p.Outputs, len(want))
				for i, w := range want {
					golden.Close(t, c.Name, p.Outputs[i], w.(golden.Array), golden.Tolerance{Abs: 2e-4, Rel: 1e-5}) // of values up to 255
				}
			})
		})
	}
}

// TestImageDataModels reads models that take dictionaries, computes what they did in Python, and writes the same.
func TestImageDataModels(t *testing.T) {
	var fixture struct {
		Models []struct {
			JSON            json.RawMessage
			Inputs, Outputs []golden.Array
		}
	}
	golden.Load(t, "imagedata", &fixture)
	require.NotEmpty(t, fixture.Models)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		for _, c := range fixture.Models {
			m, err := functional.FromJSON(c.JSON, true)
			require.NoError(t, err)
			again, err := m.ToJSON()
			require.NoError(t, err)
			golden.SameJSON(t, c.JSON, again)
			inputs := make([]*tensors.Tensor, len(c.Inputs))
			for i, a := range c.Inputs {
				inputs[i] = a.Tensor(t)
			}
			outputs, err := m.PredictOnBatch(inputs)
			require.NoError(t, err)
			require.Len(t, outputs, len(c.Outputs))
			for i, out := range outputs {
				golden.Close(t, m.Name(), out, c.Outputs[i], golden.Float32)
			}
		}
	})
}

// symbolicData is a dictionary of symbolic tensors.
func symbolicData() map[string]any {
	input := func(dtype string, shape ...int) *functional.Tensor {
		return functional.InputWith(functional.InputOptions{Shape: shape, DType: dtype})
	}
	return map[string]any{imagesKey: input("float32", 4, 5, 1), labelsKey: input("float32", 3), masksKey: input("uint8", 4, 5, 1),
		boxesKey: map[string]any{"boxes": input("float32", 4, 4), "labels": input("int32", 4)}}
}

// TestImageDataErrors refuses the dictionaries that Keras refuses, and those without what they need.
func TestImageDataErrors(t *testing.T) {
	var fixture struct {
		Errors []struct {
			Layer             json.RawMessage
			Symbolic, Refused bool
		}
	}
	golden.Load(t, "imagedata", &fixture)
	require.NotEmpty(t, fixture.Errors)
	for _, c := range fixture.Errors {
		l, _ := decodedLayer(t, c.Layer)
		var err error
		if c.Symbolic {
			err = l.Base().ApplyData(symbolicData())[imagesKey].(*functional.Tensor).Err()
		} else {
			caller, e := functional.NewCaller(l, functional.CallerOptions{})
			require.NoError(t, e)
			_, err = caller.Call(map[string]any{imagesKey: [][][]float32{{{1}, {2}}, {{3}, {4}}}})
		}
		require.Equal(t, c.Refused, err != nil, "%s symbolic=%v: %v", l.KerasClass().Name, c.Symbolic, err)
	}
	flip := func() *RandomFlipLayer { return RandomFlip().BoundingBoxFormat("xyxy") }
	without := func(key string) map[string]any {
		d := symbolicData()
		delete(d, key)
		return d
	}
	badBoxes := symbolicData()
	badBoxes[boxesKey] = map[string]any{"boxes": functional.Input(4, 3), "labels": functional.Input(4)}
	badLabels := without(boxesKey)
	badLabels[labelsKey] = functional.Input()
	delete(badLabels, masksKey)
	for _, c := range []struct {
		layer symbolic.Layer
		data  map[string]any
		says  string
	}{
		{flip(), without(imagesKey), `the key "images"`},
		{RandomFlip(), symbolicData(), "no bounding box format"},
		{RandomFlip().BoundingBoxFormat("xxyy"), symbolicData(), "xxyy"},
		{flip(), badBoxes, "(batch, boxes, 4)"},
		{MixUp(), badLabels, "a number for each class"},
		{CutMix(), symbolicData(), "bounding_boxes"},
		{RandomElasticTransform(), symbolicData(), "bounding_boxes"},
		{ContrastLimitedAdaptiveHistogramEqualization(), symbolicData(), "labels"},
		{Dense(2), map[string]any{"a": functional.Input(2), "b": functional.Input(2)}, ""},
	} {
		out := nest.Flatten(c.layer.Base().ApplyData(c.data))
		require.NotEmpty(t, out)
		for _, leaf := range out {
			require.ErrorContains(t, leaf.(*functional.Tensor).Err(), c.says)
		}
	}
}
