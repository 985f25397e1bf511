"""The metrics of counts at thresholds, correlations, R2Score, and the means of the other losses. README.md has the format."""

import keras
import numpy as np
from keras.src.trainers import compile_utils

from arrays import array, uniform
from families.losses import softmax
from families.metrics_state import both, case, chances, complaints, scores, state_of, thirds

M = keras.metrics


def counts():
    n = 6
    line = chances(1, n).astype("int32")
    labels = chances(2, n, 3).astype("float32")
    line_scores, label_scores = scores(3, line), scores(4, labels)
    w = np.round(uniform(5, n, low=0, high=2), 1).astype("float32")
    w3 = np.round(uniform(6, n, 3, low=0, high=2), 1).astype("float32")
    for make in (M.TruePositives, M.FalsePositives, M.TrueNegatives, M.FalseNegatives):
        yield from both(make.__name__, make, line, line_scores, w)
        yield case(make.__name__ + " thresholds", make, thirds(labels, label_scores, w3), thresholds=[0.7, 0.25, 0.5], name="renamed")
        yield case(make.__name__ + " even thresholds", make, thirds(line[:, None].copy(), line_scores, w), thresholds=[0.0, 0.5, 1.0])
    yield case("one threshold", M.FalsePositives, thirds(line, line_scores), thresholds=0.25)
    yield case("a list of one threshold", M.TrueNegatives, thirds(line, line_scores, w), thresholds=[0.25])
    for make in (M.Precision, M.Recall):
        yield from both(make.__name__, make, line, line_scores, w)
        yield case(make.__name__ + " labels", make, thirds(labels, label_scores, w3))
        yield case(make.__name__ + " thresholds", make, thirds(labels, label_scores, w), thresholds=[0.9, 0.1])
        yield case(make.__name__ + " even thresholds", make, thirds(line, (3 * line_scores - 1).round(2).astype("float32"), w), thresholds=[0.0, 0.25, 0.5, 0.75, 1.0])
        yield case(make.__name__ + " class", make, thirds(labels, label_scores, w), class_id=1)
        yield case(make.__name__ + " nothing", make, thirds(line * 0, line_scores * 0))
        if make is M.Recall:
            continue  # which counts no other way
        yield case(make.__name__ + " last class", make, thirds(labels, label_scores), class_id=-1, thresholds=[0.0, 0.5, 1.0])
        yield from both(make.__name__ + " top", make, labels, label_scores, w, top_k=2)
        yield case(make.__name__ + " top threshold class", make, thirds(labels, label_scores, w), top_k=1, class_id=2, thresholds=0.5)
        yield case(make.__name__ + " top 3 of 3", make, thirds(labels, label_scores * 0), top_k=3)
        yield case(make.__name__ + " top 0", make, thirds(labels, label_scores), top_k=0)
        yield case(make.__name__ + " ties", make, thirds(labels, np.round(label_scores)), top_k=1)
        yield case(make.__name__ + " booleans", make, thirds(line.astype("bool"), line_scores))
    yield case("precision float16", M.Precision, thirds(line, line_scores, w), thresholds=[0.1, 0.5], dtype="float16")
    maps = chances(7, 5, 2, 2).astype("int32")
    yield case("recall maps top", M.Recall, thirds(maps, scores(8, maps), uniform(9, 5, 2, low=0, high=2)), top_k=1)


def best():
    n = 6
    line, labels = chances(11, n).astype("int32"), chances(12, n, 3).astype("float32")
    line_scores, label_scores = scores(13, line), scores(14, labels)
    w = np.round(uniform(15, n, low=0, high=2), 1).astype("float32")
    for make in (M.SensitivityAtSpecificity, M.SpecificityAtSensitivity, M.PrecisionAtRecall, M.RecallAtPrecision):
        for value in (0.7, 1.0):
            yield from both(f"{make.__name__} {value}", lambda **more: make(value, **more), line, line_scores, *([w] if value == 0.7 else []), num_thresholds=6)
        yield case(f"{make.__name__} class", lambda **more: make(0.5, **more), thirds(labels, label_scores, w), num_thresholds=5, class_id=1, name="best")
        yield case(f"{make.__name__} 1 threshold", lambda **more: make(0.5, **more), thirds(line, line_scores), num_thresholds=1)
        if make in (M.PrecisionAtRecall, M.SensitivityAtSpecificity):
            continue
        yield case(f"{make.__name__} 2 thresholds", lambda **more: make(0.5, **more), thirds(line, line_scores, w), num_thresholds=2)
    yield case("PrecisionAtRecall 200", lambda **more: M.PrecisionAtRecall(0.5, **more), thirds(labels, label_scores)[:1])


def r2(name, updates, /, **arguments):
    """A case of a metric that has its first variable, but no result, before the first update."""
    keras.utils.clear_session()
    metric = M.R2Score(**arguments)
    record = {"name": name, "config": keras.saving.serialize_keras_object(metric), "built": False, "direction": metric._direction, "initial_result": None, "updates": []}
    for y_true, y_pred, weight in updates:
        metric.update_state(y_true, y_pred, weight)
        given = {"y_true": array(y_true), "y_pred": array(y_pred), "sample_weight": None if weight is None else array(weight)}
        record["updates"].append(given | {"state": state_of(metric), "result": array(metric.result())})
    record["variables"] = [{"name": v.name, "path": v.path, "shape": list(v.shape), "dtype": v.dtype} for v in metric.variables]
    metric.reset_state()
    return record | {"reset": state_of(metric)}


def means():
    n = 6
    real, guess = uniform(21, n, 3, low=-2, high=2), uniform(22, n, 3, low=-2, high=2)
    w = np.array([1, 0.5, 0, 2, 0.25, 1], "float32")
    p, q = softmax(uniform(23, n, 3)), softmax(uniform(24, n, 3))
    numbers = np.random.default_rng(25).integers(0, 5, (n, 3)).astype("float32")
    signs, hot = np.sign(real).astype("int32"), np.eye(3, dtype="float32")[[0, 1, 2, 2, 1, 0]]
    for make in (M.MeanAbsolutePercentageError, M.MeanSquaredLogarithmicError, M.LogCoshError, M.CosineSimilarity, M.PearsonCorrelation, M.ConcordanceCorrelation):
        yield from both(make.__name__, make, real, guess, w)
    for make, y_true, y_pred in (
        (M.KLDivergence, p, q), (M.Poisson, numbers, np.abs(guess)), (M.Hinge, signs, guess), (M.SquaredHinge, (signs > 0).astype("int32"), guess),
        (M.CategoricalHinge, hot, guess),
    ):  # fmt: skip
        yield from both(make.__name__, make, y_true, y_pred, w)
    image, painted = uniform(26, n, 3, 2), uniform(27, n, 3, 2)
    for make in (M.PearsonCorrelation, M.ConcordanceCorrelation):
        yield case(make.__name__ + " axis 1", make, thirds(image, painted, w), axis=1, name="renamed")
        yield case(make.__name__ + " column", make, thirds(real[:, 0].copy(), guess[:, :1].copy()), axis=0)
        yield case(make.__name__ + " constant", make, thirds(np.ones((3, 3), "float32"), guess[:3].copy()))
    listed = np.array([[3, 1, 0], [2, 2, 1], [0, 3, 2], [1, 0, 3], [2, 1, 0], [3, 0, 1]], "float32")
    ids = np.array([3, 1, 0, 2, 1, 0], "int32")
    for k in (1, 2, 9, -1):
        yield case(f"sorted ids {k}", M.SparseTopKCategoricalAccuracy, thirds(ids, listed, w), k=k, from_sorted_ids=True)
    yield case("sorted ids column", M.SparseTopKCategoricalAccuracy, thirds(ids[:, None].copy(), listed), k=2, from_sorted_ids=True)
    y = uniform(28, n, 2)
    off = (0.8 * y + 0.3 * uniform(29, n, 2)).round(3).astype("float32")
    for aggregation in ("uniform_average", "variance_weighted_average", None):
        yield r2(f"r2 {aggregation}", thirds(y, off), class_aggregation=aggregation)
        yield r2(f"r2 {aggregation} weights regressors", thirds(y, off, w), class_aggregation=aggregation, num_regressors=2)
    yield r2("r2 column", thirds(y[:, 0].copy(), off[:, :1].copy(), w), name="renamed")
    yield r2("r2 weights a number", thirds(y, off, uniform(30, n, 2, low=0, high=1)))
    yield r2("r2 many regressors", thirds(y, off), num_regressors=7)
    yield r2("r2 constant", thirds(y * 0 + 1, off))
    yield r2("r2 float16", thirds(np.round(y, 1), np.round(y, 1) + np.float32(0.25)), dtype="float16")


def functions():
    """Losses as functions among the metrics that compile is given: MeanMetricWrapper."""
    n = 6
    bits, chance = chances(31, n, 2).astype("int32"), uniform(32, n, 2, low=0.1, high=0.9)
    hot, p = np.eye(3, dtype="float32")[[0, 1, 2, 2, 1, 0]], softmax(uniform(33, n, 3))
    real, guess = uniform(34, n, 2, low=-2, high=2), uniform(35, n, 2, low=-2, high=2)
    w = np.array([1, 0.5, 0, 2, 0.25, 1], "float32")
    for function, y_true, y_pred in (
        (M.huber, real, guess), (M.log_cosh, real, guess), (M.binary_focal_crossentropy, bits, chance), (M.categorical_focal_crossentropy, hot, p), (M.kl_divergence, hot, p),
    ):  # fmt: skip
        metric = lambda function=function: compile_utils.get_metric(function, None, None)  # noqa: E731
        yield case(f"function {function.__name__}", metric, thirds(y_true, y_pred, w))


def errors():
    """What Keras says of wrong arguments, and of wrong shapes in an update."""
    two, flat = np.zeros((2, 3), "float32"), np.zeros(2, "float32")
    plans = [
        (M.Precision, {"thresholds": [0.5, 1.5]}, None), (M.Recall, {"thresholds": -0.5}, None), (M.TruePositives, {"thresholds": [2.0]}, None),
        (M.Precision, {"class_id": 0}, (flat, flat)), (M.Precision, {"top_k": 4}, (two, two)), (M.Recall, {"top_k": -1}, (two, two)),
        (M.SensitivityAtSpecificity, {"specificity": 1.5}, None), (M.SpecificityAtSensitivity, {"sensitivity": -0.5}, None),
        (M.PrecisionAtRecall, {"recall": 2.0}, None), (M.RecallAtPrecision, {"precision": -1.0}, None), (M.PrecisionAtRecall, {"recall": 0.5, "num_thresholds": 0}, None),
        (M.PrecisionAtRecall, {}, None), (M.R2Score, {"class_aggregation": "mean"}, None), (M.R2Score, {"num_regressors": -1}, None),
        (M.R2Score, {}, (flat, flat)), (M.R2Score, {}, (np.zeros((2, 3, 2), "float32"),) * 2), (M.R2Score, {}, (two, flat)),
        (M.PearsonCorrelation, {"axis": 3}, (two, two)),
    ]  # fmt: skip
    return complaints(plans, lambda error: str(error).split("\n")[0][:150])


def names():
    """What compile makes of names: the class and the name in logs; null where it knows none."""
    given = [n for n in dir(M) if not n.startswith("_") and n not in ("get", "serialize", "deserialize", "Metric")]
    out = {}
    for name in given + ["mape", "MAPE", "msle", "MSLE", "kld", "precision", "recall", "true_positives", "r2_score", "log_cosh_error", "cosine_similarity"]:
        try:
            metric = compile_utils.get_metric(name, keras.KerasTensor((None, 1)), keras.KerasTensor((None, 1)))
            out[name] = {"class": type(metric).__name__, "name": metric.name}
        except (ValueError, TypeError):
            out[name] = None
    return out


def cases():
    listed = [c for group in (counts, best, means, functions) for c in group()]
    return {"metrics": listed, "errors": errors(), "names": names()}
