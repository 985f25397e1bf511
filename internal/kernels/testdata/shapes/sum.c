#include "sum.h"

#include "shapes.h"

// choose_extents has sums that are made at once, in parts of the rows, and in blocks of the columns.
static void choose_extents(gk_sum *s) {
	s->rows = between(1, 400), s->columns = extent();
	if (one_in(4)) s->rows = between(400, 3000);
	if (one_in(8)) s->rows = between(1, 100), s->columns = between(900, 2200);
}

void sum_case(int level, gk_parallel *p) {
	enum { PLAIN, PRODUCTS, SQUARES } kind = between(PLAIN, SQUARES);
	gk_sum s = {0};
	choose_extents(&s);
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
