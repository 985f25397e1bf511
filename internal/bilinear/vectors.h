// What vectors_cgo.go calls.

#include <stdint.h>

// place is that of doc.go.
struct place {
    int32_t lower, upper;
    float share;
};

int gk_bilinear_vectors(void);

// gk_bilinear_rgb resizes a picture of three channels whose rows are so many bytes long.
void gk_bilinear_rgb(const uint8_t *from, long row_bytes, float *to, long to_stride, const struct place *rows, long height, const struct place *columns, long width);
