//go:build cgo && linux && amd64

#pragma GCC target("avx2,fma")
#include <immintrin.h>

#include "tiles.h"

#define LANES 8
#define ROWS 6
#define NAME(what) gk_avx2_##what
#define SQUARE_ROOT(v) ((NAME(vec))_mm256_sqrt_ps((__m256)(v)))
#include "conv_tiles.h"
