"""What layers of images make of dictionaries: images, labels, bounding boxes and segmentation masks, for the random numbers that Keras drew; and models that take such."""

import json
import random

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers as L

from arrays import array, uniform
from families.augmentation import FIRST
from families.augmentation_mixed import flattened
from probes import start

FORMATS = ("xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh")


def boxes(form, batch, height, width, seed=3):
    """Boxes inside, over the borders, of zeros and of -1."""
    corners = np.round(uniform(seed, batch, 4, 4, low=-1, high=1), 2) * [width, height, width, height]
    corners[..., :2] = np.minimum(corners[..., :2], corners[..., 2:]) / 2
    corners[..., 2:] = np.maximum(corners[..., :2] + 1, np.abs(corners[..., 2:]))
    found = np.array(keras.utils.bounding_boxes.convert_format(corners.astype("float32"), "xyxy", form, height=height, width=width))
    found[0, 2], found[-1, 3] = 0, -1
    return {"boxes": found, "labels": (np.arange(batch * 4, dtype="int32") % 5).reshape(batch, 4)}


def short(layer):
    """The serialized layer with what makes it the layer."""
    kept = keras.saving.serialize_keras_object(layer)
    return {"class_name": kept["class_name"], "config": {k: v for k, v in kept["config"].items() if k != "trainable"}}


def data(form=None, batch=2, height=4, width=5, channels=1, first=False, masks="uint8", labels=True, seed=1):
    shape = (batch, channels, height, width) if first else (batch, height, width, channels)
    out = {"images": np.round(uniform(seed, *shape, low=0, high=255))}
    if labels:
        out["labels"] = np.eye(3, dtype="float32")[np.arange(batch) % 3]
    if form:
        out["bounding_boxes"] = boxes(form, batch, height, width)
    if masks:
        mask = (batch, 1, height, width) if first else (batch, height, width, 1)
        out["segmentation_masks"] = np.round(uniform(seed + 1, *mask, low=0, high=4)).astype(masks)
    return out


def of_one(d):
    return keras.tree.map_structure(lambda a: a[0], d)


def drawn_of(layer, drawn):
    if isinstance(layer, L.RandomCrop):
        return {"h_start": jnp.asarray(drawn[0]), "w_start": jnp.asarray(drawn[1])} if isinstance(drawn[0], jnp.ndarray) else {}
    if isinstance(layer, L.AugMix):
        kept = {k: drawn[k] for k in ("chain_mixing_weights", "weight_sample")}
        for i, chain in enumerate(drawn["chain_transforms"]):
            for j, step in enumerate(chain):
                place = f"{i}.{j}.{step['layer_name']}"
                kept[place] = np.zeros((), "float32")
                kept.update({f"{place}.{k}": v for k, v in flattened(step["transformation"]).items()})
        return kept
    if isinstance(layer, L.RandAugment):
        return flattened(drawn["transforms"]) | {"layer_idxes": drawn["layer_idxes"]}
    if isinstance(layer, L.RandomElasticTransform):
        return {"apply_transform": drawn["apply_transform"], "distortion_factor": jnp.reshape(drawn["distortion_factor"], (1,))}
    return flattened(drawn) if isinstance(drawn, dict) else {}


def case(name, layer, d, training=True):
    drawn = layer.get_random_transformation(keras.tree.map_structure(jnp.asarray, d), training=training)
    layer.get_random_transformation = lambda *_, **__: drawn
    kept = drawn_of(layer, drawn) if training else {}
    noise, normal = [], jax.random.normal

    def remember(*arguments, **named):  # of the images, for the masks too
        if not noise:
            noise.append(normal(*arguments, **named))
        return noise[0]

    jax.random.normal = remember
    try:
        out = layer(keras.tree.map_structure(jnp.asarray, d), training=training)
    finally:
        jax.random.normal = normal
    if noise:
        kept["noise"] = noise[0]
    arrays = lambda v: keras.tree.map_structure(array, v)  # noqa: E731
    tree = lambda v: {k: tree(x) if isinstance(x, dict) else array(x) for k, x in v.items()}  # noqa: E731
    return {"name": name, "layer": short(layer), "training": training, "data": tree(d), "transformation": {k: array(v) for k, v in kept.items()}, "outputs": tree(out)}


def cases_of():
    random.seed(5)
    for i, form in enumerate(FORMATS):
        mode = ("horizontal", "vertical", "horizontal_and_vertical")[i % 3]
        yield case(f"flip {mode}, {form}", L.RandomFlip(mode, seed=i, bounding_box_format=form), data(form, height=2, width=3, labels=i == 0, masks=None if i > 2 else "uint8", seed=i))
    for i, form in enumerate(("xyxy", "rel_yxyx", "center_xywh")):
        yield case(f"translation, {form}", L.RandomTranslation(0.6, 0.5, seed=i, bounding_box_format=form), data(form, masks="int32", labels=False))
        yield case(f"center crop, {form}", L.CenterCrop(*((3, 4), (8, 4), (5, 9))[i], bounding_box_format=form), data(form, labels=False))
        how = ({}, {"pad_to_aspect_ratio": True}, {"crop_to_aspect_ratio": True})[i]
        yield case(f"resizing {how}, {form}", L.Resizing(5, 8, bounding_box_format=form, **how), data(form, labels=False))
        if i == 2:
            continue
        yield case(f"crop, {form}", L.RandomCrop(3, 3, seed=1, bounding_box_format=form), data(form))
        yield case(f"rotation, {form}", L.RandomRotation(0.3, seed=2, bounding_box_format=form), data(form))
        yield case(f"zoom, {form}", L.RandomZoom(0.4, (-0.5, 0.3), seed=3, bounding_box_format=form), data(form))
        yield case(f"shear, {form}", L.RandomShear(0.4, 0.3, seed=4, bounding_box_format=form), data(form))
        yield case(f"perspective, {form}", L.RandomPerspective((0.5, 1.0), 0.8, seed=5, bounding_box_format=form), data(form))
    yield case("flip, channels first", L.RandomFlip(seed=3, bounding_box_format="xywh", **FIRST), data("xywh", first=True))
    yield case("zoom, channels first", L.RandomZoom(0.4, seed=3, bounding_box_format="xywh", fill_mode="constant", **FIRST), data("xywh", first=True, masks="float32"))
    yield case("crop, channels first", L.RandomCrop(4, 9, seed=3, bounding_box_format="xyxy", **FIRST), data("xyxy", first=True))
    yield case("resizing, channels first, at rest", L.Resizing(3, 4, bounding_box_format="xyxy", **FIRST), data("xyxy", first=True), False)
    yield case("crop at rest", L.RandomCrop(3, 4, seed=3, bounding_box_format="xyxy"), data("xyxy"), False)
    yield case("flip at rest", L.RandomFlip(seed=3, bounding_box_format="xyxy"), data("xyxy"), False)
    yield case("rotation at rest", L.RandomRotation(0.3, seed=3, bounding_box_format="xyxy"), data("xyxy"), False)
    yield case("flip of one image", L.RandomFlip(seed=5, bounding_box_format="xyxy"), of_one(data("xyxy")))
    yield case("shear of one image", L.RandomShear(0.4, seed=5, bounding_box_format="xywh"), of_one(data("xywh")))
    yield case("boxes of one image", L.MaxNumBoundingBoxes(6, bounding_box_format="xywh"), of_one(data("xywh")))
    yield case("fewer boxes", L.MaxNumBoundingBoxes(2, fill_value=7, bounding_box_format="xywh"), data("xywh"))
    yield case("mix up", L.MixUp(0.8, seed=1, bounding_box_format="xyxy"), data("xyxy", batch=3, masks=None))
    yield case("cut mix", L.CutMix((0.4, 0.9), seed=4), data(batch=3, channels=2))
    yield case("cut mix at rest", L.CutMix(seed=4), data(), False)
    yield case("erasing", L.RandomErasing((0.5, 1.0), seed=2, bounding_box_format="xyxy", fill_value=3.0), data("xyxy"))
    yield case("brightness", L.RandomBrightness(0.4, seed=2, bounding_box_format="xywh"), data("xywh"))
    yield case("auto contrast", L.AutoContrast(bounding_box_format="xywh"), data("xywh"))
    yield case("equalization", L.Equalization(bounding_box_format="xywh"), data("xywh"))
    yield case("elastic", L.RandomElasticTransform((0.8, 1.0), (0.8, 1.0), seed=2), data(masks="float32"))
    for seed in (5,):
        yield case(f"rand augment {seed}", L.RandAugment(num_ops=3, seed=seed, bounding_box_format="xywh"), data("xywh", channels=3))
    yield case("aug mix", L.AugMix(seed=1, bounding_box_format="xyxy"), data("xyxy", channels=3))


def inputs(form=True):
    x = {"images": keras.Input((4, 5, 1), name="images"), "labels": keras.Input((3,), name="labels")}
    if form:
        x["segmentation_masks"] = keras.Input((4, 5, 1), dtype="uint8", name="masks")
        x["bounding_boxes"] = {"boxes": keras.Input((4, 4), name="boxes"), "labels": keras.Input((4,), dtype="int32", name="box_labels")}
    return x


def models():
    def model(name, x, build):
        m = keras.Model(x, build(x), name=name)
        d = data("xyxy")
        given = {k: d[k] for k in x}
        return {"json": json.loads(m.to_json()), "inputs": [array(a) for a in keras.tree.flatten(given)], "outputs": [array(a) for a in keras.tree.flatten(m(given, training=False))]}

    form = {"bounding_box_format": "xyxy"}
    yield model("chain", inputs(), lambda x: L.MaxNumBoundingBoxes(5, **form)(L.RandomRotation(0.2, seed=1, **form)(L.RandomFlip(seed=1, **form)(x))))
    yield model("pipeline", inputs(), lambda x: L.Pipeline([L.Resizing(4, 4, **form), L.CenterCrop(3, 3, **form), L.RandomZoom(0.1, seed=2, **form)])(x))
    yield model("mixed", inputs(False), lambda x: L.CutMix(seed=1)(L.MixUp(seed=1)(x)))


def errors():
    for name, make in {
        "RandomCrop": lambda: L.RandomCrop(3, 4, bounding_box_format="xyxy"), "CenterCrop": lambda: L.CenterCrop(3, 3, bounding_box_format="xyxy"), "Resizing": lambda: L.Resizing(3, 3, bounding_box_format="xyxy"),
        "RandomColorDegeneration": lambda: L.RandomColorDegeneration(0.2, bounding_box_format="xyxy"), "RandomGrayscale": lambda: L.RandomGrayscale(bounding_box_format="xyxy"),
        "RandomFlip": lambda: L.RandomFlip(bounding_box_format="xyxy"),
    }.items():  # fmt: skip
        for symbolic in (True, False):
            try:
                make()(inputs() if symbolic else data("xyxy"))
                refused = False
            except Exception:
                refused = True
            yield {"layer": short(make()), "symbolic": symbolic, "refused": refused}


def cases():
    start()
    return {"cases": list(cases_of()), "models": list(models()), "errors": list(errors())}
