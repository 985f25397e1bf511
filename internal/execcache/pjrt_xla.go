//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package execcache

/*
#include "pjrt.h"

static int gk_usable(const gk_api* api) {
	return api != NULL && api->version.major == 0 && api->struct_size >= offsetof(gk_api, functions) + GK_NEEDED * sizeof(gk_function) &&
		api->functions[GK_EXECUTABLE_SERIALIZE] != NULL && api->functions[GK_LOADED_EXECUTABLE_GET_EXECUTABLE] != NULL &&
		api->functions[GK_LOADED_EXECUTABLE_DESTROY] != NULL && api->functions[GK_EXECUTABLE_DESERIALIZE_AND_LOAD] != NULL;
}

// gk_result is an error's text, to be freed, or what a function gave.
typedef struct {
	char* error;
	void* value;
} gk_result;

typedef struct {
	size_t struct_size;
	void* extensions;
	const void* executable;
	const char* bytes;
	size_t bytes_size;
	void* owner;
	void (*free_owner)(void* owner);
} gk_serialized;

static char* gk_serialize(const gk_api* api, const void* executable, gk_serialized* out) {
	gk_serialized args = {sizeof(args), NULL, executable, NULL, 0, NULL, NULL};
	void* error = api->functions[GK_EXECUTABLE_SERIALIZE](&args);
	if (error != NULL) {
		return gk_message(api, error);
	}
	*out = args;
	return NULL;
}

static void gk_free_serialized(gk_serialized* s) {
	if (s->free_owner != NULL) {
		s->free_owner(s->owner);
	}
}

static gk_result gk_load(const gk_api* api, void* client, const char* bytes, size_t size) {
	struct {
		size_t struct_size;
		void* extensions;
		void* client;
		const char* bytes;
		size_t bytes_size;
		void* loaded;
		const char* options;
		size_t options_size;
	} args = {sizeof(args), NULL, client, bytes, size, NULL, NULL, 0};
	gk_result result = {NULL, NULL};
	void* error = api->functions[GK_EXECUTABLE_DESERIALIZE_AND_LOAD](&args);
	if (error != NULL) {
		result.error = gk_message(api, error);
	} else {
		result.value = args.loaded;
	}
	return result;
}

static gk_result gk_executable(const gk_api* api, void* loaded) {
	struct {
		size_t struct_size;
		void* extensions;
		void* loaded;
		void* executable;
	} args = {sizeof(args), NULL, loaded, NULL};
	gk_result result = {NULL, NULL};
	void* error = api->functions[GK_LOADED_EXECUTABLE_GET_EXECUTABLE](&args);
	if (error != NULL) {
		result.error = gk_message(api, error);
	} else {
		result.value = args.executable;
	}
	return result;
}

static void gk_destroy_loaded(const gk_api* api, void* loaded) {
	struct {
		size_t struct_size;
		void* extensions;
		void* loaded;
	} args = {sizeof(args), NULL, loaded};
	void* error = api->functions[GK_LOADED_EXECUTABLE_DESTROY](&args);
	if (error != NULL) {
		free(gk_message(api, error));
	}
}
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// pjrtAPI is a plugin's table of functions.
type pjrtAPI struct{ c *C.gk_api }

// newPJRT checks that the table has the functions that are needed.
func newPJRT(api unsafe.Pointer) (pjrtAPI, error) {
	p := pjrtAPI{(*C.gk_api)(api)}
	if C.gk_usable(p.c) == 0 {
		return p, errors.New("the plugin's PJRT interface has no serialization of executables")
	}
	return p, nil
}

// failure makes an error of a text that C allocated.
func failure(text *C.char) error {
	defer C.free(unsafe.Pointer(text))
	return errors.New(C.GoString(text))
}

// serialize returns the bytes of a PJRT_Executable.
func (p pjrtAPI) serialize(executable unsafe.Pointer) ([]byte, error) {
	var s C.gk_serialized
	if text := C.gk_serialize(p.c, executable, &s); text != nil {
		return nil, failure(text)
	}
	defer C.gk_free_serialized(&s)
	if s.bytes == nil || s.bytes_size == 0 || s.bytes_size > largestFile {
		return nil, fmt.Errorf("the plugin serialized the executable to %d bytes", uint64(s.bytes_size))
	}
	return C.GoBytes(unsafe.Pointer(s.bytes), C.int(s.bytes_size)), nil
}

// load makes a PJRT_LoadedExecutable, which the caller owns, and its PJRT_Executable, owned too.
func (p pjrtAPI) load(client unsafe.Pointer, serialized []byte) (loaded, executable unsafe.Pointer, err error) {
	r := C.gk_load(p.c, client, (*C.char)(unsafe.Pointer(unsafe.SliceData(serialized))), C.size_t(len(serialized)))
	runtime.KeepAlive(serialized)
	if r.error != nil {
		return nil, nil, failure(r.error)
	}
	inner := C.gk_executable(p.c, r.value)
	if inner.error != nil {
		C.gk_destroy_loaded(p.c, r.value)
		return nil, nil, failure(inner.error)
	}
	return r.value, inner.value, nil
}
