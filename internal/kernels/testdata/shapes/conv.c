#include <math.h>
#include <string.h>

#include "shapes.h"

// A convolution's values, and its sums in double precision before anything follows them.
typedef struct {
	const gk_conv *c;
	const float *x, *kernel;
	const float *dy;           // of the output, also where the gradient is
	gk_output_gradient given;  // that of a max-pool
	double *y, *dx, *dkernel, *dbias;
} convolution;

static void add_tap(void *data, int64_t output, int64_t input, int64_t element) {
	const convolution *s = data;
	const int64_t filters = s->c->filters, channels = s->c->channels;
	const float *dy = s->dy + output * filters;
	double *y = s->y + output * filters;
	for (int64_t i = 0; i < channels; i++) {
		const int64_t at = input * channels + i, first = (element * channels + i) * filters;
		for (int64_t f = 0; f < filters; f++) {
			y[f] += (double)s->x[at] * s->kernel[first + f];
			s->dx[at] += (double)dy[f] * s->kernel[first + f];
			s->dkernel[first + f] += (double)s->x[at] * dy[f];
		}
	}
}

static int64_t kernel_size(const gk_conv *c) { return c->kernel_height * c->kernel_width * c->channels * c->filters; }

static double tolerance(int64_t products) { return 2e-5 * sqrt(products + 10); }

// in_window is where a window's element lies in the output, given where it is in the pool's result; the four are counted along rows.
static int64_t in_window(const gk_conv *c, int64_t pooled, int element) {
	const int64_t width = c->out_width / 2, height = c->out_height / 2, pixel = pooled / c->filters;
	const int64_t image = pixel / width / height, row = pixel / width % height * 2 + element / 2, column = pixel % width * 2 + element % 2;
	return ((image * c->out_height + row) * c->out_width + column) * c->filters + pooled % c->filters;
}

// ---- the gradient for the output ----

// unpooled is the gradient for the output, given that for its max-pool.
static float *unpooled(const gk_conv *c, gk_output_gradient pooled) {
	float *full = blank(output_size(c));
	for (int64_t i = 0; i < output_size(c); i++) full[i] = 0;
	for (int64_t i = 0; i < pooled_size(c); i++)
		if (pooled.positions[i] < 4) full[in_window(c, i, pooled.positions[i])] = pooled.values[i];
	return full;
}

static gk_output_gradient random_pooled(const gk_conv *c) {
	const int64_t n = pooled_size(c);
	uint8_t *positions = bytes(n, 5);
	for (int64_t i = 0; i < n; i++)
		if (positions[i] == 4) positions[i] = GK_NO_POSITION;
	return (gk_output_gradient){numbers(n), positions};
}

// ---- one kernel each ----

// input has the values, or their first channels beside the others.
static gk_input input(const convolution *v) {
	const gk_conv *c = v->c;
	if (c->channels == 1 || !one_in(3)) return (gk_input){.values = v->x};
	const int64_t pixels = input_size(c) / c->channels, own = between(1, c->channels - 1), others = c->channels - own;
	float *values = blank(pixels * own), *beside = blank(pixels * others);
	for (int64_t i = 0; i < pixels; i++) {
		memcpy(values + i * own, v->x + i * c->channels, own * sizeof *values);
		memcpy(beside + i * others, v->x + i * c->channels + own, others * sizeof *beside);
	}
	return (gk_input){values, beside, own};
}

static void check_forward(int level, gk_parallel *p, const convolution *v) {
	const gk_conv *c = v->c;
	const int64_t n = output_size(c);
	const gk_after after = random_after(c->filters, n, 1);
	double *want = zeros(n);
	for (int64_t i = 0; i < n; i++) want[i] = followed(v->y[i], &after, i % c->filters, i);
	float *y = blank(n);
	succeeds(gk_conv_forward(level, p, c, input(v), v->kernel, &after, y));
	near("y", y, want, n, tolerance(kernel_size(c)));
}

static void check_input_gradient(int level, gk_parallel *p, const convolution *v) {
	const gk_conv *c = v->c;
	const int64_t n = input_size(c);
	const int reaches_all = c->kernel_height >= c->stride_rows && c->kernel_width >= c->stride_columns;
	const gk_after after = reaches_all && one_in(2) ? random_after(c->channels, n, 0) : (gk_after){};
	const float *mask = one_in(2) ? numbers(n) : NULL;
	double *want = zeros(n);
	for (int64_t i = 0; i < n; i++)
		if (!mask || mask[i] > 0) want[i] = followed(v->dx[i], &after, i % c->channels, i);
	float *dx = blank(n);
	succeeds(gk_conv_input_gradient(level, p, c, v->given, v->kernel, &after, mask, dx));
	near("dx", dx, want, n, tolerance(kernel_size(c)));
}

static void check_kernel_gradient(int level, gk_parallel *p, const convolution *v) {
	const int64_t n = kernel_size(v->c);
	float *dkernel = blank(n), *dbias = one_in(2) ? blank(v->c->filters) : NULL;
	succeeds(gk_conv_kernel_gradient(level, p, v->c, v->x, v->given, dkernel, dbias));
	near("dkernel", dkernel, v->dkernel, n, tolerance(output_size(v->c)));
	if (dbias) near("dbias", dbias, v->dbias, v->c->filters, tolerance(output_size(v->c)));
}

// ---- max-pools ----

// check_positions has each be that of its window's maximum, or none where a ReLU left nothing.
static void check_positions(const gk_conv *c, const double *y, const float *pooled, const uint8_t *positions, int relu, double within) {
	for (int64_t i = 0; i < pooled_size(c); i++) {
		const int none = relu && pooled[i] <= 0;
		if (none != (positions[i] == GK_NO_POSITION)) fail("positions[%ld] is %d for %g,", i, positions[i], pooled[i]);
		if (none) continue;
		if (positions[i] >= 4) fail("positions[%ld] is %d,", i, positions[i]);
		const double want = y[in_window(c, i, positions[i])];
		near("the value at a position", &pooled[i], &want, 1, within);
	}
}

static double *maxima(const gk_conv *c, const double *y) {
	double *most = zeros(pooled_size(c));
	for (int64_t i = 0; i < pooled_size(c); i++) {
		most[i] = y[in_window(c, i, 0)];
		for (int element = 1; element < 4; element++) most[i] = fmax(most[i], y[in_window(c, i, element)]);
	}
	return most;
}

static void check_forward_pool(int level, gk_parallel *p, const convolution *v) {
	const gk_conv *c = v->c;
	const int64_t n = output_size(c);
	const gk_after after = random_after(c->filters, n, 0);
	double *y = zeros(n);
	for (int64_t i = 0; i < n; i++) y[i] = followed(v->y[i], &after, i % c->filters, i);
	float *pooled = blank(pooled_size(c));
	uint8_t *positions = one_in(2) ? bytes(pooled_size(c), 4) : NULL;
	succeeds(gk_conv_forward_pool(level, p, c, input(v), v->kernel, &after, pooled, positions));
	near("pooled", pooled, maxima(c, y), pooled_size(c), tolerance(kernel_size(c)));
	if (positions) check_positions(c, y, pooled, positions, after.relu != GK_LINEAR, tolerance(kernel_size(c)));
}

static void check_pool(int level, gk_parallel *p, const gk_conv *c) {
	const int64_t n = output_size(c);
	const float *values = numbers(n);
	double *y = zeros(n), *full = zeros(n);
	for (int64_t i = 0; i < n; i++) y[i] = values[i];
	float *pooled = blank(pooled_size(c)), *gradient = blank(n);
	uint8_t *positions = bytes(pooled_size(c), 4);
	gk_pool_forward(level, p, c, values, pooled, positions);
	near("pooled", pooled, maxima(c, y), pooled_size(c), 0);
	check_positions(c, y, pooled, positions, 0, 0);

	const gk_output_gradient given = random_pooled(c);
	const float *plain = unpooled(c, given);
	for (int64_t i = 0; i < n; i++) full[i] = plain[i];
	gk_pool_gradient(level, p, c, given, gradient);
	near("the pool's gradient", gradient, full, n, 0);
}

void conv_case(int level, gk_parallel *p) {
	const gk_conv c = random_conv();
	conv_shape("convolution", level, p, &c);
	const int64_t of_x = input_size(&c), of_y = output_size(&c), of_kernel = kernel_size(&c);
	const int has_pool = pooled_size(&c) > 0;
	convolution v = {.c = &c, .x = numbers(of_x), .kernel = numbers(of_kernel), .y = zeros(of_y), .dx = zeros(of_x), .dkernel = zeros(of_kernel), .dbias = zeros(c.filters)};
	v.given = has_pool && one_in(3) ? random_pooled(&c) : (gk_output_gradient){.values = numbers(of_y)};
	v.dy = v.given.positions ? unpooled(&c, v.given) : v.given.values;
	each_tap(&c, add_tap, &v);
	for (int64_t i = 0; i < of_y; i++) v.dbias[i % c.filters] += v.dy[i];

	check_forward(level, p, &v);
	if (gives_input_gradient(&c)) check_input_gradient(level, p, &v);
	check_kernel_gradient(level, p, &v);
	if (!has_pool) return;
	check_forward_pool(level, p, &v);
	check_pool(level, p, &c);
}
