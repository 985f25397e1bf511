//go:build cgo && linux && amd64

#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,fma,prfchw,prefer-vector-width=512")
#include <immintrin.h>

#include "tiles.h"

#define LANES 16
#define ROWS 8
#define NAME(what) gk_avx512_##what
#define ADD_PRODUCT(sum, a, b) __asm__("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b))
#define SQUARE_ROOT(v) ((NAME(vec))_mm512_sqrt_ps((__m512)(v)))
#define WIDENED(bytes) ((NAME(bits))_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(bytes))))
#define FIRST(from, n) ((NAME(vec))_mm512_maskz_loadu_ps((1u << (n)) - 1, from))
#include "conv_tiles.h"
