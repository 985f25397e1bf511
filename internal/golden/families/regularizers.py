"""Regularizers: penalties, gradients, configurations, names."""

import jax
import keras
from arrays import array, uniform
from keras import regularizers
from keras.src.regularizers import ALL_OBJECTS_DICT

X = uniform(1, 4, 3)
X[1, 2] = 0
VECTOR = uniform(2, 6, low=-2, high=2)
VECTOR[0] = 0
ZERO_ROW = uniform(3, 3, 4)
ZERO_ROW[1] = 0
MADE = {
    "L1(0.01)": regularizers.L1(),
    "L1(0.3)": regularizers.L1(0.3),
    "L2(0.01)": regularizers.L2(),
    "L2(0.1)": regularizers.L2(0.1),
    "L1L2(0,0)": regularizers.L1L2(),
    "L1L2(0.02,0.03)": regularizers.L1L2(0.02, 0.03),
    "L1L2(0,0.5)": regularizers.L1L2(l2=0.5),
    "OrthogonalRegularizer()": regularizers.OrthogonalRegularizer(),
    'OrthogonalRegularizer().Factor(0.5).Mode("columns")': regularizers.OrthogonalRegularizer(0.5, "columns"),
}


def cases():
    values = []
    for call, made in MADE.items():
        for x in (X, VECTOR, uniform(4, 2, 3, 2)):
            if "Orthogonal" in call and x.ndim != 2:
                continue
            value, grad = jax.value_and_grad(lambda x: made(x))(jax.numpy.asarray(x))
            values.append({"call": call, "x": array(x), "y": array(value), "dx": array(grad)})
        if "Orthogonal" in call:  # Keras's gradient is nan here
            values.append({"call": call, "x": array(ZERO_ROW), "y": array(made(jax.numpy.asarray(ZERO_ROW)))})
    return {
        "values": values,
        "serialized": {call: keras.saving.serialize_keras_object(made) for call, made in MADE.items()},
        "names": {
            name: keras.saving.serialize_keras_object(regularizers.get(name))
            for name, cls in sorted(ALL_OBJECTS_DICT.items())
            if cls.__name__ != "Regularizer"
        },
    }
