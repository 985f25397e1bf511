"""Images in files: what Keras and Pillow read of them, and in which order. Needs Pillow and TensorFlow besides (pip install pillow==11.3.0 tensorflow-cpu); the files go to
datasets/testdata/images, and the numbers beside them."""

import base64
import io
import os
import shutil

import numpy as np
from keras.src.utils import dataset_utils, image_utils
from keras.src.utils.image_dataset_utils import ALLOWLIST_FORMATS, _load_image_tf
from PIL import Image

from arrays import array

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "..", "datasets", "testdata", "images")


def smooth(height, width, channels, seed):
    """Colors that change slowly, as in photographs, in which a JPEG of high quality loses little."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 60 * np.sin(x / rng.uniform(3, 6) + rng.uniform(0, 6)) + 60 * np.cos(y / rng.uniform(3, 6)) for _ in range(channels)]
    return np.clip(np.stack(planes, -1), 0, 255).astype("uint8")


def files():
    noise = lambda *shape: np.random.default_rng(7).integers(0, 256, shape).astype("uint8")
    save = lambda name, pixels, mode, **kw: Image.fromarray(pixels if pixels.shape[-1] > 1 else pixels[..., 0]).convert(mode).save(os.path.join(FOLDER, name), **kw)
    for folder in ("b cats", "a dogs", "a dogs/more", ".hidden"):
        os.makedirs(os.path.join(FOLDER, folder))
    save("a dogs/2.png", noise(5, 7, 3), "RGB")
    save("a dogs/10.PNG", noise(6, 4, 4), "RGBA")
    save("a dogs/more/1.png", noise(4, 4, 1), "L")
    save("a dogs/palette.gif", noise(5, 4, 3), "P")
    save("b cats/x.bmp", noise(3, 5, 3), "RGB")
    save("b cats/y.png", noise(6, 5, 3), "P")
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        save(f"b cats/{name}.jpg", smooth(13, 17, 3, 3), "RGB", quality=95, subsampling=sampling)
    save("b cats/grey.jpeg", smooth(8, 9, 1, 4), "L", quality=95)
    with open(os.path.join(FOLDER, "b cats", "notes.txt"), "w") as f:
        f.write("no image\n")


def tensorflows():
    """Small files whose values depend on who reads them, and interpolations that only folders have."""
    rng = np.random.default_rng(11)
    pixels = rng.integers(0, 256, (5, 4, 4)).astype("uint8")
    colors = Image.fromarray(pixels, "RGBA")
    written = {
        "bits.png": colors.convert("1"), "grey.png": colors.convert("L"), "palette.png": colors.convert("RGB").quantize(4), "clear.png": colors.convert("RGB").quantize(4), "rgb.png": colors.convert("RGB"),
        "deep.png": Image.fromarray(rng.integers(0, 65536, (3, 4)).astype("uint16")), "rgba.png": colors, "rgb.bmp": colors.convert("RGB"), "rgba.bmp": colors, "palette.bmp": colors.convert("RGB").quantize(16),
    }  # fmt: skip
    with_size = {"rgba.png": [(how, (7, 3), crop, pad) for how in ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic") for crop, pad in ((False, False), (True, False), (False, True))]}
    with_size["rgba.png"] += [(how, (5, 4), False, False) for how in ("bicubic", "area", "gaussian", "mitchellcubic")]
    for name, image in written.items():
        content = io.BytesIO()
        image.save(content, name.split(".")[1], **({"transparency": 2} if name == "clear.png" else {}))
        with open(os.path.join(FOLDER, name), "wb") as f:
            f.write(content.getvalue())
        for channels, mode in ((1, "grayscale"), (3, "rgb"), (4, "rgba")):
            for how, size, crop, pad in with_size.get(name, []) if channels == 4 else []:
                if crop and how in ("gaussian", "mitchellcubic"):
                    continue  # which Keras refuses
                yield name, content, mode, how, size, crop, pad, channels
            if channels > 1 or not name.endswith("bmp"):
                yield name, content, mode, "nearest", image.size[::-1], False, False, channels
        os.remove(os.path.join(FOLDER, name))


def cases():
    shutil.rmtree(FOLDER, ignore_errors=True)
    files()
    paths, labels, names = dataset_utils.index_directory(FOLDER, "inferred", ALLOWLIST_FORMATS, shuffle=False, verbose=False)
    short = lambda path: os.path.relpath(path, FOLDER)
    loaded = [{"path": short(p), "color_mode": mode, "pixels": array(np.asarray(image_utils.load_img(p, mode)))} for p in paths for mode in ("rgb", "grayscale", "rgba")]
    resized = [
        {"path": path, "color_mode": mode, "size": size, "interpolation": how, "keep_aspect_ratio": keep, "pixels": array(np.asarray(image_utils.load_img(os.path.join(FOLDER, path), mode, size, how, keep)))}
        for path, mode, size in (("a dogs/2.png", "rgb", (3, 9)), ("a dogs/10.PNG", "rgba", (7, 3)), ("b cats/y.png", "grayscale", (4, 4)))
        for how in ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
        for keep in (False, True)
    ]
    read = [
        {"path": path, "interpolation": how, "crop": crop, "pad": pad, "format": form, "channels": n, "pixels": array(_load_image_tf(os.path.join(FOLDER, path), size, n, how, form, crop, pad).numpy().astype("float32"))}
        for path, size, n, how, crop, pad, form in (
            ("a dogs/2.png", (4, 9), 3, "bilinear", False, False, "channels_last"), ("a dogs/2.png", (3, 3), 3, "nearest", True, False, "channels_first"), ("a dogs/10.PNG", (9, 7), 4, "bilinear", False, False, "channels_last"),
            ("b cats/x.bmp", (6, 6), 3, "lanczos3", False, True, "channels_last"), ("b cats/x.bmp", (5, 4), 3, "bicubic", False, False, "channels_last"), ("b cats/x.bmp", (2, 8), 3, "lanczos3", False, False, "channels_last"),
            ("b cats/y.png", (8, 3), 3, "lanczos5", True, False, "channels_last"), ("a dogs/10.PNG", (3, 6), 3, "bilinear", False, True, "channels_last"), ("a dogs/2.png", (7, 6), 3, "nearest", False, True, "channels_first"),
            ("b cats/420.jpg", (7, 9), 3, "bilinear", False, False, "channels_last"), ("b cats/420.jpg", (13, 17), 3, "nearest", False, False, "channels_last"), ("b cats/422.jpg", (20, 11), 3, "bicubic", True, False, "channels_last"),
            ("b cats/444.jpg", (9, 8), 1, "bilinear", False, True, "channels_last"), ("b cats/grey.jpeg", (4, 5), 3, "bilinear", True, False, "channels_first"), ("a dogs/2.png", (6, 6), 1, "bilinear", False, False, "channels_last"),
            ("b cats/y.png", (5, 5), 1, "nearest", False, False, "channels_last"),
        )
    ]  # fmt: skip
    tensorflow = [
        {"name": name, "file": base64.b64encode(content.getvalue()).decode(), "color_mode": mode, "interpolation": how, "crop": crop, "pad": pad, "size": size, "pixels": array(np.asarray(_load_image_tf(os.path.join(FOLDER, name), size, channels, how, "channels_last", crop, pad)))}
        for name, content, mode, how, size, crop, pad, channels in tensorflows()
    ]
    deep = io.BytesIO()
    Image.fromarray(np.array([[3, 255, 256], [70, 40000, 65535]], "uint16")).save(deep, "png")
    deep = {"file": base64.b64encode(deep.getvalue()).decode(), "grey": array(np.asarray(image_utils.load_img(deep, "grayscale"))), "rgb": array(np.asarray(image_utils.load_img(deep, "rgb"))), "rgba": array(np.asarray(image_utils.load_img(deep, "rgba")))}
    orders = []
    for seed in (0, 42, 4294967295):
        shuffled, classes, _ = dataset_utils.index_directory(FOLDER, "inferred", ALLOWLIST_FORMATS, shuffle=True, seed=seed, verbose=False)
        record = {"seed": seed, "paths": [short(p) for p in shuffled], "classes": [int(c) for c in classes]}
        for subset in ("training", "validation"):
            record[subset] = [short(p) for p in dataset_utils.get_training_or_validation_split(shuffled, classes, 0.3, subset)[0]]
        orders.append(record)
    long = np.arange(5000)
    np.random.RandomState(123).shuffle(long)
    x = np.random.default_rng(9).uniform(-3, 9, (3, 4, 3)).astype("float32")
    arrays = [{"x": array(x), "scale": True, "pixels": array(np.asarray(image_utils.array_to_img(x)))}, {"x": array(x + 4), "scale": False, "pixels": array(np.asarray(image_utils.array_to_img(x + 4, scale=False)))}]
    return {
        "class_names": names, "paths": [short(p) for p in paths], "classes": [int(c) for c in labels], "loaded": loaded, "resized": resized, "read": read, "tensorflow": tensorflow, "deep": deep, "orders": orders, "shuffled": [int(v) for v in long[:50]],
        "arrays": arrays,
    }  # fmt: skip
