"""Functional models of singular values, eigenvalues and what is made of them, and of CTC. The signs of vectors are a library's, so that models make of
them what has none."""

import numpy as np
from keras import ops

from families.operations import record

F = "float32"
SQUARE = ((4, 4), F, -2, 2)
ODD = ((3, 3), F, -2, 2)
TALL = ((5, 3), F, -2, 2)
WIDE = ((2, 4), F, -2, 2)
LENGTHS = {"target": ((4,), "int32", 1, 4), "output": ((6, 4), F, -2, 2), "labels": ((), "int32", 0, 5), "steps": ((), "int32", 3, 8)}


def values(u, s, vh):
    """What u and vh have whatever their signs."""
    return [u * u, s, vh * vh, ops.matmul(u * ops.expand_dims(s, -2), vh)]


def beyond(x, k):
    """What the rows of x after k span."""
    rest = x[:, k:]
    return ops.matmul(ops.transpose(rest, (0, 2, 1)), rest)


def complete(a, rows):
    u, s, vh = ops.svd(ops.stop_gradient(a))
    k = s.shape[-1]
    span = beyond(ops.transpose(u, (0, 2, 1)), k) if rows else beyond(vh, k)
    return [ops.stop_gradient(span), s]


def flat(a):
    """A matrix (5, 3) of rank 2."""
    return ops.concatenate([a[:, :, :2], a[:, :, :1] - 2 * a[:, :, 1:2]], axis=-1)


def beams(*args, **kwargs):
    """What a beam search finds, which is asked for no gradients."""
    return [ops.stop_gradient(x) for x in ops.ctc_decode(*args, strategy="beam_search", **kwargs)]


CASES = {
    "svd": ([SQUARE, TALL, WIDE], lambda a, b, c: [*values(*ops.svd(a)), *values(*ops.svd(b, full_matrices=False)), *values(*ops.svd(c, full_matrices=False)), ops.svd(b, compute_uv=False)]),
    "svd_complete": ([TALL, WIDE], lambda a, b: [*complete(a, True), *complete(b, False), ops.svd(ops.zeros_like(a), compute_uv=False), ops.svd(a[:, :, :1], compute_uv=False), ops.svd(a[0] * 1e-25, compute_uv=False)]),
    "eigh": ([SQUARE, ODD], lambda a, b: [y for x in (a + np.diag([0, 5, 10, 15]).astype(F), b + np.diag([9, 0, 4]).astype(F), b[0, :1, :1]) for w, v in [ops.eigh(x)] for y in (w, v * v)] + [ops.eigh(ops.stop_gradient(ops.matmul(ops.swapaxes(a, 1, 2), a)))[0]]),
    "pinv": ([TALL, WIDE], lambda a, b: [ops.pinv(a), ops.pinv(b), ops.pinv(a, rcond=0.5), ops.pinv(ops.stop_gradient(flat(a)))]),
    "matrix_rank": ([TALL, WIDE], lambda a, b: [ops.matrix_rank(a), ops.matrix_rank(flat(a)), ops.matrix_rank(b, tol=2.0), ops.matrix_rank(a[0])]),
    "lstsq": ([TALL, WIDE], lambda a, b: [ops.lstsq(a[0], a[1, :, :2]), ops.lstsq(a[0], a[1, :, 0]), ops.lstsq(b[0], b[1]), ops.lstsq(b[0], b[1], rcond=0.9), ops.lstsq(ops.stop_gradient(flat(a)[1]), a[0])]),
    "ctc_loss": (list(LENGTHS.values()), lambda t, o, labels, steps: [ops.ctc_loss(t, o, labels, steps), ops.ctc_loss(t, o[:, 2:], labels, steps), ops.ctc_loss(t - 1, o, labels, steps - 1, mask_index=3)]),
    "ctc_decode": (
        [LENGTHS["output"], LENGTHS["steps"]],
        lambda o, steps: [*ops.ctc_decode(o, steps), *ops.ctc_decode(o, steps - 2, merge_repeated=False), *ops.ctc_decode(o, steps, mask_index=None), *ops.ctc_decode(ops.round(o), steps - 1, mask_index=2)],
    ),
    "ctc_beams": (
        [LENGTHS["output"], LENGTHS["steps"]],
        lambda o, steps: [
            x
            for x in (
                beams(o, steps), beams(o * 3, steps - 2, beam_width=3, top_paths=3), beams(o, steps, mask_index=None, beam_width=7, top_paths=9), beams(ops.round(o), steps - 3, mask_index=2, beam_width=5, top_paths=5),
                beams(o[:, :2], steps - 6, beam_width=4, top_paths=6, mask_index=1), beams(o[:, :1], steps, beam_width=2, top_paths=2), beams(o * 0, steps, beam_width=6, top_paths=6, mask_index=1),
                beams(o, steps, beam_width=1, merge_repeated=False), beams(ops.round(o), steps, beam_width=2, top_paths=4),
            )
            for x in x
        ],
    ),
    "ctc_beams_long": ([((40, 6), F, -3, 3), ((), "int32", 30, 42)], lambda o, steps: [*beams(o, steps, beam_width=10, top_paths=4), *beams(ops.round(o), steps, beam_width=8, top_paths=8, mask_index=3)]),
}  # fmt: skip


def cases():
    return record(CASES)
