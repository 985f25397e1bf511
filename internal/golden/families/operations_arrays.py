"""Functional models of several operations each: on numbers, bits and types, and what makes arrays of arrays."""

import numpy as np
from keras import ops

from families.operations import record

F = "float32"
A = ((3, 4), F, -2, 2)
B = ((3, 4), F, -2, 2)
ROW = ((5,), F, -2, 2)
UNIT = ((4,), F, -0.95, 0.95)
INTS = ((3, 4), "int32", -4, 5)


def holes(a):
    """Makes NaN of what is below -1."""
    return ops.log(a + 1)


CASES = {
    "bits": (
        [INTS, INTS],
        lambda a, b: [ops.bitwise_and(a, b), ops.bitwise_or(a, b), ops.bitwise_xor(a, np.array([5], "int32")), ops.bitwise_invert(a), ops.bitwise_not(b), ops.bitwise_left_shift(a, 2),
                      ops.left_shift(a, ops.absolute(b)), ops.bitwise_right_shift(a, 1), ops.right_shift(a, ops.absolute(b)), ops.bitwise_and(a > 0, b > 0)],
    ),
    "whole_numbers": ([INTS, INTS], lambda a, b: [ops.gcd(a, b), ops.lcm(a, b), ops.fmod(a, 3), ops.heaviside(a, b), ops.signbit(a), ops.count_nonzero(a, axis=1)]),
    "numbers": (
        [A, B],
        lambda a, b: [ops.fmax(a, b), ops.fmin(a, b), ops.fmod(a, b), ops.heaviside(a, b), ops.logaddexp2(a, b), ops.ldexp(a, ops.cast(b * 3, "int32")), ops.cbrt(a), ops.sinc(a), ops.i0(a), ops.fabs(a)],
    ),
    "erfinv": ([UNIT], lambda a: [ops.erfinv(a), ops.erfc(a), ops.deg2rad(a), ops.rad2deg(a), ops.erfinv(ops.round(a))]),
    "complex_parts": ([A], lambda a: [ops.real(a), ops.imag(a), ops.conj(a), ops.conjugate(a), ops.angle(a), ops.isreal(a), ops.signbit(a), ops.isposinf(a), ops.isneginf(a), ops.empty_like(a)]),
    "closeness": (
        [A],
        lambda a: [ops.isclose(a, ops.round(a, 1)), ops.isclose(a, ops.round(a), rtol=0.1, atol=0.2), ops.isclose(holes(a), holes(a), equal_nan=True), ops.allclose(a, a * 1.000001), ops.allclose(a, a + 1, atol=0.5)],
    ),
    "casts": (
        [((4,), F, -400, 400), ((4,), "int32", -300, 300)],
        lambda a, i: [ops.saturate_cast(a, "uint8"), ops.saturate_cast(i, "int8"), ops.saturate_cast(a * 1e9, "int32"), ops.saturate_cast(i, "float16"), ops.view(a, "int32"), ops.view(i, "int16"), ops.view(ops.view(i, "int16"), "uint32")],
    ),
    "turns": ([A], lambda a: [ops.rot90(a), ops.rot90(a, k=3, axes=(1, 2)), ops.rot90(a, k=2, axes=(2, 1)), ops.fliplr(a), ops.flipud(a)]),
    "stacks": ([((3,), F, -1, 1), ((3,), F, -1, 1)], lambda a, b: [ops.dstack([a, b]), *ops.hsplit(a, 3), *ops.hsplit(b, [1]), *ops.dsplit(ops.dstack([a, b]), 2), *ops.array_split(a, 2, axis=1)]),
    "grids": ([ROW], lambda a: [*ops.meshgrid(a[0], a[1]), *ops.meshgrid(a[0], a[1, :2], indexing="ij"), ops.select([a > 1, a > 0], [a, a * 2], 7.0)]),
    "diagonals": (
        [A],
        lambda a: [ops.diagonal(a, axis1=1, axis2=2), ops.diagonal(a, offset=1, axis1=2, axis2=1), ops.trace(a, axis1=1, axis2=2), ops.trace(a, offset=-1, axis1=1, axis2=-1),
                   ops.diag(a[0, 0]), ops.diag(a[0, 0], k=-1), ops.diag(a[1], k=1), ops.diagflat(a[0, :2], k=1)],
    ),
    "products": (
        [A, B],
        lambda a, b: [ops.outer(a[0, 0], b[1, 1]), ops.inner(a[0], b[1]), ops.vdot(a, b), ops.kron(a[0], b[0, :2, :2]), ops.cumprod(a, axis=1), ops.cumprod(a, axis=None), ops.vander(a[0, 0]),
                      ops.vander(a[1, 0], N=3, increasing=True)],
    ),
    "crosses": (
        [((2, 3), F, -2, 2), ((2, 3), F, -2, 2)],
        lambda a, b: [ops.cross(a, b), ops.cross(a[:, :, :2], b[:, :, :2]), ops.cross(a[:, :, :2], b), ops.cross(ops.swapaxes(a, 1, 2), b, axisa=1, axisc=1)],
    ),
    "sequences": (
        [A],
        lambda a: [ops.trapezoid(a), ops.trapezoid(a, dx=0.5, axis=1), ops.correlate(a[0, 0], a[0, 1, :2]), ops.correlate(a[0, 0, :3], a[1, 1], mode="same"), ops.correlate(a[0, 0], a[0, 2, :3], mode="same"),
                   ops.correlate(a[0, 0, :2], a[1, 2], mode="full"), ops.ptp(a, axis=1), ops.ptp(a, axis=(1, 2), keepdims=True), ops.size(a[0])],
    ),
    "corrcoef": ([A], lambda a: ops.corrcoef(a[0])),
}  # fmt: skip


def cases():
    return record(CASES)
