"""Probes: layers that add or multiply noise in training, ActivityRegularization, PReLU."""

import keras
import numpy as np
from keras import layers as L

from families.recurrent import WORDS
from probes import call_error, case, constructor_error, model_of, start


def one(cls, label, x, *args, training=False, time=False, **arguments):
    return case(f"{cls.__name__} {label}", model_of(lambda: cls(*args, **arguments), [x], time=time), [x], training)


def random():
    """As they are outside of training, where they return their inputs; numbers of training can't be the same."""
    for cls in (L.GaussianNoise, L.GaussianDropout, L.AlphaDropout):
        yield one(cls, "seed, unknown length", (2, 3, 2), 0.3, seed=7, name="named", time=True)
        yield one(cls, "of nothing, in training, float16", (2, 3), 0, training=True, dtype="mixed_float16", activity_regularizer="l2")
    yield one(L.AlphaDropout, "noise_shape", (2, 3, 2), 0.3, noise_shape=(None, 1, 2))
    yield one(L.GaussianNoise, "integers", np.arange(6, dtype="int32").reshape(2, 3), 0.3)
    yield one(L.SpatialDropout1D, "seed, unknown length", (2, 3, 2), 0.3, seed=7, name="named", time=True)
    yield one(L.SpatialDropout2D, "channels first", (1, 2, 2, 1), 0.3, data_format="channels_first", dtype="float16")
    yield one(L.SpatialDropout3D, "of nothing, in training", (1, 2, 1, 2, 1), 0.0, training=True, dtype="bfloat16")


def regularized():
    yield one(L.ActivityRegularization, "plain", (2, 3))
    yield one(L.ActivityRegularization, "both, named", (2, 3), l1=0.1, l2=0.2, name="named", dtype="mixed_float16")
    yield one(L.ActivityRegularization, "in training, unknown length", (2, 2, 3), l2=0.2, training=True, time=True)


def prelu():
    yield one(L.PReLU, "plain", (3, 4))
    yield one(L.PReLU, "one shared axis, unknown length", (2, 3, 4), shared_axes=1, time=True)
    yield one(L.PReLU, "shared axes, in training", (2, 2, 3, 2), shared_axes=(1, 2), training=True)
    yield one(L.PReLU, "last axis, zeros", np.array([[[0, -1], [1, -0.0]]], "float32"), shared_axes=[-1])
    yield one(
        L.PReLU, "everything", (2, 3), name="named", trainable=True, shared_axes=[],
        alpha_initializer=keras.initializers.Constant(0.25), alpha_regularizer="l2", alpha_constraint="non_neg",
    )  # fmt: skip
    yield one(L.PReLU, "mixed_float16", (2, 3), dtype="mixed_float16")
    yield one(L.PReLU, "integers", np.arange(-3, 3, dtype="int32").reshape(2, 3))


def models():
    def masked():
        x = keras.Input((4,), name="x", dtype="int32")
        y = L.Embedding(5, 2, mask_zero=True, name="words")(x)
        layers = (L.GaussianNoise(0.1), L.GaussianDropout(0.1), L.AlphaDropout(0.1), L.SpatialDropout1D(0.1), L.ActivityRegularization(0.1), L.PReLU())
        return keras.Model(x, [layer(y) for layer in layers])

    yield case("noise on masked inputs", masked, [WORDS])

    def shared():
        x, y = keras.Input((2, 3), name="x"), keras.Input((4, 3), name="y")
        slope = L.PReLU(shared_axes=1)
        return keras.Model([x, y], [slope(x), slope(y)])

    yield case("prelu shared", shared, [(2, 2, 3), (1, 4, 3)])


def errors():
    for cls in (L.GaussianNoise, L.GaussianDropout, L.AlphaDropout, L.SpatialDropout1D, L.SpatialDropout2D):
        argument = "stddev" if cls is L.GaussianNoise else "rate"
        for value in (-0.1, 1.1, "x", None):
            yield constructor_error(cls, **{argument: value})
        yield constructor_error(cls, **{argument: 1})
    for cls, rank in ((L.SpatialDropout1D, 1), (L.SpatialDropout2D, 2), (L.SpatialDropout3D, 3)):
        yield call_error(lambda: cls(0.5), (None, *(2,) * rank))
    yield constructor_error(L.SpatialDropout2D, rate=0.5, data_format="x")
    yield constructor_error(L.SpatialDropout1D, rate=0.5, trainable=True)
    yield constructor_error(L.ActivityRegularization, l1="x")
    yield constructor_error(L.PReLU, alpha_initializer="x")
    for axes in (None, 3, [2, 3], -3):
        yield call_error(lambda: L.PReLU(shared_axes=axes), (None, 2, 3))
        yield call_error(lambda: L.PReLU(shared_axes=axes), (None, None, 3))
    yield call_error(lambda: L.PReLU(), (None,))


def cases():
    start()
    return {"probes": [*random(), *regularized(), *prelu(), *models()], "errors": list(errors())}
