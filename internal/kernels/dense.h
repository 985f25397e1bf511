// Products of a few samples and a matrix.

#ifndef GOKERAS_DENSE_H
#define GOKERAS_DENSE_H

#include "conv.h"

// y (rows, filters) = x (rows, channels) · kernel (channels, filters), and what follows it. The order of the sums doesn't depend on the number of threads. Returns 0, or -1 where memory is lacking.
typedef struct {
	int64_t rows, channels, filters;
	const float *x, *kernel;
	gk_after after;
	float *y;
} gk_dense;

int gk_dense_forward(int level, gk_parallel *p, const gk_dense *d);

#endif
