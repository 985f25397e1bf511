#include "elementwise.h"

#include <math.h>
#include <string.h>

#include "shapes.h"

typedef union {
	uint32_t bits;
	int32_t whole;
	float number;
} word;

enum { FLOATS, INTEGERS, TRUTHS };

// What an operation takes and gives.
static int takes(int operation) {
	if (operation == GK_FLOAT_OF_INT || (operation >= GK_INT_ADD && operation <= GK_INT_GE)) return INTEGERS;
	return (operation >= GK_AND && operation <= GK_NOT) || operation == GK_FLOAT_OF_TRUTH || operation == GK_INT_OF_TRUTH ? TRUTHS : FLOATS;
}

static int gives(int operation) {
	if ((operation >= GK_EQ && operation <= GK_GE) || (operation >= GK_INT_EQ && operation <= GK_INT_GE)) return TRUTHS;
	if (operation == GK_INT_OF_TRUTH) return INTEGERS;
	return operation == GK_FLOAT_OF_INT || operation == GK_FLOAT_OF_TRUTH ? FLOATS : takes(operation);
}

static word truth(int is) { return (word){.bits = is ? ~0u : 0}; }

// apply is one operation on single values; of those that only come near, the exact result.
static word apply(int operation, word a, word b, word c, double *exact) {
	*exact = NAN;
	switch (operation) {
	case GK_ADD: return (word){.number = a.number + b.number};
	case GK_SUBTRACT: return (word){.number = a.number - b.number};
	case GK_MULTIPLY: return (word){.number = a.number * b.number};
	case GK_DIVIDE: return (word){.number = a.number / b.number};
	case GK_MAXIMUM: return isnan(a.number) || a.number > b.number ? a : b;
	case GK_MINIMUM: return isnan(a.number) || a.number < b.number ? a : b;
	case GK_NEGATE: return (word){.number = -a.number};
	case GK_ABS: return (word){.number = fabsf(a.number)};
	case GK_SQRT: return (word){.number = sqrtf(a.number)};
	case GK_RSQRT: return (word){.number = 1 / sqrtf(a.number)};
	case GK_EXPONENTIAL: *exact = exp(a.number); break;
	case GK_LOG: *exact = a.number > 0 && a.number < 0x1p-126f ? log(0x1p-126) : log(a.number); break;
	case GK_LOGISTIC: *exact = 1 / (1 + exp(-a.number)); break;
	case GK_TANH: *exact = tanh(a.number); break;
	case GK_ERF: *exact = erf(a.number); break;
	case GK_EQ: return truth(a.number == b.number);
	case GK_NE: return truth(a.number != b.number);
	case GK_LT: return truth(a.number < b.number);
	case GK_LE: return truth(a.number <= b.number);
	case GK_GT: return truth(a.number > b.number);
	case GK_GE: return truth(a.number >= b.number);
	case GK_INT_ADD: return (word){.bits = a.bits + b.bits};
	case GK_INT_SUBTRACT: return (word){.bits = a.bits - b.bits};
	case GK_INT_MULTIPLY: return (word){.bits = a.bits * b.bits};
	case GK_INT_MAXIMUM: return a.whole > b.whole ? a : b;
	case GK_INT_MINIMUM: return a.whole < b.whole ? a : b;
	case GK_INT_NEGATE: return (word){.bits = -a.bits};
	case GK_INT_EQ: return truth(a.whole == b.whole);
	case GK_INT_NE: return truth(a.whole != b.whole);
	case GK_INT_LT: return truth(a.whole < b.whole);
	case GK_INT_LE: return truth(a.whole <= b.whole);
	case GK_INT_GT: return truth(a.whole > b.whole);
	case GK_INT_GE: return truth(a.whole >= b.whole);
	case GK_AND: return (word){.bits = a.bits & b.bits};
	case GK_OR: return (word){.bits = a.bits | b.bits};
	case GK_XOR: return (word){.bits = a.bits ^ b.bits};
	case GK_NOT: return (word){.bits = ~a.bits};
	case GK_SELECT: return a.bits ? b : c;
	case GK_FLOAT_OF_INT: return (word){.number = a.whole};
	case GK_FLOAT_OF_TRUTH: return (word){.number = a.bits ? 1 : 0};
	case GK_INT_OF_TRUTH: return (word){.whole = a.bits ? 1 : 0};
	}
	return (word){.number = *exact};
}

// operand makes one whose values repeat somehow over so many.
static gk_operand operand(int64_t size, int type) {
	gk_operand o = {.run = 1, .period = size, .truths = type == TRUTHS};
	switch (between(0, 4)) {
	case 0: o.period = 1; break;
	case 1: o.period = between(1, size); break;
	case 2: o.run = between(1, size), o.period = (size + o.run - 1) / o.run; break;
	case 3: o.run = between(1, 20), o.period = between(1, 1 + (size - 1) / o.run); break;
	}
	if (type == TRUTHS) {
		o.data = bytes(o.period, 2);
		return o;
	}
	float *values = numbers(o.period);
	const float scale = (float[]){1, 8, 100, 1e30f}[between(0, 3)];
	for (int64_t i = 0; i < o.period; i++) {
		values[i] *= scale;
		if (type == FLOATS && one_in(40)) values[i] = (float[]){0, -0.f, NAN, INFINITY, -INFINITY}[between(0, 4)];
		if (type == INTEGERS) {
			const int32_t whole = scale > 100 ? (int32_t)(values[i] * 1e-21f) : (int32_t)values[i];
			memcpy(&values[i], &whole, sizeof whole);
		}
	}
	o.data = values;
	return o;
}

static word value_of(const gk_operand *o, int64_t i) {
	i = i / o->run % o->period;
	return o->truths ? truth(((const uint8_t *)o->data)[i]) : (word){.bits = ((const uint32_t *)o->data)[i]};
}

// Three operands of one type in the first registers, a constant, the result of an operation on three registers by chance, and that of a second one on the first's.
void elementwise_case(int level, gk_parallel *p) {
	const int64_t size = one_in(3) ? between(1, 20) : between(1, 20000);
	const int operation = between(GK_ADD, GK_OPERATIONS - 1), type = takes(operation), second = between(GK_ADD, GK_OPERATIONS - 1);
	const int goes_on = takes(second) == gives(operation) && operation != GK_SELECT && second != GK_SELECT;
	shape("elementwise: level %d, %ld threads, %ld values, operation %d, then %d", level, p->threads, size, operation, goes_on ? second : -1);
	gk_elementwise e = {.size = size, .operands = 3, .results = 1};
	for (int i = 0; i < 3; i++) e.operand[i] = operand(size, operation == GK_SELECT && i == 0 ? TRUTHS : type);
	const uint64_t constant = type == TRUTHS ? truth(one_in(2)).bits : ((word){.number = 1.5f}).bits;
	const int64_t a = 0, b = one_in(5) ? 3 : between(0, 2), c = between(1, 2), to = between(0, GK_REGISTERS - 1);
	const int64_t steps[] = {
		GK_CONSTANT | 3 << 8 | (int64_t)(constant << 32),
		operation | to << 8 | a << 16 | (operation == GK_SELECT ? 1 : b) << 24 | c << 32,
		second | 5 << 8 | to << 16 | to << 24,
	};
	e.step = steps, e.steps = goes_on ? 3 : 2;
	const int given = goes_on ? gives(second) : gives(operation);
	e.result[0] = (gk_result){given == TRUTHS ? (void *)bytes(size, 1) : blank(size), goes_on ? 5 : to, given == TRUTHS};
	if (!gk_elementwise_sound(&e)) fail("the program isn't sound");
	gk_elementwise_run(level, p, &e);
	for (int64_t i = 0; i < size; i++) {
		word in[4] = {value_of(&e.operand[0], i), value_of(&e.operand[1], i), value_of(&e.operand[2], i), {.bits = constant}};
		double exact, exact_second = NAN;
		word want = apply(operation, in[a], operation == GK_SELECT ? in[1] : in[b], in[c], &exact);
		if (goes_on && isnan(exact)) want = apply(second, want, want, want, &exact_second), exact = exact_second;
		else if (goes_on) continue; // what follows on an error may be anything
		if (given == TRUTHS) {
			const int got = ((const uint8_t *)e.result[0].data)[i];
			if (got != (want.bits & 1)) fail("truth %ld is %d", i, got);
			continue;
		}
		word got = {.bits = ((const uint32_t *)e.result[0].data)[i]};
		if (given == INTEGERS || isnan(exact)) {
			if (got.bits != want.bits && !(given == FLOATS && isnan(got.number) && isnan(want.number))) fail("value %ld is %x (%g), not %x (%g),", i, got.bits, got.number, want.bits, want.number);
		} else if (got.number != exact && !(fabs(got.number - exact) <= 4e-7 * fabs(exact) + 2e-38) && !(isinf(got.number) && exact > 3.4e38)) {
			fail("value %ld is %.9g, not %.9g,", i, got.number, exact);
		}
	}
}
