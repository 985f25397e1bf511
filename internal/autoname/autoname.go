// Package autoname counts the automatic names of a process ("dense", "dense_1", …), which
// layers, models and metrics share as they do in Keras.
package autoname

import (
	"fmt"
	"sync"
)

var (
	mu     sync.Mutex
	counts = map[string]int{}
)

// Take uses up the next number of the prefix, from 0.
func Take(prefix string) int {
	mu.Lock()
	defer mu.Unlock()
	n := counts[prefix]
	counts[prefix]++
	return n
}

// GiveBack undoes the Take that returned n, unless a later number was taken since.
func GiveBack(prefix string, n int) {
	mu.Lock()
	defer mu.Unlock()
	if counts[prefix] == n+1 {
		counts[prefix]--
	}
}

// Clear starts all prefixes over.
func Clear() {
	mu.Lock()
	defer mu.Unlock()
	clear(counts)
}

// Join writes the name of the number: the prefix alone for 0, else "prefix_n".
func Join(prefix string, n int) string {
	if n == 0 {
		return prefix
	}
	return fmt.Sprintf("%s_%d", prefix, n)
}
