"""Functional models that are wired in unusual ways."""

import inspect
import json

import jax
import keras
import numpy as np
from keras import layers as L
from keras import ops
from keras.src.saving import serialization_lib

from arrays import array, uniform


def given(name="x", shape=(4,), **arguments):
    return keras.Input(shape, name=name, **arguments)


def shared_across_models():
    x, y, z = given(), given("y"), given("z")
    d = L.Dense(3, name="d", kernel_initializer=keras.initializers.HeNormal(seed=1))
    a, b = keras.Model(x, d(x), name="a"), keras.Model(y, d(y), name="b")
    return keras.Model(z, L.Add(name="s")([a(z), b(z) * 0.5]), name="outer")


def shared_with_inner():
    x, z = given(), given("z")
    d = L.Dense(4, name="d")
    inner = keras.Model(x, d(x), name="inner")
    return keras.Model(z, d(inner(z)), name="outer")


def model_in_two_models():
    x, y, z = given(), given("y"), given("z")
    inner = keras.Model(x, L.Dense(4, name="d")(x), name="inner")
    middle = keras.Model(y, inner(y) + 1, name="middle")
    return keras.Model(z, inner(middle(z)), name="outer")


def same_names_not_shared():
    x, y, z = given(), given("y"), given("z")
    a = keras.Model(x, L.Dense(3, name="d")(x), name="a")
    b = keras.Model(y, L.Dense(3, name="d")(y), name="b")
    return keras.Model(z, L.Add(name="s")([a(z), b(z)]), name="outer")


def policies():
    x = given()
    h = L.Dense(4, name="a", dtype="mixed_bfloat16")(x)
    h = L.Dense(4, name="b", dtype="float16")(h)
    return keras.Model(x, L.Dense(4, name="c", dtype="float32")(h), name="policies")


def fixed_training():
    x = given()
    h = L.BatchNormalization(name="b")(x, training=False)
    return keras.Model(x, L.Dropout(0.5, name="d")(h, training=True), name="fixed_training")


def fixed_training_of_a_model():
    x, y = given(), given("y")
    inner = keras.Model(x, L.BatchNormalization(name="b")(x), name="inner")
    return keras.Model(y, inner(y, training=False), name="outer")


def seeds():
    x = given()
    seeded = keras.initializers.GlorotUniform(seed=keras.random.SeedGenerator(5))
    h = L.Dense(3, kernel_initializer=seeded, name="h")(L.Dropout(0.2, name="b")(x))
    return keras.Model(x, L.Dropout(0.5, seed=7, name="a")(h), name="seeds")


def nested_lists():
    a, b, c = given("a"), given("b"), given("c")
    return keras.Model([a, [b, c]], L.Add(name="s")([a, b, c]), name="nested_lists")


def dicts_of_lists():
    a, b, c = given("a"), given("b"), given("c")
    return keras.Model({"a": a, "q": [b, c]}, {"o": L.Add(name="s")([a, b, c]), "r": [a + b, c - a]}, name="dicts_of_lists")


def tuples():
    a, b = given("a"), given("b")
    return keras.Model((a, b), (a + b, a - b), name="tuples")


def nested_call():
    a, b, c, x, y, z = (given(n) for n in "abcxyz")
    inner = keras.Model([a, [b, c]], L.Subtract(name="s")([a, b]) * c, name="inner")
    return keras.Model([x, y, z], inner([x, [y, z]]), name="outer")


def dict_call():
    u, v, x, y = (given(n) for n in "uvxy")
    inner = keras.Model({"u": u, "v": v}, {"w": u + 2 * v, "k": u * v}, name="inner")
    out = inner({"v": x, "u": y})
    return keras.Model([x, y], out["w"] - out["k"], name="outer")


def identity():
    a = given("a")
    return keras.Model(a, a, name="identity")


def frozen_one_output_dict():
    a = given("a")
    return keras.Model(inputs=a, outputs={"y": L.Dense(2, name="d")(a)}, name="frozen", trainable=False)


def functions_as_activations():
    a = given("a")
    h = L.Dense(2, activation=keras.ops.relu, name="d")(a)
    return keras.Model(a, L.Activation(keras.activations.gelu, name="g")(h), name="functions_as_activations")


def sequential_in_sequential():
    return keras.Sequential([given("a"), keras.Sequential([L.Dense(2, name="d")], name="inner"), L.ReLU(name="r")], name="outer")


def operations_in_inner():
    a, z = given("a"), given("z")
    inner = keras.Model(a, ops.mean(a * 2, axis=-1, keepdims=True), name="inner")
    return keras.Model(z, inner(z) + inner(z + 1), name="outer")


def operation_object_twice():
    a, b = given("a"), given("b")
    plus = keras.src.ops.numpy.Add(name="plus")
    return keras.Model([a, b], plus(plus(a, b), b), name="operation_object_twice")


def keywords_of_operations():
    a = given("a")
    return keras.Model(a, keras.src.ops.numpy.Where(name="w")(condition=a > 0, x1=a, x2=ops.zeros_like(a)), name="keywords")


def layer_called_by_keyword():
    a = given("a")
    return keras.Model(a, L.Dense(2, name="d")(inputs=a), name="by_keyword")


def cut_behind_an_operation():
    a = given("a")
    h = a * 3
    return keras.Model(h, L.Dense(2, name="d")(h) - ops.sum(h, axis=-1, keepdims=True), name="cut")


CASES = (
    shared_across_models, shared_with_inner, model_in_two_models, same_names_not_shared, policies, fixed_training, fixed_training_of_a_model,
    seeds, nested_lists, dicts_of_lists, tuples, nested_call, dict_call, identity, frozen_one_output_dict, functions_as_activations,
    sequential_in_sequential, operations_in_inner, operation_object_twice, keywords_of_operations, layer_called_by_keyword,
    cut_behind_an_operation,
)  # fmt: skip


def case(build):
    keras.utils.clear_session()
    model = build()
    with serialization_lib.ObjectSharingScope():  # as Model.save does
        text = json.dumps(serialization_lib.serialize_keras_object(model))
    for k, w in enumerate(model.weights):
        w.assign(uniform(500 + k, *w.shape, low=0.1, high=1))
    x = [uniform(600 + j, 2, *t.shape[1:]) for j, t in enumerate(model.inputs)]
    y = keras.tree.flatten(model(keras.tree.pack_sequence_as(model._inputs_struct, x) if len(x) > 1 else x[0], training=False))
    return {
        "name": build.__name__,
        "source": inspect.getsource(build),
        "json": json.loads(text),
        "weights": [array(w) for w in model.weights],
        "inputs": [array(v) for v in x],
        "outputs": [array(np.asarray(v)) for v in y],
    }


def cases():
    jax.config.update("jax_default_matmul_precision", "highest")
    return [case(build) for build in CASES]
