//go:build cgo && linux && amd64

#include "rows.h"

#include <string.h>

#include "scratch.h"
#include "tiles.h"

enum {
	PART = 1 << 12,          // values of rows that a thread takes at once, or one row
	WORTH_THREADS = 1 << 14, // values
};

static int steps_sound(int64_t count, const int64_t *step) {
	for (int64_t i = 0; i < count; i++)
		if (!gk_step_sound(step[i])) return 0;
	return 1;
}

// of_row tells whether an operand has one value for each row, or for several.
static int of_row(const gk_rows *r, const gk_operand *o) { return o->period == 1 || o->run % r->columns == 0; }

static int wide(const gk_rows *r, int64_t result) { return r->result[result].from < 0; }

int gk_rows_sound(const gk_rows *r) {
	if (r->rows < 1 || r->columns < 1 || r->operands < 0 || r->operands > GK_ARRAYS || r->results < 1 || r->results > GK_ARRAYS) return 0;
	if (r->slots < 0 || r->slots > GK_SLOTS || r->constants < 0 || r->stages < 1 || r->stages > GK_STAGES) return 0;
	for (int64_t i = 0; i < r->operands; i++)
		if (r->operand[i].run < 1 || r->operand[i].period < 1) return 0;
	for (int64_t i = 0; i < r->results; i++)
		if (r->result[i].from >= GK_REGISTERS) return 0;
	for (int64_t i = 0; i < r->constants; i++)
		if ((r->constant[i] & 0xffffffff) >= GK_REGISTERS) return 0;
	for (const gk_stage *s = r->stage; s < r->stage + r->stages; s++) {
		if (!steps_sound(s->row_steps, s->row_step) || !steps_sound(s->steps, s->step)) return 0;
		for (int64_t i = 0; i < s->loads; i++)
			if (s->load[i] < 0 || s->load[i] >= r->operands + r->slots) return 0;
		for (int64_t i = 0; i < s->stores; i++) {
			const uint64_t from = s->store[i] & 0xffff, to = (uint64_t)s->store[i] >> 16;
			if (from >= GK_REGISTERS || to >= (uint64_t)(r->results + r->slots) || (to < (uint64_t)r->results && !wide(r, to))) return 0;
		}
		for (int64_t i = 0; i < s->reductions; i++) {
			const uint64_t v = s->reduction[i];
			if ((v & 0xffff) >= GK_REGISTERS || (v >> 16 & 0xffff) >= GK_REDUCTIONS || v >> 32 >= GK_REGISTERS) return 0;
		}
	}
	return 1;
}

typedef struct {
	const gk_rows *r;
	const gk_tiles *tiles;
	int64_t each; // rows of a part
	int64_t slot; // values that a slot has room for
	int failed;
} rows_job;

// A thread's registers.
typedef struct {
	const uint32_t *at[GK_REGISTERS];
	uint32_t own[GK_REGISTERS][GK_BLOCK] __attribute__((aligned(64)));
} registers;

static void fill(registers *regs, int64_t register_, uint32_t value, int64_t n) {
	for (int64_t i = 0; i < n; i++) regs->own[register_][i] = value;
	regs->at[register_] = regs->own[register_];
}

static uint32_t reduced(gk_reduction kind, const gk_reduced *from, int64_t lanes) {
	float value = from->value[0];
	int32_t place = from->place[0];
	for (int64_t i = 1; i < lanes; i++) {
		const float v = from->value[i];
		switch (kind) {
		case GK_TOTAL: value += v; continue;
		case GK_LARGEST: value = v > value || v != v ? v : value; continue;
		case GK_SMALLEST: value = v < value || v != v ? v : value; continue;
		default: break;
		}
		const int same = v == value || (v != v && value != value), first = from->place[i] < place;
		if (same ? first : (v > value && value == value) || v != v) value = v, place = from->place[i];
	}
	if (kind == GK_PLACE_OF_LARGEST) return (uint32_t)place;
	uint32_t bits;
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

// run_stage does a stage's work on a row's values.
static void run_stage(const rows_job *j, const gk_stage *s, int64_t row, float *slots, registers *regs) {
	const gk_rows *r = j->r;
	const int64_t first = row * r->columns, size = r->rows * r->columns;
	gk_reduced sums[GK_REGISTERS];
	for (int64_t i = 0; i < s->reductions; i++) {
		const gk_reduction kind = (gk_reduction)(s->reduction[i] >> 16 & 0xffff);
		const float none = kind == GK_TOTAL ? 0 : kind == GK_SMALLEST ? __builtin_inff() : -__builtin_inff();
		for (int k = 0; k < GK_MAX_LANES; k++) sums[i].value[k] = none, sums[i].place[k] = kind == GK_PLACE_OF_LARGEST ? 0 : k;
	}
	for (int64_t column = 0, n; column < r->columns; column += n) {
		n = min64(GK_BLOCK, r->columns - column);
		for (int64_t i = 0; i < s->loads; i++) {
			const int64_t from = s->load[i];
			if (from < r->operands)
				regs->at[from] = gk_load(&r->operand[from], first + column, n, size, regs->own[from]);
			else
				regs->at[from] = (const uint32_t *)slots + (from - r->operands) * j->slot + column;
		}
		j->tiles->steps(s->step, s->steps, n, regs->at, regs->own);
		for (int64_t i = 0; i < s->stores; i++) {
			const uint32_t *from = regs->at[s->store[i] & 0xffff];
			const int64_t to = s->store[i] >> 16;
			if (to < r->results)
				gk_store(&r->result[to], from, first + column, n);
			else
				memcpy(slots + (to - r->results) * j->slot + column, from, n * sizeof *from);
		}
		for (int64_t i = 0; i < s->reductions; i++) {
			const int64_t v = s->reduction[i];
			j->tiles->reduce((gk_reduction)(v >> 16 & 0xffff), (const float *)regs->at[v & 0xffff], n, column, &sums[i]);
		}
	}
	const int64_t block = min64(GK_BLOCK, div_up(r->columns, GK_MAX_LANES) * GK_MAX_LANES);
	for (int64_t i = 0; i < s->reductions; i++) {
		const int64_t v = s->reduction[i];
		fill(regs, v >> 32, reduced((gk_reduction)(v >> 16 & 0xffff), &sums[i], j->tiles->lanes), block);
	}
}

static void part(void *data, int64_t at) {
	rows_job *j = data;
	const gk_rows *r = j->r;
	gk_scratch *scratch = r->slots ? gk_scratch_take(r->slots * j->slot) : NULL;
	if (r->slots && !scratch) {
		__atomic_store_n(&j->failed, 1, __ATOMIC_RELAXED);
		return;
	}
	registers regs;
	for (int i = 0; i < GK_REGISTERS; i++) regs.at[i] = regs.own[i];
	const int64_t block = min64(GK_BLOCK, div_up(r->columns, GK_MAX_LANES) * GK_MAX_LANES);
	for (int64_t i = 0; i < r->constants; i++) fill(&regs, r->constant[i] & 0xffffffff, (uint32_t)((uint64_t)r->constant[i] >> 32), block);
	for (int64_t row = at * j->each; row < min64(r->rows, (at + 1) * j->each); row++) {
		for (int64_t i = 0; i < r->operands; i++) {
			const gk_operand *o = &r->operand[i];
			if (of_row(r, o)) fill(&regs, i, gk_one(o, row * r->columns / o->run % o->period), block);
		}
		for (const gk_stage *s = r->stage; s < r->stage + r->stages; s++) {
			j->tiles->steps(s->row_step, s->row_steps, j->tiles->lanes, regs.at, regs.own);
			for (int64_t i = 0; i < s->row_steps; i++) {
				const int64_t to = s->row_step[i] >> 8 & 0xff;
				fill(&regs, to, regs.own[to][0], block);
			}
			if (s->stores + s->reductions > 0) run_stage(j, s, row, scratch ? scratch->floats : NULL, &regs);
		}
		for (int64_t i = 0; i < r->results; i++)
			if (!wide(r, i)) gk_store(&r->result[i], regs.at[r->result[i].from], row, 1);
	}
	if (scratch) gk_scratch_give(scratch);
}

int gk_rows_run(int level, gk_parallel *p, const gk_rows *r) {
	rows_job j = {.r = r, .tiles = gk_tiles_of(level), .each = max64(1, PART / r->columns), .slot = div_up(r->columns, GK_MAX_LANES) * GK_MAX_LANES};
	gk_spread(p, div_up(r->rows, j.each), part, &j, r->rows * r->columns >= WORTH_THREADS);
	return j.failed ? -1 : 0;
}
