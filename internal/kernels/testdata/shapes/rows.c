#include "rows.h"

#include <math.h>

#include "shapes.h"

enum { X, Y, SLOT, FIRST, LARGEST, SMALLEST, TOTAL, PLACE, HALF, PART = HALF, SUM, E, OTHER };

static int64_t step(int operation, int to, int a, int b) { return operation | to << 8 | (int64_t)a << 16 | (int64_t)b << 24; }
static int64_t store(int from, int to) { return from | to << 16; }
static int64_t reduction(int kind, int from, int to) { return from | kind << 16 | (int64_t)to << 32; }

// both_nan makes the same of what is NaN in both.
static void both_nan(float *got, double *want, int64_t n) {
	for (int64_t i = 0; i < n; i++)
		if (isnan(got[i]) && isnan(want[i])) got[i] = 0, want[i] = 0;
}

// A softmax of x·y below the largest of x, which waits in a slot, with what reductions there are; y may repeat along the rows or in each.
void rows_case(int level, gk_parallel *p) {
	const int64_t rows = between(1, 40), columns = one_in(3) ? between(2, 40) : between(2, 1200), size = rows * columns;
	const int kind = between(0, 3);
	shape("rows: level %d, %ld threads, %ld rows of %ld, y %d", level, p->threads, rows, columns, kind);
	const int64_t periods[] = {size, columns, rows, 1}, runs[] = {1, 1, columns, 1};
	float *x = numbers(size), *y = numbers(periods[kind]);
	if (one_in(4)) x[between(0, size - 1)] = NAN;
	if (one_in(4))
		for (int64_t i = 0; i < size; i++) x[i] = roundf(4 * x[i]); // ties
	const int whole = kind < 2;
	const int64_t constant[] = {HALF | (int64_t)0x3f000000 << 32}, loads[] = {X, Y}, from_slot[] = {X, SLOT};
	const int64_t first[] = {step(GK_MULTIPLY, FIRST, X, Y)};
	const int64_t reductions[] = {reduction(GK_LARGEST, X, LARGEST), reduction(GK_SMALLEST, FIRST, SMALLEST), reduction(GK_TOTAL, FIRST, TOTAL), reduction(GK_PLACE_OF_LARGEST, X, PLACE)};
	const int64_t of_row[] = {step(GK_SUBTRACT, OTHER, TOTAL, LARGEST)};
	const int64_t second[] = {step(GK_SUBTRACT, E, X, LARGEST), step(GK_EXPONENTIAL, E, E, 0)};
	const int64_t kept[] = {store(E, 5)}, sums[] = {reduction(GK_TOTAL, E, SUM)};
	const int64_t third[] = {step(GK_DIVIDE, E, SLOT, SUM), step(GK_GT, FIRST, X, HALF)};
	const int64_t stored[] = {store(E, 0), store(FIRST, 1)};
	float *weights = blank(size), *other = blank(rows), *total = blank(rows);
	uint8_t *above = bytes(size, 1);
	int32_t *place = (int32_t *)blank(rows);
	const gk_rows r = {
		.rows = rows, .columns = columns, .operands = 2, .results = 5, .slots = 1, .constants = 1, .stages = 3,
		.operand = {{x, 1, size, 0}, {y, runs[kind], periods[kind], 0}},
		.result = {{weights, -1, 0}, {above, -1, 1}, {place, PLACE, 0}, {other, OTHER, 0}, {total, TOTAL, 0}},
		.constant = constant,
		.stage = {
			{.loads = whole ? 2 : 1, .load = loads, .steps = 1, .step = first, .reductions = 4, .reduction = reductions},
			{.row_steps = 1, .row_step = of_row, .loads = 1, .load = loads, .steps = 2, .step = second, .stores = 1, .store = kept, .reductions = 1, .reduction = sums},
			{.loads = 2, .load = from_slot, .steps = 2, .step = third, .stores = 2, .store = stored},
		},
	};
	if (!gk_rows_sound(&r)) fail("the program isn't sound");
	succeeds(gk_rows_run(level, p, &r));
	double *want = zeros(size), *want_total = zeros(rows), *want_other = zeros(rows);
	for (int64_t row = 0; row < rows; row++) {
		const float *v = x + row * columns;
		int64_t at = 0;
		double sum = 0;
		for (int64_t i = 0; i < columns; i++) {
			if (v[i] > v[at] || (isnan(v[i]) && !isnan(v[at]))) at = i;
			want_total[row] += (double)v[i] * y[(row * columns + i) / runs[kind] % periods[kind]];
		}
		if (place[row] != at) fail("the largest of row %ld is %d, not %ld", row, place[row], at);
		want_other[row] = want_total[row] - v[at];
		for (int64_t i = 0; i < columns; i++) sum += exp((double)v[i] - v[at]);
		for (int64_t i = 0; i < columns; i++) {
			want[row * columns + i] = exp((double)v[i] - v[at]) / sum;
			if (above[row * columns + i] != (v[i] > 0.5f)) fail("value %ld of row %ld isn't compared", i, row);
		}
	}
	both_nan(weights, want, size), both_nan(total, want_total, rows), both_nan(other, want_other, rows);
	near("weights", weights, want, size, 2e-6);
	near("totals", total, want_total, rows, 1e-4);
	near("numbers of rows", other, want_other, rows, 1e-4);
}
