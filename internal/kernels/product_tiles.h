// The innermost loops of products with panels, see product.h, for one width of vectors; conv_tiles.h includes it.

static inline __attribute__((always_inline)) NAME(vec) NAME(take)(const float *from, int64_t n) {
	return n >= LANES ? *(const NAME(vec) *)from : (NAME(vec))FIRST(from, n);
}

static inline __attribute__((always_inline)) void NAME(give)(float *to, NAME(vec) v, int64_t n) {
	if (n >= LANES) {
		*(NAME(vec) *)to = v;
		return;
	}
	for (int64_t i = 0; i < n; i++) to[i] = v[i];
}

// finished is what follows sums, of which n are wanted; column is where they stand in their row, and at where in their tile.
static inline __attribute__((always_inline)) NAME(vec) NAME(finished)(const gk_finish *f, NAME(vec) v, int64_t column, int64_t at, int64_t n) {
	const gk_after *a = &f->after;
	if (a->factor) v *= NAME(take)(a->factor + column, n);
	if (a->bias) v += NAME(take)(a->bias + column, n);
	if (a->added) v += NAME(take)(a->added + at, n);
	v = NAME(rectified)(v, a->relu);
	if (f->mask) v = (NAME(vec))((NAME(bits))v & ~(NAME(take)(f->mask + at, n) <= (NAME(vec)){}));
	return v;
}

// begin_finish fetches the lines that what follows a tile's sums needs.
static __attribute__((noinline)) void NAME(begin_finish)(const gk_finish *f, int64_t rows, int64_t columns, int64_t step) {
	for (int64_t r = 0; r < rows; r++)
		for (int64_t c = 0; c < columns; c += LANES) {
			if (f->mask) __builtin_prefetch(f->mask + r * step + c);
			if (f->after.added) __builtin_prefetch(f->after.added + r * step + c);
		}
}

// end_whole does what follows the sums of some rows of a vector's columns, and stores them.
static inline __attribute__((always_inline)) void NAME(end_whole)(const float *sums, int64_t rows, int64_t width, const float *start, int64_t start_step, const gk_finish *f, int64_t column, float *out, int64_t out_step) {
	const gk_after *a = &f->after;
	const float *added = a->added ? a->added + column : NULL, *mask = f->mask ? f->mask + column : NULL;
	NAME(vec) factor = {}, bias = {};
	if (a->factor) factor = *(const NAME(vec) *)(a->factor + column);
	if (a->bias) bias = *(const NAME(vec) *)(a->bias + column);
	for (int64_t r = 0; r < rows; r++) {
		NAME(vec) v = *(const NAME(vec) *)(sums + r * width);
		if (start) v += *(const NAME(vec) *)(start + r * start_step);
		if (a->factor) v *= factor;
		if (a->bias) v += bias;
		if (added) v += *(const NAME(vec) *)(added + r * out_step);
		v = NAME(rectified)(v, a->relu);
		if (mask) v = (NAME(vec))((NAME(bits))v & ~(*(const NAME(vec) *)(mask + r * out_step) <= (NAME(vec)){}));
		*(NAME(vec) *)(out + r * out_step) = v;
	}
}

// end_tile adds the start to a tile's sums, does what follows them and stores those that are wanted. In tiles' own functions it would take the registers of their loops.
static __attribute__((noinline)) void NAME(end_tile)(const float *sums, int64_t rows, int64_t width, const float *start, int64_t start_step, const gk_finish *finish, float *out, int64_t out_step, int64_t columns) {
	if (finish && columns >= width) {
		for (int64_t c = 0; c < width; c += LANES) NAME(end_whole)(sums + c, rows, width, start ? start + c : NULL, start_step, finish, c, out + c, out_step);
		return;
	}
	for (int64_t r = 0; r < rows; r++)
		for (int64_t c = 0; c < columns && c < width; c += LANES) {
			NAME(vec) v = *(const NAME(vec) *)(sums + r * width + c);
			if (start) v += NAME(take)(start + r * start_step + c, columns - c);
			if (finish) v = NAME(finished)(finish, v, c, r * out_step + c, columns - c);
			NAME(give)(out + r * out_step + c, v, columns - c);
		}
}

// rows of out = rows of start, or zeros, + rows of a · b, for V vectors of columns, of which so many are wanted. The start comes first, or last: long sums in parts are nearer. b lies in rows of V vectors, a's
// elements k_step apart. With finish, what follows the sums is done. The lines of the results are fetched meanwhile. MORE are parameters, STEP is from row to row of b, EACH is done with each row.
#define PRODUCT_AS(SELF, R, V, MORE, STEP, EACH) \
	static void NAME(SELF)(int64_t depth, const float *a, int64_t a_step, int64_t k_step, const float *b, const float *start, int64_t start_step, int last, const gk_finish *finish, float *out, int64_t out_step, int64_t columns MORE) { \
		NAME(vec) sums[R][V]; \
		__attribute__((unused)) int64_t due = 0; \
		if (finish) NAME(begin_finish)(finish, R, V * LANES, out_step); \
		_Pragma("GCC unroll 16") for (int r = 0; r < R; r++) \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) __builtin_prefetch(out + r * out_step + v * LANES, 1); \
		_Pragma("GCC unroll 16") for (int r = 0; r < R; r++) \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) sums[r][v] = (NAME(vec)){}; \
		if (start && !last) \
			_Pragma("GCC unroll 16") for (int r = 0; r < R; r++) \
				_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) sums[r][v] = NAME(take)(start + r * start_step + v * LANES, columns - v * LANES); \
		const float *lower = a + HALF(R) * a_step; \
		APART_FROM(lower); \
		for (int64_t k = 0; k < depth; k++, a += k_step, lower += k_step, b += STEP) { \
			NAME(vec) row[V]; \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) row[v] = *(const NAME(vec) *)(b + v * LANES); \
			EACH \
			_Pragma("GCC unroll 16") for (int r = 0; r < R; r++) { \
				const NAME(vec) s = (r < HALF(R) ? a + r * a_step : lower + (r - HALF(R)) * a_step)[0] - (NAME(vec)){}; \
				_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) ADD_PRODUCT(sums[r][v], s, row[v]); \
			} \
		} \
		if (finish || columns < V * LANES) { \
			NAME(vec) kept[R][V]; \
			_Pragma("GCC unroll 16") for (int r = 0; r < R; r++) \
				_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) kept[r][v] = sums[r][v]; \
			NAME(end_tile)((const float *)kept, R, V * LANES, last ? start : NULL, start_step, finish, out, out_step, columns); \
			return; \
		} \
		if (start && last) \
			_Pragma("GCC unroll 16") for (int r = 0; r < R; r++) \
				_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) sums[r][v] += *(const NAME(vec) *)(start + r * start_step + v * LANES); \
		_Pragma("GCC unroll 16") for (int r = 0; r < R; r++) \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) *(NAME(vec) *)(out + r * out_step + v * LANES) = sums[r][v]; \
	}

#define PRODUCT(R, V) PRODUCT_AS(product##R##_##V, R, V, , V * LANES, )

PRODUCT(1, 1)
PRODUCT(1, 2)
PRODUCT(2, 1)
PRODUCT(2, 2)
PRODUCT(3, 1)
PRODUCT(3, 2)
PRODUCT(4, 1)
PRODUCT(4, 2)
PRODUCT(5, 1)
PRODUCT(5, 2)
PRODUCT(6, 1)
PRODUCT(6, 2)
#if ROWS > 6
PRODUCT(7, 1)
PRODUCT(7, 2)
PRODUCT(8, 1)
PRODUCT(8, 2)
#endif

#define AHEAD , gk_ahead ahead
#define FETCH \
	if ((due += ahead.share) >= depth) { \
		due -= depth; \
		__builtin_prefetch(ahead.from, 0, 2); \
		__builtin_prefetch(ahead.from + LANES, 0, 2); \
		__builtin_prefetch(ahead.from + 2 * LANES - 1, 0, 2); \
		ahead.from += ahead.step; \
	}

#define COPIED AHEAD, int64_t b_step, float *panel
#define COPY \
	FETCH \
	__builtin_prefetch(b + 8 * b_step); \
	__builtin_prefetch(b + 8 * b_step + LANES); \
	__builtin_prefetch(b + 8 * b_step + 2 * LANES - 1); \
	_Pragma("GCC unroll 2") for (int v = 0; v < 2; v++, panel += LANES) *(NAME(vec) *)panel = row[v];

PRODUCT_AS(product_ahead, ROWS, 2, AHEAD, 2 * LANES, FETCH)
PRODUCT_AS(product_copied, ROWS, 2, COPIED, b_step, COPY)

#undef AHEAD
#undef FETCH
#undef COPIED
#undef COPY
#undef PRODUCT
#undef PRODUCT_AS

static void NAME(finish)(float *y, const gk_finish *f, int64_t n) {
	for (int64_t i = 0; i < n; i += LANES) NAME(give)(y + i, NAME(finished)(f, NAME(take)(y + i, n - i), i, i, n - i), n - i);
}

// In blocks as wide as high: the halves of each pair of rows change places, then the quarters of neighbouring pairs, and so on.
static void NAME(turn)(const float *rows, int64_t step, int64_t columns, float *out, int64_t out_step) {
	int64_t k = 0;
	for (; k + LANES <= columns; k += LANES) {
		NAME(vec) block[LANES];
		_Pragma("GCC unroll 16") for (int i = 0; i < LANES; i++) block[i] = *(const NAME(vec) *)(rows + i * step + k);
		_Pragma("GCC unroll 4") for (int half = LANES / 2; half > 0; half /= 2) {
			NAME(bits) upper, lower;
			_Pragma("GCC unroll 16") for (int j = 0; j < LANES; j++) {
				upper[j] = j & half ? LANES + j - half : j;
				lower[j] = j & half ? LANES + j : j + half;
			}
			_Pragma("GCC unroll 16") for (int i = 0; i < LANES; i++) {
				if (i & half) continue;
				const NAME(vec) a = block[i], b = block[i + half];
				block[i] = __builtin_shuffle(a, b, upper);
				block[i + half] = __builtin_shuffle(a, b, lower);
			}
		}
		_Pragma("GCC unroll 16") for (int i = 0; i < LANES; i++) *(NAME(vec) *)(out + (k + i) * out_step) = block[i];
	}
	for (; k < columns; k++)
		for (int i = 0; i < LANES; i++) out[k * out_step + i] = rows[i * step + k];
}
