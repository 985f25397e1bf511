// Memory that kernels use while they run. It is kept for the next ones: fresh pages cost more than many a kernel's work.

#ifndef GOKERAS_SCRATCH_H
#define GOKERAS_SCRATCH_H

#include <stdint.h>

typedef struct gk_scratch {
	float *floats; // aligned for vectors
	int64_t size;
	struct gk_scratch *next;
} gk_scratch;

// Memory for at least size floats, or NULL.
gk_scratch *gk_scratch_take(int64_t size);
void gk_scratch_give(gk_scratch *s);

#endif
