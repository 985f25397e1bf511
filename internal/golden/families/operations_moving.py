"""Functional models of operations that move the pixels of images, and of SSIM."""

import numpy as np
from keras import ops

from families.operations import record

F = "float32"
IMAGE = ((4, 5, 2), F, -2, 2)
FIRST = ((2, 5, 4), F, -2, 2)
BEFORE = {"data_format": "channels_first"}


CASES = {
    "affine": (
        [IMAGE, ((8,), F, -1.5, 1.5), FIRST],
        lambda a, t, b: [ops.image.affine_transform(a, t, fill_mode=mode, fill_value=0.7) for mode in ("constant", "nearest", "reflect", "wrap")] + [
            ops.image.affine_transform(b, t, "nearest", "reflect", **BEFORE), ops.image.affine_transform(a[0], t[0]),
            ops.image.affine_transform(a[1], np.array([0.9, 0.2, 0.3, -0.1, 1.1, 0.2, 0, 0], F), interpolation="nearest"),
        ],
    ),
    "perspective": (
        [IMAGE, ((4, 2), F, 0, 5), FIRST],
        lambda a, p, b: [
            ops.image.perspective_transform(a, p, p + np.array([[0.5, 0.3], [-0.4, 1], [0.2, -0.3], [1, 0.6]], F), fill_value=0.5),
            ops.image.perspective_transform(b[0], np.array([[0, 0], [4, 0], [0, 5], [4, 5]], F), np.array([[0.3, 0.2], [4.4, 0], [0, 4.5], [3.7, 5.2]], F), "nearest", **BEFORE),
        ],
    ),
    "coordinates": (
        [((5, 4), F, -2, 2), ((2, 7), F, -6, 9)],
        lambda a, at: [ops.image.map_coordinates(a[0], at[0], order, mode, 0.3) for mode in ("constant", "nearest", "wrap", "mirror", "reflect") for order in (1, 0)],
    ),
    "coordinates_ints": (
        [((5,), "int32", -9, 9), ((2, 6), F, -2, 6)],
        lambda a, at: [ops.image.map_coordinates(a[0], at[0, :1], 1, "reflect"), ops.image.map_coordinates(a[0], at[0, :1], 0)],
    ),
    "scale": (
        [IMAGE, ((2,), F, 0.6, 1.6), ((2,), F, -1, 1)],
        lambda a, s, t: [ops.image.scale_and_translate(a, (2, 7, 4, 2), s[0], t[0], (1, 2), method, antialias) for method, antialias in (("linear", True), ("cubic", False), ("lanczos3", True), ("lanczos5", False))],
    ),
    "ssim": (
        [((7, 6, 2), F, 0, 1), ((7, 6, 2), F, 0, 1)],
        lambda a, b: [ops.image.ssim(a, b, filter_size=5), ops.image.ssim(a[0], b[0], 2.0, 3, 1.0, 0.02, 0.05)],
    ),
    "ssim_first": ([((2, 4, 5), F, 0, 1), ((2, 4, 5), F, 0, 1)], lambda a, b: ops.image.ssim(a, b, filter_size=3, data_format="channels_first")),
    "elastic": (
        [((6, 7, 2), F, -2, 2), ((2, 5, 6), F, -2, 2)],
        lambda a, b: [ops.image.elastic_transform(a, alpha, sigma, how, mode, 0.7, seed=seed) for alpha, sigma, how, mode, seed in (
            (1.0, 1.0, "bilinear", "reflect", 1), (1, 2, "bilinear", "constant", 0), (2.0, 0.7, "nearest", "wrap", 4294967295), (1.5, 3.0, "nearest", "mirror", 1337), (20.0, 5.0, "nearest", "nearest", 7), (1.0, 5.0, "bilinear", "nearest", 7),
        )] + [ops.image.elastic_transform(b, 1.0, seed=3, **BEFORE), ops.image.elastic_transform(a[0], 2.0, 0.1, seed=2)],
    ),
}  # fmt: skip


def cases():
    return record(CASES)
