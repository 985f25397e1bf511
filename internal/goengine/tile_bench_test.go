package goengine

import (
	"fmt"
	"slices"
	"testing"
	"unsafe"
)

// BenchmarkTiles reports how many billion operations a second a tile does on one core.
func BenchmarkTiles(b *testing.B) {
	for _, t := range slices.Concat(tiles, otherTiles) {
		b.Run(fmt.Sprintf("%dx%d", t.rows, t.cols), func(b *testing.B) {
			a, w, ak := make([]float32, 8192), make([]float32, depth*t.cols+1), make([]uintptr, depth)
			for i := range ak {
				ak[i] = uintptr(4 * (i/96*34*32 + i%96))
			}
			var rows [maxRows]uintptr
			for i := range rows {
				rows[i] = uintptr(i * 128)
			}
			var out [maxTile]float32
			for b.Loop() {
				t.run(unsafe.Pointer(&a[0]), &rows, ak, unsafe.Pointer(&w[0]), &out)
			}
			b.ReportMetric(float64(2*depth*t.rows*t.cols*b.N)/float64(b.Elapsed().Nanoseconds()), "Gflop/s")
		})
	}
}
