// Rows of a table by their numbers, as an Embedding takes them, and the gradient for the table.

#ifndef GOKERAS_LOOKUP_H
#define GOKERAS_LOOKUP_H

#include "parallel.h"

// Of a table of so many words, rows of size floats: count results, each the sum of the rows that a group of indices names, in their order.
typedef struct gk_lookup {
	int64_t words, size, count, group;
	int wrapped; // indices below 0 count from the end
	int checked; // an index that is outside nevertheless gives NaN; else it gives the nearest row
	const int32_t *indices;
} gk_lookup;

void gk_lookup_run(int level, gk_parallel *p, const gk_lookup *l, const float *table, float *out);

// The gradient for the table, given that for the results: where an index is outside, it goes nowhere. Each row's sum is in the order of the indices.
void gk_lookup_gradient(int level, gk_parallel *p, const gk_lookup *l, const float *dout, float *dtable);

#endif
