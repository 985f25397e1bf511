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

// rows of out = rows of start, or zeros, + rows of a · b, for V vectors of columns, of which so many are wanted. The start comes first, or last: long sums in parts are nearer. b lies in rows of V vectors, a's
// elements k_step apart. With finish, what follows the sums is done. The lines of the results are fetched meanwhile.
#define PRODUCT(R, V) \
	static void NAME(product##R##_##V)(int64_t depth, const float *a, int64_t a_step, int64_t k_step, const float *b, const float *start, int64_t start_step, int last, const gk_finish *finish, float *out, int64_t out_step, int64_t columns) { \
		NAME(vec) sums[R][V]; \
		_Pragma("GCC unroll 8") for (int r = 0; r < R; r++) \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) { \
				__builtin_prefetch(out + r * out_step + v * LANES, 1); \
				if (finish && finish->mask) __builtin_prefetch(finish->mask + r * out_step + v * LANES); \
				if (finish && finish->after.added) __builtin_prefetch(finish->after.added + r * out_step + v * LANES); \
			} \
		_Pragma("GCC unroll 8") for (int r = 0; r < R; r++) \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) sums[r][v] = start && !last ? NAME(take)(start + r * start_step + v * LANES, columns - v * LANES) : (NAME(vec)){}; \
		for (int64_t k = 0; k < depth; k++, a += k_step, b += V * LANES) { \
			NAME(vec) row[V]; \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) row[v] = *(const NAME(vec) *)(b + v * LANES); \
			_Pragma("GCC unroll 8") for (int r = 0; r < R; r++) { \
				const NAME(vec) s = a[r * a_step] - (NAME(vec)){}; \
				_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) sums[r][v] += s * row[v]; \
			} \
		} \
		_Pragma("GCC unroll 8") for (int r = 0; r < R; r++) \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) { \
				if (start && last) sums[r][v] += NAME(take)(start + r * start_step + v * LANES, columns - v * LANES); \
				if (finish) sums[r][v] = NAME(finished)(finish, sums[r][v], v * LANES, r * out_step + v * LANES, columns - v * LANES); \
				NAME(give)(out + r * out_step + v * LANES, sums[r][v], columns - v * LANES); \
			} \
	}

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

#undef PRODUCT

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
