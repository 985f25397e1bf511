// Work that is cut into units, and the numbers that cut it.

#ifndef GOKERAS_PARALLEL_H
#define GOKERAS_PARALLEL_H

#include <stdint.h>

// A way to run unit(data, i) for every i from 0 up to count, on any threads; it returns when all have run.
typedef struct gk_parallel {
	void (*run)(struct gk_parallel *self, int64_t count, void (*unit)(void *data, int64_t i), void *data);
	int64_t threads;
} gk_parallel;

// gk_spread does the same, on one thread where the work isn't worth waking others.
static inline void gk_spread(gk_parallel *p, int64_t count, void (*unit)(void *data, int64_t i), void *data, int worth) {
	if (worth) {
		p->run(p, count, unit, data);
		return;
	}
	for (int64_t i = 0; i < count; i++) unit(data, i);
}

static inline int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

#endif
