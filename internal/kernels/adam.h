// A step of Adam.

#ifndef GOKERAS_ADAM_H
#define GOKERAS_ADAM_H

#include "parallel.h"

// m' = m + (g - m)·momentum_share, v' = v + (g² - v)·velocity_share, w' = w - m'·rate / (√v' + epsilon)
typedef struct gk_adam {
	int64_t size;
	const float *weights, *momentum, *velocity, *gradient;
	float rate, momentum_share, velocity_share, epsilon;
	float *new_weights, *new_momentum, *new_velocity;
} gk_adam;

// gk_adam_step takes the steps of count variables.
void gk_adam_step(int level, gk_parallel *p, const gk_adam *all, int64_t count);

#endif
