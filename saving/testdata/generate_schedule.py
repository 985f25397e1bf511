"""Writes the files of schedule/: a model whose optimizer follows a schedule, and what training it further gives.

    KERAS_BACKEND=jax python generate_schedule.py
"""

import json
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schedule")
RNG = np.random.default_rng(11)


def array(a):
    a = np.asarray(a)
    # Nine digits hold a float32 exactly.
    return {"shape": list(a.shape), "dtype": str(a.dtype), "data": [float("%.9g" % v) for v in a.ravel()]}


def main():
    L = keras.layers
    x = L.Input((4,), name="x")
    h = L.Dense(5, activation="tanh", name="hidden")(x)
    model = keras.Model(x, L.Dense(2, name="out")(h), name="scheduled")
    model.set_weights([RNG.normal(size=w.shape).astype("float32") * 0.5 for w in model.weights])
    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 2, 0.5, staircase=True)
    model.compile(optimizer=keras.optimizers.Adam(schedule, weight_decay=0.01), loss="mse")
    data, targets = (RNG.normal(size=(6, n)).astype("float32") for n in (4, 2))
    for _ in range(3):
        model.train_on_batch(data, targets)
    model.save(os.path.join(OUT, "exponential.keras"))
    case = {"inputs": array(data), "targets": array(targets), "optimizer": keras.saving.serialize_keras_object(model.optimizer),
            "variables": [v.name for v in model.optimizer.variables], "steps": []}
    for _ in range(3):
        model.reset_metrics()
        loss = model.train_on_batch(data, targets)
        case["steps"].append({"loss": float(loss), "weights": [array(w) for w in model.get_weights()]})
    with open(os.path.join(OUT, "exponential.json"), "w") as f:
        f.write(json.dumps(case, separators=(",", ":")) + "\n")


main()
