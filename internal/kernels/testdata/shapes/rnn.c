#include "rnn.h"

#include <math.h>
#include <string.h>

#include "shapes.h"

// What a layer is given, in double precision.
typedef struct {
	double *x, *bias, *h, *c, *nudge; // the last is added to a GRU's products
} given;

// Its states after the last step, and those before and after each, (steps, batch, units).
typedef struct {
	double *h, *c, *outputs, *carries, *befores;
	double *products; // (steps, batch, gates·units)
} states;

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

// step computes a sample's unit, whose products are units apart, as x is; it returns what follows h.
static double step(int kind, int64_t units, const double *products, const double *x, double h, double *c) {
	if (kind == GK_SIMPLE_RNN) return tanh(products[0]);
	if (kind == GK_LSTM) {
		*c = sigmoid(products[units]) * *c + sigmoid(products[0]) * tanh(products[2 * units]);
		return sigmoid(products[3 * units]) * tanh(*c);
	}
	const double update = sigmoid(x[0] + products[0]), reset = sigmoid(x[units] + products[units]);
	return update * h + (1 - update) * tanh(x[2 * units] + reset * products[2 * units]);
}

// multiply computes the products of a step and a sample, which at counts.
static void multiply(const gk_rnn *r, const given *g, int64_t at, const double *h, double *products) {
	const int64_t width = gk_rnn_gates(r->kind) * r->units;
	const double *x = g->x + at * width, *nudge = g->nudge + at * width;
	for (int64_t i = 0; i < width; i++) {
		double sum = r->kind == GK_GRU ? g->bias[i] + nudge[i] : x[i];
		for (int64_t k = 0; k < r->units; k++) sum += h[k] * r->kernel[k * width + i];
		products[i] = sum;
	}
}

static void plain_sample(const gk_rnn *r, const given *g, int64_t sample, const states *s) {
	const int64_t units = r->units, width = gk_rnn_gates(r->kind) * units;
	double *h = s->h + sample * units, *c = s->c + sample * units;
	memcpy(h, g->h + sample * units, units * sizeof *h);
	memcpy(c, g->c + sample * units, units * sizeof *c);
	for (int64_t i = 0; i < r->steps; i++) {
		const int64_t at = (r->reverse ? r->steps - 1 - i : i) * r->batch + sample;
		double *products = s->products + at * width;
		memcpy(s->befores + at * units, h, units * sizeof *h);
		memcpy(s->carries + at * units, c, units * sizeof *c);
		multiply(r, g, at, h, products);
		if (!r->mask || r->mask[at])
			for (int64_t u = 0; u < units; u++) h[u] = step(r->kind, units, products + u, g->x + at * width + u, h[u], &c[u]);
		memcpy(s->outputs + at * units, h, units * sizeof *h);
	}
}

static states plain(const gk_rnn *r, const given *g) {
	const int64_t state = r->batch * r->units, all = r->steps * state;
	const states s = {zeros(state), zeros(state), zeros(all), zeros(all), zeros(all), zeros(all * gk_rnn_gates(r->kind))};
	for (int64_t sample = 0; sample < r->batch; sample++) plain_sample(r, g, sample, &s);
	return s;
}

static double *doubles(const float *values, int64_t n) {
	double *wide = zeros(n);
	for (int64_t i = 0; values && i < n; i++) wide[i] = values[i];
	return wide;
}

static float *floats(const double *values, int64_t n) {
	float *narrow = blank(n);
	for (int64_t i = 0; i < n; i++) narrow[i] = values[i];
	return narrow;
}

// A layer with what it is given, also in double precision, and what it should make of it.
typedef struct {
	gk_rnn r;
	gk_rnn_values inputs;
	given v;
	states want;
} layer;

// ---- forward ----

// random_results asks for some of them.
static gk_rnn_values random_results(const layer *l) {
	const int64_t state = l->r.batch * l->r.units, all = l->r.steps * state;
	gk_rnn_values v = l->inputs;
	if (one_in(2)) v.last_h = blank(state);
	if (one_in(2)) v.outputs = blank(all);
	if (one_in(2)) v.products = blank(all * gk_rnn_gates(l->r.kind));
	if (one_in(2) && v.c) v.last_c = blank(state);
	if (one_in(2) && v.c) v.carries = blank(all);
	return v;
}

static void check_results(const layer *l, const gk_rnn_values *v) {
	const int64_t state = l->r.batch * l->r.units, all = l->r.steps * state;
	if (v->last_h) near("the last h", v->last_h, l->want.h, state, 3e-4);
	if (v->last_c) near("the last c", v->last_c, l->want.c, state, 3e-4);
	if (v->outputs) near("outputs", v->outputs, l->want.outputs, all, 3e-4);
	if (v->products) near("products", v->products, l->want.products, all * gk_rnn_gates(l->r.kind), 1e-3);
	if (v->carries) near("carries", v->carries, l->want.carries, all, 3e-4);
}

static void check_forward(int level, gk_parallel *p, int count, const layer *layers) {
	gk_rnn r[GK_RNN_LAYERS];
	gk_rnn_values v[GK_RNN_LAYERS];
	for (int i = 0; i < count; i++) r[i] = layers[i].r, v[i] = random_results(&layers[i]);
	succeeds(gk_rnn_forward(level, p, count, r, v));
	for (int i = 0; i < count; i++) check_results(&layers[i], &v[i]);
}

// ---- gradients ----

static double dot(const float *a, const double *b, int64_t n) {
	double sum = 0;
	for (int64_t i = 0; a && i < n; i++) sum += a[i] * b[i];
	return sum;
}

// loss is what the gradients given are those of.
static double loss(const gk_rnn *r, const given *v, const gk_rnn_gradients *g) {
	const int64_t state = r->batch * r->units;
	const states s = plain(r, v);
	return dot(g->d_last_h, s.h, state) + dot(g->d_last_c, s.c, state) + dot(g->d_outputs, s.outputs, r->steps * state);
}

// check_direction compares the loss's change when values move in a direction with what their gradient says.
static void check_direction(const char *name, const gk_rnn *r, const given *v, const gk_rnn_gradients *g, double *values, const float *gradient, int64_t n) {
	const double by = 1e-5;
	const float *direction = numbers(n);
	double change = 0, square = 0;
	for (int side = 1; side >= -1; side -= 2) {
		for (int64_t i = 0; i < n; i++) values[i] += side * by * direction[i];
		change += side * loss(r, v, g) / (2 * by);
		for (int64_t i = 0; i < n; i++) values[i] -= side * by * direction[i];
	}
	double told = 0;
	for (int64_t i = 0; i < n; i++) {
		told += (double)direction[i] * gradient[i];
		square += (double)gradient[i] * gradient[i];
	}
	if (!(fabs(told - change) <= 1e-4 * (1 + sqrt(square)))) fail("%s gives a change of %g, not %g,", name, told, change);
}

static void check_gradient(int level, gk_parallel *p, layer *l) {
	const gk_rnn *r = &l->r;
	given *v = &l->v;
	const states *s = &l->want;
	const int64_t state = r->batch * r->units, all = r->steps * state, products = all * gk_rnn_gates(r->kind);
	const int gated = r->kind == GK_GRU;
	gk_rnn_gradients g = {.products = floats(s->products, products), .d_last_h = numbers(state), .dh = blank(state), .dx = blank(products)};
	if (gated) g.x = l->inputs.x, g.h = floats(s->befores, all), g.d_products = blank(products);
	if (r->kind == GK_LSTM) g.c = floats(s->carries, all), g.d_last_c = numbers(state), g.dc = blank(state);
	if (one_in(2)) g.d_outputs = numbers(all);
	succeeds(gk_rnn_gradient(level, p, r, &g));
	check_direction("dh", r, v, &g, v->h, g.dh, state);
	check_direction("dx", r, v, &g, v->x, g.dx, products);
	if (g.dc) check_direction("dc", r, v, &g, v->c, g.dc, state);
	if (gated) check_direction("the products' gradient", r, v, &g, v->nudge, g.d_products, products);
}

// kernel has products of about the size of h: with larger ones, what is lost in a step grows from step to step.
static float *kernel(int64_t units, int64_t width) {
	float *values = numbers(units * width);
	for (int64_t i = 0; i < units * width; i++) values[i] /= sqrtf(units / 3.f);
	return values;
}

// layer_like has another's sizes, its own values, and its own order of steps.
static layer layer_like(gk_rnn r) {
	const int64_t width = gk_rnn_gates(r.kind) * r.units, state = r.batch * r.units, all = r.steps * r.batch * width;
	r.reverse = one_in(2);
	r.kernel = kernel(r.units, width);
	if (one_in(2)) r.mask = bytes(r.steps * r.batch, 2);
	layer l = {.r = r, .inputs = {.x = numbers(all), .h = numbers(state)}};
	gk_rnn_values *in = &l.inputs;
	if (r.kind == GK_GRU && one_in(2)) in->bias = numbers(width);
	if (r.kind == GK_LSTM) in->c = numbers(state);
	l.v = (given){doubles(in->x, all), doubles(in->bias, width), doubles(in->h, state), doubles(in->c, state), zeros(all)};
	l.want = plain(&l.r, &l.v);
	return l;
}

void rnn_case(int level, gk_parallel *p) {
	const gk_rnn sizes = {.kind = between(GK_SIMPLE_RNN, GK_RNNS - 1), .steps = between(1, 9), .batch = between(1, 20), .units = one_in(3) ? extent() : between(1, 20)};
	const int count = between(1, GK_RNN_LAYERS);
	layer layers[GK_RNN_LAYERS];
	for (int i = 0; i < count; i++) layers[i] = layer_like(sizes);
	shape("recurrent layers: level %d, %ld threads, %d of kind %d, %ld steps, batch %ld, %ld units, reverse %d, mask %d", level, p->threads, count,
		sizes.kind, sizes.steps, sizes.batch, sizes.units, layers->r.reverse, layers->r.mask != NULL);
	check_forward(level, p, count, layers);
	check_gradient(level, p, layers);
}
