//go:build cgo && linux && amd64

#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,fma,prefer-vector-width=512")
#include <immintrin.h>

#include "tiles.h"

#define LANES 16
#define ROWS 8
#define NAME(what) gk_avx512_##what
#define SQUARE_ROOT(v) ((NAME(vec))_mm512_sqrt_ps((__m512)(v)))
#include "conv_tiles.h"
