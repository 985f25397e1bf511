"""Activations: outputs, gradients, serialised forms."""

import jax
import keras
import numpy as np
from arrays import array, uniform
from keras import activations

# Both sides and the point of every kink, and sizes at which careless formulas overflow.
POINTS = [
    -1e4, -300, -100, -50, -20, -6, -5.5, -4, -3.5, -3, -2.9, -2, -1.5, -1.25, -1, -0.9, -0.75, -0.5, -0.49, -0.25,
    -1e-3, -1e-6, 0, 1e-6, 1e-3, 0.25, 0.49, 0.5, 0.75, 0.9, 1, 1.25, 1.5, 2, 2.9, 3, 3.5, 4, 5.5, 6, 6.5, 8, 20, 50, 100,
    300, 1e4,
]
EXTREMES = [-np.inf, -1e30, 1e30, np.inf, np.nan]
ROWS = {"softmax", "log_softmax", "sparsemax", "glu"}


def case(name, x, **kwargs):
    f = getattr(activations, name)
    y = f(x, **kwargs)
    dy = uniform(7, *y.shape, low=0.5, high=1.5)
    (dx,) = jax.vjp(lambda x: f(x, **kwargs), x)[1](dy)
    return {"name": name, "args": kwargs, "x": array(x), "dy": array(dy), "y": array(y), "dx": array(dx)}


def values():
    points = np.array(POINTS, "float32")
    out = []
    for f in NAMES:
        if f in ROWS:
            out.append(case(f, uniform(1, 3, 6, low=-3, high=3)))
            out.append(case(f, uniform(2, 2, 4, 6, low=-1, high=1), axis=1))
            large = np.array([[-1e4, 1e4, 0, 3], [100, 100, 100, -100], [0, 0, 0, 0], [50, 49, 48.5, -1e4]], "float32")
            out.append(case(f, large))
        elif f != "threshold":
            out.append(case(f, points))
    for kwargs in (
        {"negative_slope": 0.1}, {"max_value": 6.0}, {"max_value": 2.0}, {"threshold": 1.0}, {"threshold": -1.0, "max_value": 3.0},
        {"negative_slope": 0.25, "max_value": 4.0}, {"negative_slope": 0.25, "max_value": 6.0, "threshold": 0.5},
        {"negative_slope": 0.5, "threshold": -0.5}, {"max_value": 0.0},
    ):
        out.append(case("relu", points, **kwargs))
    out += [
        case("leaky_relu", points, negative_slope=0.05),
        case("elu", points, alpha=0.5),
        case("celu", points, alpha=2.0),
        case("gelu", points, approximate=True),
        case("hard_shrink", points, threshold=1.5),
        case("soft_shrink", points, threshold=1.5),
        case("squareplus", points, b=1),
        case("threshold", points, threshold=0.5, default_value=-2.0),
    ]
    out.append(case("softmax", uniform(3, 2, 3, 4), axis=(1, 2)))
    return out


NAMES = [
    "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu", "linear",
    "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus",
    "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh", "tanh_shrink", "threshold",
]


@keras.saving.register_keras_serializable("golden")
def twice(x):
    return 2 * x


@keras.saving.register_keras_serializable()
def thrice(x):
    return 3 * x


def cases():
    from keras.src.activations import ALL_OBJECTS_DICT

    extremes = np.array(EXTREMES, "float32")
    return {
        "values": values(),
        "extremes": [case(f, extremes) for f in NAMES if f not in ROWS and f != "threshold"],
        "serialized": {name: activations.serialize(activations.get(name)) for name in sorted(ALL_OBJECTS_DICT)},
        "custom": [activations.serialize(twice), activations.serialize(thrice)],
        "enveloped": keras.saving.serialize_keras_object(activations.relu),
    }
