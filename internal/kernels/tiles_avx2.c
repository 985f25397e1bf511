//go:build cgo && linux && amd64

#pragma GCC target("avx2,fma,prfchw")
#include <immintrin.h>

#include "tiles.h"

#define LANES 8
#define ROWS 6
#define NAME(what) gk_avx2_##what
#define ADD_PRODUCT(sum, a, b) __asm__("vfmadd231ps %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b))
#define SQUARE_ROOT(v) ((NAME(vec))_mm256_sqrt_ps((__m256)(v)))
#define WIDENED(bytes) ((NAME(bits))_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(bytes))))
#define FIRST(from, n) ((NAME(vec))_mm256_maskload_ps(from, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))))
#include "conv_tiles.h"
