//go:build cgo && linux && amd64

#include "depthwise.h"

#include <string.h>

#include "scratch.h"
#include "tiles.h"

typedef struct {
	const gk_tiles *tiles;
	const gk_conv *c;
	const float *x, *kernel, *dy;
	const gk_after *after;
	float *out;
	int64_t parts;
} depthwise_job;

// rows_of gives the kernel's rows, from first up to end, that meet the input from its row at on.
static void rows_of(const gk_conv *c, int64_t at, int64_t *first, int64_t *end) {
	*first = min64(c->kernel_height, div_up(max64(0, -at), c->dilation_rows));
	*end = max64(*first, min64(c->kernel_height, div_up(max64(0, c->height - at), c->dilation_rows)));
}

static void forward_row(void *data, int64_t at) {
	const depthwise_job *j = data;
	const gk_conv *c = j->c;
	const int64_t image = at / c->out_height, top = at % c->out_height * c->stride_rows - c->top;
	gk_depthwise_row row = {.c = c, .x = j->x + image * c->height * c->width * c->channels, .top = top, .kernel = j->kernel, .after = j->after, .y = j->out + at * c->out_width * c->channels};
	rows_of(c, top, &row.first, &row.end);
	j->tiles->depthwise(&row);
}

void gk_depthwise_forward(int level, gk_parallel *p, const gk_conv *c, const float *x, const float *kernel, const gk_after *after, float *y) {
	depthwise_job j = {.tiles = gk_tiles_of(level), .c = c, .x = x, .kernel = kernel, .after = after, .out = y};
	p->run(p, c->batch * c->out_height, forward_row, &j);
}

static void input_row(void *data, int64_t at) {
	const depthwise_job *j = data;
	const gk_conv *c = j->c;
	j->tiles->depthwise_input(c, j->dy + at / c->height * c->out_height * c->out_width * c->channels, j->kernel, at % c->height, j->out + at * c->width * c->channels);
}

int gk_depthwise_input_gradient(int level, gk_parallel *p, const gk_conv *c, const float *dy, const float *kernel, float *dx) {
	if (c->stride_rows == 1 && c->stride_columns == 1) {
		// A convolution of dy by the kernel turned around.
		gk_conv back = *c;
		back.height = c->out_height, back.width = c->out_width, back.out_height = c->height, back.out_width = c->width;
		back.top = (c->kernel_height - 1) * c->dilation_rows - c->top, back.left = (c->kernel_width - 1) * c->dilation_columns - c->left;
		const int64_t taps = c->kernel_height * c->kernel_width;
		gk_scratch *turned = gk_scratch_take(taps * c->channels);
		if (!turned) return -1;
		for (int64_t i = 0; i < taps; i++) memcpy(turned->floats + i * c->channels, kernel + (taps - 1 - i) * c->channels, c->channels * sizeof *kernel);
		gk_depthwise_forward(level, p, &back, dy, turned->floats, &(gk_after){0}, dx);
		gk_scratch_give(turned);
		return 0;
	}
	depthwise_job j = {.tiles = gk_tiles_of(level), .c = c, .dy = dy, .kernel = kernel, .out = dx};
	p->run(p, c->batch * c->height, input_row, &j);
	return 0;
}

enum { PARTS = 16 }; // of the output's rows, each with sums of its own

static void gradient_part(void *data, int64_t at) {
	const depthwise_job *j = data;
	const gk_conv *c = j->c;
	const int64_t size = c->kernel_height * c->kernel_width * c->channels, rows = c->batch * c->out_height;
	float *sums = j->out + at * size;
	memset(sums, 0, size * sizeof *sums);
	for (int64_t r = rows * at / j->parts; r < rows * (at + 1) / j->parts; r++) {
		const int64_t image = r / c->out_height, top = r % c->out_height * c->stride_rows - c->top;
		gk_depthwise_row row = {.c = c, .x = j->x + image * c->height * c->width * c->channels, .top = top, .dy = j->dy + r * c->out_width * c->channels, .y = sums};
		rows_of(c, top, &row.first, &row.end);
		j->tiles->depthwise_kernel(&row);
	}
}

int gk_depthwise_kernel_gradient(int level, gk_parallel *p, const gk_conv *c, const float *x, const float *dy, float *dkernel) {
	const int64_t size = c->kernel_height * c->kernel_width * c->channels;
	depthwise_job j = {.tiles = gk_tiles_of(level), .c = c, .x = x, .dy = dy, .parts = min64(PARTS, c->batch * c->out_height)};
	gk_scratch *sums = gk_scratch_take(j.parts * size);
	if (!sums) return -1;
	j.out = sums->floats;
	p->run(p, j.parts, gradient_part, &j);
	memcpy(dkernel, j.out, size * sizeof *dkernel);
	for (int64_t n = 1; n < j.parts; n++)
		for (int64_t i = 0; i < size; i++) dkernel[i] += j.out[n * size + i];
	gk_scratch_give(sums);
	return 0;
}
