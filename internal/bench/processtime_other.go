//go:build !unix

package bench

import "time"

// processTime isn't known here.
func processTime() time.Duration { return 0 }
