"""Values that a test computes instead of reading: integers hashed, so that any language gives the same bits."""

import numpy as np


def bits(stream, count):
    """MurmurHash3's 32-bit finalizer of i + 0x9E3779B9·(stream+1) modulo 2³², for i = 0 … count-1."""
    h = np.arange(count, dtype=np.uint64) + np.uint64(0x9E3779B9 * (stream + 1) & 0xFFFFFFFF)
    mask = np.uint64(0xFFFFFFFF)
    h &= mask
    h ^= h >> np.uint64(16)
    h = h * np.uint64(0x85EBCA6B) & mask
    h ^= h >> np.uint64(13)
    h = h * np.uint64(0xC2B2AE35) & mask
    return h ^ (h >> np.uint64(16))


def signed(stream, *shape):
    """float64 in [-1, 1): 2·(bits >> 8)/2²⁴ - 1, exact."""
    count = int(np.prod(shape, dtype=np.int64))
    return ((bits(stream, count) >> np.uint64(8)).astype("float64") / 2**23 - 1).reshape(shape)


def weight(k, name, shape):
    """The k-th weight of a model, called name; README.md has the rule."""
    s = signed(k, *shape)
    if len(shape) > 1:
        fans = (shape[-2] + shape[-1]) * np.prod(shape[:-2])
        return (s * np.sqrt(6 / fans)).astype("float32")
    if name in ("gamma", "moving_variance"):
        return (1 + s / 4).astype("float32")
    return (s / 8).astype("float32")


def set_weights(model):
    for k, w in enumerate(model.weights):
        w.assign(weight(k, w.name, tuple(w.shape)))


def inputs(j, *shape):
    """The j-th input of a model."""
    return signed(1000 + j, *shape).astype("float32")


def labels(count, classes, stream=2000):
    return (bits(stream, count) % np.uint64(classes)).astype("int32")


def images(label, height, width, channels, stream=3000):
    """uint8 images in whose quadrants the label shows: (bits >> 25) + 12·(((quadrant+1)·label + 3·channel) mod 10)."""
    pixels = bits(stream, len(label) * height * width * channels) >> np.uint64(25)
    row, column = np.arange(height) >= height // 2, np.arange(width) >= width // 2
    quadrant = (2 * row[:, None] + column[None, :])[None, :, :, None]
    pattern = ((quadrant + 1) * np.asarray(label)[:, None, None, None] + 3 * np.arange(channels)) % 10
    return (pixels.reshape(len(label), height, width, channels) + 12 * pattern.astype("uint64")).astype("uint8")
