// Command catalogue writes docs/catalogue.md and the lists in README.md, and takes out of the list of what is missing what is there:
// `go generate ./internal/kerastable/...`.
package main

import (
	"fmt"
	"os"

	"github.com/gokeras/gokeras/internal/kerastable/catalogue"
)

func main() {
	if err := catalogue.Write("."); err != nil {
		fmt.Fprintln(os.Stderr, "catalogue:", err)
		os.Exit(1)
	}
}
