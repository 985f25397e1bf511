//go:build cgo && linux

#include "conv.h"
#include "ffi.h"
#include "pool.h"

// fail makes an error of XLA's.
static void *fail(const ffi_frame *f, int code, const char *message) {
	ffi_error_args args = {sizeof args, NULL, message, code};
	return f->api->error_create(&args);
}

// answered handles the calls in which XLA asks for a handler's interface instead of running it.
static int answered(ffi_frame *f, void **error) {
	*error = NULL;
	ffi_extension *e = f->extensions;
	if (!e || e->type != FFI_EXTENSION_METADATA) return 0;
	ffi_metadata *m = ((ffi_metadata_extension *)e)->metadata;
	// Within version 0 nothing that is used here has changed; what XLA wants is its own number.
	if (f->api->version.major == 0) m->version.major = 0, m->version.minor = f->api->version.minor;
	m->traits = 0;
	return 1;
}

static int is_f32(const ffi_buffer *b, int64_t rank) { return b->type == FFI_F32 && b->rank == rank; }

enum { WINDOW = 6 };

// read takes the geometry from the operands: x (batch, height, width, channels), kernel (height, width, channels, filters), y.
static const int64_t *read(const ffi_frame *f, const ffi_buffer *x, const ffi_buffer *kernel, const ffi_buffer *y, gk_conv *c) {
	if (f->attributes.count != 1 || f->attributes.types[0] != FFI_ATTRIBUTE_ARRAY) return NULL;
	const ffi_array *a = f->attributes.values[0];
	if (a->type != FFI_S64 || a->size != WINDOW) return NULL;
	if (!is_f32(x, 4) || !is_f32(kernel, 4) || !is_f32(y, 4)) return NULL;
	const int64_t *window = a->data;
	*c = (gk_conv){
		.batch = x->dims[0], .height = x->dims[1], .width = x->dims[2], .channels = x->dims[3],
		.kernel_height = kernel->dims[0], .kernel_width = kernel->dims[1],
		.out_height = y->dims[1], .out_width = y->dims[2], .filters = y->dims[3],
		.stride_rows = window[0], .stride_columns = window[1], .top = window[2], .left = window[3],
	};
	if (kernel->dims[2] != c->channels || kernel->dims[3] != c->filters || y->dims[0] != c->batch) return NULL;
	return window;
}

static void *wrong(const ffi_frame *f) { return fail(f, FFI_INVALID_ARGUMENT, "convolution kernel: operands of the wrong number, type or shape"); }

static void *result(const ffi_frame *f, int status) {
	return status ? fail(f, FFI_RESOURCE_EXHAUSTED, "convolution kernel: out of memory") : NULL;
}

void *gk_handle_forward(ffi_frame *f) {
	void *error;
	if (answered(f, &error)) return error;
	if ((f->arguments.count != 2 && f->arguments.count != 3) || f->results.count != 1) return wrong(f);
	ffi_buffer **in = f->arguments.buffers, *y = f->results.buffers[0];
	gk_conv c;
	const int64_t *window = read(f, in[0], in[1], y, &c);
	const float *bias = NULL;
	if (f->arguments.count == 3) {
		if (!is_f32(in[2], 1) || in[2]->dims[0] != y->dims[3]) return wrong(f);
		bias = in[2]->data;
	}
	if (!window) return wrong(f);
	gk_pool p;
	gk_pool_init(&p, f);
	return result(f, gk_conv_forward(window[5], &p.parallel, &c, in[0]->data, in[1]->data, bias, window[4], y->data));
}

void *gk_handle_input_gradient(ffi_frame *f) {
	void *error;
	if (answered(f, &error)) return error;
	if (f->arguments.count != 2 || f->results.count != 1) return wrong(f);
	ffi_buffer **in = f->arguments.buffers, *dx = f->results.buffers[0];
	gk_conv c;
	const int64_t *window = read(f, dx, in[1], in[0], &c);
	if (!window || window[0] != 1 || window[1] != 1) return wrong(f);
	gk_pool p;
	gk_pool_init(&p, f);
	return result(f, gk_conv_input_gradient(window[5], &p.parallel, &c, in[0]->data, in[1]->data, dx->data));
}

void *gk_handle_kernel_gradient(ffi_frame *f) {
	void *error;
	if (answered(f, &error)) return error;
	if (f->arguments.count != 2 || f->results.count != 1) return wrong(f);
	ffi_buffer **in = f->arguments.buffers, *dkernel = f->results.buffers[0];
	gk_conv c;
	const int64_t *window = read(f, in[0], dkernel, in[1], &c);
	if (!window) return wrong(f);
	gk_pool p;
	gk_pool_init(&p, f);
	return result(f, gk_conv_kernel_gradient(window[5], &p.parallel, &c, in[0]->data, in[1]->data, dkernel->data));
}
