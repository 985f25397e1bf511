"""Steps of one's own: two models trained by two optimizers in one step, as a GAN's train_step does, with the noise given as data."""

import json

import jax
import jax.numpy as jnp
import keras
import numpy as np

import rules
from arrays import array


def build():
    keras.utils.clear_session()
    noise = keras.Input((3,), name="noise")
    h = keras.layers.Dense(5, activation="tanh", name="g1")(noise)
    generator = keras.Model(noise, keras.layers.Dense(4, name="g2", kernel_regularizer="l2")(h), name="generator")
    sample = keras.Input((4,), name="sample")
    h = keras.layers.Dense(6, activation="relu", name="d1")(sample)
    h = keras.layers.BatchNormalization(name="norm")(h)
    discriminator = keras.Model(sample, keras.layers.Dense(1, name="d2")(h), name="discriminator")
    for m in (generator, discriminator):
        rules.set_weights(m)
    return generator, discriminator


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    generator, discriminator = build()
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    g_opt, d_opt = keras.optimizers.Adam(0.01, epsilon=1e-3), keras.optimizers.SGD(0.05, momentum=0.9)
    g_opt.build(generator.trainable_variables)
    d_opt.build(discriminator.trainable_variables)
    batch, steps = 6, 5
    initial = [[array(w.numpy()) for w in m.weights] for m in (generator, discriminator)]
    values = lambda vs: [v.value for v in vs]
    g, d = values(generator.trainable_variables), values(discriminator.trainable_variables)
    dn = values(discriminator.non_trainable_variables)
    go, do = values(g_opt.variables), values(d_opt.variables)
    x = np.asarray(rules.inputs(0, batch * steps, 4))
    z = np.asarray(rules.inputs(1, batch * steps, 3))
    logs = []
    for s in range(steps):
        real, noise = jnp.asarray(x[s * batch:(s + 1) * batch]), jnp.asarray(z[s * batch:(s + 1) * batch])

        def d_loss(d, dn):
            fake, _ = generator.stateless_call(g, [], noise, training=True)
            both = jnp.concatenate([fake, real], 0)
            out, dn = discriminator.stateless_call(d, dn, both, training=True)
            labels = jnp.concatenate([jnp.ones((batch, 1)), jnp.zeros((batch, 1))], 0)
            return bce(labels, out), dn

        (dl, dn), grads = jax.value_and_grad(d_loss, has_aux=True)(d, dn)
        d, do = d_opt.stateless_apply(do, grads, d)

        def g_loss(g, dn):
            fake, _, losses = generator.stateless_call(g, [], noise, training=True, return_losses=True)
            out, dn = discriminator.stateless_call(d, dn, fake, training=True)
            return bce(jnp.zeros((batch, 1)), out) + sum(losses), dn

        (gl, dn), grads = jax.value_and_grad(g_loss, has_aux=True)(g, dn)
        g, go = g_opt.stateless_apply(go, grads, g)
        logs.append({"d_loss": float(dl), "g_loss": float(gl)})
    for v, new in zip(generator.trainable_variables + discriminator.trainable_variables + discriminator.non_trainable_variables, g + d + dn):
        v.assign(new)
    return {
        "generator": json.loads(generator.to_json()), "discriminator": json.loads(discriminator.to_json()), "batch": batch, "steps": steps,
        "x": array(x), "noise": array(z), "initial_weights": initial, "logs": logs,
        "final_weights": [[array(w.numpy()) for w in m.weights] for m in (generator, discriminator)],
    }
