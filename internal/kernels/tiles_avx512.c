//go:build cgo && linux

#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,fma,prefer-vector-width=512")
#include "tiles.h"

#define LANES 16
#define ROWS 8
#define NAME(what) gk_avx512_##what
#include "conv_tiles.h"
#endif
