//go:build cgo && linux && amd64

#include "dot.h"

#include <string.h>

#include "dense.h"
#include "product.h"
#include "scratch.h"

enum {
	FEW = 8,                           // rows for which b isn't worth copying
	DEPTH = 256,                       // of a panel at most, which the first cache holds then
	APART = 16,                        // floats between tiles: at powers of two they would be at the same place of the first cache
	WORTH_THREADS = 1 << 18,           // products
	PARTS = 64, PART = 1 << 10,        // parts of the depth at most, and how deep each is at least
	BUSY = 4,                          // units for each thread at least, so that all end together
	RESULTS = 8,                       // where there are fewer units, the depth is made in parts

	HIGH = 256, HIGH_TURNED = 384,     // rows of a piece at most
	LEAST = 32, LEAST_TURNED = 64,     // and at least, where threads want some
	ENOUGH = 3,                        // strips for each thread, all but so that all end together
	NEAR = 1 << 18, NEAR_TURNED = 1 << 16, // floats of a's rows in a piece, which the second cache holds; turned ones are there twice
	FEW_TURNED = 96,                   // rows that lie near enough to each other in memory to be read where they are

	LARGE = 1 << 20, VERY_WIDE = 2048, // floats of b, or columns,
	MANY = 512,                        // and rows, from which on slabs are better
	HIGH_SLAB = 512, LOW_SLAB = 32,    // rows of a slab's unit, at most and at least but for small matrices
	TILES = 8,                         // tiles of rows that are multiplied with a panel at a time
	WIDE = 128,                        // columns of a slab
	LINE_BYTES = 64,                   // of the caches
	UNIT = 1 << 21,                    // products
	PACKED = 1 << 20,                  // floats of a slab at most, where it may be narrower
	SPAN = 1 << 13,                    // of the depth, in a slab at most
};

typedef struct {
	const gk_dot *d;
	const gk_tiles *tiles;
	int64_t depth0, depth; // of this pass
	int64_t span, parts;   // depth of a part
	int64_t wide, across;  // columns of a slab, and slabs or strips beside each other
	int64_t row_step, column_step; // between b's rows, and its columns
	int64_t high, down;    // rows of a piece, or of a slab's unit, and these below each other
	int64_t panel;         // columns of a panel
	int64_t threads;
	int64_t beside;        // threads that make strips of one piece
	int64_t together;      // strips that a thread takes at a time: those of two threads that lie beside each other may share lines of the caches
	int turns;             // whether pieces have a's rows in panels
	int64_t *next;         // by piece or slab: what to make next of it
	float *sums;           // (parts, rows, columns), where there are several
	int failed;
} job;

// block is how deep the stretches are that a part is multiplied in.
static int64_t block(int64_t depth) { return div_up(depth, div_up(depth, DEPTH)); }

// finish tells what follows the sums from a place of y on, in that column; where nothing multiplies them, they began with the bias. NULL: nothing.
static const gk_finish *finish(const job *j, const float *y, int64_t column, gk_finish *f) {
	const gk_dot *d = j->d;
	const gk_after *a = &d->after;
	if (!a->factor && !a->added && !a->relu && !d->mask) return NULL;
	*f = (gk_finish){.after.relu = a->relu};
	if (a->factor) f->after.factor = a->factor + column;
	if (a->factor && a->bias) f->after.bias = a->bias + column;
	if (a->added) f->after.added = a->added + (y - d->y);
	if (d->mask) f->mask = d->mask + (y - d->y);
	return f;
}

// begins is what sums begin with.
static const float *begins(const gk_dot *d) { return d->after.factor ? NULL : d->after.bias; }

// drop does what a dropout does with so many values of some rows.
static void drop(const job *j, int64_t row, int64_t rows, int64_t column, int64_t columns) {
	for (; rows > 0; row++, rows--) {
		const int64_t at = row * j->d->columns + column;
		j->tiles->drop(j->d->y + at, columns, at, j->d->dropout);
	}
}

// add puts the parts' sums of a row together.
static void add(void *data, int64_t row) {
	const job *j = data;
	const gk_dot *d = j->d;
	float *y = d->y + row * d->columns;
	if (begins(d))
		memcpy(y, begins(d), d->columns * sizeof *y);
	else
		memset(y, 0, d->columns * sizeof *y);
	j->tiles->add_rows(j->sums + row * d->columns, j->parts, d->rows * d->columns, d->columns, y);
	gk_finish f;
	if (finish(j, y, 0, &f)) j->tiles->finish(y, &f, d->columns);
	if (d->dropout) drop(j, row, 1, 0, d->columns);
}

// run has threads make so many pieces or slabs, in passes over the depth.
static int run(gk_parallel *p, job *j, int64_t count, void (*thread)(void *data, int64_t i)) {
	const gk_dot *d = j->d;
	gk_scratch *shared = gk_scratch_take(2 * count + (j->parts > 1 ? j->parts * d->rows * d->columns : 0));
	if (!shared) return -1;
	j->next = (int64_t *)shared->floats;
	j->sums = shared->floats + 2 * count;
	for (j->depth0 = 0; j->depth0 < d->depth && !j->failed; j->depth0 += j->depth) {
		j->depth = j->parts > 1 ? d->depth : min64(j->span, d->depth - j->depth0);
		memset(j->next, 0, count * sizeof *j->next);
		gk_spread(p, j->threads, thread, j, j->threads > 1);
	}
	if (j->parts > 1 && !j->failed) gk_spread(p, d->rows, add, j, j->threads > 1);
	gk_scratch_give(shared);
	return j->failed ? -1 : 0;
}

// ---- by strips ----

// The result is made in pieces: some of its rows, from a part of the depth, in strips as wide as a panel. Each thread begins with a piece of its own, and goes on with those of which there is anything left.

typedef struct {
	int64_t part, row, rows, k, depth;
	const float *turned; // a's rows in panels, tile by tile; NULL: as they are
} piece;

// strip makes a strip of a piece. Its panel of b is copied while the first rows are multiplied, and what comes next of b is fetched while the others are.
static void strip(const job *j, const piece *p, int64_t at, int64_t then_at, float *panel) {
	const gk_dot *d = j->d;
	const int64_t high = j->tiles->rows, tiles = div_up(p->rows, high), deep = block(p->depth), bottom = p->k + p->depth;
	const int64_t a_step = d->a_turned ? 1 : d->depth, k_step = !d->a_turned ? 1 : p->turned ? high : d->rows;
	const int64_t row_step = j->row_step, column_step = j->column_step;
	const int64_t column = at * j->panel, columns = min64(j->panel, d->columns - column), following = then_at * j->panel;
	const int whole = j->parts == 1, copied = !d->b_turned && columns == j->panel && p->rows >= high;
	float *out = whole ? d->y : j->sums + p->part * d->rows * d->columns;
	const float *turned = p->turned;
	for (int64_t k = p->k; k < bottom; k += deep) {
		const int64_t n = min64(deep, bottom - k);
		const int last = whole && k + n == d->depth;
		const float *b = d->b + k * row_step + column * column_step, *next = NULL;
		if (k + n < bottom)
			next = b + n * row_step;
		else if (following + j->panel <= d->columns)
			next = d->b + p->k * row_step + following * column_step;
		// For each tile of rows: as many of b's rows as all of them will fetch, or, where b is turned, a panel's width of its depth.
		const int64_t share = !next ? 0 : d->b_turned ? j->panel : div_up(deep, tiles);
		if (!copied) gk_pack(j->tiles, n, columns, b, row_step, column_step, panel);
		for (int64_t row = 0, m; row < p->rows; row += m) {
			m = min64(high, p->rows - row);
			const int64_t first = p->row + row, tile = row / high;
			const float *a = d->a_turned ? d->a + k * d->rows + first : d->a + first * d->depth + k;
			if (turned) a = turned + tile * (n * high + APART);
			float *y = out + first * d->columns + column;
			const float *start = whole && begins(d) ? begins(d) + column : NULL;
			int64_t start_step = 0;
			if (k > p->k || (whole && k)) start = y, start_step = d->columns;
			gk_finish f;
			const gk_finish *then = last ? finish(j, y, column, &f) : NULL;
			gk_ahead ahead = {next, d->b_turned ? d->depth : d->columns, share};
			if (next) ahead.from += tile * share * row_step;
			if (d->b_turned && (tile + 1) * share > n) ahead.share = 0;
			if (copied && row == 0)
				j->tiles->product_copied(n, a, a_step, k_step, b, start, start_step, 1, then, y, d->columns, columns, ahead, d->columns, panel);
			else if (m == high && columns == j->panel)
				j->tiles->product_ahead(n, a, a_step, k_step, panel, start, start_step, 1, then, y, d->columns, columns, ahead);
			else
				j->tiles->product[m][gk_vectors(j->tiles, columns)](n, a, a_step, k_step, panel, start, start_step, 1, then, y, d->columns, columns);
			if (last && d->dropout) drop(j, first, m, column, columns);
		}
		if (turned) turned += tiles * (n * high + APART);
	}
}

// turn_tiles copies a stretch of a's depth, tile by tile of so many of its rows.
static inline __attribute__((always_inline)) void turn_tiles(const gk_dot *d, int64_t high, int64_t row0, int64_t rows, int64_t k0, int64_t depth, float *to) {
	const int64_t tile = depth * high + APART, tiles = rows / high, rest = rows % high;
	for (int64_t k = 0; k < depth; k++) {
		const float *from = d->a + (k0 + k) * d->rows + row0;
		for (int64_t t = 0; t < tiles; t++) memcpy(to + t * tile + k * high, from + t * high, high * sizeof *to);
		for (int64_t i = 0; i < rest; i++) to[tiles * tile + k * high + i] = from[tiles * high + i];
	}
}

// turn puts a's rows of a piece in panels.
static void turn(const job *j, const piece *p, float *to) {
	const int64_t high = j->tiles->rows, tiles = div_up(p->rows, high), deep = block(p->depth);
	for (int64_t k = 0; k < p->depth; k += deep) {
		const int64_t n = min64(deep, p->depth - k);
		switch (high) { // copies of constant sizes need no call
		case 8: turn_tiles(j->d, 8, p->row, p->rows, p->k + k, n, to); break;
		case 6: turn_tiles(j->d, 6, p->row, p->rows, p->k + k, n, to); break;
		default: turn_tiles(j->d, high, p->row, p->rows, p->k + k, n, to);
		}
		to += tiles * (n * high + APART);
	}
}

static void pieces(void *data, int64_t thread) {
	job *j = data;
	const int64_t count = j->parts * j->down, high = j->tiles->rows;
	float panel[DEPTH * 2 * GK_MAX_LANES] __attribute__((aligned(LINE_BYTES)));
	gk_scratch *turned = NULL;
	for (int64_t i = 0; i < count; i++) {
		const int64_t at = (thread * count / j->threads + i) % count, part = at / j->down, row = at % j->down * j->high, k = j->depth0 + part * j->span;
		piece p = {.part = part, .row = row, .rows = min64(j->high, j->d->rows - row), .k = k, .depth = min64(j->span, j->depth0 + j->depth - k)};
		for (int64_t s; (s = __atomic_fetch_add(&j->next[at], j->together, __ATOMIC_RELAXED)) < j->across;) {
			if (j->turns && !p.turned) {
				if (!turned && !(turned = gk_scratch_take(div_up(j->high, high) * (j->span * high + div_up(j->span, block(j->span)) * APART)))) {
					__atomic_store_n(&j->failed, 1, __ATOMIC_RELAXED);
					return;
				}
				turn(j, &p, turned->floats);
				p.turned = turned->floats;
			}
			const int64_t end = min64(s + j->together, j->across);
			for (; s < end; s++) strip(j, &p, s, s + 1 < end ? s + 1 : end + (j->beside - 1) * j->together, panel);
		}
	}
	if (turned) gk_scratch_give(turned);
}

static int by_strips(gk_parallel *p, job *j) {
	const gk_dot *d = j->d;
	const int64_t high = j->tiles->rows;
	j->across = div_up(d->columns, j->panel);
	j->turns = d->a_turned && d->rows > FEW_TURNED && j->across > 2;
	j->down = div_up(d->rows, d->a_turned ? HIGH_TURNED : HIGH);
	// How the depth is cut, which the sums' order depends on, doesn't depend on the threads.
	j->span = div_up(d->depth, div_up(d->depth * div_up(d->rows, j->down), d->a_turned ? NEAR_TURNED : NEAR));
	if (j->down * j->across < RESULTS && d->depth > PART) {
		j->parts = min64(min64(div_up(d->depth, PART), div_up(RESULTS, j->down * j->across)), PARTS);
		j->span = div_up(d->depth, j->parts);
		j->parts = div_up(d->depth, j->span);
	}
	if (j->turns) j->down = max64(j->down, min64(j->threads, div_up(d->rows, LEAST_TURNED)));
	while (j->parts * j->down * j->across < ENOUGH * j->threads && d->rows / j->down >= 2 * LEAST) j->down *= 2;
	j->high = div_up(div_up(d->rows, j->down), high) * high;
	j->down = div_up(d->rows, j->high);
	j->beside = div_up(j->threads, j->parts * j->down);
	j->together = max64(1, j->across / (2 * BUSY * j->threads));
	return run(p, j, j->parts * j->down, pieces);
}

// ---- by slabs ----

// The result is made in slabs: some of its columns. Each thread begins with a slab of its own, copies what it needs of b and multiplies rows with it, some at a time; when there are no more, it goes on with the
// next slab that has any. So threads don't wait for each other, and b is copied about once.

static void pack(const job *j, int64_t k0, int64_t depth, int64_t column0, int64_t columns, float *to) {
	const gk_dot *d = j->d;
	const int64_t deep = block(depth), padded = div_up(columns, j->tiles->lanes) * j->tiles->lanes;
	for (int64_t k = 0; k < depth; k += deep)
		gk_pack(j->tiles, min64(deep, depth - k), columns, d->b + (k0 + k) * j->row_step + column0 * j->column_step, j->row_step, j->column_step, to + k * padded);
}

// What of a is multiplied next, which is fetched meanwhile: rows of so many floats.
typedef struct {
	const float *from;
	int64_t rows, length;
} stretch;

// fetch brings so many of the rows into the second cache.
static void fetch(const job *j, stretch *s, int64_t rows) {
	for (; rows > 0 && s->rows > 0; rows--, s->rows--, s->from += j->d->depth)
		for (const float *line = (const float *)((uintptr_t)s->from & -LINE_BYTES); line < s->from + s->length; line += LINE_BYTES / sizeof *line) __builtin_prefetch(line, 0, 2);
}

static void unit(const job *j, int64_t row0, int64_t column0, int64_t columns, const float *packed) {
	const gk_dot *d = j->d;
	const int64_t high = j->tiles->rows, deep = block(j->depth), padded = div_up(columns, j->tiles->lanes) * j->tiles->lanes;
	const int64_t end = min64(row0 + j->high, d->rows), bottom = j->depth0 + j->depth;
	for (int64_t k = j->depth0; k < bottom; k += deep, packed += deep * padded) {
		const int64_t n = min64(deep, bottom - k);
		const int last = k + n == d->depth;
		for (int64_t row = row0, rows; row < end; row += rows) {
			rows = min64(TILES * high, end - row);
			const float *a = d->a + row * d->depth + k;
			stretch next;
			if (row + rows < end)
				next = (stretch){a + rows * d->depth, min64(TILES * high, end - row - rows), n};
			else if (k + n < bottom)
				next = (stretch){d->a + row0 * d->depth + k + n, min64(TILES * high, end - row0), min64(deep, bottom - k - n)};
			else
				next = (stretch){d->a + end * d->depth + j->depth0, min64(TILES * high, d->rows - end), deep}; // of the next unit, if another thread doesn't take it
			int64_t share = div_up(next.rows, div_up(columns, j->panel) * div_up(rows, high));
			if (columns <= j->tiles->lanes) share = 0; // what is read in its order comes as fast by itself
			for (int64_t c = 0; c < columns; c += j->panel) {
				const int64_t left = columns - c;
				for (int64_t r = 0; r < rows; r += high) {
					const int64_t m = min64(high, rows - r);
					float *y = d->y + (row + r) * d->columns + column0 + c;
					const float *start = begins(d) ? begins(d) + column0 + c : NULL;
					int64_t start_step = 0;
					if (k) start = y, start_step = d->columns;
					fetch(j, &next, share);
					gk_finish f;
					const gk_finish *then = last ? finish(j, y, column0 + c, &f) : NULL;
					j->tiles->product[m][gk_vectors(j->tiles, left)](n, a + r * d->depth, d->depth, 1, packed + c * n, start, start_step, 1, then, y, d->columns, left);
				}
			}
			if (last && d->dropout) drop(j, row, rows, column0, columns);
		}
	}
}

static void slabs(void *data, int64_t thread) {
	job *j = data;
	gk_scratch *packed = NULL;
	for (int64_t i = 0; i < j->across; i++) {
		const int64_t slab = (thread * j->across / j->threads + i) % j->across, column0 = slab * j->wide, columns = min64(j->wide, j->d->columns - column0);
		int ready = 0;
		for (int64_t at; (at = __atomic_fetch_add(&j->next[slab], 1, __ATOMIC_RELAXED)) < j->down;) {
			if (!packed && !(packed = gk_scratch_take(j->span * (j->wide + j->panel)))) {
				__atomic_store_n(&j->failed, 1, __ATOMIC_RELAXED);
				return;
			}
			if (!ready) pack(j, j->depth0, j->depth, column0, columns, packed->floats);
			ready = 1;
			const int64_t row0 = (at + slab * j->down / j->across) % j->down * j->high; // threads that read the same rows at a time wait for each other
			unit(j, row0, column0, columns, packed->floats);
		}
	}
	if (packed) gk_scratch_give(packed);
}

static int by_slabs(gk_parallel *p, job *j) {
	const gk_dot *d = j->d;
	j->span = div_up(d->depth, div_up(d->depth, SPAN));
	j->wide = WIDE;
	while (j->wide > j->panel && j->wide * j->span > PACKED) j->wide /= 2;
	j->wide = min64(j->wide, div_up(div_up(d->columns, div_up(d->columns, j->wide)), j->panel) * j->panel); // all about equally wide
	j->across = div_up(d->columns, j->wide);
	j->high = max64(LOW_SLAB, min64(HIGH_SLAB, UNIT / (j->wide * j->span)));
	while (j->high > 2 * j->tiles->rows && div_up(d->rows, j->high) * j->across < BUSY * j->threads) j->high /= 2;
	j->high = div_up(j->high, j->tiles->rows) * j->tiles->rows;
	j->down = div_up(d->rows, j->high);
	return run(p, j, j->across, slabs);
}

int gk_dot_run(int level, gk_parallel *p, const gk_dot *d) {
	if (d->rows <= FEW && !d->a_turned && !d->b_turned && !d->mask && !d->dropout) {
		const gk_dense few = {.rows = d->rows, .channels = d->depth, .filters = d->columns, .x = d->a, .kernel = d->b, .after = d->after, .y = d->y};
		return gk_dense_forward(level, p, &few);
	}
	job j = {.d = d, .tiles = gk_tiles_of(level), .parts = 1, .threads = d->rows * d->depth * d->columns >= WORTH_THREADS ? p->threads : 1};
	j.panel = 2 * j.tiles->lanes;
	j.row_step = d->b_turned ? 1 : d->columns, j.column_step = d->b_turned ? d->depth : 1;
	int large = d->rows >= MANY && (d->depth * d->columns >= LARGE || d->columns >= VERY_WIDE);
	// Panels of which there are more, or that take longer to make, are to be made once.
	if (d->b_turned || j.tiles->lanes < GK_MAX_LANES) large = large || (d->rows >= HIGH && d->columns >= 2 * WIDE);
	return large && !d->a_turned ? by_slabs(p, &j) : by_strips(p, &j);
}
