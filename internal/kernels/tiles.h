// Tiles are the blocks of sums that the innermost loops keep in registers.

#ifndef GOKERAS_TILES_H
#define GOKERAS_TILES_H

#include "adam.h"
#include "conv.h"
#include "dropout.h"
#include "elementwise.h"
#include "layernorm.h"
#include "lookup.h"
#include "maxima.h"
#include "rnn.h"
#include "rows.h"
#include "sum.h"

enum { GK_MAX_ROWS = 8, GK_MAX_LANES = 16, GK_DENSE_ROWS = 4, GK_DENSE_DEPTH = 8 };

// The strides that a tile is computed with, in floats.
typedef struct {
	int64_t step;        // between a's elements: from row to row (forward), or from k to k (gradient)
	int64_t lines;       // of a, each of
	int64_t pieces;      // forward: so many stretches of
	int64_t length;      // so many k
	int64_t line_step;   // between a's lines
	int64_t piece_step;  // forward: between a line's pieces
	int64_t b_step;      // between b's rows
	int64_t b_line_step; // gradient: between b's lines
	int64_t out_step;    // between rows of sums
	int64_t columns;     // forward: the sums to store of each row, up to two vectors
	const float *factor, *shift; // forward: what a sum is multiplied by, and what is added then, up to two vectors; NULL: neither
	int relu;            // as gk_after's
	int masked, adds;
	int64_t mask, added; // forward, if masked or if it adds something: from a sum's place in out to its mask, or to what is added
} gk_tile;

// One row of a recurrent layer's step, with what the kind of layer needs of it.
typedef struct {
	const float *x, *products, *h, *c;
	float *h_after, *c_after;
	float *dh, *dc; // there the gradients for the states after the step, back what goes straight to those before it
	float *dx, *d_products;
} gk_rnn_row;

// What follows sums of a row or a tile of products, whose first they point to; then values become 0 where the mask, which may be NULL, is ≤ 0.
typedef struct {
	gk_after after;
	const float *mask;
} gk_finish;

// A row of a convolution of each channel by itself: of the image x, its rows from top on; of the kernel, its rows from first up to end, which meet it.
typedef struct {
	const gk_conv *c;
	const float *x, *kernel, *dy;
	const gk_after *after;
	float *y;
	int64_t top, first, end;
} gk_depthwise_row;

// What is fetched while a tile is multiplied: two vectors each of so many rows, step apart.
typedef struct {
	const float *from;
	int64_t step, share;
} gk_ahead;

typedef struct {
	int64_t lanes, rows;
	// These two by rows and by vectors of sums. See conv_tiles.h.
	void (*forward[GK_MAX_ROWS + 1][3])(const gk_tile *t, const float *x, const float *b, const float *bias, float *out);
	// So many pixels of a convolution with few filters, whose weights lie filter by filter.
	void (*few)(const gk_tile *t, const float *x, int64_t pixels, const float *weights, int64_t filters, const float *bias, float *out);
	void (*gradient[GK_MAX_ROWS + 1][3])(const gk_tile *t, const float *x, const float *dy, float *out);
	// Adds the products of rows of x, of depth elements, and so many vectors of b's rows to rows of sums.
	void (*dense[GK_DENSE_ROWS + 1])(const float *x, int64_t x_step, int64_t depth, const float *b, int64_t b_step, int64_t vectors, float *sums, int64_t sums_step);
	// Adds rows of n floats, step apart, to sums.
	void (*add_rows)(const float *rows, int64_t count, int64_t step, int64_t n, float *sums);
	// Takes the maxima of windows of 2 by 2 in two rows of pixels of n floats; positions may be NULL.
	void (*pool)(const float *upper, const float *lower, int64_t windows, int64_t n, int relu, float *pooled, uint8_t *positions);
	// Puts n floats of a pixel where positions say, which have the place's number; zeros elsewhere.
	void (*place)(const float *values, const uint8_t *positions, int place, int64_t n, float *out);
	void (*adam)(const struct gk_adam *a);
	// See winograd_tiles.h.
	void (*winograd_input)(const float *x, int64_t line, int64_t channels, int64_t tiles, int64_t step, float *out);
	void (*winograd_gradient)(const float *dy, int64_t line, int64_t channels, int64_t tiles, int64_t step, float *out);
	void (*winograd_kernel)(const float *taps, int64_t taps_step, int64_t step, float *out);
	void (*winograd_output)(const gk_tile *t, const float *sums, int64_t step, int64_t tiles, int64_t rows, int64_t columns, const float *bias, float *out, float *pooled, uint8_t *positions);
	void (*winograd_kernel_gradient)(const float *sums, int64_t step, int64_t n, int64_t out_step, float *out);
	// See sum_tiles.h and depthwise_tiles.h.
	void (*sum)(const gk_sum *s, int64_t step);
	void (*depthwise)(const gk_depthwise_row *t);
	void (*depthwise_input)(const gk_conv *c, const float *dy, const float *kernel, int64_t row, float *dx);
	void (*depthwise_kernel)(const gk_depthwise_row *t);
	// See maxpool_tiles.h.
	void (*max_pool)(const gk_conv *c, const float *x, int64_t row, int relu, float *y, uint8_t *positions);
	void (*max_pool_gradient)(const gk_conv *c, const float *dy, const uint8_t *positions, int64_t row, float *dx);
	// For the columns from first up to end of one of outer. See maxima_tiles.h.
	void (*maxima)(const gk_maxima *m, int64_t outer, int64_t first, int64_t end);
	void (*maxima_gradient)(const gk_maxima *m, int64_t outer, int64_t first, int64_t end);
	// See layernorm_tiles.h.
	void (*layernorm)(const gk_layernorm *l, int64_t row);
	void (*layernorm_gradient)(const gk_layernorm *l, int64_t row, float *dgamma, float *dbeta);
	// See attention_tiles.h.
	float (*softmax)(float *row, int64_t n, float scale, const uint8_t *mask, int64_t mask_step);
	void (*softmax_gradient)(const float *weights, float *row, int64_t n, float scale);
	// By kind. See rnn_tiles.h.
	void (*rnn[GK_RNNS])(int64_t units, const gk_rnn_row *r);
	void (*rnn_gradient[GK_RNNS])(int64_t units, const gk_rnn_row *r);
	// By rows and by vectors of columns. See product_tiles.h.
	void (*product[GK_MAX_ROWS + 1][3])(int64_t depth, const float *a, int64_t a_step, int64_t k_step, const float *b, const float *start, int64_t start_step, int last, const gk_finish *finish, float *out, int64_t out_step, int64_t columns);
	// The same of the largest tile, which fetches something meanwhile; of rows of b that aren't in a panel yet, and are copied into one.
	void (*product_copied)(int64_t depth, const float *a, int64_t a_step, int64_t k_step, const float *b, const float *start, int64_t start_step, int last, const gk_finish *finish, float *out, int64_t out_step, int64_t columns, gk_ahead ahead, int64_t b_step, float *panel);
	void (*product_ahead)(int64_t depth, const float *a, int64_t a_step, int64_t k_step, const float *b, const float *start, int64_t start_step, int last, const gk_finish *finish, float *out, int64_t out_step, int64_t columns, gk_ahead ahead);
	// Exchanges the axes: column k of a vector's rows, step apart, becomes row k of out, of so many columns.
	void (*turn)(const float *rows, int64_t step, int64_t columns, float *out, int64_t out_step);
	// Does with n sums what follows them.
	void (*finish)(float *y, const gk_finish *f, int64_t n);
	// See dropout_tiles.h.
	void (*drop)(float *y, int64_t n, uint32_t first, const gk_dropout *d);
	// Runs so many steps on a block. See elementwise_tiles.h.
	void (*steps)(const int64_t *step, int64_t count, int64_t n, const uint32_t **registers, uint32_t (*own)[GK_BLOCK]);
	// For the results from first up to end; for a part of the words. See lookup_tiles.h.
	void (*lookup)(const gk_lookup *l, int64_t first, int64_t end, const float *table, float *out);
	void (*lookup_gradient)(const gk_lookup *l, int64_t part, int64_t parts, const float *dout, float *dtable);
	// See rows_tiles.h.
	void (*reduce)(gk_reduction kind, const float *from, int64_t n, int64_t at, gk_reduced *into);
} gk_tiles;

const gk_tiles *gk_tiles_of(int level);

// gk_vectors is how many vectors a tile takes of the columns that are left.
static inline int gk_vectors(const gk_tiles *t, int64_t left) { return left > t->lanes ? 2 : 1; }

extern const gk_tiles gk_avx2_tiles, gk_avx512_tiles;

#endif
