// Convolutions of float32 images (batch, height, width, channels) by kernels (height, width, channels, filters).

#ifndef GOKERAS_CONV_H
#define GOKERAS_CONV_H

#include <stddef.h>
#include <stdint.h>

// A convolution's geometry. The output's pixel (r, c) meets the input's pixel (r*stride_rows - top + i, c*stride_columns - left + j)
// at the kernel's element (i, j); what lies outside the input is zero.
typedef struct {
	int64_t batch, height, width, channels;
	int64_t kernel_height, kernel_width;
	int64_t out_height, out_width, filters;
	int64_t stride_rows, stride_columns;
	int64_t top, left;
} gk_conv;

// A way to run unit(data, i) for every i from 0 up to count, on any threads; it returns when all have run.
typedef struct gk_parallel {
	void (*run)(struct gk_parallel *self, int64_t count, void (*unit)(void *data, int64_t i), void *data);
	int64_t threads;
} gk_parallel;

// The instructions that kernels are made for: the widest that this processor has, or less.
enum { GK_GENERIC = 0, GK_AVX2 = 1, GK_AVX512 = 2 };
int gk_best_level(void);

enum { GK_RELU = 1 };

// All return 0, or -1 where memory is lacking.

// y = conv(x, kernel) + bias; bias may be NULL. With GK_RELU values not above 0 become 0.
int gk_conv_forward(int level, gk_parallel *p, const gk_conv *c, const float *x, const float *kernel, const float *bias, int flags, float *y);

// dx is the gradient for x, given that for y. Strides must be 1.
int gk_conv_input_gradient(int level, gk_parallel *p, const gk_conv *c, const float *dy, const float *kernel, float *dx);

// dkernel is the gradient for the kernel, given that for y. The order of its sums doesn't depend on the number of threads.
int gk_conv_kernel_gradient(int level, gk_parallel *p, const gk_conv *c, const float *x, const float *dy, float *dkernel);

#endif
