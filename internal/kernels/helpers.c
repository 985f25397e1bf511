//go:build cgo && linux && amd64

#define _GNU_SOURCE

#include "helpers.h"

#include <immintrin.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>

#include "signals.h"

// XLA's threads sleep after each kernel, and wake late: after tens of microseconds, on virtual machines some hundred, and at times on the processor of the thread that waits for them, while another has nothing to do.
// These look for work for a while first. They yield meanwhile, so that whoever else wants the processor gets it.
enum { AWAKE = 20000, PATIENCE = 300000 }; // nanoseconds in which one doesn't yield, and doesn't sleep
enum { GLANCES = 32 };                     // before it looks at the clock
enum { MOMENTS = 16 };                     // to wait for one: about a microsecond
enum { MOST = 256 };

typedef struct {
	void *data; // what it is to do; NULL if it is free
	int asleep, processor;
	sem_t called;
} __attribute__((aligned(128))) helper; // none shares a line of the caches with another

static helper helpers[MOST];
static int count;
static const gk_help *help;

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *work(void *self) {
	helper *h = self;
	cpu_set_t own;
	CPU_ZERO(&own);
	CPU_SET(h->processor, &own);
	sched_setaffinity(0, sizeof own, &own);
	enum { DENORMALS_ARE_ZERO = 0x40 };
	_mm_setcsr(_mm_getcsr() | _MM_FLUSH_ZERO_ON | DENORMALS_ARE_ZERO); // as XLA's threads have it
	int64_t since = now();
	for (int glances = 1;; glances++) {
		void *data = __atomic_load_n(&h->data, __ATOMIC_ACQUIRE);
		if (data) {
			help->work(data);
			__atomic_store_n(&h->data, NULL, __ATOMIC_RELEASE); // before the rest, since whoever waited for this work may already have more
			help->leave(data);
			since = now();
			continue;
		}
		_mm_pause();
		if (glances % GLANCES) continue;
		const int64_t idle = now() - since;
		if (idle > PATIENCE) {
			__atomic_store_n(&h->asleep, 1, __ATOMIC_SEQ_CST);
			// Who gave it something meanwhile may not have seen that it sleeps, and then doesn't call.
			if (!__atomic_load_n(&h->data, __ATOMIC_SEQ_CST) || !__atomic_exchange_n(&h->asleep, 0, __ATOMIC_SEQ_CST))
				while (sem_wait(&h->called)) {}
		} else if (idle > AWAKE) {
			sched_yield();
		}
	}
	return NULL;
}

static void begin(void) {
	cpu_set_t allowed;
	if (sched_getaffinity(0, sizeof allowed, &allowed)) return;
	sigset_t was;
	gk_block_signals(&was);
	for (int p = 0; p < CPU_SETSIZE && count < MOST; p++) {
		if (!CPU_ISSET(p, &allowed)) continue;
		helper *h = &helpers[count];
		h->processor = p;
		pthread_t thread;
		if (sem_init(&h->called, 0, 0) || pthread_create(&thread, NULL, work, h)) break;
		pthread_detach(thread);
		count++;
	}
	gk_unblock_signals(&was);
}

// take tries to give a helper something; one that has just finished is free soon.
static int take(helper *h, void *data) {
	for (int tries = 0; tries < MOMENTS; tries++) {
		void *nothing = NULL;
		if (__atomic_compare_exchange_n(&h->data, &nothing, data, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) return 1;
		_mm_pause();
	}
	return 0;
}

int64_t gk_helpers_give(const gk_help *how, void *data, int64_t n) {
	static pthread_once_t begun = PTHREAD_ONCE_INIT;
	if (help != how) help = how; // once: helpers read it all the time
	pthread_once(&begun, begin);
	const int here = sched_getcpu();
	int64_t given = 0;
	for (int i = 0; i < count && given < n; i++) {
		helper *h = &helpers[i];
		if (h->processor == here || !take(h, data)) continue;
		given++;
		if (__atomic_exchange_n(&h->asleep, 0, __ATOMIC_SEQ_CST)) sem_post(&h->called);
	}
	return given;
}
