// Products of a few samples and a matrix.

#ifndef GOKERAS_DENSE_H
#define GOKERAS_DENSE_H

#include "parallel.h"

// y (rows, filters) = x (rows, channels) · kernel (channels, filters) + bias; bias may be NULL. With relu, values ≤ 0 become 0 (NaN
// stays). The order of the sums doesn't depend on the number of threads. Returns 0, or -1 where memory is lacking.
typedef struct {
	int64_t rows, channels, filters;
	const float *x, *kernel, *bias;
	int relu;
	float *y;
} gk_dense;

int gk_dense_forward(int level, gk_parallel *p, const gk_dense *d);

#endif
