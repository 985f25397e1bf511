#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "shapes.h"

static char text[300];

void shape(const char *format, ...) {
	va_list values;
	va_start(values, format);
	vsnprintf(text, sizeof text, format, values);
	va_end(values);
}

void print_shape(void) { fprintf(stderr, "in %s\n", text); }

void fail(const char *format, ...) {
	va_list values;
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fprintf(stderr, " ");
	print_shape();
	exit(1);
}

void succeeds(int result) {
	if (result) fail("a kernel returned %d", result);
}

void near(const char *name, const float *got, const double *want, int64_t n, double tolerance) {
	for (int64_t i = 0; i < n; i++)
		if (!(fabs(got[i] - want[i]) <= tolerance * (1 + fabs(want[i])))) fail("%s[%ld] is %g, not %g,", name, i, got[i], want[i]);
}
