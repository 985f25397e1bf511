// Small programs that are run for each value of arrays, of which XLA would make loops of its own.

#ifndef GOKERAS_ELEMENTWISE_H
#define GOKERAS_ELEMENTWISE_H

#include "parallel.h"

enum {
	GK_REGISTERS = 64, // each holds
	GK_BLOCK = 256,    // values at a time, 32 bits each: floats, integers, or truths, all of whose bits are 1 or 0
	GK_ARRAYS = 24,    // operands or results at most
};

// A step is operation | to << 8 | a << 16 | b << 24 | c << 32, the last four being registers; a constant's bits begin at bit 32.
typedef enum {
	GK_CONSTANT,
	GK_ADD, GK_SUBTRACT, GK_MULTIPLY, GK_DIVIDE, GK_MAXIMUM, GK_MINIMUM,
	GK_NEGATE, GK_ABS, GK_SQRT, GK_RSQRT, GK_EXPONENTIAL, GK_LOG, GK_LOGISTIC, GK_TANH, GK_ERF,
	GK_EQ, GK_NE, GK_LT, GK_LE, GK_GT, GK_GE, // of floats, as what follows is of
	GK_INT_ADD, GK_INT_SUBTRACT, GK_INT_MULTIPLY, GK_INT_MAXIMUM, GK_INT_MINIMUM, GK_INT_NEGATE,
	GK_INT_EQ, GK_INT_NE, GK_INT_LT, GK_INT_LE, GK_INT_GT, GK_INT_GE,
	GK_AND, GK_OR, GK_XOR, GK_NOT, // of truths
	GK_SELECT,                     // a ? b : c
	GK_FLOAT_OF_INT, GK_FLOAT_OF_TRUTH, GK_INT_OF_TRUTH,
	GK_OPERATIONS,
} gk_operation;

// Value i of an array of all values is value i / run % period of this one. The first registers hold the operands.
typedef struct {
	const void *data;
	int64_t run, period;
	int truths; // bytes
} gk_operand;

typedef struct {
	void *data;
	int64_t from; // register
	int truths;
} gk_result;

typedef struct {
	int64_t size; // values
	int64_t operands, results, steps;
	gk_operand operand[GK_ARRAYS];
	gk_result result[GK_ARRAYS];
	const int64_t *step;
} gk_elementwise;

// gk_step_sound reports that a step's numbers are within bounds.
int gk_step_sound(int64_t step);

// gk_one is an operand's value of that number, as a register holds it.
uint32_t gk_one(const gk_operand *o, int64_t i);

// gk_load has n of an operand's values, from one on, of so many that there would be if they weren't repeated; it returns where they are, which may be in to.
const uint32_t *gk_load(const gk_operand *o, int64_t at, int64_t n, int64_t size, uint32_t *to);

// gk_store writes n values of a result, from one on.
void gk_store(const gk_result *r, const uint32_t *from, int64_t at, int64_t n);

// gk_elementwise_sound reports that the numbers of operands, results and registers are within bounds.
int gk_elementwise_sound(const gk_elementwise *e);

void gk_elementwise_run(int level, gk_parallel *p, const gk_elementwise *e);

#endif
