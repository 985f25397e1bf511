package plt_test

import (
	"os"

	"github.com/gokeras/gokeras/port/plt"
)

func Example() {
	folder, err := os.MkdirTemp("", "plt")
	if err != nil {
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := os.Chdir(folder); err != nil {
		return
	}
	plt.Plot([]float64{0.9, 0.5, 0.3}, "r--", plt.Label("loss"))
	plt.Xlabel("epoch")
	plt.Legend()
	plt.Show()
	// Output: figures/figure_1.png
}
