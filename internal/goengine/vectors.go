//go:build !goexperiment.simd || !amd64

package goengine

// Vectorized says that this program was built with GOEXPERIMENT=simd for a processor where that has an effect.
const Vectorized = false
