// XLA's threads, as the kernels use them.

#ifndef GOKERAS_POOL_H
#define GOKERAS_POOL_H

#include "conv.h"
#include "ffi.h"

typedef struct {
	gk_parallel parallel; // first: a pointer to it is one to the pool
	const ffi_frame *frame;
} gk_pool;

void gk_pool_init(gk_pool *p, const ffi_frame *f);

#endif
