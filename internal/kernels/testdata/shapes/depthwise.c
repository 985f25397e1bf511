#include "depthwise.h"

#include <math.h>

#include "shapes.h"

typedef struct {
	int64_t channels;
	const float *x, *kernel, *dy;
	double *y, *dx, *dkernel;
} sums;

static void add_tap(void *data, int64_t output, int64_t input, int64_t element) {
	const sums *s = data;
	const int64_t y = output * s->channels, x = input * s->channels, k = element * s->channels;
	for (int64_t c = 0; c < s->channels; c++) {
		s->y[y + c] += (double)s->x[x + c] * s->kernel[k + c];
		s->dx[x + c] += (double)s->dy[y + c] * s->kernel[k + c];
		s->dkernel[k + c] += (double)s->x[x + c] * s->dy[y + c];
	}
}

void depthwise_case(int level, gk_parallel *p) {
	gk_conv c = random_conv();
	c.filters = c.channels;
	conv_shape("depthwise convolution", level, p, &c);
	const int64_t of_x = input_size(&c), of_y = output_size(&c), of_kernel = c.kernel_height * c.kernel_width * c.channels;
	const sums want = {c.channels, numbers(of_x), numbers(of_kernel), numbers(of_y), zeros(of_y), zeros(of_x), zeros(of_kernel)};
	each_tap(&c, add_tap, (void *)&want);
	const gk_after after = random_after(c.channels, of_y, 0);
	for (int64_t i = 0; i < of_y; i++) want.y[i] = followed(want.y[i], &after, i % c.channels, i);

	float *y = blank(of_y), *dx = blank(of_x), *dkernel = blank(of_kernel);
	gk_depthwise_forward(level, p, &c, want.x, want.kernel, &after, y);
	near("y", y, want.y, of_y, 1e-4);
	if (gives_input_gradient(&c)) {
		succeeds(gk_depthwise_input_gradient(level, p, &c, want.dy, want.kernel, dx));
		near("dx", dx, want.dx, of_x, 1e-4);
	}
	succeeds(gk_depthwise_kernel_gradient(level, p, &c, want.x, want.dy, dkernel));
	near("dkernel", dkernel, want.dkernel, of_kernel, 2e-5 * sqrt(of_y + 10));
}
