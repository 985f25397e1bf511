//go:build cgo && linux

#if defined(__x86_64__)
#pragma GCC target("avx2,fma")
#include "tiles.h"

#define LANES 8
#define ROWS 6
#define NAME(what) gk_avx2_##what
#include "conv_tiles.h"
#endif
