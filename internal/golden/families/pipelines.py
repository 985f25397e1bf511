"""Pipelines of tf.data, and Keras's data sets of texts and sounds in folders. Needs TensorFlow besides (pip install tensorflow-cpu)."""

import base64
import os
import struct
import tempfile

import keras
import numpy as np
import tensorflow as tf

from probes import error_of

PIPELINES = [
    (10, [["batch", 3, False]]), (10, [["batch", 3, True]]), (9, [["batch", 3, False]]), (0, [["batch", 2, False]]), (7, [["take", 3]]), (7, [["take", -1]]), (7, [["take", 0]]),
    (7, [["take", 20]]), (7, [["skip", 3]]), (7, [["skip", -1]]), (7, [["skip", 20]]), (3, [["repeat", 2]]), (3, [["repeat", 0]]), (3, [["repeat", -1], ["take", 8]]),
    (0, [["repeat", -1]]), (3, [["repeat", -1], ["skip", 2], ["take", 4], ["batch", 3, False]]), (3, [["repeat", 3], ["batch", 4, False], ["repeat", 2]]),
    (5, [["batch", 2, False], ["repeat", 2]]), (5, [["batch", 2, False], ["unbatch"]]), (6, [["batch", 4, False], ["batch", 1, False], ["unbatch"]]),
    (7, [["filter", 2]]), (7, [["filter", 2], ["take", 2]]), (7, [["filter", 2], ["repeat", -1], ["take", 6]]), (7, [["filter", 3], ["skip", 1], ["batch", 2, False]]),
    (5, [["map", 3], ["batch", 2, False]]), (4, [["concatenate", 3]]), (4, [["concatenate", 3], ["batch", 5, True]]), (6, [["zip", 4]]), (4, [["zip", 9], ["batch", 3, False]]),
    (5, [["repeat", -1], ["zip", 7]]), (10, [["window", 3, 3, 1, False]]), (10, [["window", 3, 1, 1, True]]), (10, [["window", 3, 2, 2, True]]), (10, [["window", 3, 2, 2, False]]),
    (10, [["window", 2, 4, 1, False]]), (11, [["window", 2, 4, 3, True]]), (3, [["window", 5, 1, 1, True]]), (3, [["window", 5, 1, 1, False]]), (10, [["shard", 3, 0]]), (10, [["shard", 3, 2]]),
    (3, [["cache"], ["repeat", 2]]), (4, [["enumerate", 5], ["batch", 3, False]]), (4, [["flat_map", 3]]), (6, [["filter", 2], ["assert_cardinality", 3]]), (3, [["prefetch", 2]]),
    (2, [["repeat", -1], ["batch", 3, False], ["take", 2]]),
]  # fmt: skip


def build(start, ops):
    d = tf.data.Dataset.range(start)
    for name, *a in ops:
        match name:
            case "batch":
                d = d.batch(a[0], drop_remainder=a[1])
            case "filter":
                d = d.filter(lambda x: x % a[0] == 0)
            case "map":
                d = d.map(lambda x: x * a[0])
            case "concatenate":
                d = d.concatenate(tf.data.Dataset.range(a[0]))
            case "zip":
                d = tf.data.Dataset.zip((d, tf.data.Dataset.range(a[0]).map(lambda x: x + 100)))
            case "window":
                size, shift, stride, drop = a
                counted = d.window(size, shift, stride, drop)
                d = counted.flat_map(lambda w: w.batch(size))
            case "flat_map":
                d = d.flat_map(lambda x: tf.data.Dataset.range(x).map(lambda y: y + 10 * x))
            case "assert_cardinality":
                d = d.apply(tf.data.experimental.assert_cardinality(a[0]))
            case _:
                d = getattr(d, name)(*a)
    size = counted if ops[-1][0] == "window" else d
    return d, int(size.cardinality())


def pipelines():
    for start, ops in PIPELINES:
        d, size = build(start, ops)
        elements = [[np.asarray(v).tolist() for v in (e if isinstance(e, tuple) else (e,))] for e in d.as_numpy_iterator()]
        yield {"range": start, "ops": ops, "elements": elements, "cardinality": size}


TEXTS = {"neg/1.txt": "bad film", "neg/10.txt": "worse", "neg/more/2.txt": "", "pos/a.txt": "good\nfilm", "pos/b.TXT": "schön", "pos/c.txt": "the best of all films", "pos/notes.md": "no", "top.txt": "x"}


def wav(samples, channels=1, rate=8000, bits=16, extra=b"", format=1, fields=b""):
    raw = struct.pack(f"<{len(samples)}h", *samples)
    head = struct.pack("<HHIIHH", format, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits) + fields
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(head)) + head + extra + b"data" + struct.pack("<I", len(raw)) + raw
    return b"RIFF" + struct.pack("<I", len(body)) + body


SOUNDS = {
    "high/1.wav": wav([0, 1, -1, 32767, -32768]), "high/2.wav": wav([5, 6, 7], extra=b"LIST" + struct.pack("<I", 4) + b"abcd"), "low/a.WAV": wav([100, 200], fields=b"\0\0"),
    "low/b.wav": wav([-300, 4, 5, 6, 7, 8, 9], rate=16000),
}  # fmt: skip
BROKEN = {
    "short": wav([1, 2, 3])[:-2], "no riff": b"abc", "empty": b"", "24 bits": wav([1, 2, 3], bits=24), "float": wav([1, 2], format=3), "stereo": wav([1, 2, 3, 4], channels=2),
    "no channels": wav([1, 2], channels=0), "no data": wav([1, 2])[:36], "padded format": wav([1, 2], fields=b"\0\0\0\0"), "odd": wav([1, 2, 3], channels=2),
}  # fmt: skip


def write(folder, files):
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)


def folder(function, files, arguments):
    out = {"arguments": arguments, "batches": [], "class_names": None}
    with tempfile.TemporaryDirectory() as root:
        write(root, files)

        def run():
            d = function(root, verbose=False, **arguments)
            out["class_names"] = d.class_names
            for e in d:
                parts = e if isinstance(e, tuple) else (e,)
                out["batches"].append([{"texts": [base64.b64encode(x).decode() for x in np.asarray(p.numpy()).reshape(-1)]} if p.dtype == tf.string else {"dtype": p.dtype.name, "value": p.numpy().tolist()} for p in parts])

        out["error"] = error_of(run)
        if out["error"]:
            out["error"]["message"] = out["error"]["message"][:100]
            out["batches"] = []
    return out


def texts():
    for arguments in (
        {"shuffle": False}, {"shuffle": False, "batch_size": 2, "label_mode": "categorical", "class_names": ["pos", "neg"], "max_length": 4}, {"shuffle": False, "labels": None, "max_length": 0},
        {"shuffle": False, "label_mode": "binary"}, {"shuffle": False, "batch_size": None}, {"shuffle": False, "labels": [3, 1, 2, 3, 1, 2, 3]}, {"shuffle": False, "labels": [1]},
        {"seed": 7, "validation_split": 0.4, "subset": "training", "batch_size": 1000}, {"seed": 7, "validation_split": 0.4, "subset": "validation"}, {"label_mode": "x"},
        {"validation_split": 0.4, "subset": "training"}, {"class_names": ["x"]}, {"subset": "training"}, {"shuffle": False, "labels": None, "class_names": ["pos"]},
        {"shuffle": False, "label_mode": "binary", "class_names": ["pos"]}, {"shuffle": False, "validation_split": 0.4, "subset": "training"},
    ):  # fmt: skip
        yield folder(keras.utils.text_dataset_from_directory, TEXTS, arguments)


def sounds():
    for arguments in (
        {"shuffle": False}, {"shuffle": False, "batch_size": 2, "label_mode": "categorical"}, {"shuffle": False, "output_sequence_length": 4, "label_mode": "binary"},
        {"shuffle": False, "batch_size": None, "labels": None}, {"shuffle": False, "batch_size": None, "output_sequence_length": 6}, {"shuffle": False, "sampling_rate": -1}, {"label_mode": "x"},
    ):  # fmt: skip
        yield folder(keras.utils.audio_dataset_from_directory, SOUNDS, arguments)


def waves():
    for name, content in BROKEN.items():
        out = {"name": name, "content": base64.b64encode(content).decode(), "value": None}

        def run():
            sound, rate = tf.audio.decode_wav(content)
            out.update(value=sound.numpy().tolist(), rate=int(rate))

        error = error_of(run)
        out["error"] = error and error["message"][:100]
        yield out


def cases():
    files = lambda all: {name: base64.b64encode(c.encode() if isinstance(c, str) else c).decode() for name, c in all.items()}
    return {"pipelines": list(pipelines()), "text_files": files(TEXTS), "texts": list(texts()), "sound_files": files(SOUNDS), "sounds": list(sounds()), "waves": list(waves())}
