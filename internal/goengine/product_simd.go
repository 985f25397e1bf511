//go:build goexperiment.simd && amd64

package goengine

import (
	"simd/archsimd"
	"unsafe"
)

func init() {
	switch {
	case archsimd.X86.AVX512():
		tiles = []tile{{4, 32, tile4x32}, {6, 16, tile6x16}}
		addTo = addTo16
	case archsimd.X86.AVX2() && archsimd.X86.FMA():
		tiles = []tile{{4, 16, tile4x16}}
	}
}

// The tiles use the 15 registers that Go's compiler gives; one sum more, and it keeps some in memory.

func load16(p unsafe.Pointer) archsimd.Float32x16 { return archsimd.LoadFloat32x16((*[16]float32)(p)) }
func load8(p unsafe.Pointer) archsimd.Float32x8   { return archsimd.LoadFloat32x8((*[8]float32)(p)) }
func spread16(p unsafe.Pointer, k uintptr) archsimd.Float32x16 {
	return archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(p, k)))
}
func spread8(p unsafe.Pointer, k uintptr) archsimd.Float32x8 {
	return archsimd.BroadcastFloat32x8(*(*float32)(unsafe.Add(p, k)))
}

func tile4x32(a unsafe.Pointer, rows *[maxRows]uintptr, ak []uintptr, b unsafe.Pointer, out *[maxTile]float32) {
	a0, a1, a2, a3 := unsafe.Add(a, rows[0]), unsafe.Add(a, rows[1]), unsafe.Add(a, rows[2]), unsafe.Add(a, rows[3])
	zero := archsimd.BroadcastFloat32x16(0)
	c00, c01, c10, c11, c20, c21, c30, c31 := zero, zero, zero, zero, zero, zero, zero, zero
	for i, k := range ak {
		y0, y1 := load16(unsafe.Add(b, 128*i)), load16(unsafe.Add(b, 128*i+64))
		x := spread16(a0, k)
		c00, c01 = x.MulAdd(y0, c00), x.MulAdd(y1, c01)
		x = spread16(a1, k)
		c10, c11 = x.MulAdd(y0, c10), x.MulAdd(y1, c11)
		x = spread16(a2, k)
		c20, c21 = x.MulAdd(y0, c20), x.MulAdd(y1, c21)
		x = spread16(a3, k)
		c30, c31 = x.MulAdd(y0, c30), x.MulAdd(y1, c31)
	}
	for i, c := range [8]archsimd.Float32x16{c00, c01, c10, c11, c20, c21, c30, c31} {
		c.Store((*[16]float32)(out[i*16:]))
	}
}

func tile6x16(a unsafe.Pointer, rows *[maxRows]uintptr, ak []uintptr, b unsafe.Pointer, out *[maxTile]float32) {
	a0, a1, a2 := unsafe.Add(a, rows[0]), unsafe.Add(a, rows[1]), unsafe.Add(a, rows[2])
	a3, a4, a5 := unsafe.Add(a, rows[3]), unsafe.Add(a, rows[4]), unsafe.Add(a, rows[5])
	zero := archsimd.BroadcastFloat32x16(0)
	c0, c1, c2, c3, c4, c5 := zero, zero, zero, zero, zero, zero
	for i, k := range ak {
		y := load16(unsafe.Add(b, 64*i))
		c0 = spread16(a0, k).MulAdd(y, c0)
		c1 = spread16(a1, k).MulAdd(y, c1)
		c2 = spread16(a2, k).MulAdd(y, c2)
		c3 = spread16(a3, k).MulAdd(y, c3)
		c4 = spread16(a4, k).MulAdd(y, c4)
		c5 = spread16(a5, k).MulAdd(y, c5)
	}
	for i, c := range [6]archsimd.Float32x16{c0, c1, c2, c3, c4, c5} {
		c.Store((*[16]float32)(out[i*16:]))
	}
}

func tile4x16(a unsafe.Pointer, rows *[maxRows]uintptr, ak []uintptr, b unsafe.Pointer, out *[maxTile]float32) {
	a0, a1, a2, a3 := unsafe.Add(a, rows[0]), unsafe.Add(a, rows[1]), unsafe.Add(a, rows[2]), unsafe.Add(a, rows[3])
	zero := archsimd.BroadcastFloat32x8(0)
	c00, c01, c10, c11, c20, c21, c30, c31 := zero, zero, zero, zero, zero, zero, zero, zero
	for i, k := range ak {
		y0, y1 := load8(unsafe.Add(b, 64*i)), load8(unsafe.Add(b, 64*i+32))
		x := spread8(a0, k)
		c00, c01 = x.MulAdd(y0, c00), x.MulAdd(y1, c01)
		x = spread8(a1, k)
		c10, c11 = x.MulAdd(y0, c10), x.MulAdd(y1, c11)
		x = spread8(a2, k)
		c20, c21 = x.MulAdd(y0, c20), x.MulAdd(y1, c21)
		x = spread8(a3, k)
		c30, c31 = x.MulAdd(y0, c30), x.MulAdd(y1, c31)
	}
	for i, c := range [8]archsimd.Float32x8{c00, c01, c10, c11, c20, c21, c30, c31} {
		c.Store((*[8]float32)(out[i*8:]))
	}
}

func addTo16(y, x []float32) {
	for len(x) >= 16 {
		to := unsafe.Pointer(unsafe.SliceData(y))
		load16(to).Add(load16(unsafe.Pointer(unsafe.SliceData(x)))).Store((*[16]float32)(to))
		y, x = y[16:], x[16:]
	}
	for i, v := range x {
		y[i] += v
	}
}
