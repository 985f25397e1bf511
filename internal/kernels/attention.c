//go:build cgo && linux && amd64

#include "attention.h"

#include <string.h>

#include "product.h"
#include "scratch.h"

enum {
	MOST_ROWS = 48,          // steps whose scores are held at once: a multiple of the tiles' rows
	LEAST_ROWS = 24,
	SCORES = 1 << 14,        // about so many of them
	WORTH_THREADS = 1 << 16, // scores' products
};

typedef struct {
	const gk_attention *a;
	const gk_tiles *tiles;
	int64_t rows;    // steps at a time
	int64_t sources; // rounded up to vectors
	int64_t size, value_size; // rounded up to vectors, see padded
	int64_t room;    // floats of scratch for a head
	int failed;
} attention_job;

// head is a sample's head: where its arrays begin, and the steps between their rows.
typedef struct {
	int64_t sample, number, q_step, v_step, q, k, v, y;
} head;

static head head_of(const gk_attention *a, int64_t unit) {
	head h = {.sample = unit / a->heads, .number = unit % a->heads, .q_step = a->heads * a->size, .v_step = a->heads * a->value_size};
	h.q = h.sample * a->steps * h.q_step + h.number * a->size;
	h.k = h.sample * a->sources * h.q_step + h.number * a->size;
	h.v = h.sample * a->sources * h.v_step + h.number * a->value_size;
	h.y = h.sample * a->steps * h.v_step + h.number * a->value_size;
	return h;
}

static attention_job job_of(const gk_attention *a, int level) {
	attention_job j = {.a = a, .tiles = gk_tiles_of(level)};
	const int64_t lanes = j.tiles->lanes;
	j.sources = div_up(a->sources, lanes) * lanes;
	j.size = div_up(a->size, lanes) * lanes;
	j.value_size = div_up(a->value_size, lanes) * lanes;
	j.rows = max64(LEAST_ROWS, min64(MOST_ROWS, SCORES / j.sources / LEAST_ROWS * LEAST_ROWS));
	return j;
}

static int64_t panels_size(const attention_job *j, int64_t depth, int64_t columns) {
	return div_up(gk_packed_size(j->tiles, depth, columns), 16) * 16;
}

// weigh computes rows of unnormalized weights of the steps from first on, and their sums.
static void weigh(const attention_job *j, const head *h, const gk_panels *keys, int64_t first, int64_t rows, float *weights, float *sums) {
	const gk_attention *a = j->a;
	gk_multiply(j->tiles, rows, a->q + h->q + first * h->q_step, h->q_step, keys, NULL, 0, weights, j->sources);
	for (int64_t r = 0; r < rows; r++) {
		const uint8_t *mask = a->mask ? a->mask + h->sample * a->mask_step[0] + h->number * a->mask_step[1] + (first + r) * a->mask_step[2] : NULL;
		sums[r] = j->tiles->softmax(weights + r * j->sources, a->sources, a->scale, mask, a->mask_step[3]);
	}
}

// drop multiplies rows of weights of the steps from first on by their factors.
static void drop(const attention_job *j, const head *h, int64_t first, int64_t rows, const float *weights, float *out) {
	const gk_attention *a = j->a;
	const float *factor = a->factor + ((h->sample * a->heads + h->number) * a->steps + first) * a->sources;
	for (int64_t r = 0; r < rows; r++)
		for (int64_t i = 0; i < a->sources; i++) out[r * j->sources + i] = weights[r * j->sources + i] * factor[r * a->sources + i];
}

static void forward(void *data, int64_t unit) {
	attention_job *j = data;
	const gk_attention *a = j->a;
	const head h = head_of(a, unit);
	gk_scratch *scratch = gk_scratch_take(j->room);
	if (!scratch) {
		__atomic_store_n(&j->failed, 1, __ATOMIC_RELAXED);
		return;
	}
	float *at = scratch->floats, sums[MOST_ROWS];
	const gk_panels keys = gk_pack(j->tiles, a->size, a->sources, a->k + h.k, 1, h.q_step, at);
	at += panels_size(j, a->size, a->sources);
	const gk_panels values = gk_pack(j->tiles, a->sources, a->value_size, a->v + h.v, h.v_step, 1, at);
	at += panels_size(j, a->sources, a->value_size);
	for (int64_t first = 0, rows; first < a->steps; first += rows) {
		rows = min64(j->rows, a->steps - first);
		weigh(j, &h, &keys, first, rows, at, sums);
		if (a->factor) drop(j, &h, first, rows, at, at);
		float *y = a->y + h.y + first * h.v_step;
		gk_multiply(j->tiles, rows, at, j->sources, &values, NULL, 0, y, h.v_step);
		for (int64_t r = 0; r < rows; r++) {
			const float share = 1 / __builtin_fabsf(sums[r]);
			for (int64_t i = 0; i < a->value_size; i++) y[r * h.v_step + i] *= share;
		}
	}
	gk_scratch_give(scratch);
}

int gk_attention_forward(int level, gk_parallel *p, const gk_attention *a) {
	attention_job j = job_of(a, level);
	j.room = panels_size(&j, a->size, a->sources) + panels_size(&j, a->sources, a->value_size) + j.rows * j.sources;
	gk_spread(p, a->batch * a->heads, forward, &j, a->batch * a->heads * a->steps * a->sources * a->size >= WORTH_THREADS);
	return j.failed ? -1 : 0;
}

// copy takes rows of n floats to places width apart, with zeros behind them.
static void copy(int64_t rows, int64_t n, const float *from, int64_t step, float *to, int64_t width) {
	for (int64_t r = 0; r < rows; r++) {
		memcpy(to + r * width, from + r * step, n * sizeof *to);
		memset(to + r * width + n, 0, (width - n) * sizeof *to);
	}
}

// add adds the product of rows of weights, turned, and rows of b to sums (sources, width).
static void add(const attention_job *j, int64_t rows, const float *weights, const float *b, int64_t width, float *sums) {
	const gk_tiles *t = j->tiles;
	const gk_tile tile = {.step = j->sources, .lines = 1, .length = rows, .b_step = width, .out_step = width};
	for (int64_t column = 0; column < width; column += 2 * t->lanes)
		for (int64_t s = 0, m; s < j->a->sources; s += m) {
			m = min64(t->rows, j->a->sources - s);
			t->gradient[m][gk_vectors(t, width - column)](&tile, weights + s, b + column, sums + s * width + column);
		}
}

static void backward(void *data, int64_t unit) {
	attention_job *j = data;
	const gk_attention *a = j->a;
	const head h = head_of(a, unit);
	gk_scratch *scratch = gk_scratch_take(j->room);
	if (!scratch) {
		__atomic_store_n(&j->failed, 1, __ATOMIC_RELAXED);
		return;
	}
	float *at = scratch->floats, sums[MOST_ROWS];
	const gk_panels keys = gk_pack(j->tiles, a->size, a->sources, a->k + h.k, 1, h.q_step, at);
	at += panels_size(j, a->size, a->sources);
	const gk_panels values = gk_pack(j->tiles, a->value_size, a->sources, a->v + h.v, 1, h.v_step, at);
	at += panels_size(j, a->value_size, a->sources);
	const gk_panels turned = gk_pack(j->tiles, a->sources, a->size, a->k + h.k, h.q_step, 1, at);
	at += panels_size(j, a->sources, a->size);
	float *dk = at, *dv = dk + a->sources * j->size, *weights = dv + a->sources * j->value_size, *scores = weights + j->rows * j->sources;
	float *q = scores + j->rows * j->sources, *dy = q + j->rows * j->size, *dropped = a->factor ? dy + j->rows * j->value_size : weights;
	if (a->factor) memset(dropped, 0, j->rows * j->sources * sizeof *dropped);
	memset(dk, 0, (weights - dk) * sizeof *dk);
	for (int64_t first = 0, rows; first < a->steps; first += rows) {
		rows = min64(j->rows, a->steps - first);
		weigh(j, &h, &keys, first, rows, weights, sums);
		copy(rows, a->size, a->q + h.q + first * h.q_step, h.q_step, q, j->size);
		copy(rows, a->value_size, a->dy + h.y + first * h.v_step, h.v_step, dy, j->value_size);
		gk_multiply(j->tiles, rows, dy, j->value_size, &values, NULL, 0, scores, j->sources);
		if (a->factor) drop(j, &h, first, rows, scores, scores);
		for (int64_t r = 0; r < rows; r++) {
			const float share = 1 / __builtin_fabsf(sums[r]);
			float *row = weights + r * j->sources;
			for (int64_t i = 0; i < j->sources; i++) row[i] *= share;
			// Scores that don't count have no gradient, nor have their weights, unless none counts.
			j->tiles->softmax_gradient(row, scores + r * j->sources, a->sources, sums[r] < 0 ? 0 : a->scale);
		}
		if (a->factor) drop(j, &h, first, rows, weights, dropped);
		add(j, rows, dropped, dy, j->value_size, dv);
		add(j, rows, scores, q, j->size, dk);
		gk_multiply(j->tiles, rows, scores, j->sources, &turned, NULL, 0, a->dq + h.q + first * h.q_step, h.q_step);
	}
	for (int64_t s = 0; s < a->sources; s++) {
		memcpy(a->dk + h.k + s * h.q_step, dk + s * j->size, a->size * sizeof *dk);
		memcpy(a->dv + h.v + s * h.v_step, dv + s * j->value_size, a->value_size * sizeof *dv);
	}
	gk_scratch_give(scratch);
}

int gk_attention_gradient(int level, gk_parallel *p, const gk_attention *a) {
	attention_job j = job_of(a, level);
	j.room = panels_size(&j, a->size, a->sources) + panels_size(&j, a->value_size, a->sources) + panels_size(&j, a->sources, a->size) +
		(a->sources + j.rows) * (j.size + j.value_size) + (a->factor ? 3 : 2) * j.rows * j.sources;
	gk_spread(p, a->batch * a->heads, backward, &j, a->batch * a->heads * a->steps * a->sources * a->size >= WORTH_THREADS);
	return j.failed ? -1 : 0;
}
