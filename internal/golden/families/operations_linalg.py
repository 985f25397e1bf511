"""Functional models of linear algebra, and of what puts windows together."""

import numpy as np
from keras import ops

from families.operations import record

F = "float32"
SQUARE = ((3, 3), F, -2, 2)
ONE = ((4, 4), F, -2, 2)
TALL = ((4, 3), F, -2, 2)
WIDE = ((2, 4), F, -2, 2)
RIGHT = ((3, 2), F, -2, 2)
UNIT3 = np.eye(3, dtype=F)


def definite(a):
    return ops.matmul(a, ops.transpose(a, (0, 2, 1))) + UNIT3


CASES = {
    "cholesky": ([SQUARE], lambda a: [ops.cholesky(definite(a)), ops.cholesky(definite(a), upper=True), ops.cholesky_inverse(ops.cholesky(definite(a)[0])), ops.cholesky_inverse(ops.cholesky(definite(a)[1], upper=True), upper=True)]),
    "determinants": ([SQUARE, ONE], lambda a, b: [ops.det(a), ops.det(b), ops.slogdet(b), ops.logdet(a), ops.det(a[:, :1, :1]), ops.det(a[0])]),
    "inverses": ([SQUARE, RIGHT], lambda a, b: [ops.inv(a), ops.solve(a, b), ops.solve(a[0], b[0, :, 0]), ops.solve(a[1], b[1])]),
    "triangular": ([SQUARE, RIGHT], lambda a, b: [ops.solve_triangular(a + 3 * UNIT3, b), ops.solve_triangular(a + 3 * UNIT3, b, lower=True), ops.solve_triangular(a + 3 * UNIT3, b[:, :, 0])]),
    "lu": ([SQUARE, ONE], lambda a, b: [*ops.lu_factor(a), *ops.lu_factor(b)]),
    "qr": ([SQUARE, TALL], lambda a, b: [*ops.qr(a), *ops.qr(b), *ops.qr(b[0])]),
    "qr_without_derivative": ([TALL, WIDE], lambda a, b: [ops.stop_gradient(y) for y in (*ops.qr(ops.stop_gradient(a), mode="complete"), *ops.qr(ops.stop_gradient(b)), *ops.qr(ops.stop_gradient(b), mode="complete"))]),
    "cdist": ([TALL, RIGHT], lambda a, b: [ops.cdist(a, ops.transpose(b, (0, 2, 1))), ops.cdist(a, ops.cast(a[0, 1:] * 3, "int32"))]),
    "fold": (
        [((12, 6), F, -2, 2)],
        lambda a: [ops.fold(a, (3, 4), (2, 2)), ops.fold(a, (4, 5), (2, 2), dilation=2), ops.fold(a[:, :, :4], (3, 4), 2, stride=(2, 3), padding=(1, 1))],
    ),
}  # fmt: skip


def cases():
    return record(CASES)
