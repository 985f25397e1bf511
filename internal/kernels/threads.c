//go:build cgo && linux && amd64

#define _GNU_SOURCE

#include "threads.h"

#include <immintrin.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

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

static void leave(loop *l) {
	if (__atomic_sub_fetch(&l->users, 1, __ATOMIC_ACQ_REL) == 0) free(l);
}

static void work(loop *l, int first) {
	for (int64_t i = 0; __atomic_fetch_add(&l->taken, 1, __ATOMIC_RELAXED) < l->count; i++) {
		l->unit(l->data, first ? i : l->count - 1 - __atomic_fetch_add(&l->last, 1, __ATOMIC_RELAXED));
		__atomic_add_fetch(&l->done, 1, __ATOMIC_RELEASE);
	}
}

static void help(void *data) {
	work(data, 0);
	leave(data);
}

// A thread that waits for a program to end has a processor of its own, and is awake: it is given a loop at once, where XLA's threads take tens of microseconds to come.
// One does; of several, each would take a processor from another's program.
static loop nothing;         // what there is to do for it
static loop *waiter;         // NULL, if no thread waits, or what it is to do
static int64_t waiting;      // threads that wait
static int64_t rest;         // until when none helps, as more threads have work than there are processors
enum { PATIENCE = 300000, SHARE = 100000, REST = 30000000 }; // nanoseconds in which there may be nothing to do, that others may take, and of rest
enum { GLANCES = 32 };       // before it looks at the clock

static int give_to_waiter(loop *l) {
	loop *expected = &nothing;
	return __atomic_compare_exchange_n(&waiter, &expected, l, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// away is for how long others have had this thread's processor while it had something to do, from any beginning.
static int64_t away(void) {
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return now() - (t.tv_sec * 1000000000LL + t.tv_nsec);
}

static void stay(int (*ready)(void *data), void *data) {
	loop *l = NULL;
	if (now() < __atomic_load_n(&rest, __ATOMIC_RELAXED)) return;
	if (!__atomic_compare_exchange_n(&waiter, &l, &nothing, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) return;
	int64_t since = now();
	const int64_t before = away();
	for (int glances = 1;; glances++) {
		l = __atomic_load_n(&waiter, __ATOMIC_ACQUIRE);
		if (l != &nothing) {
			help(l);
			__atomic_store_n(&waiter, &nothing, __ATOMIC_RELEASE);
			since = now();
		}
		if (ready(data) || __atomic_load_n(&waiting, __ATOMIC_RELAXED) > 1) break;
		if (glances % GLANCES == 0 && (now() - since > PATIENCE || away() > before + SHARE)) break;
		_mm_pause();
	}
	if (away() > before + SHARE) __atomic_store_n(&rest, now() + REST, __ATOMIC_RELAXED);
	l = &nothing;
	if (__atomic_compare_exchange_n(&waiter, &l, NULL, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return;
	help(l);
	__atomic_store_n(&waiter, NULL, __ATOMIC_RELEASE);
}

void gk_threads_help(int (*ready)(void *data), void *data) {
	const unsigned mode = _mm_getcsr();
	enum { DENORMALS_ARE_ZERO = 0x40 };
	_mm_setcsr(mode | _MM_FLUSH_ZERO_ON | DENORMALS_ARE_ZERO); // as XLA's threads have it
	if (__atomic_add_fetch(&waiting, 1, __ATOMIC_RELAXED) == 1) stay(ready, data);
	__atomic_sub_fetch(&waiting, 1, __ATOMIC_RELAXED);
	_mm_setcsr(mode);
}

static void run(gk_parallel *self, int64_t count, void (*unit)(void *data, int64_t i), void *data) {
	const gk_threads *p = (gk_threads *)self;
	const int64_t helpers = (count < self->threads ? count : self->threads) - 1;
	loop *l = helpers > 0 ? malloc(sizeof *l) : NULL;
	if (!l) {
		for (int64_t i = 0; i < count; i++) unit(data, i);
		return;
	}
	*l = (loop){.users = helpers + 1, .count = count, .unit = unit, .data = data};
	for (int64_t i = give_to_waiter(l); i < helpers; i++) {
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
