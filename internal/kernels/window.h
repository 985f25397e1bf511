// What a call of a kernel says beside its operands, see targets.go.

#ifndef GOKERAS_WINDOW_H
#define GOKERAS_WINDOW_H

// The numbers of the attribute, as kernels.Window.Values gives them.
enum { STRIDE_ROWS, STRIDE_COLUMNS, DILATION_ROWS, DILATION_COLUMNS, TOP, LEFT, OUT_HEIGHT, OUT_WIDTH, LEVEL, OPTIONS, WINDOW };
enum { RELU = 1, BIAS = 2, POOL = 4, POSITIONS = 8, MASK = 16, REVERSE = 32, OUTPUTS = 64, PRODUCTS = 128, CARRIES = 256, LAST = 512, FACTOR = 1024, CENTRE = 2048, PLAIN = 4096, TURNED_A = 8192, TURNED_B = 16384, ADDED = 32768, SIX = 65536, BOTH = 131072, BESIDE = 262144, DROPOUT = 524288 };

#endif
