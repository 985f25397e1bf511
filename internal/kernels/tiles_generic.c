//go:build cgo && linux

#include <math.h>

#include "tiles.h"

#define LANES 4
#define ROWS 4
#define NAME(what) gk_generic_##what
#define SQUARE_ROOT(v) ((NAME(vec)){sqrtf((v)[0]), sqrtf((v)[1]), sqrtf((v)[2]), sqrtf((v)[3])})
#include "conv_tiles.h"
