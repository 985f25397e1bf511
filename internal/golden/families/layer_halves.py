"""Layers in half precision, and on inputs of other types than their own: types, values and gradients; and the calls of whole numbers and truth values that Keras on JAX refuses."""

import keras
import numpy as np
from keras import layers as L

from arrays import uniform
from probes import call_error, case, model_of, start

V, S, I = (2, 6), (2, 5, 4), (1, 6, 6, 3)
PLAIN = {"recurrent_initializer": "glorot_uniform"}  # the default, Orthogonal, knows no bfloat16 in Keras on JAX
LAYERS = {
    "Dense": (lambda: L.Dense(3, activation="gelu"), S), "EinsumDense": (lambda: L.EinsumDense("abc,cd->abd", output_shape=(None, 3), bias_axes="d"), S), "Softmax": (lambda: L.Softmax(), V), "PReLU": (lambda: L.PReLU(), V),
    "ReLU": (lambda: L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.5), V), "ELU": (lambda: L.ELU(), V), "LeakyReLU": (lambda: L.LeakyReLU(), V), "Selu": (lambda: L.Activation("selu"), V),
    "BatchNormalization": (lambda: L.BatchNormalization(), I), "LayerNormalization": (lambda: L.LayerNormalization(), S), "RMSNormalization": (lambda: L.RMSNormalization(), S), "GroupNormalization": (lambda: L.GroupNormalization(2), S),
    "UnitNormalization": (lambda: L.UnitNormalization(), V), "Conv1D": (lambda: L.Conv1D(2, 2, padding="causal"), S), "Conv2D": (lambda: L.Conv2D(2, 3, padding="same", activation="relu"), I),
    "DepthwiseConv2D": (lambda: L.DepthwiseConv2D(2), I), "SeparableConv2D": (lambda: L.SeparableConv2D(2, 2), I), "Conv2DTranspose": (lambda: L.Conv2DTranspose(2, 2), I), "MaxPooling2D": (lambda: L.MaxPooling2D(), I),
    "AveragePooling2D": (lambda: L.AveragePooling2D(3, 1, "same"), I), "GlobalAveragePooling2D": (lambda: L.GlobalAveragePooling2D(), I), "GlobalMaxPooling1D": (lambda: L.GlobalMaxPooling1D(), S),
    "AdaptiveAveragePooling2D": (lambda: L.AdaptiveAveragePooling2D(4), I), "AdaptiveMaxPooling2D": (lambda: L.AdaptiveMaxPooling2D(4), I), "UpSampling2D": (lambda: L.UpSampling2D(interpolation="bilinear"), I),
    "LSTM": (lambda: L.LSTM(2, **PLAIN), S), "GRU": (lambda: L.GRU(2, return_sequences=True, **PLAIN), S), "SimpleRNN": (lambda: L.SimpleRNN(2, **PLAIN), S), "Bidirectional": (lambda: L.Bidirectional(L.LSTM(2, **PLAIN)), S), "Rescaling": (lambda: L.Rescaling(0.3, 1.0), I),
    "Normalization": (lambda: L.Normalization(mean=0.3, variance=2.0), V), "Flatten": (lambda: L.Flatten(), S), "Masking": (lambda: L.Masking(), S), "Resizing": (lambda: L.Resizing(4, 5), I), "TimeDistributed": (lambda: L.TimeDistributed(L.Dense(2)), S),
    "ReLUmax": (lambda: L.ReLU(max_value=2.5), V),
}  # fmt: skip
PAIRS = {
    "Add": lambda: L.Add(), "Multiply": lambda: L.Multiply(), "Average": lambda: L.Average(), "Maximum": lambda: L.Maximum(), "Concatenate": lambda: L.Concatenate(), "Dot": lambda: L.Dot(1),
    "Attention": lambda: L.Attention(use_scale=True, score_mode="concat"), "AdditiveAttention": lambda: L.AdditiveAttention(),
}  # fmt: skip
# The policy that is the default as the layer is made, and the type of its inputs.
FLOATS = [("mixed_float16", "float32"), ("float32", "float16")]
WHOLE = [("mixed_float16", "int32"), ("float32", "int8")]
# What Keras on JAX can't compute of whole numbers, and what overflows in 8 bits and so is refused here.
REFUSED = {
    "DepthwiseConv2D": lambda: L.DepthwiseConv2D(2), "SeparableConv2D": lambda: L.SeparableConv2D(2, 2), "Conv2DTranspose": lambda: L.Conv2DTranspose(2, 2), "UnitNormalization": lambda: L.UnitNormalization(),
    "Sigmoid": lambda: L.Activation("sigmoid"), "SiLU": lambda: L.Activation("silu"), "GLU": lambda: L.Activation("glu"),
}  # fmt: skip
CANCELS = ("Attention", "mixed_float16", "int32")  # the gradient of its weight, of terms that cancel, is rounded in float16 by 1 %
OVERFLOWS = ("Softmax", "PReLU", "ReLU", "AveragePooling2D", "AdaptiveAveragePooling2D", "Attention", "AdditiveAttention")


def values(name, dtype, shape):
    x = uniform(sum(map(ord, name)), *shape, low=-4, high=4)
    return x.astype(dtype)


def under(policy, build):
    """build under a policy, which clear_session takes away."""

    def built():
        keras.config.set_dtype_policy(policy)
        return build()

    return built


def probes():
    for at, table in enumerate((LAYERS, PAIRS)):
        for name, entry in table.items():
            make, shape = entry if at == 0 else (entry, S)
            for policy, dtype in FLOATS + WHOLE:
                if dtype in ("int32", "int8") and (name in REFUSED or (dtype == "int8" and name in OVERFLOWS)):
                    continue
                if (name, policy, dtype) == CANCELS:
                    continue
                inputs = [values(f"{name}{i}", dtype, shape) for i in range(at + 1)]
                yield case(f"{name}, {policy} of {dtype}", under(policy, model_of(make, inputs)), inputs)


def errors():
    for make in REFUSED.values():
        for dtype in ("int32", "uint8", "bool"):
            yield call_error(make, ((None, 6, 6, 4), dtype))
    for make in (lambda: L.Softmax(), lambda: L.PReLU(), lambda: L.Activation("log_sigmoid"), lambda: L.Activation("log_softmax"), lambda: L.AveragePooling2D(2), lambda: L.AdaptiveAveragePooling2D(2)):
        yield call_error(make, ((None, 6, 6, 4), "bool"))


def cases():
    start()
    return {"probes": list(probes()), "errors": list(errors())}
