// Tiles are the blocks of sums that the innermost loops keep in registers.

#ifndef GOKERAS_TILES_H
#define GOKERAS_TILES_H

#include "conv.h"

enum { GK_MAX_ROWS = 12 };

// The strides that a tile is computed with, in floats.
typedef struct {
	int64_t step;        // between a's elements: from row to row (forward), or from k to k (gradient)
	int64_t lines;       // stretches of a, each of
	int64_t length;      // so many k
	int64_t line_step;   // between a's stretches
	int64_t b_step;      // gradient: between b's rows
	int64_t b_line_step; // gradient: between b's stretches
	int64_t out_step;    // between rows of sums
	int64_t columns;     // forward: the sums to store of each row, up to two vectors
	int flags;
} gk_tile;

typedef struct {
	int64_t lanes, rows;
	void (*forward[GK_MAX_ROWS + 1])(const gk_tile *t, const float *x, const float *packed, const float *bias, float *out);
	void (*gradient[GK_MAX_ROWS + 1])(const gk_tile *t, const float *x, const float *dy, float *out);
} gk_tiles;

extern const gk_tiles gk_generic_tiles;
#if defined(__x86_64__)
extern const gk_tiles gk_avx2_tiles, gk_avx512_tiles;
#endif

#endif
