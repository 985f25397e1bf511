package config

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

type shape interface {
	Object
	Sides() int
}

type polygonConfig struct {
	Count int      `keras:"sides" default:"3"`
	Name  string   `keras:"name" default:"thing"`
	Size  [2]int   `keras:"size" default:"[1,1]"`
	Rate  *float64 `keras:"rate"`
	Inner shape    `keras:"inner"`
}

type polygon struct{ cfg polygonConfig }

func newPolygon() *polygon {
	p := &polygon{}
	SetDefaults(&p.cfg)
	return p
}
func (p *polygon) KerasClass() Class { return Class{Module: "shapes", Name: "RegularPolygon"} }
func (p *polygon) KerasConfig() any  { return &p.cfg }
func (p *polygon) Sides() int        { return p.cfg.Count }

var shapes = NewCatalogue[shape]("shape")

func init() { shapes.Add(func() shape { return newPolygon() }, "poly") }

func TestSnakeCase(t *testing.T) { // the right column is real Keras's answer
	for name, want := range map[string]string{
		"MaxPooling2D": "max_pooling2d", "RMSprop": "rm_sprop", "ReLU": "re_lu", "Conv2DTranspose": "conv2d_transpose", "LSTM": "lstm",
		"AdamW": "adam_w", "L1L2": "l1l2", "PReLU": "p_re_lu", "LSTMCell": "lstm_cell", "TopKCategoricalAccuracy": "top_k_categorical_accuracy",
		"R2Score": "r2_score", "OneHotIoU": "one_hot_io_u", "VGG16Net": "vgg16_net",
	} {
		require.Equal(t, want, SnakeCase(name))
	}
}

func TestEncodeDecode(t *testing.T) {
	p := newPolygon()
	inner := newPolygon()
	inner.cfg.Count = 5
	p.cfg.Inner = inner
	enc, err := Encode(p)
	require.NoError(t, err)
	cfg := enc["config"].(map[string]any)
	require.Equal(t, 3, cfg["sides"])
	require.Equal(t, []any{1, 1}, cfg["size"])
	require.Nil(t, cfg["rate"])
	require.Equal(t, "RegularPolygon", cfg["inner"].(map[string]any)["class_name"])

	back, err := shapes.Get(enc)
	require.NoError(t, err)
	require.Equal(t, p, back)
}

func TestErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		in   any
		want string
	}{
		"misspelt":    {"regular_poligon", `unknown shape "regular_poligon"; did you mean "regular_polygon"? (known: regular_polygon)`},
		"wrong type":  {3, `shape: got a int, want a name such as "regular_polygon" or a value of this project's shape types`},
		"unknown key": {map[string]any{"class_name": "RegularPolygon", "config": map[string]any{"side": 1}}, `shape: RegularPolygon: unknown argument "side": want one of inner, name, rate, sides, size`},
		"bad value":   {map[string]any{"class_name": "RegularPolygon", "config": map[string]any{"sides": 1.5}}, `shape: RegularPolygon: sides: got 1.5, want a whole number`},
		"bad length":  {map[string]any{"class_name": "RegularPolygon", "config": map[string]any{"size": []any{1.}}}, `shape: RegularPolygon: size: got [1], want a list of 2`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := shapes.Get(tc.in)
			require.EqualError(t, err, tc.want)
		})
	}
}

func TestNewerKerasKeys(t *testing.T) {
	p, err := shapes.Get(map[string]any{"class_name": "RegularPolygon", "config": map[string]any{"sides": 4., "size": 2., "quantization_config": nil, "lora": false}})
	require.NoError(t, err)
	require.Equal(t, 4, p.Sides())
	require.Equal(t, [2]int{2, 2}, p.(*polygon).cfg.Size)
}

func TestMarshalFloats(t *testing.T) {
	raw, err := Marshal(map[string]any{"a": 0.0, "b": 1, "c": []any{1e-7, 2.0, 1e30, -3.5}, "d": map[string]any{"e": 0.001}})
	require.NoError(t, err)
	require.Equal(t, `{"a":0.0,"b":1,"c":[1e-07,2.0,1e+30,-3.5],"d":{"e":0.001}}`, string(raw))
	raw, err = Marshal([]any{math.NaN(), math.Inf(1), "NaN", map[string]any{"a": math.Inf(-1)}})
	require.NoError(t, err)
	require.Equal(t, `[NaN,Infinity,"NaN",{"a":-Infinity}]`, string(raw))
}

func TestEmbeddedDefaults(t *testing.T) {
	type shared struct {
		Name string  `keras:"name"`
		Rate float64 `keras:"rate" default:"0.5"`
		Off  bool    `keras:"off"`
	}
	var got struct {
		shared `default:"name=thing,rate=0.25"`
		Sides  int `keras:"sides" default:"3"`
	}
	SetDefaults(&got)
	require.Equal(t, shared{"thing", 0.25, false}, got.shared)
	require.NoError(t, Decode(map[string]any{"off": true}, &got))
	require.Equal(t, shared{"thing", 0.25, true}, got.shared)
	require.Equal(t, 3, got.Sides)
	var wrong struct {
		shared `default:"nane=thing"`
	}
	require.PanicsWithValue(t, `config: default of *struct { config.shared "default:\"nane=thing\"" }: shared has no "nane"`, func() { SetDefaults(&wrong) })
}
