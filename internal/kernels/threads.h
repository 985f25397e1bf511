// The threads that run the kernels: their own, and XLA's where those are busy.

#ifndef GOKERAS_THREADS_H
#define GOKERAS_THREADS_H

#include "conv.h"
#include "ffi.h"

typedef struct {
	gk_parallel parallel; // first: a pointer to it is one to the whole
	const ffi_frame *frame;
} gk_threads;

void gk_threads_init(gk_threads *p, const ffi_frame *f);

#endif
