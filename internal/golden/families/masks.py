"""Probes: what other layers do to masks, and how losses and metrics heed them."""

import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
from keras import layers as L

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from arrays import uniform
from probes import call_error, case, model_of, start

WORDS = np.array([[1, 4, 2, 0], [0, 3, 0, 1], [0, 0, 0, 0]], "int32")
MASK = WORDS != 0
# Zeros where MASK is false, so that Masking makes that mask.
PADDED = (uniform(51, 3, 4, 3) * MASK[:, :, None]).astype("float32")


def after(*layers, x=PADDED):
    """A model of Masking, then these layers in turn."""

    def build():
        inputs = h = keras.Input(x.shape[1:], name="x")
        h = L.Masking(name="masking")(h)
        for layer in layers:
            h = layer()(h)
        return keras.Model(inputs, h)

    return build


def single():
    """One layer on a masked tensor: it passes the mask on, or ends it, or takes it."""
    for label, make in (
        ("dense", lambda: L.Dense(2)),
        ("activation", lambda: L.Activation("relu")),
        ("relu", lambda: L.ReLU()),
        ("leaky relu", lambda: L.LeakyReLU()),
        ("elu", lambda: L.ELU()),
        ("prelu", lambda: L.PReLU()),
        ("dropout", lambda: L.Dropout(0.5)),
        ("gaussian noise", lambda: L.GaussianNoise(0.5)),
        ("spatial dropout", lambda: L.SpatialDropout1D(0.5)),
        ("activity regularization", lambda: L.ActivityRegularization(l2=0.1)),
        ("identity", lambda: L.Identity()),
        ("rescaling", lambda: L.Rescaling(2.0, 0.5)),
        ("unit normalization", lambda: L.UnitNormalization()),
        ("group normalization", lambda: L.GroupNormalization(3)),
        ("flatten", lambda: L.Flatten()),
        ("reshape", lambda: L.Reshape((3, 4))),
        ("permute", lambda: L.Permute((2, 1))),
        ("conv1d", lambda: L.Conv1D(2, 2)),
        ("max pooling", lambda: L.MaxPooling1D(2)),
        ("global max pooling", lambda: L.GlobalMaxPooling1D()),
        ("global average pooling", lambda: L.GlobalAveragePooling1D()),
        ("global average pooling, keepdims", lambda: L.GlobalAveragePooling1D(keepdims=True)),
        ("zero padding", lambda: L.ZeroPadding1D(1)),
        ("batch normalization", lambda: L.BatchNormalization()),
    ):
        yield case(f"mask and {label}", after(make), [PADDED])
    yield case("mask ended, then dense", after(lambda: L.Reshape((2, 6)), lambda: L.Dense(2)), [PADDED])
    image = np.where(np.arange(24).reshape(2, 2, 3, 2) % 5 < 3, uniform(52, 2, 2, 3, 2), 0).astype("float32")
    image[0, 1] = 0
    for label, make in (("conv2d", lambda: L.Conv2D(2, 2)), ("average pooling 2d", lambda: L.AveragePooling2D((1, 2))), ("global average pooling 2d", lambda: L.GlobalAveragePooling2D())):
        yield case(f"mask and {label}", after(make, x=image), [image])

    def operations():
        x = keras.Input((4, 3), name="x")
        h = L.Masking(name="masking")(x)
        return keras.Model(x, [h * 2, keras.ops.tanh(h), h[:, 1:], L.Dense(1, name="d")(h + 1)])

    yield case("mask and operations", operations, [PADDED])

    def sliced():
        x = keras.Input((4, 3), name="x")
        return keras.Model(x, L.Dense(1, name="d")(L.Masking(name="masking")(x))[:, 0])

    yield case("mask and an index", sliced, [PADDED])


def batch_normalization():
    for training in (False, True):
        when = "in training" if training else "otherwise"
        for label, arguments in (("plain", {}), ("momentum", {"momentum": 0.5, "epsilon": 0.1}), ("no scale, no center", {"scale": False, "center": False}), ("axis 1", {"axis": 1}), ("frozen", {"trainable": False}), ("renorm", {"renorm": True}), ("mixed_float16", {"dtype": "mixed_float16"})):
            yield case(f"batch normalization of masked, {label}, {when}", after(lambda: L.BatchNormalization(**arguments)), [PADDED], training)
    nothing = np.zeros_like(PADDED)
    yield case("batch normalization of all masked", after(lambda: L.BatchNormalization()), [nothing], True)
    image = (uniform(53, 2, 2, 3, 2) * (np.arange(12).reshape(2, 2, 3, 1) % 3 > 0)).astype("float32")
    yield case("batch normalization of a masked image", after(lambda: L.BatchNormalization(), x=image), [image], True)
    flat = (uniform(54, 4, 3) * [[1], [0], [1], [1]]).astype("float32")
    yield case("batch normalization of masked rows", after(lambda: L.BatchNormalization(), x=flat), [flat], True)
    masked = lambda layer, x, m: layer(x, mask=m)
    yield case("batch normalization with mask=", model_of(lambda: L.BatchNormalization(), [(3, 4, 3), MASK], masked), [(3, 4, 3), MASK], True)

    def deep():
        x = keras.Input((4,), name="x", dtype="int32")
        h = L.Embedding(5, 3, mask_zero=True, name="words")(x)
        h = L.BatchNormalization(name="first")(L.Dense(2, name="d")(h))
        return keras.Model(x, L.LSTM(2, name="memory")(L.BatchNormalization(name="second")(h)))

    yield case("batch normalization after embedding", deep, [WORDS], True)


def softmax():
    masked = lambda layer, x, m: layer(x, mask=m)
    wide = np.random.default_rng(55).integers(0, 2, (3, 4, 3)).astype("bool")
    wide[1, 2] = False
    for axis in (-1, 1, [1, 2], (-1,)):
        yield case(f"softmax with mask=, axis {axis}", model_of(lambda: L.Softmax(axis=axis), [(3, 4, 3), wide], masked), [(3, 4, 3), wide])
    yield case("softmax with mask=, 2-D", model_of(lambda: L.Softmax(), [(3, 4), MASK], masked), [(3, 4), MASK])
    yield case("softmax with a narrow mask", model_of(lambda: L.Softmax(), [(3, 2, 4), MASK[:, None]], masked), [(3, 2, 4), MASK[:, None]])
    yield case("softmax with a mask of floats", model_of(lambda: L.Softmax(), [(3, 4), MASK.astype("float32") * np.float32(0.7)], masked), [(3, 4), MASK.astype("float32") * np.float32(0.7)])
    yield case("softmax with mask=, mixed_float16", model_of(lambda: L.Softmax(dtype="mixed_float16"), [(3, 4), MASK], masked), [(3, 4), MASK])

    def activation():
        x = keras.Input((4, 3), name="x")
        return keras.Model(x, L.Activation("softmax", name="softmax")(L.Masking(name="masking")(x)))

    yield case("softmax as an activation of masked", activation, [PADDED])


def merges():
    other = (uniform(57, 3, 4, 3) * MASK[::-1, :, None]).astype("float32")

    def pair(layer, first=True, second=True):
        def build():
            x, y = keras.Input((4, 3), name="x"), keras.Input((4, 3), name="y")
            a = L.Masking(name="a")(x) if first else x
            b = L.Masking(name="b")(y) if second else y
            return keras.Model([x, y], layer()([a, b]))

        return build

    for label, make in (
        ("add", lambda: L.Add()),
        ("subtract", lambda: L.Subtract()),
        ("multiply", lambda: L.Multiply()),
        ("average", lambda: L.Average()),
        ("maximum", lambda: L.Maximum()),
        ("minimum", lambda: L.Minimum()),
        ("concatenate", lambda: L.Concatenate()),
        ("concatenate, axis 1", lambda: L.Concatenate(axis=1)),
        ("dot", lambda: L.Dot(2)),
    ):
        yield case(f"{label}, both masked", pair(make), [PADDED, other])
        yield case(f"{label}, the first masked", pair(make, second=False), [PADDED, other])
        yield case(f"{label}, the second masked", pair(make, first=False), [PADDED, other])

    def three():
        xs = [keras.Input((4, 3), name=n) for n in "xyz"]
        return keras.Model(xs, L.Add(name="add")([L.Masking(name=f"m{i}")(x) for i, x in enumerate(xs)]))

    yield case("add, three masked", three, [PADDED, other, PADDED[[1, 2, 0]]])

    def residual():
        x = keras.Input((4,), name="x", dtype="int32")
        h = L.Embedding(5, 3, mask_zero=True, name="words")(x)
        return keras.Model(x, L.Add(name="skip")([h, L.LSTM(3, return_sequences=True, name="memory")(h)]))

    yield case("add of a masked tensor and what came of it", residual, [WORDS])

    def broadcast():
        x, y = keras.Input((4, 3), name="x"), keras.Input((1, 3), name="y")
        return keras.Model([x, y], L.Multiply(name="product")([L.Masking(name="a")(x), L.Masking(name="b")(y)]))

    yield case("multiply of masks that broadcast", broadcast, [PADDED, PADDED[:, :1].copy()])


def models():
    def inner(argument):
        def build():
            x, z, m = keras.Input((4, 3), name="x"), keras.Input((4, 3), name="z"), keras.Input((4,), name="m", dtype="bool")
            model = keras.Model(x, L.LSTM(2, return_sequences=True, name="memory")(L.Dense(2, name="d")(x)), name="inner")
            if argument:
                return keras.Model([z, m], model(z, mask=m), name="outer")
            return keras.Model(z, model(L.Masking(name="masking")(z)), name="outer")

        return build

    yield case("inner model after masking", inner(False), [PADDED])
    yield case("inner model with mask=", inner(True), [(3, 4, 3), MASK])

    def sequential():
        z = keras.Input((4, 3), name="z")
        model = keras.Sequential([keras.Input((4, 3)), L.Dense(2, name="d"), L.GRU(2, name="memory")], name="inner")
        return keras.Model(z, model(L.Masking(name="masking")(z)), name="outer")

    yield case("inner sequential after masking", sequential, [PADDED])

    def words_inside():
        x, z = keras.Input((4,), name="x", dtype="int32"), keras.Input((4,), name="z", dtype="int32")
        model = keras.Model(x, L.Dense(2, name="d")(L.Embedding(5, 3, mask_zero=True, name="words")(x)), name="inner")
        return keras.Model(z, L.LSTM(2, name="memory")(model(z)), name="outer")

    yield case("inner model that makes a mask", words_inside, [WORDS])

    def several():
        x, z = keras.Input((4,), name="x", dtype="int32"), keras.Input((4,), name="z", dtype="int32")
        h = L.Embedding(5, 3, mask_zero=True, name="words")(x)
        model = keras.Model(x, {"steps": L.Dense(2, name="d")(h), "last": L.LSTM(2, name="memory")(h)}, name="inner")
        out = model(z)
        return keras.Model(z, {"a": L.Dense(1, name="e")(out["steps"]), "b": out["last"]}, name="outer")

    yield case("inner model with several outputs", several, [WORDS])
    stack = lambda: keras.Sequential([keras.Input((4, 3)), L.Masking(), L.Dense(3), L.BatchNormalization(), L.LSTM(2, return_sequences=True), L.Dense(1)])
    yield case("sequential with a mask all through", stack, [PADDED], True)


def errors():
    mask = ((None, 5), "bool")
    yield call_error(lambda: L.Softmax(), (None, 4, 3), mask=((None, 4), "bool"))
    yield call_error(lambda: L.Softmax(), (None, 4), mask=((None, 2, 4), "bool"))
    yield call_error(lambda: L.BatchNormalization(), (None, 4, 3), mask=((None,), "bool"))
    yield call_error(lambda: L.BatchNormalization(), (None, 4, 3), mask=mask)
    yield call_error(lambda: L.GlobalAveragePooling1D(), (None, 4, 3), mask=mask)
    yield call_error(lambda: L.Dense(2), (None, 4, 3), mask=mask)
    yield call_error(lambda: L.Add(), [(None, 4, 3), (None, 4, 3)], mask=mask)


def training():
    """Compiled models with masks: made with TensorFlow, for on JAX, Keras 3.15.1 forgets the outputs' masks before a training step's metrics."""
    run = subprocess.run([sys.executable, __file__], env=os.environ | {"KERAS_BACKEND": "tensorflow"}, capture_output=True, check=True, text=True)
    return json.loads(run.stdout.splitlines()[-1])


def trained():
    from families import training as T

    keras.utils.set_random_seed(1)
    C = keras.losses
    rng = np.random.default_rng(58)
    n = 10
    x = (uniform(59, n, 4, 3) * (rng.random((n, 4, 1)) > 0.35)).astype("float32")
    x[2], x[5, 1:] = 0, 0
    words = rng.integers(0, 5, (n, 4)).astype("int32")
    words[3], words[4] = 0, [2, 1, 3, 4]
    label = rng.integers(0, 3, (n, 4)).astype("int32")
    step_weight, row_weight = np.round(uniform(60, n, 4, low=0, high=2), 2), np.round(uniform(61, n, 1, low=0, high=2), 2)
    sgd = lambda: keras.optimizers.SGD(0.2)

    def steps(units, activation=None, hidden=()):
        def build():
            inputs = h = keras.Input((4, 3), name="x")
            h = L.Masking(name="masking")(h)
            for layer in hidden:
                h = layer()(h)
            return keras.Model(inputs, L.Dense(units, activation=activation, name="out")(h))

        return build()

    def chain(*layers):
        inputs = h = keras.Input((4, 3), name="x")
        for layer in layers:
            h = layer(h)
        return keras.Model(inputs, h)

    def tagger():
        inputs = keras.Input((4,), name="x", dtype="int32")
        h = L.LSTM(3, return_sequences=True, name="memory")(L.Embedding(5, 2, mask_zero=True, name="words")(inputs))
        return keras.Model(inputs, L.Dense(3, activation="softmax", name="out")(h))

    def one(name, model, x, y, loss, weights=None, **arguments):
        keras.utils.clear_session()
        arrays = {} if weights is None else {"sample_weight": weights}
        record = T.case(name, model(), x, y, sgd(), loss, arrays=arrays, **arguments)
        written = lambda v: v if isinstance(v, str) or v is None else [written(w) for w in v] if isinstance(v, list) else keras.saving.serialize_keras_object(v)
        record["compile"] = {k: v if k == "loss_weights" else written(v) for k, v in record["compile"].items() if k != "optimizer"} | {"optimizer": record["compile"]["optimizer"]}
        return record

    sparse = "sparse_categorical_crossentropy"
    real = uniform(62, n, 4, 2)
    every = {"metrics": ["mse", "mae"], "weighted_metrics": ["mse"]}
    yield one("mse", lambda: steps(2), x, real, "mse", **every)
    yield one("mse, weights of steps", lambda: steps(2), x, real, "mse", step_weight, **every)
    yield one("mse, weights of rows", lambda: steps(2), x, real, "mse", row_weight, **every)
    yield one("mse, validation", lambda: steps(2), x, real, "mse", fit={"validation_split": 0.4}, **every)
    yield one("mse, summed", lambda: steps(2), x, real, C.MeanSquaredError(reduction="sum"), step_weight, **every)
    yield one("mse, mean with weights", lambda: steps(2), x, real, C.MeanSquaredError(reduction="mean_with_sample_weight"), step_weight, **every)
    yield one("mse, not reduced", lambda: steps(2), x, real, C.MeanSquaredError(reduction=None), step_weight, **every)
    yield one("mse of rows, not reduced", lambda: chain(L.Flatten(), L.Dense(1)), x, real[:, 0, :1].copy(), C.MeanSquaredError(reduction="none"), row_weight[:, 0].copy(), **every)
    yield one("mse, all masked", lambda: steps(2), np.zeros_like(x), real, "mse", **every)
    words_metrics = {"metrics": ["accuracy"], "weighted_metrics": ["accuracy"]}
    yield one("tagger", tagger, words, label, sparse, **words_metrics)
    yield one("tagger, weights of steps", tagger, words, label, sparse, step_weight, **words_metrics)
    yield one("tagger, validation", tagger, words, label, sparse, fit={"validation_split": 0.3}, **words_metrics)
    yield one("tagger, class ignored", tagger, words, label, C.SparseCategoricalCrossentropy(ignore_class=1), **words_metrics)
    yield one("tagger, one-hot", tagger, words, np.eye(3, dtype="float32")[label], "categorical_crossentropy", metrics=["accuracy", "categorical_accuracy", "top_k_categorical_accuracy"])
    binary = (label > 0).astype("float32")[:, :, None]
    yield one("binary", lambda: steps(1, "sigmoid"), x, binary, "binary_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy"])
    yield one("binary, weights of steps", lambda: steps(1, "sigmoid"), x, binary, "binary_crossentropy", step_weight, metrics=["accuracy"], weighted_metrics=["accuracy"])
    yield one("metrics with states of their own", lambda: steps(1, "sigmoid"), x, binary, "binary_crossentropy", metrics=[keras.metrics.AUC(num_thresholds=5), keras.metrics.BinaryIoU()], weighted_metrics=[keras.metrics.AUC(num_thresholds=5)])
    yield one("regularized", lambda: steps(2, hidden=[lambda: L.Dense(3, activation="tanh", kernel_regularizer="l2", activity_regularizer=keras.regularizers.L2(0.1))]), x, real, "mse", **every)
    yield one("batch normalization", lambda: steps(2, hidden=[lambda: L.BatchNormalization(momentum=0.7)]), x, real, "mse", **every)
    yield one("mask that ends", lambda: chain(L.Masking(), L.LSTM(2), L.Dense(1)), x, real[:, 0, :1].copy(), "mse", metrics=["mae"])

    def two():
        inputs = keras.Input((4,), name="x", dtype="int32")
        h = L.Embedding(5, 2, mask_zero=True, name="words")(inputs)
        return keras.Model(inputs, [L.Dense(3, activation="softmax", name="tags")(h), L.Dense(1, name="size")(L.GRU(2, name="memory")(h))])

    # Of rows that make whole batches: Keras on TensorFlow doesn't weight an output's losses by their rows, as it does on JAX.
    words, targets = words[:8], [label[:8], real[:8, 0, :1].copy()]
    both = {"metrics": [["accuracy"], ["mae"]], "weighted_metrics": [["accuracy"], ["mse"]], "loss_weights": [0.5, 2.0]}
    yield one("two outputs", two, words, targets, [sparse, "mse"], **both)
    yield one("two outputs, weights", two, words, targets, [sparse, "mse"], [step_weight[:8], row_weight[:8, 0].copy()], **both)


def cases():
    start()
    return {"probes": [*single(), *batch_normalization(), *softmax(), *merges(), *models()], "errors": list(errors()), "training": training()}


if __name__ == "__main__":
    print(json.dumps(list(trained()), allow_nan=False))
