"""Training of models whose weights are float16, with each optimizer. README.md has the format."""

import json

import jax
import keras
import numpy as np
from keras import layers as L

import rules
from arrays import array
from families.training import classification, functional, named, one_hot

BATCH = 4
STEPS = 8


def model(optimizer, stream=None):
    keras.utils.clear_session()
    given = {"dtype": "float16"}
    m = functional(L.Dense(5, activation="tanh", name="hidden", **given), L.Dense(3, activation="softmax", name="out", **given))
    rules.set_weights(m)
    if stream is not None:  # changed by half a unit in the last place
        for k, w in enumerate(m.weights):
            w.assign((w.numpy().astype("float32") * (1 + 5e-4 * rules.signed(stream + k, *w.shape))).astype("float16"))
    m.compile(optimizer, "categorical_crossentropy")
    return m


def train(m, x, y):
    losses = [m.train_on_batch(x[s * BATCH : (s + 1) * BATCH], y[s * BATCH : (s + 1) * BATCH]) for s in range(STEPS)]
    return np.array(losses, "float32")


def run(optimizer, x, y):
    m = model(optimizer)
    record = {"name": optimizer, "json": json.loads(m.to_json()), "optimizer": keras.saving.serialize_keras_object(m.optimizer), "batch_size": BATCH}
    record["initial_weights"] = named(m.weights)
    losses = train(m, x, y)
    record |= {"losses": array(losses), "final_weights": named(m.weights)}
    other = model(optimizer, 7000)
    changed = train(other, x, y)
    record["sensitivity"] = {
        "losses": float(f"{np.abs(changed - losses).max():.1e}"),
        "weights": float(f"{max(np.abs(a.numpy().astype('float32') - b.numpy()).max() for a, b in zip(m.weights, other.weights)):.1e}"),
    }
    return record


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    x, label = classification(12)
    x, y = np.tile(x, (3, 1)), np.tile(one_hot(label), (3, 1))
    names = ["sgd", "rmsprop", "adam", "adamw", "nadam", "adamax", "adagrad", "adadelta", "ftrl", "lion"]
    return {"x": array(x), "y": array(y), "runs": [run(name, x, y) for name in names]}
