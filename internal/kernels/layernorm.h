// Normalization of rows to the mean beta and the standard deviation gamma, and its gradient.

#ifndef GOKERAS_LAYERNORM_H
#define GOKERAS_LAYERNORM_H

#include "parallel.h"

typedef struct {
	int64_t rows, columns;
	const float *x;            // (rows, columns)
	const float *gamma, *beta; // (columns)
	float epsilon;             // added to variances
	float *y;
	// Of the gradient: that for y gives those for x, gamma and beta.
	const float *dy;
	float *dx, *dgamma, *dbeta;
} gk_layernorm;

void gk_layernorm_forward(int level, gk_parallel *p, const gk_layernorm *n);

// Returns 0, or -1 where memory is lacking. The order of its sums doesn't depend on the number of threads.
int gk_layernorm_gradient(int level, gk_parallel *p, const gk_layernorm *n);

#endif
