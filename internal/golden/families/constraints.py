"""Constraints: projections, configurations, names."""

import keras
from arrays import array, uniform
from keras import constraints
from keras.src.constraints import ALL_OBJECTS_DICT

MADE = {
    "MaxNorm(2)": constraints.MaxNorm(),
    "MaxNorm(0.5).Axis(1)": constraints.MaxNorm(0.5, axis=1),
    "MaxNorm(1).Axis(0,1,2)": constraints.MaxNorm(1.0, axis=[0, 1, 2]),
    "MaxNorm(1).Axis()": constraints.MaxNorm(1.0, axis=None),
    "MinMaxNorm(0,1)": constraints.MinMaxNorm(),
    "MinMaxNorm(1,1.2).Rate(0.25).Axis(-1)": constraints.MinMaxNorm(1.0, 1.2, 0.25, -1),
    "MinMaxNorm(1.5,2).Axis(0,1)": constraints.MinMaxNorm(1.5, 2.0, axis=[0, 1]),
    "NonNeg()": constraints.NonNeg(),
    "UnitNorm()": constraints.UnitNorm(),
    "UnitNorm().Axis(0,1,2)": constraints.UnitNorm(axis=[0, 1, 2]),
}


def cases():
    dense = uniform(1, 5, 4, low=-3, high=3)
    dense[:, 1] = 0
    dense[:, 2] *= 0.1
    inputs = [dense, uniform(2, 2, 2, 3, 4), uniform(3, 6)]
    values = []
    for call, made in MADE.items():
        rank = 3 if "0,1,2" in call else 2 if "0,1" in call or "Axis(1)" in call else 1
        values += [{"call": call, "w": array(w), "y": array(made(w))} for w in inputs if w.ndim >= rank]
    return {
        "values": values,
        "serialized": {call: keras.saving.serialize_keras_object(made) for call, made in MADE.items()},
        "names": {
            name: keras.saving.serialize_keras_object(constraints.get(name))
            for name, cls in sorted(ALL_OBJECTS_DICT.items())
            if cls.__name__ != "Constraint"
        },
        "one_axis_list": keras.saving.serialize_keras_object(constraints.UnitNorm([0])),
    }
