"""Keras's random initializers on NumPy's numbers. With JAX's each shape of a weight is a program to compile, which takes longer than the rest of making
a model. The distributions are Keras's; no check compares the numbers, which differ between Keras's backends too.
"""

import contextlib
import types
from unittest import mock

import numpy as np
from keras.src.initializers import random_initializers


def generator(seed):
    """The same seed gives the same numbers; a generator of seeds goes on."""
    return np.random.default_rng(seed % 2**64 if isinstance(seed, int) else np.asarray(seed.next()).tolist())


def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    return generator(seed).uniform(minval, maxval, shape).astype(dtype or "float32")


def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    return generator(seed).normal(mean, stddev, shape).astype(dtype or "float32")


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    random = generator(seed)
    x = random.normal(size=shape)
    while (far := np.abs(x) > 2).any():
        x = np.where(far, random.normal(size=shape), x)
    return (x * stddev + mean).astype(dtype or "float32")


theirs = random_initializers.random
drawn = types.SimpleNamespace(
    uniform=uniform,
    normal=normal,
    truncated_normal=truncated_normal,
    SeedGenerator=theirs.SeedGenerator,
    make_default_seed=theirs.make_default_seed,
)
# What the orthogonal initializer computes with.
computed = types.SimpleNamespace(qr=np.linalg.qr, diag=np.diag, sign=np.sign, transpose=np.transpose, reshape=np.reshape)


@contextlib.contextmanager
def by_numpy():
    with mock.patch.object(random_initializers, "random", drawn), mock.patch.object(random_initializers, "ops", computed):
        yield
