//go:build cgo && linux && amd64

#include "dot.h"

#include <string.h>

#include "dense.h"
#include "product.h"
#include "scratch.h"

enum {
	FEW = 8,                 // rows for which b isn't worth copying
	HIGH = 512, LOW = 32,    // rows of a unit, at most and at least but for small matrices
	LOW_TURNED = 64,         // at least where a is turned: fewer are short stretches of memory
	TILES = 8,               // tiles of rows that are turned at a time
	WIDE = 128,              // columns of a slab
	WIDE_TURNED = 256,       // where a is turned, which each slab does anew
	DEPTH = 256,             // of a panel at most, which the first cache holds then
	LINE_BYTES = 64,         // of the caches
	APART = 16,              // floats between tiles: at powers of two they would be at the same place of the first cache
	UNIT = 1 << 21,          // products
	PACKED = 1 << 20,        // floats of a slab at most, where it may be narrower
	SPAN = 1 << 13,          // of the depth, in a pass or a part at most
	SLABS = 8, PARTS = 64,   // slabs to make by parts of the depth, where it is great and the result small; parts at most
	WORTH_THREADS = 1 << 18, // products
};

// The result is made in slabs: some of its columns, from a part of the depth. Each thread begins with a slab of its own, copies what it needs of b and multiplies rows with it, some at a time; when there are no more,
// it goes on with the next slab that has any. So threads don't wait for each other, and b is copied about once.
typedef struct {
	const gk_dot *d;
	const gk_tiles *tiles;
	int64_t depth0, depth;  // of this pass
	int64_t span, parts;    // depth of a part
	int64_t wide, across;   // columns of a slab, and slabs beside each other
	int64_t high, down;     // rows of a unit, and units of a slab
	int64_t panel;          // columns of a panel
	int64_t threads;
	int64_t *next;          // by slab: the unit to make next
	float *sums;            // (parts, rows, columns), where there are several
	int failed;
} job;

// turn_tiles copies a stretch of a's depth, tile by tile of so many of its rows.
static inline __attribute__((always_inline)) void turn_tiles(const gk_dot *d, int64_t high, int64_t row0, int64_t rows, int64_t k0, int64_t depth, float *to) {
	const int64_t tile = depth * high + APART, tiles = rows / high, rest = rows % high;
	for (int64_t k = 0; k < depth; k++) {
		const float *from = d->a + (k0 + k) * d->rows + row0;
		for (int64_t t = 0; t < tiles; t++) memcpy(to + t * tile + k * high, from + t * high, high * sizeof *to);
		for (int64_t i = 0; i < rest; i++) to[tiles * tile + k * high + i] = from[tiles * high + i];
	}
}

static void turn(const job *j, int64_t row0, int64_t rows, int64_t k0, int64_t depth, float *to) {
	switch (j->tiles->rows) { // copies of constant sizes need no call
	case 8: turn_tiles(j->d, 8, row0, rows, k0, depth, to); break;
	case 6: turn_tiles(j->d, 6, row0, rows, k0, depth, to); break;
	default: turn_tiles(j->d, j->tiles->rows, row0, rows, k0, depth, to);
	}
}

// block is how deep the stretches are that a part is multiplied in.
static int64_t block(int64_t depth) { return div_up(depth, div_up(depth, DEPTH)); }

static void pack(const job *j, int64_t k0, int64_t depth, int64_t column0, int64_t columns, float *to) {
	const gk_dot *d = j->d;
	const int64_t deep = block(depth), padded = div_up(columns, j->tiles->lanes) * j->tiles->lanes;
	for (int64_t k = 0; k < depth; k += deep) {
		const int64_t n = min64(deep, depth - k), row = k0 + k;
		if (d->b_turned)
			gk_pack(j->tiles, n, columns, d->b + column0 * d->depth + row, 1, d->depth, to + k * padded);
		else
			gk_pack(j->tiles, n, columns, d->b + row * d->columns + column0, d->columns, 1, to + k * padded);
	}
}

// What of a is multiplied next, which is fetched meanwhile: rows of so many floats, step apart.
typedef struct {
	const float *from;
	int64_t rows, step, length;
} ahead;

// fetch brings so many of the rows into the second cache.
static void fetch(ahead *n, int64_t rows) {
	for (; rows > 0 && n->rows > 0; rows--, n->rows--, n->from += n->step)
		for (const float *line = (const float *)((uintptr_t)n->from & -LINE_BYTES); line < n->from + n->length; line += LINE_BYTES / sizeof *line) __builtin_prefetch(line, 0, 2);
}

// stretch is a part of a, as it lies in memory.
static ahead stretch(const gk_dot *d, int64_t row, int64_t rows, int64_t k, int64_t depth) {
	if (d->a_turned) return (ahead){.from = d->a + k * d->rows + row, .rows = depth, .step = d->rows, .length = rows};
	return (ahead){.from = d->a + row * d->depth + k, .rows = rows, .step = d->depth, .length = depth};
}

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

// drop does what a dropout does with so many values of a row.
static void drop(const job *j, int64_t row, int64_t column, int64_t columns) {
	const int64_t at = row * j->d->columns + column;
	j->tiles->drop(j->d->y + at, columns, at, j->d->dropout);
}

static void unit(const job *j, int64_t part, int64_t row0, int64_t k0, int64_t depth, int64_t column0, int64_t columns, const float *packed) {
	const gk_dot *d = j->d;
	const int64_t high = j->tiles->rows, deep = block(depth), padded = div_up(columns, j->tiles->lanes) * j->tiles->lanes;
	const int64_t end = min64(row0 + j->high, d->rows);
	const int whole = j->parts == 1, last = whole && k0 + depth == d->depth;
	float *out = whole ? d->y : j->sums + part * d->rows * d->columns;
	float turned[TILES * (DEPTH * GK_MAX_ROWS + APART)];
	for (int64_t k = 0; k < depth; k += deep) {
		const int64_t n = min64(deep, depth - k);
		for (int64_t row = row0, rows; row < end; row += rows) {
			rows = min64(TILES * high, end - row);
			const float *a = d->a + row * d->depth + k0 + k;
			if (d->a_turned) turn(j, row, rows, k0 + k, n, turned);
			ahead next;
			if (row + rows < end)
				next = stretch(d, row + rows, min64(TILES * high, end - row - rows), k0 + k, n);
			else if (k + n < depth)
				next = stretch(d, row0, min64(TILES * high, end - row0), k0 + k + n, min64(deep, depth - k - n));
			else
				next = stretch(d, end, min64(TILES * high, d->rows - end), k0, deep); // of the next unit, if another thread doesn't take it
			int64_t share = div_up(next.rows, div_up(columns, j->panel) * div_up(rows, high));
			if (!d->a_turned && columns <= j->tiles->lanes) share = 0; // what is read in its order comes as fast by itself
			for (int64_t c = 0; c < columns; c += j->panel) {
				const int64_t left = columns - c;
				for (int64_t r = 0; r < rows; r += high) {
					const int64_t m = min64(high, rows - r), at = (row + r) * d->columns + column0 + c;
					float *y = out + at;
					const float *start = whole && begins(d) ? begins(d) + column0 + c : NULL;
					int64_t start_step = 0;
					if (k || (whole && k0)) start = y, start_step = d->columns;
					const float *first = d->a_turned ? turned + r / high * (n * high + APART) : a + r * d->depth;
					fetch(&next, share);
					gk_finish f;
					const gk_finish *then = last && k + n == depth ? finish(j, y, column0 + c, &f) : NULL;
					j->tiles->product[m][left > j->tiles->lanes ? 2 : 1](n, first, d->a_turned ? 1 : d->depth, d->a_turned ? high : 1, packed + k * padded + c * n, start, start_step, 1, then, y, d->columns, left);
				}
			}
			if (d->dropout && last && k + n == depth)
				for (int64_t r = row; r < row + rows; r++) drop(j, r, column0, columns);
		}
	}
}

static void slabs(void *data, int64_t thread) {
	job *j = data;
	const gk_dot *d = j->d;
	const int64_t count = j->parts * j->across;
	gk_scratch *packed = NULL;
	for (int64_t i = 0; i < count; i++) {
		const int64_t slab = (thread * count / j->threads + i) % count, part = slab / j->across;
		const int64_t column0 = slab % j->across * j->wide, columns = min64(j->wide, d->columns - column0);
		const int64_t k0 = j->depth0 + part * j->span, depth = min64(j->span, j->depth0 + j->depth - k0);
		int ready = 0;
		for (int64_t at; (at = __atomic_fetch_add(&j->next[slab], 1, __ATOMIC_RELAXED)) < j->down;) {
			if (!packed && !(packed = gk_scratch_take(j->span * (j->wide + j->panel)))) {
				__atomic_store_n(&j->failed, 1, __ATOMIC_RELAXED);
				return;
			}
			if (!ready) pack(j, k0, depth, column0, columns, packed->floats);
			ready = 1;
			const int64_t row0 = (at + slab * j->down / count) % j->down * j->high; // threads that read the same rows at a time wait for each other
			unit(j, part, row0, k0, depth, column0, columns, packed->floats);
		}
	}
	if (packed) gk_scratch_give(packed);
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
	if (d->dropout) drop(j, row, 0, d->columns);
}

int gk_dot_run(int level, gk_parallel *p, const gk_dot *d) {
	if (d->rows <= FEW && !d->a_turned && !d->b_turned && !d->mask && !d->dropout) {
		const gk_dense few = {.rows = d->rows, .channels = d->depth, .filters = d->columns, .x = d->a, .kernel = d->b, .after = d->after, .y = d->y};
		return gk_dense_forward(level, p, &few);
	}
	job j = {.d = d, .tiles = gk_tiles_of(level), .wide = d->a_turned ? WIDE_TURNED : WIDE, .span = d->depth, .parts = 1};
	j.panel = 2 * j.tiles->lanes;
	const int64_t blocks = div_up(d->columns, WIDE) * div_up(d->rows, WIDE);
	if (d->depth > SPAN / 4 && blocks < SLABS) {
		j.parts = min64(min64(div_up(d->depth, SPAN / 8), div_up(SLABS, blocks)), PARTS);
		j.parts = max64(j.parts, min64(div_up(d->depth, SPAN), PARTS));
		j.span = div_up(d->depth, j.parts);
		j.parts = div_up(d->depth, j.span);
	} else if (d->depth > SPAN) {
		j.span = div_up(d->depth, div_up(d->depth, SPAN));
	}
	while (j.wide > j.panel && j.wide * j.span > PACKED) j.wide /= 2;
	j.wide = min64(j.wide, div_up(div_up(d->columns, div_up(d->columns, j.wide)), j.panel) * j.panel); // all about equally wide
	const int worth = d->rows * d->depth * d->columns >= WORTH_THREADS;
	j.threads = worth ? p->threads : 1;
	j.across = div_up(d->columns, j.wide);
	j.high = max64(d->a_turned ? LOW_TURNED : LOW, min64(HIGH, UNIT / (j.wide * j.span)));
	while (j.high > 2 * j.tiles->rows && div_up(d->rows, j.high) * j.across * j.parts < 4 * j.threads) j.high /= 2;
	j.high = div_up(j.high, j.tiles->rows) * j.tiles->rows;
	j.down = div_up(d->rows, j.high);
	const int64_t count = j.parts * j.across;
	gk_scratch *shared = gk_scratch_take(2 * count + (j.parts > 1 ? j.parts * d->rows * d->columns : 0));
	if (!shared) return -1;
	j.next = (int64_t *)shared->floats;
	j.sums = shared->floats + 2 * count;
	for (j.depth0 = 0; j.depth0 < d->depth && !j.failed; j.depth0 += j.depth) {
		j.depth = j.parts > 1 ? d->depth : min64(j.span, d->depth - j.depth0);
		memset(j.next, 0, count * sizeof *j.next);
		gk_spread(p, j.threads, slabs, &j, worth);
	}
	if (j.parts > 1 && !j.failed) gk_spread(p, d->rows, add, &j, worth);
	gk_scratch_give(shared);
	return j.failed ? -1 : 0;
}
