//go:build cgo && linux && amd64

#define _GNU_SOURCE

#include "memory.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "imports.h"

// XLA takes the memory of a program's values anew in every run. The C library maps large blocks from the system and gives them back, which fills
// fresh pages with zeros each time; it keeps blocks only in an arena that all threads share, where they wait for each other. So blocks are kept here.
enum {
	SMALLEST = 1 << 17, // bytes: below, the C library keeps blocks itself
	QUARTERS = 4,       // sizes from one power of two to the next
	SIZES = 30 * QUARTERS,
	HUGE_PAGE = 1 << 21,
	HUGE_FROM = 2 * HUGE_PAGE, // from here on blocks lie on huge pages, where the system has some: the processor finds their places sooner
};
static const size_t LARGEST = (size_t)1 << 46, MOST_KEPT = (size_t)1 << 30;

// block is the beginning of one that is kept.
typedef struct block {
	struct block *next, *previous; // of its size
	struct block *newer, *older;
	size_t size;
} block;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static block *of_size[SIZES];
static block *newest, *oldest;
static size_t kept, used, most_used; // bytes

// round_to makes n one of the sizes, the next one up or down.
static size_t round_to(size_t n, int up) {
	size_t step = ((size_t)1 << (63 - __builtin_clzll(n))) / QUARTERS;
	return (up ? n + step - 1 : n) / step * step;
}

static int index_of(size_t size) {
	int power = 63 - __builtin_clzll(size);
	return (power - __builtin_ctz(SMALLEST)) * QUARTERS + (int)(size / (((size_t)1 << power) / QUARTERS)) - QUARTERS;
}

static void unlink_block(block *b) {
	*(b->previous ? &b->previous->next : &of_size[index_of(b->size)]) = b->next;
	if (b->next) b->next->previous = b->previous;
	*(b->newer ? &b->newer->older : &newest) = b->older;
	*(b->older ? &b->older->newer : &oldest) = b->newer;
	kept -= b->size;
}

// surplus takes out the oldest blocks until no more is left than may be kept, in a list by next. Kept and used memory together may be half as
// much again as was ever used at a time: programs that run in turn then find their blocks, and what only the first steps needed goes.
static block *surplus(void) {
	block *list = NULL;
	while (oldest && (kept > MOST_KEPT || kept + used > most_used + most_used / 2)) {
		block *b = oldest;
		unlink_block(b);
		b->next = list;
		list = b;
	}
	return list;
}

static void release(block *list) {
	while (list) {
		block *next = list->next;
		free(list);
		list = next;
	}
}

// take is posix_memalign for large blocks.
static int take(void **out, size_t alignment, size_t n) {
	if (alignment < 64) alignment = 64; // a block serves any of these
	size_t size = round_to(n, 1); // pages that are never written take no memory
	int first = index_of(size);
	pthread_mutex_lock(&mutex);
	for (int i = first; i <= first + QUARTERS && i < SIZES; i++) {
		block *b = of_size[i];
		if (!b || (uintptr_t)b % alignment) continue;
		unlink_block(b);
		used += b->size;
		pthread_mutex_unlock(&mutex);
		*out = b;
		return 0;
	}
	used += size;
	block *list = surplus();
	pthread_mutex_unlock(&mutex);
	release(list);
	if (size >= HUGE_FROM && alignment < HUGE_PAGE) alignment = HUGE_PAGE;
	int failed = posix_memalign(out, alignment, size);
	if (!failed && size >= HUGE_FROM) madvise(*out, size, MADV_HUGEPAGE);
	pthread_mutex_lock(&mutex);
	if (failed) used -= size < used ? size : used;
	else if (used > most_used) most_used = used;
	pthread_mutex_unlock(&mutex);
	return failed;
}

static int is_large(size_t n) { return n >= SMALLEST && n <= LARGEST; }

static int take_aligned(void **out, size_t alignment, size_t n) {
	return is_large(n) ? take(out, alignment, n) : posix_memalign(out, alignment, n);
}

static void *taken(size_t alignment, size_t n) {
	void *p;
	int failed = take(&p, alignment, n);
	if (!failed) return p;
	errno = failed;
	return NULL;
}

static void *take_array(size_t alignment, size_t n) { return is_large(n) ? taken(alignment, n) : aligned_alloc(alignment, n); }

static void *take_any(size_t n) { return is_large(n) ? taken(1, n) : malloc(n); }

static void give_back(void *p) {
	size_t n = p ? malloc_usable_size(p) : 0;
	if (!is_large(n)) {
		free(p);
		return;
	}
	block *b = p;
	b->size = round_to(n, 0);
	pthread_mutex_lock(&mutex);
	used -= b->size < used ? b->size : used;
	block **list = &of_size[index_of(b->size)];
	b->next = *list;
	b->previous = NULL;
	if (b->next) b->next->previous = b;
	*list = b;
	b->older = newest;
	b->newer = NULL;
	*(newest ? &newest->newer : &oldest) = b;
	newest = b;
	kept += b->size;
	block *gone = surplus();
	pthread_mutex_unlock(&mutex);
	release(gone);
}

void gk_keep_memory(const char *plugin) {
	// Who has set these knows better.
	if (getenv("MALLOC_ARENA_MAX") || getenv("MALLOC_MMAP_MAX_") || getenv("MALLOC_MMAP_THRESHOLD_") || getenv("MALLOC_TRIM_THRESHOLD_") || getenv("GLIBC_TUNABLES")) return;
#if defined(__GLIBC__)
	mallopt(M_MMAP_THRESHOLD, SMALLEST);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	mallopt(M_TOP_PAD, 4 << 20);
#endif
	const gk_import imports[] = {
		{"posix_memalign", (void *)take_aligned}, {"aligned_alloc", (void *)take_array}, {"malloc", (void *)take_any}, {"free", (void *)give_back},
	};
	gk_replace_imports(plugin, imports, sizeof imports / sizeof *imports);
}
