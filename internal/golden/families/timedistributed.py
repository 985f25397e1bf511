"""Probes: TimeDistributed."""

import keras
import numpy as np
from keras import layers as L

from families.recurrent import MASK, WORDS, X
from probes import call_error, case, constructor_error, model_of, start


def one(label, inner, *inputs, call=None, batch=False, time=False, training=False, **arguments):
    inputs = inputs or (X,)
    return case(f"time distributed {label}", model_of(lambda: L.TimeDistributed(inner(), **arguments), inputs, call, batch, time), inputs, training)


def layers():
    dense = lambda: L.Dense(2, activation="tanh")
    yield one("dense", dense)
    yield one("dense of 4-D", dense, (2, 3, 2, 3))
    yield one("unknown length", dense, time=True)
    yield one("known batch", dense, batch=True)
    yield one("one step", dense, (2, 1, 3))
    yield one("named", lambda: L.Dense(2, name="inner"), name="steps")
    yield one("conv2d", lambda: L.Conv2D(2, 2, activation="relu"), (2, 2, 3, 3, 1))
    yield one("pool", lambda: L.MaxPooling2D(2), (2, 2, 4, 4, 1))
    yield one("flatten", lambda: L.Flatten(), (2, 3, 2, 2))
    yield one("embedding", lambda: L.Embedding(5, 2, mask_zero=True), WORDS.reshape(3, 2, 2))
    yield one("lstm", lambda: L.LSTM(2), (2, 3, 2, 2))
    yield one("twice", lambda: L.TimeDistributed(L.Dense(2)), (2, 2, 3, 2))
    yield one("dropout", lambda: L.Dropout(0.5))
    yield one("batch normalization", lambda: L.BatchNormalization())
    # Its moving averages move once a step.
    yield one("batch normalization in training", lambda: L.BatchNormalization(momentum=0.7), training=True)
    yield one("regularized", lambda: L.Dense(2, kernel_regularizer="l2", activity_regularizer=keras.regularizers.L2(0.1)))
    yield one("activity", dense, activity_regularizer=keras.regularizers.L2(0.1))
    yield one("frozen", dense, trainable=False)
    yield one("frozen inside", lambda: L.Dense(2, trainable=False))
    yield one("mixed_float16", lambda: L.Dense(2, dtype="mixed_float16"), dtype="mixed_float16")
    yield one("float32 around mixed_float16", lambda: L.Dense(2, dtype="mixed_float16"))
    masked = lambda layer, x, m: layer(x, mask=m)
    yield one("dense, mask", dense, X, MASK, call=masked)
    yield one("softmax, mask", lambda: L.Softmax(axis=0), X, np.repeat(MASK[:, :, None], 3, axis=2), call=masked)
    yield one("batch normalization, mask", lambda: L.BatchNormalization(), (3, 4, 2, 3), np.stack([MASK, ~MASK], axis=2), call=masked, training=True)
    yield one("lstm, mask", lambda: L.LSTM(2), (3, 2, 4, 2), np.stack([MASK, ~MASK], axis=1), call=masked)


def nested():
    yield one("sequential", lambda: keras.Sequential([L.Dense(3, activation="relu", name="a"), L.Dense(2, name="b")], name="inner"))
    yield one("built sequential", lambda: keras.Sequential([keras.Input((3,)), L.Dense(2, name="a")], name="inner"))
    cnn = lambda: keras.Sequential([keras.Input((4, 4, 1)), L.Conv2D(2, 3, name="conv"), L.Flatten(name="flat"), L.Dense(2, name="d")], name="cnn")
    yield one("sequential of convolutions", cnn, (2, 2, 4, 4, 1))

    def functional():
        x = keras.Input((3,), name="in")
        return keras.Model(x, L.Add(name="add")([x, L.Dense(3, activation="tanh", name="d")(x)]), name="inner")

    yield one("functional", functional)

    def deeper():
        x = keras.Input((3,), name="in")
        inner = keras.Sequential([L.Dense(2, name="d")], name="deep")
        return keras.Model(x, inner(x), name="inner")

    yield one("model in a model", deeper)

    def after_cnn():
        x = keras.Input((2, 4, 4, 1), name="x")
        h = L.TimeDistributed(cnn(), name="frames")(x)
        return keras.Model(x, L.Dense(1, name="out")(L.LSTM(2, name="memory")(h)))

    yield case("time distributed before lstm", after_cnn, [(2, 2, 4, 4, 1)])

    def tagger():
        x = keras.Input((4,), name="x", dtype="int32")
        h = L.Bidirectional(L.LSTM(2, return_sequences=True), name="both")(L.Embedding(5, 3, mask_zero=True, name="words")(x))
        return keras.Model(x, L.TimeDistributed(L.Dense(3, activation="softmax", name="d"), name="tags")(h))

    yield case("time distributed after masked lstm", tagger, [WORDS])

    def hierarchy():
        x = keras.Input((2, 2), name="x", dtype="int32")
        words = L.TimeDistributed(L.LSTM(2, name="words"), name="sentences")(L.Embedding(5, 3, mask_zero=True, name="e")(x))
        return keras.Model(x, words)

    yield case("time distributed under a mask with more axes", hierarchy, [WORDS.reshape(3, 2, 2)])
    sequential = lambda: keras.Sequential([keras.Input((4, 3)), L.TimeDistributed(L.Dense(2)), L.GRU(2)])
    yield case("time distributed in sequential", sequential, [X])


def errors():
    yield constructor_error(L.TimeDistributed, layer=3)
    yield call_error(lambda: L.TimeDistributed(L.Dense(2)), (None, 4))
    yield call_error(lambda: L.TimeDistributed(L.Conv2D(2, 3)), (None, 2, 3, 3))
    yield call_error(lambda: L.TimeDistributed(L.Dense(2)), (None, 4, None))
    yield call_error(lambda: L.TimeDistributed(L.Dense(2)), (None, 4, 3), mask=((None,), "bool"))
    yield call_error(lambda: L.TimeDistributed(L.Dense(2)), (None, 4, 3), mask=((None, 5), "bool"))
    yield call_error(lambda: L.TimeDistributed(L.Dense(2)), (2, 4, 3), mask=((3, 4), "bool"))
    yield call_error(lambda: L.TimeDistributed(L.Dense(2)), (None, 4, 3), wrong=1)


def cases():
    start()
    return {"probes": [*layers(), *nested()], "errors": list(errors())}
