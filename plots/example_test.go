package plots_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/plots"
)

func ExampleHistory() {
	// What Fit returns.
	history := &callbacks.History{History: map[string][]float64{
		"loss": {1.65, 1.18, 0.96}, "val_loss": {1.28, 1.07, 0.89},
		"accuracy": {0.39, 0.58, 0.66}, "val_accuracy": {0.53, 0.62, 0.68},
	}}
	folder, err := os.MkdirTemp("", "plots")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	fmt.Println(plots.History(history, filepath.Join(folder, "history.png")))
	fmt.Println(plots.History(history, "history.gif"))
	// Output:
	// <nil>
	// plots.History: the path "history.gif" ends in .gif: want .png or .svg
}

func ExampleModel() {
	inputs := functional.InputWith(functional.InputOptions{Shape: []int{784}, Name: "pixels"})
	outputs := layers.Dense(10).Name("digit").Apply(inputs)
	model, err := functional.NewModel(inputs, outputs)
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "plots")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	fmt.Println(plots.Model(model, filepath.Join(folder, "model.svg"), plots.ModelOptions{ShowShapes: true}))
	fmt.Println(plots.Model(model, filepath.Join(folder, "model.png"), plots.ModelOptions{RankDir: "down"}))
	// Output:
	// <nil>
	// plots.Model: RankDir is "down", want TB, LR, BT, RL
}

// A picture for a notebook or a web page, without a file.
func ExampleBytes() {
	history := &callbacks.History{History: map[string][]float64{"loss": {0.5, 0.25, 0.125}}}
	svg, err := plots.Bytes("svg", func(path string) error { return plots.History(history, path) })
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.HasPrefix(string(svg), "<?xml"), strings.Contains(string(svg), "Training loss"))
	// Output: true true
}
