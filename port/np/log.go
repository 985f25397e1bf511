package np

import "math"

// logarithm is the natural logarithm as glibc computes it on processors with fused multiplication, bit for bit: random
// numbers that NumPy draws through it come out the same. (Algorithm of Arm's optimized routines.)
func logarithm(x float64) float64 {
	bits := math.Float64bits(x)
	const near1, near2 = 0x3fee000000000000, 0x3ff1090000000000 // 1 - 1/16 and 1 + 0x1.09p-4
	if bits-near1 < near2-near1 {
		if x == 1 {
			return 0
		}
		return logNearOne(x - 1)
	}
	if x == 0 {
		return math.Inf(-1)
	}
	if x < 0 || x != x {
		return math.NaN()
	}
	if math.IsInf(x, 1) {
		return x
	}
	if bits>>52 == 0 {
		bits = math.Float64bits(x*0x1p52) - 52<<52
	}
	const offset = 0x3fe6000000000000
	shifted := bits - offset
	row := logTable[shifted>>45&127]
	k := float64(int64(shifted) >> 52)
	z := math.Float64frombits(bits - shifted&(0xfff<<52))
	r := math.FMA(z, row[0], -1)
	w := math.FMA(k, 0x1.62e42fefa3800p-1, row[1])
	hi := w + r
	lo := math.FMA(k, 0x1.ef35793c76730p-45, float64(w-hi)+r)
	r2 := r * r
	p := math.FMA(r2, math.FMA(r, -0x1.55575e506c89fp-3, 0x1.999b324f10111p-3), math.FMA(r, -0x1.fffffffeb459p-3, 0x1.555555551305bp-2))
	return math.FMA(float64(r*r2), p, math.FMA(r2, -0x1.0000000000001p-1, lo)) + hi
}

func logNearOne(r float64) float64 {
	b := [...]float64{-0x1p-1, 0x1.5555555555577p-2, -0x1.ffffffffffdcbp-3, 0x1.999999995dd0cp-3, -0x1.55555556745a7p-3, 0x1.24924a344de3p-3,
		-0x1.fffffa4423d65p-4, 0x1.c7184282ad6cap-4, -0x1.999eb43b068ffp-4, 0x1.78182f7afd085p-4, -0x1.5521375d145cdp-4}
	r2 := r * r
	r3 := r * r2
	third := math.FMA(r3, b[10], math.FMA(r2, b[9], math.FMA(r, b[8], b[7])))
	second := math.FMA(r3, third, math.FMA(r2, b[6], math.FMA(r, b[5], b[4])))
	first := math.FMA(r3, second, math.FMA(r2, b[3], math.FMA(r, b[2], b[1])))
	w := r * 0x1p27
	rhi := float64(r+w) - w
	rlo := r - rhi
	w = float64(rhi*rhi) * b[0]
	hi := r + w
	lo := float64(r-hi) + w
	lo = math.FMA(float64(b[0]*rlo), rhi+r, lo)
	return math.FMA(r3, first, lo) + hi
}
