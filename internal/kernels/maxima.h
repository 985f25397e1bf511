// Maxima along axes in the middle, as a GlobalMaxPooling has them, and their gradient.

#ifndef GOKERAS_MAXIMA_H
#define GOKERAS_MAXIMA_H

#include "parallel.h"

// x is (outer, count, inner); y and its gradient are (outer, inner).
typedef struct gk_maxima {
	int64_t outer, count, inner;
	const float *x, *dy;
	float *y, *dx;
} gk_maxima;

// y has the maxima, NaN where one is among the values.
void gk_maxima_forward(int level, gk_parallel *p, const gk_maxima *m);

// dx is the gradient for x, given that for y: values that are equally large share it. Of NaN the first has all.
void gk_maxima_gradient(int level, gk_parallel *p, const gk_maxima *m);

#endif
