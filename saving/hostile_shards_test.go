package saving_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
)

// TestHostileShards loads weights by an index of several files that is wrong, or names what it should not.
func TestHostileShards(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "inner")
	require.NoError(t, os.Mkdir(folder, 0o700))
	good := []byte(hostileWeights(t, "good"))
	for _, name := range []string{"a.weights.h5", filepath.Join("..", "outside.weights.h5")} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), good, 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "text.weights.h5"), []byte("hello"), 0o600))
	m, err := functional.FromJSON([]byte(denseModel(4, 3, 1)), false)
	require.NoError(t, err)
	index := func(group, file string) string { return fmt.Sprintf(`{"weight_map": {%q: %s}}`, group, file) }
	dense := "/layers/dense/vars"
	for name, c := range map[string]struct{ text, says string }{
		"good":                {index(dense, `"a.weights.h5"`), ""},
		"in a list":           {index(dense, `["a.weights.h5"]`), ""},
		"in two":              {index(dense, `["a.weights.h5", "a.weights.h5"]`), "before it"},
		"outside":             {index(dense, `"../outside.weights.h5"`), "beside"},
		"absolute":            {index(dense, `"/etc/passwd"`), "beside"},
		"missing":             {index(dense, `"b.weights.h5"`), "missing"},
		"text":                {index(dense, `"text.weights.h5"`), "format"},
		"itself":              {index(dense, `"index.weights.json"`), "index"},
		"a number":            {index(dense, `5`), "weight_map"},
		"in no file":          {index(dense, `[]`), "no file"},
		"no such group":       {index("/layers/nowhere/vars", `"a.weights.h5"`), "no such group"},
		"group above":         {index("/layers/../layers/dense/vars", `"a.weights.h5"`), "no such group"},
		"deep":                {`{"weight_map": ` + strings.Repeat("[", 5000), "deep"},
		"many":                {`{"weight_map": {"a": [` + repeat(3e6, `"b"`) + `]}}`, "values"},
		"long name":           {index(dense, `"`+strings.Repeat("x", 1e6)+`"`), "beside"},
		"one of many missing": {index(dense, `[`+repeat(1e5, `"b.weights.h5"`)+`]`), "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder, "index.weights.json")
			require.NoError(t, os.WriteFile(path, []byte(c.text), 0o600))
			err := bounded(t, name, len(c.text), func() error { return m.LoadWeights(path) })
			if c.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.says)
			}
		})
	}
}
