"""Keras 2's ImageDataGenerator, TimeseriesGenerator, skipgrams and make_sampling_table, as Keras 3 keeps them. Needs SciPy and Pillow besides; the images are
those of imagefiles."""

import os
import random

import numpy as np
from keras.src.legacy.preprocessing import image, sequence

from arrays import array, uniform
from probes import error_of

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "..", "datasets", "testdata", "images")


def pictures(n, height=5, width=4, channels=3, seed=1):
    return np.round(uniform(seed, n, height, width, channels, low=0, high=255), 1)


def affine():
    x = pictures(1)[0]
    for fill in ("nearest", "constant", "reflect", "wrap"):
        for order in (0, 1):
            for p in ({"theta": 33.0, "shear": 10.0}, {"tx": 1.3, "ty": -2.6}, {"zx": 1.7, "zy": 0.6}, {"theta": -75.0, "tx": 9.0, "ty": -11.5, "shear": 20.0, "zx": 2.5, "zy": 3.1}, {"ty": 2.0}):
                g = image.ImageDataGenerator(fill_mode=fill, cval=7.5, interpolation_order=order)
                yield {"fill_mode": fill, "order": order, "parameters": p, "format": "channels_last", "y": array(g.apply_transform(x, p))}
        for order in (2, 3, 4, 5):
            for p in ({"theta": 33.0, "shear": 10.0, "zx": 1.2, "zy": 0.7}, {"theta": -75.0, "tx": 9.0, "ty": -11.5, "shear": 20.0, "zx": 2.5, "zy": 3.1}):
                g = image.ImageDataGenerator(fill_mode=fill, cval=7.5, interpolation_order=order)
                yield {"fill_mode": fill, "order": order, "parameters": p, "format": "channels_last", "y": array(g.apply_transform(x[..., :1], p)), "first_channel": True}
    for p in ({"theta": 33.0, "flip_horizontal": True, "channel_shift_intensity": 20.0}, {"flip_vertical": True}):
        for form in ("channels_last", "channels_first"):
            g = image.ImageDataGenerator(data_format=form)
            y = x if form == "channels_last" else np.transpose(x, (2, 0, 1))
            yield {"fill_mode": "nearest", "order": 1, "parameters": p, "format": form, "y": array(g.apply_transform(y, p))}
    for b in (0.0, 0.4, 1.0, 1.7):
        yield {"fill_mode": "nearest", "order": 1, "parameters": {"brightness": b}, "format": "channels_last", "y": array(image.ImageDataGenerator().apply_transform(x, {"brightness": b}))}


CHOICES = [
    {}, {"rotation_range": 30, "width_shift_range": 0.2, "height_shift_range": 0.3, "shear_range": 15.0, "zoom_range": 0.3, "horizontal_flip": True, "vertical_flip": True, "channel_shift_range": 20.0, "brightness_range": [0.5, 1.5]},
    {"width_shift_range": 3, "height_shift_range": [-2, 1, 4], "zoom_range": [0.8, 1.0]}, {"width_shift_range": [0.1, 0.2], "height_shift_range": 1}, {"width_shift_range": 2.5, "height_shift_range": 1.0},
    {"zoom_range": [1, 1], "horizontal_flip": True}, {"width_shift_range": 1, "vertical_flip": True},
]  # fmt: skip


def choices():
    for arguments in CHOICES:
        g = image.ImageDataGenerator(**arguments)
        for seed in (0, 123, 4294967295):
            p = g.get_random_transform((5, 4, 3), seed=seed)
            yield {"arguments": arguments, "seed": seed, "parameters": {k: None if v is None else float(v) for k, v in p.items()}}


def flows():
    x, y, w = pictures(7), np.array([0, 1, 0, 1, 1, 0, 1], "int32"), np.round(uniform(3, 7), 2)
    all = {**CHOICES[1], "rescale": 1 / 255, "brightness_range": None}
    for arguments, how in (
        (all, {"seed": 5, "batch_size": 3}), ({"brightness_range": [0.5, 1.5]}, {"seed": 1, "batch_size": 4, "shuffle": False, "weights": True}),
        ({"samplewise_std_normalization": True}, {"shuffle": False}), ({"validation_split": 0.4}, {"subset": "training", "seed": 3, "batch_size": 2}),
        ({"validation_split": 0.4, "samplewise_center": True}, {"subset": "validation", "seed": 3, "labels": False}), ({"data_format": "channels_first", "rotation_range": 20}, {"seed": 2, "batch_size": 4}),
    ):  # fmt: skip
        g = image.ImageDataGenerator(**arguments)
        how = dict(how)
        given = {k: v for k, v in how.items() if k not in ("weights", "labels")}
        if arguments.get("data_format"):
            images = np.transpose(x, (0, 3, 1, 2))
        else:
            images = x
        it = g.flow(images, y if how.get("labels", True) else None, sample_weight=w if how.get("weights") else None, **given)
        batches = []
        for _ in range(2 * len(it)):
            b = next(it)
            batches.append([array(v) for v in (b if isinstance(b, tuple) else (b,))])
        yield {"arguments": arguments, "flow": how, "batches": batches}


def fitted():
    x = pictures(9, 2, 2, 1, seed=4)
    for arguments, fit in (
        ({"featurewise_std_normalization": True}, {}), ({"featurewise_center": True, "rescale": 0.5}, {}), ({"zca_whitening": True, "zca_epsilon": 1e-3}, {}),
        ({"featurewise_std_normalization": True, "rotation_range": 40.0, "horizontal_flip": True}, {"augment": True, "rounds": 2, "seed": 8}),
    ):  # fmt: skip
        g = image.ImageDataGenerator(**arguments)
        g.fit(x, **fit)
        yield {"arguments": arguments, "fit": fit, "y": array(g.standardize(np.copy(x)))}


def folders():
    for arguments, how in (
        ({"rotation_range": 15}, {"target_size": [6, 5], "batch_size": 2, "seed": 11, "classes": ["a dogs"]}), ({"validation_split": 0.5}, {"target_size": [3, 3], "subset": "training", "class_mode": "binary", "shuffle": False, "color_mode": "grayscale"}),
        ({"validation_split": 0.5}, {"target_size": [3, 3], "subset": "validation", "class_mode": "sparse", "shuffle": False, "interpolation": "bilinear", "keep_aspect_ratio": True}),
        ({}, {"target_size": [2, 2], "classes": ["b cats"], "class_mode": None, "shuffle": False}), ({"data_format": "channels_first"}, {"target_size": [2, 3], "class_mode": "input", "seed": 0, "batch_size": 1000, "color_mode": "rgba"}),
    ):  # fmt: skip
        g = image.ImageDataGenerator(**arguments)
        it = g.flow_from_directory(FOLDER, **how)
        out = []
        for _ in range(len(it)):
            b = next(it)
            out.append([array(v) for v in (b if isinstance(b, tuple) else (b,))])
        yield {"arguments": arguments, "flow": how, "classes": it.class_indices, "files": it.filenames, "batches": out}


def errors():
    x = pictures(4)
    for arguments, how in (
        ({"data_format": "x"}, {}), ({"validation_split": 1.5}, {}), ({"zoom_range": [1, 2, 3]}, {}), ({"brightness_range": [1.0]}, {}), ({"validation_split": 0.5}, {"subset": "x"}), ({}, {"short": True}), ({}, {"rank": True}),
        ({"validation_split": 0.5}, {"subset": "training", "classes": True}), ({"validation_split": 0.5}, {"subset": "training", "classes": True, "ignore_class_split": True}),
    ):  # fmt: skip

        def run():
            given = {k: v for k, v in how.items() if k not in ("short", "rank", "classes")}
            y = np.arange(3 if how.get("short") else 4) if how.get("short") or how.get("classes") else None
            image.ImageDataGenerator(**arguments).flow(x[0] if how.get("rank") else x, y, **given)

        error = error_of(run)
        yield {"arguments": arguments, "flow": how, "error": error}


def windows():
    data, targets = np.arange(24, dtype="float32").reshape(12, 2), np.arange(100, 112, dtype="int32")
    for arguments in (
        {"length": 3}, {"length": 4, "sampling_rate": 2, "stride": 2, "batch_size": 2}, {"length": 3, "start_index": 2, "end_index": 9, "batch_size": 4}, {"length": 3, "reverse": True, "batch_size": 5}, {"length": 11}, {"length": 12},
        {"length": 5, "sampling_rate": 2, "batch_size": 3},
    ):  # fmt: skip
        out = {"arguments": arguments, "batches": []}

        def run():
            g = sequence.TimeseriesGenerator(data, targets, **arguments)
            for i in range(len(g)):
                out["batches"].append([array(v) for v in g[i]])

        out["error"] = error_of(run)
        yield out


def grams():
    words = [1, 2, 0, 3, 4, 5, 2, 1]
    table = sequence.make_sampling_table(6, 0.1)
    for arguments in ({"seed": 3}, {"seed": 0, "window_size": 1, "negative_samples": 0.5, "categorical": True}, {"shuffle": False, "negative_samples": 2.0}, {"shuffle": False, "sampling_table": True, "negative_samples": 0.0}, {"negative_samples": 1.0}):
        given = dict(arguments)
        if given.pop("sampling_table", False):
            given["sampling_table"] = table
        random.seed(17)
        couples, labels = sequence.skipgrams(words, 6, **given)
        yield {"words": words, "arguments": arguments, "couples": [[int(a), int(b)] for a, b in couples], "labels": labels}


def cases():
    tables = [{"size": n, "factor": f, "table": [float(v) for v in sequence.make_sampling_table(n, f)]} for n, f in ((6, 1e-5), (10, 0.1))]
    return {
        "x": array(pictures(1)[0]), "affine": list(affine()), "choices": list(choices()), "images": array(pictures(7)), "weights": array(np.round(uniform(3, 7), 2)), "flows": list(flows()), "small": array(pictures(9, 2, 2, 1, seed=4)),
        "fitted": list(fitted()), "folders": list(folders()), "errors": list(errors()), "windows": list(windows()), "skipgrams": list(grams()), "tables": tables,
    }  # fmt: skip
