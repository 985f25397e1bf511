"""Grad-CAM by hand: the gradients of a class's score for a layer's output, their means, the weighed sum. README.md has the format."""

import json

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers as L

import rules
from arrays import array


def network(data_format):
    keras.backend.clear_session()
    keras.config.set_image_data_format(data_format)
    x = keras.Input((6, 7, 2) if data_format == "channels_last" else (2, 6, 7), name="x")
    y = L.Conv2D(3, 3, activation="relu", padding="same", name="first")(x)
    y = L.BatchNormalization(axis=-1 if data_format == "channels_last" else 1, name="norm")(y)
    y = L.Conv2D(4, 2, activation="relu", name="second")(y)
    y = L.GlobalAveragePooling2D(name="mean")(y)
    model = keras.Model(x, L.Dense(3, activation="softmax", name="scores")(y), name="network")
    keras.config.set_image_data_format("channels_last")
    rules.set_weights(model)
    return model


def heat(model, name, which, x):
    layer = model.get_layer(name)
    front = keras.Model(model.input, layer.output)
    back = keras.Model(layer.output, model.output)
    inner = front(x, training=False)
    scores = np.asarray(back(inner, training=False))
    chosen = np.argmax(scores, 1) if which is None else np.full(len(x), which)
    picked = jax.nn.one_hot(chosen, scores.shape[1])
    grads = jax.grad(lambda a: jnp.sum(back(a, training=False) * picked))(inner)
    channels = -1 if layer.data_format == "channels_last" else 1
    places = tuple(i for i in range(1, 4) if i != channels % 4)
    maps = jnp.maximum(jnp.sum(inner * jnp.mean(grads, places, keepdims=True), channels), 0)
    most = jnp.max(maps, (1, 2), keepdims=True)
    return np.asarray(jnp.where(most > 0, maps / jnp.where(most > 0, most, 1), 0))


def cases():
    list_ = []
    for data_format in ("channels_last", "channels_first"):
        model = network(data_format)
        x = rules.inputs(0, 3, *model.input_shape[1:])
        asked = [("second", None), ("first", None), ("second", 0), ("first", 1), ("first", 2)]
        maps = [{"layer": name, "class": which, "heat": array(heat(model, name, which, x))} for name, which in asked]
        list_.append({"json": json.loads(model.to_json()), "data_format": data_format, "maps": maps})
    return list_
