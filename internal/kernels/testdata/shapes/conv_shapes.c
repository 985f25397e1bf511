#include "shapes.h"

// filters are below, at and above what vectors hold.
static int64_t filters(void) {
	switch (between(0, 3)) {
	case 0:
		return between(1, 4);
	case 1:
		return between(1, 17);
	case 2:
		return 16 * between(1, 4);
	default:
		return between(1, 70);
	}
}

static int64_t kernel_side(void) { return one_in(2) ? 3 : between(1, 5); }

// span is a kernel's size with its gaps.
static int64_t span(int64_t kernel, int64_t dilation) { return (kernel - 1) * dilation + 1; }

// An axis' zeros before and behind the image: as many as Keras's "same" has, or by chance.
typedef struct {
	int64_t before, behind;
} padding;

static padding random_padding(int64_t span) {
	const int64_t all = span - 1;
	if (one_in(2)) return (padding){all / 2, all - all / 2};
	return (padding){between(0, all), between(0, all)};
}

// make_common has what most layers of networks for images have, and Winograd's way is for.
static void make_common(gk_conv *c) {
	c->kernel_height = c->kernel_width = 3;
	c->stride_rows = c->stride_columns = 1;
	c->height = between(8, 16), c->width = between(16, 20);
	c->channels = between(32, 48), c->filters = between(32, 48);
}

gk_conv random_conv(void) {
	gk_conv c = {.batch = between(1, 3), .height = between(1, 14), .width = between(1, one_in(6) ? 70 : 18), .channels = filters(), .filters = filters()};
	c.kernel_height = kernel_side(), c.kernel_width = kernel_side();
	if (one_in(5)) c.kernel_height = c.kernel_width = 1;
	if (one_in(5)) c.height = c.kernel_height = 1; // of one dimension
	c.stride_rows = one_in(2) ? 1 : between(1, 3);
	c.stride_columns = one_in(2) ? c.stride_rows : between(1, 3);
	if (one_in(20)) make_common(&c);
	const int dilated = one_in(3);
	c.dilation_rows = dilated ? between(1, 4) : 1;
	c.dilation_columns = dilated ? between(1, 4) : 1;
	const int64_t height = span(c.kernel_height, c.dilation_rows), width = span(c.kernel_width, c.dilation_columns);
	const padding rows = random_padding(height), columns = random_padding(width);
	c.height = max64(c.height, height - rows.before - rows.behind);
	c.width = max64(c.width, width - columns.before - columns.behind);
	c.top = rows.before, c.left = columns.before;
	c.out_height = (c.height + rows.before + rows.behind - height) / c.stride_rows + 1;
	c.out_width = (c.width + columns.before + columns.behind - width) / c.stride_columns + 1;
	return c;
}

void conv_shape(const char *name, int level, gk_parallel *p, const gk_conv *c) {
	shape("%s: level %d, %ld threads, images %ld×%ld×%ld×%ld, kernel %ld×%ld×%ld, strides %ld, %ld, dilations %ld, %ld, top %ld, left %ld, output %ld×%ld", name, level, p->threads,
		c->batch, c->height, c->width, c->channels, c->kernel_height, c->kernel_width, c->filters, c->stride_rows, c->stride_columns, c->dilation_rows, c->dilation_columns,
		c->top, c->left, c->out_height, c->out_width);
}

int gives_input_gradient(const gk_conv *c) { return (c->stride_rows == 1 || c->dilation_rows == 1) && (c->stride_columns == 1 || c->dilation_columns == 1); }

int64_t input_size(const gk_conv *c) { return c->batch * c->height * c->width * c->channels; }

int64_t output_size(const gk_conv *c) { return c->batch * c->out_height * c->out_width * c->filters; }

int64_t pooled_size(const gk_conv *c) { return c->batch * (c->out_height / 2) * (c->out_width / 2) * c->filters; }

void each_tap(const gk_conv *c, void (*f)(void *data, int64_t output, int64_t input, int64_t element), void *data) {
	const int64_t pixels = c->batch * c->out_height * c->out_width, elements = c->kernel_height * c->kernel_width;
	for (int64_t output = 0; output < pixels; output++) {
		const int64_t image = output / c->out_width / c->out_height;
		for (int64_t element = 0; element < elements; element++) {
			const int64_t row = output / c->out_width % c->out_height * c->stride_rows - c->top + element / c->kernel_width * c->dilation_rows;
			const int64_t column = output % c->out_width * c->stride_columns - c->left + element % c->kernel_width * c->dilation_columns;
			if (row >= 0 && row < c->height && column >= 0 && column < c->width) f(data, output, (image * c->height + row) * c->width + column, element);
		}
	}
}
