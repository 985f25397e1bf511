"""Recurrent layers, their cells, and layers that apply others to steps."""

import keras
from keras import layers as L

from .layers import one
from .registry import HALF, entry

BOTH = {"return_sequences": True, "return_state": True}


def words(*stack, units=5, length=6, **arguments):
    """A model on words, of which 0 is padding."""
    x = keras.Input((length,), dtype="int32", name="words")
    h = L.Embedding(units, 3, mask_zero=True, **arguments)(x)
    for layer in stack:
        h = layer(h)
    return keras.Model(x, h)


def each(layer):
    everything = dict(
        activation="softsign",
        use_bias=True,
        kernel_initializer="he_normal",
        recurrent_initializer=keras.initializers.Orthogonal(gain=0.5, seed=2),
        bias_initializer="ones",
        kernel_regularizer="l2",
        recurrent_regularizer=keras.regularizers.L1(0.01),
        bias_regularizer="l1",
        activity_regularizer=keras.regularizers.L2(0.01),
        kernel_constraint="max_norm",
        recurrent_constraint="unit_norm",
        bias_constraint="non_neg",
        dropout=0.2,
        recurrent_dropout=0.1,
        seed=4,
        name="everything",
    )
    stack = [
        layer(3),
        layer(2, return_sequences=True),
        layer(2, go_backwards=True, use_bias=False, **BOTH),
        layer(2, unroll=True, activation="relu", zero_output_for_mask=True),
        layer(2, trainable=False),
        layer(2, **everything),
    ]
    return one(*stack, shape=(6, 4))


@entry
def simple_rnn():
    return each(L.SimpleRNN)


@entry
def lstm():
    return each(L.LSTM)


@entry
def gru():
    return each(L.GRU)


@entry
def gates():
    return one(
        L.LSTM(2, unit_forget_bias=False, recurrent_activation="hard_sigmoid"),
        L.GRU(2, reset_after=False, recurrent_activation="hard_sigmoid", return_sequences=True),
        L.GRU(2, reset_after=False, use_bias=False),
        shape=(6, 4),
    )


@entry
def variable_length():
    return one(L.LSTM(2, return_sequences=True), L.GRU(2), shape=(None, 4))


@entry
def padded_words():
    return words(L.LSTM(3, return_sequences=True), L.Dropout(0.3), L.GRU(2, return_sequences=True), L.SimpleRNN(2), L.Dense(1, activation="sigmoid"))


@entry
def masking():
    x = keras.Input((6, 2))
    return keras.Model(x, L.LSTM(2, **BOTH)(L.Masking(0.5)(x)))


@entry
def half_lstm():
    return words(L.LSTM(3, dtype="mixed_float16", return_sequences=True), L.GRU(2, dtype="float16", recurrent_initializer="glorot_uniform"), dtype="mixed_float16"), HALF


@entry
def cells():
    return one(
        L.RNN(L.LSTMCell(2, dropout=0.2), **BOTH),
        L.RNN(L.GRUCell(2, reset_after=False), go_backwards=True),
        L.RNN(L.SimpleRNNCell(3, activation="relu"), unroll=True),
        L.RNN([L.LSTMCell(3), L.GRUCell(2), L.SimpleRNNCell(2)], **BOTH),
        L.RNN(L.StackedRNNCells([L.GRUCell(2, name="lower"), L.GRUCell(2, name="upper")], name="stack"), name="stacked"),
        shape=(5, 3),
    )


@entry
def cells_alone():
    x, h, c = keras.Input((3,)), keras.Input((2,)), keras.Input((2,))
    y, (_, d) = L.LSTMCell(2)(x, [h, c])
    return keras.Model([x, h, c], [y, d, L.GRUCell(2)(x, [h])[0], L.SimpleRNNCell(2)(x, [h])[0], L.StackedRNNCells([L.GRUCell(2), L.GRUCell(2)])(x, [h, c])[0]])


@entry
def initial_states():
    x, h, c = keras.Input((5, 3)), keras.Input((2,)), keras.Input((2,))
    first = L.LSTM(2, **BOTH)(x, initial_state=[h, c])
    return keras.Model([x, h, c], [*first, L.GRU(2)(first[0], initial_state=first[1]), L.RNN([L.LSTMCell(2), L.GRUCell(2)])(x, initial_state=[[h, c], h])])


@entry
def translator():
    x, y = keras.Input((6,), dtype="int32", name="x"), keras.Input((None,), dtype="int32", name="y")
    _, *states = L.LSTM(3, return_state=True, name="encoder")(L.Embedding(5, 2, mask_zero=True, name="from")(x))
    h = L.LSTM(3, return_sequences=True, name="decoder")(L.Embedding(5, 2, mask_zero=True, name="to")(y), initial_state=states)
    return keras.Model([x, y], L.TimeDistributed(L.Dense(4, activation="softmax", name="words"), name="each")(h))


@entry
def bidirectional():
    return one(
        L.Bidirectional(L.LSTM(2)),
        L.Bidirectional(L.GRU(2, **BOTH), merge_mode="sum"),
        L.Bidirectional(L.SimpleRNN(2, return_sequences=True), merge_mode="mul", name="product"),
        L.Bidirectional(L.LSTM(2, return_state=True), merge_mode="ave"),
        L.Bidirectional(L.GRU(2, return_sequences=True), merge_mode=None),
        L.Bidirectional(L.LSTM(2, name="there"), backward_layer=L.LSTM(2, go_backwards=True, activation="relu", name="back")),
        L.Bidirectional(L.RNN([L.GRUCell(2), L.GRUCell(3)], return_sequences=True)),
        L.Bidirectional(L.LSTM(2), trainable=False),
        shape=(5, 3),
    )


@entry
def bidirectional_words():
    return words(L.Bidirectional(L.LSTM(2, return_sequences=True)), L.Bidirectional(L.LSTM(2)), L.Dense(1))


@entry
def time_distributed():
    inner = keras.Sequential([keras.Input((4, 3)), L.Flatten(), L.Dense(3, activation="relu"), L.Dense(2)], name="inner")
    x = keras.Input((4, 3))
    model = keras.Model(x, L.Add()([x, L.Dense(3)(x)]), name="residual")
    return one(
        L.TimeDistributed(L.Dense(2)),
        L.TimeDistributed(L.BatchNormalization()),
        L.TimeDistributed(L.GRU(2)),
        L.TimeDistributed(L.TimeDistributed(L.Dense(2, name="deep"))),
        L.TimeDistributed(inner),
        L.TimeDistributed(model),
        shape=(6, 4, 3),
    )


@entry
def frames():
    cnn = keras.Sequential([keras.Input((5, 5, 1)), L.Conv2D(2, 3, activation="relu"), L.Flatten(), L.Dense(3)], name="cnn")
    return keras.Sequential([keras.Input((4, 5, 5, 1)), L.TimeDistributed(cnn), L.LSTM(3), L.Dense(2)])


@entry
def stateful():
    x = keras.Input(batch_shape=(3, 4, 2))
    h = L.LSTM(2, stateful=True, return_sequences=True)(x)
    return keras.Model(x, [L.GRU(2, stateful=True)(h), L.Bidirectional(L.SimpleRNN(2, stateful=True))(h)])


@entry
def stateful_training():
    x = keras.Input(batch_shape=(4, 5, 2))
    model = keras.Model(x, L.Dense(1)(L.LSTM(3, stateful=True)(x)))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model
