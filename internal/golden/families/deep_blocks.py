"""Losses of deep stacks of dense residual blocks with batch normalization. README.md has the format."""

import keras
from rules import inputs, set_weights

L = keras.layers
WIDTH, BATCH = 16, 16


def losses(blocks):
    x = y = keras.Input((WIDTH,))
    for _ in range(blocks):
        y = L.BatchNormalization()(L.Add()([y, L.Dense(WIDTH, activation="relu")(y)]))
    model = keras.Model(x, L.Dense(1)(y))
    set_weights(model)
    # Small kernels: rounding would grow from block to block else.
    for w in model.weights:
        if w.name == "kernel":
            w.assign(w / 16)
    # Compiled, Keras on JAX takes longer and longer: more than 23 GB for 300 blocks.
    model.compile(keras.optimizers.Adam(), "mae", run_eagerly=True)
    return [float(model.train_on_batch(inputs(0, BATCH, WIDTH), inputs(1, BATCH, 1))) for _ in range(3)]


def cases():
    return [{"blocks": blocks, "losses": losses(blocks)} for blocks in (10, 60, 300)]
