// The innermost loops, for one width of vectors. Included once for each, with
//   LANES  floats in a vector
//   NAME   gives a function its name for this width
//   ROWS   rows of the largest tile: ROWS x 2 vectors of sums must fit the registers
//   SQUARE_ROOT(v)  of a vector
//   ADD_PRODUCT(sum, a, b)  sum += a * b, of vectors, with one rounding and without a copy of the sum: compilers make copies in loops, which take the place of products
//   WIDENED(bytes)  a vector of as many bytes as integers
//   FIRST(from, n)  a vector of the first n floats, fewer than it holds, and zeros

typedef float NAME(vec) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t NAME(bits) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint8_t NAME(bytes) __attribute__((vector_size(LANES), aligned(1), may_alias));

// The sum of a vector.
static inline __attribute__((always_inline)) float NAME(total)(NAME(vec) v) {
	_Pragma("GCC unroll 4") for (int half = LANES / 2; half > 0; half /= 2) {
		NAME(bits) other;
		_Pragma("GCC unroll 16") for (int i = 0; i < LANES; i++) other[i] = i ^ half;
		v += __builtin_shuffle(v, other);
	}
	return v[0];
}

// The rows of a tile are reached from two pointers, of which compilers shall not make one: it would take a register for each row's distance.
#define HALF(R) (((R) + 1) / 2)
#define APART_FROM(pointer) __asm__("" : "+r"(pointer))

// sums[r][v] = bias[v] + sum over lines, pieces and k of a[r*step + k] * b[k*b_step + v*LANES], for V vectors
#define TILE_FORWARD(R, V) \
	static void NAME(forward##R##_##V)(const gk_tile *t, const float *x, const float *b, const float *bias, float *out) { \
		NAME(vec) sums[R][V]; \
		_Pragma("GCC unroll 8") for (int r = 0; r < R; r++) \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) sums[r][v] = *(const NAME(vec) *)(bias + v * LANES); \
		const int64_t step = t->step, length = t->length, b_step = t->b_step, pieces = t->pieces; \
		for (int64_t i = 0; i < t->lines; i++) { \
			const float *a = x + i * t->line_step; \
			for (int64_t piece = 0; piece < pieces; piece++, a += t->piece_step) { \
				const float *upper = a, *lower = a + HALF(R) * step; \
				APART_FROM(lower); \
				for (const float *end = a + length; upper < end; upper++, lower++, b += b_step) { \
					NAME(vec) row[V]; \
					_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) row[v] = *(const NAME(vec) *)(b + v * LANES); \
					_Pragma("GCC unroll 8") for (int r = 0; r < R; r++) { \
						const NAME(vec) s = (r < HALF(R) ? upper + r * step : lower + (r - HALF(R)) * step)[0] - (NAME(vec)){}; \
						_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) ADD_PRODUCT(sums[r][v], s, row[v]); \
					} \
				} \
			} \
		} \
		_Pragma("GCC unroll 8") for (int r = 0; r < R; r++) \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) NAME(store)(t, sums[r][v], v * LANES, out + r * t->out_step + v * LANES); \
	}

static inline __attribute__((always_inline)) NAME(vec) NAME(rectified)(NAME(vec) v, int relu) {
	if (relu) v = (NAME(vec))((NAME(bits))v & ~(v <= (NAME(vec)){}));
	if (relu == GK_RELU6) {
		const NAME(vec) six = 6 - (NAME(vec)){};
		const NAME(bits) above = v >= six;
		v = (NAME(vec))(((NAME(bits))six & above) | ((NAME(bits))v & ~above));
	}
	return v;
}

static inline __attribute__((always_inline)) float NAME(rectified_one)(float v, int relu) { return relu && v <= 0 ? 0 : relu == GK_RELU6 && v >= 6 ? 6 : v; }

static inline __attribute__((always_inline)) void NAME(store)(const gk_tile *t, NAME(vec) v, int at, float *out) {
	const int64_t columns = t->columns - at;
	if (t->factor) v = v * *(const NAME(vec) *)(t->factor + at) + *(const NAME(vec) *)(t->shift + at);
	if (t->adds) v += columns >= LANES ? *(const NAME(vec) *)(out + t->added) : (NAME(vec))FIRST(out + t->added, columns);
	v = NAME(rectified)(v, t->relu);
	if (columns >= LANES) {
		if (t->masked) v = (NAME(vec))((NAME(bits))v & ~(*(const NAME(vec) *)(out + t->mask) <= (NAME(vec)){}));
		*(NAME(vec) *)out = v;
		return;
	}
	for (int64_t i = 0; i < columns; i++) out[i] = t->masked && out[i + t->mask] <= 0 ? 0 : v[i];
}

static void NAME(add_rows)(const float *rows, int64_t count, int64_t step, int64_t n, float *sums) {
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		NAME(vec) sum = *(NAME(vec) *)(sums + i);
		for (int64_t r = 0; r < count; r++) sum += *(const NAME(vec) *)(rows + r * step + i);
		*(NAME(vec) *)(sums + i) = sum;
	}
	for (; i < n; i++)
		for (int64_t r = 0; r < count; r++) sums[i] += rows[r * step + i];
}

static void NAME(pool)(const float *upper, const float *lower, int64_t windows, int64_t n, int relu, float *pooled, uint8_t *positions) {
	for (int64_t w = 0; w < windows; w++, upper += 2 * n, lower += 2 * n, pooled += n) {
		const float *from[4] = {upper, upper + n, lower, lower + n};
		int64_t i = 0;
		for (; i + LANES <= n; i += LANES) {
			NAME(vec) best = *(const NAME(vec) *)(from[0] + i);
			NAME(bits) position = {};
			for (int k = 1; k < 4; k++) {
				const NAME(vec) v = *(const NAME(vec) *)(from[k] + i);
				const NAME(bits) better = (v > best) | (v != v);
				best = (NAME(vec))(((NAME(bits))best & ~better) | ((NAME(bits))v & better));
				position = (position & ~better) | (k & better);
			}
			*(NAME(vec) *)(pooled + i) = best;
			if (!positions) continue;
			if (relu) position |= GK_NO_POSITION & (best <= (NAME(vec)){});
			*(NAME(bytes) *)(positions + i) = __builtin_convertvector(position, NAME(bytes));
		}
		for (; i < n; i++) {
			float best = from[0][i];
			uint8_t position = 0;
			for (int k = 1; k < 4; k++) {
				const float v = from[k][i];
				if (v > best || v != v) best = v, position = k;
			}
			pooled[i] = best;
			if (positions) positions[i] = relu && best <= 0 ? GK_NO_POSITION : position;
		}
		if (positions) positions += n;
	}
}

static void NAME(place)(const float *values, const uint8_t *positions, int place, int64_t n, float *out) {
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		const NAME(bits) position = WIDENED(positions + i);
		*(NAME(vec) *)(out + i) = (NAME(vec))(*(const NAME(bits) *)(values + i) & (position == place));
	}
	for (; i < n; i++) out[i] = positions[i] == place ? values[i] : 0;
}

// sums[r][v] += sum over lines and k of a[k*step + r] * b[k*b_step + v*LANES], for V vectors, sums being rows of out.
#define TILE_GRADIENT(R, V) \
	static void NAME(gradient##R##_##V)(const gk_tile *t, const float *x, const float *dy, float *out) { \
		NAME(vec) sums[R][V]; \
		_Pragma("GCC unroll 8") for (int r = 0; r < R; r++) \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) sums[r][v] = *(NAME(vec) *)(out + r * t->out_step + v * LANES); \
		const int64_t step = t->step, length = t->length, b_step = t->b_step; \
		for (int64_t i = 0; i < t->lines; i++) { \
			const float *a = x + i * t->line_step, *b = dy + i * t->b_line_step; \
			for (int64_t k = 0; k < length; k++) { \
				NAME(vec) row[V]; \
				_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) row[v] = *(const NAME(vec) *)(b + v * LANES); \
				_Pragma("GCC unroll 8") for (int r = 0; r < R; r++) { \
					const NAME(vec) s = a[r] - (NAME(vec)){}; \
					_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) ADD_PRODUCT(sums[r][v], s, row[v]); \
				} \
				a += step; \
				b += b_step; \
			} \
		} \
		_Pragma("GCC unroll 8") for (int r = 0; r < R; r++) \
			_Pragma("GCC unroll 2") for (int v = 0; v < V; v++) *(NAME(vec) *)(out + r * t->out_step + v * LANES) = sums[r][v]; \
	}

#define TILES(R) TILE_FORWARD(R, 1) TILE_FORWARD(R, 2) TILE_GRADIENT(R, 1) TILE_GRADIENT(R, 2)

TILES(1)
TILES(2)
TILES(3)
TILES(4)
TILES(5)
TILES(6)
#if ROWS > 6
TILES(7)
TILES(8)
#endif

// sums[r][v] += sum over k of x[r*x_step + k] * b[k*b_step + v*LANES]
static inline __attribute__((always_inline)) void NAME(dense_rows)(const int rows, const int depth, const float *x, int64_t x_step, const float *b, int64_t b_step, int64_t vectors, float *sums, int64_t sums_step) {
	for (int64_t v = 0; v < vectors; v++, b += LANES, sums += LANES) {
		NAME(vec) s[GK_DENSE_ROWS];
		for (int r = 0; r < rows; r++) s[r] = *(NAME(vec) *)(sums + r * sums_step);
		for (int k = 0; k < depth; k++) {
			const NAME(vec) weights = *(const NAME(vec) *)(b + k * b_step);
			for (int r = 0; r < rows; r++) s[r] += (x[r * x_step + k] - (NAME(vec)){}) * weights;
		}
		for (int r = 0; r < rows; r++) *(NAME(vec) *)(sums + r * sums_step) = s[r];
	}
}

#define DENSE(R) \
	static void NAME(dense##R)(const float *x, int64_t x_step, int64_t depth, const float *b, int64_t b_step, int64_t vectors, float *sums, int64_t sums_step) { \
		if (depth == GK_DENSE_DEPTH) { \
			NAME(dense_rows)(R, GK_DENSE_DEPTH, x, x_step, b, b_step, vectors, sums, sums_step); \
			return; \
		} \
		for (int64_t k = 0; k < depth; k++) NAME(dense_rows)(R, 1, x + k, x_step, b + k * b_step, b_step, vectors, sums, sums_step); \
	}

DENSE(1)
DENSE(2)
DENSE(3)
DENSE(4)

static void NAME(adam)(const gk_adam *a) {
	const NAME(vec) zero = {}, rate = a->rate - zero, share1 = a->momentum_share - zero, share2 = a->velocity_share - zero, epsilon = a->epsilon - zero;
	for (int64_t i = 0; i < a->size; i += LANES) {
		float rest[4][LANES], results[3][LANES];
		const float *in[] = {a->weights + i, a->momentum + i, a->velocity + i, a->gradient + i};
		float *out[] = {a->new_weights + i, a->new_momentum + i, a->new_velocity + i};
		const int64_t n = a->size - i;
		if (n < LANES) // the last few, in vectors of their own
			for (int k = 0; k < 4; k++) {
				for (int64_t l = 0; l < LANES; l++) rest[k][l] = l < n ? in[k][l] : 0;
				in[k] = rest[k];
			}
		const NAME(vec) g = *(const NAME(vec) *)in[3];
		NAME(vec) m = *(const NAME(vec) *)in[1], v = *(const NAME(vec) *)in[2];
		m += (g - m) * share1;
		v += (g * g - v) * share2;
		const NAME(vec) w = *(const NAME(vec) *)in[0] - m * rate / (SQUARE_ROOT(v) + epsilon);
		if (n < LANES) {
			*(NAME(vec) *)results[0] = w, *(NAME(vec) *)results[1] = m, *(NAME(vec) *)results[2] = v;
			for (int k = 0; k < 3; k++)
				for (int64_t l = 0; l < n; l++) out[k][l] = results[k][l];
			continue;
		}
		*(NAME(vec) *)out[0] = w, *(NAME(vec) *)out[1] = m, *(NAME(vec) *)out[2] = v;
	}
}

#include "winograd_tiles.h"
#include "product_tiles.h"
#include "few_tiles.h"
#include "rnn_tiles.h"
#include "sum_tiles.h"
#include "depthwise_tiles.h"
#include "maxpool_tiles.h"
#include "layernorm_tiles.h"
#include "attention_tiles.h"
#include "dropout_tiles.h"
#include "elementwise_tiles.h"
#include "rows_tiles.h"
#include "lookup_tiles.h"
#include "maxima_tiles.h"

const gk_tiles NAME(tiles) = {
	.lanes = LANES,
	.rows = ROWS,
	.dense = {0, NAME(dense1), NAME(dense2), NAME(dense3), NAME(dense4)},
	.add_rows = NAME(add_rows),
	.pool = NAME(pool),
	.place = NAME(place),
	.adam = NAME(adam),
	.sum = NAME(sum),
	.maxima = NAME(column_maxima),
	.maxima_gradient = NAME(column_maxima_gradient),
	.lookup = NAME(lookup),
	.lookup_gradient = NAME(lookup_gradient),
	.layernorm = NAME(layernorm),
	.layernorm_gradient = NAME(layernorm_gradient),
	.softmax = NAME(softmax),
	.softmax_gradient = NAME(softmax_gradient),
	.depthwise = NAME(depthwise),
	.depthwise_input = NAME(depthwise_input),
	.depthwise_kernel = NAME(depthwise_kernel),
	.max_pool = NAME(max_pool),
	.max_pool_gradient = NAME(max_pool_gradient),
	.winograd_input = NAME(winograd_input),
	.winograd_gradient = NAME(winograd_gradient),
	.winograd_kernel = NAME(winograd_kernel),
	.winograd_output = NAME(winograd_output),
	.winograd_kernel_gradient = NAME(winograd_kernel_gradient),
#define BY_ROWS(what, R) {0, NAME(what##R##_1), NAME(what##R##_2)}
#if ROWS > 6
#define BY_SIZE(what) {{0}, BY_ROWS(what, 1), BY_ROWS(what, 2), BY_ROWS(what, 3), BY_ROWS(what, 4), BY_ROWS(what, 5), BY_ROWS(what, 6), BY_ROWS(what, 7), BY_ROWS(what, 8)}
#else
#define BY_SIZE(what) {{0}, BY_ROWS(what, 1), BY_ROWS(what, 2), BY_ROWS(what, 3), BY_ROWS(what, 4), BY_ROWS(what, 5), BY_ROWS(what, 6)}
#endif
	.forward = BY_SIZE(forward),
	.gradient = BY_SIZE(gradient),
	.product = BY_SIZE(product),
	.product_ahead = NAME(product_ahead),
	.product_copied = NAME(product_copied),
	.rnn = {NAME(simple_rnn), NAME(lstm), NAME(gru)},
	.rnn_gradient = {NAME(simple_rnn_gradient), NAME(lstm_gradient), NAME(gru_gradient)},
	.turn = NAME(turn),
	.few = NAME(few),
	.finish = NAME(finish),
	.drop = NAME(drop),
	.steps = NAME(steps),
	.reduce = NAME(reduce),
};

#undef TILES
#undef HALF
#undef APART_FROM
#undef TILE_FORWARD
#undef TILE_GRADIENT
#undef BY_ROWS
#undef BY_SIZE
#undef DENSE
