package functional_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

type models = map[string]*functional.Model

// named is an input with a name.
func named(name string, shape ...int) *functional.Tensor {
	return functional.InputWith(functional.InputOptions{Name: name, Shape: shape})
}

func model(inputs, outputs any) *functional.Model {
	return must.M1(functional.NewModel(inputs, outputs))
}

// summaryModels builds, in Go, what the fixtures' Python sources build.
var summaryModels = map[string]func() models{
	"notebook": notebookModels,
	"sequential": func() models {
		return models{"model": must.M1(functional.NewSequential(functional.Input(28, 28, 1), layers.Conv2D(8, 3),
			layers.BatchNormalization(), layers.Activation("relu"), layers.GlobalAveragePooling2D(), layers.Dense(10)))}
	},
	"sequential_deferred": func() models {
		m := must.M1(functional.NewSequential(layers.Dense(4), layers.Dense(2)))
		must.M(m.Build(3))
		return models{"model": m}
	},
	"frozen": func() models {
		x := functional.Input(8, 8, 3)
		h := layers.Conv2D(4, 3).Trainable(false).Apply(x)
		h = layers.BatchNormalization().Apply(h)
		h = layers.ReLU().Apply(h)
		h = layers.Flatten().Apply(h)
		m := model(x, layers.Dense(5).Apply(h))
		m.Layers()[2].Base().SetTrainable(false)
		return models{"model": m}
	},
	"long_names": func() models {
		x := named("an_image_of_a_very_long_name_indeed", 16, 16, 3)
		a := layers.Conv2D(4, 3).Padding("same").Name("the_convolution_of_the_first_branch_of_two").Apply(x)
		b := layers.Conv2D(4, 3).Padding("same").Name("the_convolution_of_the_second_branch_of_the_two_branches_of_this_model").Apply(x)
		y := layers.Add().Name("sum_of_both_of_the_convolutions_above").Apply(a, b)
		return models{"model": model(x, y).Named("model_with_long_names")}
	},
	"two_inputs_two_outputs": func() models {
		a, b := named("a", 3), named("b", 2)
		h := layers.Dense(4).Activation("relu").Name("trunk").Apply(layers.Concatenate().Name("merge").Apply(a, b))
		return models{"model": model([]*functional.Tensor{a, b}, []*functional.Tensor{
			layers.Dense(2).Name("left").Apply(h), layers.Dense(1).Name("right").Apply(h)}).Named("two_two")}
	},
	"nested": func() models {
		x := named("code_in", 4)
		inner := model(x, layers.Dense(2).Name("code").Apply(layers.Dense(3).Name("hidden").Apply(x))).Named("encoder")
		x = named("x", 4)
		return models{"model": model(x, layers.Dense(1).Name("head").Apply(inner.Apply(x))).Named("nested")}
	},
	"nested_twice": func() models {
		x := named("code_in", 4)
		h := layers.Dense(3).Name("hidden").Apply(x)
		inner := model(x, layers.Add().Name("inner_sum").Apply(h, layers.Dense(3).Name("other").Apply(x))).Named("encoder")
		a, b := named("a", 4), named("b", 4)
		return models{"model": model([]*functional.Tensor{a, b}, layers.Add().Name("sum").Apply(inner.Apply(a), inner.Apply(b))).Named("nested_twice")}
	},
	"nested_deep": func() models {
		x := named("i", 4)
		inner := must.M1(functional.NewSequential(functional.Input(4), layers.Dense(3).Name("one"), layers.Dense(2).Name("two"))).Named("inner")
		middle := model(x, layers.Dense(3).Name("m").Apply(inner.Apply(x))).Named("middle")
		x = named("x", 4)
		return models{"model": model(x, layers.Dense(1).Name("head").Apply(middle.Apply(x))).Named("outer")}
	},
	"nested_two_outputs": func() models {
		x := named("in", 3)
		inner := model(x, []*functional.Tensor{layers.Dense(2).Name("p").Apply(x), layers.Dense(4).Name("q").Apply(x)}).Named("fork")
		x = named("x", 3)
		pq := inner.ApplyMulti(x)
		return models{"model": model(x, layers.Concatenate().Name("join").Apply(pq[1], pq[0])).Named("nested_two_outputs")}
	},
	"shared": func() models {
		a, b := named("a", 4), named("b", 4)
		tower := layers.Dense(3).Name("tower")
		return models{"model": model([]*functional.Tensor{a, b},
			layers.Dense(1).Name("score").Apply(layers.Concatenate().Name("merge").Apply(tower.Apply(a), tower.Apply(b)))).Named("shared")}
	},
	"shared_in_sequence": func() models {
		x := named("x", 4)
		again := layers.Dense(4).Name("again")
		return models{"model": model(x, again.Apply(again.Apply(x))).Named("shared_in_sequence")}
	},
	"wide_concatenate": func() models {
		var xs, ys []*functional.Tensor
		for i := range 5 {
			xs = append(xs, functional.Input(5, 5, i+1))
		}
		concatenate := layers.Concatenate()
		for _, x := range xs {
			ys = append(ys, layers.Conv2D(2, 3).Apply(x))
		}
		return models{"model": model(xs, layers.GlobalMaxPooling2D().Apply(concatenate.Apply(ys...)))}
	},
	"residual": func() models {
		x := functional.Input(8, 8, 4)
		h := layers.Conv2D(4, 3).Padding("same").Apply(x)
		h = layers.BatchNormalization().Apply(h)
		h = layers.Activation("relu").Apply(h)
		h = layers.Add().Apply(h, x)
		h = layers.AveragePooling2D(2).Apply(h)
		h = layers.Reshape(-1, 4).Apply(h)
		return models{"model": model(x, layers.Softmax().Apply(h))}
	},
	"unknown_sizes": func() models {
		x := functional.Input(functional.None, functional.None, 3)
		h := layers.Conv2D(4, 3).Strides(2).Apply(x)
		m := model(x, layers.GlobalAveragePooling2D().Apply(h))
		batch := functional.InputWith(functional.InputOptions{BatchSize: 16, Shape: []int{4}})
		return models{"model": m, "fixed": model(batch, layers.Rescaling(0.5).Apply(batch))}
	},
	"dicts": func() models {
		b, a := named("second", 2), named("first", 3)
		h := layers.Concatenate().Apply(b, a)
		return models{"model": model(map[string]*functional.Tensor{"second": b, "first": a},
			map[string]*functional.Tensor{"z": layers.Dense(2).Name("left").Apply(h), "c": layers.Dense(1).Name("right").Apply(h)})}
	},
	"sizes": func() models {
		of := func(inputs, units int) *functional.Model {
			x := functional.Input(inputs)
			return model(x, layers.Dense(units).UseBias(false).Apply(x))
		}
		return models{"bytes_": of(1, 10), "kilobytes": of(16, 16), "nearly": of(255, 1), "megabytes": of(1024, 1024)}
	},
	"no_weights": func() models {
		x := functional.Input(4)
		return models{"model": model(x, layers.Flatten().Apply(x))}
	},
}

// notebookModels are the seed notebook's three models in its order.
func notebookModels() models {
	inputs := functional.Input(32, 32, 3)
	x := inputs
	for _, filters := range []int{32, 64, 128} {
		x = layers.Conv2D(filters, 3).Activation("relu").Padding("same").Apply(x)
		x = layers.Conv2D(filters, 3).Activation("relu").Padding("same").Apply(x)
		x = layers.MaxPooling2D(2).Apply(x)
	}
	x = layers.Flatten().Apply(x)
	x = layers.Dropout(0.3).Apply(x)
	x = layers.Dense(300).Activation("relu").Apply(x)
	x = layers.Dropout(0.3).Apply(x)
	model1 := model(inputs, layers.Dense(10).Activation("softmax").Apply(x))

	inputs = functional.Input(32, 32, 3)
	path1 := layers.Conv2D(32, 5).Activation("relu").Padding("same").Apply(inputs)
	path1 = layers.MaxPooling2D(2).Apply(path1)
	path1 = layers.Conv2D(64, 3).Activation("relu").Padding("same").Apply(path1)
	path1 = layers.MaxPooling2D(2).Apply(path1)
	path2 := inputs
	for _, filters := range []int{32, 64} {
		path2 = layers.Conv2D(filters, 3).Activation("relu").Padding("same").Apply(path2)
		path2 = layers.Conv2D(filters, 3).Activation("relu").Padding("same").Apply(path2)
		path2 = layers.MaxPooling2D(2).Apply(path2)
	}
	x = layers.Concatenate().Apply(path1, path2)
	x = layers.Flatten().Apply(x)
	x = layers.Dropout(0.3).Apply(x)
	x = layers.Dense(300).Activation("relu").Apply(x)
	x = layers.Dropout(0.3).Apply(x)
	model2 := model(inputs, layers.Dense(10).Activation("softmax").Apply(x))

	visible := functional.Input(32, 32, 3)
	pool := visible
	var flats []*functional.Tensor
	for range 3 {
		conv := layers.Conv2D(32, 3).Activation("relu").Apply(pool)
		drop := layers.Dropout(0.2).Apply(conv)
		pool = layers.MaxPooling2D(2).Apply(drop)
		flats = append(flats, layers.Flatten().Apply(pool))
	}
	hidden := layers.Dense(100).Activation("relu").Apply(layers.Concatenate().Apply(flats...))
	model3 := model(visible, layers.Dense(10).Activation("softmax").Apply(hidden))
	return models{"model1": model1, "model2": model2, "model3": model3}
}

// TestSummaryAgainstKeras compares the tables with those of Keras 2, whose format the notebook shows.
func TestSummaryAgainstKeras(t *testing.T) {
	var cases []struct {
		Name, Source string
		Summaries    []struct {
			Model     string
			Arguments map[string]any
			Text      string
		}
	}
	golden.Load(t, "summaries", &cases)
	require.Len(t, cases, len(summaryModels))
	for _, tc := range cases {
		t.Run(tc.Name, func(t *testing.T) {
			functional.ClearSession()
			require.Contains(t, summaryModels, tc.Name)
			built := summaryModels[tc.Name]()
			for _, s := range tc.Summaries {
				t.Run(fmt.Sprint(s.Model, s.Arguments), func(t *testing.T) {
					var o functional.SummaryOptions
					for key, v := range s.Arguments {
						switch key {
						case "line_length":
							o.LineLength = int(v.(float64))
						case "positions":
							for _, p := range v.([]any) {
								o.Positions = append(o.Positions, p.(float64))
							}
						case "expand_nested":
							o.ExpandNested = v.(bool)
						case "show_trainable":
							o.ShowTrainable = v.(bool)
						case "layer_range":
							names := v.([]any)
							o.LayerRange = [2]string{names[0].(string), names[1].(string)}
						default:
							t.Fatalf("argument %q", key)
						}
					}
					var out strings.Builder
					require.NoError(t, built[s.Model].SummaryWith(&out, o))
					require.Equal(t, strings.Split(s.Text, "\n"), strings.Split(out.String(), "\n"))
				})
			}
		})
	}
}

// TestNotebookParameterCounts holds the three models to the counts in the notebook.
func TestNotebookParameterCounts(t *testing.T) {
	functional.ClearSession()
	built := notebookModels()
	require.Equal(t, 904718, built["model1"].CountParams())
	require.Equal(t, 2547406, built["model2"].CountParams())
	require.Equal(t, 868502, built["model3"].CountParams())
	require.Equal(t, []string{"model", "model_1", "model_2"}, []string{built["model1"].Name(), built["model2"].Name(), built["model3"].Name()})
}
