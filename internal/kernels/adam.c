//go:build cgo && linux && amd64

#include "adam.h"

#include "tiles.h"

enum { PART = 1 << 14 }; // values that a thread takes at once

typedef struct {
	const gk_tiles *tiles;
	const gk_adam *all;
	int64_t count;
} adam_job;

// part takes the values from at·PART on, the variables being counted one after the other.
static void part(void *data, int64_t at) {
	const adam_job *j = data;
	int64_t first = at * PART, left = PART;
	for (int64_t i = 0; i < j->count && left > 0; i++) {
		gk_adam some = j->all[i];
		if (first >= some.size) {
			first -= some.size;
			continue;
		}
		some.weights += first, some.momentum += first, some.velocity += first, some.gradient += first;
		some.new_weights += first, some.new_momentum += first, some.new_velocity += first;
		some.size = min64(some.size - first, left);
		left -= some.size, first = 0;
		j->tiles->adam(&some);
	}
}

void gk_adam_step(int level, gk_parallel *p, const gk_adam *all, int64_t count) {
	adam_job j = {.tiles = gk_tiles_of(level), .all = all, .count = count};
	int64_t size = 0;
	for (int64_t i = 0; i < count; i++) size += all[i].size;
	p->run(p, div_up(size, PART), part, &j);
}
