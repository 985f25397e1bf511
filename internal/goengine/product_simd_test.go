//go:build goexperiment.simd && amd64

package goengine

import "simd/archsimd"

func init() {
	if archsimd.X86.AVX2() && archsimd.X86.FMA() {
		otherTiles = append(otherTiles, tile{4, 16, tile4x16})
	}
}
