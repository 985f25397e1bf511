//go:build cgo && linux && amd64

// The DCTs, the upsampling and the colors of idct.go, fastdct.go, upsample.go and color.go in vectors of 16 times 16 bits, with the same results: what is 32 bits wide
// there is here made of pairs of 16 bits, or shown to need only the upper half of a product.

#pragma GCC target("avx2")
#include <immintrin.h>
#include <string.h>

#include "vectors.h"

typedef __m256i vec; // two blocks' rows, or 16 pixels

int gk_jpeg_vectors(void) { return __builtin_cpu_supports("avx2"); }

// PAIR are two factors for the two values that lie beside each other.
#define PAIR(a, b) _mm256_set1_epi32((int)((uint32_t)(uint16_t)(int16_t)(a) | (uint32_t)(uint16_t)(int16_t)(b) << 16))

enum { C0298 = 2446, C0390 = 3196, C0541 = 4433, C0765 = 6270, C0899 = 7373, C1175 = 9633, C1501 = 12299, C1847 = 15137, C1961 = 16069, C2053 = 16819, C2562 = 20995, C3072 = 25172 };

// exact_half does half of the columns: a pair of rows is in one vector.
static inline __attribute__((always_inline)) void exact_half(vec even04, vec even04d, vec r26, vec r71, vec r53, vec z34, vec half, int bits, vec out[8]) {
    vec high = _mm256_madd_epi16(r26, PAIR(C0541 + C0765, C0541)), low = _mm256_madd_epi16(r26, PAIR(C0541, C0541 - C1847));
    vec even0 = _mm256_add_epi32(_mm256_add_epi32(even04, high), half), even3 = _mm256_add_epi32(_mm256_sub_epi32(even04, high), half);
    vec even1 = _mm256_add_epi32(_mm256_add_epi32(even04d, low), half), even2 = _mm256_add_epi32(_mm256_sub_epi32(even04d, low), half);
    vec left = _mm256_madd_epi16(z34, PAIR(C1175 - C1961, C1175)), right = _mm256_madd_epi16(z34, PAIR(C1175, C1175 - C0390));
    vec odd0 = _mm256_add_epi32(_mm256_madd_epi16(r71, PAIR(C0298 - C0899, -C0899)), left);
    vec odd3 = _mm256_add_epi32(_mm256_madd_epi16(r71, PAIR(-C0899, C1501 - C0899)), right);
    vec odd1 = _mm256_add_epi32(_mm256_madd_epi16(r53, PAIR(C2053 - C2562, -C2562)), right);
    vec odd2 = _mm256_add_epi32(_mm256_madd_epi16(r53, PAIR(-C2562, C3072 - C2562)), left);
    out[0] = _mm256_srai_epi32(_mm256_add_epi32(even0, odd3), bits);
    out[7] = _mm256_srai_epi32(_mm256_sub_epi32(even0, odd3), bits);
    out[1] = _mm256_srai_epi32(_mm256_add_epi32(even1, odd2), bits);
    out[6] = _mm256_srai_epi32(_mm256_sub_epi32(even1, odd2), bits);
    out[2] = _mm256_srai_epi32(_mm256_add_epi32(even2, odd1), bits);
    out[5] = _mm256_srai_epi32(_mm256_sub_epi32(even2, odd1), bits);
    out[3] = _mm256_srai_epi32(_mm256_add_epi32(even3, odd0), bits);
    out[4] = _mm256_srai_epi32(_mm256_sub_epi32(even3, odd0), bits);
}

static inline __attribute__((always_inline)) void exact_pass(vec r[8], int bits) {
    vec zero = _mm256_setzero_si256(), half = _mm256_set1_epi32(1 << (bits - 1));
    vec sum = _mm256_add_epi16(r[0], r[4]), difference = _mm256_sub_epi16(r[0], r[4]);
    vec z3 = _mm256_add_epi16(r[7], r[3]), z4 = _mm256_add_epi16(r[5], r[1]);
    vec low[8], high[8];
    exact_half(_mm256_srai_epi32(_mm256_unpacklo_epi16(zero, sum), 3), _mm256_srai_epi32(_mm256_unpacklo_epi16(zero, difference), 3), _mm256_unpacklo_epi16(r[2], r[6]),
               _mm256_unpacklo_epi16(r[7], r[1]), _mm256_unpacklo_epi16(r[5], r[3]), _mm256_unpacklo_epi16(z3, z4), half, bits, low);
    exact_half(_mm256_srai_epi32(_mm256_unpackhi_epi16(zero, sum), 3), _mm256_srai_epi32(_mm256_unpackhi_epi16(zero, difference), 3), _mm256_unpackhi_epi16(r[2], r[6]),
               _mm256_unpackhi_epi16(r[7], r[1]), _mm256_unpackhi_epi16(r[5], r[3]), _mm256_unpackhi_epi16(z3, z4), half, bits, high);
    for (int i = 0; i < 8; i++) r[i] = _mm256_packs_epi32(low[i], high[i]);
}

// times multiplies with a number that has 8 bits behind the point.
static inline __attribute__((always_inline)) vec times(vec scaled, int by) { return _mm256_mulhi_epi16(scaled, _mm256_set1_epi16((short)(by << 6))); }

static inline __attribute__((always_inline)) void fast_pass(vec r[8]) {
    vec outer = _mm256_add_epi16(r[2], r[6]), inner = _mm256_sub_epi16(times(_mm256_slli_epi16(_mm256_sub_epi16(r[2], r[6]), 2), 362), outer);
    vec sum = _mm256_add_epi16(r[0], r[4]), difference = _mm256_sub_epi16(r[0], r[4]);
    vec even0 = _mm256_add_epi16(sum, outer), even3 = _mm256_sub_epi16(sum, outer);
    vec even1 = _mm256_add_epi16(difference, inner), even2 = _mm256_sub_epi16(difference, inner);

    vec near = _mm256_sub_epi16(r[5], r[3]), far = _mm256_sub_epi16(r[1], r[7]);
    vec both = _mm256_add_epi16(r[1], r[7]), apart = _mm256_add_epi16(r[5], r[3]);
    vec odd0 = _mm256_add_epi16(both, apart);
    vec near4 = _mm256_slli_epi16(near, 2), far4 = _mm256_slli_epi16(far, 2);
    vec turned = times(_mm256_add_epi16(near4, far4), 473);
    vec odd1 = _mm256_sub_epi16(_mm256_sub_epi16(_mm256_add_epi16(turned, times(near4, -413)), near), odd0);
    vec odd2 = _mm256_sub_epi16(times(_mm256_slli_epi16(_mm256_sub_epi16(both, apart), 2), 362), odd1);
    vec odd3 = _mm256_add_epi16(_mm256_sub_epi16(times(far4, 277), turned), odd2);
    r[0] = _mm256_add_epi16(even0, odd0);
    r[7] = _mm256_sub_epi16(even0, odd0);
    r[1] = _mm256_add_epi16(even1, odd1);
    r[6] = _mm256_sub_epi16(even1, odd1);
    r[2] = _mm256_add_epi16(even2, odd2);
    r[5] = _mm256_sub_epi16(even2, odd2);
    r[4] = _mm256_add_epi16(even3, odd3);
    r[3] = _mm256_sub_epi16(even3, odd3);
}

// transpose turns both blocks.
static inline __attribute__((always_inline)) void transpose(vec r[8]) {
    vec a[8], b[8];
    for (int i = 0; i < 4; i++) {
        a[2 * i] = _mm256_unpacklo_epi16(r[2 * i], r[2 * i + 1]);
        a[2 * i + 1] = _mm256_unpackhi_epi16(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        b[4 * i] = _mm256_unpacklo_epi32(a[4 * i], a[4 * i + 2]);
        b[4 * i + 1] = _mm256_unpackhi_epi32(a[4 * i], a[4 * i + 2]);
        b[4 * i + 2] = _mm256_unpacklo_epi32(a[4 * i + 1], a[4 * i + 3]);
        b[4 * i + 3] = _mm256_unpackhi_epi32(a[4 * i + 1], a[4 * i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        r[2 * i] = _mm256_unpacklo_epi64(b[i], b[i + 4]);
        r[2 * i + 1] = _mm256_unpackhi_epi64(b[i], b[i + 4]);
    }
}

// store writes the samples of two blocks beside each other, or of the first alone.
static inline __attribute__((always_inline)) void store(const vec r[8], uint8_t *into, long stride, int two) {
    vec middle = _mm256_set1_epi8((char)128);
    for (int i = 0; i < 8; i += 2) {
        vec v = _mm256_permute4x64_epi64(_mm256_add_epi8(_mm256_packs_epi16(r[i], r[i + 1]), middle), 0xd8);
        __m128i upper = _mm256_castsi256_si128(v), lower = _mm256_extracti128_si256(v, 1);
        if (two) {
            _mm_storeu_si128((__m128i *)(into + i * stride), upper);
            _mm_storeu_si128((__m128i *)(into + (i + 1) * stride), lower);
        } else {
            _mm_storel_epi64((__m128i *)(into + i * stride), upper);
            _mm_storel_epi64((__m128i *)(into + (i + 1) * stride), lower);
        }
    }
}

// blocks makes the samples of two blocks.
static inline __attribute__((always_inline)) void blocks(const int16_t *first, const int16_t *second, const int16_t *factors, uint8_t *into, long stride, int fast, int two) {
    vec r[8], below = _mm256_setzero_si256();
    for (int i = 0; i < 8; i++) {
        vec v = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(first + 8 * i))), _mm_loadu_si128((const __m128i *)(second + 8 * i)), 1);
        if (i > 0) below = _mm256_or_si256(below, v);
        r[i] = _mm256_mullo_epi16(v, _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(factors + 8 * i))));
    }
    if (fast) {
        fast_pass(r);
        transpose(r);
        fast_pass(r);
        transpose(r);
        for (int i = 0; i < 8; i++) r[i] = _mm256_srai_epi16(r[i], 5);
    } else {
        __m128i below0 = _mm256_castsi256_si128(below), below1 = _mm256_extracti128_si256(below, 1);
        int flat0 = _mm_testz_si128(below0, below0), flat1 = _mm_testz_si128(below1, below1);
        vec flat = _mm256_slli_epi16(r[0], 2); // where only the first row isn't zeros: it may overflow
        if (flat0 && flat1) {
            for (int i = 0; i < 8; i++) r[i] = flat;
        } else {
            exact_pass(r, 11);
            if (flat0 || flat1) {
                for (int i = 0; i < 8; i++) r[i] = flat0 ? _mm256_blend_epi32(r[i], flat, 0x0f) : _mm256_blend_epi32(r[i], flat, 0xf0);
            }
        }
        transpose(r);
        exact_pass(r, 18);
        transpose(r);
    }
    store(r, into, stride, two);
}

// shade is the sample of a block that has no other coefficient.
static inline uint8_t shade(const int16_t *coef, const int16_t *factors, int fast) {
    int16_t v = (int16_t)(coef[0] * factors[0]);
    int s = fast ? v >> 5 : ((int16_t)((uint32_t)(int32_t)v << 2) + 16) >> 5;
    s += 128;
    return s < 0 ? 0 : s > 255 ? 255 : (uint8_t)s;
}

void gk_jpeg_transform(const int16_t *coefs, const uint8_t *last, const int16_t *factors, uint8_t *into, long wide, long rows, int fast) {
    long stride = 8 * wide;
    for (long row = 0; row < rows; row++, into += 8 * stride) {
        for (long column = 0; column < wide; column += 2) {
            int two = column + 1 < wide;
            const int16_t *first = coefs + 64 * (row * wide + column), *second = two ? first + 64 : first;
            const uint8_t *ends = last + row * wide + column;
            uint8_t *p = into + 8 * column;
            if (ends[0] == 0 && (!two || ends[1] == 0)) {
                uint64_t a = shade(first, factors, fast) * 0x0101010101010101u, b = shade(second, factors, fast) * 0x0101010101010101u;
                for (int i = 0; i < 8; i++) {
                    memcpy(p + i * stride, &a, 8);
                    if (two) memcpy(p + i * stride + 8, &b, 8);
                }
            } else if (fast) {
                blocks(first, second, factors, p, stride, 1, two);
            } else {
                blocks(first, second, factors, p, stride, 0, two);
            }
        }
    }
}

static inline vec wide16(const uint8_t *p) { return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)p)); }

static inline vec three(vec v) { return _mm256_add_epi16(v, _mm256_add_epi16(v, v)); }

// pairs are bytes of which the first are in the lower halves.
static inline void pairs(uint8_t *into, vec first, vec second) { _mm256_storeu_si256((__m256i *)into, _mm256_or_si256(first, _mm256_slli_epi16(second, 8))); }

static void widen(const uint8_t *row, long n, uint8_t *into) {
    vec one = _mm256_set1_epi16(1), two = _mm256_set1_epi16(2);
    into[0] = row[0];
    for (long i = 1; i < n; i += 16) {
        vec before = wide16(row + i - 1), v = wide16(row + i);
        pairs(into + 2 * i - 1, _mm256_srli_epi16(_mm256_add_epi16(_mm256_add_epi16(three(before), v), two), 2),
              _mm256_srli_epi16(_mm256_add_epi16(_mm256_add_epi16(three(v), before), one), 2));
    }
    into[2 * n - 1] = row[n - 1];
}

static void widen_both(const uint8_t *own, const uint8_t *near, long n, uint8_t *into) {
    vec seven = _mm256_set1_epi16(7), eight = _mm256_set1_epi16(8);
    into[0] = (uint8_t)((4 * (3 * own[0] + near[0]) + 8) >> 4);
    for (long i = 1; i < n; i += 16) {
        vec before = _mm256_add_epi16(three(wide16(own + i - 1)), wide16(near + i - 1)), v = _mm256_add_epi16(three(wide16(own + i)), wide16(near + i));
        pairs(into + 2 * i - 1, _mm256_srli_epi16(_mm256_add_epi16(_mm256_add_epi16(three(before), v), seven), 4),
              _mm256_srli_epi16(_mm256_add_epi16(_mm256_add_epi16(three(v), before), eight), 4));
    }
    into[2 * n - 1] = (uint8_t)((4 * (3 * own[n - 1] + near[n - 1]) + 7) >> 4);
}

static void heighten(const uint8_t *own, const uint8_t *near, long n, int round, uint8_t *into) {
    vec rounding = _mm256_set1_epi16((short)round);
    for (long i = 0; i < n; i += 16) {
        vec v = _mm256_srli_epi16(_mm256_add_epi16(_mm256_add_epi16(three(wide16(own + i)), wide16(near + i)), rounding), 2);
        _mm_storeu_si128((__m128i *)(into + i), _mm256_castsi256_si128(_mm256_permute4x64_epi64(_mm256_packus_epi16(v, v), 0xd8)));
    }
}

// halved is a product's upper half, of twice a number with 16 bits behind the point, rounded.
static inline vec halved(vec twice, int by) { return _mm256_srai_epi16(_mm256_add_epi16(_mm256_mulhi_epi16(twice, _mm256_set1_epi16((short)by)), _mm256_set1_epi16(1)), 1); }

// pixels makes 16 pixels, whose bytes go into three vectors.
static inline __attribute__((always_inline)) void pixels(const uint8_t *luma, const uint8_t *blue, const uint8_t *red, uint8_t *into) {
    vec y = wide16(luma), cb = _mm256_sub_epi16(wide16(blue), _mm256_set1_epi16(128)), cr = _mm256_sub_epi16(wide16(red), _mm256_set1_epi16(128));
    vec cb2 = _mm256_add_epi16(cb, cb), cr2 = _mm256_add_epi16(cr, cr);
    vec r = _mm256_add_epi16(_mm256_add_epi16(y, cr), halved(cr2, 91881 - 65536));
    vec b = _mm256_add_epi16(_mm256_add_epi16(y, cb2), halved(cb2, 116130 - 131072));
    vec factors = PAIR(-22554, 65536 - 46802), half = _mm256_set1_epi32(1 << 15);
    vec low = _mm256_srai_epi32(_mm256_add_epi32(_mm256_madd_epi16(_mm256_unpacklo_epi16(cb, cr), factors), half), 16);
    vec high = _mm256_srai_epi32(_mm256_add_epi32(_mm256_madd_epi16(_mm256_unpackhi_epi16(cb, cr), factors), half), 16);
    vec g = _mm256_add_epi16(_mm256_sub_epi16(y, cr), _mm256_packs_epi32(low, high));
    vec rg = _mm256_permute4x64_epi64(_mm256_packus_epi16(r, g), 0xd8);
    __m128i r8 = _mm256_castsi256_si128(rg), g8 = _mm256_extracti128_si256(rg, 1), b8 = _mm256_castsi256_si128(_mm256_permute4x64_epi64(_mm256_packus_epi16(b, b), 0xd8));
    const __m128i r0 = _mm_setr_epi8(0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1, 5), g0 = _mm_setr_epi8(-1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1),
                  b0 = _mm_setr_epi8(-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1);
    const __m128i r1 = _mm_setr_epi8(-1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10, -1), g1 = _mm_setr_epi8(5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10),
                  b1 = _mm_setr_epi8(-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1);
    const __m128i r2 = _mm_setr_epi8(-1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1, -1), g2 = _mm_setr_epi8(-1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1),
                  b2 = _mm_setr_epi8(10, -1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15);
    _mm_storeu_si128((__m128i *)into, _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(r8, r0), _mm_shuffle_epi8(g8, g0)), _mm_shuffle_epi8(b8, b0)));
    _mm_storeu_si128((__m128i *)(into + 16), _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(r8, r1), _mm_shuffle_epi8(g8, g1)), _mm_shuffle_epi8(b8, b1)));
    _mm_storeu_si128((__m128i *)(into + 32), _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(r8, r2), _mm_shuffle_epi8(g8, g2)), _mm_shuffle_epi8(b8, b2)));
}

// The order is that of upsample.go.
enum { FULL, WIDE_HALF, HIGH_HALF, BOTH_HALF };

void gk_jpeg_rgb(const uint8_t *luma, long luma_stride, const uint8_t *blue, const uint8_t *red, long stride, long colors_wide, long colors_high, int sampling, long width,
                 long height, uint8_t *blue_row, uint8_t *red_row, uint8_t *into) {
    for (long y = 0; y < height; y++, into += 3 * width) {
        long own = y, near = y;
        if (sampling == HIGH_HALF || sampling == BOTH_HALF) {
            own = y / 2;
            near = own + 2 * (y % 2) - 1;
            near = near < 0 ? 0 : near > colors_high - 1 ? colors_high - 1 : near;
        }
        const uint8_t *b = blue + own * stride, *r = red + own * stride, *b_near = blue + near * stride, *r_near = red + near * stride;
        switch (sampling) {
        case WIDE_HALF:
            widen(b, colors_wide, blue_row);
            widen(r, colors_wide, red_row);
            break;
        case HIGH_HALF:
            heighten(b, b_near, colors_wide, 1 + (int)(y % 2), blue_row);
            heighten(r, r_near, colors_wide, 1 + (int)(y % 2), red_row);
            break;
        case BOTH_HALF:
            widen_both(b, b_near, colors_wide, blue_row);
            widen_both(r, r_near, colors_wide, red_row);
        }
        if (sampling != FULL) b = blue_row, r = red_row;
        const uint8_t *l = luma + y * luma_stride;
        long x = 0;
        for (; x + 16 <= width; x += 16) pixels(l + x, b + x, r + x, into + 3 * x);
        if (x < width) {
            uint8_t rest[48];
            pixels(l + x, b + x, r + x, rest);
            memcpy(into + 3 * x, rest, 3 * (width - x));
        }
    }
}
