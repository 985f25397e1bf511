"""Probes: ConvLSTM1D, ConvLSTM2D and ConvLSTM3D."""

import keras
import numpy as np
from keras import layers as L

from probes import call_error, case, constructor_error, model_of, start

# On JAX, Keras's loops give the mask of the samples to the axis before the channels. Where there is one sample that makes no difference.
MASK = np.array([[0, 1, 0]], "bool")
MASKS = np.array([[1, 1, 0], [0, 1, 1]], "bool")


def one(cls, label, *inputs, call=None, calls=None, batch=False, time=False, training=False, **arguments):
    model = model_of(lambda: cls(**arguments), inputs, call, batch, time)
    return case(f"{cls.__name__.lower()} {label}", model, inputs, training, calls)


def everything():
    return {
        "activation": "relu", "recurrent_activation": "hard_sigmoid", "kernel_initializer": "he_normal",
        "recurrent_initializer": keras.initializers.Orthogonal(gain=0.5, seed=1), "bias_initializer": keras.initializers.Constant(0.5),
        "unit_forget_bias": False, "kernel_regularizer": "l2", "recurrent_regularizer": keras.regularizers.L1(0.02), "bias_regularizer": "l1",
        "activity_regularizer": keras.regularizers.L2(0.1), "kernel_constraint": keras.constraints.MaxNorm(2.0),
        "recurrent_constraint": "unit_norm", "bias_constraint": "non_neg", "dropout": 0.2, "recurrent_dropout": 0.3, "seed": 7,
    }  # fmt: skip


def layers():
    masked = lambda layer, x, m: layer(x, mask=m)
    from_states = lambda layer, x, h, c: layer(x, initial_state=[h, c])
    shape = (2, 3, 3, 2)
    all_of = {"return_sequences": True, "return_state": True}

    yield one(L.ConvLSTM1D, "sequences and state", shape, filters=1, kernel_size=3, padding="same", **all_of)
    yield one(L.ConvLSTM1D, "everything", shape, name="named", filters=1, kernel_size=2, strides=2, padding="same", **everything())
    yield one(L.ConvLSTM1D, "backwards, no bias", shape, filters=1, kernel_size=2, go_backwards=True, use_bias=False, **all_of)
    yield one(L.ConvLSTM1D, "masked", (1, 3, 3, 2), MASK, call=masked, filters=1, kernel_size=2, **all_of)
    yield one(L.ConvLSTM1D, "masked, last", (1, 3, 3, 2), MASK, call=masked, filters=1, kernel_size=2, go_backwards=True)
    yield one(L.ConvLSTM1D, "masked, zeros", (1, 3, 3, 1), MASK, call=masked, filters=1, kernel_size=2, zero_output_for_mask=True, return_sequences=True)
    yield one(L.ConvLSTM1D, "masked, unrolled", (2, 3, 3, 1), MASKS, call=masked, filters=1, kernel_size=2, unroll=True, **all_of)
    yield one(L.ConvLSTM1D, "initial states", shape, (2, 2, 1), (2, 2, 1), call=from_states, filters=1, kernel_size=2, return_state=True)
    yield one(L.ConvLSTM1D, "dropout of 1", shape, filters=1, kernel_size=2, dropout=1.5, recurrent_dropout=1.0, training=True)
    yield one(L.ConvLSTM1D, "unknown length", shape, time=True, filters=1, kernel_size=2, activation=None)
    turns = [{"inputs": [shape]}, {"inputs": [shape], "training": True}, {"inputs": [shape], "reset": True}]
    yield one(L.ConvLSTM1D, "stateful", shape, batch=True, calls=turns, filters=1, kernel_size=2, stateful=True, return_sequences=True)
    yield one(L.ConvLSTM1D, "mixed_float16", shape, filters=1, kernel_size=2, dtype="mixed_float16", return_sequences=True)
    yield one(L.ConvLSTM2D, "plain", (2, 2, 3, 4, 2), filters=2, kernel_size=(2, 3), return_sequences=True)
    yield one(L.ConvLSTM2D, "channels first, strides", (1, 2, 2, 4, 3), filters=2, kernel_size=2, strides=(2, 1), data_format="channels_first", **all_of)
    yield one(L.ConvLSTM2D, "dilation, frozen", (1, 2, 4, 3, 1), filters=1, kernel_size=2, dilation_rate=(2, 1), trainable=False)
    yield one(L.ConvLSTM2D, "long", (1, 5, 2, 2, 1), filters=1, kernel_size=3, padding="same")
    yield one(L.ConvLSTM3D, "plain", (1, 2, 2, 3, 2, 1), filters=1, kernel_size=2, padding="same", return_state=True)
    yield one(L.ConvLSTM3D, "channels first", (1, 2, 1, 2, 3, 2), filters=1, kernel_size=(2, 1, 2), data_format="channels_first")
    bidirectional = lambda: L.Bidirectional(L.ConvLSTM1D(1, 2, return_sequences=True))
    yield case("convlstm1d in bidirectional", model_of(bidirectional, (shape,)), (shape,))


def errors():
    for cls in (L.ConvLSTM1D, L.ConvLSTM2D, L.ConvLSTM3D):
        yield constructor_error(cls, filters=2, kernel_size=0)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=-1)
        yield constructor_error(cls, filters=2, kernel_size=2, dilation_rate=0)
        yield constructor_error(cls, filters=2, kernel_size=2, strides=2, dilation_rate=2)
        yield constructor_error(cls, filters=2, kernel_size=2, padding="causal")
        yield constructor_error(cls, filters=2, kernel_size=2, data_format="last")
        yield constructor_error(cls, filters=2, kernel_size=2, groups=2)
        yield constructor_error(cls, filters=2, kernel_size=[2, 2, 2, 2])
    yield call_error(lambda: L.ConvLSTM2D(2, 2), (None, 2, 3, 3))
    yield call_error(lambda: L.ConvLSTM2D(2, 2), (None, 2, None, 3, 1))
    yield call_error(lambda: L.ConvLSTM2D(2, 2), (None, 2, 3, 3, None))
    yield call_error(lambda: L.ConvLSTM2D(2, 4), (None, 2, 3, 3, 1))
    yield call_error(lambda: L.ConvLSTM1D(2, 2, stateful=True), (None, 2, 3, 1))


def cases():
    start()
    return {"probes": list(layers()), "errors": list(errors())}
