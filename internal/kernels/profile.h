// What the kernels' calls take, counted while someone asks.

#ifndef GOKERAS_PROFILE_H
#define GOKERAS_PROFILE_H

#include "handlers.h"

typedef struct {
	const char *name;
	int64_t calls, nanoseconds, bytes, operations; // bytes of operands and results; operations on floats in products, 0 of kernels that memory holds up
} gk_spent;

// gk_profile begins to count anew, or ends to.
void gk_profile(int on);

// gk_spent_by tells what calls of the i-th kernel took; 0 if there is no such kernel.
int gk_spent_by(int i, gk_spent *s);

#define KERNEL(name, handler, work) void *gk_profiled_##handler(ffi_frame *f);
#include "kernels_list.h"
#undef KERNEL

#endif
