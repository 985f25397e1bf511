//go:build cgo && linux && amd64

#include "memory.h"

#include <malloc.h>
#include <stdlib.h>

#if defined(__GLIBC__)
// Who has set these knows better.
static int is_set(void) {
	return getenv("MALLOC_ARENA_MAX") || getenv("MALLOC_MMAP_MAX_") || getenv("MALLOC_MMAP_THRESHOLD_") || getenv("MALLOC_TRIM_THRESHOLD_") || getenv("GLIBC_TUNABLES");
}

// Only the main arena can grow to the size of a network's activations; from others such blocks come straight from the system. It must be the only one before
// there are threads: an arena that one has made is given to others.
__attribute__((constructor)) static void one_arena(void) {
	if (!is_set()) mallopt(M_ARENA_MAX, 1);
}
#endif

void gk_keep_memory(void) {
#if defined(__GLIBC__)
	if (is_set()) return;
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_TOP_PAD, 16 << 20);
#endif
}
