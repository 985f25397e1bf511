//go:build unix

package bench

import (
	"syscall"
	"time"
)

// processTime is the time that all threads of the process have run.
func processTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
