// Rows of max-pools, see maxpool.h. Included by conv_tiles.h.

// Takes the maxima of windows of rows by columns beside each other, as many as a vector holds or fewer; x is their first places, of the number first.
static inline __attribute__((always_inline)) void NAME(maxima)(const gk_conv *c, const float *x, int64_t rows, int64_t columns, int first, const int64_t some, int relu, float *y, uint8_t *positions) {
	NAME(vec) best = some == LANES ? *(const NAME(vec) *)x : FIRST(x, some);
	NAME(bits) position = (NAME(bits)){} + first;
	for (int64_t i = 0; i < rows; i++) {
		const float *from = x + i * c->width * c->channels;
		int place = first + i * c->kernel_width;
		for (int64_t j = 0; j < columns; j++, from += c->channels, place++) {
			const NAME(vec) v = some == LANES ? *(const NAME(vec) *)from : FIRST(from, some);
			const NAME(bits) better = (v > best) | (v != v);
			best = (NAME(vec))(((NAME(bits))best & ~better) | ((NAME(bits))v & better));
			position = (position & ~better) | (place & better);
		}
	}
	if (relu) position |= GK_NO_POSITION & (best <= (NAME(vec)){});
	if (some == LANES) {
		*(NAME(vec) *)y = best;
		if (positions) *(NAME(bytes) *)positions = __builtin_convertvector(position, NAME(bytes));
		return;
	}
	for (int64_t k = 0; k < some; k++) {
		y[k] = best[k];
		if (positions) positions[k] = position[k];
	}
}

// Takes the maxima of n floats' windows, of a pixel or of pixels whose windows lie side by side with strides of one column. The first of them has its rows from
// i0 up to i1 and its columns from j0 up to j1 in the image, and begins in the row top and the column start.
static void NAME(max_pool_pixels)(const gk_conv *c, const float *x, int64_t top, int64_t i0, int64_t i1, int64_t start, int64_t j0, int64_t j1, int64_t n, int relu, float *y, uint8_t *positions) {
	if (i0 >= i1 || j0 >= j1) {
		for (int64_t at = 0; at < n; at++) {
			y[at] = -__builtin_inff();
			if (positions) positions[at] = GK_NO_POSITION;
		}
		return;
	}
	x += ((top + i0) * c->width + start + j0) * c->channels;
	const int first = i0 * c->kernel_width + j0;
	if (n < LANES) {
		NAME(maxima)(c, x, i1 - i0, j1 - j0, first, n, relu, y, positions);
		return;
	}
	for (int64_t at = 0; at < n; at += LANES) {
		at = min64(at, n - LANES); // the last ones, some of them once more
		NAME(maxima)(c, x + at, i1 - i0, j1 - j0, first, LANES, relu, y + at, positions ? positions + at : NULL);
	}
}

// Computes a row of an image's max-pool.
static void NAME(max_pool)(const gk_conv *c, const float *x, int64_t row, int relu, float *y, uint8_t *positions) {
	const int64_t top = row * c->stride_rows - c->top;
	const int64_t i0 = min64(c->kernel_height, max64(0, -top)), i1 = min64(c->kernel_height, c->height - top);
	int64_t first, end;
	NAME(columns_inside)(c, &first, &end);
	for (int64_t column = 0, pixels; column < c->out_width; column += pixels) {
		const int64_t start = column * c->stride_columns - c->left;
		const int64_t j0 = min64(c->kernel_width, max64(0, -start)), j1 = min64(c->kernel_width, c->width - start);
		pixels = c->stride_columns == 1 && column == first && first < end ? end - first : 1;
		NAME(max_pool_pixels)(c, x, top, i0, i1, start, j0, j1, pixels * c->channels, relu, y, positions);
		y += pixels * c->channels;
		if (positions) positions += pixels * c->channels;
	}
}

// Adds up what n floats of an image get, of a pixel or of pixels whose windows lie side by side: from the output's rows from r0 up to r1 and columns from c0 up to
// c1, in whose windows the first float is.
static void NAME(unpool)(const gk_conv *c, const float *dy, const uint8_t *positions, int64_t row, int64_t r0, int64_t r1, int64_t column, int64_t c0, int64_t c1, int64_t n, float *dx) {
	const int64_t line = c->out_width * c->channels;
	// Its place in the window of the output's row r0 and column c0, and how much sooner it comes in the window of the next row and column.
	const int first = (row + c->top - r0 * c->stride_rows) * c->kernel_width + column + c->left - c0 * c->stride_columns;
	const int row_places = c->stride_rows * c->kernel_width, column_places = c->stride_columns;
	const int64_t start = r0 * line + c0 * c->channels;
	for (int64_t at = 0; n >= LANES && at < n; at += LANES) {
		at = min64(at, n - LANES); // the last ones, some of them once more
		NAME(vec) sum = {};
		for (int64_t r = 0; r < r1 - r0; r++) {
			int64_t from = start + r * line + at;
			int place = first - r * row_places;
			for (int64_t k = c0; k < c1; k++, from += c->channels, place -= column_places) {
				const NAME(bits) position = WIDENED(positions + from);
				sum += (NAME(vec))(*(const NAME(bits) *)(dy + from) & (position == place));
			}
		}
		*(NAME(vec) *)(dx + at) = sum;
	}
	for (int64_t at = 0; n < LANES && at < n; at++) {
		float sum = 0;
		for (int64_t r = 0; r < r1 - r0; r++) {
			int64_t from = start + r * line + at;
			int place = first - r * row_places;
			for (int64_t k = c0; k < c1; k++, from += c->channels, place -= column_places)
				sum += positions[from] == place ? dy[from] : 0;
		}
		dx[at] = sum;
	}
}

// Computes a row of the image's gradient.
static void NAME(max_pool_gradient)(const gk_conv *c, const float *dy, const uint8_t *positions, int64_t row, float *dx) {
	// The windows that a row or column is in begin at most at it, and end behind it.
	const int64_t r1 = min64(c->out_height, (row + c->top) / c->stride_rows + 1);
	const int64_t r0 = min64(r1, div_up(max64(0, row + c->top - c->kernel_height + 1), c->stride_rows));
	for (int64_t column = 0, c0 = 0, c1 = 0, pixels; column < c->width; column += pixels) {
		const int64_t at = column + c->left;
		while (c1 < c->out_width && c1 * c->stride_columns <= at) c1++;
		while (c0 < c1 && c0 * c->stride_columns + c->kernel_width <= at) c0++;
		// With strides of one column, those are alike that are in as many windows as there can be.
		pixels = c->stride_columns == 1 && c1 - c0 == c->kernel_width ? min64(c->width, c->out_width - c->left) - column : 1;
		NAME(unpool)(c, dy, positions, row, r0, r1, column, c0, c1, pixels * c->channels, dx);
		dx += pixels * c->channels;
	}
}
