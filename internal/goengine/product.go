package goengine

import "unsafe"

// product is a matrix product whose operands are read through tables of offsets, so that a convolution needs no matrix of patches:
//
//	c[cm[i] + cn·j] = Σ a[am[i] + ak[k]] · b[k, j]
//
// with b packed in panels.
type product struct {
	am, ak []uintptr // in bytes
	cm     []int
	cn     int
	n      int
}

// tile computes rows of a panel: out[r·cols + j] = Σ a[rows[r] + ak[k]] · b[k·cols + j], for a fixed number of rows and columns.
type tile struct {
	rows, cols int
	run        func(a unsafe.Pointer, rows *[maxRows]uintptr, ak []uintptr, b unsafe.Pointer, out *[maxTile]float32)
}

const (
	maxRows = 8
	maxTile = 256
	// depth is how many k are added up at a time: a panel of b stays in the first cache.
	depth = 288
)

// tiles are what this machine runs fastest, the widest first.
var tiles = []tile{{2, 4, tile2x4}}

// panels cuts n columns into panels, each a tile wide.
func panels(n int) (list []*tile) {
	for at := 0; at < n; {
		best := &tiles[0]
		for i := range tiles {
			if tiles[i].cols >= n-at {
				best = &tiles[i]
			}
		}
		list = append(list, best)
		at += best.cols
	}
	return list
}

// packedSize is how many values pack needs: one more than it writes, as a tile's pointer ends behind its panel.
func packedSize(k, n int) int {
	size := 1
	for _, t := range panels(n) {
		size += k * t.cols
	}
	return size
}

// pack writes b, read through offsets, as panels of whole tiles: blocks of rows within a panel, zeros beyond the last column.
func pack(b []float32, bk []int, bn, n int, out []float32) {
	at, column := 0, 0
	for _, t := range panels(n) {
		width := min(t.cols, n-column)
		for _, row := range bk {
			to := out[at : at+t.cols]
			if bn == 1 {
				clear(to[copy(to, b[row+column:row+column+width]):])
			} else {
				for j := range width {
					to[j] = b[row+(column+j)*bn]
				}
				clear(to[width:])
			}
			at += t.cols
		}
		column += width
	}
}

// multiply computes the rows from first to last of c; add adds to what is there.
func (p *product) multiply(a, b, c []float32, first, last int, add bool) {
	if first >= last || len(p.ak) == 0 {
		return
	}
	base := unsafe.Pointer(unsafe.SliceData(a))
	var rows [maxRows]uintptr
	var out [maxTile]float32
	list := panels(p.n)
	blocks := (len(p.ak) + depth - 1) / depth
	size := (len(p.ak) + blocks - 1) / blocks
	for from := 0; from < len(p.ak); from += size {
		ak := p.ak[from:min(from+size, len(p.ak))]
		sum := add || from > 0
		at, column := 0, 0
		for _, t := range list {
			width := min(t.cols, p.n-column)
			panel := unsafe.Pointer(unsafe.SliceData(b[at+from*t.cols:]))
			for i := first; i < last; i += t.rows {
				count := min(t.rows, last-i)
				for r := range t.rows {
					rows[r] = p.am[i+min(r, count-1)]
				}
				t.run(base, &rows, ak, panel, &out)
				for r := range count {
					p.put(c, p.cm[i+r]+column*p.cn, out[r*t.cols:r*t.cols+width], sum)
				}
			}
			at += len(p.ak) * t.cols
			column += width
		}
	}
}

// put writes or adds a row of a tile.
func (p *product) put(c []float32, at int, row []float32, sum bool) {
	switch {
	case p.cn != 1 && sum:
		for j, v := range row {
			c[at+j*p.cn] += v
		}
	case p.cn != 1:
		for j, v := range row {
			c[at+j*p.cn] = v
		}
	case sum:
		addTo(c[at:at+len(row)], row)
	default:
		copy(c[at:at+len(row)], row)
	}
}

// addTo adds x to y, of the same length.
var addTo = func(y, x []float32) {
	for i, v := range x {
		y[i] += v
	}
}

// tile2x4 keeps its eight sums in registers; more, Go's compiler would keep in memory. Loops unrolled less, or by a counter, take twice as long.
func tile2x4(a unsafe.Pointer, rows *[maxRows]uintptr, ak []uintptr, b unsafe.Pointer, out *[maxTile]float32) {
	a0, a1 := unsafe.Add(a, rows[0]), unsafe.Add(a, rows[1])
	var c00, c01, c02, c03, c10, c11, c12, c13 float32
	for len(ak) >= 4 {
		y := (*[16]float32)(b)
		x := *(*float32)(unsafe.Add(a0, ak[0]))
		c00 += x * y[0]
		c01 += x * y[1]
		c02 += x * y[2]
		c03 += x * y[3]
		x = *(*float32)(unsafe.Add(a1, ak[0]))
		c10 += x * y[0]
		c11 += x * y[1]
		c12 += x * y[2]
		c13 += x * y[3]
		x = *(*float32)(unsafe.Add(a0, ak[1]))
		c00 += x * y[4]
		c01 += x * y[5]
		c02 += x * y[6]
		c03 += x * y[7]
		x = *(*float32)(unsafe.Add(a1, ak[1]))
		c10 += x * y[4]
		c11 += x * y[5]
		c12 += x * y[6]
		c13 += x * y[7]
		x = *(*float32)(unsafe.Add(a0, ak[2]))
		c00 += x * y[8]
		c01 += x * y[9]
		c02 += x * y[10]
		c03 += x * y[11]
		x = *(*float32)(unsafe.Add(a1, ak[2]))
		c10 += x * y[8]
		c11 += x * y[9]
		c12 += x * y[10]
		c13 += x * y[11]
		x = *(*float32)(unsafe.Add(a0, ak[3]))
		c00 += x * y[12]
		c01 += x * y[13]
		c02 += x * y[14]
		c03 += x * y[15]
		x = *(*float32)(unsafe.Add(a1, ak[3]))
		c10 += x * y[12]
		c11 += x * y[13]
		c12 += x * y[14]
		c13 += x * y[15]
		b = unsafe.Add(b, 64)
		ak = ak[4:]
	}
	out[0], out[1], out[2], out[3] = c00, c01, c02, c03
	out[4], out[5], out[6], out[7] = c10, c11, c12, c13
	for _, k := range ak {
		y := (*[4]float32)(b)
		for r := range 2 {
			x := *(*float32)(unsafe.Add(a, rows[r]+k))
			for j, v := range y {
				out[4*r+j] += x * v
			}
		}
		b = unsafe.Add(b, 16)
	}
}
