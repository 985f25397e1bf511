// What a Dropout behind a layer does, see dot.h. Included by conv_tiles.h.

typedef uint32_t NAME(words) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

// Zeroes values that a hash of their position chooses, as lowering.Bernoulli makes it, and scales the others; first is the position of the first of n.
static void NAME(drop)(float *y, int64_t n, uint32_t first, const gk_dropout *d) {
	NAME(words) at;
	for (int i = 0; i < LANES; i++) at[i] = first + i;
	for (int64_t i = 0; i < n; i += LANES, at += LANES) {
		NAME(words) x = at * 0xe3ce869du + d->keys[0];
		x = (x ^ x >> 16) * 0xcae411c3u + d->keys[1];
		x = (x ^ x >> 15) * 0xe2181371u;
		NAME(give)(y + i, (NAME(vec))((NAME(bits))(NAME(take)(y + i, n - i) * d->factor) & (NAME(bits))(x < d->bound)), n - i);
	}
}
