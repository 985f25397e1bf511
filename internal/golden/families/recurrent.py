"""Probes: SimpleRNN, LSTM and GRU, their cells under RNN, and what a stateful layer keeps while a model trains."""

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

from arrays import array, uniform
from probes import call_error, case, constructor_error, model_of, start

X = (3, 4, 3)
# A padded row, one with holes that begins masked, and one that is masked throughout.
MASK = np.array([[1, 1, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0]], "bool")
WORDS = np.array([[1, 4, 2, 0], [0, 3, 0, 1], [0, 0, 0, 0]], "int32")
CLASSES = {"simple_rnn": (L.SimpleRNN, 1), "lstm": (L.LSTM, 2), "gru": (L.GRU, 1)}


def each():
    """What the three layers have in common."""
    for key, (cls, states) in CLASSES.items():

        def one(label, *inputs, call=None, batch=False, time=False, calls=None, training=False, **arguments):
            inputs = inputs or (X,)
            name = f"{key} {label}"
            return case(name, model_of(lambda: cls(2, **arguments), inputs, call, batch, time), inputs, training, calls)

        sequences = {"return_sequences": True}
        everything = {"return_sequences": True, "return_state": True}
        masked = lambda layer, x, m: layer(x, mask=m)
        state_shapes = [(3, 2)] * states
        state = (lambda layer, x, *s: layer(x, initial_state=[*s])) if states > 1 else (lambda layer, x, s: layer(x, initial_state=s))

        yield one("plain")
        yield one("sequences", **sequences)
        yield one("state", return_state=True)
        yield one("sequences and state", **everything)
        yield one("backwards", go_backwards=True, **everything)
        yield one("unrolled", unroll=True, **everything)
        yield one("unrolled backwards", unroll=True, go_backwards=True, **everything)
        yield one("unknown length", time=True, **sequences)
        yield one("one step", (2, 1, 3), **everything)
        yield one("no bias", use_bias=False, **sequences)
        yield one("activation", activation="relu", **sequences)
        yield one("linear", activation=None)
        yield one("frozen", trainable=False)
        yield one(
            "everything", name="named",
            kernel_initializer="he_normal",
            recurrent_initializer=keras.initializers.Orthogonal(gain=0.5, seed=1),
            bias_initializer=keras.initializers.Constant(0.5),
            kernel_regularizer="l2",
            recurrent_regularizer=keras.regularizers.L1(0.02),
            bias_regularizer=keras.regularizers.L1L2(0.1, 0.2),
            activity_regularizer=keras.regularizers.L2(0.3),
            kernel_constraint=keras.constraints.MaxNorm(1.5),
            recurrent_constraint="unit_norm",
            bias_constraint="non_neg",
            dropout=0.3,
            recurrent_dropout=0.2,
            seed=5,
            **sequences,
        )  # fmt: skip
        yield one("training without dropout", training=True, **sequences)
        yield one("float16", dtype="float16", recurrent_initializer="glorot_uniform", **everything)
        yield one("mixed_float16", dtype="mixed_float16", **everything)
        for unroll in (False, True):
            how = " unrolled" if unroll else ""
            yield one(f"mask{how}", X, MASK, call=masked, unroll=unroll)
            yield one(f"mask, sequences and state{how}", X, MASK, call=masked, unroll=unroll, **everything)
            yield one(f"mask, zeros{how}", X, MASK, call=masked, unroll=unroll, zero_output_for_mask=True, **everything)
            yield one(f"mask, backwards{how}", X, MASK, call=masked, unroll=unroll, go_backwards=True, **everything)
        yield one("mask, unknown length", X, MASK, call=masked, time=True, **sequences)
        yield one("initial state", X, *state_shapes, call=state, **everything)
        yield one("initial state by position", X, *state_shapes, call=lambda layer, x, *s: layer(x, [*s]))
        yield one("initial state and mask", X, *state_shapes, MASK, call=lambda layer, x, *rest: layer(x, initial_state=[*rest[:-1]], mask=rest[-1]), **everything)
        yield one("initial state, backwards, unrolled", X, *state_shapes, call=state, go_backwards=True, unroll=True, **everything)
        calls = [{"inputs": [X]}, {"inputs": [X]}, {"inputs": [X], "training": True}, {"inputs": [X], "reset": True}]
        yield one("stateful", batch=True, calls=calls, stateful=True)
        yield one("stateful, sequences and state", batch=True, calls=calls[1:], stateful=True, **everything)
        with_mask = [{"inputs": [X, MASK]}, {"inputs": [X, MASK[::-1].copy()]}]
        yield one("stateful, mask", X, MASK, call=masked, batch=True, calls=with_mask, stateful=True)
        given = [{"inputs": [X, *state_shapes]}, {"inputs": [X, *state_shapes]}]
        yield one("stateful, initial state", X, *state_shapes, call=state, batch=True, calls=given, stateful=True)
        yield from each_in_models(key, cls)


def each_in_models(key, cls):
    def embedded(*layers, **arguments):
        def build():
            x = keras.Input((4,), name="x", dtype="int32")
            h = L.Embedding(5, 3, mask_zero=True, **arguments)(x)
            for layer in layers:
                h = layer()(h)
            return keras.Model(x, h)

        return build

    yield case(f"{key} after embedding", embedded(lambda: cls(2)), [WORDS])
    yield case(f"{key} sequences after embedding", embedded(lambda: cls(2, return_sequences=True)), [WORDS])
    yield case(f"{key} stacked after embedding", embedded(lambda: cls(2, return_sequences=True), lambda: L.Dropout(0.4), lambda: cls(3), lambda: L.Dense(1)), [WORDS])
    yield case(f"{key} after mixed embedding", embedded(lambda: cls(2, dtype="mixed_float16"), dtype="mixed_float16"), [WORDS])
    # The layer converts its argument, so the mask is no edge of the graph: it travels with the tensor.
    yield case(f"{key} mixed after float32 embedding", embedded(lambda: cls(2, return_sequences=True, dtype="mixed_float16")), [WORDS])

    def masking():
        x = keras.Input((None, 3), name="x")
        return keras.Model(x, cls(2, return_sequences=True, return_state=True)(L.Masking(0.0)(x)))

    values = uniform(31, *X) * MASK[:, :, None]
    yield case(f"{key} after masking", masking, [values.astype("float32")])

    def translator():
        x, y = keras.Input((4,), name="x", dtype="int32"), keras.Input((4,), name="y", dtype="int32")
        _, *states = cls(2, return_state=True, name="encoder")(L.Embedding(5, 3, mask_zero=True, name="from")(x))
        h = cls(2, return_sequences=True, name="decoder")(L.Embedding(5, 2, mask_zero=True, name="to")(y), initial_state=states)
        return keras.Model([x, y], L.Dense(3, activation="softmax", name="word")(h))

    yield case(f"{key} encoder and decoder", translator, [WORDS, WORDS[::-1].copy()])

    def shared():
        x, y = keras.Input((4, 3), name="x"), keras.Input((2, 3), name="y")
        layer = cls(2, name="shared")
        return keras.Model([x, y], L.Concatenate(name="both")([layer(x), layer(y)]))

    yield case(f"{key} shared", shared, [X, (3, 2, 3)])
    sequential = lambda: keras.Sequential([keras.Input((4,), dtype="int32"), L.Embedding(5, 3, mask_zero=True), cls(2, return_sequences=True), cls(2), L.Dense(1)])
    yield case(f"{key} in sequential", sequential, [WORDS])

    def stateful_stack():
        x = keras.Input(batch_shape=(3, 4, 3), name="x")
        return keras.Model(x, cls(2, stateful=True, name="second")(cls(3, stateful=True, return_sequences=True, name="first")(x)))

    yield case(f"{key} stateful stack", stateful_stack, calls=[{"inputs": [X]}, {"inputs": [X]}])


def special():
    def lstm(label, **arguments):
        return case(f"lstm {label}", model_of(lambda: L.LSTM(2, **arguments), [X]), [X])

    def gru(label, **arguments):
        return case(f"gru {label}", model_of(lambda: L.GRU(2, **arguments), [X]), [X])

    yield lstm("no unit forget bias", unit_forget_bias=False)
    yield lstm("implementation 1", implementation=1)
    yield gru("implementation 1", implementation=1)
    yield lstm("recurrent activation", activation="gelu", recurrent_activation="hard_sigmoid", return_sequences=True, return_state=True)
    yield gru("recurrent activation", activation="softplus", recurrent_activation="hard_sigmoid", return_sequences=True, return_state=True)
    for unroll in (False, True):
        yield gru(f"reset before{' unrolled' if unroll else ''}", reset_after=False, unroll=unroll, return_sequences=True, return_state=True)
    yield gru("reset before, no bias", reset_after=False, use_bias=False)
    yield gru("reset before, backwards", reset_after=False, go_backwards=True, return_sequences=True)
    yield gru("reset before, mixed", reset_after=False, dtype="mixed_float16")
    masked = lambda layer, x, m: layer(x, mask=m)
    yield case("gru reset before, mask", model_of(lambda: L.GRU(2, reset_after=False, return_sequences=True), [X, MASK], masked), [X, MASK])
    yield case("lstm longer", model_of(lambda: L.LSTM(1, return_sequences=True), [(1, 24, 1)]), [(1, 24, 1)])
    yield case("gru longer", model_of(lambda: L.GRU(1, return_sequences=True), [(1, 24, 1)]), [(1, 24, 1)])


def cells():
    masked = lambda layer, x, m: layer(x, mask=m)

    def one(label, cell, **arguments):
        return case(f"rnn of {label}", model_of(lambda: L.RNN(cell(), **arguments), [X]), [X])

    def with_mask(label, cell, **arguments):
        return case(f"rnn of {label}, mask", model_of(lambda: L.RNN(cell(), **arguments), [X, MASK], masked), [X, MASK])

    both = {"return_sequences": True, "return_state": True}
    simple, lstm, gru = lambda: L.SimpleRNNCell(2), lambda: L.LSTMCell(2), lambda: L.GRUCell(2)
    for key, cell in (("simple", simple), ("lstm", lstm), ("gru", gru)):
        yield one(f"{key} cell", cell)
        yield one(f"{key} cell, all", cell, **both)
        yield one(f"{key} cell, backwards, unrolled", cell, go_backwards=True, unroll=True, **both)
        yield with_mask(f"{key} cell", cell, **both)
        yield with_mask(f"{key} cell, zeros", cell, zero_output_for_mask=True, return_sequences=True)
    yield one("gru cell, reset before", lambda: L.GRUCell(2, reset_after=False, use_bias=False, activation="relu", name="inner"))
    yield one("lstm cell with everything", lambda: L.LSTMCell(2, recurrent_activation="hard_sigmoid", unit_forget_bias=False, kernel_regularizer="l2", dropout=0.2, recurrent_dropout=0.1, seed=3))
    stacked = lambda: L.StackedRNNCells([L.LSTMCell(3), L.GRUCell(2), L.SimpleRNNCell(2)])
    yield one("stacked cells", stacked)
    yield one("stacked cells, all", stacked, **both)
    yield with_mask("stacked cells", stacked, **both)
    yield one("a list of cells", lambda: [L.GRUCell(2), L.GRUCell(2)], **both)
    given = lambda layer, x, h, c, s: layer(x, initial_state=[[h, c], s])
    shapes = [X, (3, 3), (3, 3), (3, 2)]
    yield case("rnn of stacked cells, initial state", model_of(lambda: L.RNN([L.LSTMCell(3), L.GRUCell(2)], **both), shapes, given), shapes)
    calls = [{"inputs": [X]}, {"inputs": [X]}]
    yield case("rnn of stacked cells, stateful", model_of(lambda: L.RNN([L.LSTMCell(3), L.GRUCell(2)], stateful=True), [X], batch=True), calls=calls)

    def one_step():
        x, h, c = keras.Input((3,), name="x"), keras.Input((2,), name="h"), keras.Input((2,), name="c")
        y, states = L.LSTMCell(2)(x, [h, c])
        return keras.Model([x, h, c], [y, *states])

    yield case("lstm cell called alone", one_step, [(3, 3), (3, 2), (3, 2)])


def errors():
    for cls in (L.SimpleRNN, L.LSTM, L.GRU, L.LSTMCell):
        yield constructor_error(cls, units=0)
        yield constructor_error(cls, units=-1)
        yield constructor_error(cls, units=2, activation="unknown")
        yield constructor_error(cls, units=2, wrong=1)
    yield constructor_error(L.LSTM, units=2, use_cudnn="yes")
    yield constructor_error(L.RNN, cell=3)
    yield constructor_error(L.StackedRNNCells, cells=[3])
    for cls in (L.SimpleRNN, L.LSTM, L.GRU):
        yield call_error(lambda: cls(2), (None, 4))
        yield call_error(lambda: cls(2), (None, 4, 3, 2))
        yield call_error(lambda: cls(2), (None, 4, None))
        yield call_error(lambda: cls(2, unroll=True), (None, None, 3))
        yield call_error(lambda: cls(2, stateful=True), (None, 4, 3))
        yield call_error(lambda: cls(2), [(None, 4, 3), (None, 2), (None, 2)])
        yield call_error(lambda: cls(2), (None, 4, 3), initial_state=(None, 3))
        yield call_error(lambda: cls(2), (None, 4, 3), initial_state=[(None, 2), (None, 2), (None, 2)])
        yield call_error(lambda: cls(2), (None, 4, 3), mask=((None, 5), "bool"))
        yield call_error(lambda: cls(2), (None, 4, 3), wrong=1)


def keeping():
    """What states a model keeps: made with TensorFlow, for on JAX, Keras 3.15.1's fit, evaluate and predict forget them."""
    run = subprocess.run([sys.executable, __file__], env=os.environ | {"KERAS_BACKEND": "tensorflow"}, capture_output=True, check=True, text=True)
    return json.loads(run.stdout.splitlines()[-1])


def keep():
    from families.training import named, numbers

    out = []
    for key, (cls, _) in CLASSES.items():
        keras.utils.clear_session()
        x = keras.Input(batch_shape=(2, 3, 2), name="x")
        layer = cls(2, stateful=True, name="keeps")
        model = keras.Model(x, L.Dense(1, name="out")(layer(x)))
        for i, w in enumerate(model.weights):
            w.assign(uniform(700 + i, *w.shape))
        model.compile(keras.optimizers.SGD(0.1), "mse")
        data, target = uniform(710, 6, 3, 2), uniform(711, 6, 1)
        record = {"name": key, "config": json.loads(model.to_json()), "x": array(data), "y": array(target), "batch_size": 2, "initial_weights": named(model.weights), "steps": []}

        def step(method, result):
            record["steps"].append({"method": method, "result": result, "states": [array(v.numpy()) for v in layer.states]})

        step("fit", numbers(model.fit(data, target, batch_size=2, epochs=2, shuffle=False, verbose=0).history))
        record["final_weights"] = named(model.weights)
        step("evaluate", numbers(model.evaluate(data, target, batch_size=2, verbose=0, return_dict=True)))
        step("predict", array(model.predict(data, batch_size=2, verbose=0)))
        step("predict", array(model.predict(data, batch_size=2, verbose=0)))
        layer.reset_states()
        step("reset_states", None)
        step("predict", array(model.predict(data, batch_size=2, verbose=0)))
        step("train_on_batch", numbers(model.train_on_batch(data[:2], target[:2], return_dict=True)))
        step("fit", numbers(model.fit(data[:4], target[:4], batch_size=2, validation_data=(data[4:], target[4:]), validation_batch_size=2, shuffle=False, verbose=0).history))
        out.append(record)
    return out


def cases():
    start()
    return {"probes": [*each(), *special(), *cells()], "errors": list(errors()), "keeping": keeping()}


if __name__ == "__main__":
    print(json.dumps(keep()))
