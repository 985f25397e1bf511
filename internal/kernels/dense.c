//go:build cgo && linux && amd64

#include "dense.h"

#include <string.h>

#include "parallel.h"
#include "scratch.h"
#include "tiles.h"

enum {
	PIECES = 16,
	LEAST_DOWN = 64, LEAST_ACROSS = 512, // channels and filters of a piece: fewer would leave more to add up, or read the kernel in short stretches
	WORTH_THREADS = 1 << 16,             // weights
};

// The kernel is read once, which takes longer than the products: in pieces, so that all threads do.
typedef struct {
	const gk_dense *d;
	const gk_tiles *tiles;
	int64_t downs, down;     // pieces of the channels, and channels in a piece
	int64_t acrosses, across; // pieces of the filters, and filters in a piece
	int64_t padded;          // filters rounded up to vectors
	float *sums;             // (downs, rows, padded)
} dense_job;

static void piece(void *data, int64_t at) {
	const dense_job *j = data;
	const gk_dense *d = j->d;
	const int64_t down = at / j->acrosses, lanes = j->tiles->lanes;
	const int64_t channel0 = down * j->down, channel1 = min64(channel0 + j->down, d->channels);
	const int64_t filter0 = at % j->acrosses * j->across, filter1 = min64(filter0 + j->across, d->filters);
	if (filter0 >= filter1) return;
	float *sums = j->sums + down * d->rows * j->padded + filter0;
	for (int64_t r = 0; r < d->rows; r++) memset(sums + r * j->padded, 0, div_up(filter1 - filter0, lanes) * lanes * sizeof *sums);
	const int64_t whole = (filter1 - filter0) / lanes, rest = (filter1 - filter0) % lanes;
	for (int64_t channel = channel0, n; channel < channel1; channel += n) {
		n = min64(GK_DENSE_DEPTH, channel1 - channel);
		const float *b = d->kernel + channel * d->filters + filter0;
		float last[GK_DENSE_DEPTH * GK_MAX_LANES]; // the filters that fill no vector, with zeros behind them
		if (rest) {
			memset(last, 0, sizeof last);
			for (int64_t k = 0; k < n; k++) memcpy(last + k * lanes, b + k * d->filters + whole * lanes, rest * sizeof *last);
		}
		for (int64_t r = 0, m; r < d->rows; r += m) {
			m = min64(GK_DENSE_ROWS, d->rows - r);
			const float *x = d->x + r * d->channels + channel;
			j->tiles->dense[m](x, d->channels, n, b, d->filters, whole, sums + r * j->padded, j->padded);
			if (rest) j->tiles->dense[m](x, d->channels, n, last, lanes, 1, sums + r * j->padded + whole * lanes, j->padded);
		}
	}
}

int gk_dense_forward(int level, gk_parallel *p, const gk_dense *d) {
	dense_job j = {.d = d, .tiles = gk_tiles_of(level)};
	const int64_t lanes = j.tiles->lanes;
	j.acrosses = max64(1, min64(PIECES, d->filters / LEAST_ACROSS));
	j.across = div_up(div_up(d->filters, j.acrosses), lanes) * lanes;
	j.downs = max64(1, min64(PIECES / j.acrosses, d->channels / LEAST_DOWN));
	j.down = div_up(div_up(d->channels, j.downs), GK_DENSE_DEPTH) * GK_DENSE_DEPTH;
	j.downs = div_up(d->channels, j.down);
	j.padded = div_up(d->filters, lanes) * lanes;
	gk_scratch *sums = gk_scratch_take(j.downs * d->rows * j.padded);
	if (!sums) return -1;
	j.sums = sums->floats;
	gk_spread(p, j.downs * j.acrosses, piece, &j, d->channels * d->filters >= WORTH_THREADS);
	for (int64_t r = 0; r < d->rows; r++) {
		float *y = d->y + r * d->filters;
		gk_finish f = {.after = d->after};
		gk_after *a = &f.after;
		if (a->bias && !a->factor) {
			memcpy(y, a->bias, d->filters * sizeof *y);
			a->bias = NULL;
		} else {
			memset(y, 0, d->filters * sizeof *y);
		}
		j.tiles->add_rows(j.sums + r * j.padded, j.downs, d->rows * j.padded, d->filters, y);
		if (a->added) a->added += r * d->filters;
		if (a->factor || a->added || a->relu) j.tiles->finish(y, &f, d->filters);
	}
	gk_scratch_give(sums);
	return 0;
}
