"""Keras's helpers around data: pad_sequences, to_categorical, normalize, the old Tokenizer, split_dataset, timeseries; data sets from made-up files. README.md has the format."""

import base64
import gzip
import io
import json
import os
import pickle
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import keras
import numpy as np
from keras.src.datasets import boston_housing, california_housing, cifar100, fashion_mnist, imdb, reuters
from keras.src.legacy.preprocessing import text

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from arrays import array, uniform
from probes import error_of

TEXTS = ["The cat sat on the mat.", "A dog, a cat: the dog sat!", "", "don't STOP ÉCOLE İzmir ΟΔΟΣ Σ", "tab\tnew\nline the"]


def padded():
    numbers = [[1], [2, 3], [], [4, 5, 6, 7]]
    for arguments in (
        {}, {"maxlen": 3}, {"maxlen": 3, "truncating": "post"}, {"padding": "post", "value": -1}, {"maxlen": 6, "padding": "post", "truncating": "post", "dtype": "float32", "value": 0.5},
        {"value": 1.9}, {"dtype": "uint8"}, {"padding": "both"}, {"truncating": "both", "maxlen": 2}, {"dtype": "uint8", "value": 300},
    ):  # fmt: skip
        yield attempt(numbers, arguments)
    nested = [[[1.5, 2.0]], [[3.0, 4.0], [5.0, 6.25]]]
    yield attempt(nested, {"dtype": "float32"})
    yield attempt(nested, {})
    yield attempt([[[1, 2]], [[1, 2, 3]]], {})
    yield attempt([], {})


def attempt(sequences, arguments):
    out = {"sequences": sequences, "arguments": arguments, "result": None, "error": None}
    out["error"] = error_of(lambda: out.update(result=array(keras.utils.pad_sequences(sequences, **arguments))))
    return out


def normalized():
    x = np.concatenate([uniform(1, 2, 3, 2), np.zeros((1, 3, 2), "float32")])
    for axis, order in ((-1, 2), (1, 2), (-1, 1), (-2, 3), (-1, np.inf), (-1, -np.inf), (-1, 0), (-3, 2)):
        yield {"x": array(x), "axis": axis, "order": str(order), "result": array(keras.utils.normalize(x, axis=axis, order=order))}
    d = np.arange(6).reshape(2, 3)
    yield {"x": array(d), "axis": -1, "order": "2", "result": array(keras.utils.normalize(d))}


def tokenizers():
    for arguments in ({}, {"num_words": 4}, {"num_words": 4, "oov_token": "<OOV>"}, {"oov_token": "cat"}, {"lower": False, "filters": ""}, {"char_level": True}, {"filters": "t", "split": "a"}):
        k = text.Tokenizer(**arguments)
        k.fit_on_texts(TEXTS)
        k.fit_on_texts(["mat mat mat unseen"])
        sequences = k.texts_to_sequences([*TEXTS, "an unknown cat"])
        config = json.loads(k.to_json())
        for key in ("word_counts", "word_docs", "index_docs", "index_word", "word_index"):
            config["config"][key] = json.loads(config["config"][key])
        again = text.tokenizer_from_json(k.to_json())
        assert again.texts_to_sequences(TEXTS) == k.texts_to_sequences(TEXTS)
        yield {
            "arguments": arguments, "sequences": sequences, "texts": k.sequences_to_texts([*sequences, [1, 900]]), "json": config, "as_written": k.to_json(), "words": list(k.word_index),
            "matrices": {mode: array(k.texts_to_matrix(TEXTS[:3], mode)) for mode in ("binary", "count", "freq", "tfidf")},
        }  # fmt: skip


def word_sequences():
    for arguments in ({}, {"lower": False}, {"filters": "aeiou", "split": "t"}):
        yield {"arguments": arguments, "words": [text.text_to_word_sequence(t, **arguments) for t in TEXTS], "md5": [text.hashing_trick(t, 50, "md5", **arguments) for t in TEXTS]}


def splits():
    x, y = np.arange(22, dtype="float32").reshape(11, 2), np.arange(11, dtype="int32")
    for arguments in (
        {"left_size": 0.8}, {"right_size": 0.25}, {"left_size": 3}, {"left_size": 3, "right_size": 4}, {"left_size": 0.5, "shuffle": True, "seed": 7}, {"left_size": 0.5, "shuffle": True, "seed": 5000000000},
        {"left_size": 12}, {"left_size": 0.7, "right_size": 0.7}, {"left_size": 0}, {"left_size": 1.5}, {"left_size": 0.01},
    ):  # fmt: skip
        out = {"arguments": arguments, "left": None, "right": None}

        def run():
            left, right = keras.utils.split_dataset((x, y), **arguments)
            for side, part in (("left", left), ("right", right)):
                rows = list(part.as_numpy_iterator())
                out[side] = [array(np.array([r[0] for r in rows])), array(np.array([r[1] for r in rows]))]

        out["error"] = error_of(run)
        yield out


def series():
    data, targets = np.arange(30, dtype="float32").reshape(15, 2), np.arange(100, 115, dtype="int32")
    for arguments in (
        {"sequence_length": 3}, {"sequence_length": 3, "sequence_stride": 2, "sampling_rate": 2, "batch_size": 2}, {"sequence_length": 2, "start_index": 4, "end_index": 12, "batch_size": 3},
        {"sequence_length": 4, "targets": False, "batch_size": 5}, {"sequence_length": 4, "few": True, "batch_size": 2},
        {"sequence_length": 3, "sequence_stride": 15}, {"sequence_length": 3, "sampling_rate": 20}, {"sequence_length": 3, "start_index": 20}, {"sequence_length": 3, "end_index": 15}, {"sequence_length": 3, "start_index": 5, "end_index": 4},
    ):  # fmt: skip
        out = {"arguments": arguments, "x": [], "y": []}
        given = dict(arguments)
        y = None if given.pop("targets", True) is False else targets[:5] if given.pop("few", False) else targets

        def run():
            for batch in keras.utils.timeseries_dataset_from_array(data, y, **given):
                out["x"].append(array((batch[0] if y is not None else batch).numpy()))
                if y is not None:
                    out["y"].append(array(batch[1].numpy()))

        out["error"] = error_of(run)
        yield out


def lists(rng, n):
    return np.array([list(map(int, rng.integers(1, 60 if i % 3 else 400, 2 + i % 7))) for i in range(n)], dtype=object)


def sequences():
    rng = np.random.default_rng(5)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/imdb.npz"
        np.savez(path, x_train=lists(rng, 12), y_train=rng.integers(0, 2, 12), x_test=lists(rng, 9), y_test=rng.integers(0, 2, 9))
        imdb.get_file = lambda *_, **__: path
        yield loads("imdb", imdb, path, ({}, {"num_words": 50, "skip_top": 5, "maxlen": 7}, {"seed": 3, "start_char": None, "oov_char": None, "index_from": 0, "num_words": 30}, {"start_char": None, "index_from": 10, "oov_char": 9}, {"maxlen": 2}))
        path = f"{folder}/reuters.npz"
        np.savez_compressed(path, x=lists(rng, 15), y=rng.integers(0, 46, 15))
        reuters.get_file = lambda *_, **__: path
        yield loads("reuters", reuters, path, ({}, {"num_words": 50, "skip_top": 5, "maxlen": 7, "test_split": 0.4}, {"seed": 3, "start_char": None, "oov_char": None, "index_from": 0, "num_words": 30}))


def loads(name, module, path, calls):
    out = {"name": name, "file": base64.b64encode(pathlib.Path(path).read_bytes()).decode(), "calls": []}
    for arguments in calls:
        call = {"arguments": arguments, "result": None}

        def run():
            (x, y), (v, w) = module.load_data(**arguments)
            call["result"] = [[[int(n) for n in s] for s in x], [int(n) for n in y], [[int(n) for n in s] for s in v], [int(n) for n in w]]

        call["error"] = error_of(run)
        out["calls"].append(call)
    return out


def housing():
    with tempfile.TemporaryDirectory() as folder:
        for name, module, rows, calls in (("boston_housing", boston_housing, 11, ({}, {"test_split": 0.5, "seed": 0}, {"test_split": 1.0})), ("california_housing", california_housing, 603, ({"version": "small", "test_split": 0.99}, {"test_split": 0.99, "seed": 4}))):
            path = f"{folder}/{name}.npz"
            dtype = "float64" if name == "boston_housing" else "float32"
            np.savez_compressed(path, x=np.arange(rows * 2, dtype=dtype).reshape(rows, 2), y=np.arange(rows, dtype=dtype))
            module.get_file = lambda *_, **__: path
            out = {"name": name, "file": base64.b64encode(pathlib.Path(path).read_bytes()).decode(), "calls": []}
            for arguments in calls:
                call = {"arguments": arguments, "result": None}

                def run():
                    (x, y), (v, w) = module.load_data(**arguments)
                    call["result"] = [{**array(a), "data": array(a)["data"][:40]} for a in (x, y, v, w)]

                call["error"] = error_of(run)
                out["calls"].append(call)
            yield out


def images():
    rng = np.random.default_rng(6)
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for stem, n in (("train", 3), ("t10k", 2)):
            for kind, content in ((f"{stem}-images-idx3-ubyte.gz", b"\0\0\x08\x03" + n.to_bytes(4, "big") + b"\0\0\0\x1c\0\0\0\x1c" + bytes(n * 784)), (f"{stem}-labels-idx1-ubyte.gz", b"\0\0\x08\x01" + n.to_bytes(4, "big") + bytes(rng.integers(0, 10, n).tolist()))):
                with gzip.open(f"{folder}/{kind}", "wb") as f:
                    f.write(content)
                files[kind] = base64.b64encode(pathlib.Path(f"{folder}/{kind}").read_bytes()).decode()
        fashion_mnist.get_file = lambda name, **_: f"{folder}/{name}"
        (x, y), (v, w) = fashion_mnist.load_data()
        fashion = {"files": files, "shapes": [list(x.shape), list(v.shape)], "y": array(y), "w": array(w)}
        inner = pathlib.Path(folder) / "cifar-100-python"
        inner.mkdir()
        for name, n in (("train", 3), ("test", 2)):
            plain = np.full((n, 3072), 7, "uint8")
            plain[:, 5] = np.arange(n)
            plain[:, 1024] = 9
            content = {b"data": plain, b"fine_labels": rng.integers(0, 100, n).tolist(), b"coarse_labels": rng.integers(0, 20, n).tolist(), b"filenames": [b"a.png"] * n}
            (inner / name).write_bytes(pickle.dumps(content, protocol=4))
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as t:
            t.add(inner, "cifar-100-python")
        cifar100.get_file = lambda **_: folder
        out = {"archive": base64.b64encode(buffer.getvalue()).decode(), "results": {}}
        for mode in ("fine", "coarse"):
            (x, y), (v, w) = cifar100.load_data(label_mode=mode)
            out["results"][mode] = {"shapes": [list(x.shape), list(v.shape)], "head": [int(b) for b in x.reshape(-1)[:30]], "sum": int(x.sum()), "y": array(np.asarray(y)), "w": array(np.asarray(w))}
        return {"fashion": fashion, "cifar100": out}


def everything():
    import warnings

    warnings.simplefilter("ignore")
    return {
        "pad": list(padded()), "normalize": list(normalized()), "texts": TEXTS, "tokenizers": list(tokenizers()), "word_sequences": list(word_sequences()), "splits": list(splits()), "series": list(series()),
        "sequences": list(sequences()), "housing": list(housing()), **images(),
    }  # fmt: skip


def cases():
    run = subprocess.run([sys.executable, __file__], env=os.environ | {"KERAS_BACKEND": "tensorflow"}, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr[-3000:])
    return json.loads(run.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps(everything(), allow_nan=False))
