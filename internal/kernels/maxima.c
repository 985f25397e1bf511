//go:build cgo && linux && amd64

#include "maxima.h"

#include "tiles.h"

enum {
	COLUMNS = 64,            // that a thread takes at once
	WORTH_THREADS = 1 << 14, // values
};

typedef struct {
	const gk_maxima *m;
	void (*columns)(const gk_maxima *m, int64_t outer, int64_t first, int64_t end);
} maxima_job;

static void some_columns(void *data, int64_t unit) {
	const maxima_job *j = data;
	const int64_t blocks = div_up(j->m->inner, COLUMNS), first = unit % blocks * COLUMNS;
	j->columns(j->m, unit / blocks, first, min64(first + COLUMNS, j->m->inner));
}

static void run(gk_parallel *p, const gk_maxima *m, void (*columns)(const gk_maxima *m, int64_t outer, int64_t first, int64_t end)) {
	maxima_job j = {m, columns};
	gk_spread(p, m->outer * div_up(m->inner, COLUMNS), some_columns, &j, m->outer * m->count * m->inner >= WORTH_THREADS);
}

void gk_maxima_forward(int level, gk_parallel *p, const gk_maxima *m) { run(p, m, gk_tiles_of(level)->maxima); }
void gk_maxima_gradient(int level, gk_parallel *p, const gk_maxima *m) { run(p, m, gk_tiles_of(level)->maxima_gradient); }
