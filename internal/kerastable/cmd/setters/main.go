// Command setters writes setters_gen.go of the package of layers in the working directory: `go generate ./layers`.
package main

import (
	"fmt"
	"os"

	"github.com/gokeras/gokeras/internal/kerastable/setters"
)

func main() {
	text, err := setters.Generate(".")
	if err == nil {
		err = os.WriteFile(setters.File, text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "setters:", err)
		os.Exit(1)
	}
}
