// Rows of convolutions of each channel by itself, see depthwise.h. Included by conv_tiles.h.

// Columns computed together.
enum { NAME(COLUMNS) = 4 };

// Computes so many of an output row's pixels from one on, by the kernel's columns from j0 up to j1, which meet the image.
static inline __attribute__((always_inline)) void NAME(depthwise_pixels)(const gk_depthwise_row *t, const int columns, int64_t column, int64_t j0, int64_t j1) {
	const gk_conv *c = t->c;
	const int64_t n = c->channels, step = c->stride_columns * n, gap = c->dilation_columns * n, start = column * c->stride_columns - c->left + j0 * c->dilation_columns;
	const gk_after *a = t->after;
	int64_t channel = 0;
	for (; channel + LANES <= n; channel += LANES) {
		NAME(vec) factor = (NAME(vec)){} + 1, bias = {};
		if (a->factor) factor = *(const NAME(vec) *)(a->factor + channel);
		if (a->bias) bias = *(const NAME(vec) *)(a->bias + channel);
		NAME(vec) sums[NAME(COLUMNS)] = {};
		for (int64_t i = t->first; i < t->end; i++) {
			const float *x = t->x + ((t->top + i * c->dilation_rows) * c->width + start) * n + channel, *from = t->kernel + (i * c->kernel_width + j0) * n + channel;
			for (int64_t j = j0; j < j1; j++, x += gap, from += n) {
				const NAME(vec) weights = *(const NAME(vec) *)from;
				_Pragma("GCC unroll 4") for (int k = 0; k < columns; k++) sums[k] += *(const NAME(vec) *)(x + k * step) * weights;
			}
		}
		for (int k = 0; k < columns; k++) *(NAME(vec) *)(t->y + (column + k) * n + channel) = NAME(rectified)(sums[k] * factor + bias, a->relu);
	}
	for (; channel < n; channel++) {
		for (int k = 0; k < columns; k++) {
			float sum = 0;
			for (int64_t i = t->first; i < t->end; i++)
				for (int64_t j = j0; j < j1; j++)
					sum += t->x[((t->top + i * c->dilation_rows) * c->width + start) * n + channel + (j - j0) * gap + k * step] * t->kernel[(i * c->kernel_width + j) * n + channel];
			sum = sum * (a->factor ? a->factor[channel] : 1) + (a->bias ? a->bias[channel] : 0);
			t->y[(column + k) * n + channel] = NAME(rectified_one)(sum, a->relu);
		}
	}
}

// columns_inside gives the output's columns, from first up to end, whose windows lie within the image.
static void NAME(columns_inside)(const gk_conv *c, int64_t *first, int64_t *end) {
	*first = min64(c->out_width, div_up(max64(c->left, 0), c->stride_columns));
	const int64_t room = c->width - 1 - (c->kernel_width - 1) * c->dilation_columns + c->left;
	*end = max64(*first, room < 0 ? 0 : min64(c->out_width, room / c->stride_columns + 1));
}

static void NAME(depthwise)(const gk_depthwise_row *t) {
	const gk_conv *c = t->c;
	int64_t first, end;
	NAME(columns_inside)(c, &first, &end);
	for (int64_t column = 0; column < c->out_width;) {
		if (column >= first && column + NAME(COLUMNS) <= end) {
			NAME(depthwise_pixels)(t, NAME(COLUMNS), column, 0, c->kernel_width);
			column += NAME(COLUMNS);
			continue;
		}
		const int64_t start = column * c->stride_columns - c->left;
		const int64_t j0 = min64(c->kernel_width, div_up(max64(0, -start), c->dilation_columns));
		NAME(depthwise_pixels)(t, 1, column, j0, max64(j0, min64(c->kernel_width, div_up(max64(0, c->width - start), c->dilation_columns))));
		column++;
	}
}

// Computes a row of the input's gradient, from that of an image's output: each of its pixels met the output's at (row + top - i*dilation_rows) / stride_rows and
// (column + left - j*dilation_columns) / stride_columns, as far as that is whole.
static void NAME(depthwise_input)(const gk_conv *c, const float *dy, const float *kernel, int64_t row, float *dx) {
	const int64_t n = c->channels;
	for (int64_t column = 0; column < c->width; column++, dx += n) {
		for (int64_t channel = 0; channel < n; channel += LANES) {
			const int64_t some = min64(LANES, n - channel);
			NAME(vec) sum = {};
			for (int64_t i = (row + c->top) % c->stride_rows; i < c->kernel_height; i += c->stride_rows) {
				const int64_t down = row + c->top - i * c->dilation_rows, y = down / c->stride_rows;
				if (down < 0 || y >= c->out_height) continue;
				for (int64_t j = (column + c->left) % c->stride_columns; j < c->kernel_width; j += c->stride_columns) {
					const int64_t across = column + c->left - j * c->dilation_columns, x = across / c->stride_columns;
					if (across < 0 || x >= c->out_width) continue;
					const float *d = dy + (y * c->out_width + x) * n + channel, *weights = kernel + (i * c->kernel_width + j) * n + channel;
					if (some == LANES)
						sum += *(const NAME(vec) *)d * *(const NAME(vec) *)weights;
					else
						for (int64_t k = 0; k < some; k++) sum[k] += d[k] * weights[k];
				}
			}
			if (some == LANES)
				*(NAME(vec) *)(dx + channel) = sum;
			else
				for (int64_t k = 0; k < some; k++) dx[channel + k] = sum[k];
		}
	}
}

// Adds an output row's part to the sums of some of the kernel's columns, from j on.
static inline __attribute__((always_inline)) void NAME(depthwise_columns)(const gk_depthwise_row *t, const int columns, int64_t i, int64_t j, int64_t channel, int64_t first, int64_t end) {
	const gk_conv *c = t->c;
	const int64_t n = c->channels, step = c->stride_columns * n, gap = c->dilation_columns * n;
	NAME(vec) sums[NAME(COLUMNS)] = {};
	const float *x = t->x + ((t->top + i * c->dilation_rows) * c->width + first * c->stride_columns - c->left + j * c->dilation_columns) * n + channel, *dy = t->dy + first * n + channel;
	for (int64_t column = first; column < end; column++, x += step, dy += n) {
		const NAME(vec) d = *(const NAME(vec) *)dy;
		_Pragma("GCC unroll 4") for (int k = 0; k < columns; k++) sums[k] += *(const NAME(vec) *)(x + k * gap) * d;
	}
	for (int k = 0; k < columns; k++) *(NAME(vec) *)(t->y + (i * c->kernel_width + j + k) * n + channel) += sums[k];
}

// The same for all of the kernel's columns, where some of them may lie outside the image.
static void NAME(depthwise_border)(const gk_depthwise_row *t, int64_t i, int64_t channel, int64_t first, int64_t end) {
	const gk_conv *c = t->c;
	for (int64_t column = first; column < end; column++) {
		const NAME(vec) d = *(const NAME(vec) *)(t->dy + column * c->channels + channel);
		int64_t at = column * c->stride_columns - c->left;
		for (int64_t j = 0; j < c->kernel_width; j++, at += c->dilation_columns) {
			if (at < 0 || at >= c->width) continue;
			*(NAME(vec) *)(t->y + (i * c->kernel_width + j) * c->channels + channel) += *(const NAME(vec) *)(t->x + ((t->top + i * c->dilation_rows) * c->width + at) * c->channels + channel) * d;
		}
	}
}

// Adds an output row's part to the gradient of the kernel, y.
static void NAME(depthwise_kernel)(const gk_depthwise_row *t) {
	const gk_conv *c = t->c;
	const int64_t n = c->channels;
	int64_t first, end;
	NAME(columns_inside)(c, &first, &end);
	int64_t channel = 0;
	for (; channel + LANES <= n; channel += LANES) {
		for (int64_t i = t->first; i < t->end; i++) {
			int64_t j = 0;
			for (; j + 3 <= c->kernel_width; j += 3) NAME(depthwise_columns)(t, 3, i, j, channel, first, end);
			for (; j < c->kernel_width; j++) NAME(depthwise_columns)(t, 1, i, j, channel, first, end);
			NAME(depthwise_border)(t, i, channel, 0, first);
			NAME(depthwise_border)(t, i, channel, end, c->out_width);
		}
	}
	for (; channel < n; channel++)
		for (int64_t i = t->first; i < t->end; i++)
			for (int64_t j = 0; j < c->kernel_width; j++)
				for (int64_t column = 0; column < c->out_width; column++) {
					const int64_t x = column * c->stride_columns - c->left + j * c->dilation_columns;
					if (x >= 0 && x < c->width) t->y[(i * c->kernel_width + j) * n + channel] += t->x[((t->top + i * c->dilation_rows) * c->width + x) * n + channel] * t->dy[column * n + channel];
				}
}
