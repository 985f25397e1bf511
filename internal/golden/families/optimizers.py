"""Optimizers: every variable and every weight after each of several steps."""

import keras
import numpy as np

from arrays import array, uniform

STEPS = 6
SHAPES = [(3, 2), (2,), ()]

# Each gives the gradient of a weight of a shape at step i.
GRADIENTS = {
    "normal": lambda i, shape: np.round(np.random.default_rng(10 * i + len(shape)).normal(0, 1, shape), 3).astype("float32"),
    "zeros": lambda i, shape: np.zeros(shape, "float32"),
    "tiny": lambda i, shape: np.full(shape, 1e-9 * (-1) ** i, "float32"),
    "infinite": lambda i, shape: np.full(shape, np.inf if i == 3 and len(shape) == 1 else 0.5, "float32"),
}


def case(name, make, arguments, gradients="normal", exclude=None):
    keras.utils.clear_session()
    optimizer = make(**arguments)
    if exclude:
        optimizer.exclude_from_weight_decay(var_names=exclude)
    weights = []
    for scope, weight, value in [
        ("dense", "kernel", uniform(1, 3, 2)),
        ("dense", "bias", uniform(2, 2)),
        ("outer", "scale", uniform(4)),
    ]:
        with keras.name_scope(scope), keras.name_scope("inner"):
            weights.append(keras.Variable(value, name=weight))
    optimizer.build(weights)
    out = {
        "name": name,
        "config": keras.saving.serialize_keras_object(optimizer),
        "exclude": exclude or [],
        "gradients": gradients,
        "weights": [{"name": w.name, "path": w.path, "value": array(w.value)} for w in weights],
        "variables": [{"name": v.name, "value": array(v.value)} for v in optimizer.variables],
        "steps": [],
    }
    for i in range(STEPS):
        optimizer.apply([keras.ops.convert_to_tensor(GRADIENTS[gradients](i, w.shape)) for w in weights])
        out["steps"].append(
            {
                "weights": [array(w.value) for w in weights],
                "variables": [array(v.value) for v in optimizer.variables],
            }
        )
    return out


def cases():
    O = keras.optimizers
    own = {
        "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
        "RMSprop": [{}, {"rho": 0.8, "epsilon": 1e-3}, {"momentum": 0.5}, {"centered": True}, {"momentum": 0.5, "centered": True}],
        "Adam": [{}, {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3}, {"amsgrad": True}],
        "AdamW": [{}, {"weight_decay": 0.1, "amsgrad": True}],
        "Nadam": [{}, {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3}],
        "Adamax": [{}, {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3}],
        "Adagrad": [{}, {"initial_accumulator_value": 0.3, "epsilon": 1e-3}],
        "Adadelta": [{}, {"rho": 0.8, "epsilon": 1e-3}],
        "Ftrl": [
            {},
            {
                "learning_rate_power": -0.7,
                "initial_accumulator_value": 0.2,
                "l1_regularization_strength": 0.01,
                "l2_regularization_strength": 0.02,
                "l2_shrinkage_regularization_strength": 0.03,
                "beta": 0.1,
            },
        ],
        "Lion": [{}, {"beta_1": 0.8, "beta_2": 0.9}],
    }
    shared = [
        {"learning_rate": 0.1},
        {"weight_decay": 0.05, "learning_rate": 0.1},
        {"clipnorm": 0.5},
        {"clipvalue": 0.25},
        {"global_clipnorm": 1.0},
        {"use_ema": True, "learning_rate": 0.1},
        {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3, "learning_rate": 0.1},
        {"loss_scale_factor": 8.0},
        {"gradient_accumulation_steps": 2, "learning_rate": 0.1},
    ]
    everything = {
        "learning_rate": 0.05,
        "weight_decay": 0.02,
        "global_clipnorm": 0.9,
        "use_ema": True,
        "ema_momentum": 0.6,
        "ema_overwrite_frequency": 2,
        "loss_scale_factor": 2.0,
        "gradient_accumulation_steps": 2,
        "name": "mine",
    }
    out = []
    for class_name, variants in own.items():
        make = getattr(O, class_name)
        for arguments in variants + [variants[-1] | everything]:
            out.append(case(f"{class_name} {arguments}", make, arguments))
        out.append(case(f"{class_name} zero gradients", make, {}, "zeros"))
    for class_name in ["SGD", "RMSprop", "Adam"]:
        for arguments in shared:
            out.append(case(f"{class_name} {arguments}", getattr(O, class_name), arguments))
    for clip in [{"clipnorm": 1.0}, {"global_clipnorm": 1.0}, {"clipvalue": 1.0}]:
        out.append(case(f"SGD zero gradients {clip}", O.SGD, clip, "zeros"))
        out.append(case(f"SGD infinite gradient {clip}", O.SGD, clip, "infinite"))
    out.append(case("Adam tiny gradients", O.Adam, {}, "tiny"))
    out.append(case("AdamW excluded", O.AdamW, {"weight_decay": 0.1}, exclude=["bias", "^gam"]))
    out.append(case("SGD momentum accumulated by 3", O.SGD, {"momentum": 0.9, "gradient_accumulation_steps": 3, "clipnorm": 0.5}))
    gradients = {name: [[array(make(i, shape)) for shape in SHAPES] for i in range(STEPS)] for name, make in GRADIENTS.items()}
    return {"gradients": gradients, "cases": out}
