"""Models whose weights were made whole numbers of few bits: model.quantize."""

import io
import json
import zipfile

import h5py
import keras
import numpy as np
from keras import layers as L
from keras.quantizers import AbsMaxQuantizer, Int4QuantizationConfig, Int8QuantizationConfig

from arrays import array
from families.layers import seed_of, weight_value


def weights_of(model):
    return [{"path": w.path, "trainable": w.trainable, "value": array(w)} for w in model.weights]


def record(name, layers, inputs, mode=None, config=None):
    """A model of the layers, one after the other, before it was quantized and after, its file, and a step of SGD."""
    keras.utils.clear_session()
    inputs = np.asarray(inputs) if not isinstance(inputs, tuple) else keras.random.normal(inputs, seed=seed_of(name)).__array__()
    x = keras.Input(inputs.shape[1:], dtype=str(inputs.dtype), name="x")
    y = x
    for apply in layers():
        y = apply(y)
    model = keras.Model(x, y, name="m")
    for k, w in enumerate(model.weights):
        w.assign(weight_value(w, seed_of(f"{name}/{k}")))
    out = {"name": name, "mode": mode} | ({"before": model.to_json(), "unquantized": weights_of(model)} if mode else {})
    model.quantize(mode, config)
    path = "/tmp/gokeras_quantized.keras"
    model.save(path)
    with zipfile.ZipFile(path) as z, h5py.File(io.BytesIO(z.read("model.weights.h5"))) as f:
        arrays = {}
        same = lambda a: next(k for k, w in enumerate(model.weights) if w.dtype == a.dtype and np.array_equal(w, a))
        f.visititems(lambda name, o: arrays.update({name: same(o[()])}) if isinstance(o, h5py.Dataset) else None)
        out["config"] = json.loads(z.read("config.json"))
    outputs = model(inputs, training=False)
    out |= {"file": arrays, "weights": weights_of(model), "inputs": array(inputs), "outputs": array(outputs)}
    again = keras.saving.load_model(path)
    assert np.array_equal(again(inputs, training=False), outputs)
    model.compile("sgd", "mse")
    model.train_on_batch(inputs, np.zeros(outputs.shape, "float32"))
    return out | {"trained": weights_of(model)}


def dense():
    return [L.Dense(5, activation="tanh", name="a"), L.Dense(3, name="b")]


def einsum():
    return [
        L.EinsumDense("abc,cd->abd", (3, 5), bias_axes="d", activation="relu", name="a"),
        L.EinsumDense("abc,cde->aebd", (2, 3, 4), bias_axes="e", name="b"),
        L.EinsumDense("abcd,de->abce", (2, 3, 3), name="c"),
    ]


def embedding():
    return [L.Embedding(7, 5, mask_zero=True, name="e"), L.Dense(3, use_bias=False, name="d")]


def reversible(tie):
    def layers():
        words = L.ReversibleEmbedding(7, 5, tie_weights=tie, logit_soft_cap=2.0 if tie else None, name="e")
        return [words, lambda x: words(x, reverse=True)]

    return layers


def cases():
    indices = np.array([[0, 5, 2], [1, 6, 4]], "int32")
    small = lambda block: Int4QuantizationConfig(block_size=block)
    own = Int8QuantizationConfig(AbsMaxQuantizer(axis=0, value_range=(-100, 100)), AbsMaxQuantizer(value_range=(-90, 90), epsilon=1e-3))
    out = []
    for mode in ("int8", "int4"):
        out += [
            record(f"einsum dense {mode}", einsum, (2, 3, 4), mode),
            record(f"embedding {mode}", embedding, indices, mode),
            record(f"reversible embedding {mode}", reversible(True), indices, mode),
            record(f"reversible embedding, untied, {mode}", reversible(False), indices, mode),
        ]
    out += [
        record("dense int8", dense, (2, 4), "int8"),
        record("weights alone", lambda: dense() + [L.Reshape((3, 1)), L.EinsumDense("abc,cd->abd", (3, 2), name="c")], (2, 4), config=Int8QuantizationConfig(None, None)),
        record("quantizers of one's own", dense, (2, 4), config=own),
        record("dense, blocks of 3", dense, (2, 4), config=small(3)),
        record("dense, no blocks", dense, (2, 4), config=small(-1)),
        record("einsum dense, blocks of 2", einsum, (2, 3, 4), config=small(2)),
        record("einsum dense, no blocks", einsum, (2, 3, 4), config=small(None)),
        record("embedding, blocks of 2", embedding, indices, config=small(2)),
        record("reversible embedding, untied, blocks of 2", reversible(False), indices, config=small(2)),
        record("bfloat16", lambda: [L.Dense(3, dtype="mixed_bfloat16", name="a")], (2, 4), "int8"),
    ]
    return {"cases": out}
