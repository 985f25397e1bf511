//go:build cgo && linux && amd64

#include "elementwise.h"

#include <string.h>

#include "tiles.h"

enum {
	PART = 8,                // blocks that a thread takes at once
	WORTH_THREADS = 1 << 17, // values times steps
};

int gk_step_sound(int64_t step) {
	const uint64_t s = step;
	if ((s & 0xff) >= GK_OPERATIONS || (s >> 8 & 0xff) >= GK_REGISTERS) return 0;
	return (s & 0xff) == GK_CONSTANT || ((s >> 16 & 0xff) < GK_REGISTERS && (s >> 24 & 0xff) < GK_REGISTERS && s >> 32 < GK_REGISTERS);
}

int gk_elementwise_sound(const gk_elementwise *e) {
	if (e->size < 1 || e->operands < 0 || e->operands > GK_ARRAYS || e->results < 1 || e->results > GK_ARRAYS || e->steps < 1) return 0;
	for (int64_t i = 0; i < e->operands; i++)
		if (e->operand[i].run < 1 || e->operand[i].period < 1) return 0;
	for (int64_t i = 0; i < e->results; i++)
		if (e->result[i].from < 0 || e->result[i].from >= GK_REGISTERS) return 0;
	for (int64_t i = 0; i < e->steps; i++)
		if (!gk_step_sound(e->step[i])) return 0;
	return 1;
}

uint32_t gk_one(const gk_operand *o, int64_t i) {
	if (o->truths) return -(uint32_t)(((const uint8_t *)o->data)[i] != 0);
	return ((const uint32_t *)o->data)[i];
}

const uint32_t *gk_load(const gk_operand *o, int64_t at, int64_t n, int64_t size, uint32_t *to) {
	if (n % GK_MAX_LANES == 0 && o->run == 1 && o->period == size && !o->truths) return (const uint32_t *)o->data + at;
	int64_t within = at % o->run, i = at / o->run % o->period;
	for (int64_t done = 0, some; done < n; done += some) {
		if (o->run > 1 || o->period == 1) {
			const uint32_t value = gk_one(o, i);
			some = o->period == 1 ? n : min64(n - done, o->run - within);
			for (int64_t k = 0; k < some; k++) to[done + k] = value;
			within = 0, i = i + 1 < o->period ? i + 1 : 0;
			continue;
		}
		some = min64(n - done, o->period - i);
		if (o->truths)
			for (int64_t k = 0; k < some; k++) to[done + k] = gk_one(o, i + k);
		else
			memcpy(to + done, (const uint32_t *)o->data + i, some * sizeof *to);
		i = 0;
	}
	return to;
}

void gk_store(const gk_result *r, const uint32_t *from, int64_t at, int64_t n) {
	if (r->truths)
		for (int64_t i = 0; i < n; i++) ((uint8_t *)r->data)[at + i] = from[i] & 1;
	else
		memcpy((uint32_t *)r->data + at, from, n * sizeof *from);
}

typedef struct {
	const gk_elementwise *e;
	const gk_tiles *tiles;
} elementwise_job;

static void part(void *data, int64_t at) {
	const elementwise_job *j = data;
	const gk_elementwise *e = j->e;
	uint32_t own[GK_REGISTERS][GK_BLOCK] __attribute__((aligned(64)));
	const uint32_t *registers[GK_REGISTERS];
	for (int i = 0; i < GK_REGISTERS; i++) registers[i] = own[i];
	const int64_t end = min64(e->size, (at + 1) * PART * GK_BLOCK);
	for (int64_t first = at * PART * GK_BLOCK, n; first < end; first += n) {
		n = min64(GK_BLOCK, end - first);
		for (int64_t i = 0; i < e->operands; i++) registers[i] = gk_load(&e->operand[i], first, n, e->size, own[i]);
		j->tiles->steps(e->step, e->steps, n, registers, own);
		for (int64_t i = 0; i < e->results; i++) gk_store(&e->result[i], registers[e->result[i].from], first, n);
	}
}

void gk_elementwise_run(int level, gk_parallel *p, const gk_elementwise *e) {
	elementwise_job j = {e, gk_tiles_of(level)};
	gk_spread(p, div_up(e->size, PART * GK_BLOCK), part, &j, e->size * e->steps >= WORTH_THREADS);
}
