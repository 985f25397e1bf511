// What vectors.go calls.

#include <stdint.h>

// gk_jpeg_vectors tells whether this processor can.
int gk_jpeg_vectors(void);

// gk_jpeg_transform makes the samples of rows of so many blocks; of each comes the last coefficient that isn't zero.
void gk_jpeg_transform(const int16_t *coefs, const uint8_t *last, const int16_t *factors, uint8_t *into, long wide, long rows, int fast);

// gk_jpeg_rgb makes rows of red, green and blue. The samples of the colors blue and red lie in width × height as sampling says, see upsample.go. What it reads
// and writes beyond rows of samples, fewer than 64 bytes, there must be room for.
void gk_jpeg_rgb(const uint8_t *luma, long luma_stride, const uint8_t *blue, const uint8_t *red, long stride, long colors_wide, long colors_high, int sampling, long width,
                 long height, uint8_t *blue_row, uint8_t *red_row, uint8_t *into);
