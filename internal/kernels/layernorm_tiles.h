// Rows that are normalized, see layernorm.h, for one width of vectors; conv_tiles.h includes it after product_tiles.h.

// The mean of a row, and one over its deviation.
static inline __attribute__((always_inline)) void NAME(moments)(const float *x, int64_t n, float epsilon, float *mean, float *factor) {
	NAME(vec) sum = {}, squares = {};
	for (int64_t i = 0; i < n; i += LANES) sum += NAME(take)(x + i, n - i);
	const float m = NAME(total)(sum) / n;
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		const NAME(vec) d = *(const NAME(vec) *)(x + i) - m;
		squares += d * d;
	}
	float rest = 0;
	for (; i < n; i++) rest += (x[i] - m) * (x[i] - m);
	*mean = m;
	*factor = 1 / __builtin_sqrtf((NAME(total)(squares) + rest) / n + epsilon);
}

static void NAME(layernorm)(const gk_layernorm *l, int64_t row) {
	const int64_t n = l->columns;
	const float *x = l->x + row * n;
	float mean, factor;
	NAME(moments)(x, n, l->epsilon, &mean, &factor);
	for (int64_t i = 0; i < n; i += LANES) {
		const NAME(vec) f = factor * NAME(take)(l->gamma + i, n - i);
		NAME(give)(l->y + row * n + i, NAME(take)(x + i, n - i) * f + (NAME(take)(l->beta + i, n - i) - mean * f), n - i);
	}
}

// Computes a row of dx, and adds the row to the sums that are gamma's gradient and beta's.
static void NAME(layernorm_gradient)(const gk_layernorm *l, int64_t row, float *dgamma, float *dbeta) {
	const int64_t n = l->columns;
	const float *x = l->x + row * n, *dy = l->dy + row * n;
	float mean, factor;
	NAME(moments)(x, n, l->epsilon, &mean, &factor);
	NAME(vec) plain = {}, along = {};
	for (int64_t i = 0; i < n; i += LANES) {
		const NAME(vec) d = NAME(take)(dy + i, n - i), normal = (NAME(take)(x + i, n - i) - mean) * factor, g = d * NAME(take)(l->gamma + i, n - i);
		NAME(give)(l->dx + row * n + i, g, n - i);
		plain += g;
		along += g * normal;
		NAME(give)(dgamma + i, NAME(take)(dgamma + i, n - i) + d * normal, n - i);
		NAME(give)(dbeta + i, NAME(take)(dbeta + i, n - i) + d, n - i);
	}
	const float mean_plain = NAME(total)(plain) / n, mean_along = NAME(total)(along) / n;
	for (int64_t i = 0; i < n; i += LANES) {
		const NAME(vec) g = NAME(take)(l->dx + row * n + i, n - i), normal = (NAME(take)(x + i, n - i) - mean) * factor;
		NAME(give)(l->dx + row * n + i, (g - mean_plain - normal * mean_along) * factor, n - i);
	}
}
