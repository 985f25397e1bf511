//go:build cgo && linux && amd64

#include "adam.h"
#include "attention.h"
#include "conv.h"
#include "depthwise.h"
#include "dot.h"
#include "elementwise.h"
#include "ffi.h"
#include "handlers.h"
#include "layernorm.h"
#include "lookup.h"
#include "maxima.h"
#include "maxpool.h"
#include "rnn.h"
#include "rows.h"
#include "sum.h"
#include "threads.h"
#include "window.h"

#include <string.h>

// fail makes an error of XLA's.
static void *fail(const ffi_frame *f, int code, const char *message) {
	ffi_error_args args = {sizeof args, NULL, message, code};
	return f->api->error_create(&args);
}

// Versions of XLA's interface whose structures are those of ffi.h.
enum { MAJOR = 0, LAST_MINOR = 3 };

int gk_understood;

// fits reports that the structures of a call are at least what is read of them; those inside the frame must be just that, for what
// follows them to be found.
static int fits(const ffi_frame *f) {
	return f->size >= sizeof *f && f->api->size >= sizeof *f->api && f->arguments.size == sizeof f->arguments && f->results.size == sizeof f->results &&
		f->attributes.size == sizeof f->attributes;
}

// answered handles the calls in which XLA asks for a handler's interface instead of running it.
static int answered(ffi_frame *f) {
	ffi_extension *e = f->extensions;
	if (!e || e->type != FFI_EXTENSION_METADATA) return 0;
	ffi_metadata *m = ((ffi_metadata_extension *)e)->metadata;
	const ffi_version *theirs = &f->api->version;
	if (e->size < sizeof(ffi_metadata_extension) || m->size < offsetof(ffi_metadata, traits) + sizeof m->traits || theirs->major != MAJOR || theirs->minor > LAST_MINOR) return 1;
	// Within these versions nothing that is used here has changed; what XLA wants to hear is its own.
	m->version.major = theirs->major, m->version.minor = theirs->minor;
	m->traits = 0;
	__atomic_add_fetch(&gk_understood, 1, __ATOMIC_RELAXED);
	return 1;
}

// A call's operands and results, taken one by one. Those that are not as they must be make it bad.
typedef struct {
	ffi_frame *frame;
	const int64_t *window; // and as many numbers more, of a program
	int64_t more;
	int64_t arguments, results;
	int bad;
} call;

static call open_call(ffi_frame *f) {
	call k = {.frame = f, .bad = !fits(f)};
	if (k.bad) return k;
	const ffi_array *a = f->attributes.count == 1 && f->attributes.types[0] == FFI_ATTRIBUTE_ARRAY ? f->attributes.values[0] : NULL;
	if (a && a->type == FFI_S64 && a->size >= WINDOW) k.window = a->data, k.more = a->size - WINDOW;
	if (!k.window || k.window[LEVEL] > gk_best_level()) k.bad = 1;
	return k;
}

enum { ANY = -1 }; // rank

static const ffi_buffer *take(call *k, const ffi_buffers *from, int64_t *at, int type, int64_t rank) {
	static int64_t none[4];
	static const ffi_buffer empty = {.dims = none};
	if (k->bad || *at >= from->count || from->types[*at] != FFI_BUFFER) {
		k->bad = 1;
		return &empty;
	}
	const ffi_buffer *b = from->buffers[(*at)++];
	if (b->size < sizeof *b || b->type != type || (rank != ANY && b->rank != rank)) {
		k->bad = 1;
		return &empty;
	}
	return b;
}

static const ffi_buffer *argument(call *k, int type, int64_t rank) { return take(k, &k->frame->arguments, &k->arguments, type, rank); }
static const ffi_buffer *result(call *k, int type, int64_t rank) { return take(k, &k->frame->results, &k->results, type, rank); }

static int option(const call *k, int o) { return k->window && (k->window[OPTIONS] & o); }

// images checks that b holds images of that size, or half of it, and that many channels.
static void images(call *k, const ffi_buffer *b, int64_t batch, int64_t height, int64_t width, int64_t channels, int halved) {
	if (halved) height /= 2, width /= 2;
	if (b->dims[0] != batch || b->dims[1] != height || b->dims[2] != width || b->dims[3] != channels) k->bad = 1;
}

static gk_conv geometry(call *k, const ffi_buffer *x, const ffi_buffer *kernel) {
	if (k->bad) return (gk_conv){0};
	const gk_conv c = {
		.batch = x->dims[0], .height = x->dims[1], .width = x->dims[2], .channels = x->dims[3],
		.kernel_height = kernel->dims[0], .kernel_width = kernel->dims[1], .filters = kernel->dims[3],
		.out_height = k->window[OUT_HEIGHT], .out_width = k->window[OUT_WIDTH],
		.stride_rows = k->window[STRIDE_ROWS], .stride_columns = k->window[STRIDE_COLUMNS],
		.dilation_rows = k->window[DILATION_ROWS], .dilation_columns = k->window[DILATION_COLUMNS], .top = k->window[TOP], .left = k->window[LEFT],
	};
	const int64_t sizes[] = {c.batch, c.height, c.width, c.channels, c.kernel_height, c.kernel_width, c.filters, c.out_height, c.out_width};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (sizes[i] < 1) k->bad = 1;
	if (c.stride_rows < 1 || c.stride_columns < 1 || c.dilation_rows < 1 || c.dilation_columns < 1 || c.top < 0 || c.left < 0) k->bad = 1;
	return c;
}

// apart checks that no axis has both a stride and a dilation, which gradients for inputs don't foresee.
static void apart(call *k, const gk_conv *c) {
	if ((c->stride_rows > 1 && c->dilation_rows > 1) || (c->stride_columns > 1 && c->dilation_columns > 1)) k->bad = 1;
}

// by checks that a convolution's kernel is for so many channels of each pixel.
static void by(call *k, const ffi_buffer *kernel, int64_t channels) {
	if (kernel->dims[2] != channels) k->bad = 1;
}

// gradient takes the operands of an output's gradient.
static gk_output_gradient gradient(call *k, const ffi_buffer **values, const ffi_buffer **positions) {
	*values = argument(k, FFI_F32, 4);
	*positions = option(k, POSITIONS) ? argument(k, FFI_U8, 4) : NULL;
	return (gk_output_gradient){(*values)->data, *positions ? (*positions)->data : NULL};
}

// ready reports that all is as it must be; else *error says what isn't.
static int ready(const call *k, void **error) {
	*error = NULL;
	if (!k->bad && !k->more && k->arguments == k->frame->arguments.count && k->results == k->frame->results.count) return 1;
	*error = fail(k->frame, FFI_INVALID_ARGUMENT, "gokeras kernel: operands of the wrong number, type or shape");
	return 0;
}

static void *ended(const call *k, int status) {
	return status ? fail(k->frame, FFI_RESOURCE_EXHAUSTED, "gokeras kernel: out of memory") : NULL;
}

static int64_t size_of(const ffi_buffer *b) {
	int64_t n = 1;
	for (int64_t i = 0; i < b->rank; i++) n *= b->dims[i];
	return n;
}

// values counts those of the float32 operand or result at that place.
static int64_t values(call *k, const ffi_buffers *from, int64_t at) {
	return size_of(take(k, from, &at, FFI_F32, ANY));
}

// sized takes a float32 operand or result of so many values.
static float *sized(call *k, const ffi_buffers *from, int64_t *at, int64_t size) {
	if (values(k, from, *at) != size) k->bad = 1;
	return take(k, from, at, FFI_F32, ANY)->data;
}

// after takes what follows the sums of a layer with so many filters and values: [Bias], [Factor], [Added].
static gk_after after(call *k, int64_t filters, int64_t size) {
	gk_after a = {.relu = option(k, SIX) ? GK_RELU6 : option(k, RELU) ? GK_RELU : GK_LINEAR};
	const ffi_buffers *from = &k->frame->arguments;
	if (option(k, BIAS)) a.bias = sized(k, from, &k->arguments, filters);
	if (option(k, FACTOR)) a.factor = sized(k, from, &k->arguments, filters);
	if (option(k, ADDED)) a.added = sized(k, from, &k->arguments, size);
	return a;
}

void *gk_handle_forward(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *x = argument(&k, FFI_F32, 4), *kernel = argument(&k, FFI_F32, 4);
	const ffi_buffer *y = result(&k, FFI_F32, 4), *positions = option(&k, POSITIONS) ? result(&k, FFI_U8, 4) : NULL;
	gk_conv c = geometry(&k, x, kernel);
	images(&k, y, c.batch, c.out_height, c.out_width, c.filters, option(&k, POOL));
	if (positions) images(&k, positions, c.batch, c.out_height, c.out_width, c.filters, 1);
	const gk_after a = after(&k, c.filters, c.batch * c.out_height * c.out_width * c.filters);
	if ((positions && !option(&k, POOL)) || (a.added && option(&k, POOL))) k.bad = 1;
	gk_input input = {.values = x->data, .own = c.channels};
	if (option(&k, BESIDE)) {
		const ffi_buffer *beside = argument(&k, FFI_F32, 4);
		images(&k, beside, c.batch, c.height, c.width, beside->dims[3], 0);
		if (beside->dims[3] < 1) k.bad = 1;
		input.beside = beside->data;
		c.channels += beside->dims[3];
	}
	by(&k, kernel, c.channels);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	const int level = k.window[LEVEL];
	if (!option(&k, POOL)) return ended(&k, gk_conv_forward(level, &p.parallel, &c, input, kernel->data, &a, y->data));
	return ended(&k, gk_conv_forward_pool(level, &p.parallel, &c, input, kernel->data, &a, y->data, positions ? positions->data : NULL));
}

void *gk_handle_input_gradient(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *dy, *positions;
	const gk_output_gradient g = gradient(&k, &dy, &positions);
	const ffi_buffer *kernel = argument(&k, FFI_F32, 4), *dx = result(&k, FFI_F32, 4);
	const gk_conv c = geometry(&k, dx, kernel);
	apart(&k, &c);
	const gk_after a = after(&k, c.channels, 0);
	if (a.added || ((a.bias || a.factor) && (c.kernel_height < c.stride_rows || c.kernel_width < c.stride_columns))) k.bad = 1;
	const ffi_buffer *mask = option(&k, MASK) ? argument(&k, FFI_F32, 4) : NULL;
	by(&k, kernel, c.channels);
	images(&k, dy, c.batch, c.out_height, c.out_width, c.filters, positions != NULL);
	if (positions) images(&k, positions, c.batch, c.out_height, c.out_width, c.filters, 1);
	if (mask) images(&k, mask, c.batch, c.height, c.width, c.channels, 0);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_conv_input_gradient(k.window[LEVEL], &p.parallel, &c, g, kernel->data, &a, mask ? mask->data : NULL, dx->data));
}

void *gk_handle_kernel_gradient(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *x = argument(&k, FFI_F32, 4), *dy, *positions;
	const gk_output_gradient g = gradient(&k, &dy, &positions);
	const ffi_buffer *dkernel = result(&k, FFI_F32, 4), *dbias = option(&k, BIAS) ? result(&k, FFI_F32, 1) : NULL;
	const gk_conv c = geometry(&k, x, dkernel);
	by(&k, dkernel, c.channels);
	images(&k, dy, c.batch, c.out_height, c.out_width, c.filters, positions != NULL);
	if (positions) images(&k, positions, c.batch, c.out_height, c.out_width, c.filters, 1);
	if (dbias && dbias->dims[0] != c.filters) k.bad = 1;
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_conv_kernel_gradient(k.window[LEVEL], &p.parallel, &c, x->data, g, dkernel->data, dbias ? dbias->data : NULL));
}

// depthwise takes what a convolution of each channel by itself is computed from, x or dx being (batch, height, width, channels) and y or dy the output.
static gk_conv depthwise(call *k, const ffi_buffer *x, const ffi_buffer *kernel, const ffi_buffer *y) {
	const gk_conv c = geometry(k, x, kernel);
	by(k, kernel, 1);
	images(k, y, c.batch, c.out_height, c.out_width, c.channels, 0);
	if (c.filters != c.channels || c.top > (c.kernel_height - 1) * c.dilation_rows || c.left > (c.kernel_width - 1) * c.dilation_columns) k->bad = 1;
	return c;
}

void *gk_handle_depthwise_forward(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *x = argument(&k, FFI_F32, 4), *kernel = argument(&k, FFI_F32, 4), *y = result(&k, FFI_F32, 4);
	const gk_conv c = depthwise(&k, x, kernel, y);
	const gk_after a = after(&k, c.filters, 0);
	if (a.added) k.bad = 1;
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_depthwise_forward(k.window[LEVEL], &p.parallel, &c, x->data, kernel->data, &a, y->data);
	return NULL;
}

void *gk_handle_depthwise_input_gradient(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *dy = argument(&k, FFI_F32, 4), *kernel = argument(&k, FFI_F32, 4), *dx = result(&k, FFI_F32, 4);
	const gk_conv c = depthwise(&k, dx, kernel, dy);
	apart(&k, &c);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_depthwise_input_gradient(k.window[LEVEL], &p.parallel, &c, dy->data, kernel->data, dx->data));
}

void *gk_handle_depthwise_kernel_gradient(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *x = argument(&k, FFI_F32, 4), *dy = argument(&k, FFI_F32, 4), *dkernel = result(&k, FFI_F32, 4);
	const gk_conv c = depthwise(&k, x, dkernel, dy);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_depthwise_kernel_gradient(k.window[LEVEL], &p.parallel, &c, x->data, dy->data, dkernel->data));
}

void *gk_handle_pool(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *y = argument(&k, FFI_F32, 4), *pooled = result(&k, FFI_F32, 4), *positions = option(&k, POSITIONS) ? result(&k, FFI_U8, 4) : NULL;
	const gk_conv c = {.batch = y->dims[0], .out_height = y->dims[1], .out_width = y->dims[2], .filters = y->dims[3]};
	images(&k, pooled, c.batch, c.out_height, c.out_width, c.filters, 1);
	if (positions) images(&k, positions, c.batch, c.out_height, c.out_width, c.filters, 1);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_pool_forward(k.window[LEVEL], &p.parallel, &c, y->data, pooled->data, positions ? positions->data : NULL);
	return NULL;
}

void *gk_handle_pool_gradient(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *dy, *positions;
	const gk_output_gradient g = gradient(&k, &dy, &positions);
	const ffi_buffer *full = result(&k, FFI_F32, 4);
	const gk_conv c = {.batch = full->dims[0], .out_height = full->dims[1], .out_width = full->dims[2], .filters = full->dims[3]};
	images(&k, dy, c.batch, c.out_height, c.out_width, c.filters, 1);
	if (positions)
		images(&k, positions, c.batch, c.out_height, c.out_width, c.filters, 1);
	else
		k.bad = 1;
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_pool_gradient(k.window[LEVEL], &p.parallel, &c, g, full->data);
	return NULL;
}

// pooled takes what a max-pool by any window is computed from, x or dx being the images and y or dy their maxima.
static gk_conv pooled(call *k, const ffi_buffer *x, const ffi_buffer *y, const ffi_buffer *positions) {
	if (k->bad || (x->rank != 3 && x->rank != 4) || y->rank != x->rank || (positions && positions->rank != x->rank)) {
		k->bad = 1;
		return (gk_conv){0};
	}
	const int64_t last = x->rank - 1, rows = last == 3; // sequences are images of one row
	const gk_conv c = {
		.batch = x->dims[0], .height = rows ? x->dims[1] : 1, .width = x->dims[last - 1], .channels = x->dims[last], .filters = x->dims[last],
		.out_height = rows ? y->dims[1] : 1, .out_width = y->dims[last - 1],
		.kernel_height = k->window[OUT_HEIGHT], .kernel_width = k->window[OUT_WIDTH], .dilation_rows = 1, .dilation_columns = 1,
		.stride_rows = k->window[STRIDE_ROWS], .stride_columns = k->window[STRIDE_COLUMNS], .top = k->window[TOP], .left = k->window[LEFT],
	};
	const int64_t sizes[] = {c.batch, c.height, c.width, c.channels, c.out_height, c.out_width};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (sizes[i] < 1) k->bad = 1;
	const int64_t least[] = {[STRIDE_ROWS] = 1, [STRIDE_COLUMNS] = 1, [OUT_HEIGHT] = 1, [OUT_WIDTH] = 1}; // of the window's numbers
	for (int i = STRIDE_ROWS; i <= OUT_WIDTH; i++)
		if (k->window[i] < least[i] || k->window[i] > INT32_MAX) k->bad = 1;
	if (y->dims[0] != c.batch || y->dims[last] != c.channels || c.kernel_height * c.kernel_width > GK_NO_POSITION) k->bad = 1;
	for (int64_t i = 0; positions && i <= last; i++)
		if (positions->dims[i] != y->dims[i]) k->bad = 1;
	return c;
}

void *gk_handle_max_pool(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *x = argument(&k, FFI_F32, ANY), *y = result(&k, FFI_F32, ANY), *positions = option(&k, POSITIONS) ? result(&k, FFI_U8, ANY) : NULL;
	const gk_conv c = pooled(&k, x, y, positions);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_max_pool_forward(k.window[LEVEL], &p.parallel, &c, x->data, option(&k, RELU), y->data, positions ? positions->data : NULL);
	return NULL;
}

void *gk_handle_max_pool_gradient(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *dy = argument(&k, FFI_F32, ANY), *positions = argument(&k, FFI_U8, ANY), *dx = result(&k, FFI_F32, ANY);
	const gk_conv c = pooled(&k, dx, dy, positions);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_max_pool_gradient(k.window[LEVEL], &p.parallel, &c, dy->data, positions->data, dx->data);
	return NULL;
}

void *gk_handle_dot(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	gk_dot d = {
		.rows = k.bad ? 0 : k.window[OUT_HEIGHT], .columns = k.bad ? 0 : k.window[OUT_WIDTH], .depth = k.bad ? 0 : k.window[STRIDE_ROWS],
		.a_turned = option(&k, TURNED_A), .b_turned = option(&k, TURNED_B),
	};
	if (d.rows < 1 || d.columns < 1 || d.depth < 1) k.bad = 1;
	d.a = sized(&k, &k.frame->arguments, &k.arguments, d.rows * d.depth);
	d.b = sized(&k, &k.frame->arguments, &k.arguments, d.depth * d.columns);
	d.after = after(&k, d.columns, d.rows * d.columns);
	if (option(&k, MASK)) d.mask = sized(&k, &k.frame->arguments, &k.arguments, d.rows * d.columns);
	d.y = sized(&k, &k.frame->results, &k.results, d.rows * d.columns);
	gk_dropout dropout;
	if (option(&k, DROPOUT)) {
		const ffi_buffer *keys[] = {argument(&k, FFI_U32, 0), argument(&k, FFI_U32, 0)}, *factor = argument(&k, FFI_F32, 0);
		if (!k.bad) dropout = (gk_dropout){{*(uint32_t *)keys[0]->data, *(uint32_t *)keys[1]->data}, k.window[TOP], *(float *)factor->data};
		d.dropout = &dropout;
	}
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_dot_run(k.window[LEVEL], &p.parallel, &d));
}

// set_rates takes the rate, momentum_share, velocity_share and epsilon of all variables.
static void set_rates(call *k, gk_adam *all, int64_t count) {
	float numbers[4] = {0};
	for (int i = 0; i < 4; i++) {
		const float *value = sized(k, &k->frame->arguments, &k->arguments, 1);
		if (value && !k->bad) numbers[i] = *value;
	}
	for (int64_t i = 0; i < count; i++) all[i].rate = numbers[0], all[i].momentum_share = numbers[1], all[i].velocity_share = numbers[2], all[i].epsilon = numbers[3];
}

void *gk_handle_adam(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	enum { MOST = 64 }; // variables, as adam.go has it
	gk_adam all[MOST];
	const int64_t count = k.bad ? 0 : f->results.count / 3;
	if (count > MOST || f->arguments.count != 4 * count + 4) k.bad = 1;
	for (int64_t i = 0; i < count && !k.bad; i++) {
		gk_adam *a = &all[i];
		a->size = values(&k, &f->arguments, k.arguments);
		const float **operands[] = {&a->weights, &a->momentum, &a->velocity, &a->gradient};
		for (int o = 0; o < 4; o++) *operands[o] = sized(&k, &f->arguments, &k.arguments, a->size);
		float **results[] = {&a->new_weights, &a->new_momentum, &a->new_velocity};
		for (int r = 0; r < 3; r++) *results[r] = sized(&k, &f->results, &k.results, a->size);
	}
	set_rates(&k, all, count);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_adam_step(k.window[LEVEL], &p.parallel, all, count);
	return NULL;
}

void *gk_handle_pack(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *all = result(&k, FFI_F32, 1);
	float *to = all->data;
	int64_t left = all->dims[0];
	while (!k.bad && k.arguments < f->arguments.count) {
		const int64_t size = values(&k, &f->arguments, k.arguments);
		const float *from = sized(&k, &f->arguments, &k.arguments, size);
		if (k.bad || size > left) break;
		memcpy(to, from, size * sizeof *to);
		to += size, left -= size;
	}
	if (left) k.bad = 1;
	void *error;
	ready(&k, &error);
	return error;
}

void *gk_handle_unpack(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *all = argument(&k, FFI_F32, 1);
	const int64_t start = k.bad ? 0 : k.window[OUT_HEIGHT];
	int64_t left = all->dims[0] - start;
	if (start < 0 || left < 0) k.bad = 1;
	const float *from = k.bad ? NULL : (const float *)all->data + start;
	while (!k.bad && k.results < f->results.count) {
		const int64_t size = values(&k, &f->results, k.results);
		float *to = sized(&k, &f->results, &k.results, size);
		if (size > left) k.bad = 1;
		if (k.bad) break;
		memcpy(to, from, size * sizeof *to);
		from += size, left -= size;
	}
	void *error;
	ready(&k, &error);
	return error;
}

void *gk_handle_sum(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *x = argument(&k, FFI_F32, ANY);
	gk_sum s = {.rows = 1, .x = x->data};
	if (x->rank < 1) k.bad = 1;
	for (int64_t i = 0; i + 1 < x->rank; i++) s.rows *= x->dims[i];
	if (!k.bad) s.columns = x->dims[x->rank - 1];
	if (option(&k, FACTOR)) s.factor = sized(&k, &f->arguments, &k.arguments, s.rows * s.columns);
	if (option(&k, CENTRE)) s.centre = sized(&k, &f->arguments, &k.arguments, s.columns);
	if (option(&k, PLAIN)) s.plain = sized(&k, &f->results, &k.results, s.columns);
	if (s.factor || s.centre) s.other = sized(&k, &f->results, &k.results, s.columns);
	if (s.rows < 1 || s.columns < 1 || (s.centre && (s.factor || s.plain))) k.bad = 1;
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_sum_rows(k.window[LEVEL], &p.parallel, &s));
}

// lookup takes what rows of a table are looked up by, which lie at rows, given the table and the results, whichever of them is computed.
static gk_lookup lookup(call *k, const ffi_buffer *table, const ffi_buffer *rows) {
	const ffi_buffer *indices = argument(k, FFI_S32, ANY);
	if (k->bad) return (gk_lookup){0};
	gk_lookup l = {.words = table->dims[0], .size = table->dims[1], .group = k->window[OUT_HEIGHT], .wrapped = option(k, WRAPPED), .checked = option(k, CHECKED), .indices = indices->data};
	if (l.words < 1 || l.size < 1 || l.group < 1 || (l.group > 1 && !l.checked)) k->bad = 1;
	if (!k->bad) l.count = size_of(rows) / l.size;
	if (l.count < 1 || l.count * l.size != size_of(rows) || size_of(indices) % l.group || size_of(indices) / l.group != l.count) k->bad = 1;
	return l;
}

void *gk_handle_lookup(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *table = argument(&k, FFI_F32, 2), *rows = result(&k, FFI_F32, ANY);
	const gk_lookup l = lookup(&k, table, rows);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_lookup_run(k.window[LEVEL], &p.parallel, &l, table->data, rows->data);
	return NULL;
}

void *gk_handle_lookup_gradient(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *rows = argument(&k, FFI_F32, ANY), *table = result(&k, FFI_F32, 2);
	const gk_lookup l = lookup(&k, table, rows);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_lookup_gradient(k.window[LEVEL], &p.parallel, &l, rows->data, table->data);
	return NULL;
}

// of_program takes an operand or a result whose type is one of a program's registers.
static const ffi_buffer *of_program(call *k, const ffi_buffers *from, int64_t *at, int64_t *size) {
	const int64_t here = *at;
	const int type = here < from->count && from->types[here] == FFI_BUFFER ? from->buffers[here]->type : 0;
	if (type != FFI_F32 && type != FFI_S32 && type != FFI_PRED) k->bad = 1;
	const ffi_buffer *b = take(k, from, at, type, ANY);
	*size = size_of(b);
	return b;
}

void *gk_handle_elementwise(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	gk_elementwise e = {.operands = f->arguments.count, .results = f->results.count};
	const int64_t described = 2 * e.operands + e.results;
	if (e.operands > GK_ARRAYS || e.results > GK_ARRAYS || k.more < described) k.bad = 1;
	const int64_t *program = k.bad ? NULL : k.window + WINDOW;
	for (int64_t i = 0, size; i < e.operands && !k.bad; i++) {
		const ffi_buffer *b = of_program(&k, &f->arguments, &k.arguments, &size);
		e.operand[i] = (gk_operand){b->data, program[0], program[1], b->type == FFI_PRED};
		if (size != program[1]) k.bad = 1;
		program += 2;
	}
	for (int64_t i = 0, size; i < e.results && !k.bad; i++) {
		const ffi_buffer *b = of_program(&k, &f->results, &k.results, &size);
		e.result[i] = (gk_result){b->data, *program++, b->type == FFI_PRED};
		if (i == 0) e.size = size;
		if (size != e.size) k.bad = 1;
	}
	e.step = program, e.steps = k.more - described;
	k.more = 0;
	if (!k.bad && !gk_elementwise_sound(&e)) k.bad = 1;
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_elementwise_run(k.window[LEVEL], &p.parallel, &e);
	return NULL;
}

// A list of numbers that is read from its beginning.
typedef struct {
	const int64_t *at;
	int64_t left;
} list;

// next is the next numbers, NULL if there are fewer.
static const int64_t *next(list *l, int64_t count) {
	if (count < 0 || count > l->left) return NULL;
	const int64_t *here = l->at;
	l->at += count, l->left -= count;
	return here;
}

// read_stages reads what kernels.RowProgram writes behind its operands and results; 0: it ends too early, or too late.
static int read_stages(list *l, gk_rows *r) {
	if (!(r->constant = next(l, r->constants)) || r->stages < 1 || r->stages > GK_STAGES) return 0;
	for (gk_stage *s = r->stage; s < r->stage + r->stages; s++) {
		const int64_t *counts = next(l, 5);
		if (!counts) return 0;
		s->row_steps = counts[0], s->loads = counts[1], s->steps = counts[2], s->stores = counts[3], s->reductions = counts[4];
		if (!(s->row_step = next(l, s->row_steps)) || !(s->load = next(l, s->loads)) || !(s->step = next(l, s->steps)) || !(s->store = next(l, s->stores)) ||
			!(s->reduction = next(l, s->reductions)) || s->reductions > GK_REGISTERS)
			return 0;
	}
	return l->left == 0;
}

void *gk_handle_rows(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	gk_rows r = {.operands = f->arguments.count, .results = f->results.count};
	list l = {k.bad ? NULL : k.window + WINDOW, k.more};
	const int64_t *sizes = next(&l, 5), *repeated = NULL, *from = NULL;
	if (r.operands <= GK_ARRAYS && r.results <= GK_ARRAYS && sizes) repeated = next(&l, 2 * r.operands), from = next(&l, r.results);
	if (!repeated || !from) k.bad = 1;
	if (!k.bad) r.rows = sizes[0], r.columns = sizes[1], r.slots = sizes[2], r.constants = sizes[3], r.stages = sizes[4];
	if (r.rows < 1 || r.columns < 2 || r.rows > INT64_MAX / r.columns) k.bad = 1;
	for (int64_t i = 0, size; i < r.operands && !k.bad; i++) {
		const ffi_buffer *b = of_program(&k, &f->arguments, &k.arguments, &size);
		r.operand[i] = (gk_operand){b->data, repeated[2 * i], repeated[2 * i + 1], b->type == FFI_PRED};
		if (size != repeated[2 * i + 1]) k.bad = 1;
	}
	for (int64_t i = 0, size; i < r.results && !k.bad; i++) {
		const ffi_buffer *b = of_program(&k, &f->results, &k.results, &size);
		r.result[i] = (gk_result){b->data, from[i], b->type == FFI_PRED};
		if (size != (from[i] < 0 ? r.rows * r.columns : r.rows)) k.bad = 1;
	}
	k.more = 0;
	if (!k.bad && (!read_stages(&l, &r) || !gk_rows_sound(&r))) k.bad = 1;
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_rows_run(k.window[LEVEL], &p.parallel, &r));
}

// The sizes of a recurrent layer's arrays, in floats.
typedef struct {
	int64_t state, states, x; // (batch, units), (steps, batch, units), (steps, batch, gates·units)
} rnn_sizes;

// recurrent finds a layer's geometry in the shapes of its products, which are the operand of that number, and of its kernel, the next one.
static gk_rnn recurrent(call *k, int kind, int64_t products, rnn_sizes *sizes) {
	const ffi_buffers *a = &k->frame->arguments;
	int64_t at = products;
	const ffi_buffer *x = take(k, a, &at, FFI_F32, 3), *kernel = take(k, a, &at, FFI_F32, 2);
	const gk_rnn r = {.kind = kind, .steps = x->dims[0], .batch = x->dims[1], .units = kernel->dims[0], .reverse = option(k, REVERSE), .kernel = kernel->data};
	const int64_t width = gk_rnn_gates(kind) * r.units;
	if (r.steps < 1 || r.batch < 1 || r.units < 1 || x->dims[2] != width || kernel->dims[1] != width) k->bad = 1;
	sizes->state = r.batch * r.units, sizes->states = r.steps * sizes->state, sizes->x = r.steps * r.batch * width;
	return r;
}

static const uint8_t *mask(call *k, const gk_rnn *r) {
	if (!option(k, MASK)) return NULL;
	const ffi_buffer *b = argument(k, FFI_PRED, 2);
	if (b->dims[0] != r->steps || b->dims[1] != r->batch) k->bad = 1;
	return b->data;
}

static float *operand(call *k, int64_t size) { return sized(k, &k->frame->arguments, &k->arguments, size); }
static float *output(call *k, int64_t size) { return sized(k, &k->frame->results, &k->results, size); }

// direction takes the operands and results of a layer that goes through the steps in one direction.
static void direction(call *k, int kind, gk_rnn *r, gk_rnn_values *v) {
	rnn_sizes n;
	*r = recurrent(k, kind, k->arguments, &n);
	v->x = operand(k, n.x);
	operand(k, r->units * r->units * gk_rnn_gates(kind));
	if (option(k, BIAS)) v->bias = operand(k, r->units * gk_rnn_gates(kind));
	v->h = operand(k, n.state);
	if (kind == GK_LSTM) v->c = operand(k, n.state);
	r->mask = mask(k, r);
	if (option(k, LAST)) {
		v->last_h = output(k, n.state);
		if (kind == GK_LSTM) v->last_c = output(k, n.state);
	}
	if (option(k, OUTPUTS)) v->outputs = output(k, n.states);
	if (option(k, PRODUCTS)) v->products = output(k, n.x);
	if (option(k, CARRIES)) v->carries = output(k, n.states);
	if ((v->bias && kind != GK_GRU) || (v->carries && kind != GK_LSTM)) k->bad = 1;
}

static void *handle_rnn(ffi_frame *f, int kind) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const int layers = option(&k, BOTH) ? 2 : 1;
	gk_rnn r[GK_RNN_LAYERS];
	gk_rnn_values v[GK_RNN_LAYERS] = {0};
	for (int i = 0; i < layers; i++) direction(&k, kind, &r[i], &v[i]);
	if (layers > 1) {
		if (r[0].reverse || r[0].steps != r[1].steps || r[0].batch != r[1].batch || r[0].units != r[1].units) k.bad = 1;
		r[1].reverse = 1;
	}
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_rnn_forward(k.window[LEVEL], &p.parallel, layers, r, v));
}

static void *handle_rnn_gradient(ffi_frame *f, int kind) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	rnn_sizes n;
	gk_rnn r = recurrent(&k, kind, kind == GK_GRU, &n);
	gk_rnn_gradients g = {0};
	if (kind == GK_GRU) g.x = operand(&k, n.x);
	g.products = operand(&k, n.x);
	operand(&k, r.units * r.units * gk_rnn_gates(kind));
	if (kind == GK_GRU) g.h = operand(&k, n.states);
	if (kind == GK_LSTM) g.c = operand(&k, n.states);
	g.d_last_h = operand(&k, n.state);
	if (kind == GK_LSTM) g.d_last_c = operand(&k, n.state);
	if (option(&k, OUTPUTS)) g.d_outputs = operand(&k, n.states);
	r.mask = mask(&k, &r);
	g.dh = output(&k, n.state);
	if (kind == GK_LSTM) g.dc = output(&k, n.state);
	g.dx = output(&k, n.x);
	if (kind == GK_GRU) g.d_products = output(&k, n.x);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_rnn_gradient(k.window[LEVEL], &p.parallel, &r, &g));
}

void *gk_handle_simple_rnn(ffi_frame *f) { return handle_rnn(f, GK_SIMPLE_RNN); }
void *gk_handle_lstm(ffi_frame *f) { return handle_rnn(f, GK_LSTM); }
void *gk_handle_gru(ffi_frame *f) { return handle_rnn(f, GK_GRU); }
void *gk_handle_simple_rnn_gradient(ffi_frame *f) { return handle_rnn_gradient(f, GK_SIMPLE_RNN); }
void *gk_handle_lstm_gradient(ffi_frame *f) { return handle_rnn_gradient(f, GK_LSTM); }
void *gk_handle_gru_gradient(ffi_frame *f) { return handle_rnn_gradient(f, GK_GRU); }

// attended takes the operands that attention and its gradient share, in their order: q, k, v, of the gradient dy, scale, [Mask], [Factor].
static gk_attention attended(call *k, int gradient) {
	const ffi_buffer *q = argument(k, FFI_F32, 4), *keys = argument(k, FFI_F32, 4), *v = argument(k, FFI_F32, 4);
	gk_attention a = {
		.batch = q->dims[0], .steps = q->dims[1], .heads = q->dims[2], .size = q->dims[3], .sources = keys->dims[1], .value_size = v->dims[3],
		.q = q->data, .k = keys->data, .v = v->data,
	};
	const int64_t sizes[] = {a.batch, a.steps, a.heads, a.size, a.sources, a.value_size};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (sizes[i] < 1) k->bad = 1;
	images(k, keys, a.batch, a.sources, a.heads, a.size, 0);
	images(k, v, a.batch, a.sources, a.heads, a.value_size, 0);
	if (gradient) a.dy = operand(k, a.batch * a.steps * a.heads * a.value_size);
	const float *scale = operand(k, 1);
	if (scale && !k->bad) a.scale = *scale;
	if (option(k, MASK)) {
		const ffi_buffer *b = argument(k, FFI_PRED, 4);
		const int64_t full[4] = {a.batch, a.heads, a.steps, a.sources};
		a.mask = b->data;
		for (int64_t i = 3, step = 1; i >= 0; step *= b->dims[i], i--) {
			if (b->dims[i] != 1 && b->dims[i] != full[i]) k->bad = 1;
			a.mask_step[i] = b->dims[i] == 1 ? 0 : step;
		}
	}
	if (option(k, FACTOR)) a.factor = operand(k, a.batch * a.heads * a.steps * a.sources);
	return a;
}

void *gk_handle_attention(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	gk_attention a = attended(&k, 0);
	a.y = output(&k, a.batch * a.steps * a.heads * a.value_size);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_attention_forward(k.window[LEVEL], &p.parallel, &a));
}

void *gk_handle_attention_gradient(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	gk_attention a = attended(&k, 1);
	a.dq = output(&k, a.batch * a.steps * a.heads * a.size);
	a.dk = output(&k, a.batch * a.sources * a.heads * a.size);
	a.dv = output(&k, a.batch * a.sources * a.heads * a.value_size);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_attention_gradient(k.window[LEVEL], &p.parallel, &a));
}

// normalized takes the operands that the normalization of rows and its gradient share, in their order: x, gamma, beta or, of the gradient, dy, epsilon.
static gk_layernorm normalized(call *k, int gradient) {
	const ffi_buffer *x = argument(k, FFI_F32, 2);
	gk_layernorm n = {.rows = x->dims[0], .columns = x->dims[1], .x = x->data};
	if (n.rows < 1 || n.columns < 1) k->bad = 1;
	n.gamma = operand(k, n.columns);
	if (gradient)
		n.dy = operand(k, n.rows * n.columns);
	else
		n.beta = operand(k, n.columns);
	const float *epsilon = operand(k, 1);
	if (epsilon && !k->bad) n.epsilon = *epsilon;
	return n;
}

// maxima takes x and what has its size without the axis in the middle.
static gk_maxima maxima(call *k, const ffi_buffer *x, const ffi_buffer *most) {
	if (k->bad || x->dims[0] < 1 || x->dims[1] < 1 || x->dims[2] < 1 || most->dims[0] != x->dims[0] || most->dims[1] != x->dims[2]) {
		k->bad = 1;
		return (gk_maxima){0};
	}
	return (gk_maxima){.outer = x->dims[0], .count = x->dims[1], .inner = x->dims[2], .x = x->data};
}

void *gk_handle_maxima(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *x = argument(&k, FFI_F32, 3), *y = result(&k, FFI_F32, 2);
	gk_maxima m = maxima(&k, x, y);
	m.y = y->data;
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_maxima_forward(k.window[LEVEL], &p.parallel, &m);
	return NULL;
}

void *gk_handle_maxima_gradient(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	const ffi_buffer *x = argument(&k, FFI_F32, 3), *dy = argument(&k, FFI_F32, 2), *dx = result(&k, FFI_F32, 3);
	gk_maxima m = maxima(&k, x, dy);
	for (int i = 0; i < 3; i++)
		if (dx->dims[i] != x->dims[i]) k.bad = 1;
	m.dy = dy->data, m.dx = dx->data;
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_maxima_gradient(k.window[LEVEL], &p.parallel, &m);
	return NULL;
}

void *gk_handle_layernorm(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	gk_layernorm n = normalized(&k, 0);
	n.y = output(&k, n.rows * n.columns);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	gk_layernorm_forward(k.window[LEVEL], &p.parallel, &n);
	return NULL;
}

void *gk_handle_layernorm_gradient(ffi_frame *f) {
	if (answered(f)) return NULL;
	call k = open_call(f);
	gk_layernorm n = normalized(&k, 1);
	n.dx = output(&k, n.rows * n.columns);
	n.dgamma = output(&k, n.columns);
	n.dbeta = output(&k, n.columns);
	void *error;
	if (!ready(&k, &error)) return error;
	gk_threads p;
	gk_threads_init(&p, f);
	return ended(&k, gk_layernorm_gradient(k.window[LEVEL], &p.parallel, &n));
}
