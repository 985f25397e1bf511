"""Models: configuration, weight order, counts and predictions. README.md has the format."""

import inspect
import json

import jax
import keras
import numpy as np
from keras import layers as L

import rules
from arrays import array


def linear():
    x = keras.Input((4,), name="x")
    h = L.Dense(5, activation="relu", name="hidden")(x)
    return keras.Model(x, L.Dense(3, activation="softmax", name="probabilities")(h), name="linear")


def two_branch():
    x = keras.Input((6, 6, 2), name="image")
    a = L.Conv2D(3, 3, activation="relu", padding="same", name="wide")(x)
    a = L.MaxPooling2D(2, name="wide_pool")(a)
    b = L.Conv2D(2, 1, name="narrow")(x)
    b = L.AveragePooling2D(2, name="narrow_pool")(b)
    y = L.Concatenate(name="merge")([a, b])
    y = L.Flatten(name="flat")(y)
    return keras.Model(x, L.Dense(2, name="scores")(y), name="two_branch")


def shared():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    tower = L.Dense(3, activation="tanh", name="tower")
    y = L.Concatenate(name="merge")([tower(a), tower(b)])
    return keras.Model([a, b], L.Dense(1, name="score")(y), name="shared")


def shared_in_sequence():
    x = keras.Input((4,), name="x")
    again = L.Dense(4, activation="relu", name="again")
    return keras.Model(x, again(again(again(x))), name="shared_in_sequence")


def two_inputs_two_outputs():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    h = L.Dense(4, activation="relu", name="trunk")(L.Concatenate(name="merge")([a, b]))
    return keras.Model([a, b], [L.Dense(2, name="left")(h), L.Dense(1, activation="sigmoid", name="right")(h)], name="two_two")


def dict_inputs_outputs():
    b, a = keras.Input((2,), name="second"), keras.Input((3,), name="first")
    h = L.Dense(4, activation="relu", name="trunk")(L.Concatenate(name="merge")([b, a]))
    outputs = {"z": L.Dense(2, name="left")(h), "c": L.Dense(1, name="right")(h)}
    return keras.Model({"second": b, "first": a}, outputs, name="dicts")


def dict_inputs_nested_outputs():
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    h = L.Add(name="sum")([a, b])
    return keras.Model({"b": b, "a": a}, [h, {"d": L.Dense(2, name="d")(h)}], name="dict_nested")


def output_twice():
    x = keras.Input((3,), name="x")
    y = L.Dense(2, name="y")(x)
    return keras.Model(x, [y, y, x], name="output_twice")


def unused_branch():
    x = keras.Input((3,), name="x")
    h = L.Dense(2, name="used")(x)
    L.Dense(5, name="unused")(h)
    return keras.Model(x, L.Dense(1, name="end")(h), name="unused_branch")


def cut_from_the_middle():
    x = keras.Input((3,), name="x")
    h = L.Dense(2, name="one")(x)
    h = L.Dense(4, name="two")(h)
    y = L.Dense(1, name="three")(h)
    keras.Model(x, y, name="whole")
    return keras.Model(x, h, name="cut")


def encoder():
    x = keras.Input((4,), name="encoder_input")
    h = L.Dense(3, activation="relu", name="encoder_hidden")(x)
    h = L.BatchNormalization(name="encoder_norm")(h)
    return keras.Model(x, L.Dense(2, name="encoder_code")(h), name="encoder")


def nested():
    x = keras.Input((4,), name="x")
    return keras.Model(x, L.Dense(1, name="head")(encoder()(x)), name="nested")


def nested_twice():
    inner = encoder()
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    return keras.Model([a, b], L.Add(name="sum")([inner(a), inner(b)]), name="nested_twice")


def nested_sequential():
    block = keras.Sequential([keras.Input((4,), name="block_in"), L.Dense(3, name="one"), L.ReLU(name="two")], name="block")
    x = keras.Input((4,), name="x")
    return keras.Model(x, L.Dense(1, name="head")(block(x)), name="nested_sequential")


def nested_two_outputs():
    x = keras.Input((3,), name="in")
    inner = keras.Model(x, [L.Dense(2, name="p")(x), L.Dense(2, name="q")(x)], name="fork")
    x = keras.Input((3,), name="x")
    p, q = inner(x)
    return keras.Model(x, L.Concatenate(name="join")([q, p]), name="nested_two_outputs")


def nested_deep():
    x = keras.Input((4,), name="x")
    middle = keras.Model(x, L.Dense(3, name="middle_dense")(encoder()(x)), name="middle")
    x = keras.Input((4,), name="x")
    return keras.Model(x, L.Dense(1, name="head")(middle(x)), name="outer")


def sequential():
    stack = [keras.Input((5, 5, 1), name="image"), L.Conv2D(2, 2, activation="relu", name="conv"), L.Flatten(name="flat")]
    return keras.Sequential([*stack, L.Dense(3, name="scores")], name="sequential")


def sequential_deferred():
    model = keras.Sequential([L.Dense(3, activation="relu", name="one"), L.Dense(2, name="two")], name="deferred")
    model.build((None, 4))
    return model


def sequential_unbuilt():
    return keras.Sequential([L.Dense(3, name="one"), L.Dense(2, name="two")], name="unbuilt")


def sequential_nested():
    inner = keras.Sequential([L.Dense(3, name="one"), L.Dense(2, name="two")], name="inner")
    return keras.Sequential([keras.Input((4,), name="x"), inner, L.Dense(1, name="end")], name="sequential_nested")


def residual():
    x = keras.Input((4, 4, 2), name="x")
    h = L.Conv2D(2, 3, padding="same", name="conv_a")(x)
    h = L.BatchNormalization(name="norm")(h)
    h = L.Activation("relu", name="relu")(h)
    h = L.Add(name="skip")([h, x])
    h = L.GlobalAveragePooling2D(name="pool")(h)
    return keras.Model(x, L.Softmax(name="softmax")(h), name="residual")


def frozen():
    x = keras.Input((4,), name="x")
    h = L.Dense(3, trainable=False, name="fixed")(x)
    h = L.BatchNormalization(name="norm")(h)
    model = keras.Model(x, L.Dense(1, name="head")(h), name="frozen")
    model.get_layer("norm").trainable = False
    return model


def frozen_nested():
    inner = encoder()
    inner.trainable = False
    x = keras.Input((4,), name="x")
    return keras.Model(x, L.Dense(1, name="head")(inner(x)), name="frozen_nested")


def batch_normalization():
    x = keras.Input((3, 3, 2), name="x")
    h = L.BatchNormalization(name="norm_a")(x)
    h = L.Conv2D(2, 2, name="conv")(h)
    h = L.BatchNormalization(scale=False, name="norm_b")(h)
    return keras.Model(x, L.Flatten(name="flat")(h), name="batch_normalization")


def preprocessing():
    x = keras.Input((2, 2, 3), name="pixels")
    h = L.Rescaling(1 / 127.5, offset=-1, name="scale")(x)
    h = L.Reshape((-1, 3), name="rows")(h)
    h = L.Dropout(0.5, name="drop")(h)
    return keras.Model(x, L.Dense(2, name="dense")(h), name="preprocessing")


def diamond():
    x = keras.Input((3,), name="x")
    a = L.Dense(3, name="a")(x)
    b = L.Dense(3, name="b")(a)
    c = L.Dense(3, name="c")(b)
    d = L.Add(name="early")([x, c])
    return keras.Model(x, [L.Concatenate(name="all")([a, d, b]), d], name="diamond")


def notebook1():
    x = inputs = keras.Input((32, 32, 3), name="input_1")
    for i, filters in enumerate((32, 64, 128)):
        x = L.Conv2D(filters, (3, 3), activation="relu", padding="same", name=f"conv2d_{2 * i}")(x)
        x = L.Conv2D(filters, (3, 3), activation="relu", padding="same", name=f"conv2d_{2 * i + 1}")(x)
        x = L.MaxPooling2D((2, 2), name=f"pool_{i}")(x)
    x = L.Flatten(name="flatten")(x)
    x = L.Dropout(0.3, name="dropout_0")(x)
    x = L.Dense(300, activation="relu", name="dense_0")(x)
    x = L.Dropout(0.3, name="dropout_1")(x)
    return keras.Model(inputs, L.Dense(10, activation="softmax", name="dense_1")(x), name="notebook1")


def notebook2():
    inputs = keras.Input((32, 32, 3), name="input_1")
    a = L.Conv2D(32, (5, 5), activation="relu", padding="same", name="conv2d_0")(inputs)
    a = L.MaxPooling2D((2, 2), name="pool_0")(a)
    a = L.Conv2D(64, (3, 3), activation="relu", padding="same", name="conv2d_1")(a)
    a = L.MaxPooling2D((2, 2), name="pool_1")(a)
    b = L.Conv2D(32, (3, 3), activation="relu", padding="same", name="conv2d_2")(inputs)
    b = L.Conv2D(32, (3, 3), activation="relu", padding="same", name="conv2d_3")(b)
    b = L.MaxPooling2D((2, 2), name="pool_2")(b)
    b = L.Conv2D(64, (3, 3), activation="relu", padding="same", name="conv2d_4")(b)
    b = L.Conv2D(64, (3, 3), activation="relu", padding="same", name="conv2d_5")(b)
    b = L.MaxPooling2D((2, 2), name="pool_3")(b)
    x = L.Flatten(name="flatten")(L.Concatenate(name="concatenate")([a, b]))
    x = L.Dropout(0.3, name="dropout_0")(x)
    x = L.Dense(300, activation="relu", name="dense_0")(x)
    x = L.Dropout(0.3, name="dropout_1")(x)
    return keras.Model(inputs, L.Dense(10, activation="softmax", name="dense_1")(x), name="notebook2")


def notebook3():
    x = visible = keras.Input((32, 32, 3), name="input_1")
    flat = []
    for i in range(3):
        x = L.Conv2D(32, kernel_size=3, activation="relu", name=f"conv2d_{i}")(x)
        x = L.Dropout(0.2, name=f"dropout_{i}")(x)
        x = L.MaxPooling2D(pool_size=(2, 2), name=f"pool_{i}")(x)
        flat.append(L.Flatten(name=f"flatten_{i}")(x))
    x = L.Dense(100, activation="relu", name="dense_0")(L.Concatenate(name="concatenate")(flat))
    return keras.Model(visible, L.Dense(10, activation="softmax", name="dense_1")(x), name="notebook3")


SMALL = (
    linear, two_branch, shared, shared_in_sequence, two_inputs_two_outputs, dict_inputs_outputs, dict_inputs_nested_outputs,
    output_twice, unused_branch, cut_from_the_middle, nested, nested_twice, nested_sequential, nested_two_outputs, nested_deep,
    sequential, sequential_deferred, sequential_unbuilt, sequential_nested, residual, frozen, frozen_nested,
    batch_normalization, preprocessing, diamond,
)  # fmt: skip
NOTEBOOK = (notebook1, notebook2, notebook3)


def paths(weights):
    return [w.path for w in weights]


def structure(value):
    """Predictions with each array replaced by its place in the flat list, and that list."""
    flat = []

    def place(v):
        flat.append(v)
        return len(flat) - 1

    return keras.tree.map_structure(place, value), flat


def case(build):
    keras.utils.clear_session()
    model = build()
    text = model.to_json()
    again = keras.models.model_from_json(text)
    # A model whose layers share a name with an inner one's, or that is not built, still reads back the same.
    assert json.loads(again.to_json()) == json.loads(text), build.__name__
    record = {
        "name": build.__name__,
        "source": inspect.getsource(build),
        "json": json.loads(text),
        "layers": [layer.name for layer in model.layers],
        "built": model.built,
    }
    if not model.built:
        return record
    rules.set_weights(model)
    # Paths depend on where a layer was built; those of a model that was read back are the ones a loader can know.
    weights, trainable, non_trainable = again.weights, again.trainable_weights, again.non_trainable_weights
    record |= {
        "input_names": getattr(model, "input_names", None),
        "output_names": getattr(model, "output_names", None),
        "input_shapes": [list(t.shape) for t in model.inputs],
        "output_shapes": [list(t.shape) for t in model.outputs],
        "weights": [{"path": w.path, "shape": list(w.shape), "trainable": w.trainable} for w in weights],
        "trainable_weights": paths(trainable),
        "non_trainable_weights": paths(non_trainable),
        "count_params": model.count_params(),
    }
    x = [rules.inputs(j, 2, *t.shape[1:]) for j, t in enumerate(model.inputs)]
    if sum(v.size for v in x) < 500:
        record["inputs"] = [array(v) for v in x]
    y = model(keras.tree.pack_sequence_as(model._inputs_struct, x) if len(x) > 1 else x[0], training=False)
    record["output_structure"], flat = structure(y)
    record["outputs"] = [array(v) for v in flat]
    return record


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    return [case(build) for build in SMALL + NOTEBOOK]
