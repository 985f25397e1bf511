"""Losses and metrics of predictions that have a mask, and the metrics of plain values. README.md has the format."""

import jax
import keras
import numpy as np
from keras.src import backend

from arrays import array, uniform
from families.losses import softmax

L, M = keras.losses, keras.metrics


def loss_case(name, loss, y_true, y_pred, mask, weight=None):
    def reduced(p):
        backend.set_keras_mask(p, backend.convert_to_tensor(mask))
        out = loss(y_true, p, weight)
        return keras.ops.sum(out), out

    (_, out), grad = jax.value_and_grad(reduced, has_aux=True)(backend.convert_to_tensor(y_pred))
    return {
        "name": name, "config": keras.saving.serialize_keras_object(loss), "y_true": array(y_true), "y_pred": array(y_pred), "mask": array(mask),
        "sample_weight": None if weight is None else array(weight), "loss": array(out), "grad": array(grad),
    }  # fmt: skip


def masked(name, metric, y_true, y_pred, mask, weight=None):
    out = {"name": name, "config": keras.saving.serialize_keras_object(metric), "direction": metric._direction, "batches": []}
    for cut in (slice(0, 3), slice(3, None)):
        batch = {"y_true": y_true[cut], "y_pred": y_pred[cut], "mask": mask[cut], "sample_weight": None if weight is None else weight[cut]}
        predictions = backend.convert_to_tensor(batch["y_pred"])
        backend.set_keras_mask(predictions, backend.convert_to_tensor(batch["mask"]))
        metric.update_state(batch["y_true"], predictions, batch["sample_weight"])
        record = {key: None if value is None else array(value) for key, value in batch.items()}
        out["batches"].append(record | {"state": [array(v.value) for v in metric.variables], "result": array(metric.result())})
    out["variables"] = [v.name for v in metric.variables]
    return out


def values_case(name, metric, updates):
    out = {"name": name, "config": keras.saving.serialize_keras_object(metric), "variables": [v.name for v in metric.variables], "updates": []}
    for values, weight in updates:
        metric.update_state(values, weight)
        out["updates"].append({
            "values": array(values), "sample_weight": None if weight is None else array(weight),
            "state": [array(v.value) for v in metric.variables], "result": array(metric.result()),
        })  # fmt: skip
    return out


def cases():
    steps = (5, 3)
    mask = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1], [0, 1, 1]], "bool")
    labels = np.random.default_rng(1).integers(0, 4, steps).astype("int32")
    one_hot, probs = np.eye(4, dtype="float32")[labels], softmax(uniform(2, *steps, 4))
    real, guess = uniform(3, *steps, 2), uniform(4, *steps, 2)
    bits, chances = (uniform(5, *steps, 1) > 0).astype("float32"), uniform(6, *steps, 1, low=0, high=1)
    w5, w53 = uniform(7, 5, low=0, high=2), uniform(8, *steps, low=0, high=2)
    flat = mask[:, 0].copy()

    losses = []
    for reduction in ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none"):
        losses.append(loss_case(f"mse {reduction}", L.MeanSquaredError(reduction=reduction), real, guess, mask))
        losses.append(loss_case(f"mse {reduction} weights", L.MeanSquaredError(reduction=reduction), real, guess, mask, w53))
        losses.append(loss_case(f"sparse ignore {reduction}", L.SparseCategoricalCrossentropy(ignore_class=1, reduction=reduction), labels, probs, mask, w53))
    losses += [
        loss_case("mae rows", L.MeanAbsoluteError(), real[:, 0].copy(), guess[:, 0].copy(), flat),
        loss_case("mae rows weights", L.MeanAbsoluteError(), real[:, 0].copy(), guess[:, 0].copy(), flat, w5),
        loss_case("column of weights", L.MeanSquaredError(), real, guess, mask, w5[:, None].copy()),
        loss_case("column of masks", L.MeanSquaredError(), real, guess, mask[:, :1].copy()),
        loss_case("mask with an axis", L.CategoricalCrossentropy(), one_hot, probs, mask[:, :, None].copy()),
        loss_case("binary", L.BinaryCrossentropy(), bits, chances, mask),
        loss_case("sparse", L.SparseCategoricalCrossentropy(), labels, probs, mask),
        loss_case("sparse ignore", L.SparseCategoricalCrossentropy(ignore_class=2), labels, probs, mask),
        loss_case("nothing counts", L.MeanSquaredError(), real, guess, np.zeros(steps, "bool")),
        loss_case("all count", L.MeanSquaredError(), real, guess, np.ones(steps, "bool"), w53),
    ]
    metrics = []
    for label, weight in (("", None), (" weights", w53)):
        metrics += [
            masked("mse" + label, M.MeanSquaredError(), real, guess, mask, weight),
            masked("rmse" + label, M.RootMeanSquaredError(), real, guess, mask, weight),
            masked("binary accuracy" + label, M.BinaryAccuracy(), bits, chances, mask, weight),
            masked("sparse accuracy" + label, M.SparseCategoricalAccuracy(), labels, probs, mask, weight),
            masked("sparse ignore" + label, M.SparseCategoricalCrossentropy(ignore_class=1), labels, probs, mask, weight),
            masked("top 2" + label, M.TopKCategoricalAccuracy(k=2), one_hot, probs, mask, weight),
            # These take no notice of it.
            masked("auc" + label, M.AUC(num_thresholds=5), bits, chances, mask, weight),
            masked("mean iou" + label, M.MeanIoU(4, sparse_y_pred=False, dtype="float32"), labels, probs, mask, weight),
        ]
    metrics.append(masked("mae rows", M.MeanAbsoluteError(), real[:, 0].copy(), guess[:, 0].copy(), flat, w5))
    metrics.append(masked("f1", M.F1Score(), one_hot[:, 0].copy(), probs[:, 0].copy(), flat, w5))
    metrics.append(masked("nothing counts", M.MeanSquaredError(), real, guess, np.zeros(steps, "bool")))
    numbers = np.float32(0.5), np.float32(2)
    values = [
        values_case(f"{make.__name__}{label}", make(), updates)
        for make in (M.Mean, M.Sum)
        for label, updates in [
            ("", [(real, None), (guess[:2].copy(), None)]),
            (" weights", [(real, w53), (guess, w5), (real, real)]),
            (" numbers", [(numbers[0], None), (numbers[1], np.float32(3)), (real[:, 0, 0].copy(), np.float32(2))]),
        ]
    ]
    return {"losses": losses, "metrics": metrics, "values": values}
