package ops

import "github.com/gokeras/gokeras/functional"

// operators are the fixtures' models of Python's operators as a Go user writes them.
var operators = map[string]func(a, b *functional.Tensor) any{
	"determinants": func(a, b *functional.Tensor) any {
		first, second := Det(a), Det(b)
		sign, size := Slogdet(b)
		return []any{first, second, []*functional.Tensor{sign, size}, Logdet(a), Det(a.Slice(":, :1, :1")), Det(a.Slice("0"))}
	},
	"qr": func(a, b *functional.Tensor) any {
		q, r := Qr(a, "reduced")
		q1, r1 := Qr(b, "reduced")
		q2, r2 := Qr(b.Slice("0"), "reduced")
		return []*functional.Tensor{q, r, q1, r1, q2, r2}
	},
	"lu": func(a, b *functional.Tensor) any {
		lu, pivots := LuFactor(a)
		lu1, pivots1 := LuFactor(b)
		return []*functional.Tensor{lu, pivots, lu1, pivots1}
	},
	"inverses": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{Inv(a), Solve(a, b), Solve(a.Slice("0"), b.Slice("0, :, 0")), Solve(a.Slice("1"), b.Slice("1"))}
	},
	"numbers_on_the_left": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{a.RAdd(1), a.RSub(1.5), a.RMul(2), a.RDiv(2), a.RFloorDiv(5), a.RMod(3), a.RPow(2)}
	},
	"numbers_on_the_right": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{a.Add(1), a.Sub(1.5), a.Mul(2), a.Div(2), a.FloorDiv(0.7), a.Mod(0.7), a.Pow(3)}
	},
	"both_tensors": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{a.Add(b), a.Sub(b), a.Mul(b), a.Div(b), a.FloorDiv(b), a.Mod(b), a.Pow(b)}
	},
	"whole_numbers_on_either_side": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{a.RAdd(1), a.RSub(1.5), a.Mul(2.0), a.RDiv(7), a.RFloorDiv(7), a.RMod(7), a.RPow(2), a.Div(2), a.Pow(2), a.Greater(2.5), a.Add(true)}
	},
	"whole_and_real_tensors": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{a.Add(b), a.Div(b), a.FloorDiv(b), a.Mod(b), b.Pow(a), a.Greater(2).Add(b), a.Greater(2).Mul(2)}
	},
	"matrix_products": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{a.MatMul(b), a.RMatMul([][]float32{{1, 2, 0}, {0.5, -1, 2}, {3, 0, 1}}), a.MatMul([]float32{1, 2, -1})}
	},
	"comparisons_with_numbers": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{a.Less(1), a.LessEqual(1.25), a.Greater(1), a.GreaterEqual(1.25), a.NotEqual(1)}
	},
	"logic_operators": func(a, b *functional.Tensor) any {
		above := func(x *functional.Tensor) *functional.Tensor { return x.Greater(1) }
		var out []*functional.Tensor // Python makes the comparisons of each expression before its operator
		p, q := above(a), above(b)
		out = append(out, p.And(q))
		p, q = above(a), above(b)
		out = append(out, p.Or(q))
		p, q = above(a), above(b)
		out = append(out, p.Xor(q))
		return append(out, above(a).Not(), above(a).And(true), above(a).ROr(false), above(a).RXor(true))
	},
	"one_operand": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{a.Neg(), a.Abs(), a.Round(0), a.Round(1)}
	},
	"methods": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{a.Reshape(-1, 2, 2), a.Squeeze(), a.Squeeze(1), a.Squeeze(1, 3)}
	},
	"keys": func(a, b *functional.Tensor) any {
		return []*functional.Tensor{a.Slice(":, 0, :"), a.Slice("1"), a.Slice("..., 1"), a.Slice(":, ::-1, 1::2"), a.Slice(":, None, -2:"), a.Slice(":, -1, None, ...")}
	},
}
