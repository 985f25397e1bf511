#include "maxima.h"

#include <math.h>

#include "shapes.h"

void maxima_case(int level, gk_parallel *p) {
	gk_maxima m = {.outer = between(1, 6), .count = one_in(6) ? between(2000, 3000) : between(1, 100), .inner = one_in(4) ? between(1, 8) : between(1, 150)};
	const int special = one_in(3);
	shape("maxima: level %d, %ld threads, %ld×%ld×%ld, special %d", level, p->threads, m.outer, m.count, m.inner, special);
	const int64_t n = m.outer * m.count * m.inner, results = m.outer * m.inner;
	float *x = blank(n);
	for (int64_t i = 0; i < n; i++) {
		x[i] = between(-20, 20); // so that some are equal
		if (special && one_in(4)) x[i] = -INFINITY;
		if (special && one_in(50)) x[i] = NAN;
	}
	m.x = x, m.dy = numbers(results), m.y = blank(results), m.dx = blank(n);
	double *y = zeros(results), *dx = zeros(n);
	for (int64_t r = 0; r < results; r++) {
		const int64_t first = r / m.inner * m.count * m.inner + r % m.inner;
		double most = -INFINITY, equal = 0;
		int64_t nan = -1;
		for (int64_t i = m.count - 1; i >= 0; i--) {
			const float here = x[first + i * m.inner];
			if (isnan(here)) nan = i;
			if (here > most) most = here;
		}
		for (int64_t i = 0; i < m.count; i++) equal += x[first + i * m.inner] == most;
		for (int64_t i = 0; i < m.count; i++) {
			const int here = nan < 0 ? x[first + i * m.inner] == most : i == nan;
			dx[first + i * m.inner] = here ? m.dy[r] / (nan < 0 ? equal : 1) : 0;
		}
		y[r] = nan < 0 ? most : NAN;
	}
	gk_maxima_forward(level, p, &m);
	gk_maxima_gradient(level, p, &m);
	for (int64_t r = 0; r < results; r++)
		if (!(m.y[r] == y[r]) && !(isnan(m.y[r]) && isnan(y[r]))) fail("y[%ld] is %g, not %g,", r, m.y[r], y[r]);
	near("dx", m.dx, dx, n, 1e-5);
}
