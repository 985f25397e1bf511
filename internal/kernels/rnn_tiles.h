// The innermost loops of recurrent layers, for one width of vectors; conv_tiles.h includes it after product_tiles.h.

static inline __attribute__((always_inline)) NAME(vec) NAME(choose)(NAME(bits) which, NAME(vec) x, NAME(vec) y) {
	return (NAME(vec))(((NAME(bits))x & which) | ((NAME(bits))y & ~which));
}

// e^x - 1 = scale·part + (scale - 1), with part = e^r - 1 for x = n·ln 2 + r and scale = 2^n, for -87 ≤ x ≤ 87. The relative error of part is below 1e-7.
static inline __attribute__((always_inline)) NAME(vec) NAME(exponential)(NAME(vec) x, NAME(vec) *scale) {
	const NAME(vec) n = x * 0x1.715476p0f + 0x1.8p23f, whole = n - 0x1.8p23f;
	const NAME(vec) r = x - whole * 0x1.62e4p-1f - whole * 0x1.7f7d1cp-20f;
	*scale = (NAME(vec))(((NAME(bits))n << 23) + 0x3f800000);
	NAME(vec) p = r * (1.f / 5040) + 1.f / 720;
	p = p * r + 1.f / 120;
	p = p * r + 1.f / 24;
	p = p * r + 1.f / 6;
	p = p * r + .5f;
	return p * (r * r) + r;
}

static inline __attribute__((always_inline)) NAME(vec) NAME(sigmoid)(NAME(vec) x) {
	const NAME(vec) most = 87 - (NAME(vec)){};
	x = NAME(choose)(x > most, most, NAME(choose)(x < -most, -most, x)); // keeps NaN
	NAME(vec) scale, part = NAME(exponential)(-x, &scale);
	return 1 / (1 + (scale * part + scale));
}

static inline __attribute__((always_inline)) NAME(vec) NAME(tanh)(NAME(vec) x) {
	const NAME(bits) sign = (NAME(bits))x & (int32_t)0x80000000;
	const NAME(vec) most = 10 - (NAME(vec)){}, size = (NAME(vec))((NAME(bits))x ^ sign);
	NAME(vec) scale, part = NAME(exponential)(-2 * NAME(choose)(size > most, most, size), &scale);
	const NAME(vec) e = scale * part + (scale - 1);
	return (NAME(vec))((NAME(bits))(-e / (2 + e)) | sign);
}

static void NAME(simple_rnn)(int64_t units, const gk_rnn_row *r) {
	for (int64_t j = 0; j < units; j += LANES) NAME(give)(r->h_after + j, NAME(tanh)(NAME(take)(r->products + j, units - j)), units - j);
}

static void NAME(simple_rnn_gradient)(int64_t units, const gk_rnn_row *r) {
	for (int64_t j = 0; j < units; j += LANES) {
		const int64_t n = units - j;
		const NAME(vec) h = NAME(tanh)(NAME(take)(r->products + j, n));
		NAME(give)(r->dx + j, NAME(take)(r->dh + j, n) * (1 - h * h), n);
		NAME(give)(r->dh + j, (NAME(vec)){}, n);
	}
}

static void NAME(lstm)(int64_t units, const gk_rnn_row *r) {
	for (int64_t j = 0; j < units; j += LANES) {
		const int64_t n = units - j;
		const float *z = r->products + j;
		const NAME(vec) input = NAME(sigmoid)(NAME(take)(z, n)), forget = NAME(sigmoid)(NAME(take)(z + units, n));
		const NAME(vec) candidate = NAME(tanh)(NAME(take)(z + 2 * units, n)), output = NAME(sigmoid)(NAME(take)(z + 3 * units, n));
		const NAME(vec) c = forget * NAME(take)(r->c + j, n) + input * candidate;
		NAME(give)(r->c_after + j, c, n);
		NAME(give)(r->h_after + j, output * NAME(tanh)(c), n);
	}
}

static void NAME(lstm_gradient)(int64_t units, const gk_rnn_row *r) {
	for (int64_t j = 0; j < units; j += LANES) {
		const int64_t n = units - j;
		const float *z = r->products + j;
		float *dz = r->dx + j;
		const NAME(vec) input = NAME(sigmoid)(NAME(take)(z, n)), forget = NAME(sigmoid)(NAME(take)(z + units, n));
		const NAME(vec) candidate = NAME(tanh)(NAME(take)(z + 2 * units, n)), output = NAME(sigmoid)(NAME(take)(z + 3 * units, n));
		const NAME(vec) before = NAME(take)(r->c + j, n), t = NAME(tanh)(forget * before + input * candidate);
		const NAME(vec) dh = NAME(take)(r->dh + j, n), dc = NAME(take)(r->dc + j, n) + dh * output * (1 - t * t);
		NAME(give)(dz, dc * candidate * input * (1 - input), n);
		NAME(give)(dz + units, dc * before * forget * (1 - forget), n);
		NAME(give)(dz + 2 * units, dc * input * (1 - candidate * candidate), n);
		NAME(give)(dz + 3 * units, dh * t * output * (1 - output), n);
		NAME(give)(r->dc + j, dc * forget, n);
		NAME(give)(r->dh + j, (NAME(vec)){}, n);
	}
}

static void NAME(gru)(int64_t units, const gk_rnn_row *r) {
	for (int64_t j = 0; j < units; j += LANES) {
		const int64_t n = units - j;
		const float *x = r->x + j, *inner = r->products + j;
		const NAME(vec) update = NAME(sigmoid)(NAME(take)(x, n) + NAME(take)(inner, n)), reset = NAME(sigmoid)(NAME(take)(x + units, n) + NAME(take)(inner + units, n));
		const NAME(vec) candidate = NAME(tanh)(NAME(take)(x + 2 * units, n) + reset * NAME(take)(inner + 2 * units, n));
		NAME(give)(r->h_after + j, update * NAME(take)(r->h + j, n) + (1 - update) * candidate, n);
	}
}

static void NAME(gru_gradient)(int64_t units, const gk_rnn_row *r) {
	for (int64_t j = 0; j < units; j += LANES) {
		const int64_t n = units - j;
		const float *x = r->x + j, *inner = r->products + j;
		const NAME(vec) last = NAME(take)(inner + 2 * units, n);
		const NAME(vec) update = NAME(sigmoid)(NAME(take)(x, n) + NAME(take)(inner, n)), reset = NAME(sigmoid)(NAME(take)(x + units, n) + NAME(take)(inner + units, n));
		const NAME(vec) candidate = NAME(tanh)(NAME(take)(x + 2 * units, n) + reset * last);
		const NAME(vec) dh = NAME(take)(r->dh + j, n);
		const NAME(vec) d_candidate = dh * (1 - update) * (1 - candidate * candidate);
		const NAME(vec) d_update = dh * (NAME(take)(r->h + j, n) - candidate) * update * (1 - update), d_reset = d_candidate * last * reset * (1 - reset);
		float *dx = r->dx + j, *d_inner = r->d_products + j;
		NAME(give)(dx, d_update, n), NAME(give)(d_inner, d_update, n);
		NAME(give)(dx + units, d_reset, n), NAME(give)(d_inner + units, d_reset, n);
		NAME(give)(dx + 2 * units, d_candidate, n), NAME(give)(d_inner + 2 * units, d_candidate * reset, n);
		NAME(give)(r->dh + j, dh * update, n);
	}
}
