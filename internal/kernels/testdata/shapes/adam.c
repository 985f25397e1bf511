#include "adam.h"

#include <math.h>

#include "shapes.h"

enum { MOST = 6 };

static gk_adam variable(int64_t size) {
	float *velocity = numbers(size);
	for (int64_t i = 0; i < size; i++) velocity[i] = fabsf(velocity[i]);
	return (gk_adam){
		.size = size, .weights = numbers(size), .momentum = numbers(size), .velocity = velocity, .gradient = numbers(size),
		.rate = .01f, .momentum_share = .1f, .velocity_share = .001f, .epsilon = 1e-7f,
		.new_weights = blank(size), .new_momentum = blank(size), .new_velocity = blank(size),
	};
}

static void check(const gk_adam *a) {
	double *weights = zeros(a->size), *momentum = zeros(a->size), *velocity = zeros(a->size);
	for (int64_t i = 0; i < a->size; i++) {
		const double g = a->gradient[i];
		momentum[i] = a->momentum[i] + (g - a->momentum[i]) * a->momentum_share;
		velocity[i] = a->velocity[i] + (g * g - a->velocity[i]) * a->velocity_share;
		weights[i] = a->weights[i] - momentum[i] * a->rate / (sqrt(velocity[i]) + a->epsilon);
	}
	near("weights", a->new_weights, weights, a->size, 1e-4);
	near("momentum", a->new_momentum, momentum, a->size, 1e-5);
	near("velocity", a->new_velocity, velocity, a->size, 1e-5);
}

void adam_case(int level, gk_parallel *p) {
	const int64_t count = between(1, MOST);
	gk_adam all[MOST];
	for (int i = 0; i < count; i++) all[i] = variable(one_in(4) ? between(1, 40000) : between(1, 100));
	shape("Adam: level %d, %ld threads, %ld variables, the first of %ld", level, p->threads, count, all->size);
	gk_adam_step(level, p, all, count);
	for (int i = 0; i < count; i++) check(&all[i]);
}
