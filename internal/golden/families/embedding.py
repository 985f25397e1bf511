"""Probes: Embedding and Masking."""

import keras
import numpy as np
from keras import layers as L

from probes import call_error, case, constructor_error, model_of, start

INDEX = np.array([[1, 0, 4, 0], [3, 3, 0, 0], [0, 2, 1, 4]], "int32")


def embedding():
    def one(label, x, **arguments):
        return case(f"embedding {label}", model_of(lambda: L.Embedding(5, 3, **arguments), [x]), [x])

    yield one("plain", INDEX)
    yield one("mask zero", INDEX, mask_zero=True)
    yield one("1-D", INDEX[:, 1].copy())
    yield one("1-D mask zero", INDEX[:, 1].copy(), mask_zero=True)
    yield one("3-D", INDEX.reshape(3, 2, 2), mask_zero=True)
    for dtype in ("uint8", "int8", "int16", "uint16", "int64", "uint32", "float32"):
        yield one(dtype, INDEX.astype(dtype), mask_zero=True)
    yield one("fractions are cut off", ((INDEX + 0.9) * (INDEX > 0)).astype("float32"), mask_zero=True)
    yield one("indices from the end and beyond", np.array([[-1, -5, -6, 5], [7, 4, 0, -2]], "int32"))
    yield case("embedding unknown length", model_of(lambda: L.Embedding(5, 3, mask_zero=True), [INDEX], time=True), [INDEX])
    yield case("embedding known batch", model_of(lambda: L.Embedding(5, 3, mask_zero=True), [INDEX], batch=True), [INDEX])
    yield one(
        "everything", INDEX,
        embeddings_initializer=keras.initializers.RandomNormal(stddev=0.2, seed=3),
        embeddings_regularizer=keras.regularizers.L2(0.1),
        embeddings_constraint=keras.constraints.MaxNorm(1.5, axis=1),
        mask_zero=True,
        name="words",
    )  # fmt: skip
    yield one("activity", INDEX, activity_regularizer=keras.regularizers.L1(0.1))
    yield one("initializer by name", INDEX, embeddings_initializer="zeros")
    yield one("frozen", INDEX, trainable=False)
    yield one("float16", INDEX, dtype="float16")
    yield one("mixed_float16", INDEX, dtype="mixed_float16", mask_zero=True)

    def shared():
        x, y = keras.Input((4,), name="x", dtype="int32"), keras.Input((2,), name="y", dtype="int32")
        words = L.Embedding(5, 2, mask_zero=True, name="words")
        return keras.Model([x, y], [words(x), words(y)])

    yield case("embedding shared", shared, [INDEX, INDEX[:, :2].copy()])

    def bag():
        x = keras.Input((4,), name="x", dtype="int32")
        h = L.Embedding(5, 3, mask_zero=True)(x)
        return keras.Model(x, L.Dense(2)(L.Flatten()(L.Dropout(0.5)(h))))

    yield case("embedding, dropout, flatten, dense", bag, [INDEX])
    sequential = lambda: keras.Sequential([keras.Input((4,), dtype="int32"), L.Embedding(5, 2, mask_zero=True), L.Dense(3, activation="tanh")])
    yield case("embedding in sequential", sequential, [INDEX])

    def float_input():
        x = keras.Input((4,), name="x")
        return keras.Model(x, L.Embedding(5, 2, mask_zero=True)(x))

    yield case("embedding of a float input", float_input, [INDEX.astype("float32")])


def masking():
    x = np.array([[[0, 0], [1, 0], [0, -2], [0, 0]], [[-1, -1], [0, 0], [-1, 3], [2, 2]], [[2, 2], [0, 0], [0, 0], [0, 0]]], "float32")

    def one(label, x, **arguments):
        return case(f"masking {label}", model_of(lambda: L.Masking(**arguments), [x]), [x])

    yield one("plain", x)
    yield one("value", x, mask_value=2.0)
    yield one("negative value", x, mask_value=-1.0)
    yield one("integer value", x, mask_value=2)
    yield one("2-D", x[:, :, 0].copy())
    yield one("4-D", x.reshape(3, 2, 2, 2))
    yield one("integers", x.astype("int32"), mask_value=2)
    yield one("float16", x, dtype="float16", mask_value=2)
    yield case("masking unknown length", model_of(lambda: L.Masking(2.0), [x], time=True), [x])

    def twice():
        inputs = keras.Input((4, 2), name="x")
        return keras.Model(inputs, L.Masking(-1.0)(L.Dense(2)(L.Masking(2.0)(inputs))))

    yield case("masking of a masked tensor", twice, [x])

    def outputs():
        inputs = keras.Input((4, 2), name="x")
        h = L.Masking(2.0)(inputs)
        return keras.Model(inputs, {"masked": h, "dense": L.Dense(1)(h), "plain": inputs * 2})

    yield case("masking in a dict of outputs", outputs, [x])

    def nested():
        inputs, z = keras.Input((4, 2), name="x"), keras.Input((4, 2), name="z")
        inner = keras.Model(inputs, L.Activation("tanh")(L.Masking(2.0)(inputs)), name="inner")
        return keras.Model(z, L.Dense(2)(inner(z)), name="outer")

    yield case("masking inside an inner model", nested, [x])

    def into():
        inputs, z = keras.Input((4, 2), name="x"), keras.Input((4, 2), name="z")
        inner = keras.Model(inputs, L.Dense(2)(inputs), name="inner")
        return keras.Model(z, inner(L.Masking(2.0)(z)), name="outer")

    yield case("masking before an inner model", into, [x])


def errors():
    for size in (0, -3, 2.0, True, None, "5"):
        yield constructor_error(L.Embedding, input_dim=size, output_dim=3)
        yield constructor_error(L.Embedding, input_dim=3, output_dim=size)
    yield constructor_error(L.Embedding, input_dim=3, output_dim=2, embeddings_initializer="unknown")
    yield constructor_error(L.Embedding, input_dim=3, output_dim=2, wrong=1)
    yield constructor_error(L.Masking, wrong=1)
    yield call_error(lambda: L.Embedding(5, 3), ((None, 4), "int32"), wrong=2)
    yield call_error(lambda: L.Masking(), (None, 4, 2), mask=True)
    yield call_error(lambda: L.Masking(), (None,))


def cases():
    start()
    return {"probes": [*embedding(), *masking()], "errors": list(errors())}
