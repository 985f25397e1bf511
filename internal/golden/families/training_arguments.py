"""Training with the forms that arguments of compile and fit may have. The format is that of `training`'s small; an array of sample weights may be null."""

import jax
import keras
import numpy as np
from keras import layers as L

from arrays import array, uniform
from families import training
from families.training import case, one_hot, small
import rules


def flat_list(value):
    return [v if v is None else array(v) for v in keras.tree.flatten(value)]


def outputs(pack):
    """A model of three outputs, in the structure that pack makes of them."""
    keras.utils.clear_session()
    x = keras.Input((4,), name="x")
    h = L.Dense(3, activation="tanh", name="hidden")(x)
    return keras.Model(x, pack(L.Dense(2, name="zed")(h), L.Dense(3, activation="softmax", name="alpha")(h), L.Dense(1, name="mid")(h)))


def nested(a, b, c):
    return {"p": [a, b], "q": c}


def trainings():
    label = rules.labels(11, 3)
    x = uniform(11, 11, 4) + label[:, None].astype("float32") / 2
    y = [uniform(12, 11, 2), one_hot(label), uniform(13, 11, 1)]
    w = np.abs(uniform(14, 11)) * 2
    sgd = lambda: keras.optimizers.SGD(0.1)
    cross = "categorical_crossentropy"
    steps = {"batch_size": None, "steps_per_epoch": 3, "validation_split": 0.3, "validation_steps": 2}
    yield case("steps_without_batch_size", small(), x, y[1], sgd(), fit=steps)
    yield case("validation_size_by_steps", small(), x, y[1], sgd(), fit={"batch_size": None, "validation_steps": 3}, arrays={"validation_data": (x[2:9], y[1][2:9], w[2:9])})
    yield case("validation_epochs", small(), x, y[1], sgd(), fit={"epochs": 4, "validation_split": 0.3, "validation_freq": [1, 3]})
    yield case("metrics_under_any_name", small(), x, y[1], sgd(), metrics={"other": ["mae", "accuracy"]}, weighted_metrics=[["mae"], ["mse", "mae"]])
    yield case("weight_of_the_loss", small(), x, y[1], sgd(), loss_weights=0.5)
    by_group = {"p": ["mse", cross], "q": "mae"}
    yield case(
        "nested", outputs(nested), x, nested(*y), sgd(), loss=by_group, loss_weights=[1, 0, 2], metrics={"p": [["mae"], ["accuracy", "mae"]], "q": "mse"},
        weighted_metrics={"p": [None, "accuracy"], "q": ["mse"]}, arrays={"sample_weight": nested(w, w[::-1].copy(), w)}, fit={"validation_split": 0.3},
    )  # fmt: skip
    yield case("nested_weights", outputs(nested), x, nested(*y), sgd(), loss=by_group, loss_weights={"p": [0.5, 2.0], "q": 0.1})
    yield case("nested_one_loss", outputs(nested), x, nested(*y), sgd(), loss="mse")
    yield case("nested_listed_losses", outputs(nested), x, nested(*y), sgd(), loss=["mse", cross, "mae"], metrics={"p": ["mae", None], "q": ["mse"]})
    yield case("lists_in_a_list", outputs(lambda a, b, c: [[a, b], c]), x, [y[:2], y[2]], sgd(), loss=[["mse", cross], "mae"])
    by_name = lambda *v: dict(zip(("k2", "k3", "k1"), v))
    yield case(
        "some_without_weights", outputs(by_name), x, by_name(*y), sgd(), loss=by_name("mse", None, "mse"), loss_weights=by_name(1, 1, 3), metrics={"k3": ["accuracy"]},
        weighted_metrics=by_name(["mse"], None, ["mse"]), arrays={"sample_weight": by_name(w, w, None)},
    )  # fmt: skip
    listed = lambda *v: list(v)
    yield case("weights_in_order", outputs(listed), x, y, sgd(), loss={"zed": "mse", "alpha": cross, "mid": None}, loss_weights=[2, 1, 1], arrays={"sample_weight": [w, None, w]})


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    training.flat_list = flat_list
    return {"small": list(trainings())}
