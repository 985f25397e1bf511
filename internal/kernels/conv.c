//go:build cgo && linux

#include "conv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "tiles.h"

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// even_tile is the next tile's share of what is left, when that is cut into tiles of about the same size.
static int64_t even_tile(int64_t left, int64_t most) { return div_up(left, div_up(left, most)); }

int gk_best_level(void) {
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
		return GK_AVX512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return GK_AVX2;
#endif
	return GK_GENERIC;
}

static const gk_tiles *tiles_of(int level) {
#if defined(__x86_64__)
	if (level >= GK_AVX512) return &gk_avx512_tiles;
	if (level == GK_AVX2) return &gk_avx2_tiles;
#endif
	return &gk_generic_tiles;
}

// ---- forward ----

typedef struct {
	const gk_conv *c;
	const gk_tiles *tiles;
	const float *x, *kernel, *bias;
	float *packed, *y;
	int flags, flipped, failed;
	int64_t block;   // filters computed together: two vectors
	int64_t depth;   // products in a sum
	int64_t bands;   // parts that an image is cut into
	int64_t band;    // output rows in a part
} forward_job;

// pack lays the weights of one block of filters out in the order in which the tiles read them, the bias before them.
static void pack(void *data, int64_t at) {
	const forward_job *j = data;
	const gk_conv *c = j->c;
	const int64_t first = at * j->block, n = min64(j->block, c->filters - first);
	float *to = j->packed + at * (j->depth + 1) * j->block;
	memset(to, 0, j->block * sizeof *to);
	if (j->bias) memcpy(to, j->bias + first, n * sizeof *to);
	to += j->block;
	for (int64_t tap = 0; tap < c->kernel_height * c->kernel_width; tap++) {
		for (int64_t channel = 0; channel < c->channels; channel++, to += j->block) {
			if (n < j->block) memset(to, 0, j->block * sizeof *to);
			if (!j->flipped) {
				memcpy(to, j->kernel + (tap * c->channels + channel) * c->filters + first, n * sizeof *to);
				continue;
			}
			// The kernel turned around, its channels and filters exchanged.
			const float *from = j->kernel + (c->kernel_height * c->kernel_width - 1 - tap) * c->filters * c->channels + channel;
			for (int64_t i = 0; i < n; i++) to[i] = from[(first + i) * c->channels];
		}
	}
}

// band computes some rows of one image.
static void band(void *data, int64_t at) {
	forward_job *j = data;
	const gk_conv *c = j->c;
	const int64_t image = at / j->bands, row0 = at % j->bands * j->band, rows = min64(j->band, c->out_height - row0);
	if (rows <= 0) return;
	// The input's rows with zeros around them, so that the tiles meet no borders.
	const int64_t width = (c->out_width - 1) * c->stride_columns + c->kernel_width, height = (rows - 1) * c->stride_rows + c->kernel_height;
	const int64_t line = width * c->channels;
	const float *x = j->x + image * c->height * c->width * c->channels;
	const float *padded;
	int64_t line_step;
	gk_scratch *scratch = NULL;
	const int64_t in0 = row0 * c->stride_rows - c->top;
	if (c->left == 0 && width <= c->width && in0 >= 0 && in0 + height <= c->height) {
		padded = x + in0 * c->width * c->channels;
		line_step = c->width * c->channels;
	} else {
		if (!(scratch = gk_scratch_take(height * line))) {
			__atomic_store_n(&j->failed, 1, __ATOMIC_RELAXED);
			return;
		}
		float *to = scratch->floats;
		padded = to;
		line_step = line;
		const int64_t before = min64(c->left, width), inside = max64(0, min64(c->width, width - before));
		for (int64_t r = 0; r < height; r++, to += line) {
			const int64_t from = in0 + r;
			if (from < 0 || from >= c->height) {
				memset(to, 0, line * sizeof *to);
				continue;
			}
			memset(to, 0, before * c->channels * sizeof *to);
			memcpy(to + before * c->channels, x + from * c->width * c->channels, inside * c->channels * sizeof *to);
			memset(to + (before + inside) * c->channels, 0, (width - before - inside) * c->channels * sizeof *to);
		}
	}
	gk_tile t = {
		.step = c->stride_columns * c->channels, .lines = c->kernel_height, .length = c->kernel_width * c->channels,
		.line_step = line_step, .out_step = c->filters, .flags = j->flags,
	};
	float *y = j->y + (image * c->out_height + row0) * c->out_width * c->filters;
	for (int64_t first = 0; first < c->filters; first += j->block) {
		const float *packed = j->packed + first / j->block * (j->depth + 1) * j->block;
		t.columns = min64(j->block, c->filters - first);
		for (int64_t r = 0; r < rows; r++) {
			const float *a = padded + r * c->stride_rows * line_step;
			float *out = y + r * c->out_width * c->filters + first;
			for (int64_t column = 0, n; column < c->out_width; column += n) {
				n = even_tile(c->out_width - column, j->tiles->rows);
				j->tiles->forward[n](&t, a + column * t.step, packed + j->block, packed, out + column * c->filters);
			}
		}
	}
	if (scratch) gk_scratch_give(scratch);
}

static int forward(int level, gk_parallel *p, const gk_conv *c, const float *x, const float *kernel, const float *bias, int flags, int flipped, float *y) {
	forward_job j = {.c = c, .tiles = tiles_of(level), .x = x, .kernel = kernel, .bias = bias, .y = y, .flags = flags, .flipped = flipped};
	j.block = 2 * j.tiles->lanes;
	j.depth = c->kernel_height * c->kernel_width * c->channels;
	const int64_t blocks = div_up(c->filters, j.block);
	gk_scratch *packed = gk_scratch_take(blocks * (j.depth + 1) * j.block);
	if (!packed) return -1;
	j.packed = packed->floats;
	p->run(p, blocks, pack, &j);
	// Some parts for each thread, so that all end together.
	const int64_t wanted = div_up(4 * p->threads, c->batch);
	j.band = max64(1, div_up(c->out_height, max64(1, wanted)));
	j.bands = div_up(c->out_height, j.band);
	p->run(p, c->batch * j.bands, band, &j);
	gk_scratch_give(packed);
	return j.failed ? -1 : 0;
}

int gk_conv_forward(int level, gk_parallel *p, const gk_conv *c, const float *x, const float *kernel, const float *bias, int flags, float *y) {
	return forward(level, p, c, x, kernel, bias, flags, 0, y);
}

int gk_conv_input_gradient(int level, gk_parallel *p, const gk_conv *c, const float *dy, const float *kernel, float *dx) {
	// A convolution of dy by the kernel turned around.
	const gk_conv back = {
		.batch = c->batch, .height = c->out_height, .width = c->out_width, .channels = c->filters,
		.kernel_height = c->kernel_height, .kernel_width = c->kernel_width,
		.out_height = c->height, .out_width = c->width, .filters = c->channels,
		.stride_rows = 1, .stride_columns = 1,
		.top = c->kernel_height - 1 - c->top, .left = c->kernel_width - 1 - c->left,
	};
	return forward(level, p, &back, dy, kernel, NULL, 0, 1, dx);
}

// ---- the kernel's gradient ----

typedef struct {
	const gk_conv *c;
	const gk_tiles *tiles;
	const float *x, *dy;
	float *sums, *dkernel;
	int failed;
	int64_t block, padded;    // filters computed together; filters rounded up to blocks
	int64_t groups, rows;     // groups of images with sums of their own; output rows taken together
	int64_t parts, part;      // parts of the filters' blocks, and blocks in a part
} gradient_job;

enum { GROUPS = 8 };

static void group(void *data, int64_t at) {
	gradient_job *j = data;
	const gk_conv *c = j->c;
	const int64_t g = at / j->parts;
	const int64_t block0 = at % j->parts * j->part, blocks = min64(j->part, j->padded / j->block - block0);
	if (blocks <= 0) return;
	const int64_t depth = c->kernel_height * c->kernel_width * c->channels;
	const int64_t image0 = c->batch * g / j->groups, image1 = c->batch * (g + 1) / j->groups;
	float *sums = j->sums + g * depth * j->padded;
	for (int64_t i = 0; i < depth; i++) memset(sums + i * j->padded + block0 * j->block, 0, blocks * j->block * sizeof *sums);
	const int64_t taken = min64(blocks * j->block, c->filters - block0 * j->block); // filters of this part
	const int64_t b_step = blocks * j->block;
	// The part of dy that is at work, in one piece: filters side by side, zeros behind the last.
	gk_scratch *scratch = gk_scratch_take(j->rows * c->out_width * b_step);
	if (!scratch) {
		__atomic_store_n(&j->failed, 1, __ATOMIC_RELAXED);
		return;
	}
	for (int64_t image = image0; image < image1; image++) {
		const float *x = j->x + image * c->height * c->width * c->channels;
		for (int64_t row0 = 0; row0 < c->out_height; row0 += j->rows) {
			const int64_t row1 = min64(row0 + j->rows, c->out_height);
			const float *from = j->dy + (image * c->out_height + row0) * c->out_width * c->filters + block0 * j->block;
			const float *dy = from;
			int64_t step = c->filters;
			if (taken < b_step || blocks < j->padded / j->block) {
				float *to = scratch->floats;
				for (int64_t i = 0; i < (row1 - row0) * c->out_width; i++, to += b_step, from += c->filters) {
					memcpy(to, from, taken * sizeof *to);
					memset(to + taken, 0, (b_step - taken) * sizeof *to);
				}
				dy = scratch->floats;
				step = b_step;
			}
			for (int64_t b = 0; b < blocks; b++) {
				for (int64_t i = 0; i < c->kernel_height; i++) {
					// The rows of this part whose pixel under the kernel's row i lies inside the image.
					int64_t first = row0, last = row1;
					while (first < last && first * c->stride_rows - c->top + i < 0) first++;
					while (last > first && (last - 1) * c->stride_rows - c->top + i >= c->height) last--;
					if (first == last) continue;
					for (int64_t k = 0; k < c->kernel_width; k++) {
						int64_t left = 0, right = c->out_width;
						while (left < right && left * c->stride_columns - c->left + k < 0) left++;
						while (right > left && (right - 1) * c->stride_columns - c->left + k >= c->width) right--;
						if (left == right) continue;
						const gk_tile t = {
							.step = c->stride_columns * c->channels, .lines = last - first, .length = right - left,
							.line_step = c->stride_rows * c->width * c->channels,
							.b_step = step, .b_line_step = c->out_width * step, .out_step = j->padded,
						};
						const float *a = x + ((first * c->stride_rows - c->top + i) * c->width + left * c->stride_columns - c->left + k) * c->channels;
						const float *d = dy + ((first - row0) * c->out_width + left) * step + b * j->block;
						float *out = sums + (i * c->kernel_width + k) * c->channels * j->padded + (block0 + b) * j->block;
						for (int64_t channel = 0, n; channel < c->channels; channel += n) {
							n = even_tile(c->channels - channel, j->tiles->rows);
							j->tiles->gradient[n](&t, a + channel, d, out + channel * j->padded);
						}
					}
				}
			}
		}
	}
	gk_scratch_give(scratch);
}

// add_up adds the groups' sums for one tap of the kernel.
static void add_up(void *data, int64_t tap) {
	const gradient_job *j = data;
	const gk_conv *c = j->c;
	const int64_t depth = c->kernel_height * c->kernel_width * c->channels;
	for (int64_t i = tap * c->channels; i < (tap + 1) * c->channels; i++) {
		float *to = j->dkernel + i * c->filters;
		const float *from = j->sums + i * j->padded;
		for (int64_t f = 0; f < c->filters; f++) {
			float sum = from[f];
			for (int64_t g = 1; g < j->groups; g++) sum += from[g * depth * j->padded + f];
			to[f] = sum;
		}
	}
}

int gk_conv_kernel_gradient(int level, gk_parallel *p, const gk_conv *c, const float *x, const float *dy, float *dkernel) {
	gradient_job j = {.c = c, .tiles = tiles_of(level), .x = x, .dy = dy, .dkernel = dkernel};
	j.block = 2 * j.tiles->lanes;
	j.padded = div_up(c->filters, j.block) * j.block;
	const int64_t depth = c->kernel_height * c->kernel_width * c->channels, size = depth * j.padded;
	const int64_t most = (int64_t)8 << 20; // floats in all sums
	j.groups = max64(1, min64(min64(GROUPS, c->batch), most / size));
	j.parts = min64(j.padded / j.block, div_up(GROUPS, j.groups));
	j.part = div_up(j.padded / j.block, j.parts);
	const int64_t near = 6 << 10; // floats that stay in the nearest cache
	j.rows = max64(1, min64(c->out_height, near / (c->out_width * (c->channels * c->stride_rows * c->stride_columns + j.padded))));
	gk_scratch *sums = gk_scratch_take(j.groups * size);
	if (!sums) return -1;
	j.sums = sums->floats;
	p->run(p, j.groups * j.parts, group, &j);
	if (!j.failed) p->run(p, c->kernel_height * c->kernel_width, add_up, &j);
	gk_scratch_give(sums);
	return j.failed ? -1 : 0;
}
