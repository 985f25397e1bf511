//go:build cgo && linux && amd64

#include "profile.h"

#include <string.h>
#include <time.h>

#include "window.h"

enum {
#define KERNEL(name, handler, work) AT_##handler,
#include "kernels_list.h"
#undef KERNEL
	KERNELS
};

enum { MEMORY, CONVOLUTION, KERNEL_GRADIENT, DOT, STEPS, GRU_GRADIENT, ATTENTION, ATTENTION_GRADIENT };

static int profiling;

static gk_spent spent[] = {
#define KERNEL(name, handler, work) {name},
#include "kernels_list.h"
#undef KERNEL
};

void gk_profile(int on) {
	for (int i = 0; i < KERNELS && on; i++) {
		const char *name = spent[i].name;
		memset(&spent[i], 0, sizeof *spent);
		spent[i].name = name;
	}
	__atomic_store_n(&profiling, on, __ATOMIC_RELEASE);
}

int gk_spent_by(int i, gk_spent *s) {
	if (i >= KERNELS) return 0;
	*s = spent[i];
	return 1;
}

static int64_t size(const ffi_buffer *b) {
	int64_t n = 1;
	for (int64_t i = 0; i < b->rank; i++) n *= b->dims[i];
	return n;
}

static int64_t bytes(const ffi_buffers *all) {
	int64_t n = 0;
	for (int64_t i = 0; i < all->count; i++) {
		const ffi_buffer *b = all->buffers[i];
		n += size(b) * (b->type == FFI_PRED || b->type == FFI_U8 ? 1 : 4);
	}
	return n;
}

// operations are those of a call that has been answered, so that its operands are what they must be.
static int64_t operations(const ffi_frame *f, int work) {
	const ffi_buffer **of = (const ffi_buffer **)f->arguments.buffers;
	const int64_t *window = ((const ffi_array *)f->attributes.values[0])->data; // see handlers.c
	const int64_t pixels = window[OUT_HEIGHT] * window[OUT_WIDTH];
	switch (work) {
	case CONVOLUTION: return 2 * size(of[1]) * of[0]->dims[0] * pixels;
	case KERNEL_GRADIENT: return 2 * size(f->results.buffers[0]) * of[0]->dims[0] * pixels;
	case DOT: return 2 * pixels * window[STRIDE_ROWS];
	case STEPS: return 2 * of[0]->dims[0] * of[0]->dims[1] * size(of[1]) * (window[OPTIONS] & BOTH ? 2 : 1);
	case GRU_GRADIENT: return 2 * of[0]->dims[0] * of[0]->dims[1] * size(of[2]);
	case ATTENTION: return 2 * (size(of[0]) * of[1]->dims[1] + size(of[2]) * of[0]->dims[1]);
	case ATTENTION_GRADIENT: return 2 * (3 * size(of[0]) * of[1]->dims[1] + 2 * size(of[2]) * of[0]->dims[1]);
	}
	return 0;
}

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *profiled(int kernel, int work, void *(*handler)(ffi_frame *), ffi_frame *f) {
	if (!__atomic_load_n(&profiling, __ATOMIC_ACQUIRE) || f->extensions) return handler(f);
	const int64_t started = now();
	void *error = handler(f);
	if (error) return error;
	gk_spent *s = &spent[kernel];
	__atomic_add_fetch(&s->nanoseconds, now() - started, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->calls, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->bytes, bytes(&f->arguments) + bytes(&f->results), __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->operations, operations(f, work), __ATOMIC_RELAXED);
	return NULL;
}

#define KERNEL(name, handler, work) \
	void *gk_profiled_##handler(ffi_frame *f) { return profiled(AT_##handler, work, gk_handle_##handler, f); }
#include "kernels_list.h"
#undef KERNEL
