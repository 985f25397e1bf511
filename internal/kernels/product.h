// Products of matrices whose right side is used often enough to be copied into panels first.

#ifndef GOKERAS_PRODUCT_H
#define GOKERAS_PRODUCT_H

#include "tiles.h"

// A matrix (depth, columns) in panels of two vectors of columns, the last perhaps of one, whose rows are filled up with zeros.
typedef struct {
	int64_t depth, columns;
	float *values;
} gk_panels;

// The floats that panels take.
int64_t gk_packed_size(const gk_tiles *t, int64_t depth, int64_t columns);

// gk_pack reads element (k, j) at from[k*row + j*column].
gk_panels gk_pack(const gk_tiles *t, int64_t depth, int64_t columns, const float *from, int64_t row, int64_t column, float *to);

// gk_multiply computes rows of out = start + a · b; start may be NULL, and out.
void gk_multiply(const gk_tiles *t, int64_t rows, const float *a, int64_t a_step, const gk_panels *b, const float *start, int64_t start_step, float *out, int64_t out_step);

#endif
