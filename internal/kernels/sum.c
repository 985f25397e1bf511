//go:build cgo && linux && amd64

#include "sum.h"

#include <string.h>

#include "scratch.h"
#include "tiles.h"

enum {
	PARTS = 16,      // of the rows at most, each with sums of its own
	PART = 1 << 13,  // floats that are worth one
	CHUNK = 128,     // rows that are added up before their sum is added to the part's, for the sake of its last digits
	BLOCK = 1 << 10, // columns at a time
};

typedef struct {
	const gk_tiles *tiles;
	const gk_sum *s;
	int64_t parts, blocks;
	float *sums; // of each part: plain, other
} sum_job;

static void part(void *data, int64_t at) {
	const sum_job *j = data;
	const gk_sum *s = j->s;
	const int64_t n = at / j->blocks, first = at % j->blocks * BLOCK, columns = min64(BLOCK, s->columns - first);
	const int64_t from = s->rows * n / j->parts, end = s->rows * (n + 1) / j->parts;
	float *sums = j->sums + n * 2 * s->columns + first;
	memset(sums, 0, columns * sizeof *sums);
	memset(sums + s->columns, 0, columns * sizeof *sums);
	gk_sum some = {
		.columns = columns, .centre = s->centre ? s->centre + first : NULL, .plain = s->plain ? sums : NULL, .other = s->other ? sums + s->columns : NULL,
	};
	for (int64_t row = from; row < end; row += some.rows) {
		const int64_t offset = row * s->columns + first;
		some.rows = min64(CHUNK, end - row);
		some.x = s->x + offset;
		some.factor = s->factor ? s->factor + offset : NULL;
		j->tiles->sum(&some, s->columns);
	}
}

int gk_sum_rows(int level, gk_parallel *p, const gk_sum *s) {
	sum_job j = {
		.tiles = gk_tiles_of(level), .s = s, .parts = max64(1, min64(PARTS, min64(s->rows * s->columns / PART, div_up(s->rows, CHUNK)))), .blocks = div_up(s->columns, BLOCK),
	};
	gk_scratch *sums = gk_scratch_take(j.parts * 2 * s->columns);
	if (!sums) return -1;
	j.sums = sums->floats;
	gk_spread(p, j.parts * j.blocks, part, &j, s->rows * s->columns >= 4 * PART);
	float *out[2] = {s->plain, s->other};
	for (int k = 0; k < 2; k++) {
		if (!out[k]) continue;
		memcpy(out[k], j.sums + k * s->columns, s->columns * sizeof **out);
		for (int64_t n = 1; n < j.parts; n++)
			for (int64_t i = 0; i < s->columns; i++) out[k][i] += j.sums[(2 * n + k) * s->columns + i];
	}
	gk_scratch_give(sums);
	return 0;
}
