"""What a model that is compiled a second time, without some arguments, evaluates. README.md has the format."""

import keras
from rules import inputs, set_weights

L = keras.layers

CASES = [
    ({"loss": "mse", "metrics": ["mae"]}, {"loss": "mae"}),
    ({"loss": "mse", "metrics": ["mae"]}, {}),
    ({"loss": "mse", "metrics": ["mae"], "weighted_metrics": ["mse"]}, {"loss": "mae", "metrics": []}),
    ({"loss": "mse", "metrics": ["mae"], "weighted_metrics": ["mse"]}, {"weighted_metrics": ["mae"]}),
    ({"loss": "mse"}, {"metrics": ["mae"]}),
]


def case(first, second):
    x = keras.Input((4,))
    model = keras.Model(x, L.Dense(2)(x))
    set_weights(model)
    model.compile("sgd", **first)
    model.compile("sgd", **second)
    scores = model.evaluate(inputs(0, 8, 4), inputs(1, 8, 2), batch_size=4, verbose=0, return_dict=True)
    return {"first": first, "second": second, "scores": {name: float(v) for name, v in scores.items()}}


def cases():
    return [case(*c) for c in CASES]
