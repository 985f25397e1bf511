package kerasops

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPromote has what keras.backend.result_type answers on JAX.
func TestPromote(t *testing.T) {
	for _, tc := range []struct {
		in   []string
		want string
	}{
		{[]string{"int32", "float32"}, "float32"}, {[]string{"int32", "int"}, "int32"}, {[]string{"int32", "float"}, "float32"},
		{[]string{"uint8", "int8"}, "int16"}, {[]string{"uint8", "int"}, "uint8"}, {[]string{"bool", "int"}, "int32"}, {[]string{"bool", "bool"}, "bool"},
		{[]string{"float16", "float"}, "float16"}, {[]string{"float16", "bfloat16"}, "float32"}, {[]string{"bfloat16", "int32"}, "bfloat16"},
		{[]string{"uint32", "int32"}, "int32"}, {[]string{"int64", "int32"}, "int32"}, {[]string{"float64", "float32"}, "float32"},
		{[]string{"int", "float"}, "float32"}, {[]string{"int"}, "int32"}, {[]string{"uint16", "int8"}, "int32"},
	} {
		require.Equal(t, tc.want, promote(tc.in...), "%v", tc.in)
	}
}

func TestBroadcast(t *testing.T) {
	require.Equal(t, []int{None, 3, 4}, broadcast([]int{None, 3, 4}, []int{4}))
	require.Equal(t, []int{None, 3}, broadcast([]int{None, 1}, []int{1, 3}))
	require.Equal(t, []int{5, 3}, broadcast([]int{None, 3}, []int{5, 1}))
	require.Equal(t, []int{None, 3}, broadcast([]int{None, 3}, []int{None, 3}))
	require.Panics(t, func() { broadcast([]int{2}, []int{3}) })
}

// TestSliceStep compares with Python's len(range(*slice(start, stop, step).indices(n))) and its first element.
func TestSliceStep(t *testing.T) {
	for _, tc := range []struct {
		start, stop, step any
		n, first, count   int
	}{
		{nil, nil, nil, 5, 0, 5}, {1, nil, nil, 5, 1, 4}, {-2, nil, nil, 5, 3, 2}, {nil, -1, 2, 5, 0, 2}, {nil, nil, 2, 5, 0, 3},
		{nil, nil, -1, 5, 4, 5}, {3, 0, -2, 5, 3, 2}, {10, nil, nil, 5, 5, 0}, {nil, 10, nil, 5, 0, 5}, {-10, 3, nil, 5, 0, 3},
		{nil, -10, -1, 5, 4, 5}, {0, nil, -1, 5, 0, 1}, {4, 1, nil, 5, 4, 0},
	} {
		s := sliceStep(map[string]any{"start": tc.start, "stop": tc.stop, "step": tc.step}, tc.n)
		require.Equal(t, tc.count, s.count, "%+v", tc)
		if tc.count > 0 {
			require.Equal(t, tc.first, s.start, "%+v", tc)
		}
	}
}

// TestInferKeepsArguments checks that inference and graphs leave the operation's configuration as files have it.
func TestInferKeepsArguments(t *testing.T) {
	for class, cfg := range map[string]map[string]any{"CountNonzero": {"axis": -1}, "Moments": {"axes": []any{0}}} {
		o, err := New(class, cfg)
		require.NoError(t, err)
		before := o.Config()
		_, err = o.Infer(&Arguments{Args: []any{Ref(0)}}, []Spec{{[]int{None, 3}, "float32"}})
		require.NoError(t, err)
		require.Equal(t, before, o.Config())
	}
}

func TestNewErrors(t *testing.T) {
	_, err := New("Meen", nil)
	require.ErrorContains(t, err, `unknown Keras operation "Meen"; did you mean "Mean"?`)
	_, err = New("Reshape", nil)
	require.EqualError(t, err, `operation Reshape: argument "newshape" is missing`)
	_, err = New("Mean", map[string]any{"axes": 1})
	require.EqualError(t, err, `operation Mean: unknown argument "axes": want one of axis, keepdims`)
}

// FuzzInfer feeds operations arguments from outside: an answer or an error, in bounded memory.
func FuzzInfer(f *testing.F) {
	for _, class := range Classes() {
		f.Add(class, `{"axis": -1, "newshape": [-1], "shape": [2], "repeats": 2, "dtype": "int32", "num_classes": 3}`, `[0, 1]`)
	}
	f.Add("GetItem", `{}`, `[0, [{"class_name": "__slice__", "config": {"start": 1, "stop": null, "step": -1}}, null]]`)
	f.Add("Einsum", `{"subscripts": "...i,i->..."}`, `[0, 1]`)
	f.Add("Pad", `{"pad_width": [[1, 2]]}`, `[0, {"class_name": "__numpy__", "config": {"value": [[1]], "dtype": "float32"}}]`)
	f.Fuzz(func(t *testing.T, class, rawConfig, rawArgs string) {
		var cfg map[string]any
		var args []any
		if json.Unmarshal([]byte(rawConfig), &cfg) != nil || json.Unmarshal([]byte(rawArgs), &args) != nil {
			return
		}
		if d := table[class]; d != nil { // keep what the class takes
			for key := range cfg {
				known := false
				for _, p := range d.params {
					known = known || p.name == key
				}
				if !known {
					delete(cfg, key)
				}
			}
		}
		o, err := New(class, cfg)
		if err != nil {
			return
		}
		for i, a := range args {
			if n, ok := a.(float64); ok && n >= 0 && n < 3 {
				args[i] = Ref(int(n))
			}
		}
		out, err := o.Infer(&Arguments{Args: args}, []Spec{{[]int{None, 3, 4}, "float32"}, {[]int{3, 4}, "int32"}, {nil, "bool"}})
		if err != nil {
			return
		}
		for _, s := range out {
			require.NotEmpty(t, s.DType)
			for _, d := range s.Shape {
				require.GreaterOrEqual(t, d, None)
			}
		}
	})
}
