// XLA's threads, as the kernels use them.

#ifndef GOKERAS_THREADS_H
#define GOKERAS_THREADS_H

#include "conv.h"
#include "ffi.h"

typedef struct {
	gk_parallel parallel; // first: a pointer to it is one to the whole
	const ffi_frame *frame;
} gk_threads;

void gk_threads_init(gk_threads *p, const ffi_frame *f);

// gk_threads_help lets a thread that waits take part in the kernels' work until what it waits for is ready, or nothing has been to do for a while.
void gk_threads_help(int (*ready)(void *data), void *data);

#endif
