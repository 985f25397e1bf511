// What XLA calls.

#ifndef GOKERAS_HANDLERS_H
#define GOKERAS_HANDLERS_H

#include "ffi.h"

// How many times XLA asked for a handler's interface and it was one that is known here.
extern int gk_understood;

#define KERNEL(name, handler, work) void *gk_handle_##handler(ffi_frame *f);
#include "kernels_list.h"
#undef KERNEL

#endif
