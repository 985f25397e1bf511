//go:build cgo && linux && amd64

#pragma GCC target("avx2") // without FMA, which would leave roundings out
#include <immintrin.h>
#include <string.h>

#include "vectors.h"

int gk_bilinear_vectors(void) { return __builtin_cpu_supports("avx2"); }

static inline float between(float a, float b, float share) { return a + (b - a) * share; }

// pair are four values of the upper row and four of the lower one.
static inline __m256 pair(const uint8_t *above, const uint8_t *below) {
    int32_t a, b;
    memcpy(&a, above, 4);
    memcpy(&b, below, 4);
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_unpacklo_epi32(_mm_cvtsi32_si128(a), _mm_cvtsi32_si128(b))));
}

void gk_bilinear_rgb(const uint8_t *from, long row_bytes, float *to, long to_stride, const struct place *rows, long height, const struct place *columns, long width) {
    // Four values are read and written at once: one more than a pixel has, which the last ones of a row have no room for.
    long safe = width - 1;
    while (safe > 0 && columns[safe - 1].upper + 4 > row_bytes) safe--;
    for (long y = 0; y < height; y++, to += to_stride) {
        const uint8_t *above = from + rows[y].lower, *below = from + rows[y].upper;
        __m128 down = _mm_set1_ps(rows[y].share);
        for (long x = 0; x < safe; x++) {
            __m256 left = pair(above + columns[x].lower, below + columns[x].lower), right = pair(above + columns[x].upper, below + columns[x].upper);
            __m256 across = _mm256_add_ps(left, _mm256_mul_ps(_mm256_sub_ps(right, left), _mm256_broadcast_ss(&columns[x].share)));
            __m128 first = _mm256_castps256_ps128(across), second = _mm256_extractf128_ps(across, 1);
            _mm_storeu_ps(to + 3 * x, _mm_add_ps(first, _mm_mul_ps(_mm_sub_ps(second, first), down)));
        }
        for (long x = safe; x < width; x++) {
            struct place p = columns[x];
            for (int c = 0; c < 3; c++)
                to[3 * x + c] = between(between(above[p.lower + c], above[p.upper + c], p.share), between(below[p.lower + c], below[p.upper + c], p.share), rows[y].share);
        }
    }
}
