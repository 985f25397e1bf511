"""Writes the fixtures of this folder with Python Keras, and a .json that says what is in each.

Run by hand, in this folder: KERAS_BACKEND=jax python generate.py   (needs keras with a backend, and h5py)
"""

import hashlib
import io
import json
import zipfile

import h5py
import keras
import numpy as np


def describe(source):
    arrays, attrs = {}, {}

    def visit(name, obj):
        if isinstance(obj, h5py.Dataset):
            value = obj[()]
            arrays[name] = {
                "dtype": obj.attrs.get("dtype", str(value.dtype)),
                "shape": list(value.shape),
                "sha256": hashlib.sha256(value.tobytes()).hexdigest(),
            }
        elif obj.attrs:
            attrs[name] = dict(obj.attrs)

    with h5py.File(source, "r") as f:
        f.visititems(visit)
    return {"arrays": arrays, "attrs": attrs}


def save(model, path):
    if path.endswith(".keras"):
        model.save(path)
        with zipfile.ZipFile(path) as z:
            out = describe(io.BytesIO(z.read("model.weights.h5")))
            out["config_sha256"] = hashlib.sha256(z.read("config.json")).hexdigest()
            out["assets"] = {n[7:]: z.read(n).decode() for n in z.namelist() if n.startswith("assets/")}
    else:
        model.save_weights(path)
        out = describe(path)
    with open(path + ".json", "w") as f:
        json.dump(out, f, indent=0, sort_keys=True)
        f.write("\n")


def trained():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((4,))
    x = keras.layers.Dense(5, activation="relu", name="first")(inputs)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(0.5)(x)
    inner = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, use_bias=False)], name="inner")
    model = keras.Model(inputs, inner(x), name="net")
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    rng = np.random.default_rng(1)
    model.fit(rng.normal(size=(16, 4)), rng.normal(size=(16, 3)), epochs=2, verbose=0)
    return model


def main():
    model = trained()
    save(model, "trained.keras")
    save(model, "trained.weights.h5")
    keras.utils.set_random_seed(2)
    layer = keras.layers.Dense(3, dtype="bfloat16")
    save(keras.Sequential([keras.Input((2,)), layer]), "bfloat16.keras")
    words = keras.layers.StringLookup(name="words")
    words.adapt(["cat", "dog", "cat", "bird"])
    save(keras.Sequential([keras.Input((1,), dtype="string"), words]), "lookup.keras")
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save("legacy.h5")
    with h5py.File("legacy.h5", "r") as f, h5py.File("legacy_weights.h5", "w") as to:
        for name, value in f["model_weights"].attrs.items():
            to.attrs[name] = value


main()
