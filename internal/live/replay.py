"""Records what Keras's own tests of layers, which its wheel has, would check: `python replay.py FOLDER`.

Each call of their run_layer_test is made a model of that layer alone. FOLDER gets the model as NAME.keras, its inputs x_0, x_1, … and
outputs y_0, … as NAME.npz, and report.json: {"recorded": names, "failed": {what: why Keras couldn't make or save it}}.
"""

import collections
import gc
import glob
import inspect
import json
import os
import sys
from unittest import mock

os.environ["KERAS_BACKEND"] = "tensorflow"  # which computes at once: JAX would compile each operation of each model
sys.modules.setdefault("grain", mock.MagicMock())  # some test files import it for tests that aren't asked for here

import keras  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
from keras.src import testing, tree  # noqa: E402

MOST = 2  # models of one class
FAMILIES = "activations attention convolutional core merging normalization pooling preprocessing regularization reshaping rnn".split()

folder = sys.argv[1]
recorded, failed = [], {}
seen, of_class = set(), collections.Counter()


def is_shape(x):
    return isinstance(x, (tuple, list)) and all(isinstance(d, (int, type(None))) for d in x)


def values(shape, dtype):
    random = np.random.default_rng(len(recorded))
    shape = [2 if d is None else d for d in shape]
    if "int" in dtype or dtype == "bool":
        return random.integers(0, 2, size=shape).astype(dtype)
    return random.normal(size=shape).astype(dtype)


def data_of(shape, dtype):
    """Arrays in the structure of the shapes."""
    if is_shape(shape):
        return values(shape, dtype if isinstance(dtype, str) else "float32")
    if isinstance(shape, dict):
        return {k: data_of(s, dtype.get(k) if isinstance(dtype, dict) else dtype) for k, s in shape.items()}
    return [data_of(s, dtype[i] if isinstance(dtype, (list, tuple)) else dtype) for i, s in enumerate(shape)]


def record(test, layer_cls, init_kwargs, input_shape=None, input_dtype=None, input_sparse=False, input_ragged=False, input_data=None, call_kwargs=None, **expected):
    what = f"{layer_cls.__name__} {init_kwargs} {input_shape} {call_kwargs} {input_dtype}"
    if input_sparse or input_ragged or what in seen or layer_cls.__module__.endswith("_test") or of_class[layer_cls] == MOST:
        return
    seen.add(what)
    name = f"{layer_cls.__name__}_{of_class[layer_cls] + 1}"
    try:
        keras.utils.clear_session()
        keras.utils.set_random_seed(len(recorded))
        data = data_of(input_shape, input_dtype) if input_data is None else tree.map_structure(np.asarray, input_data)
        arrays, inputs = [], []

        def symbolic(a):
            arrays.append(a)
            inputs.append(keras.Input(batch_shape=a.shape, dtype=str(a.dtype)))
            return inputs[-1]

        layer, data = layer_cls(**init_kwargs), tree.map_structure(symbolic, data)
        if isinstance(input_shape, dict):
            outputs = layer(**{k.removesuffix("_shape"): x for k, x in data.items()}, **(call_kwargs or {}))
        else:
            outputs = layer(data, **(call_kwargs or {}))
        model = keras.Model(inputs, outputs)
        if "_test" in model.to_json():
            return  # it has a class of the test
        y = tree.flatten(model(arrays if len(arrays) > 1 else arrays[0], training=False))
        model.save(f"{folder}/{name}.keras")
    except Exception as e:
        failed[what] = str(e)
        return
    y = [np.asarray(a) for a in y]
    y = [a.astype("float32") if a.dtype.kind == "V" else a for a in y]  # NumPy's files don't know bfloat16
    named = {f"x_{i}": a for i, a in enumerate(arrays)} | {f"y_{i}": a for i, a in enumerate(y)}
    np.savez(f"{folder}/{name}.npz", **named)
    recorded.append(name)
    of_class[layer_cls] += 1


class Only:
    """Leaves those tests that run layers."""

    def pytest_collection_modifyitems(self, items):
        items[:] = [item for item in items if "run_layer_test" in inspect.getsource(item.function)]
        # Each clear_session collects garbage, which would look through all of TensorFlow, 0.2 s each time.
        gc.collect()
        gc.freeze()


testing.TestCase.run_layer_test = record
root = os.path.join(os.path.dirname(keras.src.__file__), "layers")
files = sorted(f for family in FAMILIES for f in glob.glob(f"{root}/{family}/**/*_test.py", recursive=True))
if files:
    pytest.main(["-q", "-p", "no:cacheprovider", "-W", "ignore", "--tb=no", "--continue-on-collection-errors", *files], plugins=[Only()])
with open(f"{folder}/report.json", "w") as f:
    json.dump({"recorded": recorded, "failed": failed}, f)
