// Recurrent layers: all steps of a sequence, there and back.

#ifndef GOKERAS_RNN_H
#define GOKERAS_RNN_H

#include "parallel.h"

// The layers, with tanh for the candidate and the output, and sigmoid for the other gates. Gates lie beside each other: LSTM's are i, f, c, o, GRU's z, r, h.
enum { GK_SIMPLE_RNN, GK_LSTM, GK_GRU, GK_RNNS };
enum { GK_RNN_LAYERS = 2 };

static inline int64_t gk_rnn_gates(int kind) { return kind == GK_LSTM ? 4 : kind == GK_GRU ? 3 : 1; }

// A layer's geometry. Sequences are (steps, batch, …); masked steps, where the mask (steps, batch) is 0, leave the states as they were. In reverse the
// last step comes first.
typedef struct {
	int kind;
	int64_t steps, batch, units;
	int reverse;
	const float *kernel; // (units, gates·units)
	const uint8_t *mask; // or NULL
} gk_rnn;

// What a layer computes. Products are h · kernel + x for SimpleRNN and LSTM, h · kernel + bias for GRU, which resets after it. Results may be NULL.
typedef struct {
	const float *x;    // (steps, batch, gates·units)
	const float *bias; // (gates·units) of a GRU, or NULL
	const float *h, *c; // (batch, units), before the first step; c of an LSTM
	float *last_h, *last_c;
	float *outputs;  // (steps, batch, units)
	float *products; // (steps, batch, gates·units)
	float *carries;  // (steps, batch, units), c before each step
} gk_rnn_values;

// Its gradient: from those for the last states and the outputs, NULL if these are zeros, to those for the first states, x and a GRU's products; for the
// others the latter are x's.
typedef struct {
	const float *x;       // of a GRU
	const float *products;
	const float *h; // (steps, batch, units) before each step, of a GRU
	const float *c; // (steps, batch, units) before each step, of an LSTM
	const float *d_last_h, *d_last_c, *d_outputs;
	float *dh, *dc, *dx, *d_products;
} gk_rnn_gradients;

// Layers side by side, at most GK_RNN_LAYERS, are alike but for the order of their steps. Both return 0, or -1 where memory is lacking. The order of their sums doesn't depend on the number of threads.
int gk_rnn_forward(int level, gk_parallel *p, int layers, const gk_rnn *r, const gk_rnn_values *v);
int gk_rnn_gradient(int level, gk_parallel *p, const gk_rnn *r, const gk_rnn_gradients *g);

#endif
