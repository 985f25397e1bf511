#include "lookup.h"

#include <math.h>

#include "shapes.h"

// indices are words of the table, now and then others.
static int32_t *indices(int64_t n, int64_t words) {
	int32_t *list = (int32_t *)blank(n);
	for (int64_t i = 0; i < n; i++) list[i] = one_in(10) ? between(-2 * words, 2 * words) : between(0, words - 1);
	return list;
}

void lookup_case(int level, gk_parallel *p) {
	gk_lookup l = {.words = between(1, 300), .size = extent(), .count = between(1, 400), .group = one_in(2) ? 1 : between(2, 40), .wrapped = one_in(2)};
	l.checked = l.group > 1 || one_in(2);
	const int64_t named = l.count * l.group;
	shape("lookup: level %d, %ld threads, %ld words of %ld, %ld of %ld, wrapped %d, checked %d", level, p->threads, l.words, l.size, l.count, l.group, l.wrapped, l.checked);
	l.indices = indices(named, l.words);
	const float *table = numbers(l.words * l.size), *dout = numbers(l.count * l.size);
	float *out = blank(l.count * l.size), *dtable = blank(l.words * l.size);
	double *want = zeros(l.count * l.size), *dwant = zeros(l.words * l.size);
	for (int64_t i = 0; i < named; i++) {
		int64_t word = l.indices[i];
		if (l.wrapped && word < 0) word += l.words;
		const int outside = word < 0 || word >= l.words;
		const int64_t nearest = outside ? (l.indices[i] < 0 ? 0 : l.words - 1) : word;
		for (int64_t k = 0; k < l.size; k++) {
			want[i / l.group * l.size + k] += outside && l.checked ? NAN : table[nearest * l.size + k];
			if (!outside) dwant[word * l.size + k] += dout[i / l.group * l.size + k];
		}
	}
	gk_lookup_run(level, p, &l, table, out);
	for (int64_t i = 0; i < l.count * l.size; i++)
		if (isnan(want[i]) && isnan(out[i])) want[i] = out[i] = 0;
	gk_lookup_gradient(level, p, &l, dout, dtable);
	near("rows", out, want, l.count * l.size, 1e-4);
	near("table", dtable, dwant, l.words * l.size, 1e-4);
}
