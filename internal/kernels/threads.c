//go:build cgo && linux && amd64

#define _GNU_SOURCE

#include "threads.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "helpers.h"

// A loop whose turns threads take one by one: the one that began it from the first on, the others from the last on backwards. So a thread finds in its caches what it
// made in the loop before, of the same images or rows. A loop lives until the last thread has left it.
typedef struct {
	int64_t taken, done, users;
	int64_t last; // taken by the others
	int64_t count;
	void (*unit)(void *data, int64_t i);
	void *data;
} loop;

static void forget(const ffi_frame *f, void *error) {
	ffi_error_destroy_args args = {sizeof args, NULL, error};
	f->api->error_destroy(&args);
}

static void leave(void *of) {
	loop *l = of;
	if (__atomic_sub_fetch(&l->users, 1, __ATOMIC_ACQ_REL) == 0) free(l);
}

static void work(loop *l, int first) {
	for (int64_t i = 0; __atomic_fetch_add(&l->taken, 1, __ATOMIC_RELAXED) < l->count; i++) {
		l->unit(l->data, first ? i : l->count - 1 - __atomic_fetch_add(&l->last, 1, __ATOMIC_RELAXED));
		__atomic_add_fetch(&l->done, 1, __ATOMIC_RELEASE);
	}
}

static void work_along(void *data) { work(data, 0); }

static void help(void *data) {
	work_along(data);
	leave(data);
}

static const gk_help helping = {work_along, leave};

static void run(gk_parallel *self, int64_t count, void (*unit)(void *data, int64_t i), void *data) {
	const gk_threads *p = (gk_threads *)self;
	const int64_t helpers = (count < self->threads ? count : self->threads) - 1;
	loop *l = helpers > 0 ? malloc(sizeof *l) : NULL;
	if (!l) {
		for (int64_t i = 0; i < count; i++) unit(data, i);
		return;
	}
	*l = (loop){.users = helpers + 1, .count = count, .unit = unit, .data = data};
	for (int64_t i = gk_helpers_give(&helping, l, helpers); i < helpers; i++) { // these have other work now; XLA's threads come when that ends
		ffi_schedule_args args = {sizeof args, NULL, p->frame->context, help, l};
		void *error = p->frame->api->schedule(&args);
		if (error) { // this thread does it alone
			forget(p->frame, error);
			leave(l);
		}
	}
	work(l, 1);
	// Every turn has been taken; threads that come later find none. What others still work on is short.
	for (int tries = 0; __atomic_load_n(&l->done, __ATOMIC_ACQUIRE) < count; tries++)
		if (tries > 100) sched_yield();
	leave(l);
}

void gk_threads_init(gk_threads *p, const ffi_frame *f) {
	p->parallel.run = run;
	p->parallel.threads = 1;
	p->frame = f;
	int64_t threads = 1;
	ffi_threads_args args = {sizeof args, NULL, f->context, &threads};
	void *error = f->api->threads(&args);
	if (error) {
		forget(f, error);
		return;
	}
	// XLA may have more threads than there are processors.
	static int64_t processors;
	int64_t n = __atomic_load_n(&processors, __ATOMIC_RELAXED);
	if (!n) {
		cpu_set_t allowed;
		n = sched_getaffinity(0, sizeof allowed, &allowed) ? sysconf(_SC_NPROCESSORS_ONLN) : CPU_COUNT(&allowed);
		__atomic_store_n(&processors, n, __ATOMIC_RELAXED);
	}
	p->parallel.threads = threads < n ? threads : n;
}
