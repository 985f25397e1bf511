"""Writes pictures.npz: small JPEG files of all kinds, and exactly what Pillow and TensorFlow read of them.

    pip install pillow numpy tensorflow-cpu
    python internal/jpeg/testdata/generate.py

Of each file NAME there is NAME.jpg, its bytes, NAME.pillow, the pixels (CMYK as Pillow has it, the other way round than in the file), and those of TensorFlow's decode_image: NAME.tensorflow for its
default, of CMYK for three channels, and NAME.gray for one, which TensorFlow refuses for CMYK. NAME.rgb is Pillow's RGB of CMYK.
"""

import io
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from PIL import Image

rng = np.random.default_rng(1)


def picture(width, height, channels, noise=8):
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 70 * np.sin(x / rng.uniform(2, 9) + rng.uniform(0, 6)) + 70 * np.cos(y / rng.uniform(2, 9)) for _ in range(channels)]
    return np.clip(np.stack(planes, -1) + rng.normal(0, noise, (height, width, channels)), 0, 255).astype("uint8")


def save(pixels, **options):
    file, mode = io.BytesIO(), {1: "L", 3: "RGB", 4: "CMYK"}[pixels.shape[-1]]
    Image.fromarray(pixels[..., 0] if mode == "L" else pixels, mode).save(file, "JPEG", **options)
    return file.getvalue()


def segments(file):
    """The markers of a file with what belongs to them; the last is the scan's with all that follows."""
    out, at = [], 2
    while True:
        size = int.from_bytes(file[at + 2 : at + 4], "big") + 2
        if file[at + 1] == 0xDA:
            return out + [(0xDA, file[at:])]
        out.append((file[at + 1], file[at : at + size]))
        at += size


def joined(parts):
    return b"\xff\xd8" + b"".join(body for _, body in parts)


def changed(file, marker, change):
    return joined((m, change(bytearray(body)) if m == marker else body) for m, body in segments(file))


def relabelled(file, width, height, luma):
    """The same blocks, said to lie otherwise."""

    def change(sof):
        sof[5:9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
        sof[11] = luma
        return sof

    return changed(file, 0xC0, change)


def put(data, at, value):
    data[at : at + len(value)] = value
    return data


def without(file, markers):
    return joined((m, body) for m, body in segments(file) if m not in markers)


def several_scans(*grays):
    """One picture of three, a scan for each."""
    parts = [segments(g) for g in grays]
    out = [(m, body) for m, body in parts[0] if m not in (0xDA, 0xC0)]
    sof = next(body for m, body in parts[0] if m == 0xC0)
    out.append((0xC0, b"\xff\xc0\0\x11" + sof[4:9] + b"\3\1\x11\0\2\x11\0\3\x11\0"))
    for number, (*_, (_, scan)) in enumerate(parts, 1):
        out.append((0xDA, put(bytearray(scan[:-2]), 5, bytes([number]))))
    return joined(out) + b"\xff\xd9"


def wide_tables(file):
    def change(dqt):
        return b"\xff\xdb" + (3 + 128).to_bytes(2, "big") + bytes([0x10 | dqt[4]]) + b"".join(bytes([0, v]) for v in dqt[5:])

    return changed(file, 0xDB, change)


def files():
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        yield name, save(picture(17, 33, 3), subsampling=sampling, quality=88)
        yield name + " progressive", save(picture(33, 18, 3), subsampling=sampling, quality=80, progressive=True)
        for width in (1, 2, 3, 5, 8, 15):
            yield f"{name} {width}", save(picture(width, 17 - width, 3), subsampling=sampling, quality=70 + width, optimize=bool(width % 2))
    for quality in (1, 5, 30, 50, 75, 95, 100):
        yield f"quality {quality}", save(picture(16, 16, 3, 30), quality=quality)
    yield "one color", save(np.full((20, 20, 3), (200, 30, 90), "uint8"))
    yield "gray", save(picture(19, 9, 1))
    yield "gray progressive", save(picture(23, 17, 1), progressive=True, quality=95)
    yield "gray of odd factors", changed(save(picture(19, 9, 1)), 0xC0, lambda sof: put(sof, 11, b"\x23"))
    yield "440", relabelled(save(picture(32, 16, 3), subsampling=1), 15, 31, 0x12)
    yield "411", relabelled(save(picture(16, 32, 3), subsampling=2), 31, 15, 0x41)
    yield "441", relabelled(save(picture(32, 16, 3), subsampling=2), 15, 31, 0x14)
    yield "restarts", save(picture(33, 20, 3), restart_marker_blocks=2)
    yield "restarts progressive", save(picture(33, 20, 3), restart_marker_blocks=3, progressive=True)
    yield "CMYK", save(picture(17, 11, 4))
    yield "CMYK progressive", save(picture(11, 17, 4), progressive=True, subsampling=2)
    yield "YCCK", changed(save(picture(17, 11, 4)), 0xEE, lambda adobe: put(adobe, 15, b"\2"))
    yield "CMYK without Adobe", without(save(picture(17, 11, 4)), [0xEE])
    yield "RGB", save(picture(17, 11, 3), keep_rgb=True)
    yield "RGB without markers", without(save(picture(17, 11, 3), keep_rgb=True), [0xE0, 0xEE])
    yield "YCbCr of Adobe", joined([(0xEE, b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\1")] + segments(without(save(picture(12, 11, 3)), [0xE0])))
    yield "YCbCr without markers", without(save(picture(12, 11, 3)), [0xE0])
    yield "no Huffman tables", without(save(picture(25, 18, 3)), [0xC4])
    yield "tables of 16 bits", changed(wide_tables(save(picture(25, 18, 3))), 0xC0, lambda sof: put(sof, 1, b"\xc1"))
    yield "several scans", several_scans(*[save(picture(18, 13, 1)) for _ in range(3)])
    yield "fill bytes", save(picture(18, 13, 3)).replace(b"\xff\xda", b"\xff\xff\xff\xda").replace(b"\xff\xd9", b"\xff\xff\xd9")

    # What libjpeg warns of.
    whole, restarts = save(picture(40, 24, 3)), save(picture(40, 24, 3), restart_marker_blocks=2)
    yield "something behind", whole + b"something"
    yield "something before the end", whole[:-2] + b"\x12\x34\xff\0\x56" + whole[-2:]
    yield "data missing", whole[:-90] + whole[-2:]
    middle = whole.index(b"\xff\xda") + 60
    yield "data wrong", whole[:middle] + b"\x55\xaa\x13\xfe" + whole[middle + 4 :]
    yield "a restart missing", restarts.replace(b"\xff\xd2", b"", 1)
    yield "a restart too many", restarts.replace(b"\xff\xd3", b"\xff\xd1\xff\xd3", 1)
    yield "another restart", restarts.replace(b"\xff\xd1", b"\xff\xd5", 1)
    yield "overflowing", changed(save(picture(16, 16, 3, 90), quality=100), 0xDB, lambda dqt: put(dqt, 5, b"\xff" * 64))


def main():
    arrays = {}
    for name, file in files():
        image = Image.open(io.BytesIO(file))
        arrays[name + ".jpg"] = np.frombuffer(file, "uint8")
        arrays[name + ".pillow"] = np.asarray(image)
        if image.mode == "CMYK":
            arrays[name + ".rgb"] = np.asarray(image.convert("RGB"))
            arrays[name + ".tensorflow"] = tf.io.decode_image(file, channels=3, expand_animations=False).numpy()
        else:
            arrays[name + ".tensorflow"] = tf.io.decode_image(file, expand_animations=False).numpy()
            arrays[name + ".gray"] = tf.io.decode_image(file, channels=1, expand_animations=False).numpy()
    np.savez_compressed(pathlib.Path(__file__).parent / "pictures.npz", **arrays)


main()
