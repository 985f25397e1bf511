"""Training: losses step by step, histories, and the weights that training ends with. README.md has the format."""

import inspect
import json

import jax
import keras
import numpy as np
from keras import layers as L

import rules
from arrays import array, uniform


def number(value):
    return float(str(np.float32(value)))


def numbers(logs):
    return {key: [number(v) for v in value] if isinstance(value, list) else number(value) for key, value in logs.items()}


# The notebook's models with no dropout.


def notebook1(x):
    for filters in (32, 64, 128):
        for _ in range(2):
            x = L.Conv2D(filters, (3, 3), activation="relu", padding="same")(x)
        x = L.MaxPooling2D((2, 2))(x)
    x = L.Flatten()(x)
    return L.Dense(10, activation="softmax")(L.Dense(300, activation="relu")(x))


def notebook2(x):
    a = L.MaxPooling2D((2, 2))(L.Conv2D(32, (5, 5), activation="relu", padding="same")(x))
    a = L.MaxPooling2D((2, 2))(L.Conv2D(64, (3, 3), activation="relu", padding="same")(a))
    b = x
    for filters in (32, 64):
        for _ in range(2):
            b = L.Conv2D(filters, (3, 3), activation="relu", padding="same")(b)
        b = L.MaxPooling2D((2, 2))(b)
    x = L.Flatten()(L.Concatenate()([a, b]))
    return L.Dense(10, activation="softmax")(L.Dense(300, activation="relu")(x))


def notebook3(x):
    flat = []
    for _ in range(3):
        x = L.MaxPooling2D(pool_size=(2, 2))(L.Conv2D(32, kernel_size=3, activation="relu")(x))
        flat.append(L.Flatten()(x))
    x = L.Dense(100, activation="relu")(L.Concatenate()(flat))
    return L.Dense(10, activation="softmax")(x)


def sample(weight):
    value = np.asarray(weight.numpy())
    flat = value.reshape(-1)
    at = np.arange(0, flat.size, max(1, flat.size // 64))[:64]
    wide = flat.astype("float64")
    return {
        "path": weight.path,
        "shape": list(value.shape),
        "mean": number(wide.mean()),
        "norm": number(np.sqrt((wide**2).sum())),
        "indices": [int(i) for i in at],
        "values": array(flat[at])["data"],
    }


def notebook(build, epsilon, steps=20, batch=8):
    keras.utils.clear_session()
    x = keras.Input((32, 32, 3))
    model = keras.Model(x, build(x))
    model.compile(keras.optimizers.Adam(epsilon=epsilon), "categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    fresh = [v.numpy() for v in model.optimizer.variables]
    label = rules.labels(steps * batch, 10)
    pixels = rules.images(label, 32, 32, 3).astype("float32") / np.float32(255)
    targets = keras.utils.to_categorical(label, 10)

    def run(stream=None):
        """Trains from the rule's weights, changed by up to 1e-7 of themselves where there is a stream."""
        rules.set_weights(model)
        if stream is not None:
            for k, w in enumerate(model.weights):
                w.assign((w.numpy() * (1 + 1e-7 * rules.signed(stream + k, *w.shape))).astype("float32"))
        for variable, value in zip(model.optimizer.variables, fresh):
            variable.assign(value)
        before = model.predict_on_batch(pixels[:batch])
        parts = [slice(s * batch, (s + 1) * batch) for s in range(steps)]
        return before, [numbers(model.train_on_batch(pixels[p], targets[p], return_dict=True)) for p in parts]

    def losses(logs):
        return np.array([entry["loss"] for entry in logs])

    changed = []
    for stream in (5000, 6000):
        _, logs = run(stream)
        changed.append((losses(logs), [w.numpy() for w in model.weights]))
    before, logs = run()
    final = [w.numpy() for w in model.weights]
    worst = lambda differences: float(f"{max(differences):.1e}")
    return {
        "name": build.__name__,
        "source": inspect.getsource(build),
        "model": json.loads(model.to_json()),
        "optimizer": keras.optimizers.serialize(model.optimizer),
        "steps": steps,
        "batch_size": batch,
        "losses": [entry["loss"] for entry in logs],
        "accuracies": [entry["accuracy"] for entry in logs],
        "sensitivity": {
            "losses_relative": worst(np.max(np.abs(l / losses(logs) - 1)) for l, _ in changed),
            "weights": worst(np.max(np.abs(a - b)) for _, weights in changed for a, b in zip(weights, final)),
        },
        "predictions_before": array(before),
        "final_weights": [sample(w) for w in model.weights],
        "predictions": array(model.predict_on_batch(pixels[:batch])),
    }


# Small models, with everything in full.


def functional(*layers, shape=(4,)):
    x = h = keras.Input(shape, name="x")
    for layer in layers:
        h = layer(h)
    return keras.Model(x, h)


def small(units=3, activation="softmax", **kwargs):
    return functional(L.Dense(5, activation="relu", name="hidden", **kwargs), L.Dense(units, activation=activation, name="out"))


def flat_list(value):
    return [array(v) for v in keras.tree.flatten(value)]


def structure(value):
    """The value with each array replaced by its place among the flattened ones."""
    leaves = iter(range(len(keras.tree.flatten(value))))
    return keras.tree.map_structure(lambda v: next(leaves), value)


def named(weights):
    return [{"path": w.path, "trainable": w.trainable, "value": array(w.numpy())} for w in weights]


def case(name, model, x, y, optimizer="adam", loss="categorical_crossentropy", fit=None, arrays=None, **compile_arguments):
    """arrays: further arguments of fit that hold arrays."""
    if isinstance(optimizer, str):
        optimizer = keras.optimizers.get(optimizer)
    rules.set_weights(model)
    model.compile(optimizer=optimizer, loss=loss, **compile_arguments)
    fit = {"epochs": 3, "batch_size": 4, "shuffle": False} | (fit or {})
    arrays = arrays or {}
    given = {"optimizer": keras.optimizers.serialize(optimizer), "loss": loss, **compile_arguments}
    record = {"name": name, "model": json.loads(model.to_json()), "compile": given, "fit": fit}
    record |= {"x": flat_list(x), "x_structure": structure(x), "y": flat_list(y), "y_structure": structure(y)}
    for key, value in arrays.items():
        record[key], record[f"{key}_structure"] = flat_list(value), structure(value)
    record["initial_weights"] = named(model.weights)
    predictions = model.predict(x, batch_size=4, verbose=0)
    record["predictions_before"] = flat_list(predictions)
    if "class_weight" in fit:
        fit = fit | {"class_weight": {int(k): v for k, v in fit["class_weight"].items()}}
    history = model.fit(x, y, verbose=0, **fit, **arrays)
    record["history"] = numbers(history.history)
    record["history_keys"], record["history_epochs"] = list(history.history), history.epoch
    record["final_weights"] = named(model.weights)
    record["optimizer_variables"] = [{"path": v.path, "value": array(v.numpy())} for v in optimizer.variables]
    record["predictions"] = flat_list(model.predict(x, batch_size=4, verbose=0))
    weights = {"sample_weight": arrays["sample_weight"]} if "sample_weight" in arrays else {}
    evaluated = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True, **weights)
    record["evaluate"], record["evaluate_keys"] = numbers(evaluated), list(evaluated)
    record["metrics_names"] = model.metrics_names
    return record


def one_hot(label, classes=3):
    return np.eye(classes, dtype="float32")[label]


def classification(count=12, features=4, classes=3):
    label = rules.labels(count, classes)
    return uniform(11, count, features) + label[:, None].astype("float32") / 2, label


def layer_cases():
    x, label = classification()
    y = one_hot(label)
    image = uniform(12, 12, 5, 5, 2)
    norm = lambda **kwargs: functional(
        # A bias before the normalisation would have a gradient of 0, and Adam would move it as rounding decides.
        L.Conv2D(3, 3, name="conv", use_bias=False),
        L.BatchNormalization(name="norm", **kwargs),
        L.ReLU(name="relu"),
        L.MaxPooling2D(2, name="pool"),
        L.Flatten(name="flat"),
        L.Dense(3, activation="softmax", name="out"),
        shape=(5, 5, 2),
    )
    yield case("batch_normalization", norm(), image, y, metrics=["accuracy"])
    yield case("batch_normalization_last_smaller_batch", norm(momentum=0.8), image[:11], y[:11], metrics=["accuracy"])
    yield case("batch_normalization_frozen", norm(trainable=False), image, y)
    rank2 = functional(L.Dense(4, name="one"), L.BatchNormalization(name="norm"), L.Dense(3, activation="softmax", name="two"))
    yield case("batch_normalization_rank2", rank2, x, y, keras.optimizers.SGD(0.1))
    regular = functional(
        L.Dense(5, activation="tanh", name="hidden", kernel_regularizer=keras.regularizers.L2(0.05), bias_regularizer="l1"),
        L.Dense(3, activation="softmax", name="out", kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02)),
    )
    yield case("regularizers", regular, x[:10], y[:10], metrics=["accuracy"], fit={"validation_split": 0.2})
    active = functional(L.Dense(5, name="hidden", activity_regularizer=keras.regularizers.L2(0.1)), L.Dense(3, activation="softmax", name="out"))
    yield case("activity_regularizer", active, x[:10], y[:10], fit={"validation_split": 0.2})
    frozen_regular = functional(L.Dense(4, name="hidden", kernel_regularizer="l2", trainable=False), L.Dense(3, activation="softmax", name="out"))
    yield case("frozen_layer_with_regularizer", frozen_regular, x, y)
    constrained = functional(
        L.Dense(5, activation="relu", name="hidden", kernel_constraint=keras.constraints.MaxNorm(0.9)),
        L.Dense(3, activation="softmax", name="out", kernel_constraint="unit_norm", bias_constraint="non_neg"),
    )
    yield case("constraints", constrained, x, y, keras.optimizers.SGD(0.3))
    yield case("frozen_layer", small(trainable=False), x, y, metrics=["accuracy"])
    pools = functional(
        L.Conv2D(2, 2, padding="same", strides=2, activation="relu", name="conv"),
        L.AveragePooling2D(2, padding="same", name="average"),
        L.Conv2D(3, 1, name="point"),
        L.GlobalAveragePooling2D(name="pool"),
        L.Softmax(name="softmax"),
        shape=(5, 5, 2),
    )
    yield case("pooling", pools, image, y, keras.optimizers.Adam(0.01))
    a = keras.Input((4,), name="a")
    again = L.Dense(4, activation="tanh", name="again")
    h = L.Add(name="skip")([again(again(a)), a])
    yield case("shared_layer_and_residual", keras.Model(a, L.Dense(3, activation="softmax", name="out")(h)), x, y)


def weight_cases():
    x, label = classification()
    y = one_hot(label)
    w = np.abs(uniform(13, 12)) * 2
    w[3] = 0
    by_class = {"class_weight": {0: 1.0, 1: 2.5, 2: 0.5}}
    metrics = {"metrics": ["accuracy"], "weighted_metrics": ["accuracy"]}
    yield case("class_weight_categorical", small(), x, y, fit=by_class, **metrics)
    yield case("class_weight_sparse", small(), x, label, loss="sparse_categorical_crossentropy", fit=by_class, **metrics)
    partly = {"class_weight": {1: 2.5}, "validation_split": 0.25}
    yield case("class_weight_missing_class_validation", small(), x, y, fit=partly, metrics=["accuracy"])
    yield case("sample_weight", small(), x, y, arrays={"sample_weight": w}, **metrics)
    yield case("sample_weight_last_smaller_batch", small(), x[:11], y[:11], arrays={"sample_weight": w[:11]}, **metrics)
    yield case("sample_weight_validation_split", small(), x, y, fit={"validation_split": 0.25}, arrays={"sample_weight": w}, **metrics)
    yield case("validation_data", small(), x[:8], y[:8], arrays={"validation_data": (x[7:], y[7:])}, metrics=["accuracy"])
    yield case("validation_data_weighted", small(), x[:8], y[:8], arrays={"validation_data": (x[7:], y[7:], w[7:])}, **metrics)
    binary = small(1, "sigmoid")
    yy = (label > 0).astype("float32")[:, None]
    yield case("class_weight_binary", binary, x, yy, loss="binary_crossentropy", fit={"class_weight": {0: 0.5, 1: 2.0}}, **metrics)
    regular = small(kernel_regularizer=keras.regularizers.L2(0.05))
    yield case("sample_weight_with_regularizer", regular, x[:10], y[:10], arrays={"sample_weight": w[:10]}, **metrics)


def fit_cases():
    x, label = classification(22)
    y = one_hot(label)
    yield case("last_smaller_batch", small(), x, y, metrics=["accuracy"], fit={"validation_split": 0.3, "batch_size": 4})
    yield case("batch_larger_than_data", small(), x[:5], y[:5], metrics=["accuracy"], fit={"batch_size": 32})
    yield case("initial_epoch", small(), x[:8], y[:8], fit={"epochs": 5, "initial_epoch": 3})
    yield case("default_batch_size", small(), np.tile(x, (2, 1)), np.tile(y, (2, 1)), fit={"batch_size": None, "epochs": 2})
    yield case("validation_freq", small(), x[:8], y[:8], fit={"epochs": 4, "validation_split": 0.5, "validation_freq": 2})
    yield case("validation_batch_size", small(), x[:12], y[:12], fit={"validation_split": 0.5, "validation_batch_size": 5}, metrics=["accuracy"])


def loss_cases():
    x, label = classification()
    y = one_hot(label)
    cross = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    sparse = "sparse_categorical_crossentropy"

    def with_object(name, model, x, y, loss, **kwargs):
        record = case(name, model, x, y, loss=loss, **kwargs)
        record["compile"]["loss"] = keras.losses.serialize(loss)
        return record

    yield with_object("from_logits", small(activation=None), x, y, cross, metrics=["accuracy"])
    sparse_logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    yield with_object("sparse_from_logits", small(activation=None), x, label, sparse_logits, metrics=["accuracy"])
    yy = (label > 0).astype("float32")[:, None]
    logits = keras.losses.BinaryCrossentropy(from_logits=True)
    yield with_object("binary_from_logits", small(1, None), x, yy, logits, metrics=["accuracy"])
    total = keras.losses.MeanSquaredError(reduction="sum")
    yield with_object("sum_reduction", small(2, None), x[:10], uniform(15, 10, 2), total, optimizer=keras.optimizers.SGD(0.01))
    yield case("sparse_labels", small(), x, label, loss=sparse, metrics=["accuracy"])
    yield case("sparse_labels_column", small(), x, label[:, None], loss=sparse, metrics=["acc", "sparse_top_k_categorical_accuracy"])
    yield case("binary_crossentropy", small(1, "sigmoid"), x, yy, loss="binary_crossentropy", metrics=["accuracy"])
    yield case("binary_crossentropy_flat_labels", small(1, "sigmoid"), x, yy[:, 0], loss="binary_crossentropy", metrics=["accuracy"])
    yield case("multi_label", small(3, "sigmoid"), x, (uniform(17, 12, 3) > 0).astype("float32"), loss="binary_crossentropy", metrics=["accuracy"])
    yield case("regression", small(2, None), x, uniform(15, 12, 2), loss="mse", metrics=["mae", "mse"])
    yield case("regression_flat_targets", small(1, None), x, uniform(16, 12), loss="mean_absolute_error", metrics=["mean_squared_error"])
    yield case("metric_names", small(), x, y, metrics=["acc", "categorical_accuracy", "top_k_categorical_accuracy", "mse", "mae", "categorical_crossentropy"])
    yield case("crossentropy_unnormalised_outputs", small(activation="sigmoid"), x, y, metrics=["accuracy"])


def optimizer_cases():
    x, label = classification(10)
    y = one_hot(label)
    o = keras.optimizers
    for name, optimizer in (
        ("adam_amsgrad", o.Adam(0.01, beta_1=0.8, beta_2=0.9, epsilon=1e-3, amsgrad=True)),
        ("adam_global_clipnorm", o.Adam(0.01, global_clipnorm=0.3)),
        ("sgd_clipnorm", o.SGD(0.2, clipnorm=0.15)),
        ("sgd_clipvalue", o.SGD(0.2, clipvalue=0.05)),
        ("sgd_global_clipnorm", o.SGD(0.2, global_clipnorm=0.2)),
        ("sgd_momentum", o.SGD(0.1, momentum=0.9)),
        ("sgd_nesterov", o.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01)),
        ("rmsprop", o.RMSprop(0.01)),
        ("rmsprop_momentum_centered", o.RMSprop(0.01, rho=0.8, momentum=0.5, centered=True)),
        ("adamw", o.AdamW(0.01, weight_decay=0.05)),
        ("adam_weight_decay", o.Adam(0.01, weight_decay=0.05)),
    ):
        yield case(name, small(), x, y, optimizer, metrics=["accuracy"])


def several():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    h = L.Dense(4, activation="tanh", name="trunk")(L.Concatenate(name="merge")([a, b]))
    return [a, b], L.Dense(3, activation="softmax", name="kind")(h), L.Dense(1, name="size")(h)


def output_cases():
    x = [uniform(21, 10, 3), uniform(22, 10, 2)]
    label = rules.labels(10, 3)
    y = [one_hot(label), uniform(23, 10, 1)]
    w = np.abs(uniform(24, 10))

    def listed():
        inputs, *outputs = several()
        return keras.Model(inputs, outputs)

    def keyed():
        inputs, kind, size = several()
        return keras.Model({"a": inputs[0], "b": inputs[1]}, {"size": size, "kind": kind})

    losses = ["categorical_crossentropy", "mse"]
    by_name = {"kind": "categorical_crossentropy", "size": "mse"}
    yield case("outputs_list", listed(), x, y, loss=losses)
    yield case("outputs_one_loss", listed(), x, y, loss="mse", metrics=[["mae"], ["mae"]])
    yield case("outputs_loss_weights", listed(), x, y, loss=losses, loss_weights=[0.5, 2.0], metrics=[["accuracy"], ["mae", "mse"]])
    named_metrics = {"metrics": {"kind": "accuracy", "size": ["mae"]}, "loss_weights": {"kind": 0.3, "size": 1.5}}
    yield case("outputs_list_by_name", listed(), x, y, loss=by_name, fit={"validation_split": 0.3}, **named_metrics)
    xd, yd = {"a": x[0], "b": x[1]}, {"kind": y[0], "size": y[1]}
    yield case("outputs_dict", keyed(), xd, yd, loss=by_name, fit={"validation_split": 0.3}, **named_metrics)
    yield case("outputs_sample_weight", listed(), x, y, loss=losses, arrays={"sample_weight": [w, w[::-1].copy()]}, metrics=[["accuracy"], ["mae"]], weighted_metrics=[["accuracy"], ["mae"]])
    yield case("outputs_one_without_loss", listed(), x, y, loss=[None, "mse"], metrics=[["accuracy"], ["mae"]])


def on_batch():
    """train_on_batch and test_on_batch start their metrics afresh at each call."""
    x, label = classification(12)
    model = small()
    rules.set_weights(model)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    record = {"model": json.loads(model.to_json()), "initial_weights": named(model.weights), "x": array(x), "y": array(label), "calls": []}

    def call(kind, part, **kwargs):
        logs = numbers(getattr(model, kind)(x[part], label[part], return_dict=True, **kwargs))
        arguments = {key: {str(k): v for k, v in value.items()} if isinstance(value, dict) else array(value) for key, value in kwargs.items()}
        record["calls"].append({"method": kind, "from": part.start, "to": part.stop, "arguments": arguments, "logs": logs, "log_keys": list(logs)})

    call("train_on_batch", slice(0, 4))
    call("train_on_batch", slice(4, 7))
    call("test_on_batch", slice(7, 12))
    call("test_on_batch", slice(0, 4))
    call("train_on_batch", slice(0, 4))
    call("train_on_batch", slice(4, 8), class_weight={0: 0.5, 1: 2.0, 2: 1.0})
    call("train_on_batch", slice(8, 12), sample_weight=np.array([1, 0, 2, 0.5], "float32"))
    call("test_on_batch", slice(8, 12), sample_weight=np.array([1, 0, 2, 0.5], "float32"))
    record["predictions"] = array(model.predict_on_batch(x))
    record["final_weights"] = named(model.weights)
    return record


class Calls(keras.callbacks.Callback):
    """Notes each hook with its number, and the loss that it sees."""

    def __init__(self):
        super().__init__()
        self.list = []

    def note(self, hook, number=None, logs=None):
        self.list.append({"hook": hook, "number": number_or_none(number), "loss": number_or_none(logs and logs.get("loss"), float)})


def number_or_none(value, kind=int):
    return None if value is None else number(value) if kind is float else kind(value)


def noting(hook, numbered, logged):
    if numbered:
        return lambda self, number, logs=None: self.note(hook, number, logs if logged else None)
    return lambda self, logs=None: self.note(hook, None, logs if logged else None)


for phase in ("train", "test", "predict"):
    setattr(Calls, f"on_{phase}_begin", noting(f"on_{phase}_begin", False, False))
    setattr(Calls, f"on_{phase}_end", noting(f"on_{phase}_end", False, phase != "predict"))
    setattr(Calls, f"on_{phase}_batch_begin", noting(f"on_{phase}_batch_begin", True, False))
    setattr(Calls, f"on_{phase}_batch_end", noting(f"on_{phase}_batch_end", True, phase != "predict"))
Calls.on_epoch_begin = noting("on_epoch_begin", True, False)
Calls.on_epoch_end = noting("on_epoch_end", True, True)


def executions():
    """Several steps between two calls of callbacks: seven batches, the last one smaller, three at a time."""
    x, label = classification(27)
    y = one_hot(label)
    norm = functional(L.Dense(4, name="one", use_bias=False), L.BatchNormalization(name="norm"), L.Dense(3, activation="softmax", name="two"))
    records = []
    for name, model, steps, fit in (
        ("seven_batches", small(), 3, {}),
        ("batch_normalization", norm, 3, {}),
        ("steps_per_epoch", small(), 3, {"steps_per_epoch": 4, "epochs": 3}),
        ("more_than_all", small(), 10, {}),
    ):
        rules.set_weights(model)
        model.compile(keras.optimizers.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"], steps_per_execution=steps)
        fit = {"epochs": 2, "batch_size": 4, "shuffle": False} | fit
        record = {"name": name, "model": json.loads(model.to_json()), "steps_per_execution": steps, "fit": fit, "x": array(x), "y": array(y)}
        record["initial_weights"] = named(model.weights)
        calls = Calls()
        history = model.fit(x, y, verbose=0, callbacks=[calls], validation_data=(x[:14], y[:14]), **fit)
        record["history"] = numbers(history.history)
        record["final_weights"] = named(model.weights)
        record["evaluate"] = numbers(model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True, callbacks=[calls]))
        record["predictions"] = array(model.predict(x, batch_size=4, verbose=0, callbacks=[calls]))
        record["calls"] = calls.list
        records.append(record)
    return records


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    records = []
    for group in (layer_cases, weight_cases, fit_cases, loss_cases, optimizer_cases, output_cases):
        keras.utils.clear_session()
        records += group()
    keras.utils.clear_session()
    return {"notebook": [notebook(b, epsilon) for epsilon in (1e-7, 1e-3) for b in (notebook1, notebook2, notebook3)], "small": records, "on_batch": on_batch(), "executions": executions()}
