"""Probes: Dot."""

import keras
import numpy as np
from keras import layers as L

from families.recurrent import WORDS
from probes import call_error, case, constructor_error, model_of, start


def one(label, x, y, axes, batch=False, time=False, **arguments):
    return case(f"dot {label}", model_of(lambda: L.Dot(axes, **arguments), [x, y], batch=batch, time=time), [x, y])


def layers():
    # By the shapes of both: (2, 4) is two samples of four values.
    for label, x, y, axes in (
        ("2-D, 2-D", (2, 4), (2, 4), 1),
        ("2-D, 2-D, from the end", (2, 4), (2, 4), -1),
        ("3-D, 3-D", (2, 3, 4), (2, 3, 5), 1),
        ("3-D, 3-D, axis 2", (2, 3, 4), (2, 5, 4), 2),
        ("3-D, 3-D, from the end", (2, 3, 4), (2, 5, 4), -1),
        ("3-D, 3-D, from the end but one", (2, 3, 4), (2, 3, 5), -2),
        ("3-D, 3-D, two axes", (2, 3, 4), (2, 4, 5), (2, 1)),
        ("3-D, 3-D, the other two", (2, 3, 4), (2, 5, 3), (1, 2)),
        ("3-D, 3-D, a list", (2, 3, 4), (2, 4, 5), [2, 1]),
        ("3-D, 3-D, negative pair", (2, 3, 4), (2, 4, 5), (-1, -2)),
        ("3-D, 3-D, mixed pair", (2, 3, 4), (2, 4, 5), (-1, 1)),
        ("2-D, 3-D", (2, 4), (2, 3, 4), (1, 2)),
        ("2-D, 3-D, axis 1", (2, 3), (2, 3, 4), 1),
        ("2-D, 3-D, from the end", (2, 4), (2, 3, 4), -1),
        ("3-D, 2-D", (2, 3, 4), (2, 4), (2, 1)),
        ("3-D, 2-D, axis 1", (2, 3, 4), (2, 3), 1),
        ("4-D, 3-D", (2, 2, 3, 4), (2, 4, 2), (3, 1)),
        ("4-D, 3-D, inner", (2, 2, 3, 4), (2, 2, 3), (2, 2)),
        ("4-D, 4-D", (2, 2, 3, 2), (2, 2, 2, 3), (2, 3)),
        ("4-D, 4-D, axis 1", (2, 2, 1, 3), (2, 2, 3, 1), 1),
        ("3-D, 4-D", (2, 3, 2), (2, 2, 3, 2), (1, 2)),
    ):
        yield one(label, x, y, axes)
        yield one(f"{label}, normalized", x, y, axes, normalize=True)
    yield one("unknown length", (2, 3, 4), (2, 5, 4), 2, time=True)
    yield one("known batch", (2, 3, 4), (2, 5, 4), 2, batch=True)
    zeros = np.array([[0, 0, 0], [3, 0, 4]], "float32")
    yield one("zeros normalized", zeros, zeros[::-1].copy(), 1, normalize=True)
    yield one("small values normalized", zeros * np.float32(1e-8), zeros, 1, normalize=True)
    yield one("mixed_float16", (2, 3, 4), (2, 5, 4), 2, normalize=True, dtype="mixed_float16")
    yield one("named", (2, 4), (2, 4), 1, name="product", activity_regularizer=keras.regularizers.L2(0.1))


def models():
    def same():
        x = keras.Input((3, 2), name="x")
        return keras.Model(x, L.Dot(2, name="dot")([x, x]))

    yield case("dot with itself", same, [(2, 3, 2)])

    def recommender():
        user, item = keras.Input((1,), name="user", dtype="int32"), keras.Input((1,), name="item", dtype="int32")
        flat = lambda t, size, name: L.Flatten(name=f"flat_{name}")(L.Embedding(size, 3, name=name)(t))
        return keras.Model([user, item], L.Dot(1, name="match")([flat(user, 4, "users"), flat(item, 5, "items")]))

    yield case("dot of embeddings", recommender, [np.array([[3], [0]], "int32"), np.array([[1], [4]], "int32")])

    def masked():
        x = keras.Input((4,), name="x", dtype="int32")
        h = L.Embedding(5, 3, mask_zero=True, name="words")(x)
        return keras.Model(x, L.Dot(2, name="dot")([h, h]))

    yield case("dot of masked tensors", masked, [WORDS])


def errors():
    for axes in ("1", None, 1.0, (1,), (1, 2, 1), (1, 1.5), [[1], [2]]):
        yield constructor_error(L.Dot, axes=axes)
    pair = [(None, 3, 4), (None, 5, 4)]
    yield call_error(lambda: L.Dot(1), pair)
    yield call_error(lambda: L.Dot((2, 1)), pair)
    yield call_error(lambda: L.Dot(0), pair)
    yield call_error(lambda: L.Dot(0), [(2, 3), (2, 3)])
    yield call_error(lambda: L.Dot(3), pair)
    yield call_error(lambda: L.Dot((-3, 0)), [(3, 3, 4), (3, 5, 4)])
    yield call_error(lambda: L.Dot(2), (None, 3, 4))
    yield call_error(lambda: L.Dot(2), [(None, 3, 4)])
    yield call_error(lambda: L.Dot(2), [*pair, (None, 5, 4)])
    yield call_error(lambda: L.Dot(1), [(None,), (None,)])
    yield call_error(lambda: L.Dot(1), [(2, 3), (3, 3)])
    yield call_error(lambda: L.Dot(1), pair, wrong=1)


def cases():
    start()
    return {"probes": [*layers(), *models()], "errors": list(errors())}
