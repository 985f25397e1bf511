//go:build cgo && linux && amd64

#include "signals.h"

#include <pthread.h>

void gk_block_signals(sigset_t *was) {
	sigset_t all;
	sigfillset(&all);
	// These come from what a thread does itself.
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
	for (unsigned i = 0; i < sizeof own / sizeof *own; i++) sigdelset(&all, own[i]);
	pthread_sigmask(SIG_BLOCK, &all, was);
}

void gk_unblock_signals(const sigset_t *was) { pthread_sigmask(SIG_SETMASK, was, NULL); }
