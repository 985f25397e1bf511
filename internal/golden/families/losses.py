"""Losses: reduced value, per-sample values and the gradient with respect to y_pred."""

import jax
import keras
import numpy as np

from arrays import array, uniform


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return np.round(e / e.sum(-1, keepdims=True), 3).astype("float32")


def case(name, loss, y_true, y_pred, sample_weight=None):
    y_pred = np.asarray(y_pred, "float32")

    def reduced(p):
        out = loss(y_true, p, sample_weight)
        return keras.ops.sum(out), out

    (_, out), grad = jax.value_and_grad(reduced, has_aux=True)(y_pred)
    values = loss.call(keras.ops.convert_to_tensor(y_true, "float32"), keras.ops.convert_to_tensor(y_pred))
    return {
        "name": name,
        "config": keras.saving.serialize_keras_object(loss),
        "y_true": array(y_true),
        "y_pred": array(y_pred),
        "sample_weight": None if sample_weight is None else array(np.asarray(sample_weight, "float32")),
        "values": array(values),
        "loss": array(out),
        "grad": array(grad),
    }


def pairs():
    """(name, loss maker, y_true, y_pred): every loss with every argument."""
    L = keras.losses
    one_hot = np.eye(4, dtype="float32")[[0, 3, 1, 1, 2]]
    probs = softmax(uniform(1, 5, 4, low=-2, high=2))
    logits = uniform(2, 5, 4, low=-3, high=3)
    saturated = np.array([[0, 0, 1, 0], [1, 0, 0, 0], [0, 0.5, 0, 0.5], [1e-7, 1, 0, 0], [1 - 2**-23, 2**-23, 0, 0]], "float32")
    unnormalised = uniform(3, 5, 4, low=0.1, high=2)
    steps = softmax(uniform(4, 2, 3, 4, low=-2, high=2))
    step_labels = np.array([[0, 3, 1], [2, 2, 0]], "int32")
    labels = np.array([0, 3, 1, 1, 2], "int32")
    bits = np.array([[0, 1, 1], [1, 0, 0]], "int32")
    bit_probs = np.array([[0.2, 0.7, 0.5], [0.9, 0.4, 0.1]], "float32")
    bit_saturated = np.array([[0, 1, 0], [1, 0, 1e-7]], "float32")
    bit_logits = np.array([[0, 2.5, -30], [200, -200, 0]], "float32")
    real, guess = uniform(5, 4, 3), uniform(6, 4, 3)
    guess[1, 1] = real[1, 1]

    C, S, B = L.CategoricalCrossentropy, L.SparseCategoricalCrossentropy, L.BinaryCrossentropy
    yield "categorical", C, {}, one_hot, probs
    yield "categorical soft targets", C, {}, softmax(uniform(7, 5, 4)), probs
    yield "categorical integer targets", C, {}, one_hot.astype("uint8"), probs
    yield "categorical boolean targets", C, {}, one_hot.astype("bool"), probs
    yield "categorical saturated", C, {}, one_hot, saturated
    yield "categorical unnormalised", C, {}, one_hot, unnormalised
    yield "categorical logits", C, {"from_logits": True}, one_hot, logits
    yield "categorical big logits", C, {"from_logits": True}, one_hot, (logits * 100).astype("float32")
    yield "categorical smoothing", C, {"label_smoothing": 0.1}, one_hot, probs
    yield "categorical smoothing logits", C, {"label_smoothing": 0.2, "from_logits": True}, one_hot, logits
    yield "categorical steps", C, {}, np.eye(4, dtype="float32")[step_labels], steps
    yield "categorical axis 1", C, {"axis": 1}, np.eye(4, dtype="float32")[step_labels].transpose(0, 2, 1).copy(), steps.transpose(0, 2, 1).copy()
    yield "categorical smoothing axis 1", C, {"axis": 1, "label_smoothing": 0.1}, np.eye(4, dtype="float32")[step_labels].transpose(0, 2, 1).copy(), steps.transpose(0, 2, 1).copy()
    yield "categorical one class", C, {}, np.ones((3, 1), "float32"), uniform(8, 3, 1, low=0.1, high=1)
    yield "sparse", S, {}, labels, probs
    yield "sparse column", S, {}, labels[:, None].astype("uint8"), probs
    yield "sparse float labels", S, {}, labels.astype("float32"), probs
    yield "sparse saturated", S, {}, labels, saturated
    yield "sparse logits", S, {"from_logits": True}, labels, logits
    yield "sparse out of range", S, {}, np.array([0, 4, -1, 9, 2], "int32"), probs
    yield "sparse out of range logits", S, {"from_logits": True}, np.array([0, 4, -1, 9, 2], "int32"), logits
    yield "sparse steps", S, {}, step_labels, steps
    yield "sparse ignore", S, {"ignore_class": 1}, labels, probs
    yield "sparse ignore negative logits", S, {"ignore_class": -1, "from_logits": True}, np.array([0, -1, -1, 3, 2], "int32"), logits
    yield "sparse ignore steps", S, {"ignore_class": 2}, step_labels, steps
    yield "sparse ignore all", S, {"ignore_class": 1}, np.ones(5, "int32"), probs
    yield "binary", B, {}, bits, bit_probs
    yield "binary column", B, {}, np.array([0, 1, 1], "int32"), np.array([[0.2], [0.7], [0.5]], "float32")
    yield "binary saturated", B, {}, bits, bit_saturated
    yield "binary smoothing", B, {"label_smoothing": 0.2}, bits, bit_probs
    yield "binary logits", B, {"from_logits": True}, bits, bit_logits
    yield "binary smoothing logits", B, {"from_logits": True, "label_smoothing": 0.1}, bits, bit_logits
    yield "binary axis 0", B, {"axis": 0}, bits, bit_probs
    yield "mse", L.MeanSquaredError, {}, real, guess
    yield "mse vector", L.MeanSquaredError, {}, real[:, 0].copy(), guess[:, :1].copy()
    yield "mse broadcast", L.MeanSquaredError, {}, real[:, :1].copy(), guess
    yield "mse image", L.MeanSquaredError, {}, uniform(9, 2, 3, 2), uniform(10, 2, 3, 2)
    yield "mse integers", L.MeanSquaredError, {}, np.array([[1, 2, 3]] * 4, "int32"), guess
    yield "mae", L.MeanAbsoluteError, {}, real, guess
    yield "mae vector", L.MeanAbsoluteError, {}, real[:, :1].copy(), guess[:, 0].copy()


def cases():
    out = []
    for name, make, arguments, y_true, y_pred in pairs():
        out.append(case(name, make(**arguments), y_true, y_pred))
        n = len(y_pred)
        weight = np.round(np.linspace(0, 2, n) + 0.125, 3).astype("float32")
        values_shape = make(**arguments).call(keras.ops.convert_to_tensor(y_true, "float32"), y_pred).shape
        if len(values_shape) != 1:  # Keras wants a weight a value, or one that broadcasts.
            weight = weight[:, None] if values_shape[0] == n else None
        elif values_shape[0] != n:
            weight = None
        if weight is not None:
            out.append(case(name + " weighted", make(**arguments), y_true, y_pred, weight))
    L = keras.losses
    real, guess = uniform(5, 4, 3), uniform(6, 4, 3)
    image, painted = uniform(9, 2, 3, 2), uniform(10, 2, 3, 2)
    labels, steps = np.array([[0, 3, 1], [2, 2, 0]], "int32"), softmax(uniform(4, 2, 3, 4, low=-2, high=2))
    for reduction in ["sum", "mean", "mean_with_sample_weight", "none", None]:
        for weight in [None, [0.5, 0, 2, 1], [[0.5], [0], [2], [1]], [0, 0, 0, 0]]:
            out.append(case(f"mse {reduction} {weight}", L.MeanSquaredError(reduction=reduction), real, guess, weight))
        for weight in [[[0.5], [2]], [[0.5, 1, 0], [2, 1, 1]], [[[0.5], [1], [0]], [[2], [1], [1]]], [1, 2, 3]]:
            out.append(case(f"mse image {reduction} {weight}", L.MeanSquaredError(reduction=reduction), image, painted, weight))
        for weight in [None, [[0.5], [2]], [[0.5, 1, 0], [2, 1, 1]]]:
            loss = L.SparseCategoricalCrossentropy(ignore_class=2, reduction=reduction, name="renamed")
            out.append(case(f"sparse ignore {reduction} {weight}", loss, labels, steps, weight))
    return out
