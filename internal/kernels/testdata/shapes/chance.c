#include "shapes.h"

static uint64_t state;

static uint32_t next(void) {
	state = state * 6364136223846793005u + 1442695040888963407u;
	return state >> 33;
}

void begin(uint64_t seed) {
	state = seed * 7919;
	next();
}

int64_t between(int64_t least, int64_t most) { return least + next() % (most - least + 1); }

int one_in(int64_t n) { return next() % n == 0; }

int64_t extent(void) {
	static const int64_t most[] = {4, 20, 35, 70, 130};
	return between(1, most[between(0, 4)]);
}
