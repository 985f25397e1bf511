"""The course of a loss scale over many steps with gradients that are now and then not finite. README.md has the format, under optimizers."""

import keras
import numpy as np

from arrays import array
from families.optimizers_lossscale import SHAPES, case

STEPS = 200


def gradient(i, shape):
    """Not finite in bursts, alone, and never for a while."""
    g = np.round(np.random.default_rng(1000 + 10 * i + len(shape)).normal(0, 4, shape)).astype("float32")
    if i < 5 or i in (20, 21, 22, 60, 100, 101, 139) or i > 190:
        g[0] = np.nan if i % 3 == 0 else np.inf
    return g


def cases():
    made = case(
        "course", lambda: keras.optimizers.SGD(0.01, momentum=0.5), dtype="float16",
        gradients="course", gradient_of=gradient, steps=STEPS, dynamic_growth_steps=7,
    )  # fmt: skip
    return {"gradients": {"course": [[array(gradient(i, shape)) for shape in SHAPES] for i in range(STEPS)]}, "cases": [made]}
