#include "maxpool.h"

#include <math.h>

#include "shapes.h"

// whole are numbers from -most to most, so that some are equal and sums are exact, now and then others that are special.
static float *whole(int64_t n, int64_t most, int special) {
	float *list = blank(n);
	for (int64_t i = 0; i < n; i++) {
		list[i] = between(-most, most);
		if (special && one_in(4)) list[i] = -INFINITY;
		if (special && one_in(50)) list[i] = NAN;
	}
	return list;
}

typedef struct {
	int64_t channels;
	const float *x, *dy;
	double *y, *dx;
	uint8_t *positions;
} maxima;

static void meet(void *data, int64_t output, int64_t input, int64_t element) {
	const maxima *m = data;
	for (int64_t c = 0; c < m->channels; c++) {
		const int64_t y = output * m->channels + c;
		const float x = m->x[input * m->channels + c];
		if (m->positions[y] == GK_NO_POSITION || x > m->y[y] || isnan(x)) m->y[y] = x, m->positions[y] = element;
	}
}

static void give_back(void *data, int64_t output, int64_t input, int64_t element) {
	const maxima *m = data;
	for (int64_t c = 0; c < m->channels; c++) {
		const int64_t y = output * m->channels + c;
		if (m->positions[y] == element) m->dx[input * m->channels + c] += m->dy[y];
	}
}

static gk_conv random_pool(void) {
	gk_conv c = random_conv();
	c.dilation_rows = c.dilation_columns = 1;
	c.filters = c.channels = one_in(4) ? between(1, 4) : c.channels;
	switch (between(0, 5)) {
	case 0: // a large window
		c.kernel_height = between(1, 15), c.kernel_width = between(1, 17);
		break;
	case 1: // windows outside the image
		c.top += between(0, 9), c.left += between(0, 9);
		c.out_height += between(0, 3), c.out_width += between(0, 3);
		break;
	case 2: // between windows lies something
		c.stride_rows += between(0, 5), c.stride_columns += between(0, 5);
		break;
	}
	return c;
}

void maxpool_case(int level, gk_parallel *p) {
	const gk_conv c = random_pool();
	conv_shape("max-pool", level, p, &c);
	const int64_t of_x = input_size(&c), of_y = output_size(&c);
	maxima want = {c.channels, whole(of_x, 9, one_in(3)), whole(of_y, 99, 0), zeros(of_y), zeros(of_x), bytes(of_y, 1)};
	for (int64_t i = 0; i < of_y; i++) want.y[i] = -INFINITY, want.positions[i] = GK_NO_POSITION;
	each_tap(&c, meet, &want);

	float *y = blank(of_y), *dx = blank(of_x);
	uint8_t *positions = one_in(3) ? NULL : bytes(of_y, 4);
	const int relu = one_in(3);
	for (int64_t i = 0; relu && i < of_y; i++)
		if (want.y[i] <= 0) want.positions[i] = GK_NO_POSITION;
	gk_max_pool_forward(level, p, &c, want.x, relu, y, positions);
	for (int64_t i = 0; i < of_y; i++) {
		if (y[i] != want.y[i] && !(isnan(y[i]) && isnan(want.y[i]))) fail("y[%ld] is %g, not %g,", i, y[i], want.y[i]);
		if (positions && positions[i] != want.positions[i]) fail("positions[%ld] is %d, not %d,", i, positions[i], want.positions[i]);
	}

	each_tap(&c, give_back, &want);
	gk_max_pool_gradient(level, p, &c, want.dy, want.positions, dx);
	near("dx", dx, want.dx, of_x, 0);
}
