// The part of two binary interfaces of XLA that the kernels need: PJRT's C API with its extension for foreign functions, by which
// handlers are registered, and the call frame that a handler gets. Structures come with their sizes, which are checked, and grow at their ends.

#ifndef GOKERAS_FFI_H
#define GOKERAS_FFI_H

#include <stddef.h>
#include <stdint.h>

// ---- PJRT ----

typedef struct pjrt_extension {
	size_t size;
	int type;
	struct pjrt_extension *next;
} pjrt_extension;

enum { PJRT_EXTENSION_FFI = 5 };

typedef struct {
	size_t size;
	void *extensions;
	void *error;
} pjrt_error_destroy_args;

typedef struct {
	size_t size;
	void *extensions;
	void *error;
	const char *message;
	size_t message_size;
} pjrt_error_message_args;

typedef struct {
	size_t size;
	pjrt_extension *extensions;
	struct {
		size_t size;
		void *extensions;
		int major, minor;
	} version;
	void (*error_destroy)(pjrt_error_destroy_args *);
	void (*error_message)(pjrt_error_message_args *);
} pjrt_api;

// Two forms of the same arguments are in use.
typedef struct {
	size_t size;
	const char *name;
	size_t name_size;
	void *handler;
	const char *platform;
	size_t platform_size;
	int traits;
} pjrt_register_args;

typedef struct {
	size_t size;
	const char *name;
	size_t name_size;
	int api_version;
	void *handler;
	const char *platform;
	size_t platform_size;
	int traits;
} pjrt_versioned_register_args;

typedef struct {
	pjrt_extension base;
	void *register_type;
	void *add_user_data;
	void *(*register_handler)(void *args);
} pjrt_ffi_extension;

// ---- XLA's foreign function interface ----

typedef struct ffi_extension {
	size_t size;
	int type;
	struct ffi_extension *next;
} ffi_extension;

enum { FFI_EXTENSION_METADATA = 1 };

typedef struct {
	size_t size;
	ffi_extension *extensions;
	int major, minor;
} ffi_version;

typedef struct {
	size_t size;
	ffi_version version;
	uint32_t traits;
} ffi_metadata;

typedef struct {
	ffi_extension base;
	ffi_metadata *metadata;
} ffi_metadata_extension;

enum { FFI_INVALID_ARGUMENT = 3, FFI_RESOURCE_EXHAUSTED = 8 };

typedef struct {
	size_t size;
	ffi_extension *extensions;
	const char *message;
	int code;
} ffi_error_args;

typedef struct {
	size_t size;
	ffi_extension *extensions;
	void *error;
} ffi_error_destroy_args;

typedef struct {
	size_t size;
	ffi_extension *extensions;
	void *context;
	void (*task)(void *data);
	void *data;
} ffi_schedule_args;

typedef struct {
	size_t size;
	ffi_extension *extensions;
	void *context;
	int64_t *threads;
} ffi_threads_args;

typedef struct {
	size_t size;
	ffi_extension *extensions;
	ffi_version version;
	const void *internal;
	void *(*error_create)(ffi_error_args *);
	void *error_get_message;
	void (*error_destroy)(ffi_error_destroy_args *);
	void *handler_register, *stream_get, *type_register, *context_get, *state_set, *state_get,
		*memory_allocate, *memory_free;
	void *(*schedule)(ffi_schedule_args *);
	void *(*threads)(ffi_threads_args *);
} ffi_api;

enum { FFI_PRED = 1, FFI_S32 = 4, FFI_S64 = 5, FFI_U8 = 6, FFI_U32 = 8, FFI_F32 = 11 };

typedef struct {
	size_t size;
	ffi_extension *extensions;
	int type;
	void *data;
	int64_t rank;
	int64_t *dims;
} ffi_buffer;

enum { FFI_BUFFER = 1 };

typedef struct {
	size_t size;
	ffi_extension *extensions;
	int64_t count;
	int *types;
	ffi_buffer **buffers;
} ffi_buffers;

enum { FFI_ATTRIBUTE_ARRAY = 1 };

typedef struct {
	int type;
	size_t size;
	void *data;
} ffi_array;

typedef struct {
	size_t size;
	ffi_extension *extensions;
	int64_t count;
	int *types;
	void *names;
	void **values;
} ffi_attributes;

typedef struct {
	size_t size;
	ffi_extension *extensions;
	const ffi_api *api;
	void *context;
	int stage;
	ffi_buffers arguments;
	ffi_buffers results;
	ffi_attributes attributes;
} ffi_frame;

#endif
