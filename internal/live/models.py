"""Models that Python builds and compiles, for Go to load. Each is a function marked with @model."""

import keras
import numpy as np
from keras import layers as L


def model(build):
    build.is_model = True
    return build


def compiled(model, optimizer="adam", loss="mse", **arguments):
    model.compile(optimizer=optimizer, loss=loss, **arguments)
    return model


@model
def dense():
    x = keras.Input((5,), name="x")
    h = L.Dense(7, activation="relu")(x)
    return compiled(keras.Model(x, L.Dense(3, activation="softmax")(h)), keras.optimizers.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"])


@model
def convolutions():
    x = h = keras.Input((10, 8, 2))
    h = L.Conv2D(4, 3, padding="same", activation="relu")(h)
    h = L.MaxPooling2D()(h)
    h = L.Conv2D(4, (2, 3), strides=(2, 1), groups=2, use_bias=False)(h)
    h = L.Activation("tanh")(h)
    a, b = L.GlobalMaxPooling2D()(h), L.Flatten()(L.AveragePooling2D(2, strides=1, padding="same")(h))
    return compiled(keras.Model(x, L.Dense(2)(L.Concatenate()([a, b]))), "adam", metrics=["mae"])


@model
def several():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    h = L.Dense(4, activation="relu", name="trunk")(L.Concatenate(name="merge")([a, b]))
    outputs = [L.Dense(2, name="left")(h), L.Dense(1, activation="sigmoid", name="right")(h)]
    return compiled(
        keras.Model([a, b], outputs, name="several"),
        keras.optimizers.Adam(3e-3, clipnorm=1.0),
        ["mse", "mae"],
        loss_weights=[1.0, 0.25],
        metrics=[["mae"], ["mse"]],
    )


@model
def by_name():
    b, a = keras.Input((2,), name="second"), keras.Input((3,), name="first")
    h = L.Dense(4, activation="relu", name="trunk")(L.Concatenate(name="merge")([b, a]))
    outputs = {"z": L.Dense(2, name="left")(h), "c": L.Dense(1, name="right")(h)}
    return compiled(keras.Model({"second": b, "first": a}, outputs), "adam", {"z": "mse", "c": "mae"})


@model
def normalization():
    data = np.random.default_rng(3).normal(2, 3, (50, 4)).astype("float32")
    learnt = L.Normalization()
    learnt.adapt(data)
    batches = L.Normalization(axis=None)
    batches.adapt([data[:20], data[20:]])
    x = keras.Input((4,))
    h = L.Normalization(mean=1.5, variance=4.0)(batches(learnt(x)))
    return compiled(keras.Model(x, L.Dense(2)(L.Dense(3, activation="tanh")(h))), keras.optimizers.Adam(0.01))


@model
def nested_and_shared():
    x = keras.Input((4,))
    inner = keras.Model(x, L.Dense(4, activation="relu")(L.Dense(6, activation="tanh")(x)), name="inner")
    a, b = keras.Input((4,)), keras.Input((4,))
    again = L.Dense(3, name="again")
    y = L.Add()([again(inner(a)), again(inner(inner(b)))])
    return compiled(keras.Model([a, b], L.Dense(1)(y)))


@model
def sequential():
    return compiled(keras.Sequential([keras.Input((6,)), L.Rescaling(0.5, 0.1), L.Dense(5, activation="relu"), L.Reshape((5, 1)), L.Flatten(), L.Dense(2)]))


@model
def sequential_in_functional():
    inner = keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.Dense(4)], name="block")
    x = keras.Input((6,))
    return compiled(keras.Model(x, L.Dense(2)(inner(x))), "rmsprop")


@model
def batch_normalization():
    x = h = keras.Input((6, 6, 2))
    h = L.Conv2D(4, 3, use_bias=False)(h)
    h = L.BatchNormalization(momentum=0.8)(h)
    h = L.ReLU()(h)
    h = L.Dense(3, activation="tanh")(L.GlobalAveragePooling2D()(h))
    h = L.BatchNormalization(center=False, scale=False)(h)
    return compiled(keras.Model(x, L.Dense(2)(h)))


@model
def frozen():
    x = keras.Input((5,))
    h = L.Dense(4, activation="relu", trainable=False)(x)
    h = L.BatchNormalization(trainable=False)(h)
    return compiled(keras.Model(x, L.Dense(2)(L.Dense(3, activation="tanh")(h))))


@model
def penalties():
    x = keras.Input((5,))
    h = L.Dense(
        6, activation="relu", kernel_regularizer=keras.regularizers.L1L2(1e-3, 1e-2), bias_regularizer="l2", activity_regularizer=keras.regularizers.L2(1e-3)
    )(x)
    h = L.Dense(4, kernel_constraint=keras.constraints.MaxNorm(0.9), kernel_initializer=keras.initializers.HeNormal(seed=3))(h)
    return compiled(keras.Model(x, L.Dense(2)(h)), keras.optimizers.AdamW(2e-3, weight_decay=0.01))


def residual(optimizer):
    x = keras.Input((4,))
    h = L.Add()([x, L.Dense(4, activation="tanh")(x)])
    return compiled(keras.Model(x, L.Dense(2)(h)), optimizer)


@model
def sgd_momentum():
    return residual(keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True, clipvalue=0.5))


@model
def rmsprop_centered():
    return residual(keras.optimizers.RMSprop(0.01, momentum=0.3, centered=True))


@model
def adam_amsgrad():
    return residual(keras.optimizers.Adam(0.01, amsgrad=True, global_clipnorm=0.7))


@model
def adam_averaged():
    return residual(keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9))


@model
def nadam():
    return residual(keras.optimizers.Nadam(0.01, weight_decay=0.01))


@model
def adagrad():
    return residual(keras.optimizers.Adagrad(0.05, clipnorm=0.5))


def words(*stack):
    x = h = keras.Input((7,), dtype="int32", name="words")
    for layer in (L.Embedding(4, 3, mask_zero=True), *stack, L.Dense(2)):
        h = layer(h)
    return compiled(keras.Model(x, h), keras.optimizers.SGD(0.1))


@model
def lstm():
    return words(L.LSTM(3, return_sequences=True, kernel_regularizer="l2"), L.LSTM(2, recurrent_constraint="unit_norm"))


@model
def gru():
    return words(L.GRU(3, return_sequences=True, go_backwards=True), L.GRU(2, reset_after=False))


@model
def simple_rnn():
    return words(L.SimpleRNN(3, return_sequences=True), L.RNN([L.SimpleRNNCell(2), L.LSTMCell(2)]))


@model
def bidirectional():
    return words(L.Bidirectional(L.LSTM(2, return_sequences=True)), L.Bidirectional(L.GRU(2), merge_mode="sum"))


@model
def time_distributed():
    x = keras.Input((4, 5, 5, 1))
    cnn = keras.Sequential([keras.Input((5, 5, 1)), L.Conv2D(2, 3, activation="tanh"), L.Flatten(), L.Dense(3)], name="cnn")
    h = L.TimeDistributed(L.BatchNormalization(momentum=0.7), name="norms")(L.TimeDistributed(cnn, name="frames")(x))
    return compiled(keras.Model(x, L.TimeDistributed(L.Dense(2), name="each")(L.GRU(3, return_sequences=True)(h))), keras.optimizers.SGD(0.1))


@model
def states_given():
    x, y = keras.Input((4, 3)), keras.Input((5, 2))
    _, h, c = L.LSTM(3, return_state=True, name="encoder")(x)
    return compiled(keras.Model([x, y], L.LSTM(3, return_sequences=True, name="decoder")(y, initial_state=[h, c])), keras.optimizers.SGD(0.1))
