// What a Dropout behind a layer needs.

#ifndef GOKERAS_DROPOUT_H
#define GOKERAS_DROPOUT_H

#include <stdint.h>

// A value stays, multiplied by the factor, where the hash of its position with the keys is below the bound; else it becomes 0.
typedef struct {
	uint32_t keys[2], bound;
	float factor;
} gk_dropout;

#endif
