//go:build cgo && linux && amd64

#include "adam.h"

#include "tiles.h"

typedef struct {
	const gk_tiles *tiles;
	const gk_adam *a;
	int64_t part;
} adam_job;

static void part(void *data, int64_t at) {
	const adam_job *j = data;
	const gk_adam *a = j->a;
	const int64_t first = at * j->part, n = min64(a->size - first, j->part);
	gk_adam some = *a;
	some.size = n;
	some.weights += first, some.momentum += first, some.velocity += first, some.gradient += first;
	some.new_weights += first, some.new_momentum += first, some.new_velocity += first;
	j->tiles->adam(&some);
}

void gk_adam_step(int level, gk_parallel *p, const gk_adam *a) {
	adam_job j = {.tiles = gk_tiles_of(level), .a = a, .part = 1 << 14};
	p->run(p, div_up(a->size, j.part), part, &j);
}
