"""Functional models of operations in ways that are met less often: every mode of padding, norms of matrices, sums over diagonals, geometric spaces."""

import numpy as np
from keras import ops

from families.operations import record

F = "float32"
A = ((3, 4), F, -2, 2)
INTS = ((3, 4), "int32", -9, 9)
MODES = ("edge", "empty", "linear_ramp", "maximum", "mean", "median", "minimum", "reflect", "symmetric", "wrap")

CASES = {
    "paddings": ([A], lambda a: [ops.pad(a, ((0, 0), (2, 1), (0, 3)), mode) for mode in MODES]),
    "paddings_far": ([A], lambda a: [ops.pad(a, ((0, 0), (7, 0), (1, 9)), mode) for mode in ("reflect", "symmetric", "wrap")] + [ops.pad(a[:, :1], ((0, 0), (2, 1), (0, 0)), "reflect")]),
    "paddings_ints": ([INTS], lambda a: [ops.pad(a, ((0, 0), (2, 3), (0, 1)), mode) for mode in MODES]),
    "matrix_norms": ([((3, 4), F, -2, 2)], lambda a: [ops.norm(a, ord, axis=(1, 2)) for ord in (1, -1, 2, -2, "nuc", "fro")]),
    "matrix_norms_axes": ([((3, 2, 3), F, -2, 2)], lambda a: [ops.norm(a, ord, axis=(3, 1), keepdims=keep) for ord, keep in ((1, True), (-1, False), ("nuc", True), (2, False))]),
    "einsum_diagonals": (
        [((3, 3), F, -2, 2), ((3, 3), F, -2, 2)],
        lambda a, b: [ops.einsum("bii->bi", a), ops.einsum("bii->b", a), ops.einsum("bii,bij->bj", a, b), ops.einsum("bij,bjj->bi", a, b), ops.einsum("...ii->...i", a)],
    ),
    "einsum_stretched": ([((1, 2, 3), F, -2, 2), ((4, 3, 2), F, -2, 2)], lambda a, b: [ops.einsum("...ij,...jk->...ik", a, b), ops.einsum("...ij,...jk->ik...", b, a), ops.einsum("...ij,...ij->...i", a, ops.swapaxes(b, 2, 3))]),
    "geomspaces": (
        [((3,), F, 0.5, 4), ((3,), F, 5, 9)],
        lambda a, b: [ops.geomspace(a, b, 4), ops.geomspace(a, 20.0, 3, endpoint=False, axis=-1), ops.geomspace(-a, -b, 2, axis=1), ops.geomspace(a, b, 3, dtype="int32")],
    ),
}  # fmt: skip


def cases():
    return record(CASES)
