"""Functional models of calls that Keras's own tests of operations make, and other models didn't hold."""

import numpy as np
from keras import ops

from families.operations import record

F = "float32"
MATRIX = ((4,), F, -2, 2)
SQUARE = ((2,), F, -2, 2)
A = ((3, 4), F, -2, 2)
STARTS = ((3,), "int32", -2, 5)

CASES = {
    # The batch axis is an axis of the matrix.
    "unknown_rows": ([MATRIX, ((3,), F, -2, 2)], lambda a, b: [ops.matrix_rank(a), ops.pinv(a), ops.lstsq(a, b), ops.lstsq(a, b[:, 0])]),
    "unknown_squares": ([SQUARE], lambda a: [ops.logdet(ops.matmul(ops.transpose(a), a) + a * 0), *ops.slogdet(a)]),
    "slices_at": (
        [A, STARTS],
        lambda a, s: [
            ops.slice(a, np.array([0, 1, 1]), (2, 2, 2)), ops.slice(a, np.array([1, 0, 2]), (-1, -1, -1)), ops.slice(a, [1, 2, 3], (2, 2, 2)), ops.slice(a, [-1, -2, 0], (1, 2, 3)),
            ops.slice(a, s[0], (1, 2, 3)), ops.slice(a, [0, s[1, 0], s[1, 1]], (2, 1, 2)),
        ],
    ),
    "slices_updated": ([A, ((2, 2), F, -2, 2), STARTS], lambda a, u, s: [ops.slice_update(a, s[0], u), ops.slice_update(a, s[1], u), ops.slice_update(a, [0, -2, 9], u)]),
    "scattered_int64": ([((4,), "int64", -9, 9), ((3,), "int64", -9, 9)], lambda a, u: ops.scatter_update(a[0], [[0], [2], [3]], u[0])),
    "one_hot_floats": ([((3,), F, -0.5, 3), ((3,), "int32", 0, 4)], lambda a, b: [ops.one_hot(a, 4, axis=1), ops.one_hot(ops.round(a), 4), ops.multi_hot(b, 4, sparse=True)]),
    "crossentropy_axes": ([((4, 3), F, 0.1, 1), ((4, 3), F, 0.1, 1)], lambda a, b: [ops.categorical_crossentropy(a, b, axis=1), ops.categorical_crossentropy(a, b, from_logits=True, axis=1)]),
    "whole_functions": ([((3, 4), "int8", -9, 9), ((3, 4), "uint8", 0, 200), ((3, 4), "int32", -999, 999)], lambda a, b, c: [ops.sign(a), ops.sign(b), ops.sign(c), ops.round(c, -1), ops.round(a, -1), ops.round(b, -2), ops.clip(c, -10, 10), ops.array(a), ops.array(c, dtype="float32"), *ops.meshgrid(a[0, 0], c[0, 0], indexing="ij")]),
    "promised_types": (
        [((3, 4), "int32", -3, 4), ((3, 4), "float64", -3, 4)],
        lambda a, b: [f(a) for f in (ops.gelu, ops.softsign, ops.log_softmax, ops.tanh_shrink, ops.hard_silu)] + [f(b) for f in (ops.softmax, ops.erf, ops.erfinv)],
    ),
}  # fmt: skip


def cases():
    return record(CASES)
