package kerasfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTextsAreSplit writes lists of many sizes and reads them again from a file.
func TestTextsAreSplit(t *testing.T) {
	for name, c := range map[string]struct {
		count, length, parts int
	}{
		"none":             {0, 0, 1},
		"one":              {1, 5, 1},
		"just fits":        {63, 1024, 1},
		"just too many":    {64, 1024, 2},
		"not even":         {200, 1000, 4},
		"one to a part":    {3, 60000, 3},
		"as long as it is": {1, maxAttr, 1},
	} {
		t.Run(name, func(t *testing.T) {
			list := make([]string, c.count)
			for i := range list {
				list[i] = fmt.Sprintf("%03d", i) + strings.Repeat("x", c.length-3)
			}
			g := NewGroup()
			require.NoError(t, g.SetTexts("names", list))
			require.Len(t, g.attrNames, c.parts)
			path := filepath.Join(t.TempDir(), "a.h5")
			require.NoError(t, WriteWeights(path, g))
			r, err := OpenHDF5(path)
			require.NoError(t, err)
			defer r.Close()
			got, err := r.Weights().Texts("names")
			require.NoError(t, err)
			require.Equal(t, list, append([]string{}, got...))
		})
	}
	require.ErrorContains(t, NewGroup().SetTexts("names", []string{strings.Repeat("x", maxAttr+1)}), "longer than")
	g := NewGroup()
	require.NoError(t, g.SetAttr("names", "one"))
	_, err := g.Texts("names")
	require.ErrorContains(t, err, "want a list of texts")
	require.NoError(t, g.SetAttr("more0", []string{"a"}))
	require.NoError(t, g.SetAttr("more1", []int{1}))
	_, err = g.Texts("more")
	require.ErrorContains(t, err, "more1")
}

// TestShardedIndexesAreChecked opens indexes that name what they shouldn't.
func TestShardedIndexesAreChecked(t *testing.T) {
	dir := t.TempDir()
	piece := NewGroup()
	a, err := NewArray("float32", []int{1}, make([]byte, 4))
	require.NoError(t, err)
	require.NoError(t, piece.Set("layers/dense/vars/0", a))
	require.NoError(t, WriteWeights(filepath.Join(dir, "p.weights.h5"), piece))
	require.NoError(t, WriteWeights(filepath.Join(dir, "q.weights.h5"), piece))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(dir), "out.weights.h5"), []byte("x"), 0o600))
	for text, says := range map[string]string{
		`{"weight_map": {"/layers/dense/vars": "../p.weights.h5"}}`:                     "cannot be the name of a file beside it",
		`{"weight_map": {"/layers/dense/vars": "/etc/passwd"}}`:                         "cannot be the name of a file beside it",
		`{"weight_map": {"/layers/dense/vars": ""}}`:                                    "cannot be the name of a file beside it",
		`{"weight_map": {"/layers/dense/vars": "gone.weights.h5"}}`:                     "is missing beside it",
		`{"weight_map": {"/layers/dense/vars": "i.weights.json"}}`:                      "not a .weights.h5 file",
		`{"weight_map": {"/layers/other/vars": "p.weights.h5"}}`:                        "has no such group",
		`{"weight_map": {"/layers/dense/vars": []}}`:                                    "is in no file",
		`{"weight_map": {"/layers/dense/vars": ["p.weights.h5", "q.weights.h5"]}}`:      "a file before it",
		`{"weight_map": {"/layers/dense/vars": 5}}`:                                     "weight_map is wrong",
		`{"weight_map": ["/layers/dense/vars"]}`:                                        "weight_map is wrong",
		`{"weight_map": {"/layers/dense/vars": "p.weights.h5"}`:                         "JSON",
		`{"weight_map": ` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`: "nests more than",
	} {
		path := filepath.Join(dir, "i.weights.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := OpenSharded(path)
		require.ErrorContains(t, err, says, text)
		require.ErrorContains(t, err, path)
	}
	path := filepath.Join(dir, "i.weights.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"weight_map": {"/layers/dense/vars": "p.weights.h5"}}`), 0o600))
	r, err := OpenSharded(path)
	require.NoError(t, err)
	require.Equal(t, ShardedFormat, r.Format())
	_, ok := r.Weights().Array("layers/dense/vars/0")
	require.True(t, ok)
	require.NoError(t, r.Close())
	_, err = OpenSharded(filepath.Join(dir, "p.weights.h5"))
	require.ErrorContains(t, err, "not the index of weights")
}
