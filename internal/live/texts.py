"""Models that take texts, which needs Keras on TensorFlow; TensorFlow is imported where it is used."""

import base64

import keras
import numpy as np
from keras import layers as L

REVIEWS = ["A good film!", "a bad, bad film", "Good day; good film", "what a day...", "", "\u00c9t\u00e9 caf\u00e9"]


def tensor(values, shape=(-1,)):
    import tensorflow as tf

    return tf.reshape(tf.constant(values, dtype=tf.string), shape)


def compiled(model, optimizer=None):
    model.compile(optimizer=optimizer or keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def adapted(**arguments):
    layer = L.TextVectorization(**arguments)
    layer.adapt(tensor(REVIEWS))
    return layer


def multi_hot():
    x = keras.Input((), dtype="string")
    return compiled(keras.Model(x, L.Dense(1, activation="sigmoid")(adapted(output_mode="multi_hot")(x))))


def tf_idf():
    x = keras.Input((), dtype="string")
    return compiled(keras.Model(x, L.Dense(1, activation="sigmoid")(adapted(output_mode="tf_idf", ngrams=2, max_tokens=9)(x))))


def sequences():
    x = keras.Input((1,), dtype="string")
    h = L.Embedding(20, 3)(adapted(output_sequence_length=5)(x))
    return compiled(keras.Model(x, L.Dense(1, activation="sigmoid")(L.Flatten()(h))), keras.optimizers.SGD(0.1))


def words_given():
    x = keras.Input((), dtype="string")
    return compiled(keras.Model(x, L.Dense(1, activation="sigmoid")(L.TextVectorization(vocabulary=["good", "bad"], output_mode="count")(x))))


def inside():
    inner = keras.Sequential([keras.Input((), dtype="string"), adapted(output_mode="count"), L.Dense(4, activation="tanh")])
    x = keras.Input((), dtype="string")
    return compiled(keras.Model(x, L.Dense(1, activation="sigmoid")(inner(x))))


def looked_up():
    x = keras.Input((1,), dtype="string")
    known = L.StringLookup(output_mode="tf_idf", max_tokens=5, name="known")
    known.adapt(tensor(REVIEWS, (-1, 1)))
    several = L.StringLookup(vocabulary=["film", REVIEWS[0], REVIEWS[5]], num_oov_indices=4, oov_method="farmhash", salt=[7, -3], mask_token="", name="several")
    e = L.Flatten()(L.Embedding(8, 3)(several(x)))
    numbers = L.IntegerLookup(vocabulary=[1, 2, 4], num_oov_indices=2, output_mode="count", name="numbers")
    h = L.Concatenate()([known(x), numbers(L.Hashing(6, name="hashed")(x)), e])
    return compiled(keras.Model(x, L.Dense(1, activation="sigmoid")(h)), keras.optimizers.SGD(0.1))


def hashed():
    x = keras.Input((1,), dtype="string")
    one = L.Hashing(5, output_mode="multi_hot", salt=[3, 11], mask_value="", name="one")(x)
    number = L.Hashing(9, name="number")(x)
    crossed = L.HashedCrossing(7, output_mode="one_hot", name="crossed")([x, number])
    return compiled(keras.Model(x, L.Dense(1, activation="sigmoid")(L.Concatenate()([one, crossed]))))


def vocabularies(model):
    kinds = L.TextVectorization, L.StringLookup, L.IntegerLookup
    layers = list(model._flatten_layers())
    inside = {id(layer._lookup_layer) for layer in layers if isinstance(layer, L.TextVectorization)}
    return [[str(term) for term in layer.get_vocabulary()] for layer in layers if isinstance(layer, kinds) and id(layer) not in inside]


def vectorize(arguments, adapt, inputs, encode):
    if isinstance(arguments.get("ngrams"), list):
        arguments["ngrams"] = tuple(arguments["ngrams"])
    layer = L.TextVectorization(**arguments)
    try:
        layer.adapt(adapt)
        output = np.asarray(layer(inputs))
        words, places = layer._lookup_layer.lookup_table.export()
    except Exception:
        return None
    words = words.numpy()[np.argsort(places.numpy())]
    return {"words": [base64.b64encode(w).decode() for w in words], "output": encode(output.astype("float32"))}
