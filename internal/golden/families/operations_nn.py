"""Functional models of several operations each: convolutions, pooling, normalization, attention, and losses."""

from keras import ops

from arrays import uniform
from families.operations import record

F = "float32"
IMAGE = ((6, 5, 2), F, -2, 2)
FIRST = ((2, 6, 5), F, -2, 2)
SEQUENCE = ((7, 2), F, -2, 2)
LOGITS = ((3, 4), F, -2, 2)
CHANCES = ((3, 4), F, 0.1, 0.9)
HEADS = ((3, 4, 2), F, -1, 1)
BEFORE = {"data_format": "channels_first"}


def k(*shape):
    return uniform(7, *shape)


CASES = {
    "conv": (
        [IMAGE],
        lambda a: [ops.conv(a, k(3, 2, 2, 3), padding="same", data_format="channels_last"), ops.conv(a, k(2, 2, 2, 2), strides=2), ops.conv(a, k(2, 3, 2, 2), dilation_rate=2)],
    ),
    "conv_other": (
        [SEQUENCE, FIRST],
        lambda a, b: [ops.conv(a, k(3, 2, 2), strides=2, padding="same"), ops.conv(b, k(3, 2, 2, 3), strides=(2, 1), padding="same", **BEFORE)],
    ),
    "depthwise_separable": (
        [IMAGE],
        lambda a: [ops.depthwise_conv(a, k(3, 3, 2, 2), padding="same"), ops.depthwise_conv(a, k(2, 2, 2, 1), strides=2), ops.separable_conv(a, k(3, 2, 2, 2), k(1, 1, 4, 3), padding="same")],
    ),
    "pools": (
        [IMAGE, FIRST],
        lambda a, b: [
            ops.max_pool(a, 2, 2), ops.max_pool(a, (3, 2), strides=1, padding="same"), ops.max_pool(b, 2, strides=(2, 1), **BEFORE),
            ops.average_pool(a, 2, 2), ops.average_pool(a, (3, 2), strides=2, padding="same"), ops.average_pool(b, 3, 2, padding="same", **BEFORE),
        ],
    ),
    "pools_of_sequences": ([SEQUENCE], lambda a: [ops.max_pool(a, 3, 2), ops.average_pool(a, 2, 1, padding="same")]),
    "batch_normalization": (
        [LOGITS],
        lambda a: [ops.batch_normalization(a, k(4), k(4) ** 2, -1), ops.batch_normalization(a, k(3), k(3) ** 2, axis=1, offset=k(3) + 1, scale=k(3) - 1, epsilon=0.1)],
    ),
    "attention": (
        [HEADS, ((5, 4, 2), F, -1, 1), ((3, 5), "bool", 0, 2)],
        lambda q, v, m: [
            ops.dot_product_attention(q, v, v * 2), ops.dot_product_attention(q, q, q, is_causal=True, scale=0.5),
            ops.dot_product_attention(q, v, v, bias=k(1, 4, 3, 5), mask=ops.expand_dims(m, 1)), ops.dot_product_attention(q, v[:, :, :2], v[:, :, 1:3]),
        ],
    ),
    "crossentropies": (
        [CHANCES, LOGITS, ((3,), "int32", 0, 4), CHANCES],
        lambda p, y, i, t: [
            ops.binary_crossentropy(t, p), ops.binary_crossentropy(t, y, from_logits=True), ops.categorical_crossentropy(t, p), ops.categorical_crossentropy(t, y, from_logits=True),
            ops.sparse_categorical_crossentropy(i, p), ops.sparse_categorical_crossentropy(ops.expand_dims(i, -1), y, from_logits=True),
        ],
    ),
    "multi_hot": ([((4,), "int32", 0, 6)], lambda i: [ops.multi_hot(i, 5), ops.multi_hot(ops.reshape(i, (-1, 2, 2)), 6)]),
}  # fmt: skip


def cases():
    return record(CASES)
