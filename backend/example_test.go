package backend_test

import (
	"context"
	"fmt"

	"github.com/gokeras/gokeras/backend"
	"github.com/gomlx/compute/gobackend"
)

// Ask for the engine that runs graphs, after choosing it in the program.
func ExampleSetDefault() {
	backend.SetDefault(gobackend.GetBackend())
	engine, err := backend.Default()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(engine.Name())
	// Output: Go Backend
}

// A misspelt GOKERAS_BACKEND is an error that lists the right values.
func ExampleResolve() {
	_, err := backend.Resolve(context.Background(), backend.Options{
		Getenv: func(key string) string {
			return map[string]string{"GOKERAS_BACKEND": "gpu"}[key]
		},
	})
	fmt.Println(err)
	// Output:
	// GOKERAS_BACKEND="gpu": no engine is called "gpu" (did you mean "xla:cuda"?): use "xla:cuda", "xla:cpu", "xla:/abs/plugin.so", "xla" (the best XLA plugin) or "go"
}
