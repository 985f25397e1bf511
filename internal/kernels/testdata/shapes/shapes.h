// What the cases of all kernels share: values by chance, memory of exactly the size that is needed, and the comparison with plain sums.

#ifndef GOKERAS_SHAPES_H
#define GOKERAS_SHAPES_H

#include "conv.h"
#include "parallel.h"

// ---- chance ----

void begin(uint64_t seed);
int64_t between(int64_t least, int64_t most);
int one_in(int64_t n);

// extent is a matrix's: below, at and above what vectors, tiles and panels hold.
int64_t extent(void);

// ---- memory, until the case ends ----

float *numbers(int64_t n);                // from -1 to 1
float *blank(int64_t n);                  // NaN, for results
uint8_t *bytes(int64_t n, int64_t below); // from 0 on
double *zeros(int64_t n);

// release frees all of it.
void release(void);

// scratch_out is how much of the kernels' own memory they haven't given back.
int64_t scratch_out(void);

// ---- what is expected ----

// shape notes, as printf does, what the case is: that is printed when it fails, by itself or by a sanitizer.
void shape(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_shape(void);
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

// succeeds is for what kernels return.
void succeeds(int result);

// near fails where a value's difference is above the tolerance, relative to values above 1.
void near(const char *name, const float *got, const double *want, int64_t n, double tolerance);

// ---- what follows sums ----

// random_after is for n sums in so many columns.
gk_after random_after(int64_t columns, int64_t n, int may_add);

// followed is what a column's sum becomes, whose place among all is at.
double followed(double sum, const gk_after *after, int64_t column, int64_t at);

// ---- convolutions ----

gk_conv random_conv(void);
void conv_shape(const char *name, int level, gk_parallel *p, const gk_conv *c);

// gives_input_gradient tells whether the kernels compute that, too: no axis has both a stride and a dilation.
int gives_input_gradient(const gk_conv *c);

// A convolution's sizes: of the input, the output, and the output's max-pool by windows of 2 by 2.
int64_t input_size(const gk_conv *c);
int64_t output_size(const gk_conv *c);
int64_t pooled_size(const gk_conv *c);

// each_tap calls f for all pairs of an output's pixel and the input's pixel that it meets, of so many (pixels are counted over all images), at that element of the kernel.
void each_tap(const gk_conv *c, void (*f)(void *data, int64_t output, int64_t input, int64_t element), void *data);

// ---- the cases, a file each ----

typedef void test_case(int level, gk_parallel *p);
test_case adam_case, attention_case, conv_case, dense_case, depthwise_case, dot_case, elementwise_case, layernorm_case, lookup_case, maxima_case, maxpool_case, rnn_case, rows_case, sum_case;

#endif
