"""Models with layers that only Python has, as Keras saves them. README.md has the format."""

import base64
import io
import os
import tempfile
import zipfile

import keras
import numpy as np
from keras import layers as L


@keras.saving.register_keras_serializable(package="mine")
class Scale(L.Layer):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1],), name="w")
        self.count = self.add_weight(shape=(), dtype="int32", trainable=True, initializer="zeros", name="count")

    def call(self, x):
        return x * self.factor * self.w

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Halves(L.Layer):
    def call(self, x):
        return x[..., :2], x[..., 2:]


class Block(L.Layer):
    """A layer with layers inside."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first = L.Dense(units)
        self.second = L.Dense(units)

    def call(self, x):
        return self.second(self.first(x))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def functional():
    i = keras.Input((8,), name="x")
    x = L.Dense(4, activation="relu", name="dense")(i)
    x = Scale(name="scale")(x)
    a, b = Halves(name="halves")(x)
    a = L.Dense(3, name="left")(a)
    b = Block(5, name="block")(b)
    x = L.Concatenate(name="both")([a, b])
    y = Scale(name="last")(x)
    return keras.Model(i, y, name="functional_model")


def sequential():
    return keras.Sequential([keras.Input((6, 4)), L.Conv1D(3, 2, name="conv"), Scale(name="scale"), L.Flatten(name="flat"),
                             L.Dense(2, name="dense"), Block(3, name="block")], name="stack")


def nested():
    inner = keras.Sequential([keras.Input((4,)), Scale(name="deep"), L.Dense(2, name="deep_dense")], name="inner")
    i = keras.Input((4,), name="x")
    return keras.Model(i, L.Dense(1, name="head")(inner(i)), name="outer")


def cases():
    out = []
    for make in functional, sequential, nested:
        keras.utils.set_random_seed(1)
        model = make()
        model.compile("adam", "mse")
        files = {}
        with tempfile.TemporaryDirectory() as folder:
            for suffix in ".keras", ".h5":
                path = os.path.join(folder, "m" + suffix)
                model.save(path)
                packed = io.BytesIO()
                with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
                    z.write(path, "model")
                files[suffix] = base64.b64encode(packed.getvalue()).decode()
        layers = []
        for layer in model.layers:
            output = layer.output
            one = output[0] if isinstance(output, (list, tuple)) else output
            layers.append({"name": layer.name, "class": type(layer).__name__, "shape": list(one.shape), "params": layer.count_params(),
                           "sums": sorted(float(np.sum(np.asarray(w), dtype="float64")) for w in layer.get_weights())})
        out.append({"name": model.name, "params": model.count_params(), "layers": layers, "files": files})
    return out
