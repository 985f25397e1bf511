"""Optimizers of weights in float16 and bfloat16: every weight after each of several compiled steps, as in fit, and every variable after the last."""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from arrays import array, uniform

STEPS = 8
SHAPES = [(3, 2), (2,)]

# Each gives the gradient of a weight of a shape at step i. A bias whose gradient stays 0 shows what epsilon has become.
GRADIENTS = {
    "moderate": lambda i, shape: np.round(np.random.default_rng(10 * i + len(shape)).normal(0, 0.1, shape), 4),
    "small": lambda i, shape: np.round(np.random.default_rng(10 * i + len(shape)).normal(0, 1e-4, shape), 7),
    "dead": lambda i, shape: np.full(shape, 0.0 if len(shape) == 1 else 0.25),
}


def case(class_name, arguments, dtype="float16", gradients="moderate"):
    keras.utils.clear_session()
    optimizer = getattr(keras.optimizers, class_name)(**arguments)
    weights = []
    for name, value in [("kernel", uniform(1, 3, 2)), ("bias", uniform(2, 2))]:
        with keras.name_scope("dense"):
            weights.append(keras.Variable(value, name=name, dtype=dtype))
    optimizer.build(weights)
    variables, values = [v.value for v in optimizer.variables], [w.value for w in weights]
    out = {
        "name": f"{class_name} {arguments} {dtype} {gradients}",
        "config": keras.saving.serialize_keras_object(optimizer),
        "gradients": gradients,
        "weights": [{"name": w.name, "path": w.path, "value": array(w.value)} for w in weights],
        "variables": [{"name": v.name, "value": array(v.value)} for v in optimizer.variables],
        "steps": [],
    }
    step = jax.jit(optimizer.stateless_apply)
    for i in range(STEPS):
        grads = [jnp.asarray(GRADIENTS[gradients](i, w.shape), dtype) for w in weights]
        values, variables = step(variables, grads, values)
        out["steps"].append({"weights": [array(w) for w in values]})
    out["steps"][-1]["variables"] = [array(v) for v in variables]
    return out


def cases():
    out = []
    for class_name in ["SGD", "RMSprop", "Adam", "AdamW", "Nadam", "Adamax", "Adagrad", "Adadelta", "Ftrl", "Lion"]:
        for gradients in GRADIENTS:
            out.append(case(class_name, {}, gradients=gradients))
        out.append(case(class_name, {"learning_rate": 0.05}, dtype="bfloat16"))
    for class_name in ["Adafactor", "Lamb", "Muon", "ScheduleFreeAdamW"]:
        for dtype in ("float16", "bfloat16"):
            out.append(case(class_name, {"learning_rate": 0.05}, dtype=dtype))
    shared = [
        {"clipnorm": 0.1},
        {"clipvalue": 0.05},
        {"global_clipnorm": 0.1},
        {"weight_decay": 0.05, "learning_rate": 0.1},
        {"use_ema": True, "ema_momentum": 0.6, "ema_overwrite_frequency": 3, "learning_rate": 0.1},
        {"loss_scale_factor": 8.0},
        {"gradient_accumulation_steps": 3, "learning_rate": 0.1},
    ]
    for arguments in shared:
        out.append(case("SGD", arguments))
        out.append(case("Adam", arguments))
    out.append(case("SGD", {"momentum": 0.9, "nesterov": True}))
    out.append(case("RMSprop", {"momentum": 0.5, "centered": True}))
    out.append(case("Adam", {"amsgrad": True}))
    gradients = {name: [[array(make(i, shape).astype("float32")) for shape in SHAPES] for i in range(STEPS)] for name, make in GRADIENTS.items()}
    return {"gradients": gradients, "cases": out}
