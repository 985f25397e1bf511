// The transforms of Winograd's convolution by kernels of 3 by 3, for one width of vectors; conv_tiles.h includes it.

// Four values of a line to what they are multiplied as.
#define LINE_IN(to, a, b, c, d) ((to)[0] = (a) - (c), (to)[1] = (b) + (c), (to)[2] = (c) - (b), (to)[3] = (b) - (d))

// winograd_input turns a row of tiles, each of 4 by 4 pixels and two pixels from the next, into 16 matrices (tile, channel), step apart.
static void NAME(winograd_input)(const float *x, int64_t line, int64_t channels, int64_t tiles, int64_t step, float *out) {
	for (int64_t tile = 0; tile < tiles; tile++, x += 2 * channels, out += channels) {
		for (int64_t c = 0; c < channels; c += LANES) {
			NAME(vec) rows[4][4], column[4];
			for (int k = 0; k < 4; k++) {
				const float *at = x + k * channels + c;
				NAME(vec) to[4];
				LINE_IN(to, *(const NAME(vec) *)at, *(const NAME(vec) *)(at + line), *(const NAME(vec) *)(at + 2 * line), *(const NAME(vec) *)(at + 3 * line));
				for (int i = 0; i < 4; i++) rows[i][k] = to[i];
			}
			for (int i = 0; i < 4; i++) {
				LINE_IN(column, rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
				for (int k = 0; k < 4; k++) *(NAME(vec) *)(out + (4 * i + k) * step + c) = column[k];
			}
		}
	}
}

// winograd_gradient does the same with tiles of 2 by 2 pixels of an output's gradient.
static void NAME(winograd_gradient)(const float *dy, int64_t line, int64_t channels, int64_t tiles, int64_t step, float *out) {
	for (int64_t tile = 0; tile < tiles; tile++, dy += 2 * channels, out += channels) {
		for (int64_t c = 0; c < channels; c += LANES) {
			NAME(vec) rows[4][2];
			for (int k = 0; k < 2; k++) {
				const NAME(vec) a = *(const NAME(vec) *)(dy + k * channels + c), b = *(const NAME(vec) *)(dy + line + k * channels + c);
				rows[0][k] = a, rows[1][k] = (a + b) * .5f, rows[2][k] = (a - b) * .5f, rows[3][k] = b;
			}
			for (int i = 0; i < 4; i++) {
				const NAME(vec) a = rows[i][0], b = rows[i][1];
				float *to = out + 4 * i * step + c;
				*(NAME(vec) *)to = a;
				*(NAME(vec) *)(to + step) = (a + b) * .5f;
				*(NAME(vec) *)(to + 2 * step) = (a - b) * .5f;
				*(NAME(vec) *)(to + 3 * step) = b;
			}
		}
	}
}

// winograd_kernel turns the weights of 2 vectors of filters for one channel, taps being taps_step apart, into 16 rows, step apart.
static void NAME(winograd_kernel)(const float *taps, int64_t taps_step, int64_t step, float *out) {
	for (int v = 0; v < 2; v++) {
		NAME(vec) rows[4][3];
		for (int k = 0; k < 3; k++) {
			const float *at = taps + k * taps_step + v * LANES;
			const NAME(vec) a = *(const NAME(vec) *)at, b = *(const NAME(vec) *)(at + 3 * taps_step), c = *(const NAME(vec) *)(at + 6 * taps_step);
			rows[0][k] = a, rows[1][k] = (a + b + c) * .5f, rows[2][k] = (a - b + c) * .5f, rows[3][k] = c;
		}
		for (int i = 0; i < 4; i++) {
			const NAME(vec) a = rows[i][0], b = rows[i][1], c = rows[i][2];
			float *to = out + 4 * i * step + v * LANES;
			*(NAME(vec) *)to = a;
			*(NAME(vec) *)(to + step) = (a + b + c) * .5f;
			*(NAME(vec) *)(to + 2 * step) = (a - b + c) * .5f;
			*(NAME(vec) *)(to + 3 * step) = c;
		}
	}
}

// winograd_output turns 16 matrices (tile, 2 vectors of filters), step apart, into a row of tiles of 2 by 2 pixels. Of them rows and columns lie
// inside the output. With pooled, only each tile's maximum is stored, there.
static void NAME(winograd_output)(const gk_tile *t, const float *sums, int64_t step, int64_t tiles, int64_t rows, int64_t columns, const float *bias, float *out, float *pooled, uint8_t *positions) {
	for (int64_t tile = 0; tile < tiles; tile++, sums += 2 * LANES) {
		const int64_t inside = columns - 2 * tile;
		for (int v = 0; v < 2 && t->columns > v * LANES; v++) {
			const int64_t filters = t->columns - v * LANES;
			NAME(vec) m[4][2], y[4];
			for (int i = 0; i < 4; i++) {
				const float *from = sums + 4 * i * step + v * LANES;
				const NAME(vec) a = *(const NAME(vec) *)from, b = *(const NAME(vec) *)(from + step), c = *(const NAME(vec) *)(from + 2 * step), d = *(const NAME(vec) *)(from + 3 * step);
				m[i][0] = a + b + c;
				m[i][1] = b - c - d;
			}
			const NAME(vec) added = *(const NAME(vec) *)(bias + v * LANES);
			for (int k = 0; k < 2; k++) {
				y[k] = m[0][k] + m[1][k] + m[2][k] + added;
				y[2 + k] = m[1][k] - m[2][k] - m[3][k] + added;
			}
			if (!pooled) {
				float *to = out + 2 * tile * t->out_step + v * LANES;
				for (int i = 0; i < 2 && i < rows; i++)
					for (int k = 0; k < 2 && k < inside; k++) NAME(store)(t, y[2 * i + k], v * LANES, to + i * t->line_step + k * t->out_step);
				continue;
			}
			if (rows < 2 || inside < 2) continue;
			NAME(vec) best;
			NAME(bits) position = {};
			for (int k = 0; k < 4; k++) {
				if (t->factor) y[k] = y[k] * *(const NAME(vec) *)(t->factor + v * LANES) + *(const NAME(vec) *)(t->shift + v * LANES);
				y[k] = NAME(rectified)(y[k], t->relu);
				if (k == 0) {
					best = y[0];
					continue;
				}
				const NAME(bits) better = (y[k] > best) | (y[k] != y[k]);
				best = (NAME(vec))(((NAME(bits))best & ~better) | ((NAME(bits))y[k] & better));
				position = (position & ~better) | (k & better);
			}
			if (t->relu) position |= GK_NO_POSITION & (best <= (NAME(vec)){});
			const int64_t at = tile * t->out_step + v * LANES;
			if (filters >= LANES) {
				*(NAME(vec) *)(pooled + at) = best;
				if (positions) *(NAME(bytes) *)(positions + at) = __builtin_convertvector(position, NAME(bytes));
			} else {
				for (int64_t i = 0; i < filters; i++) {
					pooled[at + i] = best[i];
					if (positions) positions[at + i] = position[i];
				}
			}
		}
	}
}

// winograd_kernel_gradient turns 16 rows of n sums, step apart, into 9 rows of them, out_step apart.
static void NAME(winograd_kernel_gradient)(const float *sums, int64_t step, int64_t n, int64_t out_step, float *out) {
	for (int64_t f = 0; f < n; f += LANES) {
		NAME(vec) m[4][3];
		for (int i = 0; i < 4; i++) {
			const float *from = sums + 4 * i * step + f;
			const NAME(vec) a = *(const NAME(vec) *)from, b = *(const NAME(vec) *)(from + step), c = *(const NAME(vec) *)(from + 2 * step), d = *(const NAME(vec) *)(from + 3 * step);
			m[i][0] = a + b + c, m[i][1] = b - c, m[i][2] = b + c - d;
		}
		for (int k = 0; k < 3; k++) {
			float *to = out + k * out_step + f;
			*(NAME(vec) *)to = m[0][k] + m[1][k] + m[2][k];
			*(NAME(vec) *)(to + 3 * out_step) = m[1][k] - m[2][k];
			*(NAME(vec) *)(to + 6 * out_step) = m[1][k] + m[2][k] - m[3][k];
		}
	}
}

#undef LINE_IN
