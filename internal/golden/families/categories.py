"""Probes: CategoryEncoding and Discretization; and limits that Discretization learnt."""

import keras
import numpy as np
from keras import layers as L

from arrays import array, uniform
from probes import call_error, case, constructor_error, model_of, start

IDS = np.array([[0, 1, 3], [2, 2, 0]], "int32")


def encodings():
    def one(label, *inputs, call=None, **arguments):
        return case(f"categories {label}", model_of(lambda: L.CategoryEncoding(4, **arguments), inputs, call), inputs)

    weighted = lambda layer, x, w: layer(x, count_weights=w)
    for mode in ("one_hot", "multi_hot", "count"):
        yield one(mode, IDS, output_mode=mode)
        yield one(f"{mode}, column", IDS[:, :1], output_mode=mode, name="mine")
        yield one(f"{mode}, three axes, out of range", np.stack([IDS - 1, IDS + 2, IDS * 2], axis=1), output_mode=mode, dtype="float16")
    yield one("one_hot of a vector", IDS[0], output_mode="one_hot", dtype="mixed_float16")
    yield one("floats", np.array([[0.0, 1.5, 3.0]], "float32"), output_mode="count")
    yield one("multi_hot of floats", np.array([[0.0, 1.5, 3.0]], "float32"))
    for dtype in ("uint8", "int16"):  # which add up to a larger type
        yield one(f"count in {dtype}", IDS, output_mode="count", dtype=dtype)
        yield one(f"multi_hot in {dtype}", IDS, output_mode="multi_hot", dtype=dtype)
    yield one("weights", IDS, uniform(91, 2, 3), call=weighted, output_mode="count")
    yield one("weights, half", IDS.astype("uint8"), uniform(92, 2, 3), call=weighted, output_mode="count", dtype="mixed_bfloat16")


def discretizations():
    x = uniform(93, 3, 2, low=-2, high=2)
    edges = [-1.0, 0.0, 0.5]

    def one(label, x, **arguments):
        return case(f"discretization {label}", model_of(lambda: L.Discretization(**arguments), (x,)), (x,), adapt=False)

    yield one("plain", x, bin_boundaries=edges)
    yield one("on the limits", np.array([[-1, 0, 0.5], [np.nan, np.inf, -np.inf]], "float32"), bin_boundaries=edges, name="mine")
    yield one("of integers", IDS, bin_boundaries=[1, 2])
    yield one("falling", x, bin_boundaries=[0.5, 0.0, -1.0])
    yield one("no limits", x, bin_boundaries=[])
    yield one("half", x, bin_boundaries=[-1.0, 0.001, 0.5], dtype="float16", output_mode="one_hot")
    yield one("count in uint8", x, bin_boundaries=edges, output_mode="count", dtype="uint8")
    for mode in ("one_hot", "multi_hot", "count"):
        yield one(mode, x, bin_boundaries=edges, output_mode=mode)
        yield one(f"{mode}, column", x[:, :1], bin_boundaries=edges, output_mode=mode, dtype="bfloat16")


def adaptions():
    """Limits learnt: the data, and what the layer says of itself afterwards."""
    out = []
    for label, data, arguments in (
        ("few", uniform(95, 7), {"num_bins": 3}),
        ("more bins than values", uniform(95, 3), {"num_bins": 8}),
        ("one bin", uniform(95, 30), {"num_bins": 1}),
        ("many values", uniform(96, 350), {"num_bins": 5}),
        ("equal values", np.repeat(uniform(97, 5), 30), {"num_bins": 4}),
        ("rough", uniform(98, 100, 3), {"num_bins": 6, "epsilon": 0.1}),
        ("an uneven part", uniform(99, 130), {"num_bins": 7, "epsilon": 0.07}),
        ("batches", [uniform(100, 150), uniform(101, 120, low=0, high=4)], {"num_bins": 4, "output_mode": "one_hot"}),
        ("batches, rough", [uniform(102 + i, 40, 2, low=-i, high=1) for i in range(4)], {"num_bins": 10, "epsilon": 0.05}),
        ("integers", np.random.default_rng(103).integers(0, 50, 120).astype("int32"), {"num_bins": 3}),
        ("a larger epsilon than 1", uniform(104, 10), {"num_bins": 3, "epsilon": 2.0}),
    ):
        keras.utils.clear_session()
        layer = L.Discretization(**arguments)
        before = keras.saving.serialize_keras_object(layer)
        layer.adapt(data)
        batches = data if isinstance(data, list) else [data]
        out.append({"name": label, "layer": before, "adapt": {"batches": [array(b) for b in batches], "one_array": not isinstance(data, list)}, "after": keras.saving.serialize_keras_object(layer)})
    return out


def errors():
    for arguments in ({"num_tokens": 0}, {}, {"num_tokens": 3, "output_mode": "int"}, {"num_tokens": 3, "output_mode": "tf_idf"}, {"num_tokens": 3, "wrong": 1}):
        yield constructor_error(L.CategoryEncoding, **arguments)
    for arguments in ({}, {"num_bins": -1}, {"num_bins": 2, "bin_boundaries": [1.0]}, {"num_bins": 2, "output_mode": "tf_idf"}, {"num_bins": 2, "sparse": True}, {"num_bins": 2, "trainable": True}):
        yield constructor_error(L.Discretization, **arguments)
    yield call_error(lambda: L.Discretization(num_bins=3), (None, 2))


def cases():
    start()
    return {"probes": [*encodings(), *discretizations()], "errors": list(errors()), "adaptions": adaptions()}
