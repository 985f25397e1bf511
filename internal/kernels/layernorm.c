//go:build cgo && linux && amd64

#include "layernorm.h"

#include <string.h>

#include "scratch.h"
#include "tiles.h"

enum {
	PART = 64,               // rows that are added up together
	WORTH_THREADS = 1 << 14, // floats
};

typedef struct {
	const gk_layernorm *n;
	const gk_tiles *tiles;
	float *sums; // of each part: for gamma, for beta
} layernorm_job;

static void forward(void *data, int64_t part) {
	const layernorm_job *j = data;
	for (int64_t row = part * PART; row < min64(j->n->rows, (part + 1) * PART); row++) j->tiles->layernorm(j->n, row);
}

static void backward(void *data, int64_t part) {
	const layernorm_job *j = data;
	float *dgamma = j->sums + part * 2 * j->n->columns, *dbeta = dgamma + j->n->columns;
	memset(dgamma, 0, 2 * j->n->columns * sizeof *dgamma);
	for (int64_t row = part * PART; row < min64(j->n->rows, (part + 1) * PART); row++) j->tiles->layernorm_gradient(j->n, row, dgamma, dbeta);
}

void gk_layernorm_forward(int level, gk_parallel *p, const gk_layernorm *n) {
	layernorm_job j = {.n = n, .tiles = gk_tiles_of(level)};
	gk_spread(p, div_up(n->rows, PART), forward, &j, n->rows * n->columns >= WORTH_THREADS);
}

int gk_layernorm_gradient(int level, gk_parallel *p, const gk_layernorm *n) {
	const int64_t parts = div_up(n->rows, PART), width = 2 * n->columns;
	gk_scratch *sums = gk_scratch_take(parts * width);
	if (!sums) return -1;
	layernorm_job j = {.n = n, .tiles = gk_tiles_of(level), .sums = sums->floats};
	gk_spread(p, parts, backward, &j, n->rows * n->columns >= WORTH_THREADS);
	// Pairs, then pairs of pairs: sums of many rows lose fewer digits so.
	for (int64_t step = 1; step < parts; step *= 2)
		for (int64_t part = 0; part + step < parts; part += 2 * step) j.tiles->add_rows(sums->floats + (part + step) * width, 1, 0, width, sums->floats + part * width);
	memcpy(n->dgamma, sums->floats, n->columns * sizeof *n->dgamma);
	memcpy(n->dbeta, sums->floats + n->columns, n->columns * sizeof *n->dbeta);
	gk_scratch_give(sums);
	return 0;
}
