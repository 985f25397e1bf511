// Package notice tells whoever runs a program, on standard error and once, what makes it slower than it could be.
package notice

import (
	"fmt"
	"io"
	"os"
	"sync"
)

var (
	mu      sync.Mutex
	said              = map[string]bool{}
	writeTo io.Writer = os.Stderr
)

// Once writes "gokeras: text" as a line to standard error, unless this process has written it before.
func Once(text string) {
	mu.Lock()
	defer mu.Unlock()
	if !said[text] {
		said[text] = true
		fmt.Fprintln(writeTo, "gokeras:", text)
	}
}

// To makes notices go to w, each as if nothing had been said before, until the function that it returns is called. It serves tests.
func To(w io.Writer) (restore func()) {
	mu.Lock()
	defer mu.Unlock()
	wasSaid, wasWriter := said, writeTo
	said, writeTo = map[string]bool{}, w
	return func() {
		mu.Lock()
		defer mu.Unlock()
		said, writeTo = wasSaid, wasWriter
	}
}
