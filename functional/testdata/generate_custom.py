"""Writes custom.keras and custom.json: a model with classes that Python defines, and what it predicts.

    KERAS_BACKEND=jax python functional/testdata/generate_custom.py

With an argument, the path of a file that Go wrote, it loads that and prints its predictions.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

HERE = pathlib.Path(__file__).parent


@keras.saving.register_keras_serializable(package="my_package")
class Swirl(keras.layers.Layer):
    """Turns each pair of features by an angle that it learns, and scales."""

    def __init__(self, turns=1.0, kernel_initializer="zeros", **kwargs):
        super().__init__(**kwargs)
        self.turns = turns
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        self.angle = self.add_weight(name="angle", shape=(input_shape[-1] // 2,), initializer=self.kernel_initializer)

    def call(self, x):
        left, right = keras.ops.split(x, 2, axis=-1)
        angle = self.turns * self.angle
        cos, sin = keras.ops.cos(angle), keras.ops.sin(angle)
        return keras.ops.concatenate([left * cos - right * sin, left * sin + right * cos], axis=-1)

    def get_config(self):
        initializer = keras.initializers.serialize(self.kernel_initializer)
        return super().get_config() | {"turns": self.turns, "kernel_initializer": initializer}


@keras.saving.register_keras_serializable(package="my_package")
class Residual(keras.layers.Layer):
    """Adds what two Dense layers make of the input, and a normalization, to it."""

    def __init__(self, units, rate=0.0, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.rate = rate
        self.wide = keras.layers.Dense(units, activation="relu")
        self.drop = keras.layers.Dropout(rate)
        self.norm = keras.layers.BatchNormalization()

    def build(self, input_shape):
        self.wide.build(input_shape)
        self.back = keras.layers.Dense(input_shape[-1])
        self.back.build((*input_shape[:-1], self.units))
        self.norm.build(input_shape)

    def call(self, x, training=False):
        return x + self.norm(self.back(self.drop(self.wide(x), training=training)), training=training)

    def get_config(self):
        return super().get_config() | {"units": self.units, "rate": self.rate}


X = np.linspace(-1, 1, 12).reshape(3, 4).astype("float32")


def main():
    if len(sys.argv) > 1:
        model = keras.models.load_model(sys.argv[1])
        print(json.dumps(model.predict(X, verbose=0).tolist()))
        return
    inputs = keras.Input((4,), name="inputs")
    h = Swirl(0.5, name="swirl")(inputs)
    h = Residual(6, rate=0.25, name="residual")(h)
    model = keras.Model(inputs, keras.layers.Dense(2, name="head")(h), name="custom")
    values = np.random.default_rng(1)
    for w in model.weights:
        w.assign(np.round(values.uniform(0.1, 1, w.shape), 3))
    model.compile("adam", "mse")
    model.save(HERE / "custom.keras")
    record = {"x": X.tolist(), "predictions": model.predict(X, verbose=0).tolist(), "weights": [w.path for w in model.weights]}
    (HERE / "custom.json").write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
