"""Keras's operations on symbolic tensors."""

import keras
import numpy as np
from keras import layers as L
from keras import ops

from .registry import entry


@entry
def operators():
    x, y = keras.Input((4,)), keras.Input((4,))
    z = y * y + 0.5
    return keras.Model([x, y], [x + y, x - y, x * y, x / z, x // z, x % z, -x, abs(x), z**1.5, 1 - x, 2 * x, 1 / z, 2**x, x + 1, z**2])


@entry
def comparisons():
    x, y = keras.Input((4,)), keras.Input((4,))
    conditions = [x > y, x >= 0.25, x < y, x <= 0, ops.equal(x, y), ops.not_equal(x, 0.0)]
    both = ops.logical_and(conditions[0], conditions[2]), ops.logical_or(conditions[0], conditions[1]), ops.logical_not(conditions[3])
    return keras.Model([x, y], [ops.where(c, x, y) for c in conditions] + [ops.cast(c, "float32") for c in both])


@entry
def indexing():
    x = keras.Input((5, 4))
    return keras.Model(x, [x[:, 0], x[:, 1:4:2], x[..., -1], x[:, ::-1, 1:], x[:, None, 2], x[:, -3:, :2]])


@entry
def functions():
    x = keras.Input((4,))
    p = ops.abs(x) + 0.5
    on_positive = [ops.log, ops.log1p, ops.log2, ops.log10, ops.sqrt, ops.rsqrt, ops.reciprocal]
    on_any = [ops.exp, ops.expm1, ops.sin, ops.cos, ops.tan, ops.sinh, ops.cosh, ops.tanh, ops.arctan, ops.arcsinh, ops.square, ops.sign, ops.floor, ops.ceil, ops.erf]
    small = [ops.arcsin(x * 0.5), ops.arccos(x * 0.5), ops.arctanh(x * 0.5), ops.arctan2(x, p), ops.round(x * 3, 1), ops.clip(x, -0.5, 0.25)]
    return keras.Model(x, [f(p) for f in on_positive] + [f(x) for f in on_any] + small)


@entry
def reductions():
    x = keras.Input((5, 3))
    outputs = [f(x, axis=-1) for f in (ops.sum, ops.mean, ops.max, ops.min, ops.prod, ops.std, ops.var, ops.logsumexp, ops.argmax, ops.argmin)]
    outputs += [ops.sum(x, axis=(1, 2)), ops.mean(x, axis=1, keepdims=True), ops.cumsum(x, axis=1), ops.max(x, axis=[1, 2], keepdims=True)]
    outputs += [ops.all(x > -2, axis=1), ops.any(x > 0, axis=1), ops.count_nonzero(x, axis=1), *ops.moments(x, axes=[1])]
    return keras.Model(x, [ops.cast(y, "float32") for y in outputs])


@entry
def whole_reductions():
    x = keras.Input((4,))
    return keras.Model(x, (x - ops.mean(x)) / ops.std(x) + ops.max(x) * ops.sum(x))


@entry
def shapes():
    x = keras.Input((4, 6))
    outputs = [
        ops.reshape(x, (-1, 24)),
        ops.reshape(x, (-1, 2, 2, 6)),
        ops.transpose(x, (0, 2, 1)),
        ops.swapaxes(x, 1, 2),
        ops.moveaxis(x, 1, -1),
        ops.expand_dims(x, 1),
        ops.squeeze(ops.expand_dims(x, -1), axis=-1),
        ops.flip(x, axis=1),
        ops.roll(x, 2, axis=1),
        ops.repeat(x, 2, axis=1),
        ops.tile(x, (1, 2, 1)),
        ops.pad(x, ((0, 0), (1, 2), (0, 1))),
        ops.take(x, np.array([0, 2, 1]), axis=1),
        ops.tril(x),
        ops.triu(x, 1),
        ops.broadcast_to(ops.expand_dims(x[:, 0], 1), (3, 2, 6)),
        *ops.split(x, 2, axis=1),
        *ops.split(x, [1, 4], axis=-1),
        *ops.unstack(x, 4, axis=1),
    ]
    return keras.Model(x, outputs)


@entry
def joins():
    x, y = keras.Input((3, 4)), keras.Input((3, 4))
    outputs = [ops.concatenate([x, y], axis=1), ops.stack([x, y], axis=-1), ops.hstack([x, y]), ops.append(x, y, axis=2), ops.maximum(x, y), ops.minimum(x, 0.5)]
    return keras.Model([x, y], outputs)


@entry
def products():
    x, y = keras.Input((3, 4)), keras.Input((4, 2))
    outputs = [x @ y, ops.matmul(x, y), ops.einsum("bij,bjk->bki", x, y), ops.dot(x, np.ones((4, 2), "float32")), ops.tensordot(x, np.eye(4, dtype="float32"), axes=1)]
    return keras.Model([x, y], outputs)


@entry
def constants():
    x = keras.Input((3,))
    return keras.Model(x, x * np.array([1.0, 0.5, 2.0], "float32") + np.arange(3) - np.array([[0.5, 1.5, 2.5]], "float32"))


@entry
def nn_operations():
    x = keras.Input((6,))
    f = [ops.relu, ops.relu6, ops.sigmoid, ops.softmax, ops.log_softmax, ops.softplus, ops.softsign, ops.silu, ops.log_sigmoid, ops.hard_sigmoid, ops.hard_silu]
    f += [ops.hard_tanh, ops.selu, ops.tanh_shrink, ops.sparse_plus, ops.sparsemax, ops.squareplus, ops.sparse_sigmoid]
    outputs = [g(x) for g in f] + [ops.elu(x, 0.5), ops.celu(x, 2.0), ops.leaky_relu(x, 0.1), ops.gelu(x), ops.gelu(x, False), ops.glu(x)]
    return keras.Model(x, outputs + [ops.soft_shrink(x, 0.2), ops.hard_shrink(x, 0.2), ops.threshold(x, 0.1, -1), ops.normalize(x, axis=-1)])


@entry
def types():
    x = keras.Input((4,), dtype="int32")
    outputs = [ops.cast(x, "float32") * 0.5, ops.one_hot(x, 4), x + 1, ops.cast(x // 2, "float32"), ops.zeros_like(x), ops.ones_like(x, dtype="float32"), x / 2]
    return keras.Model(x, outputs)


@entry
def operations_between_layers():
    x = keras.Input((6, 6, 2))
    h = L.Conv2D(4, 3, padding="same")(x)
    gate = ops.sigmoid(ops.mean(h, axis=(1, 2), keepdims=True))
    h = h * gate + ops.relu(h)
    scale = L.Dense(1)(ops.reshape(h, (-1, 6 * 6 * 4)))
    return keras.Model(x, L.Dense(3)(ops.max(h, axis=[1, 2]) / (1 + ops.exp(-scale))))


@entry
def operations_inside_nested():
    x = keras.Input((4,))
    inner = keras.Model(x, ops.tanh(L.Dense(4)(x)) - ops.mean(x, axis=-1, keepdims=True), name="centred")
    a = keras.Input((4,))
    return keras.Model(a, inner(a) + inner(2.0 * a))


@entry
def attention():
    x = keras.Input((5, 8))
    q, k, v = (L.Dense(8, name=n)(x) for n in ("query", "key", "value"))
    weights = ops.softmax(ops.matmul(q, ops.transpose(k, (0, 2, 1))) / 8**0.5, axis=-1)
    return keras.Model(x, L.Dense(2)(ops.mean(ops.matmul(weights, v), axis=1)))
