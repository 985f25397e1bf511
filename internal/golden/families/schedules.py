"""Learning rate schedules: their values at many steps, and optimizers that follow them."""

import keras
import numpy as np

from arrays import array
from families.optimizers import GRADIENTS, SHAPES, STEPS, case

# Steps at which something happens to a schedule of 10, of 41 or of 100 steps, and those beside them.
AT = sorted(set(range(26)) | {29, 30, 31, 40, 41, 42, 50, 69, 70, 71, 81, 82, 83, 99, 100, 101, 149, 150, 151, 164, 310, 1000, 123457})


def schedules():
    S = keras.optimizers.schedules
    return [
        S.ExponentialDecay(0.1, 10, 0.5),
        S.ExponentialDecay(0.1, 10, 0.96, staircase=True, name="stairs"),
        S.ExponentialDecay(1e-3, 41, 0.5, staircase=True),
        S.ExponentialDecay(0.1, 2.5, 0.9, staircase=True),
        S.PiecewiseConstantDecay([5], [0.1, 0.01]),
        S.PiecewiseConstantDecay([3, 10, 41], [1.0, 0.5, 0.25, 0.1], name="pieces"),
        S.PiecewiseConstantDecay([2.5, 10.5], [1.0, 0.5, 0.25]),
        S.PiecewiseConstantDecay([10, 5], [1.0, 0.5, 0.25]),
        S.PolynomialDecay(0.1, 10),
        S.PolynomialDecay(0.1, 100, end_learning_rate=0.01, power=0.5),
        S.PolynomialDecay(0.1, 10, 0.02, power=2.0, cycle=True, name="waves"),
        S.PolynomialDecay(0.1, 41, cycle=True),
        S.PolynomialDecay(0.01, 10, 0.1),
        S.InverseTimeDecay(0.1, 10, 0.5),
        S.InverseTimeDecay(0.1, 41, 0.5, staircase=True, name="inverse"),
        S.InverseTimeDecay(0.1, 1, 1e-3),
        S.CosineDecay(0.1, 10),
        S.CosineDecay(0.1, 100, alpha=0.1, name="wave"),
        S.CosineDecay(0.0, 41, warmup_target=0.1, warmup_steps=10),
        S.CosineDecay(0.2, 30, alpha=0.25, warmup_target=0.1, warmup_steps=5),
        S.CosineDecay(0.2, 30, warmup_target=0.1),
        S.CosineDecay(0.2, 30, warmup_steps=10),
        S.CosineDecayRestarts(0.1, 10),
        S.CosineDecayRestarts(0.1, 10, t_mul=2.0, m_mul=0.8, alpha=0.1, name="restarts"),
        S.CosineDecayRestarts(0.1, 5, t_mul=3.0, m_mul=0.5),
        S.CosineDecayRestarts(0.1, 8, t_mul=1.5),
        S.CosineDecayRestarts(0.1, 10, t_mul=1.0, m_mul=0.9),
        S.CosineDecayRestarts(0.1, 41, t_mul=1.0, m_mul=0.9),
    ]


def optimizers():
    """Optimizers whose rates all change within STEPS."""
    O, S = keras.optimizers, keras.optimizers.schedules
    exponential = S.ExponentialDecay(0.1, 2, 0.5)
    pieces = S.PiecewiseConstantDecay([0, 3], [0.1, 0.05, 0.01])
    warm = S.CosineDecay(0.0, 4, warmup_target=0.1, warmup_steps=2)
    ema = {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3}
    return [
        ("SGD", {"learning_rate": exponential}),
        ("SGD", {"learning_rate": pieces, "momentum": 0.9, "nesterov": True}),
        ("SGD", {"learning_rate": exponential, "gradient_accumulation_steps": 2}),
        ("SGD", {"learning_rate": warm, "momentum": 0.9} | ema),
        ("RMSprop", {"learning_rate": S.InverseTimeDecay(0.1, 1, 0.5)}),
        ("Adam", {"learning_rate": exponential}),
        ("Adam", {"learning_rate": warm, "amsgrad": True, "gradient_accumulation_steps": 2, "clipnorm": 0.5} | ema),
        ("AdamW", {"learning_rate": S.PolynomialDecay(0.1, 4), "weight_decay": 0.1}),
        ("AdamW", {"learning_rate": S.CosineDecayRestarts(0.1, 3), "weight_decay": 0.1}),
        ("Nadam", {"learning_rate": pieces}),
    ]


def cases():
    values = []
    for s in schedules():
        rates = [np.asarray(s(keras.ops.convert_to_tensor(step, dtype="int32"))) for step in AT]
        assert all(r.dtype == np.float32 for r in rates)
        values.append({"config": keras.saving.serialize_keras_object(s), "rates": array(np.stack(rates))})
    steps = []
    for class_name, arguments in optimizers():
        shown = {k: v if k != "learning_rate" else type(v).__name__ for k, v in arguments.items()}
        steps.append(case(f"{class_name} {shown}", getattr(keras.optimizers, class_name), arguments))
    gradients = {"normal": [[array(GRADIENTS["normal"](i, shape)) for shape in SHAPES] for i in range(STEPS)]}
    return {"at": AT, "schedules": values, "gradients": gradients, "cases": steps}
