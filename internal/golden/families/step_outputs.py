"""Steps of one's own that give arrays: gradients of inputs and inner tensors, gradients of gradients, clipped gradients. README.md has the format."""

import json

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers as L
from keras import ops

import rules
from arrays import array


def values(variables):
    return [v.value for v in variables]


def pictures():
    """The gradient of a loss for the input, the adversarial input, and what Grad-CAM's example computes."""
    keras.utils.clear_session()
    x = keras.Input((6, 6, 2), name="x")
    y = L.Conv2D(3, 3, activation="relu", name="conv")(x)
    y = L.Flatten(name="flat")(L.MaxPooling2D(2, name="pool")(y))
    model = keras.Model(x, L.Dense(4, activation="softmax", name="scores")(y), name="pictures")
    rules.set_weights(model)
    images, labels = rules.inputs(0, 3, 6, 6, 2), np.array([[1], [3], [0]], "int32")
    loss = keras.losses.SparseCategoricalCrossentropy()
    gradient = jax.grad(lambda a: loss(labels, model(a, training=False)))(jnp.asarray(images))
    adversarial = images + 0.1 * jnp.sign(gradient)
    front = keras.Model(model.input, model.get_layer("conv").output)
    back = keras.Model(model.get_layer("conv").output, model.output)
    inner = front(images, training=False)
    inner_gradient = jax.grad(lambda a: jnp.sum(back(a, training=False)[:, 2]))(inner)
    return {"json": json.loads(model.to_json()), "labels": labels.tolist(), "gradient": array(gradient), "adversarial": array(adversarial),
            "scores": array(model(adversarial, training=False)), "inner": array(inner), "inner_gradient": array(inner_gradient)}


def critics():
    """A network for each kind of layer whose gradient's gradient is asked for."""
    picture = (6, 6, 2)
    yield "dense", (5,), lambda y: L.Dense(4, activation="tanh")(y)
    yield "conv", picture, lambda y: L.LeakyReLU(negative_slope=0.2)(L.Conv2D(3, 3, strides=2, padding="same")(y))
    yield "two convs", picture, lambda y: L.Conv2D(2, 3, activation="softplus")(L.Conv2D(3, 3, activation="tanh", padding="same")(y))
    yield "transposed", picture, lambda y: L.Conv2DTranspose(2, 3, strides=2, activation="gelu")(y)
    yield "depthwise", picture, lambda y: L.DepthwiseConv2D(3, activation="tanh")(y)
    yield "averages", picture, lambda y: L.AveragePooling2D(2)(L.Conv2D(3, 3, activation="sigmoid")(y))
    yield "layer norm", (5,), lambda y: L.LayerNormalization()(L.Dense(4)(y))
    yield "group norm", picture, lambda y: L.GroupNormalization(2)(L.Conv2D(4, 3)(y))
    yield "batch norm", picture, lambda y: L.BatchNormalization()(L.Conv2D(3, 3)(y))
    yield "attention", (4, 3), lambda y: L.MultiHeadAttention(1, 2)(y, y)
    yield "softmax", (5,), lambda y: L.Dense(4, activation="softmax")(y)
    yield "gru", (3, 2), lambda y: L.GRU(3)(y)
    yield "maxima", picture, lambda y: L.MaxPooling2D(2)(L.Conv2D(3, 3, activation="tanh")(y))
    yield "overlapping maxima", picture, lambda y: L.MaxPooling2D(3, 2, padding="same")(L.Conv2D(3, 3, activation="tanh", padding="same")(y))
    yield "maxima apart", picture, lambda y: L.MaxPooling2D((1, 2), 3)(L.Conv2D(3, 3, activation="tanh", padding="same")(y))
    yield "maxima of a line", (7, 2), lambda y: L.MaxPooling1D(3, 2)(L.Conv1D(3, 3, activation="tanh", padding="same")(y))
    yield "maxima of a volume", (4, 4, 4, 1), lambda y: L.MaxPooling3D(2, 1)(L.Conv3D(2, 2, activation="tanh")(y))
    yield "maxima of equals", picture, lambda y: L.MaxPooling2D(3, 2)(L.UpSampling2D(2)(L.Conv2D(3, 3, activation="tanh")(y)))
    yield "groups", picture, lambda y: L.Conv2D(4, 2, groups=2, activation="tanh")(y)
    yield "operations", (5,), lambda y: ops.erfinv(L.Dense(5, activation="tanh")(y) / 4)
    yield "convolution operation", (7, 2), lambda y: ops.square(ops.conv(L.Conv1D(2, 1, activation="tanh")(y), np.full((2, 2, 1), 0.3, "float32"), 2))
    yield "singular values", (3, 2), lambda y: L.Flatten()(ops.svd(L.Dense(2, activation="tanh")(y), full_matrices=False)[1])


def penalties():
    """WGAN-GP: the loss of a critic with the penalty of its slope, and its gradients for the weights."""
    for name, shape, body in critics():
        keras.utils.clear_session()
        x = keras.Input(shape, name="x")
        y = body(x)
        if len(y.shape) > 2:
            y = L.Flatten()(y)
        model = keras.Model(x, L.Dense(1)(y), name="critic")
        rules.set_weights(model)
        samples = jnp.asarray(rules.inputs(0, 2, *shape))
        rest = values(model.non_trainable_variables)

        def score(weights, a):
            return model.stateless_call(weights, rest, a, training=True)[0]

        def penalty(weights):
            slope = jax.grad(lambda a: jnp.sum(score(weights, a)))(samples)
            norm = jnp.sqrt(jnp.sum(jnp.square(slope), tuple(range(1, slope.ndim))))
            return jnp.mean(jnp.square(norm - 1.0))

        value, grads = jax.value_and_grad(penalty)(values(model.trainable_variables))
        yield {"name": name, "json": json.loads(model.to_json()), "shape": list(shape), "penalty": float(value), "gradients": [array(g) for g in grads]}


CLIPS = {"sgd": ({"clipnorm": 0.3}, {"clipvalue": 0.05}, {"global_clipnorm": 0.4}), "adam": ({"clipnorm": 0.02}, {"global_clipnorm": 0.03}, {"clipvalue": 0.004})}


def clipped():
    """Two models of which a step applies clipped gradients, by one optimizer for both."""
    for kind, arguments in CLIPS.items():
        for argument in arguments:
            models = []
            keras.utils.clear_session()
            for units in (3, 2):
                m = keras.Sequential([keras.Input((4,)), L.Dense(units, activation="tanh"), L.Dense(1)])
                rules.set_weights(m)
                models.append(m)
            optimizer = keras.optimizers.SGD(0.5, **argument) if kind == "sgd" else keras.optimizers.Adam(0.1, epsilon=1e-3, **argument)
            weights = [v for m in models for v in m.trainable_variables]
            optimizer.build(weights)
            state, now, n = values(optimizer.variables), values(weights), len(models[0].trainable_variables)
            x = jnp.asarray(rules.inputs(0, 5, 4))

            def loss(w):
                a, b = models[0].stateless_call(w[:n], [], x)[0], models[1].stateless_call(w[n:], [], x)[0]
                return jnp.mean(jnp.square(a + b - 2.0))

            losses = []
            for _ in range(3):
                value, grads = jax.value_and_grad(loss)(now)
                now, state = optimizer.stateless_apply(state, grads, now)
                losses.append(float(value))
            yield {"kind": kind, "argument": argument, "json": [json.loads(m.to_json()) for m in models],
                   "losses": losses, "weights": [array(w) for w in now]}


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    return {"pictures": pictures(), "penalties": list(penalties()), "clipped": list(clipped())}
