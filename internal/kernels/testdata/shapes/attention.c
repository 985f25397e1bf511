#include "attention.h"

#include <math.h>

#include "shapes.h"

// Results in double precision, and a step's weights and the gradients for them.
typedef struct {
	double *y, *dq, *dk, *dv;
	double *weights, *gradients;
} results;

// One step of a sample's head.
typedef struct {
	int64_t sample, head, step;
} place;

static int64_t query(const gk_attention *a, place at) { return ((at.sample * a->steps + at.step) * a->heads + at.head) * a->size; }
static int64_t result(const gk_attention *a, place at) { return ((at.sample * a->steps + at.step) * a->heads + at.head) * a->value_size; }
static int64_t key(const gk_attention *a, place at, int64_t source) { return ((at.sample * a->sources + source) * a->heads + at.head) * a->size; }
static int64_t value(const gk_attention *a, place at, int64_t source) { return ((at.sample * a->sources + source) * a->heads + at.head) * a->value_size; }

static int attends(const gk_attention *a, place at, int64_t source) {
	return !a->mask || a->mask[at.sample * a->mask_step[0] + at.head * a->mask_step[1] + at.step * a->mask_step[2] + source * a->mask_step[3]];
}

static int attends_to_any(const gk_attention *a, place at) {
	for (int64_t s = 0; s < a->sources; s++)
		if (attends(a, at, s)) return 1;
	return 0;
}

static void weigh(const gk_attention *a, place at, double *weights) {
	const int any = attends_to_any(a, at);
	double sum = 0;
	for (int64_t s = 0; s < a->sources; s++) {
		double score = 0;
		for (int64_t i = 0; i < a->size; i++) score += (double)a->q[query(a, at) + i] * a->k[key(a, at, s) + i];
		weights[s] = !any ? 1 : attends(a, at, s) ? exp(score * a->scale) : 0;
		sum += weights[s];
	}
	for (int64_t s = 0; s < a->sources; s++) weights[s] /= sum;
}

static double factor(const gk_attention *a, place at, int64_t source) {
	return a->factor ? a->factor[((at.sample * a->heads + at.head) * a->steps + at.step) * a->sources + source] : 1;
}

// add_values computes the result, and the gradients for the values and the weights; it returns the sum of the latter, weighted.
static double add_values(const gk_attention *a, place at, const results *r) {
	double all = 0;
	for (int64_t s = 0; s < a->sources; s++) {
		const double f = factor(a, at, s);
		double gradient = 0;
		for (int64_t i = 0; i < a->value_size; i++) {
			const int64_t y = result(a, at) + i, v = value(a, at, s) + i;
			r->y[y] += r->weights[s] * f * a->v[v];
			r->dv[v] += r->weights[s] * f * a->dy[y];
			gradient += (double)a->dy[y] * a->v[v] * f;
		}
		r->gradients[s] = gradient;
		all += gradient * r->weights[s];
	}
	return all;
}

static void plain_step(const gk_attention *a, place at, const results *r) {
	weigh(a, at, r->weights);
	const double all = add_values(a, at, r);
	if (!attends_to_any(a, at)) return; // the scores have no part in it
	for (int64_t s = 0; s < a->sources; s++) {
		const double score = r->weights[s] * (r->gradients[s] - all) * a->scale;
		for (int64_t i = 0; i < a->size; i++) {
			const int64_t q = query(a, at) + i, k = key(a, at, s) + i;
			r->dq[q] += score * a->k[k];
			r->dk[k] += score * a->q[q];
		}
	}
}

// choose_mask has one for each weight, for samples' sources, for steps' sources, or none.
static void choose_mask(gk_attention *a) {
	const int64_t of_head = a->steps * a->sources;
	switch (between(0, 3)) {
	case 0:
		a->mask = bytes(a->batch * a->heads * of_head, 2);
		a->mask_step[0] = a->heads * of_head, a->mask_step[1] = of_head, a->mask_step[2] = a->sources, a->mask_step[3] = 1;
		break;
	case 1:
		a->mask = bytes(a->batch * a->sources, 2);
		a->mask_step[0] = a->sources, a->mask_step[3] = 1;
		break;
	case 2:
		a->mask = bytes(of_head, 2);
		a->mask_step[2] = a->sources, a->mask_step[3] = 1;
	}
}

void attention_case(int level, gk_parallel *p) {
	gk_attention a = {.batch = between(1, 3), .heads = between(1, 4), .steps = extent(), .sources = extent(), .size = between(1, 40), .value_size = between(1, 40), .scale = .3f};
	if (one_in(2)) a.sources = a.steps;
	if (one_in(2)) a.value_size = a.size;
	choose_mask(&a);
	if (one_in(2)) a.factor = numbers(a.batch * a.heads * a.steps * a.sources);
	shape("attention: level %d, %ld threads, batch %ld, %ld heads, %ld×%ld, sizes %ld, %ld, mask's steps %ld, %ld, %ld, %ld, factor %d", level, p->threads,
		a.batch, a.heads, a.steps, a.sources, a.size, a.value_size, a.mask_step[0], a.mask_step[1], a.mask_step[2], a.mask_step[3], a.factor != NULL);
	const int64_t queries = a.batch * a.steps * a.heads, keys = a.batch * a.sources * a.heads;
	const int64_t of_q = queries * a.size, of_k = keys * a.size, of_v = keys * a.value_size, of_y = queries * a.value_size;
	a.q = numbers(of_q), a.k = numbers(of_k), a.v = numbers(of_v), a.dy = numbers(of_y);
	a.y = blank(of_y), a.dq = blank(of_q), a.dk = blank(of_k), a.dv = blank(of_v);

	const results want = {zeros(of_y), zeros(of_q), zeros(of_k), zeros(of_v), zeros(a.sources), zeros(a.sources)};
	for (int64_t sample = 0; sample < a.batch; sample++)
		for (int64_t head = 0; head < a.heads; head++)
			for (int64_t step = 0; step < a.steps; step++) plain_step(&a, (place){sample, head, step}, &want);
	succeeds(gk_attention_forward(level, p, &a));
	near("y", a.y, want.y, of_y, 1e-4);
	succeeds(gk_attention_gradient(level, p, &a));
	near("dq", a.dq, want.dq, of_q, 5e-4);
	near("dk", a.dk, want.dk, of_k, 5e-4);
	near("dv", a.dv, want.dv, of_v, 3e-4);
}
