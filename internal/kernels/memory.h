#ifndef GOKERAS_MEMORY_H
#define GOKERAS_MEMORY_H

// gk_keep_memory lets the C library keep what XLA frees after a step for the next one. By default it returns large blocks to the
// system, which then fills fresh pages with zeros in every step: a quarter of the time of a small network's.
void gk_keep_memory(void);

#endif
