"""A training whose metrics have states and results of several shapes. README.md has the format."""

import json

import keras
import numpy as np

import rules
from arrays import array
from families.training import classification, one_hot, small

M = keras.metrics


def logged(logs):
    """Numbers and arrays alike as arrays."""
    return {key: [array(v) for v in value] if isinstance(value, list) else array(value) for key, value in logs.items()}


def cases():
    keras.utils.clear_session()
    x, label = classification(count=18)
    y = one_hot(label)
    weight = np.round(np.random.default_rng(21).uniform(0, 2, len(x)), 2).astype("float32")
    model = small()
    rules.set_weights(model)
    metrics = [
        M.AUC(num_thresholds=20), M.AUC(curve="PR", multi_label=True, label_weights=[1.0, 2.0, 0.5], num_thresholds=8),
        M.AUC(thresholds=[0.5, 0.2, 0.6], summation_method="minoring"),
        M.F1Score(), M.F1Score(average="macro", name="f1_macro"), M.FBetaScore(beta=2.0, threshold=0.3),
        M.MeanIoU(3, sparse_y_true=False, sparse_y_pred=False), M.OneHotIoU(3, [0, 2]), "accuracy",
    ]  # fmt: skip
    weighted = [M.AUC(num_thresholds=20), M.F1Score(), M.OneHotMeanIoU(3, dtype="float32"), "mse"]
    model.compile(keras.optimizers.SGD(0.5), "categorical_crossentropy", metrics=metrics, weighted_metrics=weighted)
    given = {key: model.get_compile_config()[key] for key in ("metrics", "weighted_metrics")}
    fit = {"epochs": 3, "batch_size": 5, "shuffle": False}
    history = model.fit(x[:12], y[:12], sample_weight=weight[:12], validation_data=(x[12:], y[12:], weight[12:]), verbose=0, **fit)
    variables = [v for metric in model.metrics for v in metric.variables]
    return {
        "model": json.loads(model.to_json()), "compile": given, "fit": fit, "x": array(x), "y": array(y), "sample_weight": array(weight),
        "history": logged(history.history), "variables": [{"path": v.path, "shape": list(v.shape), "dtype": v.dtype} for v in variables],
        "evaluate": logged(model.evaluate(x, y, batch_size=5, sample_weight=weight, verbose=0, return_dict=True)),
        "on_batch": logged(model.test_on_batch(x[:7], y[:7], weight[:7], return_dict=True)),
    }  # fmt: skip
