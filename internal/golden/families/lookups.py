"""StringLookup, IntegerLookup, Hashing and HashedCrossing, alone and in models, on TensorFlow, whose tables and hashes they are made of. README.md has the format."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import keras
import numpy as np
from keras import layers as L

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from arrays import array
from families.textvectorization import contents, probe
from probes import call_error, constructor_error, error_of, strings, tensor

WORDS = ["the", "cat", "dog", "sat", "mat"]
TEXTS = [["the", "cat", "the"], ["zebra", "mat", ""], ["dog", "Ünïcode", "[UNK]"]]
NUMBERS = [[3, 5, 3], [-7, 9, 0], [4, 1 << 40, -1]]
LONG = [["", "a", "abcd", "abcdefgh", "a text of seventeen"], ["x" * 16, "x" * 32, "x" * 33, "x" * 64, "x" * 65], ["日本語", "x" * 130, "1", "-1", " "]]


def data(values):
    values = np.array(values, dtype=object)
    return np.array(values.tolist()) if values.size and not isinstance(values.reshape(-1)[0], str) else values


def given(x):
    return tensor(data(x)) if not isinstance(x, np.ndarray) else tensor(x)


def alone(label, make, inputs, adapt=None, batches=False, **arguments):
    """One layer: adapted (to all at once, or to batches), then called."""
    try:
        return unchecked(label, make, inputs, adapt, batches, arguments)
    except Exception as error:
        raise RuntimeError(f"case {label}") from error


def unchecked(name, make, inputs, adapt, batches, arguments):
    keras.utils.clear_session()
    layer = make(**arguments)
    record = {"name": f"{make.__name__} {name}", "layer": keras.saving.serialize_keras_object(layer), "adapt": None}
    if adapt is not None:
        parts = [data(b) for b in adapt] if batches else [data(adapt)]
        layer.adapt(iter(parts) if batches else parts[0])
        record["adapt"] = {"batches": [tensor(b) for b in parts], "one_array": not batches}
    several = make is L.HashedCrossing
    inputs = [x if isinstance(x, np.ndarray) else data(x) for x in (inputs if several else [inputs])]
    record["inputs"] = [tensor(x) for x in inputs]
    result = layer(inputs if several else inputs[0]).numpy()
    record["outputs"] = tensor(np.vectorize(lambda b: b.decode("utf-8"), otypes=[object])(result) if result.dtype == object else result)
    after = keras.saving.serialize_keras_object(layer)
    record["layer_after"] = None if after == record["layer"] else after
    record["vocabulary"] = record["own_variables"] = record["assets"] = None
    if hasattr(layer, "get_vocabulary"):
        record["vocabulary"] = {"all": listed(layer.get_vocabulary()), "tokens": listed(layer.get_vocabulary(include_special_tokens=False)), "size": layer.vocabulary_size()}
        store = {}
        layer.save_own_variables(store)
        record["own_variables"] = {key: array(value) for key, value in store.items()}
        with tempfile.TemporaryDirectory() as folder:
            layer.save_assets(folder)
            record["assets"] = contents(folder)
    return record


def listed(vocabulary):
    return [v if isinstance(v, str) else "None" if v is None else str(int(v)) for v in vocabulary]


def lookups():
    S, I = L.StringLookup, L.IntegerLookup
    idf = [0.5, 1.0, 1.5, 2.0, 0.25]
    for make, inputs, vocabulary, mask, oov in ((S, TEXTS, WORDS, "", "[UNK]"), (I, NUMBERS, [3, 5, 4, 9, 12], 0, -1)):
        column = [[row[0]] for row in inputs]
        flat = sum(inputs, [])
        yield alone("plain", make, inputs, vocabulary=vocabulary)
        yield alone("mask", make, inputs, vocabulary=vocabulary, mask_token=mask, name="mine")
        yield alone("several unknown", make, flat, vocabulary=vocabulary, num_oov_indices=3, mask_token=mask)
        yield alone("several unknown, hashed", make, inputs, vocabulary=vocabulary, num_oov_indices=4, oov_method="farmhash")
        yield alone("several unknown, salt", make, inputs, vocabulary=vocabulary, num_oov_indices=5, oov_method="farmhash", salt=[7, -3])
        yield alone("one salt", make, inputs, vocabulary=vocabulary, num_oov_indices=7, oov_method="farmhash", salt=133)
        yield alone("no unknown", make, vocabulary[:3], vocabulary=vocabulary, num_oov_indices=0)
        yield alone("no unknown, one_hot", make, vocabulary[:3], vocabulary=vocabulary, num_oov_indices=0, output_mode="one_hot")
        yield alone("special in the vocabulary", make, inputs, vocabulary=[mask, oov, oov, *vocabulary], num_oov_indices=2, mask_token=mask, max_tokens=8)
        yield alone("another unknown", make, inputs, vocabulary=vocabulary, oov_token=vocabulary[1])
        yield alone("inverted", make, np.array([[0, 1, 2], [6, 7, -2]]), vocabulary=vocabulary, invert=True)
        yield alone("inverted, mask", make, np.array([0, 1, 2, 3, 40]), vocabulary=vocabulary, invert=True, mask_token=mask, num_oov_indices=2)
        yield alone("adapted", make, inputs, inputs)
        yield alone("adapted, flat, few", make, flat, flat, max_tokens=5, mask_token=mask)
        yield alone("adapted to batches", make, inputs, [inputs[:1], inputs[1:]], batches=True, num_oov_indices=2)
        yield alone("adapted, fewer than there are special ones", make, inputs, inputs, max_tokens=2, num_oov_indices=4)
        for mode in ("one_hot", "multi_hot", "count", "tf_idf"):
            weights = {"idf_weights": idf} if mode == "tf_idf" else {}
            yield alone(f"{mode}", make, inputs, vocabulary=vocabulary, output_mode=mode, mask_token=mask, **weights)
            yield alone(f"{mode}, column, padded", make, column, vocabulary=vocabulary, output_mode=mode, num_oov_indices=2, max_tokens=9, pad_to_max_tokens=True, **weights)
            if mode in ("one_hot", "multi_hot") and make is I:
                continue  # the same code as that of texts
            yield alone(f"{mode}, flat", make, flat, vocabulary=[oov, *vocabulary], output_mode=mode, **({"idf_weights": [0.75, *idf]} if weights else {}))
            if mode == "multi_hot":
                continue
            yield alone(f"{mode}, adapted", make, inputs, inputs, output_mode=mode, mask_token=mask)
            yield alone(f"{mode}, adapted to batches, padded", make, inputs, [inputs[:1], inputs[1:]], batches=True, output_mode=mode, max_tokens=12, pad_to_max_tokens=True)
        yield alone("count, three axes", make, [inputs, inputs[::-1]], vocabulary=vocabulary, output_mode="count")
        yield alone("older names", make, inputs, vocabulary=vocabulary, output_mode="binary")
    yield alone("encoding", S, [["a"]], vocabulary=["a"], encoding="latin-1")
    yield alone("floats", I, np.array([[3.7, -7.5], [5.0, 0.2]], "float32"), vocabulary=[3, 5, -7])


def hashes():
    H = L.Hashing
    yield alone("texts", H, LONG, num_bins=1000003)
    yield alone("texts, salt", H, LONG, num_bins=1000003, salt=[1337, -42])
    yield alone("few bins", H, TEXTS, num_bins=3, salt=11)
    yield alone("numbers", H, NUMBERS, num_bins=1 << 40)
    yield alone("numbers, mask", H, np.array(NUMBERS, "int64"), num_bins=10, mask_value=3, salt=[1, 2])
    yield alone("texts, mask", H, TEXTS, num_bins=10, mask_value="", dtype="int32", name="mine")
    yield alone("one bin and a mask", H, TEXTS, num_bins=1, mask_value="")
    yield alone("floats", H, np.array([[1.5, -2.5], [3.0, 3.7]], "float32"), num_bins=100, mask_value=3)
    yield alone("bytes", H, np.array([1, 255, 3], "uint8"), num_bins=100)
    for mode in ("one_hot", "multi_hot", "count"):
        yield alone(mode, H, TEXTS, num_bins=4, output_mode=mode)
        yield alone(f"{mode}, column", H, [[1], [2], [3]], num_bins=4, output_mode=mode, mask_value=1)
    yield alone("one_hot, float16", H, TEXTS, num_bins=4, output_mode="one_hot", dtype="float16")
    C = L.HashedCrossing
    a, b = ["A", "B", "A", "日本"], [101, -101, 1 << 40, 7]
    yield alone("texts and numbers", C, [a, b], num_bins=1000)
    yield alone("columns", C, [[[x] for x in b], [[x] for x in a]], num_bins=5, output_mode="one_hot")
    yield alone("three", C, [a, b, a], num_bins=100, output_mode="one_hot", name="mine")
    yield alone("no bins", C, [a, b], num_bins=0)
    yield alone("numbers", C, [b, np.array([1, 2, 3, 4], "int32")], num_bins=7, dtype="int32")


def models():
    def of(make, dtype, *inputs, then=None, shape=None, **arguments):
        def build():
            xs = [keras.Input(np.shape(x)[1:], name=n, dtype=d) for x, n, d in zip(inputs, "xy", dtype)]
            h = make(name="mine", **arguments)(xs if len(xs) > 1 else xs[0])
            return keras.Model(xs if len(xs) > 1 else xs[0], then(h) if then else h)

        return build

    dense = lambda h: L.Dense(2, name="out")(h)
    numbers = np.array(NUMBERS, "int64")
    yield probe("words", of(L.StringLookup, ["string"], TEXTS, vocabulary=WORDS, mask_token=""), [TEXTS])
    yield probe("words, counted", of(L.StringLookup, ["string"], TEXTS, then=dense, vocabulary=WORDS, output_mode="multi_hot"), [TEXTS])
    yield probe("numbers", of(L.IntegerLookup, ["int64"], numbers, vocabulary=[3, 5, 4], num_oov_indices=2), [numbers])
    yield probe("numbers, counted", of(L.IntegerLookup, ["int64"], numbers, then=dense, vocabulary=[3, 5, 4], output_mode="count", max_tokens=6, pad_to_max_tokens=True), [numbers])
    yield probe("hashed words", of(L.Hashing, ["string"], TEXTS, num_bins=5), [TEXTS])
    yield probe("hashed numbers", of(L.Hashing, ["int64"], numbers, then=dense, num_bins=5, output_mode="count", salt=3), [numbers])
    yield probe("hashed numbers, mixed", of(lambda **a: L.Hashing(dtype="mixed_float16", **a), ["int64"], numbers, then=dense, num_bins=5, output_mode="count"), [numbers])
    for mode in ("count", "one_hot", "multi_hot"):
        yield probe(f"words, {mode}", of(L.StringLookup, ["string"], TEXTS, vocabulary=WORDS, output_mode=mode), [TEXTS])
        yield probe(f"numbers, {mode}", of(lambda **a: L.IntegerLookup(dtype="float16", **a), ["int64"], numbers, vocabulary=[3, 5, 4], output_mode=mode), [numbers])
    # Counts are whole numbers though they are promised to be floats: what later layers make of them.
    among = lambda h: L.Concatenate(name="all")([h, L.Rescaling(0.5, name="half")(h), L.BatchNormalization(name="bn")(L.Reshape((-1,), name="r")(h))])
    yield probe("words, counted among floats", of(L.StringLookup, ["string"], TEXTS, then=among, vocabulary=WORDS, output_mode="count"), [TEXTS])
    a, b = [["A"], ["B"], ["A"]], np.array([[1], [2], [3]], "int64")
    yield probe("crossed", of(L.HashedCrossing, ["string", "int64"], a, b, num_bins=11), [a, b])
    yield probe("crossed, one_hot", of(L.HashedCrossing, ["string", "int64"], a, b, then=dense, num_bins=6, output_mode="one_hot"), [a, b])

    def adapted():
        layer = L.StringLookup(output_mode="tf_idf", name="mine")
        layer.adapt(data(TEXTS))
        x = keras.Input((3,), name="x", dtype="string")
        return keras.Model(x, dense(layer(x)))

    yield probe("adapted", adapted, [TEXTS], {"layer": "mine", "batches": [strings(data(TEXTS))], "one_array": True})
    sequential = lambda: keras.Sequential([keras.Input((3,), dtype="string"), L.StringLookup(vocabulary=WORDS, num_oov_indices=3), L.Embedding(9, 2)])
    yield probe("in sequential", sequential, [TEXTS])


def errors():
    for make, words in ((L.StringLookup, WORDS), (L.IntegerLookup, [1, 2, 3, 4, 5])):
        for arguments in (
            {"max_tokens": 1}, {"num_oov_indices": -1}, {"pad_to_max_tokens": True}, {"output_mode": "float"}, {"invert": True, "output_mode": "one_hot"}, {"sparse": True},
            {"idf_weights": [1.0]}, {"vocabulary": words, "output_mode": "tf_idf"}, {"vocabulary": words, "output_mode": "tf_idf", "idf_weights": [1.0, 2.0]}, {"vocabulary": [words[0], words[0]]},
            {"vocabulary": []}, {"vocabulary": words, "max_tokens": 5}, {"vocabulary": [words[0], words[1]], "mask_token": words[1]}, {"vocabulary": words, "invert": True, "oov_token": words[2]},
            {"vocabulary": words, "oov_token": words[2]}, {"oov_method": "sum"}, {"oov_method": "farmhash", "salt": [1, 2, 3]}, {"wrong": 1}, {"salt": 3}, {"vocabulary_dtype": "int32"},
        ):  # fmt: skip
            if make is L.StringLookup and "vocabulary_dtype" in arguments or "sparse" in arguments:
                continue
            yield constructor_error(make, **arguments)
    for arguments in ({"num_bins": 0}, {"num_bins": 3, "output_mode": "tf_idf"}, {"num_bins": 3, "dtype": "float32"}, {"num_bins": 3, "salt": [1]}, {"num_bins": 3, "salt": [1, 2, 3]}, {"num_bins": 3, "sparse": True}, {"num_bins": 3, "wrong": 1}):
        yield constructor_error(L.Hashing, **arguments)
    for arguments in ({"num_bins": 3, "output_mode": "count"},):
        yield constructor_error(L.HashedCrossing, **arguments)
    yield call_error(lambda: L.HashedCrossing(3), [((None,), "int64")])
    yield call_error(lambda: L.HashedCrossing(3), [((None, 2), "int64"), ((None, 3), "int64")])


def use_errors():
    out = []
    for make, arguments, adapt, inputs in (
        (L.StringLookup, {}, None, TEXTS), (L.StringLookup, {"output_mode": "count"}, None, TEXTS), (L.StringLookup, {"vocabulary": WORDS}, TEXTS, None),
        (L.StringLookup, {"vocabulary": WORDS, "num_oov_indices": 0}, None, TEXTS), (L.StringLookup, {"vocabulary": WORDS}, None, NUMBERS),
        (L.IntegerLookup, {"vocabulary": [1]}, None, TEXTS), (L.IntegerLookup, {"vocabulary": [1], "num_oov_indices": 0}, None, NUMBERS), (L.Hashing, {"num_bins": 3, "mask_value": "a"}, None, NUMBERS),
        (L.Hashing, {"num_bins": 3, "mask_value": 1}, None, TEXTS),
    ):  # fmt: skip
        keras.utils.clear_session()
        layer = make(**arguments)
        config = keras.saving.serialize_keras_object(layer)
        error = None
        if adapt is not None:
            error = error_of(lambda: layer.adapt(data(adapt)))
        if error is None and inputs is not None:
            error = error_of(lambda: layer(data(inputs)))
        assert error is not None, (make, arguments)
        out.append({"layer": config, "adapt": adapt and given(adapt), "inputs": inputs and given(inputs)})
    return out


def everything():
    import warnings

    warnings.simplefilter("ignore")
    return {"probes": list(models()), "errors": list(errors()), "alone": [*lookups(), *hashes()], "use_errors": use_errors()}


def cases():
    run = subprocess.run([sys.executable, __file__], env=os.environ | {"KERAS_BACKEND": "tensorflow"}, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr[-3000:])
    return json.loads(run.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps(everything(), allow_nan=False))
