// Products of matrices.

#ifndef GOKERAS_DOT_H
#define GOKERAS_DOT_H

#include "conv.h"
#include "dropout.h"

// y (rows, columns) = a (rows, depth) · b (depth, columns), and what follows it. A matrix that is turned lies in memory with its axes exchanged.
// Values become 0 where the mask, which may be NULL, is ≤ 0; what the dropout does comes last, NULL: nothing. The order of the sums doesn't depend on the number of threads.
typedef struct {
	int64_t rows, depth, columns;
	const float *a, *b, *mask;
	gk_after after;
	const gk_dropout *dropout;
	int a_turned, b_turned;
	float *y;
} gk_dot;

// Returns 0, or -1 where memory is lacking.
int gk_dot_run(int level, gk_parallel *p, const gk_dot *d);

#endif
