"""Metrics whose state is more than a sum and a count: areas under curves, F-scores, intersections over unions. README.md has the format."""

import warnings

import keras
import numpy as np

from arrays import array, uniform
from families.losses import softmax

M = keras.metrics


def scores(seed, y_true):
    """Probabilities that follow the labels somewhat, with two digits: some exactly on thresholds, at the ends, or equal to each other."""
    values = np.round(0.5 * y_true + uniform(seed, *y_true.shape, low=-0.2, high=0.7), 2).clip(0, 1).astype("float32")
    flat = values.reshape(-1)
    flat[1::7], flat[3::9] = 0.5, 0.25
    return values


def guesses(seed, one_hot):
    """Distributions over classes that are right more often than not."""
    return softmax(uniform(seed, *one_hot.shape) + np.float32(0.8) * one_hot)


def chances(seed, *shape):
    return np.random.default_rng(seed).integers(0, 2, shape)


def state_of(metric):
    return [array(v.value) for v in metric.variables]


def case(name, make, updates, /, **arguments):
    keras.utils.clear_session()
    metric = make(**arguments)
    record = {"name": name, "config": keras.saving.serialize_keras_object(metric), "built": bool(metric.variables)}
    record["direction"] = getattr(metric, "_direction", None)
    record["initial_result"] = array(metric.result()) if metric.variables else None
    record["updates"] = []
    for y_true, y_pred, weight in updates:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of float weights that become integers
            metric.update_state(y_true, y_pred, weight)
        record["updates"].append(
            {
                "y_true": array(y_true),
                "y_pred": array(y_pred),
                "sample_weight": None if weight is None else array(weight),
                "state": state_of(metric),
                "result": array(metric.result()),
            }
        )
    record["variables"] = [{"name": v.name, "path": v.path, "shape": list(v.shape), "dtype": v.dtype} for v in metric.variables]
    metric.reset_state()
    record["reset"] = state_of(metric)
    return record


def thirds(y_true, y_pred, weight=None):
    """Three updates, the last one smaller."""
    n = len(y_pred)
    step = -(-n // 3)
    return [
        (y_true[i : i + step].copy(), y_pred[i : i + step].copy(), None if weight is None else weight[i : i + step].copy())
        for i in range(0, n, step)
    ]


def both(name, make, y_true, y_pred, /, *weights, **arguments):
    """The case without weights, and one for each kind of weights."""
    for weight in (None, *weights):
        label = name if weight is None else f"{name} weights {list(weight.shape)} {weight.dtype}"
        yield case(label, make, thirds(y_true, y_pred, weight), **arguments)


def auc():
    n = 11
    line = chances(1, n).astype("int32")
    column, labels = line[:, None].copy(), chances(4, n, 3).astype("float32")
    line_scores, column_scores, label_scores = scores(2, line), scores(3, column), scores(5, labels)
    w1 = np.round(uniform(6, n, low=0, high=2), 1).astype("float32")
    w1[4] = 0
    w3 = np.round(uniform(7, n, 3, low=0, high=2), 1).astype("float32")
    uneven = [0.9, 0.1, 0.25]
    yield from both("auc", M.AUC, line, line_scores, w1)
    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "minoring", "majoring"):
            given = {"curve": curve, "summation_method": method}
            yield from both(f"auc {curve} {method}", M.AUC, column, column_scores, w1, num_thresholds=9, **given)
            yield case(f"auc {curve} {method} uneven", M.AUC, thirds(line, line_scores, w1), thresholds=uneven, **given)
            yield case(f"auc {curve} {method} labels", M.AUC, thirds(labels, label_scores, w1), num_thresholds=5, multi_label=True, **given)
    yield case("auc lower case", M.AUC, thirds(line, line_scores), num_thresholds=5, curve="pr", summation_method="Majoring", name="area")
    yield case("auc even thresholds given", M.AUC, thirds(line, line_scores, w1), thresholds=[0.5, 0.25, 0.75])
    yield case("auc two thresholds", M.AUC, thirds(line, line_scores, w1), num_thresholds=2)
    yield case("auc no thresholds given", M.AUC, thirds(line, line_scores), thresholds=[])
    yield from both("auc flat labels", M.AUC, labels, label_scores, w1, w1[:, None].copy(), w3, num_thresholds=6)
    yield from both("auc flat labels uneven", M.AUC, labels, label_scores, w3, thresholds=uneven)
    yield from both("auc label weights", M.AUC, labels, label_scores, w1, num_thresholds=6, label_weights=[1.0, 0.5, 2.0])
    yield from both("auc label weights uneven", M.AUC, labels, label_scores, w3, thresholds=uneven, label_weights=[1.0, 0.5, 2.0])
    yield from both("auc multi label", M.AUC, labels, label_scores, w1, w3, num_thresholds=6, multi_label=True)
    yield from both("auc multi label uneven", M.AUC, labels, label_scores, thresholds=uneven, multi_label=True)
    yield case("auc num labels", M.AUC, thirds(labels, label_scores), num_thresholds=4, multi_label=True, num_labels=3)
    for curve in ("ROC", "PR"):
        yield case(
            f"auc multi label weights {curve}", M.AUC, thirds(labels, label_scores, w1),
            num_thresholds=5, multi_label=True, num_labels=3, label_weights=[1.0, 0.5, 2.0], curve=curve,
        )  # fmt: skip
    logits = (8 * label_scores - 4).round(1).astype("float32")
    yield from both("auc logits", M.AUC, labels, logits, w1, num_thresholds=7, from_logits=True)
    yield case("auc logits multi label", M.AUC, thirds(labels, logits), num_thresholds=5, from_logits=True, multi_label=True)
    yield case("auc outside", M.AUC, thirds(line, (3 * line_scores - 1).round(2).astype("float32")), num_thresholds=5)
    yield case("auc outside uneven", M.AUC, thirds(line, (3 * line_scores - 1).round(2).astype("float32")), thresholds=uneven)
    yield case("auc line and column", M.AUC, thirds(line, column_scores, w1), num_thresholds=5)
    yield case("auc column and line", M.AUC, thirds(column, line_scores, w1), num_thresholds=5)
    maps = chances(8, 5, 2, 2).astype("int32")
    yield case("auc maps", M.AUC, thirds(maps, scores(9, maps), uniform(10, 5, 2, low=0, high=2)), num_thresholds=5)
    yield case("auc boolean", M.AUC, thirds(line.astype("bool"), line_scores), num_thresholds=5)
    yield case("auc numbers as labels", M.AUC, thirds(np.arange(n, dtype="int32") % 3, line_scores), num_thresholds=5)
    yield case("auc one class", M.AUC, thirds(np.ones(n, "int32"), line_scores), num_thresholds=5)
    yield case("auc weights all zero", M.AUC, thirds(line, line_scores, np.zeros(n, "float32")), num_thresholds=5, curve="PR")


def f_scores():
    n = 10
    labels = np.random.default_rng(11).integers(0, 4, n)
    one_hot = np.eye(4, dtype="float32")[labels]
    several = chances(12, n, 4).astype("int32")
    probs = guesses(13, one_hot)
    ties = np.round(uniform(14, n, 4, low=0, high=2)).astype("float32")
    ties[2] = 0
    w = np.round(uniform(15, n, low=0, high=2), 1).astype("float32")
    for average in (None, "micro", "macro", "weighted"):
        yield from both(f"f1 {average}", M.F1Score, one_hot, probs, w, average=average)
        yield from both(f"f1 threshold {average}", M.F1Score, several, probs, w, average=average, threshold=0.25)
        yield case(f"fbeta {average}", M.FBetaScore, thirds(one_hot, probs, w), average=average, beta=2.0)
    yield case("fbeta", M.FBetaScore, thirds(one_hot, probs))
    yield case("fbeta half", M.FBetaScore, thirds(several, probs), beta=0.5, threshold=0.3, average="weighted", name="half")
    yield case("f1 ties and zeros", M.F1Score, thirds(several, ties))
    yield case("f1 exactly the threshold", M.F1Score, thirds(several[:, :2].copy(), scores(16, several[:, :2])), threshold=0.5)
    yield case("f1 absent class", M.F1Score, thirds(np.eye(5, dtype="float32")[labels], np.eye(5, dtype="float32")[labels[::-1]]), average="macro")
    yield case("f1 one column", M.F1Score, thirds(several[:, :1].copy(), scores(17, several[:, :1]), w), threshold=0.5, average="micro")
    yield case("f1 weights of 0", M.F1Score, thirds(one_hot, probs, np.zeros(n, "float32")), average="weighted")


def ious():
    n = 11
    rng = np.random.default_rng(18)
    y_true, maps = rng.integers(0, 3, n).astype("int32"), rng.integers(0, 3, (5, 2, 2)).astype("int32")
    y_pred, painted = (np.where(rng.random(y.shape) < 0.5, y, rng.integers(0, 3, y.shape)).astype("int32") for y in (y_true, maps))
    whole, part = rng.integers(0, 3, n).astype("int32"), np.round(uniform(19, n, low=0, high=3), 1).astype("float32")
    outside, guessed_outside = y_true.copy(), y_pred.copy()
    outside[[1, 6]] = guessed_outside[[2, 6]] = -1, 3
    one_hot = np.eye(3, dtype="float32")[y_true]
    probs = guesses(20, one_hot)
    yield from both("mean iou", M.MeanIoU, y_true, y_pred, whole, part, num_classes=3)
    yield from both("mean iou float32", M.MeanIoU, y_true, y_pred, part, num_classes=3, dtype="float32")
    yield from both("mean iou maps", M.MeanIoU, maps, painted, rng.integers(0, 3, (5, 2, 2)).astype("int32"), num_classes=3)
    yield case("mean iou floats", M.MeanIoU, thirds(y_true + np.float32(0.75), y_pred.astype("float32")), num_classes=3)
    yield case("mean iou floats float32", M.MeanIoU, thirds(y_true.astype("float32"), y_pred.astype("float32")), num_classes=3, dtype="float32")
    yield case("mean iou outside", M.MeanIoU, thirds(outside, y_pred), num_classes=3)
    yield case("mean iou predicted outside", M.MeanIoU, thirds(y_true, guessed_outside, whole), num_classes=3)
    yield case("mean iou ignore", M.MeanIoU, thirds(y_true, y_pred, whole), num_classes=3, ignore_class=1)
    yield case("mean iou ignore -1", M.MeanIoU, thirds(outside, y_pred), num_classes=3, ignore_class=-1)
    yield case("mean iou absent class", M.MeanIoU, thirds(y_true, y_pred), num_classes=5)
    yield case("mean iou predictions", M.MeanIoU, thirds(y_true, probs), num_classes=3, sparse_y_pred=False)
    yield case("mean iou one-hot", M.MeanIoU, thirds(one_hot, y_pred), num_classes=3, sparse_y_true=False, name="iou")
    # Of the other axes Keras 3.15 can't compute the result: it sums the classes along the same one.
    yield case("one-hot mean iou axis 0", M.OneHotMeanIoU, [(one_hot.T.copy(), probs.T.copy(), whole)], num_classes=3, axis=0)
    for ids in ([0], [1, 2], (0, 2)):
        yield from both(f"iou {list(ids)}", M.IoU, y_true, y_pred, whole, num_classes=3, target_class_ids=ids)
    yield case("iou ignore float32", M.IoU, thirds(y_true, y_pred, part), num_classes=3, target_class_ids=[0, 1], ignore_class=2, dtype="float32")
    yield case("iou one-hot", M.IoU, thirds(one_hot, probs), num_classes=3, target_class_ids=[2], sparse_y_true=False, sparse_y_pred=False)
    bits = chances(22, n).astype("int32")
    bit_scores = scores(23, bits)
    yield from both("binary iou", M.BinaryIoU, bits, bit_scores, whole, part)
    yield case("binary iou float32", M.BinaryIoU, thirds(bits, bit_scores, part), dtype="float32")
    for ids in ([0], [1]):
        yield case(f"binary iou {ids}", M.BinaryIoU, thirds(bits[:, None].copy(), bit_scores[:, None].copy()), target_class_ids=ids, threshold=0.25)
    yield from both("one-hot iou", M.OneHotIoU, one_hot, probs, whole, num_classes=3, target_class_ids=[0, 2])
    yield case("one-hot iou sparse predictions", M.OneHotIoU, thirds(one_hot, y_pred), num_classes=3, target_class_ids=[1], sparse_y_pred=True, ignore_class=0)
    yield from both("one-hot mean iou", M.OneHotMeanIoU, one_hot, probs, whole, part, num_classes=3)
    yield case("one-hot mean iou float32", M.OneHotMeanIoU, thirds(one_hot, probs, part), num_classes=3, dtype="float32", ignore_class=1)


def errors():
    """What Keras says of wrong arguments, and of wrong shapes in an update."""
    two, flat = np.zeros((2, 3), "float32"), np.zeros(2, "float32")
    plans = [
        (M.AUC, {"num_thresholds": 1}, None),
        (M.AUC, {"curve": "roc curve"}, None),
        (M.AUC, {"summation_method": "middle"}, None),
        (M.AUC, {"num_labels": 3}, None),
        (M.AUC, {"multi_label": True}, (flat, flat)),
        (M.AUC, {"multi_label": True}, (np.zeros((2, 3, 2), "float32"),) * 2),
        (M.F1Score, {"average": "mean"}, None),
        (M.F1Score, {"threshold": 1}, None),
        (M.F1Score, {"threshold": 1.5}, None),
        (M.F1Score, {"threshold": 0.0}, None),
        (M.F1Score, {}, (flat, flat)),
        (M.F1Score, {}, (two, flat)),
        (M.F1Score, {}, (np.zeros((2, 3, 2), "float32"),) * 2),
        (M.FBetaScore, {"beta": 2}, None),
        (M.FBetaScore, {"beta": -1.0}, None),
        (M.IoU, {"num_classes": 2, "target_class_ids": [2]}, None),
        (M.BinaryIoU, {"target_class_ids": [0, 2]}, None),
    ]
    return complaints(plans, str)


def complaints(plans, text):
    """What Keras says of metrics that are made with these arguments, and updated, if with anything."""
    out = []
    for make, arguments, update in plans:
        entry = {"class": make.__name__, "arguments": arguments}
        if update:
            entry |= {"y_true": list(update[0].shape), "y_pred": list(update[1].shape)}
        try:
            metric = make(**arguments)
            if update:
                metric.update_state(*update)
        except Exception as error:
            entry["error"] = {"exception": type(error).__name__, "message": text(error)}
        out.append(entry)
    return out


def cases():
    listed = [c for group in (auc, f_scores, ious) for c in group()]
    return {"metrics": listed, "errors": errors()}
