//go:build cgo && linux

#include "tiles.h"

#define LANES 4
#define ROWS 4
#define NAME(what) gk_generic_##what
#include "conv_tiles.h"
