"""Models trained on batches of many lengths. README.md has the format."""

import inspect
import json

import keras
import numpy as np
from keras import layers as L
from keras import ops

import rules
from arrays import array
from families.training import named, numbers

LENGTHS = [5, 9, 3, 12, 7, 14, 11, 6, 9]
BATCH = 3


def series(k, n, features=3):
    return rules.signed(7000 + k, BATCH, n, features).astype("float32")


def words(k, n):
    """With zeros at the end of all but the first sample, which has one in the middle."""
    ids = 1 + (rules.bits(7100 + k, BATCH * n) % np.uint64(8)).astype("int32").reshape(BATCH, n)
    for i in range(1, BATCH):
        ids[i, n - min(i, n - 1) :] = 0
    ids[0, n // 2] = 0
    return ids


def label(k, n=None):
    return (rules.bits(7200 + k, BATCH * (n or 1)) % np.uint64(3)).astype("int32").reshape((BATCH, n) if n else (BATCH,))


def weight(k, n=None):
    return (np.abs(rules.signed(7300 + k, *((BATCH, n) if n else (BATCH,)))) + 0.25).astype("float32")


def numbers_in():
    return keras.Input((None, 3))


def words_in():
    return keras.Input((None,), dtype="int32")


def classes(x):
    return L.Dense(3, activation="softmax")(x)


def lstm():
    x = numbers_in()
    return keras.Model(x, classes(L.LSTM(4)(x)))


def masked_gru():
    x = words_in()
    return keras.Model(x, classes(L.GRU(4)(L.Embedding(9, 4, mask_zero=True)(x))))


def bidirectional():
    x = words_in()
    h = L.SpatialDropout1D(0)(L.Embedding(9, 4)(x))
    h = L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode="sum")(h)
    return keras.Model(x, classes(L.Bidirectional(L.GRU(3, reset_after=False))(h)))


def backwards():
    x = numbers_in()
    return keras.Model(x, classes(L.SimpleRNN(4, go_backwards=True)(L.Dense(4, activation="relu")(x))))


def tagger():
    x = words_in()
    h = L.Bidirectional(L.LSTM(3, return_sequences=True))(L.Embedding(9, 4)(x))
    return keras.Model(x, L.TimeDistributed(L.Dense(3, activation="softmax"))(h))


def masked_tagger():
    x = words_in()
    h = L.Bidirectional(L.GRU(3, return_sequences=True))(L.Embedding(9, 4, mask_zero=True)(x))
    return keras.Model(x, classes(L.Dropout(0)(h)))


def translation():
    source, target = numbers_in(), words_in()
    _, h, c = L.LSTM(4, return_state=True)(source)
    y = L.LSTM(4, return_sequences=True)(L.Embedding(9, 3)(target), initial_state=[h, c])
    return keras.Model([source, target], classes(y))


def convolutions():
    x = numbers_in()
    h = L.Conv1D(4, 3, padding="causal", activation="relu", dilation_rate=2)(x)
    h = L.Conv1D(4, 3, padding="same", activation="tanh")(h)
    h = L.SeparableConv1D(4, 2, padding="same")(h)
    h = L.MaxPooling1D(2, strides=1)(h)
    return keras.Model(x, classes(L.GRU(4)(L.Conv1D(4, 2)(h))))


def strides():
    x = numbers_in()
    h = L.Conv1D(4, 3, padding="causal", strides=2)(x)
    h = L.AveragePooling1D(2)(h)
    return keras.Model(x, classes(L.LSTM(4)(h)))


def normalized():
    x = numbers_in()
    h = L.BatchNormalization()(L.Conv1D(4, 3, padding="same", use_bias=False)(x))
    h = L.SimpleRNN(4, return_sequences=True)(L.Activation("tanh")(h))
    return keras.Model(x, classes(L.GlobalAveragePooling1D()(h)))


def pooled():
    x = words_in()
    h = L.LSTM(4, return_sequences=True, dropout=0.0)(L.Embedding(9, 4)(x))
    h = L.Concatenate()([L.GlobalMaxPooling1D()(h), L.GlobalAveragePooling1D()(h)])
    return keras.Model(x, classes(h))


def masked_pooled():
    x = words_in()
    h = L.GRU(4, return_sequences=True)(L.Embedding(9, 4, mask_zero=True)(x))
    return keras.Model(x, classes(L.GlobalAveragePooling1D()(h)))


def attention():
    x = numbers_in()
    h = L.Bidirectional(L.LSTM(2, return_sequences=True))(x)
    h = L.LayerNormalization()(L.Add()([h, L.MultiHeadAttention(2, 3)(h, h, use_causal_mask=True)]))
    h = L.Attention(use_scale=True)([h, L.Dense(4, activation="tanh")(h)])
    h = L.AdditiveAttention()([h, h])
    return keras.Model(x, classes(L.GlobalAveragePooling1D()(h)))


def cells():
    x = numbers_in()
    h = L.RNN([L.LSTMCell(3), L.GRUCell(4)], return_sequences=True)(x)
    h = ops.tanh(h * 2 + 1) - ops.square(h)
    return keras.Model(x, classes(L.RNN(L.SimpleRNNCell(4))(h)))


def images():
    x = keras.Input((None, 5, 2))
    h = L.ConvLSTM1D(2, 3, padding="same", return_sequences=True)(x)
    h = L.TimeDistributed(L.Flatten())(L.TimeDistributed(L.Conv1D(2, 2, activation="relu"))(h))
    return keras.Model(x, classes(L.LSTM(3)(h)))


def nested():
    inner = keras.Sequential([keras.Input((None, 3)), L.LSTM(4, return_sequences=True), L.Dense(4, activation="relu")])
    x = numbers_in()
    h = inner(x)
    return keras.Model(x, [L.Dense(3, activation="softmax", name="steps")(h), L.Dense(3, activation="softmax", name="last")(L.GRU(3)(h))])


def stateful():
    x = keras.Input(batch_shape=(BATCH, None, 3))
    return keras.Model(x, classes(L.LSTM(3, stateful=True)(x)))


def last_step():
    x = numbers_in()
    h = L.GRU(4, return_sequences=True)(x)
    return keras.Model(x, classes(h[:, -1] + h[:, :, :2][:, 0, 1:] + h[:, -1, 1:3][:, :1]))


def from_the_end():
    """One that needs a program for each length."""
    x = numbers_in()
    return keras.Model(x, classes(L.GRU(4, return_sequences=True)(x)[:, -2]))


def case(build, kind, per_step=False, weights=None, loss="sparse_categorical_crossentropy", metrics=("accuracy",)):
    keras.utils.clear_session()
    model = keras.models.model_from_json(build().to_json())  # files' weights have other paths
    rules.set_weights(model)
    named_before = named(model.weights)
    arguments = {"loss": loss, "metrics": list(metrics), "weighted_metrics": ["sparse_categorical_crossentropy"] if weights else None}
    model.compile(keras.optimizers.SGD(0.2), run_eagerly=True, **arguments)
    batches = []
    for k, n in enumerate(LENGTHS):
        m = LENGTHS[-1 - k]
        x = {"words": lambda: words(k, n), "series": lambda: series(k, n), "images": lambda: series(k, n, 10).reshape(BATCH, n, 5, 2), "pair": lambda: (series(k, n), words(k, m))}[kind]()
        y = label(k, (m if kind == "pair" else n) if per_step else None)
        if per_step == "both":
            y = (y, label(k))
        batch = (x, y)
        if weights:
            batch += (weight(k, (m if kind == "pair" else n) if weights == "steps" else None),)
        batches.append(batch)
    history = model.fit((b for _ in range(2) for b in batches), epochs=2, steps_per_epoch=len(batches), verbose=0)
    listed = lambda v: [array(a) for a in (v if isinstance(v, tuple | list) else [v])]
    return {
        "name": build.__name__ + (f"_{weights}" if weights else ""),
        "source": inspect.getsource(build),
        "model": json.loads(model.to_json()),
        "compile": arguments,
        "initial_weights": named_before,
        "batches": [{"x": listed(b[0]), "y": listed(b[1]), "sample_weight": array(b[2]) if weights else None} for b in batches],
        "history": numbers(history.history),
        "final_weights": named(model.weights),
        "evaluate": numbers(model.evaluate((b for b in batches), steps=len(batches), verbose=0, return_dict=True)),
        "predictions": [listed(model.predict_on_batch(b[0])) for b in batches],
    }


def cases():
    both = {"steps": "sparse_categorical_crossentropy", "last": "sparse_categorical_crossentropy"}
    return [
        case(lstm, "series"),
        case(masked_gru, "words"),
        case(bidirectional, "words"),
        case(backwards, "series"),
        case(tagger, "words", True),
        case(tagger, "words", True, "steps"),
        case(masked_tagger, "words", True),
        case(masked_tagger, "words", True, "steps"),
        case(translation, "pair", True),
        case(convolutions, "series"),
        case(strides, "series"),
        case(normalized, "series"),
        case(pooled, "words"),
        case(masked_pooled, "words"),
        case(attention, "series"),
        case(cells, "series"),
        case(images, "images"),
        case(nested, "series", "both", loss=both, metrics=()),
        case(stateful, "series"),
        case(last_step, "series"),
        case(from_the_end, "series"),
    ]
