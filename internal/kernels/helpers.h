// Threads of the kernels' own, one on each processor, which stay awake between the kernels of a program.

#ifndef GOKERAS_HELPERS_H
#define GOKERAS_HELPERS_H

#include <stdint.h>

// gk_helpers_give has at most n of those that are free, on other processors than this thread's, call run(data), and returns how many do. Every call must be given the same run.
int64_t gk_helpers_give(void (*run)(void *data), void *data, int64_t n);

#endif
