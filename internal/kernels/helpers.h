// Threads of the kernels' own, one on each processor, which stay awake between the kernels of a program.

#ifndef GOKERAS_HELPERS_H
#define GOKERAS_HELPERS_H

#include <stdint.h>

// What a helper does: its part of the work, and then, when it can be given other work, whatever else.
typedef struct {
	void (*work)(void *data), (*leave)(void *data);
} gk_help;

// gk_helpers_give has at most n of those that are free, on other processors than this thread's, help with data, and returns how many do. Every call must be given the same help.
int64_t gk_helpers_give(const gk_help *help, void *data, int64_t n);

#endif
