"""Serves Keras to the tests, on the backend that is named: one JSON request a line on stdin, one JSON answer a line on stdout.

An array is {"dtype", "shape", "data"}, data the base64 of its little-endian bytes; one of texts has "texts" in place of that, a list of
base64. Models stay here under the names the requests give them.
"""

import base64
import contextlib
import functools
import gc
import io
import json
import os
import sys
import tempfile
import traceback

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # whatever prints must not mix with the answers
os.environ["KERAS_BACKEND"] = sys.argv[1]

import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import catalogue  # noqa: E402
import initial  # noqa: E402
import models  # noqa: E402
import texts  # noqa: E402

# A model that comes back from a file is the same program.
compiled = tempfile.TemporaryDirectory()
jax.config.update("jax_compilation_cache_dir", compiled.name)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

# Compiling takes most of the time here, running next to none.
jax.config.update("jax_disable_most_optimizations", True)

jax.config.update("jax_default_matmul_precision", "highest")
known = {}

# clear_session collects garbage, which would look through all that these modules hold, 0.2 s each time. TensorFlow is imported by the first seed.
keras.utils.set_random_seed(1)
gc.collect()
gc.freeze()


def quick(operation):
    """The operation with NumPy's initial values: see initial.py."""

    @functools.wraps(operation)
    def run(*args, **kwargs):
        with initial.by_numpy():
            return operation(*args, **kwargs)

    return run


def decode(a):
    if "texts" in a:
        return texts.tensor([base64.b64decode(t) for t in a["texts"]], a["shape"])
    return np.frombuffer(base64.b64decode(a["data"]), a["dtype"]).reshape(a["shape"])


def encode(value):
    value = np.asarray(value)
    return {"dtype": str(value.dtype), "shape": list(value.shape), "data": base64.b64encode(value.tobytes()).decode()}


def structured(arrays, names):
    """One array alone, several as a list, or by name."""
    if arrays is None:
        return None
    values = [decode(a) for a in arrays]
    if names:
        return dict(zip(names, values))
    return values[0] if len(values) == 1 else values


def describe(model):
    """What can be known of a model without running it. Names come as in the model's flat order."""
    optimizer = getattr(model, "optimizer", None)
    return {
        "json": model.to_json(),
        "weights": [{"path": w.path, "value": encode(w.numpy())} for w in model.weights],
        "trainable": [w.path for w in model.trainable_weights],
        "optimizer": [{"path": v.path, "value": encode(v.numpy())} for v in optimizer.variables] if optimizer else [],
    }


@quick
def build(model, builder):
    keras.utils.clear_session()
    keras.utils.set_random_seed(7)
    known[model] = getattr(models, builder)()
    shapes = lambda tensors: [list(t.shape) for t in tensors]
    return {"input_shapes": shapes(known[model].inputs), "output_shapes": shapes(known[model].outputs)}


def builders():
    return [name for name, f in vars(models).items() if getattr(f, "is_model", False)]


@quick
def load(model, path):
    keras.utils.clear_session()
    known[model] = keras.saving.load_model(path)
    return describe(known[model])


def rewind(model, weights, perturbation):
    """Gives the model these weights, each changed by up to the perturbation of itself, and a fresh optimizer."""
    random = np.random.default_rng(1)
    for w, value in zip(known[model].weights, weights, strict=True):
        value = decode(value)
        w.assign((value * (1 + perturbation * random.uniform(-1, 1, value.shape))).astype(value.dtype))
    for v in known[model].optimizer.variables:
        if v.name != "learning_rate":
            v.assign(np.zeros(v.shape, v.dtype))


def state(model):
    return describe(known[model])


def save(model, path):
    known[model].save(path)


def forget(model):
    known.pop(model, None)


def predict(model, x, x_names=None):
    outputs = known[model].predict_on_batch(structured(x, x_names))
    return [encode(v) for v in keras.tree.flatten(outputs)]


def steps(model, x, y, x_names=None, y_names=None):
    """Runs one training step on each batch; returns the loss of each alone."""
    losses = []
    for batch_x, batch_y in zip(x, y):
        known[model].reset_metrics()
        logs = known[model].train_on_batch(structured(batch_x, x_names), structured(batch_y, y_names), return_dict=True)
        losses.append({name: float(np.mean(value)) for name, value in logs.items()})
    return losses


def fit(model, x, y, sample_weight=None, class_weight=None, **arguments):
    if class_weight:
        arguments["class_weight"] = {int(label): weight for label, weight in class_weight.items()}
    if sample_weight:
        arguments["sample_weight"] = structured(sample_weight, None)
    history = known[model].fit(structured(x, None), structured(y, None), shuffle=False, verbose=0, **arguments)
    return history.history


def entries():
    return list(catalogue.entries)


def classes(config):
    """The class names in a configuration."""
    if isinstance(config, dict):
        return {config.get("class_name", "")}.union(*map(classes, config.values()))
    return set().union(*map(classes, config)) if isinstance(config, list) else set()


@quick
def make(model, entry):
    """Makes a model of the catalogue, and data for it."""
    known[model], x, tolerance = catalogue.make(entry)
    names = sorted(c for c in classes(json.loads(known[model].to_json())) if c)
    return {"x": [encode(a) for a in x], "tolerance": tolerance, "classes": names}


def outputs(model, x):
    """The predictions, as float32, and their types."""
    y = catalogue.predict(known[model], [decode(a) for a in x])
    return {"values": [encode(np.asarray(a).astype("float32")) for a in y], "dtypes": [str(a.dtype) for a in y]}


def save_weights(model, path):
    known[model].save_weights(path)


def load_weights(model, path):
    """Loads weights into the model, whose own are lost."""
    for w in known[model].weights:
        w.assign(np.zeros(w.shape, str(w.dtype)))
    known[model].load_weights(path)


def savez(path, arrays):
    np.savez(path, **{name: decode(a) for name, a in arrays.items()})


session = {"__name__": "__main__"}


def run(code, folder):
    """Runs a piece of a Python session in the folder; returns what it prints."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(code, session)
        return out.getvalue()
    finally:
        os.chdir(before)


def make_texts(model, builder):
    """Makes a model that takes texts."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(7)
    known[model] = getattr(texts, builder)()


def vocabularies(model):
    return texts.vocabularies(known[model])


def vectorize(arguments, adapt, inputs):
    """A TextVectorization layer that was adapted: its words, and what it makes of the inputs; None where Keras fails."""
    return texts.vectorize(arguments, decode(adapt), decode(inputs), encode)


operations = {f.__name__: f for f in (build, builders, load, rewind, state, save, forget, predict, steps, fit, entries, make, outputs, save_weights, load_weights, savez, run, make_texts, vocabularies, vectorize)}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"result": operations[request.pop("operation")](**request)}
    except Exception:
        answer = {"error": traceback.format_exc()}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
