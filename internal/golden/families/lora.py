"""Probes: layers that learn by factors of low rank (LoRA)."""

import io
import zipfile

import h5py
import keras
import numpy as np
from keras import layers as L

from arrays import array
from families.layers import seed_of, weight_value
from probes import call_error, case, model_of, start


def layers():
    yield case("lora dense", model_of(lambda: L.Dense(4, lora_rank=2, activation="tanh", kernel_regularizer="l2", name="d"), [(2, 3)]), [(2, 3)])
    yield case("lora dense, alpha of the constructor", model_of(lambda: L.Dense(4, lora_rank=2, lora_alpha=5, use_bias=False), [(2, 3, 2)]), [(2, 3, 2)])
    yield case("lora dense, half", model_of(lambda: L.Dense(4, lora_rank=1, dtype="mixed_float16"), [(2, 3)]), [(2, 3)])
    yield case("lora einsum dense", model_of(lambda: L.EinsumDense("abc,cde->abde", (3, 2, 4), bias_axes="de", lora_rank=3, lora_alpha=1.5), [(2, 3, 2)]), [(2, 3, 2)])
    yield case("lora embedding", model_of(lambda: L.Embedding(5, 3, mask_zero=True, lora_rank=2), [np.zeros((2, 4), "int32")]), [np.array([[0, 1, 4, 2], [3, 3, -1, 0]], "int32")])
    yield case("lora embedding, bfloat16", model_of(lambda: L.Embedding(5, 3, lora_rank=1, dtype="bfloat16"), [np.zeros((2, 4), "int32")]), [np.array([[0, 1, 4, 2], [3, 3, 0, 0]], "int32")])
    yield case("lora conv1d", model_of(lambda: L.Conv1D(4, 3, padding="causal", groups=2, activation="tanh", lora_rank=2, lora_alpha=5, kernel_regularizer="l2"), [(2, 5, 4)]), [(2, 5, 4)])
    yield case("lora conv2d, half", model_of(lambda: L.Conv2D(3, 2, strides=2, use_bias=False, lora_rank=1, dtype="mixed_float16"), [(2, 4, 4, 2)]), [(2, 4, 4, 2)])
    yield case("lora conv3d", model_of(lambda: L.Conv3D(2, 2, data_format="channels_first", lora_rank=3), [(1, 2, 2, 3, 2)]), [(1, 2, 2, 3, 2)])
    yield case("lora reversible", model_of(both_ways, [np.zeros((2, 3), "int32")]), [np.array([[0, 1, 4], [3, 3, -1]], "int32")])
    yield case("lora rank 0", model_of(lambda: L.Dense(2, lora_rank=0, lora_alpha=3), [(2, 3)]), [(2, 3)])


def both_ways():
    words = L.ReversibleEmbedding(5, 3, lora_rank=2, mask_zero=True, logit_soft_cap=2.0, name="words")
    return lambda x: words(words(x), reverse=True)


def enabled():
    """A model whose layers were given factors after they were built, what its file holds, and the weights of the model that Keras reads."""
    keras.utils.clear_session()
    x = keras.Input((3,), dtype="int32", name="x")
    y = L.Embedding(6, 4, name="e")(x)
    y = L.EinsumDense("abc,cd->abd", (3, 3), bias_axes="d", name="s")(y)
    words = L.ReversibleEmbedding(6, 3, name="r")
    y = L.Add(name="a")([y, words(x)])
    y = words(L.Conv1D(3, 2, padding="same", groups=3, name="c")(y), reverse=True)
    model = keras.Model(x, L.Dense(2, name="d")(L.Flatten(name="f")(y)), name="m")
    model.get_layer("e").enable_lora(2)
    model.get_layer("r").enable_lora(1, lora_alpha=3)
    model.get_layer("c").enable_lora(2, lora_alpha=0.5)
    model.get_layer("s").enable_lora(3, lora_alpha=6)
    model.get_layer("d").enable_lora(1, lora_alpha=0.5)
    for k, w in enumerate(model.weights):
        w.assign(weight_value(w, seed_of(f"enabled/{k}")))
    inputs = np.array([[0, 5, 2], [1, 1, 4]], "int32")
    before = [{"path": w.path, "trainable": w.trainable, "value": array(w)} for w in model.weights]
    path = "/tmp/gokeras_lora.keras"
    model.save(path)
    with zipfile.ZipFile(path) as z, h5py.File(io.BytesIO(z.read("model.weights.h5"))) as f:
        arrays = {}
        f.visititems(lambda name, o: arrays.update({name: array(o[()])}) if isinstance(o, h5py.Dataset) else None)
        config = z.read("config.json").decode()
    again = keras.saving.load_model(path)
    return {
        "config": config,
        "weights": before,
        "inputs": array(inputs),
        "outputs": array(model(inputs)),
        "file": arrays,
        "read": [{"path": w.path, "trainable": w.trainable, "value": array(w)} for w in again.weights],
    }


def cases():
    start()
    errors = [
        call_error(lambda: L.Dense(2, lora_rank=1, kernel_constraint="non_neg"), (2, 3)),
        call_error(lambda: L.Embedding(2, 2, lora_rank=1, embeddings_constraint="non_neg"), (2, 3)),
        call_error(lambda: L.Conv2D(2, 2, lora_rank=1, kernel_constraint="non_neg"), (2, 3, 3, 1)),
        call_error(lambda: L.ReversibleEmbedding(2, 2, lora_rank=1, tie_weights=False), (2, 3)),
    ]
    return {"probes": list(layers()), "errors": errors, "enabled": enabled()}
