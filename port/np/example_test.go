package np_test

import (
	"fmt"

	"github.com/gokeras/gokeras/port/np"
)

func Example() {
	x := np.Arange(12).Reshape(3, 4)
	fmt.Println(x.Index(1, np.S("::2")))
	x.SetIndex(0, np.Greater(x, 5))
	fmt.Println(x)
	fmt.Println(np.Mean(x, 0, np.KeepDims))
	// Output:
	// [4 6]
	// [[0 1 2 3]
	//  [4 5 0 0]
	//  [0 0 0 0]]
	// [[1.33333333 2.         0.66666667 1.        ]]
}

func ExampleTry() {
	err := np.Try(func() { np.Add(np.Ones(2, 3), np.Ones(4)) })
	fmt.Println(err)
	// Output: ValueError: operands could not be broadcast together with shapes (2,3) (4,)
}

func Example_random() {
	np.Random.Seed(42)
	fmt.Println(np.Random.Rand(3))
	fmt.Println(np.Random.RandInt(0, 10, 5))
	fmt.Println(np.Random.DefaultRNG(0).StandardNormal(2))
	// Output:
	// [0.37454012 0.95071431 0.73199394]
	// [4 6 9 2 6]
	// [ 0.12573022 -0.13210486]
}

func ExampleArray_Index() {
	image := np.Arange(8).Reshape(2, 2, 2)
	channel := image.Index(np.Ellipsis, 0)
	channel.SetIndex(9, 0, 0) // a view: the image changes, too
	fmt.Println(image.Index([]int{0}, np.All, np.NewAxis).ShapeString(), image.Index(0, 0))
	// Output: (1, 2, 1, 2) [9 1]
}
