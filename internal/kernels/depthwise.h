// Convolutions of each channel by itself: images (batch, height, width, channels) by kernels (height, width, channels).

#ifndef GOKERAS_DEPTHWISE_H
#define GOKERAS_DEPTHWISE_H

#include "conv.h"

// The geometry is a convolution's whose filters are its channels.

// y = conv(x, kernel), and what follows it.
void gk_depthwise_forward(int level, gk_parallel *p, const gk_conv *c, const float *x, const float *kernel, const gk_after *after, float *y);

// dx is the gradient for x, given that for y. Neither top nor left may reach beyond the kernel and its gaps, and no axis may have both a stride and a
// dilation. It returns 0, or -1 where memory is lacking.
int gk_depthwise_input_gradient(int level, gk_parallel *p, const gk_conv *c, const float *dy, const float *kernel, float *dx);

// dkernel is the gradient for the kernel, given that for y. It returns the same. The order of the sums doesn't depend on the number of threads.
int gk_depthwise_kernel_gradient(int level, gk_parallel *p, const gk_conv *c, const float *x, const float *dy, float *dkernel);

#endif
