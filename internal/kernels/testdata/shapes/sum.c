#include "sum.h"

#include "shapes.h"

void sum_case(int level, gk_parallel *p) {
	enum { PLAIN, PRODUCTS, SQUARES } kind = between(PLAIN, SQUARES);
	gk_sum s = {.rows = between(1, 400), .columns = extent()};
	const int64_t n = s.rows * s.columns;
	shape("sum: level %d, %ld threads, %ld×%ld, kind %d", level, p->threads, s.rows, s.columns, kind);
	s.x = numbers(n);
	if (kind == PRODUCTS) s.factor = numbers(n);
	if (kind == SQUARES) s.centre = numbers(s.columns);
	if (kind == PLAIN || (kind == PRODUCTS && one_in(2))) s.plain = blank(s.columns);
	if (kind != PLAIN) s.other = blank(s.columns);

	double *plain = zeros(s.columns), *other = zeros(s.columns);
	for (int64_t i = 0; i < n; i++) {
		const int64_t column = i % s.columns;
		const double x = s.x[i], distance = s.centre ? x - s.centre[column] : 0;
		plain[column] += x;
		other[column] += s.factor ? x * s.factor[i] : distance * distance;
	}
	succeeds(gk_sum_rows(level, p, &s));
	if (s.plain) near("plain", s.plain, plain, s.columns, 1e-3);
	if (s.other) near("other", s.other, other, s.columns, 1e-3);
}
