//go:build cgo && linux && amd64

#include "rnn.h"

#include <string.h>

#include "product.h"
#include "scratch.h"
#include "tiles.h"

enum {
	MOST_ROWS = 64,           // of the batch that are computed together: enough to read the weights seldom, few enough for the cache
	WORTH_THREADS = 1 << 18, // products
};

typedef struct {
	const gk_rnn *r;
	const gk_tiles *tiles;
	const gk_rnn_values *values;
	const gk_rnn_gradients *gradients;
	gk_panels kernel;
	int64_t rows;     // of the batch in a unit of work
	int64_t room;     // floats of scratch for a row
	float *scratch;   // (batch, room)
	float *packed;    // for the kernel's panels
} rnn_job;

// split decides how the batch is cut for so many threads, and takes the scratch.
static gk_scratch *split(rnn_job *j, int64_t threads, int64_t packed) {
	j->rows = max64(1, min64(MOST_ROWS, div_up(j->r->batch, threads)));
	gk_scratch *s = gk_scratch_take(packed + j->r->batch * j->room + j->tiles->lanes);
	if (!s) return NULL;
	j->packed = s->floats;
	j->scratch = s->floats + div_up(packed, j->tiles->lanes) * j->tiles->lanes;
	return s;
}

static int worth_threads(const gk_rnn *r) { return r->steps * r->batch * r->units * r->units * gk_rnn_gates(r->kind) >= WORTH_THREADS; }

static int masked(const gk_rnn *r, int64_t at) { return r->mask && !r->mask[at]; }

// forward runs all steps of some rows of the batch.
static void forward(const rnn_job *j, int64_t unit) {
	const gk_rnn *r = j->r;
	const gk_rnn_values *v = j->values;
	const int64_t units = r->units, width = gk_rnn_gates(r->kind) * units;
	const int64_t first = unit * j->rows, rows = min64(j->rows, r->batch - first);
	float *scratch = j->scratch + first * j->room, *own_h[2] = {scratch, scratch + rows * units}, *own_c = own_h[1] + rows * units, *own_products = own_c + rows * units;
	const float *h = v->h + first * units, *c = r->kind == GK_LSTM ? v->c + first * units : NULL;
	for (int64_t s = 0; s < r->steps; s++) {
		const int64_t at = (r->reverse ? r->steps - 1 - s : s) * r->batch + first;
		const float *x = v->x + at * width;
		float *products = v->products ? v->products + at * width : own_products, *h_after = v->outputs ? v->outputs + at * units : own_h[s % 2];
		if (c && v->carries) { // this step's carry where it is kept, and the next one's where that will be
			float *kept = v->carries + at * units;
			if (s == 0) memcpy(kept, c, rows * units * sizeof *kept);
			c = kept;
		}
		float *c_after = c && v->carries && s + 1 < r->steps ? v->carries + (at + (r->reverse ? -r->batch : r->batch)) * units : own_c;
		if (r->kind == GK_GRU)
			gk_multiply(j->tiles, rows, h, units, &j->kernel, v->bias, 0, products, width);
		else
			gk_multiply(j->tiles, rows, h, units, &j->kernel, x, width, products, width);
		for (int64_t i = 0; i < rows; i++) {
			if (masked(r, at + i)) {
				memcpy(h_after + i * units, h + i * units, units * sizeof *h);
				if (c && c_after + i * units != c + i * units) memcpy(c_after + i * units, c + i * units, units * sizeof *c);
				continue;
			}
			const gk_rnn_row row = {
				.x = x + i * width, .products = products + i * width, .h = h + i * units, .c = c ? c + i * units : NULL,
				.h_after = h_after + i * units, .c_after = c_after + i * units,
			};
			j->tiles->rnn[r->kind](units, &row);
		}
		h = h_after;
		if (c) c = c_after;
	}
	if (v->last_h) memcpy(v->last_h + first * units, h, rows * units * sizeof *h);
	if (c && v->last_c) memcpy(v->last_c + first * units, c, rows * units * sizeof *c);
}

static void pack(void *data, int64_t layer) {
	rnn_job *j = (rnn_job *)data + layer;
	const int64_t width = gk_rnn_gates(j->r->kind) * j->r->units;
	j->kernel = gk_pack(j->tiles, j->r->units, width, j->r->kernel, width, 1, j->packed);
}

static void forward_of_layers(void *data, int64_t unit) {
	const rnn_job *j = data;
	const int64_t each = div_up(j->r->batch, j->rows);
	forward(j + unit / each, unit % each);
}

int gk_rnn_forward(int level, gk_parallel *p, int layers, const gk_rnn *r, const gk_rnn_values *v) {
	const int64_t width = gk_rnn_gates(r->kind) * r->units;
	rnn_job j[GK_RNN_LAYERS];
	gk_scratch *s[GK_RNN_LAYERS];
	int taken = 0;
	for (; taken < layers; taken++) {
		j[taken] = (rnn_job){.r = &r[taken], .tiles = gk_tiles_of(level), .values = &v[taken], .room = 3 * r->units + width};
		if (!(s[taken] = split(&j[taken], div_up(p->threads, layers), gk_packed_size(j->tiles, r->units, width)))) break;
	}
	if (taken == layers) {
		gk_spread(p, layers, pack, j, worth_threads(r));
		gk_spread(p, layers * div_up(r->batch, j->rows), forward_of_layers, j, worth_threads(r));
	}
	for (int i = 0; i < taken; i++) gk_scratch_give(s[i]);
	return taken < layers ? -1 : 0;
}

// backward runs all steps of some rows of the batch, the last step first.
static void backward(void *data, int64_t unit) {
	const rnn_job *j = data;
	const gk_rnn *r = j->r;
	const gk_rnn_gradients *g = j->gradients;
	const int64_t units = r->units, width = gk_rnn_gates(r->kind) * units;
	const int64_t first = unit * j->rows, rows = min64(j->rows, r->batch - first), size = rows * units;
	float *dh = j->scratch + first * j->room, *dc = dh + size;
	memcpy(dh, g->d_last_h + first * units, size * sizeof *dh);
	if (r->kind == GK_LSTM) memcpy(dc, g->d_last_c + first * units, size * sizeof *dc);
	for (int64_t s = r->steps - 1; s >= 0; s--) {
		const int64_t at = (r->reverse ? r->steps - 1 - s : s) * r->batch + first;
		if (g->d_outputs)
			for (int64_t i = 0; i < size; i++) dh[i] += g->d_outputs[at * units + i];
		float *dx = g->dx + at * width, *d_products = r->kind == GK_GRU ? g->d_products + at * width : dx;
		for (int64_t i = 0; i < rows; i++) {
			if (masked(r, at + i)) {
				memset(dx + i * width, 0, width * sizeof *dx);
				memset(d_products + i * width, 0, width * sizeof *dx);
				continue;
			}
			const gk_rnn_row row = {
				.x = r->kind == GK_GRU ? g->x + (at + i) * width : NULL, .products = g->products + (at + i) * width,
				.h = r->kind == GK_GRU ? g->h + (at + i) * units : NULL, .c = r->kind == GK_LSTM ? g->c + (at + i) * units : NULL,
				.dh = dh + i * units, .dc = dc + i * units, .dx = dx + i * width, .d_products = d_products + i * width,
			};
			j->tiles->rnn_gradient[r->kind](units, &row);
		}
		gk_multiply(j->tiles, rows, d_products, width, &j->kernel, dh, units, dh, units);
	}
	if (g->dh) memcpy(g->dh + first * units, dh, size * sizeof *dh);
	if (r->kind == GK_LSTM && g->dc) memcpy(g->dc + first * units, dc, size * sizeof *dc);
}

int gk_rnn_gradient(int level, gk_parallel *p, const gk_rnn *r, const gk_rnn_gradients *g) {
	const int64_t width = gk_rnn_gates(r->kind) * r->units;
	rnn_job j = {.r = r, .tiles = gk_tiles_of(level), .gradients = g, .room = 2 * r->units};
	gk_scratch *s = split(&j, p->threads, gk_packed_size(j.tiles, width, r->units));
	if (!s) return -1;
	j.kernel = gk_pack(j.tiles, width, r->units, r->kernel, 1, width, s->floats);
	gk_spread(p, div_up(r->batch, j.rows), backward, &j, worth_threads(r));
	gk_scratch_give(s);
	return 0;
}
