//go:build cgo && linux && amd64

#include "scratch.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static gk_scratch *kept;

gk_scratch *gk_scratch_take(int64_t size) {
	pthread_mutex_lock(&lock);
	gk_scratch **best = NULL;
	for (gk_scratch **s = &kept; *s; s = &(*s)->next)
		if ((*s)->size >= size && (!best || (*s)->size < (*best)->size)) best = s;
	gk_scratch *s = best ? *best : NULL;
	if (s) *best = s->next;
	gk_scratch *grow = NULL;
	if (!s && kept) { // the kept ones are too small: the smallest makes room
		gk_scratch **least = &kept;
		for (gk_scratch **k = &kept; *k; k = &(*k)->next)
			if ((*k)->size < (*least)->size) least = k;
		grow = *least;
		*least = grow->next;
	}
	pthread_mutex_unlock(&lock);
	if (s) return s;
	if (grow)
		free(grow->floats);
	else if (!(grow = malloc(sizeof *grow)))
		return NULL;
	void *floats;
	if (posix_memalign(&floats, 64, (size_t)size * sizeof(float))) {
		free(grow);
		return NULL;
	}
	grow->floats = floats;
	grow->size = size;
	return grow;
}

void gk_scratch_give(gk_scratch *s) {
	pthread_mutex_lock(&lock);
	s->next = kept;
	kept = s;
	pthread_mutex_unlock(&lock);
}
