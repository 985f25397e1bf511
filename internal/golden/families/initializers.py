"""Initializers: configurations, names, and the distribution that each shape gets."""

import keras
import numpy as np
from arrays import array
from keras import initializers
from keras.src.backend.jax import random as backend_random
from keras.src.initializers import ALL_OBJECTS_DICT

SHAPES = [
    [], [7], [4, 10], [1, 1], [3, 3, 3, 32], [3, 3, 32, 64], [5, 8, 16], [2, 3, 4, 5, 6], [1, 1, 16, 4], [3, 3, 64, 1], [100, 400],
]
MADE = {
    "Zeros()": initializers.Zeros(),
    "Ones()": initializers.Ones(),
    "Constant(0)": initializers.Constant(),
    "Constant(0.5)": initializers.Constant(0.5),
    "Identity()": initializers.Identity(),
    "RandomNormal()": initializers.RandomNormal(),
    "RandomNormal().Mean(1).Stddev(0.2).Seed(3)": initializers.RandomNormal(1.0, 0.2, seed=3),
    "RandomUniform()": initializers.RandomUniform(),
    "RandomUniform().Minval(0).Maxval(2).Seed(4)": initializers.RandomUniform(0.0, 2.0, 4),
    "TruncatedNormal()": initializers.TruncatedNormal(),
    "TruncatedNormal().Mean(-1).Stddev(0.1).Seed(5)": initializers.TruncatedNormal(-1.0, 0.1, 5),
    "VarianceScaling()": initializers.VarianceScaling(),
    'VarianceScaling().Scale(2).Mode("fan_out").Distribution("UNIFORM").Seed(1)': initializers.VarianceScaling(2.0, "fan_out", "UNIFORM", 1),
    'VarianceScaling().Mode("fan_avg").Distribution("normal")': initializers.VarianceScaling(mode="fan_avg", distribution="normal"),
    'VarianceScaling().Distribution("untruncated_normal")': initializers.VarianceScaling(distribution="untruncated_normal"),
    "GlorotUniform()": initializers.GlorotUniform(),
    "GlorotUniform().Seed(7).InputAxes(0,1).OutputAxes(-1)": initializers.GlorotUniform(7, [0, 1], [-1]),
    "GlorotNormal()": initializers.GlorotNormal(),
    "HeUniform()": initializers.HeUniform(),
    "HeNormal()": initializers.HeNormal(),
    "LecunUniform()": initializers.LecunUniform(),
    "LecunNormal()": initializers.LecunNormal(),
    "Orthogonal()": initializers.Orthogonal(),
    "Orthogonal().Gain(2).Seed(6)": initializers.Orthogonal(2.0, 6),
}


def distributions(initializer):
    """What the initializer asks its backend to draw, for each shape."""
    asked = []
    kept = {}
    for name in ("normal", "uniform", "truncated_normal"):
        kept[name] = getattr(backend_random, name)

    def spy(name):
        def draw(shape, *args, **kwargs):
            low, high = ("minval", "maxval") if name == "uniform" else ("mean", "stddev")
            asked.append({"shape": list(shape), "kind": name, "a": float(kwargs[low]), "b": float(kwargs[high])})
            return None

        return draw

    from keras.src.initializers import random_initializers

    try:
        for name in kept:
            setattr(random_initializers.random, name, spy(name))
        for shape in SHAPES:
            try:
                initializer(shape)
            except IndexError:
                asked.append({"shape": shape, "kind": "error", "a": 0, "b": 0})
    finally:
        for name, f in kept.items():
            setattr(random_initializers.random, name, f)
    return asked


def cases():
    serialized = {}
    for go, made in MADE.items():
        serialized[go] = keras.saving.serialize_keras_object(made)
    spread = {go: distributions(made) for go, made in MADE.items() if isinstance(made, initializers.VarianceScaling)}
    generator = initializers.HeNormal(keras.random.SeedGenerator(9))
    return {
        "serialized": serialized,
        "distributions": spread,
        "seed_generator": keras.saving.serialize_keras_object(generator),
        "names": {name: cls.__name__ for name, cls in sorted(ALL_OBJECTS_DICT.items()) if cls.__name__ not in ("Initializer", "STFT")},
        "identity": {str(shape): array(initializers.Identity(gain)(shape)) for gain, shape in ((2.0, (3, 3)), (1.0, (2, 4)), (0.5, (3, 2)))},
        "gain_read": initializers.get({"class_name": "Identity", "config": {"gain": 2.0}}).gain,
        "truncated": truncated(),
    }


def truncated():
    """Moments of a million draws: what the truncation at two standard deviations leaves."""
    v = np.asarray(initializers.TruncatedNormal(1.0, 0.5, seed=1)((1000, 1000)), "float64")
    return {"mean": float(v.mean()), "std": float(v.std()), "low": float(v.min()), "high": float(v.max())}
