//go:build cgo && linux && amd64

#include "waiting.h"

#include "imports.h"
#include "threads.h"

// go-xla waits for each program that it runs. A thread that sleeps meanwhile takes tens of microseconds to awake, as long as a small network's prediction.

static void *(*is_ready)(pjrt_event_ready_args *);
static void *(*await)(pjrt_event_await_args *);
static void (*destroy)(pjrt_error_destroy_args *);

static int ready(void *event) {
	pjrt_event_ready_args args = {sizeof args, NULL, event, 1};
	void *error = is_ready(&args);
	if (error) destroy(&(pjrt_error_destroy_args){sizeof(pjrt_error_destroy_args), NULL, error});
	return args.ready; // what went wrong, the wait itself tells
}

static void *help_and_await(pjrt_event_await_args *args) {
	if (!ready(args->event)) gk_threads_help(ready, args->event);
	return await(args);
}

void gk_help_while_waiting(const pjrt_api *api) {
	if (await || api->event_await == help_and_await) return;
	destroy = api->error_destroy;
	is_ready = api->event_ready;
	await = api->event_await;
	gk_replace_pointer((void **)&api->event_await, help_and_await);
}
