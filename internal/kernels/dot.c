//go:build cgo && linux && amd64

#include "dot.h"

#include "dense.h"
#include "product.h"
#include "scratch.h"

enum {
	FEW = 8,                 // rows for which b isn't worth copying
	DEPTH = 256,             // of a panel at most, which the first cache holds then
	PACKED = 1 << 18,        // floats that are copied at a time
	TILES = 16, UNITS = 8,    // tiles of rows in a unit; units to make, where there are fewer rows
	STRIPE = 8,              // panels that one unit copies
	WORTH_THREADS = 1 << 18, // products
};

// A part of the columns and of the depth.
typedef struct {
	const gk_dot *d;
	const gk_tiles *tiles;
	int64_t column0, columns, padded; // padded: rounded up to vectors
	int64_t depth0, depth, deep; // deep: of a panel
	int64_t panel, panels; // columns of a panel, and panels
	int64_t block;         // rows of a unit
	int64_t stripe, stripes; // panels of a unit, and units beside each other
	float *packed;         // b, by blocks of the depth, in panels each
	float *turned;         // a, by blocks of the depth, in tiles each, where several units need the same
	int64_t tiled;         // rows rounded up to tiles
} part;

// turn copies a stretch of a's depth, tile by tile of its rows.
static void turn(const part *j, int64_t row0, int64_t rows, int64_t k0, int64_t depth, float *to) {
	const gk_dot *d = j->d;
	const int64_t high = j->tiles->rows;
	for (int64_t k = 0; k < depth; k++) {
		const float *from = d->a + (k0 + k) * d->rows + row0;
		for (int64_t r = 0; r < rows; r += high) {
			const int64_t m = min64(high, rows - r);
			for (int64_t i = 0; i < m; i++) to[r * depth + k * high + i] = from[r + i];
		}
	}
}


static void pack(void *data, int64_t at) {
	const part *j = data;
	const gk_dot *d = j->d;
	const int64_t groups = div_up(j->panels, STRIPE), blocks = div_up(j->depth, j->deep);
	if (at >= groups * blocks) {
		const int64_t k0 = (at - groups * blocks) * j->deep;
		turn(j, 0, d->rows, j->depth0 + k0, min64(j->deep, j->depth - k0), j->turned + k0 * j->tiled);
		return;
	}
	const int64_t k0 = at / groups * j->deep, depth = min64(j->deep, j->depth - k0);
	const int64_t column0 = at % groups * STRIPE * j->panel, columns = min64(STRIPE * j->panel, j->columns - column0);
	const int64_t k = j->depth0 + k0, column = j->column0 + column0;
	float *to = j->packed + k0 * j->padded + column0 * depth;
	if (d->b_turned)
		gk_pack(j->tiles, depth, columns, d->b + column * d->depth + k, 1, d->depth, to);
	else
		gk_pack(j->tiles, depth, columns, d->b + k * d->columns + column, d->columns, 1, to);
}

static void multiply(void *data, int64_t at) {
	const part *j = data;
	const gk_dot *d = j->d;
	const int64_t high = j->tiles->rows;
	const int64_t row0 = at / j->stripes * j->block, rows = min64(j->block, d->rows - row0);
	const int64_t panel0 = at % j->stripes * j->stripe, panel1 = min64(panel0 + j->stripe, j->panels);
	float turned[TILES * GK_MAX_ROWS * DEPTH];
	for (int64_t k0 = 0; k0 < j->depth; k0 += j->deep) {
		const int64_t depth = min64(j->deep, j->depth - k0), k = j->depth0 + k0;
		const float *a = d->a + row0 * d->depth + k;
		int64_t a_step = d->depth, k_step = 1;
		if (d->a_turned) {
			if (!j->turned) turn(j, row0, rows, k, depth, turned);
			a = j->turned ? j->turned + k0 * j->tiled + row0 * depth : turned, a_step = 1, k_step = high;
		}
		for (int64_t panel = panel0; panel < panel1; panel++) {
			const int64_t column0 = panel * j->panel, left = j->columns - column0;
			const int vectors = left > j->tiles->lanes ? 2 : 1;
			const float *b = j->packed + k0 * j->padded + column0 * depth;
			for (int64_t r = 0; r < rows; r += high) {
				const int64_t m = min64(high, rows - r);
				float *y = d->y + (row0 + r) * d->columns + j->column0 + column0;
				const float *start = k ? y : d->bias ? d->bias + j->column0 + column0 : NULL;
				j->tiles->product[m][vectors](depth, d->a_turned ? a + r * depth : a + r * a_step, a_step, k_step, b, start, k ? d->columns : 0, 1, y, d->columns, left);
				if (k + depth < d->depth || (!d->relu && !d->mask)) continue;
				const int64_t n = min64(left, j->panel);
				for (int64_t i = 0; i < m; i++, y += d->columns) j->tiles->rectify(y, d->mask ? d->mask + (y - d->y) : y, n);
			}
		}
	}
}

int gk_dot_run(int level, gk_parallel *p, const gk_dot *d) {
	if (d->rows <= FEW && !d->a_turned && !d->b_turned && !d->mask) {
		const gk_dense few = {.rows = d->rows, .channels = d->depth, .filters = d->columns, .x = d->a, .kernel = d->b, .bias = d->bias, .relu = d->relu, .y = d->y};
		return gk_dense_forward(level, p, &few);
	}
	part j = {.d = d, .tiles = gk_tiles_of(level)};
	j.panel = 2 * j.tiles->lanes;
	j.block = TILES * j.tiles->rows;
	const int64_t blocks = div_up(d->rows, j.block), widest = min64(div_up(d->columns, j.panel) * j.panel, PACKED / DEPTH);
	const int shared = d->a_turned && blocks < UNITS;
	j.tiled = shared ? div_up(d->rows, j.tiles->rows) * j.tiles->rows : 0;
	j.deep = div_up(d->depth, div_up(d->depth, DEPTH));
	const int64_t deepest = max64(1, PACKED / (widest + j.tiled) / j.deep) * j.deep;
	gk_scratch *packed = gk_scratch_take(min64(deepest, d->depth) * (widest + j.tiled));
	if (!packed) return -1;
	j.packed = packed->floats;
	if (shared) j.turned = j.packed + min64(deepest, d->depth) * widest;
	const int worth = d->rows * d->depth * d->columns >= WORTH_THREADS;
	for (j.column0 = 0; j.column0 < d->columns; j.column0 += widest) {
		j.columns = min64(widest, d->columns - j.column0);
		j.padded = div_up(j.columns, j.tiles->lanes) * j.tiles->lanes;
		j.panels = div_up(j.columns, j.panel);
		j.stripe = div_up(j.panels, min64(j.panels, div_up(UNITS, blocks)));
		j.stripes = div_up(j.panels, j.stripe);
		for (j.depth0 = 0; j.depth0 < d->depth; j.depth0 += deepest) {
			j.depth = min64(deepest, d->depth - j.depth0);
			gk_spread(p, div_up(j.depth, j.deep) * (div_up(j.panels, STRIPE) + shared), pack, &j, worth);
			gk_spread(p, blocks * j.stripes, multiply, &j, worth);
		}
	}
	gk_scratch_give(packed);
	return 0;
}
