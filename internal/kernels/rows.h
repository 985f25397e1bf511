// Programs that are run on rows of values: steps as elementwise.h has them, between them sums and extremes of rows, on which later steps go on.

#ifndef GOKERAS_ROWS_H
#define GOKERAS_ROWS_H

#include "elementwise.h"

enum {
	GK_STAGES = 8, // at most, and of
	GK_SLOTS = 8,  // values that wait for a later stage
};

typedef enum {
	GK_TOTAL, GK_LARGEST, GK_SMALLEST,
	GK_PLACE_OF_LARGEST, // the first one's, or that of the first NaN
	GK_REDUCTIONS,
} gk_reduction;

// A stage does its first steps once for each row, on numbers that the row has: results of reductions, operands of one value a row, constants. The others it
// does on the row's values, for which it loads operands and slots into the registers of their numbers, slots being counted behind operands. Then it
// stores registers (source | to << 16) in results, or in slots, counted behind results, and reduces others (source | kind << 16 | to << 32) to numbers of the row.
typedef struct {
	int64_t row_steps, loads, steps, stores, reductions; // how many
	const int64_t *row_step, *load, *step, *store, *reduction;
} gk_stage;

// Operands have the first registers. Those of one value for each row, or for all, are loaded before the first stage. A result of one value a row is that which its
// register has in the end.
typedef struct {
	int64_t rows, columns;
	int64_t operands, results, slots, constants, stages;
	gk_operand operand[GK_ARRAYS];
	gk_result result[GK_ARRAYS];
	const int64_t *constant; // register | bits << 32
	gk_stage stage[GK_STAGES];
} gk_rows;

// What a reduction has come to, in each place of a vector.
typedef struct {
	float value[16];
	int32_t place[16];
} gk_reduced;

// gk_rows_sound reports that all numbers are within bounds.
int gk_rows_sound(const gk_rows *r);

// It returns 0, or -1 where memory is lacking.
int gk_rows_run(int level, gk_parallel *p, const gk_rows *r);

#endif
