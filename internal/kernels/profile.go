package kernels

import "time"

// Spent is what the calls of a kernel took.
type Spent struct {
	Target     string // by which programs call it
	Calls      int
	Time       time.Duration
	Bytes      int // of operands and results
	Operations int // on floats, in products; 0: the kernel's work is reading and writing
}
