"""Probes and transforms of layers that mix images, flatten their histograms, distort them, or put other augmentations together, as under augmentation."""

import random

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers as L

from arrays import array, uniform
from families.augmentation import FIRST, PIXELS, several, transform
from probes import call_error, case, constructor_error, start

BYTES = PIXELS[:, :3, :4]


def images(seed, *shape):
    return np.round(uniform(seed, *shape, low=0, high=255))


def at_rest():
    yield several("mixing at rest", [
        lambda: L.MixUp(), lambda: L.MixUp(0.4, seed=1, name="named"), lambda: L.CutMix(0.3), lambda: L.CutMix((0.2, 0.9), seed=2), lambda: L.RandAugment((0, 1), 1, (0.2, 0.4), "nearest", 3),
        lambda: L.RandAugment(), lambda: L.AugMix(), lambda: L.AugMix((0, 1), 2, 1, 0.7, 0.5, False, "nearest", 3), lambda: L.RandomElasticTransform(),
        lambda: L.RandomElasticTransform((0.2, 0.3), 0.4, "nearest", "mirror", 2.0, (0, 1), 4), lambda: L.RandomColorJitter(), lambda: L.RandomColorJitter((0, 1), 0.2, (0.1, 0.2), 0.3, [0.1, 0.2], 7),
        lambda: L.MaxNumBoundingBoxes(3, fill_value=2),
    ], uniform(1, 1, 3, 2, 3, low=0, high=1))  # fmt: skip
    yield several("mixing of bytes, channels first", [lambda: L.CutMix(**FIRST), lambda: L.RandAugment(**FIRST), lambda: L.AugMix(**FIRST), lambda: L.RandomElasticTransform(**FIRST)], np.moveaxis(BYTES, -1, 1))
    clahe = L.ContrastLimitedAdaptiveHistogramEqualization
    yield several("adaptive equalization", [lambda: clahe(tile_grid_size=(2, 2)), lambda: clahe(clip_limit=1.5, tile_grid_size=(1, 3)), lambda: clahe(clip_limit=0, tile_grid_size=[3, 2], name="named")], images(2, 2, 5, 6, 2), True)
    yield several("adaptive equalization, channels first", [lambda: clahe((0, 1), 8.0, (2, 2), **FIRST)], images(3, 1, 2, 5, 4) / 255)
    yield several("adaptive equalization of bytes", [lambda: clahe(tile_grid_size=(2, 1))], PIXELS)
    yield several("adaptive equalization of one image", [lambda: clahe(tile_grid_size=(2, 2))], images(4, 4, 5, 1), unbatched=True)

    def pipeline():
        x = keras.Input((4, 5, 3), name="x", dtype="uint8")
        pipe = L.Pipeline([L.Rescaling(0.5), L.RandomFlip(seed=1), L.Resizing(2, 3), L.Dense(2), L.Dense(3)], name="pipe")
        return keras.Model(x, [pipe(x), L.Pipeline([L.CenterCrop(2, 2)])(x)])

    yield case("pipeline", pipeline, [PIXELS])


def flattened(drawn):
    """Names of numbers that layers inside drew begin with the layer's name."""
    out = {}
    for name, v in (drawn or {}).items():
        if isinstance(v, dict):
            out.update({f"{name}.{k}": a for k, a in flattened(v).items()})
        elif isinstance(v, (jnp.ndarray, np.ndarray)) and name != "rotation_matrix":
            out[name] = v
    return out


def recorded(name, layer, x, drawn, outputs):
    return {"name": name, "layer": keras.saving.serialize_keras_object(layer), "images": array(x), "transformation": {k: array(v) for k, v in drawn.items()}, "outputs": array(outputs)}


def jitter(name, layer, x):
    layer.build(x.shape)
    drawn = {}

    def spy(attribute):
        inner = getattr(layer, attribute)
        if inner is not None:
            draw = inner.get_random_transformation

            def remember(*arguments, **named):
                t = draw(*arguments, **named)
                drawn.update({f"{attribute}.{k}": v for k, v in flattened(t).items()})
                return t

            inner.get_random_transformation = remember

    for attribute in ("random_brightness", "random_contrast", "random_saturation", "random_hue"):
        spy(attribute)
    outputs = layer.transform_images(jnp.asarray(x), None, training=True)
    return recorded(name, layer, x, drawn, outputs)


def chosen(name, layer, x):
    """RandAugment or AugMix."""
    layer.build(x.shape)
    given = jnp.asarray(x)
    drawn = layer.get_random_transformation(given, training=True)
    if isinstance(layer, L.AugMix):
        kept = {k: drawn[k] for k in ("chain_mixing_weights", "weight_sample")}
        for i, chain in enumerate(drawn["chain_transforms"]):
            for j, step in enumerate(chain):
                place = f"{i}.{j}.{step['layer_name']}"
                kept[place] = np.zeros((), "float32")
                kept.update({f"{place}.{k}": v for k, v in flattened(step["transformation"]).items()})
    else:
        kept = flattened(drawn["transforms"]) | {"layer_idxes": drawn["layer_idxes"]}
    return recorded(name, layer, x, kept, layer.transform_images(given, drawn, training=True))


def elastic(name, layer, x):
    layer.build(x.shape)
    given = jnp.asarray(x)
    drawn = layer.get_random_transformation(given, training=True)
    noise, normal = [], jax.random.normal

    def remember(*arguments, **named):
        noise.append(normal(*arguments, **named))
        return noise[-1]

    jax.random.normal = remember
    try:
        outputs = layer.transform_images(given, drawn, training=True)
    finally:
        jax.random.normal = normal
    assert np.array_equal(noise[0], noise[1])
    kept = {"apply_transform": drawn["apply_transform"], "distortion_factor": jnp.reshape(drawn["distortion_factor"], (1,)), "noise": noise[0]}
    return recorded(name, layer, x, kept, outputs)


def equalize(name, layer, x):
    return recorded(name, layer, x, {}, layer.transform_images(jnp.asarray(x), None, training=True))


def transforms():
    random.seed(3)
    x, first = images(1, 3, 4, 5, 3), images(2, 2, 3, 4, 5)
    yield transform("mix up", L.MixUp(seed=1), uniform(1, 4, 2, 3, 2))
    yield transform("mix up, bytes", L.MixUp(0.7, seed=2), BYTES)
    yield transform("mix up, float16", L.MixUp(0.7, seed=3, dtype="mixed_float16"), uniform(2, 3, 2, 2, 1))
    yield transform("cut mix", L.CutMix(seed=1), uniform(3, 3, 4, 5, 1))
    yield transform("cut mix, channels first", L.CutMix((0.4, 0.9), seed=4, **FIRST), uniform(4, 3, 2, 4, 3))
    yield equalize("equalization", L.Equalization(), images(3, 2, 4, 5, 2))
    yield equalize("equalization, bins, range", L.Equalization((1, 0), 20), images(4, 2, 4, 5, 2) / 255)
    yield equalize("equalization, channels first, one value", L.Equalization(bins=128, **FIRST), np.stack([images(5, 2, 3, 4), np.full((2, 3, 4), 7, "float32")], 1))
    yield jitter("jitter", L.RandomColorJitter((0, 255), 0.4, (0.5, 0.9), (0.3, 0.6), 0.5, seed=1), x)
    yield jitter("jitter of some, bytes", L.RandomColorJitter(brightness_factor=(0.1, 0.3), hue_factor=0.4, seed=2), BYTES)
    for seed in (1, 6):
        yield chosen(f"rand augment {seed}", L.RandAugment(seed=seed), x)
    yield chosen("rand augment, channels first, three", L.RandAugment((0, 1), 3, (0.3, 0.6), "nearest", 3, **FIRST), first / 255)
    yield chosen("aug mix", L.AugMix(seed=1), x)
    yield chosen("aug mix, few", L.AugMix((0, 1), 2, 2, (0.2, 0.4), 0.6, False, "nearest", 2), x / 255)
    yield elastic("elastic", L.RandomElasticTransform(scale=(0.9, 1.0), seed=1), images(6, 2, 8, 9, 1))
    yield elastic("elastic, channels first, nearest", L.RandomElasticTransform((0.3, 0.9), (0.7, 0.8), "nearest", "constant", 9.0, seed=2, **FIRST), images(7, 3, 1, 7, 10))


def errors():
    for cls in (L.CutMix, L.RandAugment, L.AugMix, L.RandomElasticTransform):
        for factor in (-0.2, 1.1, [0.1], "x"):
            yield constructor_error(cls, factor=factor)
        yield constructor_error(cls, data_format="x")
    yield constructor_error(L.RandomElasticTransform, scale=1.2)
    yield constructor_error(L.RandomElasticTransform, fill_mode="x")
    yield constructor_error(L.RandomElasticTransform, interpolation="bicubic")
    yield constructor_error(L.RandAugment, interpolation="bicubic")
    yield constructor_error(L.AugMix, interpolation="bicubic")
    yield constructor_error(L.RandomColorJitter, brightness_factor=1.5)
    yield constructor_error(L.RandomColorJitter, contrast_factor=-0.5)
    yield constructor_error(L.RandomColorJitter, saturation_factor=[0.1])
    yield constructor_error(L.Equalization, value_range=1)
    yield constructor_error(L.Equalization, value_range=[1])
    for make in (lambda: L.MixUp(), lambda: L.CutMix(), lambda: L.RandAugment(), lambda: L.AugMix(), lambda: L.ContrastLimitedAdaptiveHistogramEqualization()):
        yield call_error(make, (None, 4))


def cases():
    start()
    return {"probes": list(at_rest()), "errors": list(errors()), "transforms": list(transforms())}
