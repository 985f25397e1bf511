package saving_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/janpfeifer/must"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/saving"
)

// A model goes to a file, which Python's keras.saving.load_model reads as well, and comes back.
func ExampleLoadModel() {
	dir := must.M1(os.MkdirTemp("", "saving"))
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "doubles.keras")
	model := must.M1(functional.NewSequential(functional.Input(2), layers.Dense(1).KernelInitializer("ones").Name("sum")))
	must.M(model.Save(path))

	again := must.M1(saving.LoadModel(path))
	y := must.M1(again.Predict([][]float32{{1, 2}, {3, 4}}, functional.Predict{Verbose: functional.Silent}))
	fmt.Println(y.Value())
	_, err := saving.LoadModel(filepath.Join(dir, "other.keras"))
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	// Output:
	// [[3] [7]]
	// true
}
