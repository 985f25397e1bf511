package pickle

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gopickle "github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/cifartest"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
	require.NoError(t, err)
	return b
}

func TestLoadWhatPythonWrites(t *testing.T) {
	for _, name := range []string{"batch_python2", "batch_protocol2", "batch_protocol4"} {
		t.Run(name, func(t *testing.T) {
			v, err := Load(fixture(t, name))
			require.NoError(t, err)
			dict, ok := v.(*Dict)
			require.True(t, ok, TypeName(v))
			require.Equal(t, Bytes("training batch 1 of 5"), dict.Items["batch_label"])
			require.Equal(t, &List{Items: []any{int64(1), int64(4), int64(7)}}, dict.Items["labels"])
			require.Len(t, dict.Items["filenames"].(*List).Items, 3)
			array, ok := dict.Items["data"].(*Array)
			require.True(t, ok)
			require.Equal(t, []int{3, 3072}, array.Shape)
			for i := range 3 {
				for j := range 3072 {
					require.EqualValues(t, (7*i+j)%251, array.Data[i*3072+j], "image %d, position %d", i, j)
				}
			}
		})
	}
}

func TestLoadTruncatedEverywhere(t *testing.T) {
	for _, name := range []string{"batch_python2", "batch_protocol2", "batch_protocol4"} {
		whole := fixture(t, name)
		for n := range whole {
			_, err := Load(whole[:n])
			require.Error(t, err, "%s cut to %d bytes", name, n)
		}
	}
}

func TestLoadValues(t *testing.T) {
	cases := map[string]struct {
		pickle string
		want   any
	}{
		"none":          {"\x80\x02N.", nil},
		"true":          {"\x80\x02\x88.", true},
		"byte":          {"\x80\x02K\xff.", int64(255)},
		"two bytes":     {"\x80\x02M\x00\x01.", int64(256)},
		"negative":      {"\x80\x02J\xff\xff\xff\xff.", int64(-1)},
		"long":          {"\x80\x02\x8a\x05\x00\x00\x00\x00\x80.", int64(-1 << 39)},
		"long of none":  {"\x80\x02\x8a\x00.", int64(0)},
		"float":         {"\x80\x02G\x3f\xf8\x00\x00\x00\x00\x00\x00.", 1.5},
		"text":          {"\x80\x04\x8c\x02hi.", "hi"},
		"empty tuple":   {"\x80\x02).", Tuple(nil)},
		"pair":          {"\x80\x02K\x01K\x02\x86.", Tuple{int64(1), int64(2)}},
		"marked tuple":  {"\x80\x02(K\x01K\x02t.", Tuple{int64(1), int64(2)}},
		"append":        {"\x80\x02]K\x01a.", &List{Items: []any{int64(1)}}},
		"nested lists":  {"\x80\x02](](K\x01ee.", &List{Items: []any{&List{Items: []any{int64(1)}}}}},
		"item":          {"\x80\x02}U\x01aK\x01s.", &Dict{Items: map[string]any{"a": int64(1)}}},
		"used twice":    {"\x80\x02]q\x00h\x00\x86.", Tuple{&List{}, &List{}}},
		"latin1":        {"\x80\x02c_codecs\nencode\nX\x02\x00\x00\x00\xc3\xbfX\x06\x00\x00\x00latin1\x86R.", Bytes("\xff")},
		"what is after": {"\x80\x02K\x01.trailing", int64(1)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Load([]byte(c.pickle))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

// array is a pickle that makes an array out of the given pieces of state.
func array(dtype, shape, fortran, data string) string {
	return "\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01" + shape +
		"cnumpy\ndtype\n" + dtype + "K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb" + fortran + data + "tb."
}

func TestLoadRefuses(t *testing.T) {
	_, err := Load([]byte(array("U\x02u1", "K\x01K\x02\x86", "\x89", "U\x02ab")))
	require.NoError(t, err, "what the hostile ones below are made of")

	cases := map[string]struct{ pickle, want string }{
		"a call of the shell":     {"\x80\x02cos\nsystem\nU\x04true\x85R.", `byte 2: the file asks for "system" of "os": only NumPy arrays of bytes are read, and nothing is executed`},
		"builtins":                {"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.", `"eval" of "builtins"`},
		"another name of numpy":   {"\x80\x02cnumpy.core.multiarray\nscalar\n.", `"scalar" of "numpy.core.multiarray"`},
		"protocol 0":              {"(dp0\n.", "operation 0x64"},
		"persistent id":           {"\x80\x02K\x01Q.", "operation 0x51"},
		"instance":                {"\x80\x02)\x81.", "operation 0x81"},
		"extension":               {"\x80\x02\x82\x01.", "operation 0x82"},
		"operation 255":           {"\x80\x02\xff", "operation 0xff"},
		"protocol 6":              {"\x80\x06N.", "protocol 6"},
		"nothing":                 {"", "ends in the middle"},
		"stop at once":            {".", "the stack is empty"},
		"a string of 2 GB":        {"\x80\x02T\xff\xff\xff\x7fabc.", "2147483647 bytes wanted, 4 left"},
		"a string of 16 EB":       {"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc.", "18446744073709551615 bytes wanted"},
		"a huge integer":          {"\x80\x02\x8a\xff.", "an integer of 255 bytes"},
		"not UTF-8":               {"\x80\x04\x8c\x01\xff.", "not UTF-8"},
		"memo before":             {"\x80\x02h\x05.", "object 5 is used before"},
		"no mark":                 {"\x80\x02K\x01t.", "there is no mark"},
		"mark as a value":         {"\x80\x02(\x85.", "a mark is in the place of a value"},
		"mark as the result":      {"\x80\x02(.", "a mark is in the place of a value"},
		"append to a number":      {"\x80\x02K\x01K\x02a.", "operation 0x61 on an int"},
		"items of a list":         {"\x80\x02](K\x01K\x02u.", "operation 0x75 on a list"},
		"odd items":               {"\x80\x02}(K\x01u.", "a key without a value"},
		"a key that is a list":    {"\x80\x02}]K\x01s.", "a list as key"},
		"a long key":              {"\x80\x02}X\x00\x02\x00\x00" + strings.Repeat("k", 512) + "K\x01s.", "a str as key"},
		"call of a number":        {"\x80\x02K\x01)R.", "an int is called with a tuple"},
		"call of the array class": {"\x80\x02cnumpy\nndarray\n)R.", "numpy.ndarray cannot be called"},
		"reconstruct another":     {"\x80\x02cnumpy.core.multiarray\n_reconstruct\nN)N\x87R.", "other arguments"},
		"encode as utf-8":         {"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x05\x00\x00\x00utf-8\x86R.", "other arguments"},
		"a class as the result":   {"\x80\x02cnumpy\nndarray\n.", "the object is the name numpy.ndarray, and data was expected"},
		"state of a number":       {"\x80\x02K\x01)b.", "an int takes no state"},
		"float64":                 {array("U\x02f8", "K\x01K\x02\x86", "\x89", "U\x02ab"), `elements of type "f8"`},
		"objects":                 {array("U\x02O8", "K\x01K\x02\x86", "\x89", "U\x02ab"), `elements of type "O8"`},
		"Fortran order":           {array("U\x02u1", "K\x01K\x02\x86", "\x88", "U\x02ab"), "Fortran order"},
		"shape too large":         {array("U\x02u1", "K\x02K\x02\x86", "\x89", "U\x02ab"), "[2 2] has only 2 elements"},
		"shape too small":         {array("U\x02u1", "K\x01K\x01\x86", "\x89", "U\x02ab"), "[1 1] has 2 elements"},
		"shape that overflows": {array("U\x02u1", "\x8a\x08\x00\x00\x00\x00\x01\x00\x00\x00\x8a\x08\x00\x00\x00\x00\x01\x00\x00\x00\x86", "\x89", "U\x02ab"),
			"axis 0 of a numpy.ndarray has length 4294967296"},
		"negative axis":           {array("U\x02u1", "J\xff\xff\xff\xffJ\xff\xff\xff\xff\x86", "\x89", "U\x02ab"), "length -1"},
		"axis that holds itself":  {array("U\x02u1", "]q\x00h\x00a\x85", "\x89", "U\x02ab"), "axis 0 of a numpy.ndarray is a list"},
		"content that is a list":  {array("U\x02u1", "K\x01K\x02\x86", "\x89", "]"), "the content of a numpy.ndarray is a list"},
		"content given twice":     {strings.TrimSuffix(array("U\x02u1", "K\x02\x85", "\x89", "U\x02ab"), ".") + "(K\x01K\x00\x85N\x89U\x00tb.", "its content twice"},
		"more work than sensible": {"\x80\x02" + strings.Repeat("N", maxOperations) + ".", "more than 1048576 operations"},
		"one text encoded often": {"\x80\x02c_codecs\nencode\nX\xe8\x03\x00\x00" + strings.Repeat("a", 1000) + "X\x06\x00\x00\x00latin1\x86q\x000" +
			strings.Repeat("c_codecs\nencode\nh\x00R", 50) + ".", "operation 0x30"},
		"one text encoded over and over": {"\x80\x02]q\x01(X\xe8\x03\x00\x00" + strings.Repeat("a", 1000) + "X\x06\x00\x00\x00latin1\x86q\x00" +
			strings.Repeat("c_codecs\nencode\nh\x00R", 50) + "e.", "more text than the file holds"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Load([]byte(c.pickle))
			require.Error(t, err)
			require.Contains(t, err.Error(), c.want)
			require.Contains(t, err.Error(), "pickle, byte ")
			require.Less(t, len(err.Error()), 300)
		})
	}
}

func TestLoadIsLinear(t *testing.T) {
	// A list nested in itself, or ever deeper, is no reason to recurse.
	deep := "\x80\x02" + strings.Repeat("]", 300_000) + strings.Repeat("a", 299_999) + "."
	v, err := Load([]byte(deep))
	require.NoError(t, err)
	require.Len(t, v.(*List).Items, 1)
}

// numpy stands for NumPy's classes in gopickle, the second opinion.
type numpy struct {
	name  string
	state *types.Tuple
}

func (n *numpy) Call(...any) (any, error) { return &numpy{name: n.name}, nil }
func (n *numpy) PySetState(state any) error {
	tuple, ok := state.(*types.Tuple)
	if !ok {
		return errors.New("not a tuple")
	}
	n.state = tuple
	return nil
}

func TestAgreesWithGopickle(t *testing.T) {
	batch := cifartest.New(7, 1).Test
	pickled := batch.Pickle("testing batch 1 of 1")
	got, err := Load(pickled)
	require.NoError(t, err)

	u := gopickle.NewUnpickler(strings.NewReader(string(pickled)))
	u.FindClass = func(module, name string) (any, error) { return &numpy{name: module + "." + name}, nil }
	other, err := u.Load()
	require.NoError(t, err)
	dict := other.(*types.Dict)
	require.Equal(t, dict.Len(), len(got.(*Dict).Items))

	data := dict.MustGet("data").(*numpy).state.Get(4).(string)
	require.Equal(t, []byte(data), got.(*Dict).Items["data"].(*Array).Data)
	require.Equal(t, batch.Pixels, got.(*Dict).Items["data"].(*Array).Data)
	labels := dict.MustGet("labels").(*types.List)
	for i, y := range got.(*Dict).Items["labels"].(*List).Items {
		require.EqualValues(t, labels.Get(i), y)
		require.EqualValues(t, batch.Labels[i], y)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(cifartest.New(1, 1).Test.Pickle("x"))
	f.Add([]byte(array("U\x02u1", "K\x01K\x02\x86", "\x89", "U\x02ab")))
	f.Add([]byte("\x80\x02c_codecs\nencode\nX\x02\x00\x00\x00\xc3\xbfX\x06\x00\x00\x00latin1\x86R."))
	f.Add([]byte("\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94K\x01u."))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Load(data)
		if array, ok := v.(*Array); ok && err == nil && array.Shape != nil {
			size := 1
			for _, d := range array.Shape {
				size *= d
			}
			require.Equal(t, size, len(array.Data))
		}
	})
}
