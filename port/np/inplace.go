package np

// InPlace is what a name holds after an augmented assignment such as a += b, for f Add: a itself, whose elements are others now, seen by all
// views. A single number is another number then, as NumPy's scalars don't change. The result's type must be of a's kind.
func InPlace(f func(a, b any) *Array, a *Array, b any) *Array {
	if a.NDim() == 0 {
		return f(a, b)
	}
	a.into("augmented assignment", f(a, b))
	return a
}

// isEllipsis reports an index that stands for all axes that aren't named.
func isEllipsis(index any) bool { return index == Ellipsis }
