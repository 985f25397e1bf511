package saving_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/saving"
)

// TestLoadFromAnywhere: a file's content is the same model wherever it lies, in both formats.
func TestLoadFromAnywhere(t *testing.T) {
	golden.OnGo(t)
	in := functional.Input(3)
	m := must.M1(functional.NewModel(in, layers.Dense(2).Apply(in)))
	require.NoError(t, m.Compile(functional.Compile{Loss: "mse"}))
	x := [][]float32{{1, 2, 3}}
	want := must.M1(m.Predict(x, functional.Predict{Verbose: functional.Silent})).Value()
	dir := t.TempDir()
	for _, name := range []string{"m.keras", "m.h5"} {
		require.NoError(t, m.Save(filepath.Join(dir, name)))
		content := must.M1(os.ReadFile(filepath.Join(dir, name)))
		for _, load := range []func() (*functional.Model, error){
			func() (*functional.Model, error) { return saving.LoadModelBytes(content) },
			func() (*functional.Model, error) { return saving.LoadModelFS(os.DirFS(dir), name) },
			func() (*functional.Model, error) {
				return saving.LoadModelFS(fstest.MapFS{name: {Data: content}}, name)
			},
		} {
			again, err := load()
			require.NoError(t, err)
			require.Equal(t, want, must.M1(again.Predict(x, functional.Predict{Verbose: functional.Silent})).Value())
			_, compiled := again.Compiled()
			require.True(t, compiled)
		}
		_, err := saving.LoadModelBytes(content[:len(content)/2])
		require.ErrorContains(t, err, "loading model from memory: ")
	}
	var out bytes.Buffer
	require.NoError(t, m.SaveTo(&out))
	again, err := saving.LoadModelBytes(out.Bytes())
	require.NoError(t, err)
	require.Equal(t, want, must.M1(again.Predict(x, functional.Predict{Verbose: functional.Silent})).Value())

	_, err = saving.LoadModelFS(os.DirFS(dir), "none.keras")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = saving.LoadModelBytes([]byte("no model"))
	require.ErrorContains(t, err, "in no format that Keras writes")
}
