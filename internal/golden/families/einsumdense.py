"""Probes: EinsumDense."""

import keras
import numpy as np
from keras import layers as L

from probes import call_error, case, constructor_error, model_of, start


def one(label, shape, equation, output_shape, batch=False, time=False, **arguments):
    return case(f"einsum dense {label}", model_of(lambda: L.EinsumDense(equation, output_shape, **arguments), [shape], batch=batch, time=time), [shape])


def layers():
    yield one("2-D", (2, 3), "ab,bc->ac", 4)
    yield one("2-D, bias", (2, 3), "ab,bc->ac", 4, bias_axes="c")
    yield one("3-D", (2, 3, 4), "abc,cd->abd", (None, 2), bias_axes="d")
    yield one("3-D, bias of two axes", (2, 3, 4), "abc,cd->abd", (3, 2), bias_axes="bd")
    yield one("3-D, bias of an inner axis", (2, 3, 4), "abc,cd->abd", (3, 2), bias_axes="b")
    yield one("bias axes in another order", (2, 3, 4), "abc,cd->abd", (3, 2), bias_axes="db")
    yield one("unknown length", (2, 3, 4), "abc,cd->abd", (None, 2), time=True, bias_axes="d")
    yield one("known batch", (2, 3, 4), "abc,cd->abd", (None, 2), batch=True)
    yield one("heads", (2, 3, 4), "abc,cde->abde", (None, 2, 3), bias_axes="de")
    yield one("heads joined", (2, 3, 2, 4), "abcd,cde->abe", (None, 5), bias_axes="e")
    yield one("mixes steps", (2, 3, 4), "abc,bd->adc", (2, 4))
    yield one("each channel", (2, 3, 4), "abc,c->abc", (3, 4), bias_axes="c")
    yield one("sums an axis up", (2, 3, 4), "abc,cd->ad", (2,))
    yield one("transposed", (2, 3, 4), "abc,dc->adb", (2, 3))
    yield one("letters in any order", (2, 3, 4), "zyx,xA->zyA", (3, 2), bias_axes="A")
    yield one("dots on the left", (2, 3, 4), "...c,cd->...d", 2, bias_axes="d")
    yield one("dots on the left of one axis", (2, 4), "...c,cd->...d", 2)
    yield one("dots on the left of many axes", (2, 3, 3, 4), "...c,cd->...d", 2, bias_axes="d")
    yield one("dots on the left, unknown length", (2, 3, 4), "...bc,cd->...bd", (None, 2), time=True, bias_axes="d")
    yield one("dots on the right", (2, 3, 4), "ab...,bc->ac...", 2, bias_axes="c")
    yield one("dots on the right of many axes", (2, 3, 2, 2), "ab...,bc->ac...", 2, bias_axes="c")
    yield one("activation", (2, 3), "ab,bc->ac", 4, activation="tanh", bias_axes="c")
    yield one("frozen", (2, 3), "ab,bc->ac", 4, trainable=False)
    yield one("float16", (2, 3, 4), "abc,cd->abd", (None, 2), dtype="float16", bias_axes="d")
    yield one("mixed_float16", (2, 3, 4), "abc,cd->abd", (None, 2), dtype="mixed_float16", bias_axes="d")
    yield one(
        "everything", (2, 3, 4), "abc,cd->abd", (None, 2), name="named", activation="relu", bias_axes="d",
        kernel_initializer=keras.initializers.HeNormal(seed=1),
        bias_initializer="ones",
        kernel_regularizer="l2",
        bias_regularizer=keras.regularizers.L1(0.1),
        activity_regularizer=keras.regularizers.L2(0.2),
        kernel_constraint="unit_norm",
        bias_constraint="non_neg",
    )  # fmt: skip

    def words():
        x = keras.Input((4,), name="x", dtype="int32")
        h = L.Embedding(5, 3, mask_zero=True, name="words")(x)
        return keras.Model(x, L.EinsumDense("abc,cd->abd", (None, 2), name="mix")(h))

    yield case("einsum dense after embedding", words, [np.array([[1, 0, 4, 0], [3, 3, 0, 0]], "int32")])


def errors():
    def of(*arguments, shape=(None, 3, 4), **keywords):
        return call_error(lambda: L.EinsumDense(*arguments, **keywords), shape)

    for equation in ("abc,cd", "abc->abd", "", "a.c,cd->a.d", "abc, cd -> abd", "...c,cd->d", "a...,cd->d...", "abc,cd->abd."):
        yield of(equation, (3, 2))
    yield of("abc,cd->abe", (3, 2))
    yield of("abc,de->abd", (3, 2))
    yield of("abc,cd->abd", (5, 2))
    yield of("abc,cd->abd", 2)
    yield of("abc,cd->abd", (None, None))
    yield of("abc,cd->abd", (None, 2), bias_axes="x")
    yield of("abc,cd->abd", (None, 2), bias_axes="")
    yield of("abc,cd->abd", (None, 2), bias_axes="bd", shape=(None, None, 4))
    yield of("abc,cd->abd", (None, 2), shape=(None, 3, None))
    yield of("abc,cd->abd", (None, 2), shape=(None, 3))
    yield of("abc,cd->abd", (None, 2), shape=(None, 3, 4, 5))
    yield constructor_error(L.EinsumDense, equation="abc,cd->abd", output_shape=[None, 2], activation="unknown")
    yield constructor_error(L.EinsumDense, equation="abc,cd->abd", output_shape=[None, 2], wrong=1)


def cases():
    start()
    return {"probes": [*layers()], "errors": list(errors())}
