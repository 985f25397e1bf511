// Max-pools of float32 images (batch, height, width, channels) by any windows.

#ifndef GOKERAS_MAXPOOL_H
#define GOKERAS_MAXPOOL_H

#include "conv.h"

// The geometry is a convolution's, whose kernel is the window and whose filters are its channels; what lies outside the image doesn't count.

// y has the maxima, NaN where a window has one. positions, which may be NULL, tells at which of its window's places, counted along rows, each was first, of at
// most GK_NO_POSITION places; of a window that lies outside wholly, whose maximum is -inf, it is GK_NO_POSITION, and with relu that of a maximum ≤ 0, where the gradient
// goes no further.
void gk_max_pool_forward(int level, gk_parallel *p, const gk_conv *c, const float *x, int relu, float *y, uint8_t *positions);

// dx is the gradient for x, given that for y. The order of its sums doesn't depend on the number of threads.
void gk_max_pool_gradient(int level, gk_parallel *p, const gk_conv *c, const float *dy, const uint8_t *positions, float *dx);

#endif
