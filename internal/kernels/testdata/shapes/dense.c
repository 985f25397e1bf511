#include "dense.h"

#include "shapes.h"

void dense_case(int level, gk_parallel *p) {
	gk_dense d = {.rows = between(1, 8), .channels = one_in(4) ? between(100, 1200) : extent(), .filters = one_in(4) ? between(100, 1200) : extent()};
	const int64_t n = d.rows * d.filters;
	shape("dense: level %d, %ld threads, %ld×%ld×%ld", level, p->threads, d.rows, d.channels, d.filters);
	d.x = numbers(d.rows * d.channels), d.kernel = numbers(d.channels * d.filters), d.y = blank(n);
	d.after = random_after(d.filters, n, 1);

	double *want = zeros(n);
	for (int64_t i = 0; i < n; i++) {
		const int64_t row = i / d.filters, filter = i % d.filters;
		for (int64_t c = 0; c < d.channels; c++) want[i] += (double)d.x[row * d.channels + c] * d.kernel[c * d.filters + filter];
		want[i] = followed(want[i], &d.after, filter, i);
	}
	succeeds(gk_dense_forward(level, p, &d));
	near("y", d.y, want, n, 1e-3);
}
