// Package random is Python's module random for ported programs: the same numbers for a seed. It isn't for concurrent use.
package random

import (
	"math"
	"math/bits"
	"time"

	"github.com/gokeras/gokeras/internal/mt19937"
	"github.com/gokeras/gokeras/port/np"
)

// Source is a generator of its own (Python: random.Random).
type Source struct {
	mt   *mt19937.Source
	next *float64 // the second of two numbers that Gauss draws at once
}

// Default is the generator of the module's functions, with a seed of the time until it gets one.
var Default = New(int(time.Now().UnixNano()))

// New returns a generator with a seed.
func New(seed int) *Source {
	r := &Source{}
	r.Seed(seed)
	return r
}

// Seed begins anew (Python: seed of a whole number).
func (r *Source) Seed(seed int) {
	if seed < 0 {
		seed = -seed
	}
	keys := []uint32{uint32(seed)}
	if high := uint64(seed) >> 32; high > 0 {
		keys = append(keys, uint32(high))
	}
	r.mt, r.next = mt19937.FromKeys(keys), nil
}

// Random is in [0, 1).
func (r *Source) Random() float64 { return r.mt.Double() }

// below is a whole number in [0, n).
func (r *Source) below(n int) int {
	size := bits.Len(uint(n))
	for {
		var drawn uint64
		if size <= 32 {
			drawn = uint64(r.mt.Uint32() >> (32 - size))
		} else {
			low := uint64(r.mt.Uint32())
			drawn = uint64(r.mt.Uint32()>>(64-size))<<32 | low
		}
		if drawn < uint64(n) {
			return int(drawn)
		}
	}
}

// RandInt is a whole number from a to b, both included.
func (r *Source) RandInt(a, b int) int {
	if b < a {
		np.Fail("ValueError", "empty range for randint")
	}
	return a + r.below(b-a+1)
}

// RandRange is a whole number of range(start, stop).
func (r *Source) RandRange(start, stop int) int {
	if stop <= start {
		np.Fail("ValueError", "empty range for randrange")
	}
	return start + r.below(stop-start)
}

// Uniform lies between a and b.
func (r *Source) Uniform(a, b float64) float64 { return a + (b-a)*r.Random() }

// Gauss is normally distributed.
func (r *Source) Gauss(mu, sigma float64) float64 {
	if z := r.next; z != nil {
		r.next = nil
		return mu + *z*sigma
	}
	angle := r.Random() * (2 * math.Pi)
	radius := math.Sqrt(-2 * math.Log(1-r.Random()))
	second := math.Sin(angle) * radius
	r.next = &second
	return mu + math.Cos(angle)*radius*sigma
}

// NormalVariate is normally distributed, by another method than [Source.Gauss].
func (r *Source) NormalVariate(mu, sigma float64) float64 {
	scale := 4 * math.Exp(-0.5) / math.Sqrt(2)
	for {
		a := r.Random()
		b := 1 - r.Random()
		z := scale * (a - 0.5) / b
		if z*z/4 <= -math.Log(b) {
			return mu + z*sigma
		}
	}
}

// Choice is one of the list.
func Choice[T any](r *Source, list []T) T {
	if len(list) == 0 {
		np.Fail("IndexError", "Cannot choose from an empty sequence")
	}
	return list[r.below(len(list))]
}

// Choices are k of the list, each drawn anew.
func Choices[T any](r *Source, list []T, k int) []T {
	if len(list) == 0 {
		np.Fail("IndexError", "list index out of range")
	}
	drawn := make([]T, k)
	for i := range drawn {
		drawn[i] = list[int(r.Random()*float64(len(list)))]
	}
	return drawn
}

// Shuffle changes the order of the list.
func Shuffle[T any](r *Source, list []T) {
	for i := len(list) - 1; i > 0; i-- {
		j := r.below(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

// Sample are k of the list, none twice.
func Sample[T any](r *Source, list []T, k int) []T {
	n := len(list)
	if k < 0 || k > n {
		np.Fail("ValueError", "Sample larger than population or is negative")
	}
	pooled := 21 // up to how many Python copies the list
	if k > 5 {
		pooled += int(math.Pow(4, math.Ceil(math.Log(float64(k)*3)/math.Log(4))))
	}
	drawn := make([]T, k)
	if n <= pooled {
		pool := append([]T(nil), list...)
		for i := range drawn {
			j := r.below(n - i)
			drawn[i], pool[j] = pool[j], pool[n-i-1]
		}
		return drawn
	}
	taken := map[int]bool{}
	for i := range drawn {
		j := r.below(n)
		for taken[j] {
			j = r.below(n)
		}
		taken[j] = true
		drawn[i] = list[j]
	}
	return drawn
}
