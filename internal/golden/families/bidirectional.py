"""Probes: Bidirectional."""

import keras
import numpy as np
from keras import layers as L

from families.recurrent import MASK, WORDS, X
from probes import call_error, case, constructor_error, freeze, model_of, start

BOTH = {"return_sequences": True, "return_state": True}
MODES = ("concat", "sum", "mul", "ave", None)


def masked(layer, x, m):
    return layer(x, mask=m)


def one(label, inner, *inputs, call=None, batch=False, time=False, calls=None, **arguments):
    inputs = inputs or (X,)
    return case(f"bidirectional {label}", model_of(lambda: L.Bidirectional(inner(), **arguments), inputs, call, batch, time), inputs, calls=calls)


def modes():
    for mode in MODES:
        yield one(f"{mode}", lambda: L.LSTM(2), merge_mode=mode)
        yield one(f"{mode}, sequences", lambda: L.GRU(2, return_sequences=True), merge_mode=mode)
        yield one(f"{mode}, state", lambda: L.LSTM(2, return_state=True), merge_mode=mode)
        yield one(f"{mode}, sequences and state", lambda: L.GRU(2, **BOTH), merge_mode=mode)
        yield one(f"{mode}, mask", lambda: L.LSTM(2), X, MASK, call=masked, merge_mode=mode)
        yield one(f"{mode}, mask, sequences", lambda: L.SimpleRNN(2, return_sequences=True), X, MASK, call=masked, merge_mode=mode)
    for key, inner in (("lstm", L.LSTM), ("gru", L.GRU), ("simple_rnn", L.SimpleRNN)):
        yield one(f"{key}", lambda: inner(2, **BOTH))
        yield one(f"{key}, mask, sequences and state", lambda: inner(2, **BOTH), X, MASK, call=masked)
        yield one(f"{key}, unknown length", lambda: inner(2, return_sequences=True), time=True)


def layers():
    yield one("named", lambda: L.LSTM(2, name="memory"), name="both_ways")
    yield one("forward_ in the name", lambda: L.LSTM(2, name="forward_memory"))
    yield one("backward first", lambda: L.GRU(2, go_backwards=True, return_sequences=True), backward_layer=L.GRU(2, return_sequences=True, name="other"))
    yield one("backward layer given", lambda: L.LSTM(2), backward_layer=L.LSTM(3, go_backwards=True, name="other"))
    yield one("another class backward", lambda: L.LSTM(2, return_sequences=True), backward_layer=L.GRU(2, go_backwards=True, return_sequences=True, activation="relu"), merge_mode="sum")
    yield one("unrolled", lambda: L.LSTM(2, unroll=True, return_sequences=True))
    yield one("no bias", lambda: L.GRU(2, use_bias=False, reset_after=False))
    yield one("regularized", lambda: L.LSTM(2, kernel_regularizer="l2", recurrent_regularizer=keras.regularizers.L1(0.1)))
    yield one("activity", lambda: L.LSTM(2, activity_regularizer=keras.regularizers.L2(0.1)), activity_regularizer=keras.regularizers.L2(0.3))
    yield one("frozen", lambda: L.LSTM(2), trainable=False)
    yield case("bidirectional frozen by its property", model_of(lambda: freeze(L.Bidirectional(L.LSTM(2))), [X]), [X])
    yield one("frozen inside", lambda: L.LSTM(2, trainable=False))
    yield one("mixed_float16", lambda: L.LSTM(2, dtype="mixed_float16", return_sequences=True), dtype="mixed_float16")
    yield one("zero output is asked for", lambda: L.LSTM(2, zero_output_for_mask=True), X, MASK, call=masked)
    yield one("rnn of a cell", lambda: L.RNN(L.LSTMCell(2), return_sequences=True))
    yield one("rnn of stacked cells", lambda: L.RNN([L.GRUCell(3), L.GRUCell(2)], return_sequences=True))
    state = lambda layer, x, *s: layer(x, initial_state=[*s])
    yield one("lstm, initial state", lambda: L.LSTM(2, **BOTH), X, *[(3, 2)] * 4, call=state)
    yield one("gru, initial state", lambda: L.GRU(2), X, *[(3, 2)] * 2, call=state)
    yield one("gru, initial state and mask", lambda: L.GRU(2, return_sequences=True), X, (3, 2), (3, 2), MASK, call=lambda layer, x, a, b, m: layer(x, initial_state=[a, b], mask=m))
    calls = [{"inputs": [X]}, {"inputs": [X]}, {"inputs": [X], "reset": True}]
    yield one("stateful", lambda: L.LSTM(2, stateful=True), batch=True, calls=calls)


def models():
    def embedded(*layers):
        def build():
            x = keras.Input((4,), name="x", dtype="int32")
            h = L.Embedding(5, 3, mask_zero=True)(x)
            for layer in layers:
                h = layer()(h)
            return keras.Model(x, h)

        return build

    deep = lambda **kwargs: L.Bidirectional(L.LSTM(2, **kwargs))
    yield case("bidirectional after embedding", embedded(deep), [WORDS])
    yield case("bidirectional sequences after embedding", embedded(lambda: deep(return_sequences=True)), [WORDS])
    yield case("bidirectional stacked", embedded(lambda: deep(return_sequences=True), lambda: L.Dropout(0.3), deep, lambda: L.Dense(1, activation="sigmoid")), [WORDS])
    sequential = lambda: keras.Sequential([keras.Input((4,), dtype="int32"), L.Embedding(5, 3), deep(return_sequences=True), deep(), L.Dense(1)])
    yield case("bidirectional in sequential", sequential, [WORDS])

    def encoder():
        x, y = keras.Input((4, 3), name="x"), keras.Input((2, 3), name="y")
        out, fh, fc, bh, bc = L.Bidirectional(L.LSTM(2, return_state=True), name="encoder")(x)
        h, c = L.Concatenate(name="h")([fh, bh]), L.Concatenate(name="c")([fc, bc])
        return keras.Model([x, y], [L.LSTM(4, name="decoder")(y, initial_state=[h, c]), out])

    yield case("bidirectional encoder", encoder, [X, (3, 2, 3)])

    def shared():
        x, y = keras.Input((4, 3), name="x"), keras.Input((2, 3), name="y")
        layer = L.Bidirectional(L.GRU(2), name="shared")
        return keras.Model([x, y], [layer(x), layer(y)])

    yield case("bidirectional shared", shared, [X, (3, 2, 3)])

    def inside():
        x, z = keras.Input((4, 3), name="x"), keras.Input((4, 3), name="z")
        inner = keras.Model(x, L.Bidirectional(L.LSTM(1), name="b")(x), name="inner")
        return keras.Model(z, L.Dense(2, name="d")(inner(z)), name="outer")

    yield case("bidirectional in an inner model", inside, [X])


def errors():
    def made(**arguments):
        """A constructor call whose layers are written as their configurations."""
        record = constructor_error(L.Bidirectional, **arguments)
        written = lambda v: keras.saving.serialize_keras_object(v) if isinstance(v, keras.Layer) else v
        return record | {"arguments": {key: written(v) for key, v in record["arguments"].items()}}

    keras.utils.clear_session()
    yield made(layer=L.LSTM(2), merge_mode="max")
    yield made(layer=3)
    yield made(layer=L.LSTM(2), backward_layer=3)
    yield made(layer=L.LSTM(2), backward_layer=L.LSTM(2))
    yield made(layer=L.LSTM(2), backward_layer=L.LSTM(2, go_backwards=True, return_sequences=True))
    yield made(layer=L.LSTM(2), backward_layer=L.LSTM(2, go_backwards=True, return_state=True))
    yield made(layer=L.LSTM(2), backward_layer=L.LSTM(2, go_backwards=True, stateful=True))
    yield made(layer=L.LSTM(2, go_backwards=True))
    yield made(layer=L.Dense(2))
    yield call_error(lambda: L.Bidirectional(L.LSTM(2)), (None, 4))
    yield call_error(lambda: L.Bidirectional(L.LSTM(2)), (None, 4, 3), initial_state=[(None, 2)])
    yield call_error(lambda: L.Bidirectional(L.LSTM(2)), (None, 4, 3), wrong=1)


def cases():
    start()
    return {"probes": [*modes(), *layers(), *models()], "errors": list(errors())}
