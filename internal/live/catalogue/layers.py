"""Every layer, with the arguments that it needs and with all that it has."""

import keras
from keras import layers as L

from .registry import entry


def one(*stack, shape=(6, 4, 3)):
    """A model of one input, one path for each layer, and an output for each path."""
    x = keras.Input(shape)
    return keras.Model(x, [layer(x) for layer in stack] if len(stack) > 1 else stack[0](x))


def merged(make, count=3, shape=(4, 3)):
    inputs = [keras.Input(shape) for _ in range(count)]
    return keras.Model(inputs, make([L.Dense(3)(x) for x in inputs]))


ACTIVATIONS = (
    "relu relu6 elu selu celu gelu silu sigmoid hard_sigmoid hard_silu hard_tanh hard_shrink log_sigmoid log_softmax softmax softplus softsign "
    "soft_shrink sparse_plus sparse_sigmoid sparsemax squareplus tanh tanh_shrink exponential leaky_relu linear mish glu swish"
).split()


@entry
def input_layer():
    x = keras.Input((4,), batch_size=3, name="x", dtype="float32")
    y = L.Input((None, 2), name="y")
    return keras.Model([x, y], [L.Dense(2)(x), L.Dense(2)(y)])


@entry
def dense():
    return one(L.Dense(3), L.Dense(3, activation="tanh", use_bias=False, kernel_initializer=keras.initializers.Orthogonal(gain=2.0, seed=3)))


@entry
def dense_penalties():
    constrained = [
        dict(kernel_constraint=keras.constraints.MaxNorm(1.5, axis=0), bias_constraint="non_neg"),
        dict(kernel_constraint=keras.constraints.MinMaxNorm(0.1, 1.0, 0.5), bias_regularizer=keras.regularizers.L2(1e-3)),
        dict(kernel_constraint="unit_norm", kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02), activity_regularizer="l1"),
        dict(kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.1)),
    ]
    return one(*[L.Dense(2, **c) for c in constrained], shape=(5,))


@entry
def dense_initializers():
    made = [
        keras.initializers.VarianceScaling(2.0, "fan_avg", "uniform", seed=1),
        keras.initializers.RandomNormal(0.5, 0.1, seed=2),
        keras.initializers.RandomUniform(-0.5, 1.0),
        keras.initializers.TruncatedNormal(stddev=0.3),
        keras.initializers.Constant(0.25),
        keras.initializers.Identity(2.0),
        *"zeros ones glorot_uniform glorot_normal he_uniform he_normal lecun_uniform lecun_normal".split(),
    ]
    return one(*[L.Dense(2, kernel_initializer=i, bias_initializer=keras.initializers.Constant(1.0)) for i in made], shape=(2,))


@entry
def activation():
    return one(L.Activation("relu"))


@entry
def activations_by_name():
    return one(*[L.Activation(a) for a in ACTIVATIONS], shape=(8,))


@entry
def activations_inside():
    return one(*[L.Dense(4, activation=a) for a in ACTIVATIONS], shape=(3,))


@entry
def relu():
    return one(L.ReLU(), L.ReLU(max_value=0.5, negative_slope=0.1, threshold=0.05))


@entry
def leaky_relu():
    return one(L.LeakyReLU(), L.LeakyReLU(negative_slope=0.05))


@entry
def elu():
    return one(L.ELU(), L.ELU(alpha=0.3))


@entry
def softmax():
    return one(L.Softmax(), L.Softmax(axis=1), L.Softmax(axis=[1, 2]))


@entry
def convolution():
    return one(L.Conv2D(4, 3))


@entry
def convolution_arguments():
    x = keras.Input((9, 8, 4))
    y = [
        L.Conv2D(4, (2, 3), strides=(2, 1), padding="same", activation="relu")(x),
        L.Conv2D(4, 3, dilation_rate=2, use_bias=False, kernel_initializer="he_normal")(x),
        L.Conv2D(6, 3, groups=2, kernel_regularizer="l2", bias_regularizer="l1", kernel_constraint="max_norm")(x),
        L.Conv2D(5, 1, activity_regularizer=keras.regularizers.L1(0.01), name="pointwise")(x),
        L.Conv2D(3, 5, strides=3, padding="same", data_format="channels_last")(x),
    ]
    return keras.Model(x, y)


@entry
def pooling():
    made = []
    for pool in (L.MaxPooling2D, L.AveragePooling2D):
        made += [pool(2), pool(3, strides=1, padding="same"), pool((2, 3), strides=(1, 2)), pool(2, padding="same", strides=3, name=pool.__name__)]
    return one(*made, shape=(7, 8, 2))


@entry
def global_pooling():
    return one(L.GlobalAveragePooling2D(), L.GlobalMaxPooling2D(), L.GlobalAveragePooling2D(keepdims=True), L.GlobalMaxPooling2D(keepdims=True))


@entry
def any_size():
    x = keras.Input((None, None, 3))
    h = L.Conv2D(4, 3, padding="same", activation="relu")(x)
    h = L.MaxPooling2D(2)(L.BatchNormalization()(h))
    return keras.Model(x, L.Dense(2)(L.GlobalAveragePooling2D()(h)))


@entry
def flatten_and_reshape():
    return one(L.Flatten(), L.Reshape((12, 6)), L.Reshape((-1, 3)), L.Reshape((2, 3, 4, 3)))


@entry
def rescaling():
    return one(L.Rescaling(1 / 255), L.Rescaling(2, offset=-1), L.Rescaling([0.5, 1.0, 2.0], [0.1, 0.2, 0.3]))


@entry
def dropout():
    return one(L.Dropout(0.5), L.Dropout(0.25, noise_shape=(None, 1, 1, 3), seed=7))


@entry
def batch_normalization():
    return one(L.BatchNormalization(), L.BatchNormalization(momentum=0.9, epsilon=0.01), L.BatchNormalization(axis=1, center=False, scale=False))


@entry
def batch_normalization_arguments():
    arguments = dict(beta_initializer="random_normal", gamma_initializer=keras.initializers.Constant(0.5), moving_mean_initializer="ones")
    return one(
        L.BatchNormalization(**arguments, beta_regularizer="l2", gamma_regularizer="l1", gamma_constraint="non_neg"),
        L.BatchNormalization(trainable=False, moving_variance_initializer="ones"),
        L.BatchNormalization(renorm=True, renorm_momentum=0.8),
    )


@entry
def add():
    return merged(L.Add())


@entry
def subtract():
    return merged(L.Subtract(), 2)


@entry
def multiply():
    return merged(L.Multiply())


@entry
def average():
    return merged(L.Average())


@entry
def maximum():
    return merged(L.Maximum())


@entry
def minimum():
    return merged(L.Minimum())


@entry
def dot():
    return merged(lambda x: [L.Dot(2)(x), L.Dot((1, 1), normalize=True)(x)], 2)


@entry
def normalization():
    return one(L.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 3.0]), L.Normalization(mean=0.5, variance=2.0, invert=True))


@entry
def concatenate():
    return merged(lambda x: [L.Concatenate()(x), L.Concatenate(axis=1, name="rows")(x)])


@entry
def merging_functions():
    f = [L.add, L.multiply, L.average, L.maximum, L.minimum, L.concatenate]
    return merged(lambda x: [g(x) for g in f] + [L.subtract(x[:2])])


def quantized(mode, config=None):
    x, i = keras.Input((3, 4)), keras.Input((5,), dtype="int32")
    words = L.ReversibleEmbedding(9, 4, tie_weights=False)
    ways = [L.Dense(3, activation="relu")(x), L.EinsumDense("abc,cd->abd", (3, 2), bias_axes="d")(x)]
    model = keras.Model([x, i], [*ways, L.Embedding(9, 3, mask_zero=True)(i), words(words(i), reverse=True)])
    model.quantize(mode, config)
    return model


@entry
def quantized_int8():
    return quantized("int8")


@entry
def quantized_int4():
    return quantized("int4", keras.quantizers.Int4QuantizationConfig(block_size=2))
