#ifndef GOKERAS_PJRT_H
#define GOKERAS_PJRT_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// What is needed of PJRT's C interface. A plugin gives a table of functions; each takes a structure that begins with
// its own size, and returns an error or NULL. Within a major version, functions and fields are only added, at the end.

typedef void* (*gk_function)(void* args);

typedef struct {
	size_t struct_size;
	void* extensions;
	struct {
		size_t struct_size;
		void* extensions;
		int major;
		int minor;
	} version;
	gk_function functions[];
} gk_api;

// Positions in the table of major version 0.
enum {
	GK_ERROR_DESTROY = 0,
	GK_ERROR_MESSAGE = 1,
	GK_EVENT_DESTROY = 5,
	GK_EVENT_AWAIT = 8,
	GK_EXECUTABLE_SERIALIZE = 49,
	GK_LOADED_EXECUTABLE_DESTROY = 50,
	GK_LOADED_EXECUTABLE_GET_EXECUTABLE = 51,
	GK_LOADED_EXECUTABLE_EXECUTE = 55,
	GK_EXECUTABLE_DESERIALIZE_AND_LOAD = 56,
	GK_BUFFER_DESTROY = 58,
	GK_NEEDED = 59,
};

// gk_message takes the error's text and destroys it.
static char* gk_message(const gk_api* api, void* error) {
	struct {
		size_t struct_size;
		void* extensions;
		const void* error;
		const char* message;
		size_t message_size;
	} message = {sizeof(message), NULL, error, NULL, 0};
	api->functions[GK_ERROR_MESSAGE](&message);
	char* text = calloc(1, message.message_size + 1);
	if (text != NULL && message.message_size > 0) {
		memcpy(text, message.message, message.message_size);
	}
	struct {
		size_t struct_size;
		void* extensions;
		void* error;
	} destroy = {sizeof(destroy), NULL, error};
	api->functions[GK_ERROR_DESTROY](&destroy);
	return text;
}

#endif
