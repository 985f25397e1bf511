"""LossScaleOptimizer: the scaled loss before, and every variable and every weight after, each of several compiled steps, as in fit."""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from arrays import array, uniform

STEPS = 10
SHAPES = [(3, 2), (2,)]
LOSS = 0.75


def gradient(i, shape):
    g = np.round(np.random.default_rng(10 * i + len(shape)).normal(0, 4, shape), 2).astype("float32")
    if i == 0 and len(shape) == 1:
        g[1] = np.inf
    if i == 5 and len(shape) == 2:
        g[1, 1] = -np.inf
    if i == 6:
        g[0] = np.nan
    return g


def case(title, inner, dtype="float32", constraint=None, gradients="sometimes infinite", gradient_of=gradient, steps=STEPS, **arguments):
    keras.utils.clear_session()
    optimizer = keras.optimizers.LossScaleOptimizer(inner(), **arguments)
    weights = []
    for weight, value in [("kernel", uniform(1, 3, 2)), ("bias", uniform(2, 2))]:
        with keras.name_scope("dense"):
            weights.append(keras.Variable(value, name=weight, dtype=dtype))
    weights[0].constraint = constraint
    optimizer.build(weights)
    variables, values = [v.value for v in optimizer.variables], [w.value for w in weights]
    out = {
        "name": title,
        "config": keras.saving.serialize_keras_object(optimizer),
        "loss": LOSS,
        "gradients": gradients,
        "weights": [
            {"name": w.name, "path": w.path, "value": array(w.value), "constraint": keras.saving.serialize_keras_object(w.constraint)}
            for w in weights
        ],
        "variables": [{"name": v.name, "path": v.path, "value": array(v.value)} for v in optimizer.variables],
        "steps": [],
    }
    step = jax.jit(optimizer.stateless_apply)
    for i in range(steps):
        optimizer.dynamic_scale.assign(variables[3])
        scaled = optimizer.scale_loss(jnp.float32(LOSS))
        grads = [jnp.asarray(gradient_of(i, w.shape), dtype) for w in weights]
        values, variables = step(variables, grads, values)
        kept = steps == STEPS or i % 50 == 49
        out["steps"].append({"scaled": array(scaled), "weights": [array(w) for w in values if kept], "variables": [array(v) for v in variables if kept]})
    return out


def cases():
    O = keras.optimizers
    out = [
        case("defaults", O.Adam),
        case("grows", lambda: O.SGD(0.1, momentum=0.9), initial_scale=4.0, dynamic_growth_steps=3, name="mine"),
        case("grows each step", lambda: O.RMSprop(0.1), initial_scale=0.5, dynamic_growth_steps=1),
        case("arguments inside", lambda: O.Adam(0.1, clipnorm=0.5, weight_decay=0.02, use_ema=True, ema_momentum=0.6, ema_overwrite_frequency=2), initial_scale=16.0, dynamic_growth_steps=2),
        case("accumulated", lambda: O.Nadam(0.1, gradient_accumulation_steps=2), initial_scale=16.0),
        case("a scale inside", lambda: O.SGD(0.1, loss_scale_factor=8.0), initial_scale=16.0),
        case("a schedule inside", lambda: O.SGD(O.schedules.ExponentialDecay(0.1, 2, 0.5)), initial_scale=16.0),
        case("adafactor inside", lambda: O.Adafactor(0.1), initial_scale=16.0),
        case("muon inside", lambda: O.Muon(0.1), initial_scale=16.0),
        case("schedulefree inside", lambda: O.ScheduleFreeAdamW(0.1), initial_scale=16.0),
        case("constrained", lambda: O.SGD(0.1), constraint=keras.constraints.NonNeg(), initial_scale=2.0),
        case("float16", lambda: O.Adam(0.1), dtype="float16", initial_scale=2.0**20, dynamic_growth_steps=2),
    ]
    return {"gradients": {"sometimes infinite": [[array(gradient(i, shape)) for shape in SHAPES] for i in range(STEPS)]}, "cases": out}
