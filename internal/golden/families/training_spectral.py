"""Trainings of layers in SpectralNormalization, one of them frozen. README.md has the format, under training."""

import keras

from families.training import case, classification, functional, one_hot

L = keras.layers


def net(**inner):
    return functional(
        L.SpectralNormalization(L.Dense(5, activation="tanh", kernel_regularizer="l2", name="a", **inner), power_iterations=2, name="s"),
        L.Dense(3, activation="softmax", name="out"), shape=(4,)
    )  # fmt: skip


def cases():
    x, label = classification(10)
    y = one_hot(label)
    keras.utils.clear_session()
    trained = case("spectral", net(), x, y, keras.optimizers.SGD(0.1), fit={"epochs": 2, "validation_split": 0.3}, metrics=["accuracy"])
    keras.utils.clear_session()
    return {"small": [trained, case("spectral_frozen", net(trainable=False), x, y, keras.optimizers.SGD(0.1), fit={"epochs": 2}, metrics=["accuracy"])]}
