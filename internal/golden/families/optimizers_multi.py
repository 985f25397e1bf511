"""MultiOptimizer: every variable and every weight after each of several compiled steps, and trainings with their files. README.md has the format."""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from arrays import array, uniform
from families.training import case as training
from families.training import classification, one_hot, small
from families.training_more import saved

O = keras.optimizers
STEPS = 5
WEIGHTS = [("enc", "kernel", (3, 2)), ("enc", "bias", (2,)), ("dec", "kernel", (2, 2)), ("dec", "bias", (2,))]


def gradient(i, j, shape):
    return np.round(np.random.default_rng(100 * i + j).normal(0, 1, shape), 2).astype("float32")


def case(name, make):
    keras.utils.clear_session()
    optimizer = make()
    weights = []
    for i, (scope, weight, shape) in enumerate(WEIGHTS):
        with keras.name_scope(scope):
            weights.append(keras.Variable(uniform(i, *shape), name=weight))
    optimizer.build(weights)
    out = {
        "name": name,
        "config": keras.saving.serialize_keras_object(optimizer),
        "loss": 0.75,
        "gradients": "multi",
        "weights": [{"name": w.name, "path": w.path, "value": array(w.value)} for w in weights],
        "variables": [{"name": v.name, "path": v.path if "/" in v.path else "", "value": array(v.value)} for v in optimizer.variables],
        "steps": [],
    }
    variables, values = [v.value for v in optimizer.variables], [w.value for w in weights]
    step = jax.jit(optimizer.stateless_apply)
    for i in range(STEPS):
        if hasattr(optimizer, "dynamic_scale"):
            optimizer.dynamic_scale.assign(variables[3])
        scaled = optimizer.scale_loss(jnp.float32(0.75))
        values, variables = step(variables, [jnp.asarray(gradient(i, j, w.shape)) for j, w in enumerate(weights)], values)
        kept = i in (1, STEPS - 1)
        out["steps"].append({"scaled": array(scaled), "weights": [array(w) for w in values], "variables": [array(v) for v in variables if kept]})
    return out


def multi(default, others=(), **arguments):
    return O.MultiOptimizer(O.OptimizerMap(default, dict(others)), **arguments)


def refused(others):
    """What Keras says of a step with these optimizers."""
    keras.utils.clear_session()
    model = small()
    x, label = classification(4)
    try:
        model.compile(multi(O.SGD(), others), "mse")
        model.fit(x, one_hot(label), verbose=0)
    except Exception as e:
        return {"others": keras.saving.serialize_keras_object(dict(others)), "error": {"exception": type(e).__name__, "message": str(e)}}
    raise AssertionError("Keras takes it")


def cases():
    steps = [
        case("a default alone", lambda: multi(O.SGD(0.1, momentum=0.9))),
        case("two", lambda: multi(O.SGD(0.1, momentum=0.9), {"enc/.*": O.Adam(0.1)})),
        case("a path before an expression", lambda: multi(O.Nadam(0.1), {".*bias": O.Adam(0.1), "dec/k": O.RMSprop(0.1), "enc/bias": O.Lion(0.1)}, name="mine")),
        case("arguments inside", lambda: multi(
            O.SGD(0.1, clipnorm=0.5, weight_decay=0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2, loss_scale_factor=3.0),
            {"enc/.*": O.Adam(0.1, global_clipnorm=0.3, gradient_accumulation_steps=2)}, loss_scale_factor=8.0)),
        case("a schedule and a shared variable inside", lambda: multi(O.Nadam(0.1), {"enc/.*": O.AdamW(O.schedules.ExponentialDecay(0.1, 2, 0.5))})),
        case("a copy inside", lambda: multi(O.ScheduleFreeAdamW(0.1), {"enc/bias": O.Muon(0.1), "enc/kernel": O.Adafactor(0.1)})),
        case("in a loss scale", lambda: O.LossScaleOptimizer(multi(O.Nadam(0.1), {"enc/.*": O.Adafactor(0.1)}), initial_scale=4.0, dynamic_growth_steps=2)),
    ]  # fmt: skip
    x, label = classification(10)
    y = one_hot(label)
    fits = []
    for name, make in (
        ("multi", lambda names: multi(O.SGD(0.1, momentum=0.9), {min(names) + "/.*": O.Adam(0.05, epsilon=1e-3), max(names) + "/kernel": O.Adam(0.01, epsilon=1e-3, name="second")})),
        ("multi_scaled", lambda names: multi(O.SGD(0.1, nesterov=True, momentum=0.5), {names[0] + "/.*": O.RMSprop(0.01)}, loss_scale_factor=4.0)),
    ):  # fmt: skip
        keras.utils.clear_session()
        model = small()
        names = [layer.name for layer in model.layers if layer.weights]
        fits.append(training(name, model, x, y, make(names), fit={"epochs": 3}, metrics=["accuracy"]) | {"file": saved(model)})
    gradients = [[array(gradient(i, j, shape)) for j, (_, _, shape) in enumerate(WEIGHTS)] for i in range(STEPS)]
    names = [layer.name for layer in small().layers if layer.weights]
    errors = [refused({f"{names[0]}/.*": O.Adam(), ".*kernel": O.RMSprop()}), refused({".*": O.LossScaleOptimizer(O.SGD())}), refused({".*": multi(O.SGD())})]
    return {"gradients": {"multi": gradients}, "cases": steps, "small": fits, "errors": errors}
