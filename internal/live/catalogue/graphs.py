"""The ways in which layers are connected: several inputs and outputs, sharing, nesting, residual paths, Sequential; what is frozen, and types."""

import keras
import numpy as np
from keras import layers as L
from keras import ops

from .registry import HALF, entry


@entry
def several_inputs():
    a, b, c = keras.Input((3,), name="a"), keras.Input((2,), name="b"), keras.Input((4,))
    return keras.Model([c, a, b], L.Dense(2)(L.Concatenate()([a, b, c])))


@entry
def several_outputs():
    x = keras.Input((3,))
    h = L.Dense(4, activation="relu")(x)
    return keras.Model(x, [L.Dense(2, name="second")(h), h, L.Dense(1, name="first")(x)])


@entry
def lists_of_one():
    x = keras.Input((3,))
    return keras.Model([x], [L.Dense(2)(x)])


@entry
def inputs_by_name():
    b, a = keras.Input((2,), name="b"), keras.Input((3,), name="a")
    return keras.Model({"b": b, "a": a}, L.Dense(2)(L.Concatenate()([b, a])))


@entry
def outputs_by_name():
    x = keras.Input((3,))
    h = L.Dense(4)(x)
    return keras.Model(x, {"z": L.Dense(2, name="left")(h), "c": L.Dense(1, name="right")(h)})


@entry
def both_by_name():
    inputs = {"second": keras.Input((2,), name="second"), "first": keras.Input((3,), name="first")}
    h = L.Concatenate()([inputs["first"], inputs["second"]])
    model = keras.Model(inputs, {"y": L.Dense(1)(h), "x": L.Dense(2)(h)}, name="named")
    model.compile("adam", {"y": "mse", "x": "mae"}, loss_weights={"y": 1.0, "x": 0.5}, metrics={"y": ["mae"]})
    return model


@entry
def input_as_output():
    x = keras.Input((3,))
    return keras.Model(x, [x, L.Dense(3)(x)])


@entry
def same_output_twice():
    x = keras.Input((3,))
    y = L.Dense(3)(x)
    return keras.Model(x, [y, y])


@entry
def integer_input():
    x, i = keras.Input((4,)), keras.Input((4,), dtype="int32", name="labels")
    return keras.Model([x, i], L.Dense(2)(L.Add()([x, ops.cast(i, "float32")])))


@entry
def shared():
    a, b = keras.Input((4,)), keras.Input((4,))
    layer = L.Dense(3, activation="tanh", name="twin")
    return keras.Model([a, b], L.Subtract()([layer(a), layer(b)]))


@entry
def shared_convolution():
    a, b = keras.Input((6, 6, 2)), keras.Input((6, 6, 2))
    tower = [L.Conv2D(3, 3), L.BatchNormalization(), L.ReLU(), L.GlobalMaxPooling2D()]
    outputs = []
    for x in (a, b):
        for layer in tower:
            x = layer(x)
        outputs.append(x)
    return keras.Model([a, b], L.Dense(1)(L.Concatenate()(outputs)))


@entry
def applied_to_itself():
    x = keras.Input((4,))
    layer = L.Dense(4, activation="tanh")
    return keras.Model(x, layer(layer(layer(x))))


def block(name=None, width=4):
    x = keras.Input((width,))
    return keras.Model(x, L.Dense(width, activation="relu")(L.Dense(6)(x)), name=name)


@entry
def nested():
    x = keras.Input((4,))
    return keras.Model(x, L.Dense(2)(block()(x)))


@entry
def nested_twice():
    a, b = keras.Input((4,)), keras.Input((4,))
    inner = block("inner")
    return keras.Model([a, b], L.Add()([inner(a), inner(inner(b))]))


@entry
def nested_deep():
    model = block("level0")
    for level in range(1, 5):
        x = keras.Input((4,))
        model = keras.Model(x, L.Add()([x, model(L.Dense(4)(x))]), name=f"level{level}")
    return model


@entry
def nested_several():
    a, b = keras.Input((3,)), keras.Input((2,))
    h = L.Concatenate()([a, b])
    inner = keras.Model([a, b], [L.Dense(2)(h), L.Dense(3)(h)], name="inner")
    x, y = keras.Input((3,)), keras.Input((2,))
    p, q = inner([x, y])
    return keras.Model([x, y], [L.Dense(1)(q), p])


@entry
def nested_by_name():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    inner = keras.Model({"a": a, "b": b}, {"y": L.Dense(2)(L.Concatenate()([a, b]))}, name="inner")
    x, z = keras.Input((3,)), keras.Input((2,))
    return keras.Model([x, z], L.Dense(1)(inner({"a": x, "b": z})["y"]))


@entry
def nested_with_batch_normalization():
    x = keras.Input((6, 6, 3))
    h = L.BatchNormalization()(L.Conv2D(4, 3)(x))
    inner = keras.Model(x, L.GlobalAveragePooling2D()(L.ReLU()(h)), name="features")
    inner.trainable = False
    y = keras.Input((6, 6, 3))
    return keras.Model(y, L.Dense(2)(inner(y)))


@entry
def residual():
    x = h = keras.Input((5,))
    for _ in range(4):
        h = L.Add()([h, L.Dense(5, activation="tanh")(h)])
    return keras.Model(x, L.Dense(2)(h))


@entry
def residual_convolutions():
    x = keras.Input((8, 8, 3))
    h = L.Conv2D(4, 3, padding="same")(x)
    for filters, strides in ((4, 1), (6, 2), (6, 1)):
        y = L.ReLU()(L.BatchNormalization()(L.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(h)))
        y = L.BatchNormalization()(L.Conv2D(filters, 3, padding="same", use_bias=False)(y))
        h = h if strides == 1 else L.Conv2D(filters, 1, strides=strides)(h)
        h = L.Activation("relu")(L.Add()([h, y]))
    return keras.Model(x, L.Dense(3, activation="softmax")(L.GlobalAveragePooling2D()(h)))


@entry
def inception():
    x = keras.Input((6, 6, 4))
    paths = [L.Conv2D(2, k, padding="same", activation="relu")(x) for k in (1, 3, 5)]
    h = L.Concatenate()(paths + [L.MaxPooling2D(3, 1, padding="same")(x)])
    return keras.Model(x, L.Dense(2)(L.Flatten()(h)))


@entry
def twelve_of_a_kind():
    x = h = keras.Input((3,))
    for _ in range(12):  # dense_10 stands after dense_9 in the file, and before it in the alphabet
        h = L.Dense(3, activation="tanh")(h)
    return keras.Model(x, h)


@entry
def sequential():
    return keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.Dropout(0.2), L.Dense(2, activation="softmax")])


@entry
def sequential_without_input():
    model = keras.Sequential([L.Dense(5, activation="relu"), L.Dense(2)], name="deferred")
    model.build((None, 6))
    return model


@entry
def sequential_built_by_data():
    model = keras.Sequential([L.Conv2D(3, 3), L.BatchNormalization(), L.Flatten(), L.Dense(2)])
    model(np.zeros((2, 6, 5, 2), "float32"))
    return model


@entry
def sequential_added():
    model = keras.Sequential(name="added")
    model.add(keras.Input((4, 4, 1), name="picture"))
    for layer in (L.Rescaling(1 / 255), L.AveragePooling2D(2), L.Flatten(), L.Dense(3)):
        model.add(layer)
    model.compile("rmsprop", "mse")
    return model


@entry
def sequential_nested():
    inner = keras.Sequential([L.Dense(4, activation="relu"), L.Dense(3)], name="inner")
    return keras.Sequential([keras.Input((5,)), inner, keras.Sequential([L.Dense(2)], name="head")])


@entry
def sequential_in_functional():
    inner = keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.Dense(4)])
    x = keras.Input((6,))
    return keras.Model(x, [L.Dense(2)(inner(x)), inner(inner(x)[:, :1] * x)])


@entry
def functional_in_sequential():
    return keras.Sequential([keras.Input((4,)), block("inner"), L.Dense(2)])


@entry
def frozen_layers():
    x = keras.Input((5,))
    h = L.BatchNormalization(trainable=False)(L.Dense(4, trainable=False)(x))
    model = keras.Model(x, L.Dense(2)(L.Dense(3)(h)))
    model.compile("adam", "mse")
    return model


@entry
def frozen_model():
    model = block()
    model.trainable = False
    return model


@entry
def frozen_inside():
    base = block("base")
    base.trainable = False
    base.layers[1].trainable = True
    x = keras.Input((4,))
    model = keras.Model(x, L.Dense(2)(base(x)))
    model.compile(keras.optimizers.SGD(0.1, momentum=0.5), "mse")
    return model


@entry
def dtype_policies():
    x = keras.Input((4,))
    return keras.Model(x, [layer(x) for layer in (L.Dense(3, dtype="float32"), L.Dense(2, dtype=keras.DTypePolicy("float32")), L.Rescaling(2, dtype="float32"))])


def half(policy):
    keras.config.set_dtype_policy(policy)
    try:
        x = keras.Input((8,))
        h = L.Dense(8, activation="relu")(x)
        return keras.Model(x, L.Activation("softmax", dtype="float32")(L.Dense(3)(L.BatchNormalization()(h)))), HALF
    finally:
        keras.config.set_dtype_policy("float32")


@entry
def mixed_float16():
    return half("mixed_float16")


@entry
def mixed_bfloat16():
    return half("mixed_bfloat16")


@entry
def bfloat16():
    return half("bfloat16")
