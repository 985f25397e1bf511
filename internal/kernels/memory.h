#ifndef GOKERAS_MEMORY_H
#define GOKERAS_MEMORY_H

// See KeepMemory in register_cgo.go.
void gk_keep_memory(const char *plugin);

#endif
