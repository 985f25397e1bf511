// Sums of columns, see sum.h. Included by conv_tiles.h.

// What is added up beside x itself.
enum { NAME(NOTHING), NAME(PRODUCTS), NAME(SQUARES) };

// Adds so many vectors of each row to the sums, unroll rows at a time.
static inline __attribute__((always_inline)) void NAME(sum_vectors)(const gk_sum *s, int64_t step, int64_t at, const int vectors, const int unroll, const int plain, const int other) {
	NAME(vec) p[8] = {}, q[8] = {}, centre[8] = {};
	if (other == NAME(SQUARES))
		for (int v = 0; v < vectors; v++) centre[v] = *(const NAME(vec) *)(s->centre + at + v * LANES);
	int64_t row = 0;
#define ADD(ROWS_AT_ONCE) \
	for (int r = 0; r < ROWS_AT_ONCE; r++) { \
		_Pragma("GCC unroll 8") for (int v = 0; v < vectors; v++) { \
			const int64_t offset = (row + r) * step + at + v * LANES; \
			const int k = r * vectors + v; \
			const NAME(vec) x = *(const NAME(vec) *)(s->x + offset); \
			if (plain) p[k] += x; \
			if (other == NAME(PRODUCTS)) q[k] += x * *(const NAME(vec) *)(s->factor + offset); \
			if (other == NAME(SQUARES)) q[k] += (x - centre[v]) * (x - centre[v]); \
		} \
	}
	for (; row + unroll <= s->rows; row += unroll) ADD(unroll)
	for (; row < s->rows; row++) ADD(1)
#undef ADD
	for (int v = 0; v < vectors; v++) {
		for (int r = 1; r < unroll; r++) p[v] += p[r * vectors + v], q[v] += q[r * vectors + v];
		if (plain) *(NAME(vec) *)(s->plain + at + v * LANES) += p[v];
		if (other) *(NAME(vec) *)(s->other + at + v * LANES) += q[v];
	}
}

static inline __attribute__((always_inline)) void NAME(sum_as)(const gk_sum *s, int64_t step, const int plain, const int other) {
	int64_t at = 0;
	for (; at + 4 * LANES <= s->columns; at += 4 * LANES) NAME(sum_vectors)(s, step, at, 4, 2, plain, other);
	for (; at + 2 * LANES <= s->columns; at += 2 * LANES) NAME(sum_vectors)(s, step, at, 2, 4, plain, other);
	for (; at + LANES <= s->columns; at += LANES) NAME(sum_vectors)(s, step, at, 1, 4, plain, other);
	for (; at < s->columns; at++) {
		float p = 0, q = 0;
		for (int64_t row = 0; row < s->rows; row++) {
			const float x = s->x[row * step + at];
			p += x;
			if (other == NAME(PRODUCTS)) q += x * s->factor[row * step + at];
			if (other == NAME(SQUARES)) q += (x - s->centre[at]) * (x - s->centre[at]);
		}
		if (plain) s->plain[at] += p;
		if (other) s->other[at] += q;
	}
}

// Adds to the sums; rows are step floats apart.
static void NAME(sum)(const gk_sum *s, int64_t step) {
	if (s->centre)
		NAME(sum_as)(s, step, 0, NAME(SQUARES));
	else if (!s->factor)
		NAME(sum_as)(s, step, 1, NAME(NOTHING));
	else if (s->plain)
		NAME(sum_as)(s, step, 1, NAME(PRODUCTS));
	else
		NAME(sum_as)(s, step, 0, NAME(PRODUCTS));
}
