//go:build cgo && linux && amd64

#include "maxpool.h"

#include "tiles.h"

enum { WORTH = 1 << 16 }; // places of windows, to wake other threads for

typedef struct {
	const gk_tiles *tiles;
	const gk_conv *c;
	const float *from;
	float *to;
	uint8_t *positions;
	int relu;
} max_pool_job;

static void forward_row(void *data, int64_t at) {
	const max_pool_job *j = data;
	const gk_conv *c = j->c;
	const int64_t out = at * c->out_width * c->channels;
	j->tiles->max_pool(c, j->from + at / c->out_height * c->height * c->width * c->channels, at % c->out_height, j->relu, j->to + out, j->positions ? j->positions + out : NULL);
}

static void gradient_row(void *data, int64_t at) {
	const max_pool_job *j = data;
	const gk_conv *c = j->c;
	const int64_t image = at / c->height * c->out_height * c->out_width * c->channels;
	j->tiles->max_pool_gradient(c, j->from + image, j->positions + image, at % c->height, j->to + at * c->width * c->channels);
}

// tiles_for takes narrow vectors for pixels that don't fill wide ones.
static const gk_tiles *tiles_for(const gk_conv *c, int level) { return gk_tiles_of(c->channels < GK_MAX_LANES && c->stride_columns > 1 ? GK_AVX2 : level); }

static int is_worth(const gk_conv *c) { return c->batch * c->out_height * c->out_width * c->channels * c->kernel_height * c->kernel_width >= WORTH; }

void gk_max_pool_forward(int level, gk_parallel *p, const gk_conv *c, const float *x, int relu, float *y, uint8_t *positions) {
	max_pool_job j = {tiles_for(c, level), c, x, y, positions, relu};
	gk_spread(p, c->batch * c->out_height, forward_row, &j, is_worth(c));
}

void gk_max_pool_gradient(int level, gk_parallel *p, const gk_conv *c, const float *dy, const uint8_t *positions, float *dx) {
	max_pool_job j = {tiles_for(c, level), c, dy, dx, (uint8_t *)positions};
	gk_spread(p, c->batch * c->height, gradient_row, &j, is_worth(c));
}
