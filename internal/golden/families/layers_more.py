"""Further layers and rarer arguments, in the format of layers.py."""

import jax
import keras
import numpy as np
from keras import layers as L

from families.layers import case, seed_of, steps


def conv2d():
    for height, width, kernel, options in (
        (7, 6, (2, 4), {"strides": 2}),
        (7, 6, (4, 2), {"strides": 3, "padding": "same"}),
        (8, 9, (2, 2), {"dilation_rate": 3}),
        (8, 9, (4, 3), {"dilation_rate": (2, 1), "padding": "same"}),
        (6, 7, (2, 3), {"strides": 2, "data_format": "channels_first"}),
        (3, 2, (4, 5), {"padding": "same"}),
        (3, 2, (5, 4), {"padding": "same", "strides": 2}),
        (9, 8, (3, 3), {"strides": (4, 2)}),
        (6, 6, (2, 2), {"strides": 2, "groups": 2, "padding": "same"}),
        (6, 6, (3, 2), {"dilation_rate": 2, "groups": 2}),
        (6, 6, (6, 6), {}),
    ):
        name = f"conv2d_{height}x{width}_" + "_".join(map(str, kernel)) + "".join(f"_{k}_{v}" for k, v in options.items())
        name = "".join(c if c.isalnum() else "_" for c in name)
        shape = (2, 2, height, width) if options.get("data_format") else (2, height, width, 2)
        yield case(name, L.Conv2D, [shape], filters=2, kernel_size=kernel, **options)


def pooling():
    for cls, key in ((L.MaxPooling2D, "max"), (L.AveragePooling2D, "average")):
        yield case(f"{key}_pooling2d_larger_than_image", cls, [(1, 2, 3, 2)], pool_size=5, padding="same")
        yield case(f"{key}_pooling2d_larger_overlapping", cls, [(1, 3, 4, 2)], pool_size=5, strides=2, padding="same")
        yield case(f"{key}_pooling2d_one", cls, [(1, 3, 4, 2)], pool_size=1)
        yield case(f"{key}_pooling2d_one_strides", cls, [(1, 5, 4, 2)], pool_size=1, strides=2, padding="same")
        yield case(f"{key}_pooling2d_whole", cls, [(2, 4, 3, 2)], pool_size=(4, 3))
        yield case(f"{key}_pooling2d_strides_4", cls, [(1, 9, 10, 1)], pool_size=2, strides=4, padding="same")


def batch_normalization():
    yield case("batch_normalization_renorm_inference", L.BatchNormalization, [(6, 3)], renorm=True)
    for name, options in (
        ("plain", {}),
        ("clipped", {"renorm_clipping": {"rmax": 1.2, "rmin": 0.8, "dmax": 0.3}, "renorm_momentum": 0.5, "momentum": 0.7}),
        ("no_scale", {"scale": False, "renorm_clipping": {"rmax": 1.5}}),
        ("no_center", {"center": False}),
        ("bare", {"center": False, "scale": False}),
    ):
        yield case(f"batch_normalization_renorm_{name}", L.BatchNormalization, [(2, 3, 2, 3)], training=True, renorm=True, **options)


def merging():
    shapes = [(2, 3, 4), (2, 1, 4)]
    for cls in (L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum):
        name = cls.__name__.lower()
        yield case(f"{name}_2", cls, shapes)
        yield case(f"{name}_rank", cls, [(2, 4), (2, 3, 4)])
        if cls is not L.Subtract:
            yield case(f"{name}_3", cls, [(2, 3)] * 3)
    for cls in (L.Maximum, L.Minimum):
        ties = [steps(seed_of(f"{cls.__name__}{i}"), 3, 4) for i in range(3)]
        yield case(f"{cls.__name__.lower()}_ties", cls, ties)


def activations():
    wide = np.linspace(-4, 8, 26, dtype="float32").round(3).reshape(2, 13)
    wide[0, 1] = 0
    yield case("leaky_relu", L.LeakyReLU, [wide])
    yield case("leaky_relu_slope", L.LeakyReLU, [wide], negative_slope=0.05)
    yield case("elu", L.ELU, [wide])
    yield case("elu_alpha", L.ELU, [wide], alpha=0.4)


def cases():
    jax.config.update("jax_enable_x64", False)
    jax.config.update("jax_default_matmul_precision", "highest")
    keras.utils.clear_session()
    groups = (conv2d, pooling, batch_normalization, merging, activations)
    return {"cases": [c for group in groups for c in group()]}
