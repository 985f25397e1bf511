"""The argument training recorded with a layer's call: Keras 3.15 ignores it in a model, Keras 2 and Keras from 3.16 on honour it."""

import json

import jax
import jax.numpy as jnp
import keras
import numpy as np

import rules
from arrays import array


def build():
    keras.utils.clear_session()
    x = keras.Input((3,), name="x")
    h = keras.layers.Dense(4, name="one")(x)
    h = keras.layers.BatchNormalization(name="norm", momentum=0.5)(h, training=False)
    model = keras.Model(x, keras.layers.Dense(1, name="two")(h), name="model")
    rules.set_weights(model)
    return model


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    x, y = np.asarray(rules.inputs(0, 8, 3)), np.asarray(rules.inputs(1, 8, 1))
    model = build()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    initial = [array(w.numpy()) for w in model.weights]
    record = {"model": json.loads(model.to_json()), "x": array(x), "y": array(y), "initial_weights": initial}
    record["ignored"] = [float(model.train_on_batch(x, y)) for _ in range(4)]

    # The same steps by hand, with the normalization in its test phase.
    model = build()
    one, norm, two = (model.get_layer(n) for n in ("one", "norm", "two"))
    weights = [[v.value for v in l.trainable_variables] for l in (one, norm, two)]
    fixed = [v.value for v in norm.non_trainable_variables]

    def loss(w):
        h, _ = one.stateless_call(w[0], [], x)
        h, _ = norm.stateless_call(w[1], fixed, h, training=False)
        out, _ = two.stateless_call(w[2], [], h)
        return jnp.mean((out - y) ** 2)

    honoured = []
    for _ in range(4):
        value, grads = jax.value_and_grad(loss)(weights)
        honoured.append(float(value))
        weights = jax.tree_util.tree_map(lambda w, g: w - 0.1 * g, weights, grads)
    record["honoured"] = honoured
    return record
