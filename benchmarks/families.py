"""Models of ten families, for compare.py: each with the batch it is trained in, data and loss."""

from dataclasses import dataclass
from typing import Callable

import keras
import numpy as np
from keras import layers


@dataclass
class Family:
    build: Callable[[], keras.Model]
    loss: str
    data: Callable[[np.random.Generator, int], tuple]  # x and y of so many samples


def classes(count, *more):
    return lambda rng, n: rng.integers(0, count, (n, *more, 1)).astype("int32")


def images(size, targets):
    return lambda rng, n: (rng.random((n, size, size, 3), dtype="float32"), targets(rng, n))


def normal(*shape):
    return lambda rng, n: rng.normal(size=(n, *shape)).astype("float32")


def both(x, y):
    return lambda rng, n: (x(rng, n), y(rng, n))


def tokens(length):
    return lambda rng, n: rng.integers(1, 20000, (n, length)).astype("int32")


def bilstm():
    x = keras.Input((200,), dtype="int32")
    h = layers.Embedding(20000, 128)(x)
    h = layers.Bidirectional(layers.LSTM(64, return_sequences=True))(h)
    h = layers.Bidirectional(layers.LSTM(64))(h)
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(h))


def gru():
    x = keras.Input((120, 14))
    h = layers.GRU(16)(layers.GRU(32, return_sequences=True)(x))
    return keras.Model(x, layers.Dense(1)(h))


def transformer(width=32):
    x = keras.Input((200,), dtype="int32")
    h = layers.Embedding(20000, width)(x)
    a = layers.Dropout(0.1)(layers.MultiHeadAttention(2, width)(h, h))
    h = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([h, a]))
    f = layers.Dense(width)(layers.Dense(width, activation="relu")(h))
    h = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([h, f]))
    h = layers.Dropout(0.1)(layers.GlobalAveragePooling1D()(h))
    h = layers.Dropout(0.1)(layers.Dense(20, activation="relu")(h))
    return keras.Model(x, layers.Dense(2, activation="softmax")(h))


def vit(width=192, heads=3):
    x = keras.Input((32, 32, 3))
    h = layers.Reshape((64, width))(layers.Conv2D(width, 4, strides=4)(x))
    for _ in range(4):
        n = layers.LayerNormalization()(h)
        h = layers.Add()([h, layers.MultiHeadAttention(heads, width // heads)(n, n)])
        n = layers.LayerNormalization()(h)
        h = layers.Add()([h, layers.Dense(width)(layers.Dense(4 * width, activation="gelu")(n))])
    h = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(h))
    return keras.Model(x, layers.Dense(10, activation="softmax")(h))


def resnet20():
    def normalized(h, filters, size, strides=1):
        return layers.BatchNormalization()(layers.Conv2D(filters, size, strides=strides, padding="same")(h))

    x = keras.Input((32, 32, 3))
    h = layers.ReLU()(normalized(x, 16, 3))
    for filters in (16, 32, 64):
        for block in range(3):
            strides = 2 if filters > 16 and block == 0 else 1
            short = normalized(h, filters, 1, strides) if strides > 1 else h
            h = normalized(layers.ReLU()(normalized(h, filters, 3, strides)), filters, 3)
            h = layers.ReLU()(layers.Add()([h, short]))
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(h)))


def mobilenetv2():
    return keras.applications.MobileNetV2((96, 96, 3), weights=None, classes=10)


def conv1d():
    x = h = keras.Input((500, 1))
    for _ in range(3):
        h = layers.ReLU()(layers.BatchNormalization()(layers.Conv1D(64, 3, padding="same")(h)))
    return keras.Model(x, layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling1D()(h)))


def unet():
    def conv(h, filters):
        return layers.Conv2D(filters, 3, padding="same", activation="relu")(h)

    x = h = keras.Input((96, 96, 3))
    skips = []
    for filters in (16, 32, 64):
        h = conv(h, filters)
        skips.append(h)
        h = layers.MaxPooling2D()(h)
    h = conv(h, 128)
    for filters in (64, 32, 16):
        h = layers.Conv2DTranspose(filters, 3, strides=2, padding="same", activation="relu")(h)
        h = conv(layers.Concatenate()([h, skips.pop()]), filters)
    return keras.Model(x, layers.Conv2D(3, 1, activation="softmax")(h))


def mlp():
    x = h = keras.Input((64,))
    for _ in range(3):
        h = layers.Dropout(0.2)(layers.Dense(512, activation="relu")(h))
    return keras.Model(x, layers.Dense(1)(h))


def autoencoder():
    def conv(layer, filters):
        return layer(filters, 3, strides=2, padding="same", activation="relu")

    x = keras.Input((28, 28, 1))
    h = conv(layers.Conv2D, 64)(conv(layers.Conv2D, 32)(x))
    h = layers.Dense(7 * 7 * 64, activation="relu")(layers.Dense(32)(layers.Flatten()(h)))
    h = conv(layers.Conv2DTranspose, 64)(layers.Reshape((7, 7, 64))(h))
    h = conv(layers.Conv2DTranspose, 32)(h)
    return keras.Model(x, layers.Conv2DTranspose(1, 3, padding="same", activation="sigmoid")(h))


def digits(rng, n):
    x = rng.random((n, 28, 28, 1), dtype="float32")
    return x, x


SPARSE = "sparse_categorical_crossentropy"
FAMILIES = {
    "bilstm": Family(bilstm, "binary_crossentropy", both(tokens(200), lambda rng, n: rng.integers(0, 2, (n, 1)).astype("float32"))),
    "gru": Family(gru, "mse", both(normal(120, 14), normal(1))),
    "transformer": Family(transformer, SPARSE, both(tokens(200), classes(2))),
    "vit": Family(vit, SPARSE, images(32, classes(10))),
    "resnet20": Family(resnet20, SPARSE, images(32, classes(10))),
    "mobilenetv2": Family(mobilenetv2, SPARSE, images(96, classes(10))),
    "conv1d": Family(conv1d, SPARSE, both(normal(500, 1), classes(2))),
    "unet": Family(unet, SPARSE, images(96, classes(3, 96, 96))),
    "mlp": Family(mlp, "mse", both(normal(64), normal(1))),
    "autoencoder": Family(autoencoder, "binary_crossentropy", digits),
}
