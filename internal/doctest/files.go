package doctest

import (
	_ "embed"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/cifartest"
	"github.com/gokeras/gokeras/layers"
)

// imdb is np.savez("imdb.npz", x_train=x, y_train=y, x_test=x, y_test=y) with x an array of NumPy's type object, of 12 lists of numbers.
//
//go:embed testdata/imdb.npz
var imdb []byte

// ReadersFiles writes into a page's folder what its code reads: Keras's data sets, small ones, folders of pictures and of texts, a table, arrays, models. It is
// called from a folder that lies where this one does.
func ReadersFiles(folder string) error {
	cache := filepath.Join(folder, ".keras", "datasets")
	custom, err := os.ReadFile(filepath.Join("..", "..", "functional", "testdata", "custom.keras"))
	if err != nil {
		return err
	}
	files := map[string][]byte{filepath.Join(cache, "imdb.npz"): imdb, filepath.Join(folder, "names.txt"): []byte("zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"), filepath.Join(folder, "custom.keras"): custom}
	for _, file := range cifartest.New(20, 1).BinaryFiles() {
		files[filepath.Join(cache, cifartest.BinaryFolder, file.Name)] = file.Content
	}
	var rows strings.Builder
	rows.WriteString("rooms,size,price\n")
	for i := range 40 {
		fmt.Fprintf(&rows, "%d,%d,%d\n", i%5+1, 20+i*3%50, 100+i)
		kind := []string{"neg", "pos"}[i%2]
		files[filepath.Join(folder, "aclImdb", "train", kind, fmt.Sprintf("%d_1.txt", i))] = fmt.Appendf(nil, "A %s film, number %d.", kind, i)
	}
	files[filepath.Join(folder, "houses.csv")] = []byte(rows.String())
	for path, data := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
	}
	for i := range 20 {
		if err := drawFlower(filepath.Join(folder, "flowers", []string{"roses", "tulips"}[i%2], fmt.Sprintf("%d.png", i)), i); err != nil {
			return err
		}
	}
	digits := map[string]*tensors.Tensor{}
	for part, count := range map[string]int{"train": 100, "test": 50} {
		digits["x_"+part] = tensors.FromFlatDataAndDimensions(make([]uint8, count*28*28), count, 28, 28)
		digits["y_"+part] = tensors.FromFlatDataAndDimensions(make([]uint8, count), count)
	}
	if err := datasets.SaveNPZ(filepath.Join(cache, "mnist.npz"), digits); err != nil {
		return err
	}
	pictures := map[string]*tensors.Tensor{
		"x": tensors.FromFlatDataAndDimensions(make([]float32, 5*32*32*3), 5, 32, 32, 3), "y": tensors.FromFlatDataAndDimensions(make([]int32, 5), 5)}
	if err := datasets.SaveNPZ(filepath.Join(folder, "pictures.npz"), pictures); err != nil {
		return err
	}
	model, err := functional.NewSequential(functional.Input(4), layers.Dense(3).Activation("softmax"))
	if err != nil {
		return err
	}
	return model.Save(filepath.Join(folder, "model.keras"))
}

func drawFlower(path string, i int) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	picture := image.NewRGBA(image.Rect(0, 0, 12, 10))
	for at := range 120 {
		picture.Set(at%12, at/12, color.RGBA{uint8(i * 10), uint8(at), 90, 255})
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return png.Encode(f, picture)
}
