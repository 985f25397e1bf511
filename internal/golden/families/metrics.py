"""Metrics: state and result after each of several batches, the last one smaller."""

import keras
import numpy as np
from keras.src.trainers import compile_utils

from arrays import array, uniform
from families.losses import softmax


def case(name, metric, batches):
    out = {"name": name, "config": keras.saving.serialize_keras_object(metric), "variables": [v.name for v in metric.variables], "batches": []}
    out["direction"] = metric._direction
    for y_true, y_pred, weight in batches:
        weight = None if weight is None else np.asarray(weight, "float32")
        metric.update_state(y_true, y_pred, weight)
        out["batches"].append(
            {
                "y_true": array(y_true),
                "y_pred": array(y_pred),
                "sample_weight": None if weight is None else array(weight),
                "state": [array(v.value) for v in metric.variables],
                "result": array(metric.result()),
            }
        )
    return out


def split(y_true, y_pred, weight=None):
    """Two batches of all but the last two samples, and a smaller third one."""
    n = len(y_pred) - 2
    half = (n + 1) // 2
    cuts = [slice(0, half), slice(half, n), slice(n, None)]
    return [(y_true[c].copy(), y_pred[c].copy(), None if weight is None else weight[c].copy()) for c in cuts]


def cases():
    M = keras.metrics
    labels = np.array([0, 3, 1, 1, 2, 3, 0, 2], "int32")
    probs = softmax(uniform(1, 8, 4, low=-1, high=1))
    one_hot = np.eye(4, dtype="float32")[labels]
    ties = np.round(uniform(2, 8, 4, low=0, high=3)).astype("float32")
    strange = ties.copy()
    strange[0, 1], strange[3, 1], strange[4] = np.nan, np.nan, np.inf
    outside = np.array([0, 4, -1, -4, -5, 9, 3, 3], "int32")
    step_labels = np.array([[0, 3], [1, 1], [2, 0], [3, 3], [1, 2]], "int32")
    steps = softmax(uniform(3, 5, 2, 4, low=-1, high=1))
    bits = np.array([[0, 1], [1, 1], [0, 0], [1, 0], [1, 1]], "int32")
    bit_probs = uniform(4, 5, 2, low=0, high=1)
    bit_probs[0, 0] = 0.5
    column = bit_probs[:, :1].copy()
    real, guess = uniform(5, 5, 3), uniform(6, 5, 3)
    image, painted = uniform(7, 5, 2, 2), uniform(8, 5, 2, 2)
    w8 = np.array([1, 0.5, 0, 2, 1, 0.25, 3, 1], "float32")
    w5 = np.array([1, 0.5, 0, 2, 0.25], "float32")
    w52 = uniform(9, 5, 2, low=0, high=2)

    plans = [
        ("accuracy", M.Accuracy, {}, labels, np.array([0, 3, 2, 1, 2, 1, 0, 0], "float32"), [None, w8]),
        ("accuracy column", M.Accuracy, {}, labels[:, None].copy(), np.array([0, 3, 2, 1, 2, 1, 0, 0], "int32"), [None, w8]),
        ("binary", M.BinaryAccuracy, {}, bits, bit_probs, [None, w5, w52]),
        ("binary threshold", M.BinaryAccuracy, {"threshold": 0.25, "name": "renamed"}, bits, bit_probs, [None]),
        ("binary vector", M.BinaryAccuracy, {}, bits[:, 0].copy(), column, [None, w5, w5[:, None].copy()]),
        ("binary boolean", M.BinaryAccuracy, {}, bits.astype("bool"), bit_probs, [None]),
        ("categorical", M.CategoricalAccuracy, {}, one_hot, probs, [None, w8]),
        ("categorical ties", M.CategoricalAccuracy, {}, one_hot.astype("uint8"), ties, [None]),
        ("categorical steps", M.CategoricalAccuracy, {}, np.eye(4, dtype="float32")[step_labels], steps, [None, w5, w52]),
        ("sparse", M.SparseCategoricalAccuracy, {}, labels, probs, [None, w8]),
        ("sparse column", M.SparseCategoricalAccuracy, {}, labels[:, None].astype("uint8"), probs, [None, w8, w8[:, None].copy()]),
        ("sparse ties", M.SparseCategoricalAccuracy, {}, labels, ties, [None]),
        ("sparse strange", M.SparseCategoricalAccuracy, {}, labels, strange, [None]),
        ("sparse outside", M.SparseCategoricalAccuracy, {}, outside, probs, [None]),
        ("sparse float labels", M.SparseCategoricalAccuracy, {}, labels + np.float32(0.5), probs, [None]),
        ("sparse steps", M.SparseCategoricalAccuracy, {}, step_labels, steps, [None, w5, w52]),
        ("top 2", M.TopKCategoricalAccuracy, {"k": 2}, one_hot, probs, [None, w8]),
        ("top 2 ties", M.TopKCategoricalAccuracy, {"k": 2}, one_hot, ties, [None]),
        ("top 5 of 4", M.TopKCategoricalAccuracy, {}, one_hot, probs, [None]),
        ("top 2 steps", M.TopKCategoricalAccuracy, {"k": 2}, np.eye(4, dtype="float32")[step_labels], steps, [None, w5, w52]),
        ("sparse top 2", M.SparseTopKCategoricalAccuracy, {"k": 2}, labels, probs, [None, w8]),
        ("sparse top 1 column", M.SparseTopKCategoricalAccuracy, {"k": 1}, labels[:, None].astype("uint8"), probs, [None, w8]),
        ("sparse top 2 ties", M.SparseTopKCategoricalAccuracy, {"k": 2}, labels, ties, [None]),
        ("sparse top 2 strange", M.SparseTopKCategoricalAccuracy, {"k": 2}, labels, strange, [None]),
        ("sparse top 2 outside", M.SparseTopKCategoricalAccuracy, {"k": 2}, outside, probs, [None]),
        ("sparse top 5 outside", M.SparseTopKCategoricalAccuracy, {"k": 5}, outside, probs, [None]),
        ("sparse top 2 steps", M.SparseTopKCategoricalAccuracy, {"k": 2}, step_labels, steps, [None, w5]),
        ("mse", M.MeanSquaredError, {}, real, guess, [None, w5]),
        ("mse vector", M.MeanSquaredError, {}, real[:, 0].copy(), guess[:, :1].copy(), [None, w5]),
        ("mse flat", M.MeanSquaredError, {}, real[:, 0].copy(), guess[:, 0].copy(), [None]),
        ("mse image", M.MeanSquaredError, {}, image, painted, [None, w5, w52]),
        ("rmse", M.RootMeanSquaredError, {}, real, guess, [None, w5, w5[:, None].copy()]),
        ("rmse image", M.RootMeanSquaredError, {}, image, painted, [None, w5, w52, w52[:, :, None].copy()]),
        ("mae", M.MeanAbsoluteError, {}, real, guess, [None, w5]),
        ("binary crossentropy", M.BinaryCrossentropy, {}, bits, bit_probs, [None, w5]),
        ("binary crossentropy arguments", M.BinaryCrossentropy, {"from_logits": True, "label_smoothing": 0.1}, bits, real[:, :2].copy(), [None]),
        ("categorical crossentropy", M.CategoricalCrossentropy, {}, one_hot, probs, [None, w8]),
        ("categorical crossentropy arguments", M.CategoricalCrossentropy, {"from_logits": True, "label_smoothing": 0.1}, one_hot, ties, [None]),
        ("sparse crossentropy", M.SparseCategoricalCrossentropy, {}, labels, probs, [None, w8]),
        ("sparse crossentropy logits", M.SparseCategoricalCrossentropy, {"from_logits": True}, labels, ties, [None]),
        ("sparse crossentropy ignore", M.SparseCategoricalCrossentropy, {"ignore_class": 1}, labels, probs, [None, w8]),
        ("sparse crossentropy ignore steps", M.SparseCategoricalCrossentropy, {"ignore_class": 1}, step_labels, steps, [None, w5, w52]),
    ]
    out = []
    for name, make, arguments, y_true, y_pred, weights in plans:
        for weight in weights:
            label = name if weight is None else f"{name} weights {list(weight.shape)}"
            out.append(case(label, make(**arguments), split(y_true, y_pred, weight)))
    out.append(case("weights all zero", M.MeanSquaredError(), [(real, guess, np.zeros(5, "float32"))]))
    return {"metrics": out, "resolve": resolve(), "mean": mean()}


def resolve():
    """What Compile makes of a name, by the shapes of target and prediction."""
    names = ["accuracy", "acc", "Accuracy", "mse", "MSE", "mae", "bce", "mean_squared_error", "MeanSquaredError", "binary_accuracy", "BinaryAccuracy"]
    names += ["categorical_crossentropy", "sparse_top_k_categorical_accuracy", "root_mean_squared_error", "crossentropy", "ce", "topk"]
    shapes = [((None, 1), (None, 1)), ((None,), (None, 1)), ((None,), (None, 10)), ((None, 1), (None, 10)), ((None, 10), (None, 10)), ((None, 7), (None, 7, 10))]
    out = []
    for name in names:
        for y_true, y_pred in shapes if name.lower() in ["accuracy", "acc"] else shapes[:1]:
            entry = {"given": name, "y_true": [-1 if d is None else d for d in y_true], "y_pred": [-1 if d is None else d for d in y_pred]}
            try:
                metric = compile_utils.get_metric(name, keras.KerasTensor(y_true), keras.KerasTensor(y_pred))
                entry |= {"class": type(metric).__name__, "name": metric.name}
            except ValueError as e:
                entry |= {"error": str(e)}
            out.append(entry)
    return out


def mean():
    """The running mean, as the trainer keeps it of the loss."""
    metric = keras.metrics.Mean()
    out = []
    for value, weight in [(0.5, 4.0), (1.25, 4.0), (3.0, 1.0)]:
        metric.update_state(np.float32(value), sample_weight=np.float32(weight))
        out.append({"value": value, "weight": weight, "state": [array(v.value) for v in metric.variables], "result": array(metric.result())})
    return out
