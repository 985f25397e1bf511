// Reductions of rows, see rows.h. Included by conv_tiles.h.

// n values, of which the first stands at that place of the row, go into what was reduced.
static void NAME(reduce)(gk_reduction kind, const float *from, int64_t n, int64_t at, gk_reduced *into) {
	NAME(vec) value = *(const NAME(vec) *)into->value;
	NAME(bits) place = *(const NAME(bits) *)into->place, here;
	for (int k = 0; k < LANES; k++) here[k] = (int32_t)at + k;
	const float none = kind == GK_TOTAL ? 0 : kind == GK_SMALLEST ? __builtin_inff() : -__builtin_inff();
	for (int64_t i = 0; i < n; i += LANES, here += LANES) {
		NAME(vec) x;
		if (n - i >= LANES) {
			x = *(const NAME(vec) *)(from + i);
		} else {
			for (int k = 0; k < LANES; k++) x[k] = i + k < n ? from[i + k] : none;
		}
		switch (kind) {
		case GK_TOTAL: value += x; break;
		case GK_LARGEST: value = NAME(choose)((x > value) | (x != x), x, value); break;
		case GK_SMALLEST: value = NAME(choose)((x < value) | (x != x), x, value); break;
		case GK_PLACE_OF_LARGEST:
		case GK_REDUCTIONS:;
			const NAME(bits) better = (x > value) | ((x != x) & (value == value));
			value = NAME(choose)(better, x, value);
			place = (place & ~better) | (here & better);
		}
	}
	*(NAME(vec) *)into->value = value;
	*(NAME(bits) *)into->place = place;
}
