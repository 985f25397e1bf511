#include "layernorm.h"

#include <math.h>

#include "shapes.h"

// Results in double precision.
typedef struct {
	double *y, *dx, *dgamma, *dbeta;
} results;

static void plain_row(const gk_layernorm *n, int64_t first, const results *r) {
	const float *x = n->x + first, *dy = n->dy + first;
	double mean = 0, variance = 0, sum = 0, weighted = 0;
	for (int64_t i = 0; i < n->columns; i++) mean += x[i] / (double)n->columns;
	for (int64_t i = 0; i < n->columns; i++) variance += (x[i] - mean) * (x[i] - mean) / n->columns;
	const double scale = 1 / sqrt(variance + n->epsilon);
	for (int64_t i = 0; i < n->columns; i++) {
		const double normal = (x[i] - mean) * scale, d_normal = (double)dy[i] * n->gamma[i];
		r->y[first + i] = normal * n->gamma[i] + n->beta[i];
		r->dgamma[i] += dy[i] * normal;
		r->dbeta[i] += dy[i];
		sum += d_normal / n->columns;
		weighted += d_normal * normal / n->columns;
	}
	for (int64_t i = 0; i < n->columns; i++) r->dx[first + i] = scale * ((double)dy[i] * n->gamma[i] - sum - (x[i] - mean) * scale * weighted);
}

void layernorm_case(int level, gk_parallel *p) {
	gk_layernorm n = {.rows = between(1, 300), .columns = extent(), .epsilon = 1e-3f};
	const int64_t size = n.rows * n.columns;
	shape("LayerNormalization: level %d, %ld threads, %ld×%ld", level, p->threads, n.rows, n.columns);
	n.x = numbers(size), n.dy = numbers(size), n.gamma = numbers(n.columns), n.beta = numbers(n.columns);
	n.y = blank(size), n.dx = blank(size), n.dgamma = blank(n.columns), n.dbeta = blank(n.columns);

	const results want = {zeros(size), zeros(size), zeros(n.columns), zeros(n.columns)};
	for (int64_t row = 0; row < n.rows; row++) plain_row(&n, row * n.columns, &want);
	gk_layernorm_forward(level, p, &n);
	succeeds(gk_layernorm_gradient(level, p, &n));
	near("y", n.y, want.y, size, 1e-3);
	near("dx", n.dx, want.dx, size, 2e-3);
	near("dgamma", n.dgamma, want.dgamma, n.columns, 2e-3);
	near("dbeta", n.dbeta, want.dbeta, n.columns, 2e-3);
}
