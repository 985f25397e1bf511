package hdf5

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// description is what generate.py says about an object.
type description struct {
	Attrs    map[string]described `json:"attrs"`
	Value    *described           `json:"value"`
	Children []string             `json:"children"`
}

type described struct {
	Null  bool     `json:"null"`
	Shape []int    `json:"shape"`
	DType string   `json:"dtype"`
	Hex   string   `json:"hex"`
	Texts []string `json:"texts"`
}

// numpyNames are the types that numpy's own names, as h5py gives them, stand for here.
var numpyNames = map[string]string{"|V2": "V2"}

func shorten(text string) string {
	if len(text) <= 500 {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return "sha256 " + hex.EncodeToString(sum[:])
}

// check compares values read here with the description of them.
func (want described) check(t *testing.T, dtype Datatype, shape []int, null bool, data []byte, texts []string) {
	t.Helper()
	require.Equal(t, want.Null, null)
	if null {
		return
	}
	require.Equal(t, want.Shape, append([]int{}, shape...))
	if want.Texts != nil {
		short := []string{}
		for _, text := range texts {
			short = append(short, shorten(text))
		}
		require.Equal(t, want.Texts, short)
		return
	}
	name := want.DType
	if mapped, ok := numpyNames[name]; ok {
		name = mapped
	}
	require.Equal(t, name, dtype.String())
	require.Equal(t, want.Hex, shorten(hex.EncodeToString(data)))
}

// checkFile compares a whole file with the JSON description of it.
func checkFile(t *testing.T, path, describedBy string) {
	t.Helper()
	text, err := os.ReadFile(describedBy)
	require.NoError(t, err)
	var want map[string]description
	require.NoError(t, json.Unmarshal(text, &want))
	require.NotEmpty(t, want)
	f := openTest(t, path)
	for path, d := range want {
		t.Run(path, func(t *testing.T) {
			var obj Object = f.Root()
			if path != "/" {
				obj, err = f.Root().Child(path[1:])
				require.NoError(t, err)
			}
			require.Equal(t, path, obj.Path())
			attrs, err := obj.Attributes()
			require.NoError(t, err)
			require.Len(t, attrs, len(d.Attrs))
			for _, a := range attrs {
				var texts []string
				if a.Type.isText() {
					texts, err = a.Strings()
					require.NoError(t, err)
				}
				require.Contains(t, d.Attrs, a.Name)
				d.Attrs[a.Name].check(t, a.Type, a.Shape, a.Null, a.Bytes(), texts)
			}
			if d.Value == nil {
				names, err := obj.(*Group).Names()
				require.NoError(t, err)
				require.Equal(t, d.Children, append([]string{}, names...))
				return
			}
			set := obj.(*Dataset)
			data, err := set.Bytes()
			require.NoError(t, err)
			var streamed bytes.Buffer
			n, err := set.WriteTo(&streamed)
			require.NoError(t, err)
			require.Equal(t, int64(len(data)), n)
			require.True(t, bytes.Equal(data, streamed.Bytes()))
			var texts []string
			if set.Type().isText() {
				texts, err = set.Strings()
				require.NoError(t, err)
			}
			d.Value.check(t, set.Type(), set.Shape(), set.Null(), data, texts)
		})
	}
}

func openTest(t testing.TB, path string) *File {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	f, err := Open(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	return f
}

func TestReadsWhatH5pyWrites(t *testing.T) {
	for _, name := range []string{"default", "latest", "children", "children_latest"} {
		t.Run(name, func(t *testing.T) {
			checkFile(t, filepath.Join("testdata", name+".h5"), filepath.Join("testdata", name+".json"))
		})
	}
}

func TestRefusesWhatLeadsOutOrExhausts(t *testing.T) {
	root := openTest(t, "testdata/links.h5").Root()
	names, err := root.Names()
	require.NoError(t, err)
	require.Contains(t, names, "soft")
	for path, says := range map[string]string{
		"soft":      "soft link",
		"external":  "external link",
		"virtual":   "virtual dataset",
		"elsewhere": "other files",
		"lzf":       "lzf",
	} {
		_, err := root.Child(path)
		require.ErrorIs(t, err, ErrUnsupported, path)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "/"+path)
	}
	_, err = root.Child("loop/again")
	require.ErrorIs(t, err, ErrCorrupt)
	require.ErrorContains(t, err, "contains itself")

	bomb, err := root.Dataset("bomb")
	require.NoError(t, err)
	_, err = bomb.Bytes()
	require.ErrorIs(t, err, ErrUnsupported)
	require.ErrorContains(t, err, "exhaust memory")

	odd, err := root.Dataset("complex")
	require.NoError(t, err)
	_, err = odd.Bytes()
	require.ErrorIs(t, err, ErrUnsupported)
	require.ErrorContains(t, err, "compound")

	one, err := root.Dataset("real")
	require.NoError(t, err)
	require.ErrorContains(t, one.Read(make([]byte, 3)), "3 bytes")
}

func TestLookups(t *testing.T) {
	root := openTest(t, "testdata/default.h5").Root()
	_, err := root.Child("layers/none")
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "/layers/none")
	_, err = root.Child("scalar/below")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = root.Child("")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = root.Group("scalar")
	require.ErrorContains(t, err, "not a group")
	_, err = root.Dataset("layers")
	require.ErrorContains(t, err, "not a dataset")
	vars, err := root.Group("layers/dense/vars")
	require.NoError(t, err)
	name, err := vars.Attribute("name")
	require.NoError(t, err)
	text, err := name.Text()
	require.NoError(t, err)
	require.Equal(t, "dense", text)
	_, err = vars.Attribute("colour")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestAttributeValues(t *testing.T) {
	group, err := openTest(t, "testdata/default.h5").Root().Group("attrs")
	require.NoError(t, err)
	for name, want := range map[string]any{
		"text": "grüße", "bytes": "ascii", "fixed": []string{"kernel", "bias"}, "list": []string{"a", "bc"},
		"int": int64(5), "floats": []float64{1.5, -2.25}, "flag": true, "null": nil,
	} {
		a, err := group.Attribute(name)
		require.NoError(t, err)
		got, err := a.Value()
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

func TestHalfPrecision(t *testing.T) {
	for bits, want := range map[uint16]float64{0x3c00: 1, 0xc000: -2, 0x0001: 0x1p-24, 0x7bff: 65504, 0x8400: -0x1p-14} {
		require.Equal(t, want, fromHalf(bits))
	}
}

func TestNotHDF5(t *testing.T) {
	for name, data := range map[string]string{"empty": "", "text": "hello", "long": string(make([]byte, 5000))} {
		_, err := Open(bytes.NewReader([]byte(data)), int64(len(data)))
		require.ErrorIs(t, err, ErrNotHDF5, name)
		require.False(t, errors.Is(err, ErrCorrupt))
	}
}

// A block of the user's own may come before the file; its addresses then count from where the signature stands.
func TestUserBlock(t *testing.T) {
	data, err := os.ReadFile("testdata/default.h5")
	require.NoError(t, err)
	end := le.Uint64(data[40:])
	le.PutUint64(data[24:], 512)
	le.PutUint64(data[40:], end+512)
	data = append(make([]byte, 512), data...)
	f, err := Open(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	d, err := f.Root().Dataset("scalar")
	require.NoError(t, err)
	got, err := d.Bytes()
	require.NoError(t, err)
	require.Equal(t, []byte{0, 0, 0x20, 0x40}, got)
}

func TestConcurrentUse(t *testing.T) {
	root := openTest(t, "testdata/latest.h5").Root()
	done := make(chan error)
	for range 4 {
		go func() {
			done <- func() error {
				names, err := root.Names()
				if err != nil {
					return err
				}
				for _, name := range append(names, "layers/dense/vars/0", "chunks/gzip") {
					o, err := root.Child(name)
					if err != nil {
						return err
					}
					attrs, err := o.Attributes()
					if err != nil {
						return err
					}
					for _, a := range attrs {
						if _, err := a.Value(); err != nil {
							return err
						}
					}
					if d, ok := o.(*Dataset); ok {
						if _, err := d.Bytes(); err != nil {
							return err
						}
					}
				}
				return nil
			}()
		}()
	}
	for range 4 {
		require.NoError(t, <-done)
	}
}
