// Rows of a table by their numbers, see lookup.h. Included by conv_tiles.h.

enum { NAME(SOME) = 128 }; // indices that are read at once

// The rows of n indices from at on; -1 stands for those outside.
static inline void NAME(lookup_rows)(const gk_lookup *l, int64_t at, int64_t n, int64_t *rows) {
	const int32_t *indices = l->indices + at;
	const int64_t words = l->words, wrapped = l->wrapped ? words : 0;
	for (int64_t i = 0; i < n; i++) {
		const int64_t row = indices[i] + (indices[i] < 0 ? wrapped : 0);
		rows[i] = row >= 0 && row < words ? row : -1;
	}
}

// Adds so many vectors of rows to the sums.
static inline __attribute__((always_inline)) void NAME(lookup_vectors)(const int64_t *rows, int64_t n, int64_t size, const float *table, float *sums, const int vectors) {
	NAME(vec) sum[4];
	for (int v = 0; v < vectors; v++) sum[v] = *(const NAME(vec) *)(sums + v * LANES);
	for (int64_t i = 0; i < n; i++) {
		if (rows[i] < 0) {
			for (int v = 0; v < vectors; v++) sum[v] += __builtin_nanf("");
			continue;
		}
		_Pragma("GCC unroll 4") for (int v = 0; v < vectors; v++) sum[v] += *(const NAME(vec) *)(table + rows[i] * size + v * LANES);
	}
	for (int v = 0; v < vectors; v++) *(NAME(vec) *)(sums + v * LANES) = sum[v];
}

static inline void NAME(lookup_sum)(const int64_t *rows, int64_t n, int64_t size, const float *table, float *sums) {
	int64_t at = 0;
	for (; at + 4 * LANES <= size; at += 4 * LANES) NAME(lookup_vectors)(rows, n, size, table + at, sums + at, 4);
	for (; at + LANES <= size; at += LANES) NAME(lookup_vectors)(rows, n, size, table + at, sums + at, 1);
	for (; at < size; at++)
		for (int64_t i = 0; i < n; i++) sums[at] += rows[i] < 0 ? __builtin_nanf("") : table[rows[i] * size + at];
}

static void NAME(lookup)(const gk_lookup *l, int64_t first, int64_t end, const float *table, float *out) {
	int64_t rows[NAME(SOME)];
	if (l->group > 1) {
		for (int64_t i = first; i < end; i++) {
			float *sums = out + i * l->size;
			for (int64_t k = 0; k < l->size; k++) sums[k] = 0;
			for (int64_t at = 0, n; at < l->group; at += n) {
				n = min64(NAME(SOME), l->group - at);
				NAME(lookup_rows)(l, i * l->group + at, n, rows);
				NAME(lookup_sum)(rows, n, l->size, table, sums);
			}
		}
		return;
	}
	for (int64_t i = first, n; i < end; i += n) {
		n = min64(NAME(SOME), end - i);
		NAME(lookup_rows)(l, i, n, rows);
		for (int64_t k = 0; k < n; k++) {
			float *to = out + (i + k) * l->size;
			if (rows[k] < 0 && l->checked) {
				for (int64_t at = 0; at < l->size; at++) to[at] = __builtin_nanf("");
				continue;
			}
			if (rows[k] < 0) rows[k] = l->indices[i + k] < 0 ? 0 : l->words - 1;
			__builtin_memcpy(to, table + rows[k] * l->size, l->size * sizeof *to);
		}
	}
}

// Adds the gradient for a result to so many vectors of rows.
static inline __attribute__((always_inline)) void NAME(lookup_add)(const int64_t *places, int64_t n, const float *from, float *table, const int vectors) {
	NAME(vec) added[4];
	for (int v = 0; v < vectors; v++) added[v] = *(const NAME(vec) *)(from + v * LANES);
	for (int64_t i = 0; i < n; i++)
		_Pragma("GCC unroll 4") for (int v = 0; v < vectors; v++) *(NAME(vec) *)(table + places[i] + v * LANES) += added[v];
}

// Adds the gradients for n results, or n times that for one, to rows.
static inline void NAME(lookup_add_rows)(const int64_t *places, const int64_t *sources, int64_t n, int64_t size, const float *dout, float *dtable) {
	const int same = !sources;
	for (int64_t k = 0, some; k < n; k += some) {
		const float *from = dout + (same ? 0 : sources[k]);
		some = same ? n : 1;
		int64_t at = 0;
		for (; at + 4 * LANES <= size; at += 4 * LANES) NAME(lookup_add)(places + k, some, from + at, dtable + at, 4);
		for (; at + LANES <= size; at += LANES) NAME(lookup_add)(places + k, some, from + at, dtable + at, 1);
		for (; at < size; at++)
			for (int64_t i = k; i < k + some; i++) dtable[places[i] + at] += from[at];
	}
}

// Of the words, each parts-th is this part's; parts is a power of two.
static void NAME(lookup_gradient)(const gk_lookup *l, int64_t part, int64_t parts, const float *dout, float *dtable) {
	int64_t rows[NAME(SOME)], own[NAME(SOME)], sources[NAME(SOME)];
	const int64_t named = l->count * l->group, size = l->size;
	for (int64_t first = 0, n; first < named; first += n) {
		n = min64(NAME(SOME), l->group > 1 ? l->group - first % l->group : named - first);
		NAME(lookup_rows)(l, first, n, rows);
		int64_t count = 0;
		for (int64_t k = 0; k < n; k++) { // without a branch, which nobody could foresee
			own[count] = rows[k] * size, sources[count] = (first + k) * size;
			count += rows[k] >= 0 && (rows[k] & (parts - 1)) == part;
		}
		if (l->group > 1)
			NAME(lookup_add_rows)(own, NULL, count, size, dout + first / l->group * size, dtable);
		else
			NAME(lookup_add_rows)(own, sources, count, size, dout, dtable);
	}
}
