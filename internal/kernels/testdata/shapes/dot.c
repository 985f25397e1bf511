#include "dot.h"

#include <math.h>
#include <string.h>

#include "shapes.h"

// choose_extents has products of all kinds: for few rows, of a great depth, with many columns, many rows, or both.
static void choose_extents(gk_dot *d) {
	d->rows = extent(), d->depth = extent(), d->columns = extent();
	switch (between(0, 9)) {
	case 0:
		d->rows = between(1, 8);
		break;
	case 1:
		d->rows = between(1, 40), d->depth = between(300, 9000), d->columns = between(1, 40);
		break;
	case 2:
		d->depth = between(1, 40), d->columns = between(130, 600);
		break;
	case 3:
		d->rows = between(250, 900), d->depth = between(1, 300), d->columns = between(1, 50);
		break;
	case 4:
		d->rows = between(250, 400), d->depth = between(1, 40), d->columns = between(250, 400);
	}
}

static double product(const gk_dot *d, int64_t row, int64_t column) {
	double sum = 0;
	for (int64_t k = 0; k < d->depth; k++) {
		const double a = d->a[d->a_turned ? k * d->rows + row : row * d->depth + k];
		sum += a * d->b[d->b_turned ? column * d->depth + k : k * d->columns + column];
	}
	return sum;
}

static int stays(uint32_t i, const gk_dropout *d) {
	uint32_t x = i * 0xe3ce869du + d->keys[0];
	x = (x ^ x >> 16) * 0xcae411c3u + d->keys[1];
	x = (x ^ x >> 15) * 0xe2181371u;
	return x < d->bound;
}

static void in_turn(gk_parallel *self, int64_t count, void (*unit)(void *data, int64_t i), void *data) {
	for (int64_t i = 0; i < count; i++) unit(data, i);
}

void dot_case(int level, gk_parallel *p) {
	gk_dot d = {.a_turned = one_in(2), .b_turned = one_in(2)};
	choose_extents(&d);
	const int64_t n = d.rows * d.columns;
	shape("dot: level %d, %ld threads, %ld×%ld×%ld, turned %d, %d", level, p->threads, d.rows, d.depth, d.columns, d.a_turned, d.b_turned);
	d.a = numbers(d.rows * d.depth), d.b = numbers(d.depth * d.columns), d.y = blank(n);
	d.after = random_after(d.columns, n, 1);
	if (one_in(4)) d.mask = numbers(n);
	const gk_dropout dropout = {{between(0, INT32_MAX), between(0, INT32_MAX)}, 3u << 30, 1.25};
	if (one_in(4)) d.dropout = &dropout;

	double *want = zeros(n);
	for (int64_t i = 0; i < n; i++) {
		if (!d.mask || d.mask[i] > 0) want[i] = followed(product(&d, i / d.columns, i % d.columns), &d.after, i % d.columns, i);
		if (d.dropout) want[i] = stays(i, &dropout) ? want[i] * dropout.factor : 0;
	}
	succeeds(gk_dot_run(level, p, &d));
	near("y", d.y, want, n, 1e-5 * sqrt(d.depth + 10));

	const float *first = d.y;
	d.y = blank(n);
	gk_parallel other = {in_turn, p->threads == 1 ? 3 : 1};
	succeeds(gk_dot_run(level, &other, &d));
	if (memcmp(first, d.y, n * sizeof *first)) fail("the sums' order depends on the threads");
}
