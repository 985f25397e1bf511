#ifndef GOKERAS_WAITING_H
#define GOKERAS_WAITING_H

#include "ffi.h"

// gk_help_while_waiting has threads that wait for the plugin's events take part in the kernels' work meanwhile, and see at once when an event is there.
void gk_help_while_waiting(const pjrt_api *api);

#endif
