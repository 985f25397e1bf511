#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "shapes.h"

// A block ends where what is asked for ends: the sanitizer sees what is read or written behind it.
typedef struct block {
	void *bytes;
	struct block *next;
} block;

static block *blocks;

// aligned has all bits set, which is NaN for floats.
static void *aligned(int64_t size) {
	void *bytes;
	if (posix_memalign(&bytes, 64, max64(size, 1))) abort();
	memset(bytes, 0xff, size);
	return bytes;
}

static void *of_case(int64_t size) {
	block *b = malloc(sizeof *b);
	*b = (block){aligned(size), blocks};
	blocks = b;
	return b->bytes;
}

void release(void) {
	while (blocks) {
		block *b = blocks;
		blocks = b->next;
		free(b->bytes);
		free(b);
	}
}

float *blank(int64_t n) { return of_case(n * sizeof(float)); }

float *numbers(int64_t n) {
	float *values = blank(n);
	for (int64_t i = 0; i < n; i++) values[i] = between(-1000, 1000) / 1000.f;
	return values;
}

uint8_t *bytes(int64_t n, int64_t below) {
	uint8_t *values = of_case(n);
	for (int64_t i = 0; i < n; i++) values[i] = between(0, below - 1);
	return values;
}

double *zeros(int64_t n) { return memset(of_case(n * sizeof(double)), 0, n * sizeof(double)); }

// ---- in place of the kernels' own, which keeps larger blocks than it is asked for ----

static int64_t out;

int64_t scratch_out(void) { return out; }

gk_scratch *gk_scratch_take(int64_t size) {
	gk_scratch *s = malloc(sizeof *s);
	*s = (gk_scratch){.floats = aligned(size * sizeof(float)), .size = size};
	__atomic_fetch_add(&out, 1, __ATOMIC_RELAXED);
	return s;
}

void gk_scratch_give(gk_scratch *s) {
	free(s->floats);
	free(s);
	__atomic_fetch_sub(&out, 1, __ATOMIC_RELAXED);
}
