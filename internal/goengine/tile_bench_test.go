package goengine

import (
	"fmt"
	"testing"
	"unsafe"
)

func BenchmarkTile(b *testing.B) {
	for _, t := range tiles {
		b.Run(fmt.Sprintf("%dx%d", t.rows, t.cols), func(b *testing.B) {
			a := make([]float32, 64*1024)
			ak := make([]uintptr, 288)
			for i := range ak {
				ak[i] = uintptr(4 * (i/96*34*32 + i%96))
			}
			w := make([]float32, 288*64)
			var rows [maxRows]uintptr
			for i := range rows {
				rows[i] = uintptr(i * 128)
			}
			var out [maxTile]float32
			for b.Loop() {
				t.run(unsafe.Pointer(&a[0]), &rows, ak, unsafe.Pointer(&w[0]), &out)
			}
			b.ReportMetric(float64(2*288*t.rows*t.cols)/float64(b.Elapsed().Nanoseconds())*float64(b.N), "GF")
		})
	}
}
