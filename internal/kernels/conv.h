// Convolutions of float32 images (batch, height, width, channels) by kernels (height, width, channels, filters).

#ifndef GOKERAS_CONV_H
#define GOKERAS_CONV_H

#include <stddef.h>
#include <stdint.h>

#include "parallel.h"

// A convolution's geometry. The output's pixel (r, c) meets the input's pixel (r*stride_rows - top + i*dilation_rows,
// c*stride_columns - left + j*dilation_columns) at the kernel's element (i, j); what lies outside the input is zero.
typedef struct {
	int64_t batch, height, width, channels;
	int64_t kernel_height, kernel_width;
	int64_t out_height, out_width, filters;
	int64_t stride_rows, stride_columns;
	int64_t dilation_rows, dilation_columns;
	int64_t top, left;
} gk_conv;

// The instructions that kernels are made for, and the widest of them that this processor has.
enum { GK_NONE = 0, GK_AVX2 = 1, GK_AVX512 = 2 };
int gk_best_level(void);

// The gradient for a convolution's output. With positions it is that of a max-pool of the output, by windows of 2 by 2 side by side:
// values (batch, out_height / 2, out_width / 2, filters), and at which of its window's four places each came from, counted along
// rows; any other position: from none.
typedef struct {
	const float *values;
	const uint8_t *positions;
} gk_output_gradient;

enum { GK_NO_POSITION = 255 };

// A convolution's input. With beside, of the same images, the first own channels of its pixels are in values and the others there.
typedef struct {
	const float *values, *beside;
	int64_t own;
} gk_input;

// What follows a sum: y = sum·factor + bias + added, a factor and a bias for each filter; each may be NULL.
typedef struct {
	const float *factor, *bias, *added;
	int relu; // one of these
} gk_after;

// With GK_RELU, values ≤ 0 become 0, with GK_RELU6 also those ≥ 6 become 6; NaN stays.
enum { GK_LINEAR, GK_RELU, GK_RELU6 };

// All return 0, or -1 where memory is lacking.

// y = conv(x, kernel), and what follows it.
int gk_conv_forward(int level, gk_parallel *p, const gk_conv *c, gk_input x, const float *kernel, const gk_after *after, float *y);

// The same, followed by a max-pool of windows of 2 by 2: pooled has (batch, out_height / 2, out_width / 2, filters), and so have
// positions, which may be NULL. Nothing may be added. With a ReLU a maximum ≤ 0 has no position.
int gk_conv_forward_pool(int level, gk_parallel *p, const gk_conv *c, gk_input x, const float *kernel, const gk_after *after, float *pooled, uint8_t *positions);

// dx is the gradient for x, given that for y, and what follows it, as a transposed convolution has it, but for added values; nothing may where the kernel is smaller than
// the strides. An axis may have a stride or a dilation, not both. With a mask of dx's shape, it is 0 where the mask is ≤ 0.
int gk_conv_input_gradient(int level, gk_parallel *p, const gk_conv *c, gk_output_gradient dy, const float *kernel, const gk_after *after, const float *mask, float *dx);

// dkernel is the gradient for the kernel, given that for y; dbias, which may be NULL, that for the bias. The order of their
// sums doesn't depend on the number of threads.
int gk_conv_kernel_gradient(int level, gk_parallel *p, const gk_conv *c, const float *x, gk_output_gradient dy, float *dkernel, float *dbias);

// A max-pool of windows of 2 by 2 alone, and its gradient; c gives batch, out_height, out_width and filters.
void gk_pool_forward(int level, gk_parallel *p, const gk_conv *c, const float *y, float *pooled, uint8_t *positions);
void gk_pool_gradient(int level, gk_parallel *p, const gk_conv *c, gk_output_gradient dy, float *full);

#endif
