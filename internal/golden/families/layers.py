"""Layers: configuration, weights, outputs, gradients, shapes and error messages. README.md has the format."""

import inspect
import re
import zlib

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers as L

from arrays import array, uniform


def seed_of(text):
    return zlib.crc32(text.encode())


def shape_list(shape):
    """A shape, or a list of shapes, as nested lists with null for None."""
    if isinstance(shape, (list, tuple)):
        return [shape_list(s) for s in shape]
    return None if shape is None else int(shape)


def symbolic(inputs):
    return [keras.Input(shape=np.shape(x)[1:], dtype=np.asarray(x).dtype.name) for x in inputs]


def weight_value(weight, seed):
    name, shape = weight.path.split("/")[-1], tuple(weight.shape)
    if name in ("gamma", "moving_variance"):
        return uniform(seed, *shape, low=0.5, high=1.5)
    return uniform(seed, *shape)


def materialise(name, inputs):
    """Shapes become deterministic float32 values; arrays stay."""
    return [
        x if isinstance(x, np.ndarray) else uniform(seed_of(f"{name}/input/{i}"), *x) for i, x in enumerate(inputs)
    ]


def pack(values):
    return values[0] if len(values) == 1 else values


def case(name, cls, inputs, training=False, config_only=False, **kwargs):
    layer = cls(name=name, **kwargs)
    inputs = materialise(name, inputs)
    record = {"name": name, "class": cls.__name__, "input_shapes": [[None, *x.shape[1:]] for x in inputs]}
    if inputs:
        output = layer(pack(symbolic(inputs)))
        record["output_dtype"] = output.dtype
        record["output_shape"] = shape_list(layer.compute_output_shape(pack(list(map(tuple, record["input_shapes"])))))
    else:
        record["output_shape"] = shape_list(layer.output.shape)
    for i, w in enumerate(layer.weights):
        w.assign(weight_value(w, seed_of(f"{name}/weight/{i}")))
    record["layer"] = keras.saving.serialize_keras_object(layer)
    record["build_config"] = layer.get_build_config()
    record["weights"] = [
        {"name": w.name, "path": w.path, "trainable": w.trainable, "dtype": w.dtype, "value": array(w.numpy())}
        for w in layer.weights
    ]
    if config_only:
        record["config_only"] = True
        for w in record["weights"]:
            w["shape"] = w.pop("value")["shape"]
        return record

    record["training"] = training
    record["inputs"] = [array(x) for x in inputs]
    takes_training = layer._call_has_training_arg
    trainable = [v.value for v in layer.trainable_variables]
    fixed = [v.value for v in layer.non_trainable_variables]
    differentiable = [i for i, x in enumerate(inputs) if x.dtype == np.float32]

    def forward(float_inputs, weights):
        xs = [jnp.asarray(x) for x in inputs]
        for i, x in zip(differentiable, float_inputs):
            xs[i] = x
        call = {"training": training} if takes_training else {}
        # stateless_call would leave out what __call__ does: casts and activity regularizers.
        state = [*zip(layer.trainable_variables, weights), *zip(layer.non_trainable_variables, fixed)]
        with keras.StatelessScope(state_mapping=state, collect_losses=True) as scope:
            output = layer(pack(xs), **call)
            return output, [scope.get_current_value(v) for v in layer.non_trainable_variables], layer.losses

    float_inputs = [jnp.asarray(inputs[i]) for i in differentiable]
    output, fixed_after, losses = forward(float_inputs, trainable)
    record["outputs"] = [array(output)]
    record["losses"] = float(str(np.float32(sum(losses)))) if losses else 0
    cotangent = uniform(seed_of(f"{name}/cotangent"), *output.shape)
    record["cotangents"] = [array(cotangent)]
    input_grads, weight_grads = jax.grad(lambda *a: jnp.sum(forward(*a)[0] * cotangent), argnums=(0, 1))(
        float_inputs, trainable
    )
    record["input_grads"] = [None] * len(inputs)
    for i, g in zip(differentiable, input_grads):
        record["input_grads"][i] = array(g)
    names = {id(v): g for v, g in zip(layer.trainable_variables, weight_grads)}
    record["weight_grads"] = [array(names[id(w)]) for w in layer.trainable_weights]
    after = {id(v): a for v, a in zip(layer.non_trainable_variables, fixed_after)}
    record["non_trainable_after"] = [array(after[id(w)]) for w in layer.non_trainable_weights]
    return record


def steps(seed, *shape, low=-1, high=3):
    """Few distinct values, as after a ReLU, so that windows hold ties."""
    values = np.random.default_rng(seed).integers(low, high, shape)
    return np.maximum(values, 0).astype("float32")


def dense():
    yield case("dense_rank2", L.Dense, [(3, 4)], units=5)
    yield case("dense_rank3", L.Dense, [(2, 3, 4)], units=5)
    yield case("dense_rank4", L.Dense, [(2, 2, 3, 4)], units=2)
    yield case("dense_no_bias", L.Dense, [(3, 4)], units=5, use_bias=False)
    for activation in ("relu", "softmax", "tanh", "sigmoid", "gelu", "elu"):
        yield case(f"dense_{activation}", L.Dense, [(3, 4)], units=5, activation=activation)
    yield case("dense_softmax_rank3", L.Dense, [(2, 3, 4)], units=3, activation="softmax")
    yield case(
        "dense_regularizers",
        L.Dense,
        [(3, 4)],
        units=5,
        activation="relu",
        kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02),
        bias_regularizer="l2",
        activity_regularizer=keras.regularizers.L2(0.003),
    )
    yield case("dense_activity_l1_rank3", L.Dense, [(2, 3, 4)], units=5, activity_regularizer=keras.regularizers.L1(0.1))
    yield case(
        "dense_constraints",
        L.Dense,
        [(3, 4)],
        units=5,
        kernel_constraint=keras.constraints.MaxNorm(1.5, axis=0),
        bias_constraint="non_neg",
        kernel_initializer="he_normal",
        bias_initializer=keras.initializers.Constant(0.25),
    )
    yield case("dense_frozen", L.Dense, [(3, 4)], units=2, trainable=False)
    yield case("dense_seeded", L.Dense, [(3, 4)], units=2, kernel_initializer=keras.initializers.RandomNormal(stddev=0.02, seed=7))


def conv2d():
    x, odd, even = (2, 5, 6, 2), (1, 7, 5, 2), (1, 6, 8, 2)
    yield case("conv2d_valid", L.Conv2D, [x], filters=3, kernel_size=3)
    yield case("conv2d_same", L.Conv2D, [x], filters=3, kernel_size=3, padding="same")
    yield case("conv2d_same_even_kernel", L.Conv2D, [x], filters=2, kernel_size=2, padding="same")
    yield case("conv2d_same_4x4", L.Conv2D, [odd], filters=2, kernel_size=4, padding="same")
    yield case("conv2d_1x1", L.Conv2D, [x], filters=3, kernel_size=1)
    yield case("conv2d_rectangular", L.Conv2D, [x], filters=2, kernel_size=(2, 3))
    yield case("conv2d_rectangular_same", L.Conv2D, [x], filters=2, kernel_size=(1, 4), padding="same")
    yield case("conv2d_strides_valid", L.Conv2D, [even], filters=2, kernel_size=3, strides=2)
    yield case("conv2d_strides_same_odd", L.Conv2D, [odd], filters=2, kernel_size=3, strides=2, padding="same")
    yield case("conv2d_strides_same_even", L.Conv2D, [even], filters=2, kernel_size=3, strides=2, padding="same")
    yield case("conv2d_strides_rectangular", L.Conv2D, [even], filters=2, kernel_size=(3, 2), strides=(1, 3), padding="same")
    yield case("conv2d_strides_larger_than_kernel", L.Conv2D, [(1, 7, 8, 2)], filters=2, kernel_size=2, strides=3, padding="same")
    yield case("conv2d_1x1_strides", L.Conv2D, [odd], filters=2, kernel_size=1, strides=2, padding="same")
    yield case("conv2d_dilation_valid", L.Conv2D, [(1, 7, 8, 2)], filters=2, kernel_size=3, dilation_rate=2)
    yield case("conv2d_dilation_same", L.Conv2D, [(1, 7, 8, 2)], filters=2, kernel_size=3, dilation_rate=(1, 2), padding="same")
    yield case("conv2d_dilation_same_even_kernel", L.Conv2D, [odd], filters=2, kernel_size=2, dilation_rate=2, padding="same")
    yield case("conv2d_groups", L.Conv2D, [(1, 4, 5, 4)], filters=6, kernel_size=2, groups=2)
    yield case("conv2d_groups_same_strides", L.Conv2D, [(1, 5, 4, 4)], filters=4, kernel_size=3, groups=4, strides=2, padding="same")
    yield case("conv2d_no_bias", L.Conv2D, [x], filters=2, kernel_size=3, use_bias=False)
    yield case("conv2d_relu", L.Conv2D, [x], filters=2, kernel_size=3, activation="relu", padding="same")
    yield case("conv2d_softmax", L.Conv2D, [(1, 4, 4, 2)], filters=3, kernel_size=2, activation="softmax")
    yield case("conv2d_channels_first", L.Conv2D, [(1, 2, 5, 6)], filters=3, kernel_size=3, data_format="channels_first")
    yield case(
        "conv2d_channels_first_same_strides",
        L.Conv2D,
        [(1, 2, 5, 6)],
        filters=3,
        kernel_size=3,
        strides=2,
        padding="same",
        activation="tanh",
        data_format="channels_first",
    )
    yield case(
        "conv2d_channels_first_groups", L.Conv2D, [(1, 4, 4, 5)], filters=2, kernel_size=2, groups=2, data_format="channels_first"
    )
    yield case(
        "conv2d_regularizers",
        L.Conv2D,
        [x],
        filters=2,
        kernel_size=3,
        kernel_regularizer="l1",
        bias_regularizer=keras.regularizers.L2(0.1),
        activity_regularizer="l2",
        kernel_constraint="unit_norm",
        bias_constraint=keras.constraints.MinMaxNorm(0.1, 0.9, rate=0.5, axis=0),
    )
    yield case("conv2d_whole_image", L.Conv2D, [(2, 3, 3, 2)], filters=2, kernel_size=3)


def pooling():
    for cls, key in ((L.MaxPooling2D, "max"), (L.AveragePooling2D, "average")):
        for name, shape, kwargs in (
            ("2", (2, 4, 6, 2), {}),
            ("2_uneven", (2, 5, 5, 2), {}),
            ("2_same_uneven", (2, 5, 3, 2), {"padding": "same"}),
            ("2_same_even", (1, 4, 6, 2), {"padding": "same"}),
            ("3", (1, 7, 6, 2), {"pool_size": 3}),
            ("3_same", (1, 7, 5, 2), {"pool_size": 3, "padding": "same"}),
            ("3_strides_2_valid", (1, 7, 6, 2), {"pool_size": 3, "strides": 2}),
            ("3_strides_2_same", (1, 6, 7, 2), {"pool_size": 3, "strides": 2, "padding": "same"}),
            ("3_strides_1_same", (1, 4, 5, 2), {"pool_size": 3, "strides": 1, "padding": "same"}),
            ("2_strides_3", (1, 7, 8, 2), {"strides": 3}),
            ("2_strides_3_same", (1, 7, 8, 2), {"strides": 3, "padding": "same"}),
            ("rectangular", (1, 6, 7, 2), {"pool_size": (2, 3)}),
            ("rectangular_strides", (1, 6, 7, 2), {"pool_size": (3, 2), "strides": (1, 2), "padding": "same"}),
            ("channels_first", (1, 2, 5, 4), {"data_format": "channels_first"}),
            ("channels_first_same", (1, 2, 5, 3), {"padding": "same", "data_format": "channels_first"}),
        ):
            yield case(f"{key}_pooling2d_{name}", cls, [shape], **{"pool_size": 2, **kwargs})
    for name, shape, kwargs in (
        ("2", (2, 6, 6, 2), {}),
        ("2_same", (1, 5, 7, 2), {"padding": "same"}),
        ("3_strides_2", (1, 7, 7, 2), {"pool_size": 3, "strides": 2}),
        ("3_strides_1_same", (1, 5, 5, 2), {"pool_size": 3, "strides": 1, "padding": "same"}),
        ("channels_first", (1, 2, 6, 4), {"data_format": "channels_first"}),
    ):
        yield case(f"max_pooling2d_ties_{name}", L.MaxPooling2D, [steps(seed_of(name), *shape)], **kwargs)
    yield case("max_pooling2d_ties_all_zero", L.MaxPooling2D, [np.zeros((1, 4, 4, 1), "float32")])
    yield case("max_pooling2d_all_negative_same", L.MaxPooling2D, [-1 - steps(5, 1, 3, 3, 1)], padding="same")
    for cls, key in ((L.GlobalAveragePooling2D, "average"), (L.GlobalMaxPooling2D, "max")):
        for name, shape, kwargs in (
            ("plain", (2, 3, 4, 2), {}),
            ("keepdims", (2, 3, 4, 2), {"keepdims": True}),
            ("channels_first", (2, 2, 3, 4), {"data_format": "channels_first"}),
            ("channels_first_keepdims", (2, 2, 3, 4), {"data_format": "channels_first", "keepdims": True}),
        ):
            yield case(f"global_{key}_pooling2d_{name}", cls, [shape], **kwargs)
    yield case("global_max_pooling2d_ties", L.GlobalMaxPooling2D, [steps(9, 2, 3, 3, 2)])


def shaping():
    for shape in ((3,), (3, 4), (2, 3, 4), (2, 2, 3, 4), (2, 2, 1, 3, 2)):
        yield case(f"flatten_rank{len(shape)}", L.Flatten, [shape])
    for shape in ((3,), (3, 4), (2, 3, 4), (2, 2, 3, 4), (2, 2, 1, 3, 2)):
        yield case(f"flatten_channels_first_rank{len(shape)}", L.Flatten, [shape], data_format="channels_first")
    yield case("flatten_uint8", L.Flatten, [np.arange(12, dtype="uint8").reshape(2, 2, 3)])
    yield case("reshape_3x4", L.Reshape, [(2, 12)], target_shape=(3, 4))
    yield case("reshape_infer", L.Reshape, [(2, 3, 4)], target_shape=(-1, 2))
    yield case("reshape_infer_last", L.Reshape, [(2, 3, 4)], target_shape=(2, 2, -1))
    yield case("reshape_flat", L.Reshape, [(2, 3, 4)], target_shape=(-1,))
    yield case("reshape_expand", L.Reshape, [(2, 3)], target_shape=(1, 3, 1))
    yield case("reshape_scalar", L.Reshape, [(2, 1)], target_shape=())
    yield case("reshape_int32", L.Reshape, [np.arange(8, dtype="int32").reshape(2, 4)], target_shape=(2, 2))
    yield case("dropout_inference", L.Dropout, [(2, 3)], rate=0.5, seed=1)
    yield case("dropout_zero_rate_training", L.Dropout, [(2, 3)], training=True, rate=0.0)
    yield case("dropout_rate_int", L.Dropout, [(2, 3)], rate=0)
    yield case("dropout_noise_shape", L.Dropout, [(2, 3, 4)], rate=0.3, noise_shape=(None, 1, 4), seed=3)


def batch_normalization():
    for training in (False, True):
        mode = "training" if training else "inference"
        for name, shape, kwargs in (
            ("rank2", (6, 3), {}),
            ("rank3", (3, 2, 3), {}),
            ("rank4", (2, 3, 2, 3), {}),
            ("axis1", (2, 3, 2, 2), {"axis": 1}),
            ("axis1_rank3", (3, 2, 2), {"axis": 1}),
            ("no_center", (6, 3), {"center": False}),
            ("no_scale", (6, 3), {"scale": False}),
            ("no_center_scale", (2, 2, 2, 3), {"center": False, "scale": False}),
            ("momentum_epsilon", (6, 3), {"momentum": 0.5, "epsilon": 0.1}),
            ("not_trainable", (6, 3), {"trainable": False}),
        ):
            yield case(f"batch_normalization_{name}_{mode}", L.BatchNormalization, [shape], training=training, **kwargs)
    yield case(
        "batch_normalization_regularizers",
        L.BatchNormalization,
        [(6, 3)],
        training=True,
        beta_regularizer="l2",
        gamma_regularizer="l1",
        beta_constraint="non_neg",
        gamma_constraint="max_norm",
        beta_initializer="ones",
        gamma_initializer="random_normal",
        moving_mean_initializer="ones",
        moving_variance_initializer=keras.initializers.Constant(2.0),
    )
    yield case("batch_normalization_single_row", L.BatchNormalization, [(1, 3)], training=True)


def activations():
    for name in sorted(n for n, f in vars(keras.activations).items() if inspect.isfunction(f) and n not in ("get", "serialize", "deserialize")):
        if name != "threshold":  # takes arguments that a name cannot give
            yield case(f"activation_{name}", L.Activation, [(2, 6)], activation=name)
    for name in ("swish", "hard_swish", None):
        yield case(f"activation_alias_{name}", L.Activation, [(2, 6)], activation=name)
    yield case("activation_softmax_rank4", L.Activation, [(1, 2, 2, 3)], activation="softmax")
    wide = np.linspace(-4, 8, 26, dtype="float32").round(3).reshape(2, 13)
    wide[0, 1], wide[1, 0] = 0, 6
    for name, kwargs in (
        ("plain", {}),
        ("max_value", {"max_value": 6}),
        ("negative_slope", {"negative_slope": 0.1}),
        ("threshold", {"threshold": 1.5}),
        ("negative_slope_threshold", {"negative_slope": 0.25, "threshold": 1.0}),
        ("max_value_threshold", {"max_value": 5.5, "threshold": 1.0}),
        ("all", {"max_value": 4.0, "negative_slope": 0.2, "threshold": 0.5}),
    ):
        yield case(f"relu_{name}", L.ReLU, [wide], **kwargs)
    yield case("softmax_last", L.Softmax, [(2, 5)])
    yield case("softmax_axis1", L.Softmax, [(2, 3, 2)], axis=1)
    yield case("softmax_axis_minus2", L.Softmax, [(2, 3, 2)], axis=-2)
    yield case("softmax_axes", L.Softmax, [(2, 3, 2)], axis=[1, 2])
    yield case("softmax_axes_apart", L.Softmax, [(2, 2, 2, 3)], axis=[1, -1])


def merging():
    yield case("add_2", L.Add, [(2, 3), (2, 3)])
    yield case("add_3", L.Add, [(2, 2, 3), (2, 2, 3), (2, 2, 3)])
    yield case("add_broadcast_axis", L.Add, [(2, 3, 4), (2, 1, 4)])
    yield case("add_broadcast_both", L.Add, [(2, 3, 1), (2, 1, 4)])
    yield case("add_broadcast_rank", L.Add, [(2, 4), (2, 3, 4)])
    yield case("add_broadcast_rank_reversed", L.Add, [(2, 2, 3, 4), (2, 4)])
    yield case("concatenate_2", L.Concatenate, [(2, 3), (2, 4)])
    yield case("concatenate_3", L.Concatenate, [(2, 2, 1), (2, 2, 2), (2, 2, 3)])
    yield case("concatenate_axis1", L.Concatenate, [(2, 2, 3), (2, 1, 3)], axis=1)
    yield case("concatenate_axis_minus2", L.Concatenate, [(1, 2, 3, 2), (1, 2, 1, 2)], axis=-2)
    yield case("concatenate_rank4", L.Concatenate, [(1, 2, 2, 3), (1, 2, 2, 1)])
    yield case("rescaling_scale", L.Rescaling, [(2, 3)], scale=0.5)
    yield case("rescaling_offset", L.Rescaling, [(2, 3)], scale=2, offset=-1)
    pixels = np.array([0, 1, 127, 128, 254, 255, 3, 77], "uint8").reshape(1, 2, 2, 2)
    yield case("rescaling_uint8", L.Rescaling, [pixels], scale=1 / 255)
    yield case("rescaling_uint8_offset", L.Rescaling, [pixels], scale=1 / 127.5, offset=-1)
    yield case("rescaling_int32", L.Rescaling, [np.array([[-3, 400]], "int32")], scale=0.1, offset=0.5)
    yield case("rescaling_channels", L.Rescaling, [(1, 2, 2, 3)], scale=[0.5, 1.0, 2.0], offset=[0.0, -1.0, 0.25])


def config_only():
    def c(name, cls, inputs=(), **kwargs):
        return case(name, cls, list(inputs), config_only=True, **kwargs)

    yield c("input_layer_image", L.InputLayer, shape=(32, 32, 3))
    yield c("input_layer_batch", L.InputLayer, shape=(4,), batch_size=8)
    yield c("input_layer_batch_shape", L.InputLayer, batch_shape=(None, None, 5))
    yield c("input_layer_uint8", L.InputLayer, shape=(4,), dtype="uint8")
    yield c("input_layer_scalar", L.InputLayer, shape=())
    yield c("input_layer_sparse", L.InputLayer, shape=(4,), sparse=True)
    yield c("input_layer_optional", L.InputLayer, shape=(4,), optional=True)
    yield c("dropout_training", L.Dropout, [(2, 3)], rate=0.25, seed=1337)
    for policy in ("float16", "bfloat16", "mixed_float16", "mixed_bfloat16", "float64"):
        yield c(f"dense_{policy}", L.Dense, [(2, 3)], units=2, dtype=policy)
    yield c("einsum_dense_float64", L.EinsumDense, [(2, 3)], equation="ab,bc->ac", output_shape=4, bias_axes="c", dtype="float64")
    for policy in ("mixed_float16", "bfloat16"):
        yield c(f"conv2d_{policy}", L.Conv2D, [(1, 4, 4, 1)], filters=2, kernel_size=3, dtype=policy)
        yield c(f"batch_normalization_{policy}", L.BatchNormalization, [(2, 3)], dtype=policy)
        yield c(f"add_{policy}", L.Add, [(2, 3), (2, 3)], dtype=policy)
        yield c(f"rescaling_{policy}", L.Rescaling, [np.zeros((1, 2), "uint8")], scale=0.5, dtype=policy)
    yield c("dense_policy_object", L.Dense, [(2, 3)], units=2, dtype=keras.DTypePolicy("mixed_bfloat16"))
    yield c("dense_lora", L.Dense, [(2, 3)], units=2, lora_rank=2, lora_alpha=4)
    yield c("activation_object", L.Activation, [(2, 3)], activation=L.LeakyReLU(negative_slope=0.3, name="inner"))
    yield c("dense_activation_layer", L.Dense, [(2, 3)], units=2, activation=L.ReLU(max_value=6.0, name="inner"))


def defaults():
    required = {
        L.InputLayer: {"shape": (4,)},
        L.Dense: {"units": 2},
        L.Conv2D: {"filters": 2, "kernel_size": 3},
        L.MaxPooling2D: {},
        L.AveragePooling2D: {"pool_size": 2},
        L.GlobalAveragePooling2D: {},
        L.GlobalMaxPooling2D: {},
        L.Flatten: {},
        L.Reshape: {"target_shape": (2, 3)},
        L.Dropout: {"rate": 0.5},
        L.BatchNormalization: {},
        L.Activation: {"activation": "relu"},
        L.ReLU: {},
        L.Softmax: {},
        L.Add: {},
        L.Concatenate: {},
        L.Rescaling: {"scale": 0.5},
    }
    return {
        cls.__name__: keras.saving.serialize_keras_object(cls(name="fixed", **kwargs)) for cls, kwargs in required.items()
    }


SHAPE_ERRORS = [
    (L.Dense, {"units": 2}, [(None, None)]),
    (L.Dense, {"units": 2}, [(None,)]),
    (L.Dense, {"units": 2}, [(None, 3), (None, 3)]),
    (L.Conv2D, {"filters": 2, "kernel_size": 3}, [(None, 5, 5)]),
    (L.Conv2D, {"filters": 2, "kernel_size": 3}, [(None, 2, 5, 5, 1)]),
    (L.Conv2D, {"filters": 2, "kernel_size": 3}, [(None, 2, 5, 1)]),
    (L.Conv2D, {"filters": 2, "kernel_size": 5}, [(None, 5, 4, 1)]),
    (L.Conv2D, {"filters": 2, "kernel_size": 3, "dilation_rate": 2}, [(None, 4, 5, 1)]),
    (L.Conv2D, {"filters": 2, "kernel_size": 3}, [(None, 5, 5, None)]),
    (L.Conv2D, {"filters": 4, "kernel_size": 3, "groups": 2}, [(None, 5, 5, 3)]),
    (L.Conv2D, {"filters": 2, "kernel_size": 3, "data_format": "channels_first"}, [(None, 3, 2, 2)]),
    (L.MaxPooling2D, {}, [(None, 4, 4)]),
    (L.MaxPooling2D, {}, [(None, 1, 4, 2)]),
    (L.AveragePooling2D, {"pool_size": 3}, [(None, 5, 2, 2)]),
    (L.AveragePooling2D, {"pool_size": 2}, [(None, 4)]),
    (L.GlobalAveragePooling2D, {}, [(None, 4, 4)]),
    (L.GlobalMaxPooling2D, {}, [(None, 4)]),
    (L.Reshape, {"target_shape": (5,)}, [(None, 6)]),
    (L.Reshape, {"target_shape": (-1, 4)}, [(None, 6)]),
    (L.BatchNormalization, {"axis": 3}, [(None, 6)]),
    (L.BatchNormalization, {}, [(None, None)]),
    (L.Softmax, {"axis": 3}, [(None, 6)]),
    (L.Add, {}, [(None, 3)]),
    (L.Add, {}, [(None, 3), (None, 4)]),
    (L.Add, {}, [(None, 3, 4), (None, 2, 4)]),
    (L.Add, {}, [(None, 3), (None, 2, 4)]),
    (L.Concatenate, {}, [(None, 3)]),
    (L.Concatenate, {}, [(None, 2, 3), (None, 3, 3)]),
    (L.Concatenate, {"axis": 1}, [(None, 2, 3), (None, 2, 4)]),
    (L.Concatenate, {}, [(None, 2, 3), (None, 3)]),
    (L.Concatenate, {"axis": 4}, [(None, 2), (None, 3)]),
    (L.Flatten, {}, [(None, None, 3)]),
    (L.Dropout, {"rate": 0.5, "noise_shape": (2, 3, 4)}, [(None, 3)]),
]

# Calls of a built layer with another shape than the one it was built for.
REUSE_ERRORS = [
    (L.Dense, {"units": 2}, [(None, 3)], [(None, 4)]),
    (L.Dense, {"units": 2}, [(None, 3)], [(None,)]),
    (L.Conv2D, {"filters": 2, "kernel_size": 3}, [(None, 5, 5, 1)], [(None, 5, 5, 2)]),
    (L.Conv2D, {"filters": 2, "kernel_size": 3}, [(None, 5, 5, 1)], [(None, 5, 5)]),
    (L.BatchNormalization, {}, [(None, 3)], [(None, 4)]),
    (L.BatchNormalization, {}, [(None, 3)], [(None, 2, 3)]),
]

CONSTRUCTOR_ERRORS = [
    (L.Dense, {"units": 0}),
    (L.Dense, {"units": -3}),
    (L.Dense, {"units": 2, "activation": "rellu"}),
    (L.Dense, {"units": 2, "kernel_initializer": "glorot"}),
    (L.Dense, {"units": 2, "kernel_regularizer": "l3"}),
    (L.Dense, {"units": 2, "bias_constraint": "nonneg"}),
    (L.Dense, {"units": 2, "dtype": "float31"}),
    (L.Conv2D, {"filters": 0, "kernel_size": 3}),
    (L.Conv2D, {"filters": 2, "kernel_size": 0}),
    (L.Conv2D, {"filters": 2, "kernel_size": (3, 0)}),
    (L.Conv2D, {"filters": 2, "kernel_size": (3, 3, 3)}),
    (L.Conv2D, {"filters": 2, "kernel_size": 3, "strides": 0}),
    (L.Conv2D, {"filters": 2, "kernel_size": 3, "strides": (1, -1)}),
    (L.Conv2D, {"filters": 2, "kernel_size": 3, "padding": "full"}),
    (L.Conv2D, {"filters": 2, "kernel_size": 3, "padding": "causal"}),
    (L.Conv2D, {"filters": 2, "kernel_size": 3, "data_format": "channels_middle"}),
    (L.Conv2D, {"filters": 3, "kernel_size": 3, "groups": 2}),
    (L.Conv2D, {"filters": 2, "kernel_size": 3, "groups": 0}),
    (L.Conv2D, {"filters": 2, "kernel_size": 3, "dilation_rate": 0}),
    (L.Conv2D, {"filters": 2, "kernel_size": 3, "strides": 2, "dilation_rate": 2}),
    (L.MaxPooling2D, {"pool_size": 0}),
    (L.MaxPooling2D, {"pool_size": (2, 2, 2)}),
    (L.MaxPooling2D, {"strides": -1}),
    (L.MaxPooling2D, {"padding": "full"}),
    (L.AveragePooling2D, {"pool_size": 2, "data_format": "NHWC"}),
    (L.GlobalAveragePooling2D, {"data_format": "NHWC"}),
    (L.Flatten, {"data_format": "NHWC"}),
    (L.Reshape, {"target_shape": (2.5,)}),
    (L.Reshape, {"target_shape": (-1, -1)}),
    (L.BatchNormalization, {"synchronized": True}),
    (L.Dropout, {"rate": -0.1}),
    (L.Dropout, {"rate": 1.5}),
    (L.Dropout, {"rate": "half"}),
    (L.Dropout, {"rate": 0.5, "noise_shape": (0, 1)}),
    (L.BatchNormalization, {"axis": "last"}),
    (L.Activation, {"activation": "rellu"}),
    (L.ReLU, {"max_value": -1}),
    (L.ReLU, {"negative_slope": -0.1}),
    (L.ReLU, {"threshold": -1}),
    (L.Rescaling, {"scale": "big"}),
    (L.InputLayer, {}),
    (L.InputLayer, {"shape": (4,), "batch_shape": (None, 4)}),
    (L.InputLayer, {"shape": (4, "x")}),
    (L.InputLayer, {"shape": (4, -1)}),
]


def failure(run):
    """The exception's class and text, or None where Keras accepts what was given."""
    try:
        run()
    except Exception as e:
        return {"exception": type(e).__name__, "message": re.sub("\x1b\\[[0-9]*m", "", str(e))}
    return None


def symbols(shapes):
    return pack([keras.Input(batch_shape=s) for s in shapes])


def errors():
    shapes, constructors = [], []
    for cls, kwargs, inputs in SHAPE_ERRORS:
        layer = cls(name="fixed", **kwargs)
        error = failure(lambda: layer(symbols(inputs)))
        config = keras.saving.serialize_keras_object(cls(name="fixed", **kwargs))["config"]
        shapes.append({"class": cls.__name__, "config": config, "input_shapes": shape_list(inputs), "error": error})
    for cls, kwargs, first, second in REUSE_ERRORS:
        layer = cls(name="fixed", **kwargs)
        layer(symbols(first))
        config = keras.saving.serialize_keras_object(cls(name="fixed", **kwargs))["config"]
        record = {"class": cls.__name__, "config": config, "built_for": shape_list(first), "input_shapes": shape_list(second)}
        shapes.append(record | {"error": failure(lambda: layer(symbols(second)))})
    for cls, kwargs in CONSTRUCTOR_ERRORS:
        error = failure(lambda: cls(name="fixed", **kwargs))
        constructors.append({"class": cls.__name__, "arguments": kwargs, "error": error})
    return {"shape_errors": shapes, "constructor_errors": constructors}


def cases():
    jax.config.update("jax_enable_x64", False)
    jax.config.update("jax_default_matmul_precision", "highest")
    keras.utils.clear_session()
    groups = (dense, conv2d, pooling, shaping, batch_normalization, activations, merging, config_only)
    return {"cases": [c for group in groups for c in group()], "defaults": defaults(), **errors()}
