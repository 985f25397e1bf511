"""Operations on arrays, images and matrices, and operators of symbolic tensors: some of each kind."""

import keras
import numpy as np
from keras import layers as L
from keras import ops

from .registry import entry

F = "float32"
BEFORE = {"data_format": "channels_first"}
UNIT = np.eye(3, dtype=F)


def model(inputs, outputs):
    """A model, whose conditions and whole numbers are numbers too."""
    return keras.Model(inputs, [y if str(y.dtype) == F else ops.cast(y, F) for y in outputs])


@entry
def linear_algebra():
    x, y = keras.Input((3, 3)), keras.Input((3, 2))
    definite = ops.matmul(x, ops.transpose(x, (0, 2, 1))) + UNIT
    safe = x + 3 * UNIT
    outputs = [ops.cholesky(definite), ops.cholesky(definite, upper=True), ops.det(x), *ops.slogdet(definite), ops.inv(safe), ops.solve(safe, y)]
    outputs += [ops.solve_triangular(safe, y), ops.solve_triangular(safe, y, lower=True), *ops.lu_factor(safe), *ops.qr(safe), ops.cdist(x, ops.transpose(y, (0, 2, 1))[:, :, :3])]
    return model([x, y], outputs), 1e-4


@entry
def folded_windows():
    x, image = keras.Input((12, 6)), keras.Input((2, 6, 5))
    outputs = [ops.fold(x, (3, 4), (2, 2)), ops.fold(x, (4, 5), (2, 2), dilation=2), ops.unfold(image, 2), ops.unfold(image, (3, 2), dilation=(1, 2), padding=(1, 0), stride=2)]
    return model([x, image], outputs)


@entry
def moved_pixels():
    x, t, first = keras.Input((4, 5, 2)), keras.Input((8,)), keras.Input((2, 5, 4))
    matrix = np.array([0.9, 0.2, 0.3, -0.1, 1.1, 0.2, 0, 0], F)
    start, end = np.array([[0, 0], [4, 0], [0, 5], [4, 5]], F), np.array([[0.3, 0.2], [4.4, 0], [0, 4.5], [3.7, 5.2]], F)
    outputs = [ops.image.affine_transform(x, t * 0.1 + matrix, fill_mode=m, fill_value=0.7) for m in ("constant", "wrap")]
    outputs += [ops.image.affine_transform(first, t * 0.1 + matrix, "bilinear", "reflect", **BEFORE), ops.image.affine_transform(x[0], matrix, interpolation="nearest")]
    outputs += [ops.image.perspective_transform(first[0], start, end, **BEFORE)]
    outputs += [ops.image.map_coordinates(x[0, :, :, 0], first[0, :, 0] * 4, order, mode, 0.3) for mode, order in (("constant", 1), ("mirror", 0))]
    outputs += [ops.image.scale_and_translate(x, (3, 7, 4, 2), np.array([0.8, 1.2], F), np.array([0.3, -0.5], F), (1, 2), m, a) for m, a in (("linear", True), ("cubic", False))]
    return model([x, t, first], outputs), 1e-4


@entry
def images():
    x, deep = keras.Input((6, 5, 3)), keras.Input((4, 6, 8))
    p = ops.abs(x) + 0.01
    outputs = [ops.image.resize(x, (9, 3), interpolation=i) for i in ("bilinear", "nearest", "bicubic")] + [ops.image.resize(x, (4, 4), crop_to_aspect_ratio=True)]
    outputs += [ops.image.rgb_to_grayscale(p), ops.image.rgb_to_hsv(p), ops.image.hsv_to_rgb(p), ops.image.gaussian_blur(x), ops.image.sobel_edges(x)]
    outputs += [ops.image.pad_images(x, top_padding=1, left_padding=2, target_height=9, target_width=8), ops.image.crop_images(x, 1, 0, 2, 1)]
    outputs += [ops.depth_to_space(deep, 2), ops.space_to_depth(deep, 2), ops.image.ssim(p, p * 0.9, filter_size=5), ops.psnr(p, p * 0.9, 1.0)]
    return model([x, deep], outputs), 1e-4


@entry
def operators_and_numbers():
    x, i, m = keras.Input((3, 4)), keras.Input((3, 4), dtype="int32"), keras.Input((3, 3))
    p = abs(x) + 0.3
    outputs = [1.5 - p, 5 // p, 3 % p, 2**x, p // 0.7, p % 0.7, p**3, p @ np.ones((4, 2), F), m @ m, round(m, 1), i + p, i // (p + 1), 7 - i, i**2, i > 1.5, (i > 2) + p]
    outputs += [(p > 1) & (x > 0), (p > 1) | (x > 0), (p > 1) ^ (x > 0), ~(p > 1), True ^ (p > 1), x[:, ::-1, 1::2], x[:, None, -2:], x[:, -1, None, ...], x.reshape((-1, 2, 6))]
    return model([x, i, m], outputs)


@entry
def arrays():
    x, i = keras.Input((3, 4)), keras.Input((3, 4), dtype="int32")
    outputs = [ops.bitwise_and(i, i + 1), ops.bitwise_xor(i, i * 2), ops.left_shift(i, 2), ops.gcd(i, 6), ops.heaviside(x, x * 0.5), ops.cbrt(x), ops.sinc(x), ops.logaddexp2(x, 1.0), ops.erfinv(x * 0.9)]
    outputs += [ops.fliplr(x), ops.diagonal(x, axis1=1, axis2=2), ops.trace(x, offset=1, axis1=1, axis2=2), ops.dstack([x, x * 2]), ops.cumprod(x, axis=1), ops.cross(x[:, :, :3], x[:, :, 1:])]
    outputs += [ops.isclose(x, ops.round(x, 1), atol=0.1), ops.select([x > 0.5, x > 0], [x, x * 2], 7.0), ops.trapezoid(x, dx=0.5, axis=1), ops.ptp(x, axis=(1, 2), keepdims=True), ops.saturate_cast(x * 500, "uint8")]
    return model([x, i], outputs)


@entry
def sorting_and_picking():
    x, i = keras.Input((3, 4)), keras.Input((3, 2), dtype="int32")
    holes = ops.log(x + 0.7)
    # Quantiles without an axis: Keras 3.15 on JAX can't run the list that a model makes of it. Nor of the axes of rot90.
    outputs = [ops.sort(x, axis=1), ops.argsort(x), *ops.top_k(x, 2), ops.median(x), ops.quantile(x, 0.3), ops.nansum(holes, axis=1), ops.nanmax(holes, axis=2)]
    outputs += [ops.searchsorted(np.array([-0.5, 0.0, 0.5], F), x), ops.digitize(x, np.array([-0.5, 0.0, 0.5], F)), ops.isin(i, np.array([1, 3])), ops.take_along_axis(x, i, axis=-1)]
    outputs += [ops.slice_update(x, [0, 1, 2], x[:, :2, :1] * 2), ops.scatter_update(ops.reshape(x, (-1, 4)), np.array([[0, 1], [2, 3], [0, 1]]), np.array([1.0, 2.0, 3.0], F), reduction="add")]
    return model([x, i], outputs)


@entry
def networks_of_operations():
    x, q, i = keras.Input((6, 5, 2)), keras.Input((3, 4, 2)), keras.Input((4,), dtype="int32")
    k = lambda *shape: np.random.default_rng(7).uniform(-1, 1, shape).astype(F)
    outputs = [ops.conv(x, k(3, 2, 2, 3), padding="same"), ops.depthwise_conv(x, k(3, 3, 2, 2), strides=2), ops.separable_conv(x, k(3, 2, 2, 2), k(1, 1, 4, 3), padding="same")]
    outputs += [ops.max_pool(x, 2, 1, padding="same"), ops.average_pool(x, 2, 2), ops.batch_normalization(x, k(2), k(2) ** 2, -1), ops.multi_hot(i, 5)]
    outputs += [ops.dot_product_attention(q, q, q, is_causal=True, scale=0.5), L.Dense(2)(ops.binary_crossentropy(ops.sigmoid(x), x, from_logits=True))]
    return model([x, q, i], outputs)
