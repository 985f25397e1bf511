// Products of matrices.

#ifndef GOKERAS_DOT_H
#define GOKERAS_DOT_H

#include "parallel.h"

// y (rows, columns) = a (rows, depth) · b (depth, columns) + bias; bias may be NULL. A matrix that is turned lies in memory with its axes exchanged. With relu,
// values ≤ 0 become 0 (NaN stays); with mask, which may be NULL, those where it is ≤ 0. The order of the sums doesn't depend on the number of threads.
typedef struct {
	int64_t rows, depth, columns;
	const float *a, *b, *bias, *mask;
	int a_turned, b_turned;
	int relu;
	float *y;
} gk_dot;

// Returns 0, or -1 where memory is lacking.
int gk_dot_run(int level, gk_parallel *p, const gk_dot *d);

#endif
