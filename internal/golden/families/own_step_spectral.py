"""A step of one's own with a penalty of gradients, of a model whose kernel SpectralNormalization divides: two calls of the model in one step, and its regularizer."""

import json

import jax
import jax.numpy as jnp
import keras
import numpy as np

import rules
from arrays import array


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    keras.utils.clear_session()
    x = keras.Input((4,), name="x")
    h = keras.layers.SpectralNormalization(keras.layers.Dense(5, activation="tanh", kernel_regularizer="l2", name="inner"), name="spectral")(x)
    model = keras.Model(x, keras.layers.Dense(1, name="out")(h), name="critic")
    rules.set_weights(model)
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build(model.trainable_variables)
    initial = [array(w.numpy()) for w in model.weights]
    batch, steps = 6, 3
    data = np.asarray(rules.inputs(0, batch * steps, 4))
    v, nv, ov = [[w.value for w in ws] for ws in (model.trainable_variables, model.non_trainable_variables, optimizer.variables)]
    logs = []
    for s in range(steps):
        part = jnp.asarray(data[s * batch : (s + 1) * batch])

        def loss(v, nv):
            out, nv, losses = model.stateless_call(v, nv, part, training=True, return_losses=True)

            def total(x):
                out, after = model.stateless_call(v, nv, x, training=True)
                return out.sum(), after

            slope, nv = jax.grad(total, has_aux=True)(part)
            penalty = ((jnp.sqrt((slope**2).sum(-1)) - 1) ** 2).mean()
            return out.mean() + penalty + sum(losses), nv

        (value, nv), grads = jax.value_and_grad(loss, has_aux=True)(v, nv)
        before = v
        v, ov = optimizer.stateless_apply(ov, grads, v)
        logs.append({"loss": float(value), "kernel": float(jnp.abs(before[0]).sum())})
    for w, new in zip(model.trainable_variables + model.non_trainable_variables, v + nv):
        w.assign(new)
    return {"model": json.loads(model.to_json()), "batch": batch, "steps": steps, "x": array(data), "initial_weights": initial, "logs": logs, "final_weights": [array(w.numpy()) for w in model.weights]}
