"""Functional models of operations on tensors of the types that Keras has beside float32 and int32: halves are computed as halves, small integers are promoted."""

import numpy as np
from keras import layers as L
from keras import ops

from families.operations import record

HALF = ((3, 4), "float16", -9, 9)
BRAIN = ((3, 4), "bfloat16", -9, 9)
SMALL = ((3, 4), "int8", -9, 9)
BYTES = ((3, 4), "uint8", 0, 200)
SHORT = ((3, 4), "int16", -900, 900)
UNSIGNED = ((3, 4), "uint32", 0, 900)
FLAGS = ((3, 4), "bool", 0, 2)
F = ((3, 4), "float32", -2, 2)


def arithmetic(a, b):
    third = np.array([0.3, -0.7, 1.1, 2.3], "float32")
    return [a * 0.37 + 1.1, a * 0.37 * (b * 0.21), ops.mean(a * 0.37, axis=-1), ops.sum(a * 0.37, axis=1), a + third, ops.concatenate([a, b], axis=1), ops.maximum(a * 0.1, 0.33)]


CASES = {
    "halves": ([HALF, HALF], arithmetic),
    "bfloats": ([BRAIN, BRAIN], arithmetic),
    "halves_mixed": ([HALF, BRAIN, F], lambda a, b, c: [a * 0.3 + b, a * 0.3 + c, b * 0.3 * c, ops.stack([a, b * 0.1], axis=1)]),
    "half_functions": (
        [HALF, BRAIN],
        lambda a, b: [f(x * 0.13) for x in (a, b) for f in (ops.relu, ops.abs, ops.round, ops.square)] + [ops.reshape(b, (-1, 12)), ops.transpose(a, (0, 2, 1)), ops.max(b, axis=1)],
    ),
    "half_layers": ([F], lambda a: [L.Dense(3, dtype="mixed_float16", name="half")(a) * 1.7 + 0.3, L.Dense(3, dtype="bfloat16", name="brain")(a) / 3]),
    "small_ints": ([SMALL, SHORT, BYTES, UNSIGNED, FLAGS], lambda a, b, c, d, e: [a + b, a + c, b * 2, c + d, a + e, c + 1, ops.sum(a, axis=1), ops.sum(c, axis=1), ops.mean(b, axis=1), a * 0.5, e * 2.0, ops.maximum(a, c)]),
    "bytes_multiplied": ([SMALL, BYTES], lambda a, b: [ops.matmul(a, ops.transpose(a, (0, 2, 1))), ops.einsum("abc,adc->abd", a, a), ops.matmul(a, ops.transpose(b, (0, 2, 1))), ops.negative(b)]),
    "wide_ints": ([((3, 4), "int64", -99, 99)], lambda a: [ops.sum(a, axis=1), ops.prod(a, axis=2), ops.deg2rad(a), ops.multi_hot(a[:, :, 0], 5), ops.cumsum(a, axis=1), ops.max(a, axis=1), ops.mean(a, axis=2)]),
    "signals64": ([((8,), "float64", -9, 9), ((8,), "float64", -9, 9)], lambda a, b: [*ops.fft((a, b)), *ops.rfft(a), ops.irfft((a, b))]),
}  # fmt: skip


def cases():
    return record(CASES)
