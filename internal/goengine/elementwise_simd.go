//go:build goexperiment.simd && amd64

package goengine

import (
	"simd/archsimd"
	"unsafe"
)

func init() {
	if archsimd.X86.AVX2() {
		replaceUpTo, addUp = replaceUpTo8, addUp8
	}
}

func at(s []float32, i int) unsafe.Pointer { return unsafe.Pointer(&s[i]) }

func replaceUpTo8(x []float32, limit, replacement float32, y, out []float32) {
	y, out = y[:len(x)], out[:len(x)]
	l, r := archsimd.BroadcastFloat32x8(limit), archsimd.BroadcastFloat32x8(replacement)
	i := 0
	for ; i+8 <= len(x); i += 8 {
		r.Merge(load8(at(y, i)), load8(at(x, i)).LessEqual(l)).Store((*[8]float32)(at(out, i)))
	}
	for ; i < len(x); i++ {
		out[i] = y[i]
		if x[i] <= limit {
			out[i] = replacement
		}
	}
}

func addUp8(x, y, out []float32) {
	y, out = y[:len(x)], out[:len(x)]
	i := 0
	for ; i+8 <= len(x); i += 8 {
		load8(at(x, i)).Add(load8(at(y, i))).Store((*[8]float32)(at(out, i)))
	}
	for ; i < len(x); i++ {
		out[i] = x[i] + y[i]
	}
}
