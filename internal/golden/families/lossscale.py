"""Training with a loss scale that follows the gradients: LossScaleOptimizer, by itself and as compile makes one. README.md has the format."""

import json
import pathlib
import tempfile
import zipfile

import h5py
import jax
import keras
import numpy as np
from keras import layers as L

import rules
from arrays import array, uniform
from families.training import classification, functional, named, one_hot

O = keras.optimizers
BATCH = 4
STEPS = 30


def mlp(policy):
    given = {"dtype": policy}
    return functional(
        L.Dense(5, activation="tanh", name="hidden", **given),
        L.Dense(3, name="logits", **given),
        L.Activation("softmax", dtype="float32", name="out"),
    )


def normalised(policy):
    given = {"dtype": policy}
    return functional(
        L.Dense(4, use_bias=False, name="hidden", **given),
        L.BatchNormalization(momentum=0.8, name="norm", **given),
        L.Dense(3, name="logits", **given),
        L.Activation("softmax", dtype="float32", name="out"),
    )


def data(overflows):
    """Rows of the batches in turn, the first value of some batches infinite."""
    x, label = classification(12)
    x, y = np.tile(x, (STEPS * BATCH // 12, 1)), np.tile(one_hot(label), (STEPS * BATCH // 12, 1))
    for step in overflows:
        x[step * BATCH, 0] = np.inf
    return x, y


def variables_of(optimizer):
    return [{"path": v.path, "dtype": v.dtype, "value": array(v.numpy())} for v in optimizer.variables]


def tree_of_file(model):
    """The arrays of the model's file below optimizer."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.keras"
        model.save(path)
        with zipfile.ZipFile(path) as archive:
            archive.extract("model.weights.h5", folder)
        found = []
        with h5py.File(pathlib.Path(folder) / "model.weights.h5") as file:
            file["optimizer"].visititems(
                lambda name, item: found.append({"path": name, "shape": list(item.shape), "dtype": item.dtype.name}) if isinstance(item, h5py.Dataset) else None
            )
        return found


def train(model, x, y):
    """One step a batch: the loss, then the scale and its counter as the step left them."""
    losses, scales, counters, iterations = [], [], [], []
    for step in range(STEPS):
        part = slice(step * BATCH, (step + 1) * BATCH)
        losses.append(model.train_on_batch(x[part], y[part]))
        scales.append(model.optimizer.dynamic_scale.numpy())
        counters.append(model.optimizer.step_counter.numpy())
        iterations.append(int(model.optimizer.iterations))
    return np.array(losses, "float32"), np.array(scales, "float32"), np.array(counters, "int32"), np.array(iterations, "int32")


def run(name, build, policy, make, overflows=(), compile_arguments=None):
    def fresh(stream=None):
        keras.utils.clear_session()
        keras.config.set_dtype_policy(policy)
        model = build(policy)
        rules.set_weights(model)
        if stream is not None:  # changed by half a unit in the last place of a float16
            for k, w in enumerate(model.weights):
                w.assign((w.numpy() * (1 + 5e-4 * rules.signed(stream + k, *w.shape))).astype("float32"))
        model.compile(make(), "categorical_crossentropy", **(compile_arguments or {}))
        return model

    x, y = data(overflows)
    model = fresh()
    record = {"name": name, "policy": policy, "json": json.loads(model.to_json()), "compile_config": model.get_compile_config()}
    record["optimizer"] = keras.saving.serialize_keras_object(model.optimizer)
    record |= {"x": array(x), "y": array(y), "batch_size": BATCH, "initial_weights": named(model.weights)}
    losses, scales, counters, iterations = train(model, x, y)
    record |= {"losses": array(losses), "scales": array(scales), "step_counters": array(counters), "iterations": array(iterations)}
    record["final_weights"] = named(model.weights)
    record["optimizer_variables"] = variables_of(model.optimizer)
    record["file"] = tree_of_file(model)
    record["sensitivity"] = None
    if policy == "mixed_float16":
        other = fresh(7000)
        changed, other_scales, *_ = train(other, x, y)
        assert (other_scales == scales).all(), name
        finite = np.isfinite(losses)
        record["sensitivity"] = {
            "losses": float(f"{np.abs(changed - losses)[finite].max():.1e}"),
            "weights": float(f"{max(np.nanmax(np.abs(a.numpy() - b.numpy())) for a, b in zip(model.weights, other.weights)):.1e}"),
        }
    keras.config.set_dtype_policy("float32")
    return record


def runs():
    scale = lambda inner, first, growth: lambda: O.LossScaleOptimizer(inner(), initial_scale=first, dynamic_growth_steps=growth)
    adam = lambda **kwargs: lambda: O.Adam(0.01, epsilon=1e-3, **kwargs)
    sgd = lambda **kwargs: lambda: O.SGD(0.1, **kwargs)
    some = (2, 3, 11, 20)
    metrics = {"metrics": ["accuracy"]}
    yield run("float32 sgd", mlp, "float32", scale(sgd(momentum=0.9), 1024.0, 4), some)
    yield run("float32 adam", mlp, "float32", scale(adam(), 2.0**15, 3), some, metrics)
    yield run("float32 adam clipped, decayed, averaged", mlp, "float32", scale(adam(global_clipnorm=0.2, weight_decay=0.05, use_ema=True, ema_momentum=0.9), 256.0, 5), some)
    yield run("float32 ema overwrites", mlp, "float32", scale(sgd(use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=4), 256.0, 5), some)
    yield run("float32 accumulated", mlp, "float32", scale(sgd(gradient_accumulation_steps=3), 256.0, 5), some)
    decay = lambda: O.SGD(O.schedules.ExponentialDecay(0.2, 5, 0.5))
    yield run("float32 schedule", mlp, "float32", scale(decay, 64.0, 5), some)
    yield run("float32 growth every step", mlp, "float32", scale(sgd(), 1.0, 1), some)
    yield run("float32 scale below one", mlp, "float32", scale(sgd(), 0.5, 8), (0, 1, 2))
    yield run("float32 frozen layer", lambda p: freeze(mlp(p)), "float32", scale(adam(), 512.0, 4), some)
    yield run("mixed from a high scale", mlp, "mixed_float16", scale(adam(), 2.0**21, 6))
    yield run("mixed sgd", mlp, "mixed_float16", scale(sgd(momentum=0.9), 2.0**10, 7), some)
    yield run("mixed batch normalization", normalised, "mixed_float16", scale(sgd(), 2.0**21, 8))
    yield run("mixed adam by name", mlp, "mixed_float16", lambda: "adam", some, metrics)
    yield run("mixed sgd wrapped by compile", mlp, "mixed_float16", sgd(momentum=0.9), some)


def freeze(model):
    model.get_layer("hidden").trainable = False
    return model


def wrapping():
    """Which models' compile puts a LossScaleOptimizer around what it is given."""
    out = []
    for policy, layers, given, arguments in (
        ("float32", None, "adam", {}),
        ("mixed_float16", None, "adam", {}),
        ("mixed_float16", "float32", "adam", {}),
        ("float32", "mixed_float16", "adam", {}),
        ("mixed_bfloat16", None, "adam", {}),
        ("float16", None, "adam", {}),
        ("mixed_float16", None, "adam", {"auto_scale_loss": False}),
        ("mixed_float16", None, "loss_scale", {}),
    ):
        keras.utils.clear_session()
        keras.config.set_dtype_policy(policy)
        model = functional(L.Dense(2, name="d", dtype=layers))
        optimizer = O.LossScaleOptimizer(O.SGD(0.1), name="mine") if given == "loss_scale" else given
        model.compile(optimizer, "mse", **arguments)
        out.append(
            {
                "policy": policy,
                "layer_dtype": layers,
                "optimizer": given,
                "arguments": arguments,
                "result": keras.saving.serialize_keras_object(model.optimizer),
                "compile_config": model.get_compile_config(),
                "model": json.loads(model.to_json()),
            }
        )
    keras.config.set_dtype_policy("float32")
    return out


def fit():
    """A whole fit whose first steps are skipped although their losses are finite."""
    keras.utils.clear_session()
    keras.config.set_dtype_policy("mixed_float16")
    model = mlp("mixed_float16")
    rules.set_weights(model)
    model.compile(O.LossScaleOptimizer(O.SGD(0.1), initial_scale=2.0**21, dynamic_growth_steps=6), "categorical_crossentropy", metrics=["accuracy"])
    x, label = classification(12)
    y = one_hot(label)
    record = {"json": json.loads(model.to_json()), "optimizer": keras.saving.serialize_keras_object(model.optimizer), "x": array(x), "y": array(y)}
    record["initial_weights"] = named(model.weights)
    record["fit"] = {"epochs": 5, "batch_size": BATCH, "shuffle": False}
    history = model.fit(x, y, verbose=0, **record["fit"]).history
    record["history"] = {key: array(np.array(value, "float32")) for key, value in history.items()}
    record["final_weights"], record["optimizer_variables"] = named(model.weights), variables_of(model.optimizer)
    keras.config.set_dtype_policy("float32")
    return record


def errors():
    out = []
    for arguments in (
        {"dynamic": False},
        {"clipnorm": 1.0},
        {"weight_decay": 0.01},
        {"use_ema": True},
        {"loss_scale_factor": 2.0},
        {"gradient_accumulation_steps": 2},
        {"learning_rate": 0.1},
        {"clipnorm": None, "use_ema": False, "ema_momentum": 0.99},
    ):
        entry = {"class": "LossScaleOptimizer", "arguments": arguments, "error": None}
        try:
            O.LossScaleOptimizer(O.SGD(0.1), **arguments)
        except Exception as error:
            entry["error"] = {"exception": type(error).__name__, "message": str(error)}
        out.append(entry)
    return out


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    return {"runs": list(runs()), "wrapping": wrapping(), "fit": fit(), "errors": errors()}
