//go:build cgo && linux && amd64

#include "register.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "profile.h"

static const struct {
	const char *name;
	void *(*handler)(ffi_frame *);
} handlers[] = {
#define KERNEL(name, handler, work) {name, gk_profiled_##handler},
#include "kernels_list.h"
#undef KERNEL
};

// free_error writes the plugin's error to message.
static void free_error(const pjrt_api *api, void *error, char *message, size_t size) {
	pjrt_error_message_args text = {sizeof text, NULL, error, "", 0};
	api->error_message(&text);
	snprintf(message, size, "%.*s", (int)text.message_size, text.message);
	pjrt_error_destroy_args args = {sizeof args, NULL, error};
	api->error_destroy(&args);
}

int gk_register(const char *path, char *message, size_t size) {
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
	if (!library) {
		snprintf(message, size, "the plugin is not loaded");
		return -1;
	}
	const pjrt_api *(*get)(void) = (const pjrt_api *(*)(void))dlsym(library, "GetPjrtApi");
	const pjrt_api *api = get ? get() : NULL;
	dlclose(library); // go-xla holds it, too
	if (!api || api->size < sizeof *api) {
		snprintf(message, size, "the plugin has no PJRT API");
		return -1;
	}
	const pjrt_ffi_extension *ffi = NULL;
	for (pjrt_extension *e = api->extensions; e; e = e->next)
		if (e->type == PJRT_EXTENSION_FFI && e->size >= sizeof *ffi) ffi = (pjrt_ffi_extension *)e;
	if (!ffi || !ffi->register_handler) {
		snprintf(message, size, "the plugin takes no foreign functions");
		return -1;
	}
	static const char platform[] = "Host";
	__atomic_store_n(&gk_understood, 0, __ATOMIC_RELAXED);
	for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
		pjrt_register_args args = {
			.size = offsetof(pjrt_register_args, traits) + sizeof args.traits, .name = handlers[i].name, .name_size = strlen(handlers[i].name),
			.handler = handlers[i].handler, .platform = platform, .platform_size = sizeof platform - 1,
		};
		void *error = ffi->register_handler(&args);
		if (error) {
			free_error(api, error, message, size);
			// A plugin that wants the longer form has looked at the size alone, and names the structure. Any other may not get that form: it would
			// take one member for another.
			if (!strstr(message, "PJRT_FFI_Register_Handler_Args")) return -1;
			pjrt_versioned_register_args longer = {
				.size = offsetof(pjrt_versioned_register_args, traits) + sizeof longer.traits, .name = args.name, .name_size = args.name_size,
				.api_version = 1, .handler = args.handler, .platform = platform, .platform_size = args.platform_size,
			};
			if ((error = ffi->register_handler(&longer))) {
				free_error(api, error, message, size);
				return -1;
			}
		}
	}
	if (__atomic_load_n(&gk_understood, __ATOMIC_RELAXED) < (int)(sizeof handlers / sizeof *handlers)) {
		snprintf(message, size, "the plugin's interface for foreign functions is of another version");
		return -1;
	}
	return 0;
}
