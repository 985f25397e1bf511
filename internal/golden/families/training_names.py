"""Training of models with several outputs of one name, and with data that has more names than the model. The format is that of `training`'s small."""

import jax
import keras
import numpy as np
from keras import layers as L

from arrays import uniform
from families.training import case


def twice():
    """One layer applied twice, so that both outputs have its name."""
    keras.utils.clear_session()
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    shared = L.Dense(2, name="sh")
    return keras.Model([a, b], [shared(a), shared(b)])


def trainings():
    x = [uniform(21, 10, 3), uniform(22, 10, 3)]
    y = [uniform(23, 10, 2), uniform(24, 10, 2)]
    w = np.abs(uniform(25, 10)) * 2
    sgd = lambda: keras.optimizers.SGD(0.1)
    yield case("loss_of_the_second", twice(), x, y, sgd(), loss=[None, "mae"])
    yield case("loss_by_name", twice(), x, y, sgd(), loss={"sh": "mse"})
    yield case("metrics_by_name", twice(), x, y, sgd(), loss="mse", metrics={"sh": ["mae"]})
    yield case("metrics_in_order", twice(), x, y, sgd(), loss="mse", metrics=[["mae"], ["mse"]], weighted_metrics=[["mae"], []])
    yield case("weights_in_order", twice(), x, y, sgd(), loss=["mse", "mae"], loss_weights=[0.3, 2.0])
    yield case("weights_by_name", twice(), x, y, sgd(), loss="mse", loss_weights={"sh": 0.5})
    yield case("targets_by_name", twice(), x, {"sh": y[0]}, sgd(), loss="mse")
    yield case("sample_weights_in_order", twice(), x, y, sgd(), loss="mse", arrays={"sample_weight": [w, w[::-1]]})
    yield case("more_inputs", twice(), {"b": x[1], "a": x[0], "more": x[1][:, :1]}, y, sgd(), loss=["mse", "mae"])


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    return {"small": list(trainings())}
