//go:build cgo && linux && amd64

#include "lookup.h"

#include <string.h>

#include "tiles.h"

enum {
	PART = 1 << 13,          // floats of the table that a thread reads, or fills with zeros, at once
	WORTH_THREADS = 1 << 15, // floats
	MOST_PARTS = 64,         // of the words, between threads
};

typedef struct {
	const gk_tiles *tiles;
	const gk_lookup *l;
	const float *from;
	float *to;
	int64_t each;  // results, or words, of a unit
	int64_t parts; // of the words, a power of two
} lookup_job;

static void some_results(void *data, int64_t unit) {
	const lookup_job *j = data;
	const int64_t first = unit * j->each;
	j->tiles->lookup(j->l, first, min64(first + j->each, j->l->count), j->from, j->to);
}

void gk_lookup_run(int level, gk_parallel *p, const gk_lookup *l, const float *table, float *out) {
	lookup_job j = {.tiles = gk_tiles_of(level), .l = l, .from = table, .to = out, .each = max64(1, PART / (l->group * l->size))};
	gk_spread(p, div_up(l->count, j.each), some_results, &j, l->count * l->group * l->size >= WORTH_THREADS);
}

static void some_zeros(void *data, int64_t unit) {
	const lookup_job *j = data;
	const int64_t first = unit * j->each, end = min64(first + j->each, j->l->words);
	memset(j->to + first * j->l->size, 0, (end - first) * j->l->size * sizeof *j->to);
}

// Frequent words lie beside each other in many a vocabulary: a part has every so many-th.
static void some_words(void *data, int64_t part) {
	const lookup_job *j = data;
	j->tiles->lookup_gradient(j->l, part, j->parts, j->from, j->to);
}

void gk_lookup_gradient(int level, gk_parallel *p, const gk_lookup *l, const float *dout, float *dtable) {
	lookup_job j = {.tiles = gk_tiles_of(level), .l = l, .from = dout, .to = dtable, .each = max64(1, PART / l->size), .parts = 1};
	gk_spread(p, div_up(l->words, j.each), some_zeros, &j, l->words * l->size >= WORTH_THREADS);
	const int worth = l->count * l->group * l->size >= WORTH_THREADS;
	while (worth && j.parts < min64(p->threads, MOST_PARTS)) j.parts *= 2;
	gk_spread(p, j.parts, some_words, &j, worth);
}
