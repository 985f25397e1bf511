// Maxima along axes in the middle, see maxima.h. Included by conv_tiles.h.

// The maxima of so many vectors of columns.
static inline __attribute__((always_inline)) void NAME(maxima_of)(const gk_maxima *m, const float *x, NAME(vec) *most, const int vectors) {
	for (int v = 0; v < vectors; v++) most[v] = -__builtin_inff() - (NAME(vec)){};
	for (int64_t i = 0; i < m->count; i++, x += m->inner)
		_Pragma("GCC unroll 4") for (int v = 0; v < vectors; v++) {
			const NAME(vec) here = *(const NAME(vec) *)(x + v * LANES);
			most[v] = NAME(choose)((here > most[v]) | (here != here), here, most[v]);
		}
}

static inline __attribute__((always_inline)) void NAME(maxima_vectors)(const gk_maxima *m, int64_t outer, int64_t column, const int vectors) {
	NAME(vec) most[4];
	NAME(maxima_of)(m, m->x + outer * m->count * m->inner + column, most, vectors);
	for (int v = 0; v < vectors; v++) *(NAME(vec) *)(m->y + outer * m->inner + column + v * LANES) = most[v];
}

static float NAME(maximum_of)(const gk_maxima *m, const float *x) {
	float most = -__builtin_inff();
	for (int64_t i = 0; i < m->count; i++)
		if (x[i * m->inner] > most || x[i * m->inner] != x[i * m->inner]) most = x[i * m->inner];
	return most;
}

static void NAME(column_maxima)(const gk_maxima *m, int64_t outer, int64_t first, int64_t end) {
	for (; first + 4 * LANES <= end; first += 4 * LANES) NAME(maxima_vectors)(m, outer, first, 4);
	for (; first + LANES <= end; first += LANES) NAME(maxima_vectors)(m, outer, first, 1);
	for (; first < end; first++) m->y[outer * m->inner + first] = NAME(maximum_of)(m, m->x + outer * m->count * m->inner + first);
}

// Of a column whose maximum is NaN, none of the values equals it.
static void NAME(first_nan)(const gk_maxima *m, const float *x, float dy, float *dx) {
	for (int64_t i = 0; i < m->count; i++)
		if (x[i * m->inner] != x[i * m->inner]) {
			dx[i * m->inner] = dy;
			return;
		}
}

static inline __attribute__((always_inline)) void NAME(maxima_gradient_vectors)(const gk_maxima *m, int64_t outer, int64_t column, const int vectors) {
	const int64_t at = outer * m->count * m->inner + column, inner = m->inner;
	const float *x = m->x + at, *dy = m->dy + outer * inner + column;
	const NAME(vec) zero = {}, one = 1 - zero;
	NAME(vec) most[4], share[4];
	NAME(maxima_of)(m, x, most, vectors);
	for (int v = 0; v < vectors; v++) share[v] = zero;
	for (int64_t i = 0; i < m->count; i++)
		_Pragma("GCC unroll 4") for (int v = 0; v < vectors; v++) share[v] += NAME(choose)(*(const NAME(vec) *)(x + i * inner + v * LANES) == most[v], one, zero);
	for (int v = 0; v < vectors; v++) share[v] = one / share[v];
	float *dx = m->dx + at;
	for (int64_t i = 0; i < m->count; i++)
		_Pragma("GCC unroll 4") for (int v = 0; v < vectors; v++) {
			const NAME(vec) part = NAME(choose)(*(const NAME(vec) *)(x + i * inner + v * LANES) == most[v], share[v], zero);
			*(NAME(vec) *)(dx + i * inner + v * LANES) = part * *(const NAME(vec) *)(dy + v * LANES);
		}
	for (int v = 0; v < vectors; v++)
		for (int l = 0; l < LANES; l++)
			if (most[v][l] != most[v][l]) NAME(first_nan)(m, x + v * LANES + l, dy[v * LANES + l], dx + v * LANES + l);
}

static void NAME(column_maxima_gradient)(const gk_maxima *m, int64_t outer, int64_t first, int64_t end) {
	enum { CACHED = 1 << 17 }; // floats of columns that are read thrice
	if (4 * LANES * m->count <= CACHED)
		for (; first + 4 * LANES <= end; first += 4 * LANES) NAME(maxima_gradient_vectors)(m, outer, first, 4);
	for (; first + LANES <= end; first += LANES) NAME(maxima_gradient_vectors)(m, outer, first, 1);
	for (; first < end; first++) {
		const int64_t at = outer * m->count * m->inner + first, inner = m->inner;
		const float *x = m->x + at, dy = m->dy[outer * inner + first], most = NAME(maximum_of)(m, x);
		float equal = 0;
		for (int64_t i = 0; i < m->count; i++) equal += x[i * inner] == most;
		for (int64_t i = 0; i < m->count; i++) m->dx[at + i * inner] = (x[i * inner] == most ? 1 / equal : 0) * dy;
		if (most != most) NAME(first_nan)(m, x, dy, m->dx + at);
	}
}
