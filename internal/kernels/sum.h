// Sums over all axes but the last, whose elements lie beside each other.

#ifndef GOKERAS_SUM_H
#define GOKERAS_SUM_H

#include "parallel.h"

// Of rows of x with so many columns: each column's sum of x, and that of x·factor or of (x - centre)², centre having a value a column. Of factor and
// centre there is one at most; a sum is asked for by a place for it.
typedef struct gk_sum {
	int64_t rows, columns;
	const float *x, *factor, *centre;
	float *plain, *other;
} gk_sum;

// Returns 0, or -1 where memory is lacking. The order of the sums doesn't depend on the number of threads.
int gk_sum_rows(int level, gk_parallel *p, const gk_sum *s);

#endif
