//go:build goexperiment.simd && amd64

package goengine

import (
	"simd/archsimd"
	"unsafe"
)

func init() {
	if archsimd.X86.AVX2() {
		replaceUpTo, addUp, maxTo, giveTo = replaceUpTo8, addUp8, maxTo8, giveTo8
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

func maxTo8(y, x []float32) {
	y = y[:len(x)]
	i := 0
	for ; i+8 <= len(x); i += 8 {
		a, b := load8(at(x, i)), load8(at(y, i))
		// Max takes its argument where one is NaN.
		a.Merge(a.Max(b), a.NotEqual(a)).Store((*[8]float32)(at(y, i)))
	}
	for ; i < len(x); i++ {
		y[i] = max(y[i], x[i])
	}
}

func giveTo8(y, x, best, left []float32) {
	y, best, left = y[:len(x)], best[:len(x)], left[:len(x)]
	zero := archsimd.BroadcastFloat32x8(0)
	i := 0
	for ; i+8 <= len(x); i += 8 {
		v, rest := load8(at(x, i)), load8(at(left, i))
		here := v.Equal(load8(at(best, i))).Or(v.NotEqual(v))
		load8(at(y, i)).Add(rest.Merge(zero, here)).Store((*[8]float32)(at(y, i)))
		zero.Merge(rest, here).Store((*[8]float32)(at(left, i)))
	}
	for ; i < len(x); i++ {
		if x[i] == best[i] || x[i] != x[i] {
			y[i] += left[i]
			left[i] = 0
		}
	}
}
