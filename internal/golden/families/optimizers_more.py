"""Adafactor, Lamb, Muon, ScheduleFreeAdamW: every variable and every weight of a small perceptron and a small convolution after each of eight steps."""

import keras
import numpy as np

from arrays import array, uniform

STEPS = 8
WEIGHTS = {
    "mlp": [("dense", "kernel", (3, 4)), ("dense", "bias", (4,)), ("embedding", "embeddings", (3, 2)), ("outer", "scale", ()), ("dense_1", "kernel", (4, 2))],
    "cnn": [("conv2d", "kernel", (2, 2, 1, 3)), ("conv2d", "bias", (3,)), ("dense", "kernel", (3, 3))],
}


def gradient(i, j, shape):
    return np.round(np.random.default_rng(100 * i + j).normal(0, 1, shape), 2).astype("float32")


def case(name, make, arguments, net="mlp", exclude=None, zeros=False):
    keras.utils.clear_session()
    optimizer = make(**arguments)
    if exclude:
        optimizer.exclude_from_weight_decay(var_names=exclude)
    weights = []
    for i, (scope, weight, shape) in enumerate(WEIGHTS[net]):
        with keras.name_scope(scope):
            weights.append(keras.Variable(uniform(i, *shape) * (0 if zeros else 1), name=weight))
    optimizer.build(weights)
    out = {
        "name": name + " " + net,
        "config": keras.saving.serialize_keras_object(optimizer),
        "exclude": exclude or [],
        "gradients": net,
        "weights": [{"name": w.name, "path": w.path, "value": array(w.value)} for w in weights],
        "variables": [{"name": v.name, "path": v.path, "value": array(v.value)} for v in optimizer.variables],
        "steps": [],
    }
    for i in range(STEPS):
        optimizer.apply([keras.ops.convert_to_tensor(gradient(i, j, w.shape)) for j, w in enumerate(weights)])
        kept = i in (0, 1, STEPS - 1)
        out["steps"].append({"weights": [array(w.value) for w in weights if kept or i == 4], "variables": [array(v.value) for v in optimizer.variables if kept and i]})
    return out


def cases():
    O = keras.optimizers
    everything = {
        "learning_rate": 0.05, "weight_decay": 0.02, "global_clipnorm": 0.9, "use_ema": True, "ema_momentum": 0.6, "ema_overwrite_frequency": 3,
        "loss_scale_factor": 2.0, "gradient_accumulation_steps": 2, "name": "mine",
    }  # fmt: skip
    own = {
        O.Adafactor: [
            {}, {"learning_rate": 0.5, "beta_2_decay": -0.6, "epsilon_1": 1e-3, "epsilon_2": 0.1, "clip_threshold": 0.5},
            {"learning_rate": O.schedules.ExponentialDecay(0.9, 3, 0.5), "relative_step": False, "weight_decay": 0.1}, everything,
        ],
        O.Lamb: [{}, {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3, "weight_decay": 0.1}, everything],
        O.Muon: [
            {}, {"momentum": 0.8, "nesterov": False, "ns_steps": 3, "rms_rate": None, "adam_lr_ratio": 0.5, "exclude_layers": ["dense_1$"], "exclude_embeddings": False},
            {"learning_rate": 0.1, "muon_a": 3.0, "muon_b": -3.2, "muon_c": 1.2, "adam_beta_1": 0.8, "adam_beta_2": 0.9, "epsilon": 1e-3, "adam_weight_decay": None, "weight_decay": 0.1},
            {"weight_decay": None, "adam_weight_decay": 0.2}, everything,
        ],
        O.ScheduleFreeAdamW: [{}, {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3, "warmup_steps": 5, "weight_decay": 0.1}, everything],
    }  # fmt: skip
    out = []
    for make, variants in own.items():
        for arguments in variants:
            name = make.__name__ + " " + str({k: v if not isinstance(v, O.schedules.LearningRateSchedule) else type(v).__name__ for k, v in arguments.items()})
            out.append(case(name, make, arguments))
        out.append(case(make.__name__, make, {"learning_rate": 0.1}, net="cnn"))
    out.append(case("Lamb zeros", O.Lamb, {}, net="cnn", zeros=True))
    out.append(case("Muon excluded", O.Muon, {"learning_rate": 0.1, "weight_decay": 0.5}, net="cnn", exclude=["kernel"]))
    gradients = {net: [[array(gradient(i, j, shape)) for j, (_, _, shape) in enumerate(list_)] for i in range(STEPS)] for net, list_ in WEIGHTS.items()}
    return {"gradients": gradients, "cases": out}
