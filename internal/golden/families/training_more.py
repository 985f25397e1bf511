"""Trainings with more optimizers, losses and metrics: a small perceptron and a small convolution. README.md has the format, under training."""

import io
import tempfile
import zipfile

import h5py
import keras
import numpy as np

from arrays import array, uniform
from families.training import case, classification, functional, one_hot, small

L, O, M = keras.layers, keras.optimizers, keras.metrics


def convolution():
    return functional(
        L.Conv2D(3, 2, activation="relu", name="conv"), L.Flatten(name="flat"), L.Dense(2, activation="softmax", name="out"), shape=(4, 4, 1)
    )  # fmt: skip


def saved(model):
    """What the file has below the optimizer: paths, and arrays."""
    with tempfile.NamedTemporaryFile(suffix=".keras") as file:
        model.save(file.name)
        weights = h5py.File(io.BytesIO(zipfile.ZipFile(file.name).read("model.weights.h5")))
    out = {}
    weights["optimizer"].visititems(lambda path, x: out.update({path: array(x[()])}) if isinstance(x, h5py.Dataset) else None)
    return out


def cases():
    x, label = classification(10)
    y = one_hot(label)
    images, kinds = uniform(1, 8, 4, 4, 1), one_hot(np.arange(8) % 2, 2)
    out = []
    for name, make in (
        ("adafactor", lambda: O.Adafactor(0.05)), ("lamb", lambda: O.Lamb(0.05, weight_decay=0.01)), ("muon", lambda: O.Muon(0.05, exclude_layers=["out"])),
        ("schedulefree", lambda: O.ScheduleFreeAdamW(0.05, warmup_steps=3)),
    ):  # fmt: skip
        for net, build, inputs, targets in (("mlp", small, x, y), ("cnn", convolution, images, kinds)):
            keras.utils.clear_session()
            model = build()
            fit = {"epochs": 4} if net == "cnn" else {"epochs": 3}
            out.append(case(f"{name}_{net}", model, inputs, targets, make(), fit=fit, metrics=["accuracy"]) | {"file": saved(model)})
    real = uniform(2, 10, 2, low=0, high=1)
    for loss, metrics in (
        ("huber", ["mape", "MSLE", "r2_score"]), ("log_cosh", ["cosine_similarity", "log_cosh_error"]), ("mape", ["poisson"]), ("squared_hinge", ["hinge"]),
    ):  # fmt: skip
        out.append(case(f"loss_{loss}", small(2, "sigmoid"), x, real, O.SGD(0.05), loss=loss, metrics=metrics))
    bits = (real > 0.5).astype("float32")
    for loss, metrics in (
        ("binary_focal_crossentropy", ["precision", "Recall", "true_positives"]), ("dice", ["false_negatives"]), ("tversky", ["false_positives", "TrueNegatives"]),
    ):  # fmt: skip
        out.append(case(f"loss_{loss}", small(2, "sigmoid"), x, bits, O.SGD(0.1), loss=loss, metrics=metrics))
    for loss, metrics in (("kld", ["kl_divergence"]), ("categorical_hinge", ["categorical_hinge"]), ("categorical_focal_crossentropy", ["pearson_correlation"])):
        out.append(case(f"loss_{loss}", small(), x, y, O.SGD(0.1), loss=loss, metrics=metrics))
    return {"small": out}
