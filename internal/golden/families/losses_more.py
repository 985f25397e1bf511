"""The other losses, each with its arguments; types, masks, names and errors. README.md has the format."""

import inspect

import keras
import numpy as np
from keras.src.trainers import compile_utils

from arrays import array, uniform
from families.losses import case as saved_case
from families.losses import softmax
from families.masked import loss_case

L = keras.losses


UNSAVED = {L.Huber: "delta", L.CosineSimilarity: "axis"}  # get_config leaves these out


def case(name, loss, *data):
    key = UNSAVED.get(type(loss))
    return saved_case(name, loss, *data) | ({"unsaved": {key: loss._fn_kwargs[key]}} if key else {})


def weighted(name, make, arguments, y_true, y_pred, *weights):
    """The case without weights, then with each of them and a reduction that looks at them."""
    yield case(name, make(**arguments), y_true, y_pred)
    for weight in weights:
        yield case(f"{name} weights {np.shape(weight)}", make(reduction="mean_with_sample_weight", name="renamed", **arguments), y_true, y_pred, weight)


def typed(name, make, arguments, dtype, y_true, y_pred, weight):
    return case(f"{name} {dtype}", make(dtype=dtype, **arguments), y_true, y_pred, weight) | {"unsaved": {"dtype": dtype}}


def listed():
    w4 = np.array([0.5, 0, 2, 1], "float32")
    real, guess = uniform(1, 4, 3, low=-2, high=2), uniform(2, 4, 3, low=-2, high=2)
    guess[1, 1] = real[1, 1]
    counts = np.array([[0, 1, 3], [2, 0, 0], [1, 1, 1], [7, 2, 0]], "float32")
    rates = uniform(3, 4, 3, low=0.05, high=4)
    for make in (L.MeanAbsolutePercentageError, L.MeanSquaredLogarithmicError, L.LogCosh, L.CosineSimilarity, L.Huber):
        yield from weighted(make.__name__, make, {}, real, guess, w4)
    yield case("mape zeros", L.MeanAbsolutePercentageError(), np.zeros((2, 2), "float32"), np.array([[0, 1e-8], [1, -1]], "float32"))
    yield case("mape integers vector", L.MeanAbsolutePercentageError(), np.array([1, 2, 3, 4], "int32"), guess[:, :1].copy(), w4)
    yield case("msle counts", L.MeanSquaredLogarithmicError(reduction="sum"), counts, rates, w4)
    yield case("log cosh large", L.LogCosh(), real * 0, (guess * 60).astype("float32"))
    for delta in (0.5, 0.0):
        yield from weighted(f"huber {delta}", L.Huber, {"delta": delta}, real, guess, w4)
    yield case("huber at delta", L.Huber(delta=0.5, reduction="none"), np.zeros((1, 3), "float32"), np.array([[0.5, -0.5, 0]], "float32"))
    yield case("huber broadcast", L.Huber(), real[:, :1].copy(), guess)
    yield from weighted("cosine axis 1", L.CosineSimilarity, {"axis": 1}, uniform(4, 2, 3, 2), uniform(5, 2, 3, 2), [[1, 0.5], [2, 0]])
    yield case("cosine zeros", L.CosineSimilarity(reduction=None), np.array([[0, 0], [1, 1]], "float32"), np.array([[1, 2], [3e-9, 4e-9]], "float32"))
    yield case("cosine of nothing", L.CosineSimilarity(reduction="none"), np.ones((1, 2), "float32"), np.zeros((1, 2), "float32"))

    p, q = softmax(uniform(6, 4, 3)), softmax(uniform(7, 4, 3))
    yield from weighted("kld", L.KLDivergence, {}, p, q, w4)
    yield case("kld outside", L.KLDivergence(), np.array([[0, 1, 0], [0.5, 2, -1]], "float32"), np.array([[0, 1, 1e-7], [1.5, -0.5, 0.5]], "float32"))
    yield from weighted("poisson", L.Poisson, {}, counts, rates, w4)
    yield case("poisson nothing", L.Poisson(), counts[:1].copy(), np.array([[0, 0.5, 1]], "float32"))

    signs = np.array([[1, -1, 1], [-1, -1, 1], [1, 1, 1], [-1, 1, -1]], "int32")
    margins = uniform(8, 4, 3, low=-2, high=2)
    margins[0] = [1, -1, 0.5]
    hot = np.eye(3, dtype="float32")[[0, 2, 1, 1]]
    for make in (L.Hinge, L.SquaredHinge):
        yield from weighted(make.__name__, make, {}, signs, margins, w4)
        yield case(make.__name__ + " bits", make(), (signs > 0).astype("int32"), margins)
        yield case(make.__name__ + " other numbers", make(), real, margins)
    yield case("hinge vector", L.Hinge(), np.array([0, 1, 1, 0], "int32"), margins[:, :1].copy())
    yield from weighted("categorical hinge", L.CategoricalHinge, {}, hot, margins, w4)
    yield case("categorical hinge ties", L.CategoricalHinge(), hot, np.array([[0.5, 0.5, 0.5], [0, 0, 1], [2, 1, 2], [-1, -1, -1]], "float32"))

    bits, chances = np.array([[0, 1, 1], [1, 0, 0]], "int32"), np.array([[0.2, 0.7, 0.5], [0.9, 0.4, 0]], "float32")
    focal = [
        {}, {"apply_class_balancing": True, "alpha": 0.7, "gamma": 1.5}, {"label_smoothing": 0.2, "axis": 0, "gamma": 0.0},
        {"from_logits": True, "label_smoothing": 0.1, "apply_class_balancing": True},
    ]  # fmt: skip
    for arguments in focal:
        y_pred = (chances * 8 - 4).astype("float32") if "from_logits" in arguments else chances
        yield from weighted(f"binary focal {arguments}", L.BinaryFocalCrossentropy, arguments, bits, y_pred, *([] if "axis" in arguments else [[1, 0.5]]))
    yield case("binary focal sure", L.BinaryFocalCrossentropy(), bits[:, :1].copy(), bits[:, :1].astype("float32"))
    one_hot, probs, logits = np.eye(4, dtype="float32")[[0, 3, 1]], softmax(uniform(9, 3, 4)), uniform(10, 3, 4, low=-3, high=3)
    focal = [
        ({}, one_hot, probs), ({"alpha": [0.1, 0.2, 0.3, 0.4], "gamma": 1.0}, one_hot, probs), ({"gamma": 0.5, "alpha": 1}, one_hot, one_hot),
        ({"from_logits": True, "label_smoothing": 0.1}, one_hot, logits), ({"axis": 1, "label_smoothing": 0.1}, uniform(11, 2, 3, 2, low=0, high=1), uniform(12, 2, 3, 2, low=0.1, high=1)),
    ]  # fmt: skip
    for arguments, y_true, y_pred in focal:
        yield from weighted(f"categorical focal {arguments}", L.CategoricalFocalCrossentropy, arguments, y_true, y_pred, *([[1, 0.5, 0]] if len(y_true) == 3 else []))

    areas, maps = (uniform(13, 2, 3, 2, 1) > 0).astype("float32"), uniform(14, 2, 3, 2, 1, low=0, high=1)
    for make, more in ((L.Dice, {}), (L.Tversky, {"alpha": 0.3, "beta": 0.9})):
        for axis in (None, [1, 2], -1) if more else (None, (1, 2, 3), 0):
            yield case(f"{make.__name__} {axis}", make(axis=axis, **more), areas, maps)
        yield case(make.__name__ + " weights", make(axis=(1, 2, 3), **more), areas, maps, [0.5, 2])
        yield case(make.__name__ + " one value weighted", make(), areas, maps, [0.5, 2])
        yield case(make.__name__ + " nothing", make(), areas * 0, maps * 0)
    yield case("dice classes", L.Dice(axis=(0, 1)), uniform(15, 2, 3, low=0, high=1), uniform(16, 2, 3, low=0, high=1))

    vectors = uniform(17, 5, 3)
    vectors = np.round(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), 3).astype("float32")
    classes = np.array([0, 1, 0, 2, 1], "int32")
    w5 = np.array([0.5, 0, 2, 1, 1], "float32")
    for arguments in ({}, {"gamma": 4.0, "margin": 0.25, "remove_diagonal": False}, {"gamma": 2.0}):
        yield from weighted(f"circle {arguments}", L.Circle, arguments, classes, vectors, w5)
    yield case("circle column", L.Circle(gamma=2), classes[:, None].astype("float32"), vectors, w5)
    yield case("circle one class", L.Circle(gamma=2), classes * 0, vectors)
    yield case("circle orthogonal", L.Circle(gamma=2, remove_diagonal=False), np.array([0, 0, 1], "int32"), np.eye(3, dtype="float32"))

    for q in (0.5, 0.9):
        yield from weighted(f"generalized {q}", L.CategoricalGeneralizedCrossEntropy, {"q": q}, np.array([0, 3, 1], "int32"), probs, [1, 0.5, 0])
    yield case("generalized steps", L.CategoricalGeneralizedCrossEntropy(), np.array([[0, 1], [2, 2]], "int32"), softmax(uniform(18, 2, 2, 3)), [[1], [2]])
    yield case("generalized outside", L.CategoricalGeneralizedCrossEntropy(), np.array([0, 9, -1], "int32"), probs) | {"grad": None}  # it isn't a number
    yield case("generalized column", L.CategoricalGeneralizedCrossEntropy(), np.array([[0], [3], [1]], "int32"), probs)

    text = np.array([[1, 2, 2, 0], [3, 1, 0, 0], [2, 3, 1, 2], [0, 0, 0, 0]], "int32")
    for steps in (3, 7, 18):
        yield from weighted(f"ctc {steps}", L.CTC, {}, text, uniform(19, 4, steps, 5, low=-2, high=2), *([w4] if steps == 7 else []))
    yield case("ctc one label", L.CTC(reduction="sum"), text[:, :1].astype("float32"), uniform(20, 4, 1, 4))
    yield case("ctc outside", L.CTC(), np.array([[1, 9], [2, 0]], "int32"), uniform(21, 2, 4, 3))

    for dtype in ("float16", "bfloat16"):
        for make, arguments, y_true, y_pred, weight in (
            (L.MeanSquaredError, {}, real, guess, w4),
            (L.CategoricalCrossentropy, {"from_logits": True}, one_hot, logits, [1, 0.5, 0]),
            (L.SparseCategoricalCrossentropy, {"from_logits": True, "ignore_class": 1}, np.array([0, 3, 1], "int32"), logits, None),
            (L.Huber, {}, real, guess, None), (L.Hinge, {}, signs, margins, None), (L.BinaryFocalCrossentropy, {}, bits, (0.1 + 0.8 * chances).astype("float32"), None),
            (L.CTC, {}, text, uniform(19, 4, 7, 5, low=-2, high=2), None), (L.CategoricalFocalCrossentropy, {"from_logits": True}, one_hot, logits, None),
        ):  # fmt: skip
            yield typed(make.__name__, make, arguments, dtype, y_true, y_pred, weight)
    yield typed("mse", L.MeanSquaredError, {}, "float64", real, guess, w4)


def masked():
    real, guess = uniform(22, 5, 3, 2), uniform(23, 5, 3, 2)
    mask = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1], [0, 1, 1]], "bool")
    w = uniform(24, 5, 3, low=0, high=2)
    classes, vectors = np.array([0, 1, 0, 2, 1], "int32"), uniform(25, 5, 3)
    for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight", "none"):
        yield loss_case(f"huber {reduction}", L.Huber(reduction=reduction), real, guess, mask, w)
        yield loss_case(f"circle {reduction}", L.Circle(gamma=2, reduction=reduction), classes, vectors, mask[:, 0].copy(), w[:, 0].copy())
    yield loss_case("hinge", L.Hinge(), np.sign(real), guess, mask)


def names():
    """What compile makes of a name: the function's, and what logs call it."""
    out = {}
    for given in sorted(L.__dict__) + ["mape", "MAPE", "msle", "MSLE", "kld", "KLD", "mse", "MSE", "mae", "MAE", "bce", "BCE", "logcosh"]:
        made = getattr(L, given, None)
        if given in ("Loss", "LossFunctionWrapper") or given.startswith("_") or (made is not None and not callable(made)) or given in ("get", "serialize", "deserialize"):
            continue
        try:
            loss = compile_utils.get_loss(given, None, None)
            out[given] = {"class": type(loss).__name__, "function": loss.fn.__name__, "name": loss.name}
        except ValueError as error:
            out[given] = {"error": str(error)}
    return out


def errors():
    """Arguments, and shapes, that Keras refuses."""
    plans = [
        (L.CategoricalGeneralizedCrossEntropy, {"q": 0.0}, None), (L.CategoricalGeneralizedCrossEntropy, {"q": 1.0}, None),
        (L.Huber, {"reduction": "average"}, None), (L.Huber, {"dtype": "float31"}, None),
        (L.CTC, {}, ((2,), (2, 3, 4))), (L.CTC, {}, ((2, 3), (2, 4))), (L.CTC, {}, ((2, 3), (3, 3, 4))),
        (L.Hinge, {}, ((2, 3), (2, 4))), (L.Huber, {}, ((2, 3), (4, 3))), (L.CosineSimilarity, {"axis": 2}, ((2, 3), (2, 3))),
        (L.BinaryFocalCrossentropy, {}, ((2, 3), (2, 4))), (L.CategoricalFocalCrossentropy, {"alpha": [1.0, 2.0]}, ((2, 3), (2, 3))),
        (L.Dice, {"axis": 3}, ((2, 3), (2, 3))), (L.Dice, {"axis": [1, 1]}, ((2, 3), (2, 3))), (L.Tversky, {}, ((2, 3), (2, 4))),
        (L.KLDivergence, {}, ((2, 3), (2, 4))),
    ]  # fmt: skip
    out = []
    for make, arguments, shapes in plans:
        entry = {"class": make.__name__, "arguments": arguments, "shapes": shapes and [list(s) for s in shapes], "error": None}
        try:
            loss = make(**arguments)
            if shapes:
                loss(np.zeros(shapes[0], "float32"), np.zeros(shapes[1], "float32"))
        except Exception as error:
            entry["error"] = {"exception": type(error).__name__, "message": str(error).split("\n")[0][:200]}
        out.append(entry)
    return out


def cases():
    defaults = {}
    for name, made in sorted(vars(L).items()):
        if inspect.isclass(made) and name != "Loss":
            defaults[name] = keras.saving.serialize_keras_object(made())
    return {"losses": list(listed()), "masked": list(masked()), "defaults": defaults, "names": names(), "errors": errors()}
