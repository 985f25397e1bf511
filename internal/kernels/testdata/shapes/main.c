// Runs the kernels on shapes by chance: shapes COUNT SEED.

#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <stdio.h>
#include <stdlib.h>

#include "shapes.h"

static test_case *const cases[] = {adam_case, attention_case, conv_case, conv_case, dense_case, depthwise_case, dot_case, elementwise_case, layernorm_case, lookup_case, maxima_case, maxpool_case, rnn_case, rows_case, sum_case};

enum { CASES = sizeof cases / sizeof *cases, MOST_THREADS = 4 };

static void run_in_turn(gk_parallel *self, int64_t count, void (*unit)(void *data, int64_t i), void *data) {
	for (int64_t i = 0; i < count; i++) unit(data, i);
}

// The units of which each thread takes the next one.
typedef struct {
	int64_t next, count;
	void (*unit)(void *data, int64_t i);
	void *data;
} queue;

static void *take_units(void *of) {
	queue *q = of;
	for (int64_t i; (i = __atomic_fetch_add(&q->next, 1, __ATOMIC_RELAXED)) < q->count;) q->unit(q->data, i);
	return NULL;
}

static void run_on_threads(gk_parallel *self, int64_t count, void (*unit)(void *data, int64_t i), void *data) {
	queue q = {.count = count, .unit = unit, .data = data};
	pthread_t others[MOST_THREADS];
	for (int i = 1; i < self->threads; i++)
		if (pthread_create(&others[i], NULL, take_units, &q)) fail("no thread");
	take_units(&q);
	for (int i = 1; i < self->threads; i++) pthread_join(others[i], NULL);
}

int main(int count, char **arguments) {
	if (count != 3 || gk_best_level() == GK_NONE) return 2;
	const int64_t runs = atoll(arguments[1]), seed = atoll(arguments[2]);
	__sanitizer_set_death_callback(print_shape);
	for (int64_t i = 0; i < runs; i++) {
		begin(seed + i);
		const int level = between(GK_AVX2, gk_best_level());
		gk_parallel p = {run_in_turn, 1};
		if (one_in(2)) p = (gk_parallel){run_on_threads, between(2, MOST_THREADS)};
		cases[between(0, CASES - 1)](level, &p);
		if (scratch_out()) fail("scratch wasn't given back");
		release();
	}
	return 0;
}
