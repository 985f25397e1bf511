"""Functional models of several operations each: sorting, quantiles, what leaves NaN out or passes it on, picking and scattering."""

import numpy as np
from keras import ops

from families.operations import record

F = "float32"
A = ((3, 4), F, -2, 2)
INTS = ((3, 4), "int32", -4, 5)
COUNTS = ((4,), "int32", 0, 3)
ROWS = np.array([[0.5, -1.0, 2.0, 0.25], [1.5, 0.0, -0.5, 3.0]], F)


def holes(a):
    """Makes NaN of what is below -1."""
    return ops.log(a + 1)


CASES = {
    "sorts": ([A], lambda a: [ops.sort(a), ops.sort(a, axis=1), ops.sort(a, axis=None)]),
    "argsorts": ([A, INTS], lambda a, b: [ops.argsort(a), ops.argsort(b, axis=1), ops.argsort(b, axis=None), ops.argpartition(b, 1), ops.sort(a > 0)]),
    "top_k": ([A, INTS], lambda a, b: [*ops.top_k(a, 2), *ops.top_k(b, 3, sorted=False)]),
    "in_top_k": ([COUNTS, ((4, 3), F, -2, 2)], lambda i, a: [ops.in_top_k(i, a, 1), ops.in_top_k(i, a, k=2)]),
    # An axis is given as a tuple: Keras 3.15 on JAX can't run the list that it makes of a number.
    "quantiles": (
        [A],
        lambda a: [
            ops.median(a), ops.median(a, axis=-1, keepdims=True), ops.median(a, axis=[1, 2]), ops.quantile(a, 0.3, axis=(1,)),
            ops.quantile(a, np.array([0.1, 0.5, 0.95], F), axis=(1, 2), keepdims=True), ops.percentile(a, np.array([20.0, 80.0], F), axis=2),
            *[ops.quantile(a, 0.4, axis=(2,), method=m) for m in ("lower", "higher", "midpoint", "nearest")],
        ],
    ),
    "nan_quantiles": (
        [A],
        lambda a: [ops.nanmedian(holes(a), axis=2), ops.nanquantile(holes(a), np.array([0.2, 0.7], F), axis=1), ops.nanpercentile(holes(a), 30.0, axis=(1, 2), keepdims=True)],
    ),
    "nan_reductions": (
        [A],
        lambda a: [
            ops.nansum(holes(a), axis=1), ops.nanprod(holes(a), axis=2, keepdims=True), ops.nanmean(holes(a), axis=(1, 2)), ops.nanvar(holes(a), axis=2),
            ops.nanstd(holes(a)), ops.nanmax(holes(a), axis=1), ops.nanmin(holes(a), axis=2), ops.nancumsum(holes(a), axis=1), ops.nancumprod(holes(a), axis=2),
        ],
    ),
    "nan_passed_on": (
        [A, A],
        lambda a, b: [
            f(ops.stop_gradient(holes(a)), ops.stop_gradient(b))
            for f in (
                ops.maximum, ops.minimum, lambda a, b: ops.maximum(b, a), lambda a, b: ops.minimum(b, a), lambda a, b: ops.max(a, axis=1), lambda a, b: ops.min(a, axis=2), lambda a, b: ops.amax(a),
                lambda a, b: ops.clip(a, -0.5, 0.5), lambda a, b: ops.relu6(a), lambda a, b: ops.hard_sigmoid(a), lambda a, b: ops.max_pool(a, 2, 1), lambda a, b: ops.logsumexp(a, axis=1),
                lambda a, b: ops.argmax(a, axis=2),
            )
        ],
    ),
    "nan_arguments": ([A], lambda a: [ops.nanargmax(holes(a), axis=2), ops.nanargmin(holes(a), axis=1, keepdims=True), ops.nanargmax(holes(a))]),
    "searching": (
        [A, INTS],
        lambda a, b: [
            ops.searchsorted(np.array([-1.0, 0.0, 0.0, 1.0], F), a), ops.searchsorted(np.array([-2, 0, 0, 3]), b, side="right"),
            ops.digitize(a, np.array([-1.0, 0.0, 1.5], F)), ops.digitize(b, np.array([3, 0, -2])), ops.isin(b, np.array([1, -3])), ops.isin(b, np.array([1, -3]), invert=True),
        ],
    ),
    "take_along": (
        [A, ((3, 2), "int32", -4, 4), ((1, 4), "int32", 0, 3)],
        lambda a, i, j: [ops.take_along_axis(a, i, axis=-1), ops.take_along_axis(a, j, axis=1), ops.take_along_axis(a, np.array([3, 0, 3]), axis=None)],
    ),
    "scatters": (
        [A, ((4,), "int32", 0, 5)],
        lambda a, i: [
            ops.scatter(ops.expand_dims(i, -1), a[:, 0], (5,)), ops.scatter(ops.expand_dims(ops.ravel(i), -1), ops.reshape(a, (8, 3)), (5, 3)),
            ops.scatter_update(ops.reshape(a, (-1, 4)), np.array([[0, 1], [2, 3], [0, 1]]), np.array([1.0, 2.0, 3.0], F), reduction="add"),
            ops.scatter_update(ops.reshape(a, (-1, 4)), np.array([[1], [3]]), ROWS), ops.scatter_update(ops.reshape(a, (-1, 4)), np.array([[1], [3]]), ROWS, reduction="mul"),
            ops.slice_update(a, [0, 1, 2], a[:, :2, :1] * 2), ops.slice_update(a, [0, 2, 2], a[:, :2, :3] * 3),
        ],
    ),
    "scatter_extremes": (
        [A],
        lambda a: [ops.scatter_update(ops.stop_gradient(ops.reshape(a, (-1, 4))), np.array([[1], [1]]), ROWS, reduction=r) for r in ("max", "min")],
    ),
    "segments": (
        [A],
        lambda a: [
            ops.segment_sum(ops.reshape(a, (12, 2)), np.array([0, 2, 2, 0, 1, 5, -1, 1, 1, 0, 0, 2]), num_segments=4),
            ops.segment_max(ops.stop_gradient(ops.reshape(a, (6, 4))), np.array([0, 2, 2, 0, 0, 2]), num_segments=4),
            ops.segment_min(ops.stop_gradient(ops.reshape(a, (6, 4))), np.array([0, 0, 1, 1, 2, 2]), num_segments=3, sorted=True),
            ops.segment_prod(ops.stop_gradient(ops.reshape(a, (6, 4))), np.array([0, 2, 2, 0, 0, 2]), num_segments=3),
        ],
    ),
    "unravel": ([((4,), "int32", 0, 12)], lambda i: list(ops.unravel_index(i, (3, 4)))),
}  # fmt: skip


def cases():
    return record(CASES)
