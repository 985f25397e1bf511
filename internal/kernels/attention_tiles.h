// Rows of an attention's scores, for one width of vectors; conv_tiles.h includes it after rnn_tiles.h and layernorm_tiles.h. Rows are of whole vectors.

// What a source that doesn't count has for a score.
#define FAR (-0.7f * 3.402823466e38f)

static inline float NAME(highest)(NAME(vec) v) {
	float most = v[0];
	for (int i = 1; i < LANES; i++) most = v[i] > most ? v[i] : most;
	return most;
}

// Makes scores of n sources weights that aren't divided by their sum, and returns that; where no source counts, minus that. What follows the sources becomes 0.
static float NAME(softmax)(float *row, int64_t n, float scale, const uint8_t *mask, int64_t mask_step) {
	const float lowest = -__builtin_inff();
	const int64_t end = (n + LANES - 1) / LANES * LANES;
	NAME(vec) most = lowest - (NAME(vec)){};
	for (int64_t i = n; i < end; i++) row[i] = lowest;
	for (int64_t i = 0; i < end; i += LANES) {
		NAME(vec) x = *(NAME(vec) *)(row + i) * scale;
		if (mask) {
			NAME(bits) counts = {};
			if (mask_step == 1 && i + LANES <= n)
				counts = __builtin_convertvector(*(const NAME(bytes) *)(mask + i), NAME(bits)) != 0;
			else
				for (int64_t l = 0; l < LANES && i + l < n; l++) counts[l] = mask[(i + l) * mask_step] ? -1 : 0;
			x = NAME(choose)(counts, x, FAR - (NAME(vec)){});
			if (i + LANES > n)
				for (int64_t l = n - i; l < LANES; l++) x[l] = lowest;
		}
		most = NAME(choose)(x > most, x, most);
		*(NAME(vec) *)(row + i) = x;
	}
	const float highest = NAME(highest)(most);
	NAME(vec) sum = {};
	for (int64_t i = 0; i < end; i += LANES) {
		const NAME(vec) x = *(NAME(vec) *)(row + i) - highest;
		const NAME(bits) gone = x < -87;
		NAME(vec) scale, part = NAME(exponential)(NAME(choose)(gone, (NAME(vec)){}, x), &scale);
		const NAME(vec) weight = (NAME(vec))((NAME(bits))(scale * part + scale) & ~gone);
		*(NAME(vec) *)(row + i) = weight;
		sum += weight;
	}
	return mask && highest == FAR ? -NAME(total)(sum) : NAME(total)(sum);
}

// Makes the gradient for n weights, which sum to 1, that for the scores.
static void NAME(softmax_gradient)(const float *weights, float *row, int64_t n, float scale) {
	const int64_t end = (n + LANES - 1) / LANES * LANES;
	for (int64_t i = n; i < end; i++) row[i] = 0;
	NAME(vec) sum = {};
	for (int64_t i = 0; i < end; i += LANES) sum += *(const NAME(vec) *)(weights + i) * *(NAME(vec) *)(row + i);
	const float mean = NAME(total)(sum);
	for (int64_t i = 0; i < end; i += LANES) *(NAME(vec) *)(row + i) = *(const NAME(vec) *)(weights + i) * (*(NAME(vec) *)(row + i) - mean) * scale;
}

#undef FAR
