"""Makes the entries, with data for them."""

import os
import zlib

import keras
import numpy as np

entries = {}
HALF = 2e-2  # the tolerance of models that compute in half precision


def entry(build):
    entries[build.__name__] = build
    return build


def make(name):
    """Builds an entry; returns the model, inputs for it in its flat order, and the tolerance."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(11)
    model = entries[name]()
    model, tolerance = model if isinstance(model, tuple) else (model, 1e-5)
    random = np.random.default_rng(zlib.crc32(name.encode()))
    for w in model.weights:
        if str(w.dtype) == "int8" or w.name == "g_idx":
            continue  # quantized weights stay as they are
        low, high = (0.2, 1.0) if "variance" in w.path or w.name.endswith("_scale") else (-0.6, 0.6)
        w.assign(random.uniform(low, high, w.shape).astype("float32"))
    if getattr(model, "optimizer", None) is not None:
        model.optimizer.build(model.trainable_variables)
        for v in model.optimizer.variables:
            if v.name == "iteration":
                v.assign(3)
            elif v.name != "learning_rate" and str(v.dtype).startswith("float"):
                v.assign(random.uniform(0.1, 1.0, v.shape).astype("float32"))
    return model, [sample(random, t) for t in model.inputs], tolerance


def sample(random, tensor):
    shape = [3 if i == 0 and d is None else 6 if d is None else d for i, d in enumerate(tensor.shape)]
    if str(tensor.dtype).startswith("float"):
        return random.uniform(-1, 1, shape).astype("float32")
    return random.integers(0, 256 if tensor.dtype == "uint8" else 4, shape).astype(str(tensor.dtype))


def predict(model, x):
    """The predictions, in the model's flat order."""
    structure = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
    return keras.tree.flatten(model.predict_on_batch(keras.tree.pack_sequence_as(structure, x)))


def write(folder):
    """Writes every model, each beside an .npz file with its inputs (input_0 …) and predictions (output_0 …)."""
    os.makedirs(folder, exist_ok=True)
    for name in entries:
        model, x, _ = make(name)
        path = os.path.join(folder, name)
        model.save(path + ".keras")
        arrays = {f"input_{i}": a for i, a in enumerate(x)} | {f"output_{i}": a for i, a in enumerate(predict(model, x))}
        np.savez(path + ".npz", **arrays)
