// Attention of several heads: softmax(scale · q · kᵀ) · v, with the weights times a factor each, and its gradient. No more than a few rows of the scores are held at once.

#ifndef GOKERAS_ATTENTION_H
#define GOKERAS_ATTENTION_H

#include "parallel.h"

typedef struct {
	int64_t batch, heads, steps, sources, size, value_size;
	const float *q;  // (batch, steps, heads, size)
	const float *k;  // (batch, sources, heads, size)
	const float *v;  // (batch, sources, heads, value_size)
	float scale;
	const uint8_t *mask;  // or NULL: which sources a step attends to; a step that has none attends to all alike
	const float *factor;  // (batch, heads, steps, sources) or NULL: what weights are multiplied with
	int64_t mask_step[4]; // between the mask's elements for a sample, a head, a step, a source
	const float *dy; // (batch, steps, heads, value_size), of the gradient
	float *y;        // or, of the gradient:
	float *dq, *dk, *dv;
} gk_attention;

// Both return 0, or -1 where memory is lacking. The order of their sums doesn't depend on the number of threads.
int gk_attention_forward(int level, gk_parallel *p, const gk_attention *a);
int gk_attention_gradient(int level, gk_parallel *p, const gk_attention *a);

#endif
