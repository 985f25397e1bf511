"""Probes: layers that prepare and augment images, as they are outside of training; and what they make of images in training for given random numbers."""

import jax.numpy as jnp
import keras
import numpy as np
from keras import layers as L

from arrays import array, uniform
from probes import call_error, case, constructor_error, start

FIRST = {"data_format": "channels_first"}
# Odd sizes, so that no mean of bytes lies in the middle of two, where the last bit of a float would decide.
ODD = np.round(np.random.default_rng(6).uniform(0, 255, (2, 3, 5, 2))).astype("uint8")
# Sizes of which some means of bytes lie in the middle of two but for the last bit of a float, where every order of sums rounds alike.
BETWEEN = np.round(np.random.default_rng(6).uniform(0, 255, (2, 6, 9, 2))).astype("uint8")
PIXELS = np.round(np.random.default_rng(5).uniform(0, 255, (2, 4, 5, 3))).astype("uint8")


def several(name, makes, x, training=False, unbatched=False):
    """A model with one output for each layer."""

    def build():
        shape, dtype = (x, "float32") if isinstance(x, tuple) else (x.shape, x.dtype.name)
        image = keras.Input(batch_shape=shape if unbatched else (None, *shape[1:]), name="x", dtype=dtype)
        return keras.Model(image, [make()(image) for make in makes])

    return case(name, build, [x], training)


def at_rest():
    yield several("augmentation at rest", [
        lambda: L.RandomCrop(3, 4, seed=3, bounding_box_format="xyxy"),
        lambda: L.RandomFlip("horizontal", seed=7, name="named"), lambda: L.RandomFlip(),
        lambda: L.RandomRotation(0.2), lambda: L.RandomRotation((-0.1, 0.3), "constant", "nearest", 5, 0.5, bounding_box_format="xywh"),
        lambda: L.RandomZoom(0.2), lambda: L.RandomZoom([0.3, -0.1], (0.1, 0.2), "wrap", "nearest", 5, 0.5),
        lambda: L.RandomTranslation(0.2, (-0.1, 0.3)), lambda: L.RandomTranslation([0.2, 0.1], 0, fill_mode="nearest", seed=1, fill_value=2.0),
        lambda: L.RandomContrast(0.2), lambda: L.RandomContrast((0.1, 0.6), value_range=(0, 1), seed=4),
        lambda: L.RandomBrightness(0.3), lambda: L.RandomBrightness([0.5, -0.2], value_range=(1.0, 0.0), seed=4),
    ], (2, 4, 5, 1))  # fmt: skip
    yield several("augmentation of bytes, channels first", [
        lambda: L.RandomCrop(3, 4, seed=3, **FIRST), lambda: L.RandomFlip(**FIRST), lambda: L.RandomRotation(0.1, **FIRST), lambda: L.RandomZoom(0.1, **FIRST),
        lambda: L.RandomTranslation(0.1, 0.1, **FIRST), lambda: L.RandomContrast(0.1, **FIRST), lambda: L.RandomBrightness(0.1, **FIRST),
    ], PIXELS)  # fmt: skip
    yield several("augmentation of one image, in mixed_float16", [
        lambda: L.RandomFlip(dtype="mixed_float16"), lambda: L.RandomRotation(0.1, dtype="mixed_float16"), lambda: L.RandomContrast(0.1, dtype="mixed_float16"),
        lambda: L.Resizing(3, 6, dtype="mixed_float16"), lambda: L.CenterCrop(3, 3, dtype="mixed_float16"),
    ], (4, 5, 3), unbatched=True)  # fmt: skip


def sizes():
    yield several("resizing", [
        *(lambda i=i: L.Resizing(3, 7, interpolation=i) for i in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")),
        lambda: L.Resizing(2, 3, antialias=True, name="named"), lambda: L.Resizing(3, 3, crop_to_aspect_ratio=True), lambda: L.Resizing(3, 6, pad_to_aspect_ratio=True, fill_value=0.5),
        lambda: L.Resizing(4, 2, **FIRST), lambda: L.CenterCrop(3, 2), lambda: L.CenterCrop(5, 3), lambda: L.CenterCrop(2, 3, **FIRST),
    ], (1, 4, 5, 3), training=True)  # fmt: skip
    yield several("resizing of bytes", [
        lambda: L.Resizing(5, 7), lambda: L.Resizing(7, 3, "bicubic"), lambda: L.Resizing(2, 4, "nearest"), lambda: L.CenterCrop(2, 3), lambda: L.CenterCrop(5, 7),
        lambda: L.Resizing(7, 7, pad_to_aspect_ratio=True, fill_value=7),
    ], ODD)  # fmt: skip
    yield several("resizing of bytes to between", [lambda: L.Resizing(15, 20), lambda: L.Resizing(9, 12), lambda: L.Resizing(10, 6, antialias=True), lambda: L.Resizing(7, 12, pad_to_aspect_ratio=True, fill_value=0.5)], BETWEEN)
    for dtype in ("int32", "int16"):
        yield several(f"resizing of {dtype}", [
            lambda: L.Resizing(10, 15), lambda: L.Resizing(3, 4, "nearest"), lambda: L.Resizing(7, 12, "nearest", pad_to_aspect_ratio=True, fill_value=300.5),
        ], BETWEEN[:1, :, :, :1].astype(dtype) * 3 - 200)  # fmt: skip
    yield several("crops that choose nothing", [lambda: L.RandomCrop(5, 3, seed=1), lambda: L.RandomCrop(4, 2, seed=1), lambda: L.RandomCrop(6, 7, seed=1, **FIRST)], (1, 4, 5, 3), training=True)


def transform(name, layer, x):
    """What the layer drew for x in training, and what it made of x then."""
    layer.build(x.shape)
    images = jnp.asarray(x)
    if x.dtype.kind == "f":
        images = images.astype(layer.compute_dtype)
    drawn = layer.get_random_transformation(images, training=True)
    if isinstance(drawn, tuple):
        drawn = {"h_start": drawn[0], "w_start": drawn[1]}
    outputs = layer.transform_images(images, tuple(drawn.values()) if isinstance(layer, L.RandomCrop) else drawn, training=True)
    kept = {k: array(v) for k, v in drawn.items() if isinstance(v, (jnp.ndarray, np.ndarray)) and k != "rotation_matrix"}
    return {"name": name, "layer": keras.saving.serialize_keras_object(layer), "images": array(x), "transformation": kept, "outputs": array(outputs)}


def transforms():
    x, first, unit = uniform(1, 2, 4, 5, 1, low=0, high=255), uniform(2, 2, 2, 4, 3, low=0, high=255), uniform(3, 2, 4, 3, 3, low=0, high=1)
    for mode in ("horizontal", "vertical", "horizontal_and_vertical"):
        yield transform(mode, L.RandomFlip(mode, seed=1), uniform(4, 4, 2, 3, 1))
    yield transform("flip, channels first, bytes", L.RandomFlip(seed=3, **FIRST), PIXELS)
    yield transform("crop", L.RandomCrop(2, 3, seed=1), x)
    yield transform("crop, channels first", L.RandomCrop(2, 2, seed=3, **FIRST), first)
    for mode in ("constant", "nearest", "reflect", "wrap"):
        yield transform(f"rotation, {mode}", L.RandomRotation(0.4, mode, seed=2, fill_value=9.0), x)
        yield transform(f"translation, {mode}", L.RandomTranslation(0.7, 0.6, mode, seed=2, fill_value=9.0), x)
    yield transform("rotation, nearest pixel, channels first", L.RandomRotation((0.1, 0.3), interpolation="nearest", seed=4, **FIRST), first)
    yield transform("rotation, bytes", L.RandomRotation(0.2, seed=4), PIXELS)
    yield transform("zoom", L.RandomZoom((-0.6, 0.8), seed=2), x)
    yield transform("zoom, both, channels first", L.RandomZoom(0.5, (0.2, 0.9), "constant", seed=2, **FIRST), first)
    yield transform("translation, bfloat16", L.RandomTranslation(0.3, 0.3, interpolation="nearest", seed=6, dtype="mixed_bfloat16"), unit)
    yield transform("contrast", L.RandomContrast((0.5, 0.9), seed=2), x)
    yield transform("contrast, channels first, bytes", L.RandomContrast(0.6, seed=2, **FIRST), PIXELS)
    yield transform("contrast, float16", L.RandomContrast(0.6, (0, 1), seed=2, dtype="mixed_float16"), unit)
    yield transform("brightness", L.RandomBrightness(0.5, seed=2), x)
    yield transform("brightness, range", L.RandomBrightness((0.1, 0.7), (0, 1), seed=2), unit)
    yield transform("brightness, bytes", L.RandomBrightness((0.1, 0.4), seed=2), PIXELS)


def errors():
    for cls in (L.RandomRotation, L.RandomContrast, L.RandomBrightness):
        for factor in (1.5, -1.2, [0.1], [0.1, 0.2, 0.3], [1.2, 1.5], "x"):
            yield constructor_error(cls, factor=factor)
    yield constructor_error(L.RandomContrast, factor=-0.5)
    yield constructor_error(L.RandomBrightness, factor=-0.5)
    yield constructor_error(L.RandomBrightness, factor=0.1, value_range=[1])
    yield constructor_error(L.RandomBrightness, factor=0.1, value_range=1)
    for factor in (1.0, 1.5, -1.0, [0.1], [-1.0, 0], "x", None):
        yield constructor_error(L.RandomZoom, height_factor=factor)
        yield constructor_error(L.RandomZoom, height_factor=0, width_factor=factor)
        yield constructor_error(L.RandomTranslation, height_factor=factor, width_factor=0)
        yield constructor_error(L.RandomTranslation, height_factor=0, width_factor=factor)
    for cls in (L.RandomRotation, L.RandomZoom):
        argument = "factor" if cls is L.RandomRotation else "height_factor"
        for arguments in ({"fill_mode": "mirror"}, {"interpolation": "bicubic"}, {"data_format": "x"}, {"seed": "x"}, {"fill_mode": None}):
            yield constructor_error(cls, **{argument: 0.1}, **arguments)
    yield constructor_error(L.RandomFlip, data_format="x")
    for make in (lambda: L.RandomFlip(), lambda: L.RandomRotation(0.1), lambda: L.Resizing(2, 2), lambda: L.CenterCrop(2, 2), lambda: L.RandomContrast(0.1)):
        yield call_error(make, (None, 4))
        yield call_error(make, (2, 2, 4, 4, 3))
    yield call_error(lambda: L.Resizing(2, 2, interpolation="x"), (None, 4, 4, 1))
    yield call_error(lambda: L.Resizing(2, 2, fill_mode="reflect"), (None, 4, 4, 1))
    yield call_error(lambda: L.Resizing(2, 2, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), (None, 4, 4, 1))


def cases():
    start()
    return {"probes": [*at_rest(), *sizes()], "errors": list(errors()), "transforms": list(transforms())}
