//go:build cgo && linux && amd64

#include "product.h"

#include <string.h>

int64_t gk_packed_size(const gk_tiles *t, int64_t depth, int64_t columns) { return depth * div_up(columns, t->lanes) * t->lanes; }

// copy_rows copies panels of n columns, row by row, and fetches rows that it will come to: they may lie too far apart for the processor to guess.
static inline __attribute__((always_inline)) void copy_rows(int64_t depth, int64_t n, int64_t panels, const float *from, int64_t step, float *to) {
	for (int64_t k = 0; k < depth; k++) {
		const float *row = from + k * step;
		for (int64_t i = 0; i < panels; i++) {
			__builtin_prefetch(row + 8 * step + i * n);
			__builtin_prefetch(row + 8 * step + i * n + 16);
			memcpy(to + (i * depth + k) * n, row + i * n, n * sizeof *to);
		}
	}
}

gk_panels gk_pack(const gk_tiles *t, int64_t depth, int64_t columns, const float *from, int64_t row, int64_t column, float *to) {
	const gk_panels p = {depth, columns, to};
	for (int64_t j = 0, n; j < columns; j += n) {
		n = columns - j > t->lanes ? 2 * t->lanes : t->lanes;
		const int64_t whole = min64(n, columns - j);
		if (row == 1 && whole == n) {
			for (int64_t i = 0; i < n; i += t->lanes) t->turn(from + (j + i) * column, column, depth, to + i, n);
			to += depth * n;
			continue;
		}
		if (column == 1 && whole == n) {
			const int64_t panels = n > t->lanes ? (columns - j) / n : 1;
			switch (n) { // copies of constant sizes need no call
			case 32: copy_rows(depth, 32, panels, from + j, row, to); break;
			case 16: copy_rows(depth, 16, panels, from + j, row, to); break;
			default: copy_rows(depth, n, panels, from + j, row, to);
			}
			to += depth * n * panels;
			n *= panels;
			continue;
		}
		for (int64_t k = 0; k < depth; k++, to += n) {
			for (int64_t i = 0; i < whole; i++) to[i] = from[k * row + (j + i) * column];
			for (int64_t i = whole; i < n; i++) to[i] = 0;
		}
	}
	return p;
}

void gk_multiply(const gk_tiles *t, int64_t rows, const float *a, int64_t a_step, const gk_panels *b, const float *start, int64_t start_step, float *out, int64_t out_step) {
	const float *panel = b->values;
	for (int64_t j = 0, n; j < b->columns; j += n, panel += b->depth * n) {
		n = b->columns - j > t->lanes ? 2 * t->lanes : t->lanes;
		for (int64_t r = 0, m; r < rows; r += m) {
			m = min64(t->rows, rows - r);
			t->product[m][n / t->lanes](b->depth, a + r * a_step, a_step, 1, panel, start ? start + r * start_step + j : NULL, start_step, 0, NULL, out + r * out_step + j, out_step, b->columns - j);
		}
	}
}
