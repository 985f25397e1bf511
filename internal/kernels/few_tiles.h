// Convolutions with few filters, see conv.c; conv_tiles.h includes it. A vector holds products of one filter, which are added up at the end.

static inline __attribute__((always_inline)) void NAME(few_pixels)(const gk_tile *t, const float *x, const int pixels, const float *weights, int64_t filters, const float *bias, float *out) {
	for (int64_t f = 0; f < filters; f++) {
		NAME(vec) sums[4] = {};
		for (int64_t i = 0; i < t->lines; i++, weights += t->length) {
			const float *from = x + i * t->line_step;
			int64_t k = 0;
			for (; k + LANES <= t->length; k += LANES) {
				const NAME(vec) w = *(const NAME(vec) *)(weights + k);
				_Pragma("GCC unroll 4") for (int p = 0; p < pixels; p++) sums[p] += w * *(const NAME(vec) *)(from + p * t->step + k);
			}
			if (k == t->length) continue;
			const NAME(vec) w = FIRST(weights + k, t->length - k);
			_Pragma("GCC unroll 4") for (int p = 0; p < pixels; p++) sums[p] += w * FIRST(from + p * t->step + k, t->length - k);
		}
		_Pragma("GCC unroll 4") for (int p = 0; p < pixels; p++) {
			float *y = out + p * t->out_step + f;
			float v = NAME(total)(sums[p]) + bias[f];
			if (t->factor) v = v * t->factor[f] + t->shift[f];
			if (t->adds) v += y[t->added];
			v = NAME(rectified_one)(v, t->relu);
			*y = t->masked && y[t->mask] <= 0 ? 0 : v;
		}
	}
}

static void NAME(few)(const gk_tile *t, const float *x, int64_t pixels, const float *weights, int64_t filters, const float *bias, float *out) {
	int64_t p = 0;
	for (; p + 4 <= pixels; p += 4) NAME(few_pixels)(t, x + p * t->step, 4, weights, filters, bias, out + p * t->out_step);
	for (; p < pixels; p++) NAME(few_pixels)(t, x + p * t->step, 1, weights, filters, bias, out + p * t->out_step);
}
