// Steps of small programs on blocks of values, see elementwise.h. Included by conv_tiles.h.

// e^x of any x; results below the normal numbers are 0.
static inline __attribute__((always_inline)) NAME(vec) NAME(exponential_of)(NAME(vec) x) {
	const NAME(vec) least = -0x1.5d589ep+6f - (NAME(vec)){}, most = 0x1.62e42ep+6f - (NAME(vec)){};
	NAME(vec) scale, part = NAME(exponential)(NAME(choose)(x > most, most, NAME(choose)(x < least, least, x)), &scale); // keeps NaN
	// 2^128 is no float: of large x, half the scale twice.
	const NAME(bits) large = x > 1;
	scale = (NAME(vec))((NAME(bits))scale - (large & 0x00800000));
	NAME(vec) e = scale * part + scale;
	e += (NAME(vec))((NAME(bits))e & large);
	e = (NAME(vec))((NAME(bits))e & ~(x < least));
	return NAME(choose)(x > most, __builtin_inff() - (NAME(vec)){}, e);
}

// log x. What is below the normal numbers counts as the least of them, but 0.
static inline __attribute__((always_inline)) NAME(vec) NAME(log)(NAME(vec) x) {
	const NAME(vec) least = 0x1p-126f - (NAME(vec)){};
	const NAME(bits) from = (NAME(bits))NAME(choose)(x < least, least, x);
	// x is m·2^e, m being from √½ on below √2.
	const NAME(bits) e = (from - 0x3f3504f3) >> 23;
	const NAME(vec) z = (NAME(vec))(from - (e << 23)) - 1, exponent = __builtin_convertvector(e, NAME(vec));
	// Fitted: (log(1 + z) - z + z²/2) / z³. The error of the whole is below one unit of the last place.
	NAME(vec) p = z * 0x1.1b40e4p-4f - 0x1.e2e918p-4f;
	p = p * z + 0x1.e6512ep-4f;
	p = p * z - 0x1.fb434ep-4f;
	p = p * z + 0x1.2332b8p-3f;
	p = p * z - 0x1.5562e2p-3f;
	p = p * z + 0x1.99a546p-3f;
	p = p * z - 0x1.ffffeep-3f;
	p = p * z + 0x1.555546p-2f;
	// log 2 in two parts, of which the first is exact times any exponent.
	p = p * z * z * z - exponent * 0x1.bd0106p-13f - z * z * 0.5f;
	NAME(vec) y = z + p + exponent * 0x1.63p-1f;
	y = NAME(choose)((x > 0x1.fffffep+127f) | (x != x), x, y);
	y = NAME(choose)(x < 0, __builtin_nanf("") - (NAME(vec)){}, y);
	return NAME(choose)(x == 0, -__builtin_inff() - (NAME(vec)){}, y);
}

// The polynomials were fitted: up to 1 one of x² that is erf(x) / x, above one of 1 / (1 + x) that is erfc(x)·e^x². Errors are below 2e-7 of the result.
static inline __attribute__((always_inline)) NAME(vec) NAME(erf)(NAME(vec) x) {
	const NAME(bits) sign = (NAME(bits))x & (int32_t)0x80000000;
	NAME(vec) size = (NAME(vec))((NAME(bits))x ^ sign);
	const NAME(vec) most = 4 - (NAME(vec)){};
	const NAME(vec) u = x * x;
	NAME(vec) p = u * 0x1.4a9dacp-14f - 0x1.a46b4p-11f;
	p = p * u + 0x1.541636p-8f;
	p = p * u - 0x1.b7fb38p-6f;
	p = p * u + 0x1.ce2d18p-4f;
	p = p * u - 0x1.81273ep-2f;
	p = p * u + 0x1.20dd74p+0f;
	size = NAME(choose)(size > most, most, size); // keeps NaN
	const NAME(vec) t = 1 / (1 + size);
	NAME(vec) q = t * 0x1.1766eap-1f - 0x1.2ee34cp+0f;
	q = q * t + 0x1.276776p-1f;
	q = q * t + 0x1.06458ep-1f;
	q = q * t + 0x1.234c78p-1f;
	q = q * t - 0x1.71d5f6p-13f;
	NAME(vec) scale, part = NAME(exponential)(-(size * size), &scale);
	const NAME(vec) large = (NAME(vec))((NAME(bits))(1 - q * (scale * part + scale)) | sign);
	return NAME(choose)(size <= 1, x * p, large);
}

// n is rounded up to whole vectors: registers hold them.
static void NAME(steps)(const int64_t *step, int64_t count, int64_t n, const uint32_t **registers, uint32_t (*own)[GK_BLOCK]) {
	for (int64_t at = 0; at < count; at++) {
		const uint64_t s = step[at];
		const int to = s >> 8 & 0xff;
		uint32_t *out = own[to];
		if ((s & 0xff) == GK_CONSTANT) {
			const NAME(words) value = (uint32_t)(s >> 32) - (NAME(words)){};
			for (int64_t i = 0; i < n; i += LANES) *(NAME(words) *)(out + i) = value;
			registers[to] = out;
			continue;
		}
		const uint32_t *in[3] = {registers[s >> 16 & 0xff], registers[s >> 24 & 0xff], registers[s >> 32 & 0xff]};
		registers[to] = out;
#define EACH(operation, result) \
	case operation: \
		for (int64_t i = 0; i < n; i += LANES) *(NAME(words) *)(out + i) = (NAME(words))(result); \
		break;
#define F(k) (*(const NAME(vec) *)(in[k] + i))
#define I(k) (*(const NAME(bits) *)(in[k] + i))
#define U(k) (*(const NAME(words) *)(in[k] + i))
		switch ((gk_operation)(s & 0xff)) {
			EACH(GK_ADD, F(0) + F(1))
			EACH(GK_SUBTRACT, F(0) - F(1))
			EACH(GK_MULTIPLY, F(0) * F(1))
			EACH(GK_DIVIDE, F(0) / F(1))
			EACH(GK_MAXIMUM, NAME(choose)((F(0) > F(1)) | (F(0) != F(0)), F(0), F(1)))
			EACH(GK_MINIMUM, NAME(choose)((F(0) < F(1)) | (F(0) != F(0)), F(0), F(1)))
			EACH(GK_NEGATE, U(0) ^ 0x80000000u)
			EACH(GK_ABS, U(0) & 0x7fffffffu)
			EACH(GK_SQRT, SQUARE_ROOT(F(0)))
			EACH(GK_RSQRT, 1 / SQUARE_ROOT(F(0)))
			EACH(GK_EXPONENTIAL, NAME(exponential_of)(F(0)))
			EACH(GK_LOG, NAME(log)(F(0)))
			EACH(GK_LOGISTIC, NAME(sigmoid)(F(0)))
			EACH(GK_TANH, NAME(tanh)(F(0)))
			EACH(GK_ERF, NAME(erf)(F(0)))
			EACH(GK_EQ, F(0) == F(1))
			EACH(GK_NE, F(0) != F(1))
			EACH(GK_LT, F(0) < F(1))
			EACH(GK_LE, F(0) <= F(1))
			EACH(GK_GT, F(0) > F(1))
			EACH(GK_GE, F(0) >= F(1))
			EACH(GK_INT_ADD, U(0) + U(1))
			EACH(GK_INT_SUBTRACT, U(0) - U(1))
			EACH(GK_INT_MULTIPLY, U(0) * U(1))
			EACH(GK_INT_MAXIMUM, (I(0) & (I(0) > I(1))) | (I(1) & (I(0) <= I(1))))
			EACH(GK_INT_MINIMUM, (I(0) & (I(0) < I(1))) | (I(1) & (I(0) >= I(1))))
			EACH(GK_INT_NEGATE, -U(0))
			EACH(GK_INT_EQ, I(0) == I(1))
			EACH(GK_INT_NE, I(0) != I(1))
			EACH(GK_INT_LT, I(0) < I(1))
			EACH(GK_INT_LE, I(0) <= I(1))
			EACH(GK_INT_GT, I(0) > I(1))
			EACH(GK_INT_GE, I(0) >= I(1))
			EACH(GK_AND, U(0) & U(1))
			EACH(GK_OR, U(0) | U(1))
			EACH(GK_XOR, U(0) ^ U(1))
			EACH(GK_NOT, ~U(0))
			EACH(GK_SELECT, (U(1) & U(0)) | (U(2) & ~U(0)))
			EACH(GK_FLOAT_OF_INT, __builtin_convertvector(I(0), NAME(vec)))
			EACH(GK_FLOAT_OF_TRUTH, U(0) & 0x3f800000u)
			EACH(GK_INT_OF_TRUTH, U(0) & 1)
		case GK_CONSTANT:
		case GK_OPERATIONS:;
		}
#undef EACH
#undef F
#undef I
#undef U
	}
}
