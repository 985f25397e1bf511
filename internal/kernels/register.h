#ifndef GOKERAS_REGISTER_H
#define GOKERAS_REGISTER_H

#include <stddef.h>

// gk_register makes the kernels known to the plugin of that path, which must be loaded. It returns 0, or -1 and a message.
int gk_register(const char *path, char *message, size_t size);

#endif
