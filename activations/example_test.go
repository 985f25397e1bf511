package activations_test

import (
	"fmt"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
)

func Example() {
	leakyReLU, err := activations.Get("leaky_relu")
	if err != nil {
		fmt.Println(err)
		return
	}
	engine, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := graph.CallOnce(engine, leakyReLU, []float32{-10, 0, 5})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Value())
	// Output: [-2 0 5]
}

func ExampleRegister() {
	activations.Register("shapes>square", graph.Square)
	_, err := activations.Get("shapes>square")
	fmt.Println(err)
	// Output: <nil>
}
