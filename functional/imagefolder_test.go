package functional_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

// TestImageFolder: a folder of images trains a model, is evaluated and predicted in its order.
func TestImageFolder(t *testing.T) {
	golden.OnGo(t)
	functional.SetRandomSeed(1)
	dir := t.TempDir()
	for class, shade := range map[string]uint8{"bright": 220, "dark": 30} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, class), 0o755))
		for i := range 7 {
			picture := image.NewGray(image.Rect(0, 0, 9, 7))
			for y := range 7 {
				for x := range 9 {
					picture.SetGray(x, y, color.Gray{Y: shade + uint8(i+x)})
				}
			}
			f := must.M1(os.Create(filepath.Join(dir, class, fmt.Sprintf("%d.png", i))))
			must.M(png.Encode(f, picture))
			must.M(f.Close())
		}
	}
	seed := 3
	folder := must.M1(datasets.ImageDatasetFromDirectory(dir, datasets.ImageFolderOptions{ImageSize: [2]int{4, 4}, BatchSize: 4, Seed: &seed}))
	m := must.M1(functional.NewSequential(functional.Input(4, 4, 3), layers.Rescaling(1.0/255), layers.Flatten(), layers.Dense(2).Activation("softmax")))
	require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizers.Adam(0.01), Loss: "sparse_categorical_crossentropy", Metrics: []string{"accuracy"}}))
	_, err := m.Fit(folder, nil, functional.Fit{Epochs: 100, Verbose: functional.Silent})
	require.NoError(t, err)
	inOrder := must.M1(datasets.ImageDatasetFromDirectory(dir, datasets.ImageFolderOptions{ImageSize: [2]int{4, 4}, BatchSize: 4, KeepOrder: true}))
	scores, err := m.Evaluate(inOrder, nil, functional.Evaluate{Verbose: functional.Silent})
	require.NoError(t, err)
	require.Equal(t, 1.0, scores.Value("accuracy"))
	predictions, err := m.Predict(inOrder, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	require.Equal(t, inOrder.Classes, must.M1(functional.Argmax(predictions)))
}
