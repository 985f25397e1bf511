"""TextVectorization, alone and in models, on TensorFlow, whose strings it is made of. README.md has the format."""

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

from arrays import array, uniform
from probes import constructor_error, error_of, operations_of, serialized, shape_list, strings, structure, tensor

TEXTS = ["The cat sat on the mat.", "A dog, a cat: the dog sat!", "", "   ", "mat MAT mAt", "the unknown zebra"]
STRANGE = [
    "Ünïcode École naïve",  # lower-casing is ASCII's
    "İstanbul ΣΑΣ straße",
    "don't stop--really; it's_fine",
    "¿qué? ¡sí! “quoted” — dash… №5",
    "tab\tnew\nline\r\nvertical\vform\ffeed",
    "no\u00a0break\u2003em\u3000ideographic space",
    "日本語 テスト",
    "👍🏽 e\u0301 👨‍👩‍👧",
    "a.b.c 3.14 -1 50% $5 #tag @me ~x^y [z] {w} | \\ `",
    "[UNK] unk",
]
WORDS = ["the", "cat", "dog", "sat", "mat"]


def text_tensor(values):
    return np.array(values, dtype=object)


def contents(folder):
    return {p.name: p.read_text(encoding="utf-8") for p in sorted(pathlib.Path(folder).iterdir())}


def case(label, inputs, adapt=None, batches=False, **arguments):
    """One layer: adapted to texts (all at once, or as batches), then called on texts."""
    try:
        return unchecked(label, inputs, adapt, batches, arguments)
    except Exception as error:
        raise RuntimeError(f"case {label}") from error


def unchecked(name, inputs, adapt, batches, arguments):
    keras.utils.clear_session()
    layer = L.TextVectorization(**arguments)
    record = {"name": name, "layer": keras.saving.serialize_keras_object(layer), "adapt": None}
    if adapt is not None:
        given = [text_tensor(b) for b in adapt] if batches else [text_tensor(adapt)]
        layer.adapt(iter(given) if batches else given[0])
        record["adapt"] = {"batches": [strings(b) for b in given], "one_array": not batches}
    inputs = text_tensor(inputs)
    spec = layer(keras.KerasTensor((None, *inputs.shape[1:]), "string"))
    record["output_spec"] = {"shape": shape_list(spec.shape), "dtype": spec.dtype}
    record["inputs"], record["outputs"] = strings(inputs), tensor(layer(inputs))
    record["vocabulary"], record["tokens"] = layer.get_vocabulary(), layer.get_vocabulary(include_special_tokens=False)
    record["vocabulary_size"] = layer.vocabulary_size()
    idf = getattr(layer._lookup_layer, "idf_weights", None)
    record["idf_weights"] = None if idf is None else array(idf.numpy())
    record["layer_after"] = keras.saving.serialize_keras_object(layer)
    store = {}
    layer.save_own_variables(store)
    record["own_variables"] = {key: array(value) for key, value in store.items()}
    with tempfile.TemporaryDirectory() as folder:
        layer.save_assets(folder)
        record["assets"] = contents(folder)
    record["reads_back"] = reads_back(layer, record, inputs, store)
    return record


def reads_back(layer, record, inputs, store):
    """Whether a layer that is given these files computes the same: one term a line, they can't hold a term with a line break."""
    again = keras.saving.deserialize_keras_object(json.loads(json.dumps(record["layer_after"])))
    with tempfile.TemporaryDirectory() as folder:
        layer.save_assets(folder)
        again.load_own_variables(store)
        try:
            again.load_assets(folder)
        except ValueError:
            return False
    return tensor(again(inputs)) == record["outputs"] and again.get_vocabulary() == record["vocabulary"]


def texts():
    for standardize in ("lower_and_strip_punctuation", "lower", "strip_punctuation", None):
        for split in ("whitespace", "character", None):
            yield case(f"{standardize}, {split}", STRANGE, STRANGE, standardize=standardize, split=split)
    yield case("plain", TEXTS, TEXTS)
    yield case("column", [[t] for t in TEXTS], [[t] for t in TEXTS])
    yield case("batches", TEXTS, [TEXTS[:2], TEXTS[2:5], TEXTS[5:]], batches=True)
    yield case("adapted to other texts", TEXTS, ["cat cat cat dog dog bird"])
    yield case("ties", ["b a c", "z y"], ["b a", "a b", "c", "Z y é", "1 10 2"], standardize=None)
    yield case("max tokens", TEXTS, TEXTS, max_tokens=5)
    yield case("more tokens than there are", TEXTS, TEXTS, max_tokens=50)
    for length in (1, 4, 9):
        yield case(f"sequence length {length}", TEXTS, TEXTS, output_sequence_length=length)
    yield case("sequence length, unsplit", [["the", "cat", "dog"], ["mat", "", "zebra"]], vocabulary=WORDS, split=None, output_sequence_length=4)
    yield case("sequence length cuts, unsplit", [["the", "cat", "dog"], ["mat", "", "zebra"]], vocabulary=WORDS, split=None, output_sequence_length=2)
    yield case("unsplit, two columns", [["the", "cat"], ["mat", "zebra"]], vocabulary=WORDS, split=None)
    yield case("unsplit, one column", [["the"], ["zebra"]], vocabulary=WORDS, split=None)
    for ngrams in (1, 2, 3, (2,), (1, 3), (3, 2)):
        yield case(f"ngrams {ngrams}", TEXTS, TEXTS, ngrams=ngrams)
    yield case("ngrams of characters", ["abc", "ab c", ""], ["abc", "bcd"], ngrams=2, split="character")
    yield case("ngrams, unsplit", [["the", "cat", "dog"], ["mat", "", "zebra"]], vocabulary=["the cat", "cat", "cat dog"], split=None, ngrams=2)
    yield case("vocabulary", TEXTS, vocabulary=WORDS)
    yield case("vocabulary as an array", TEXTS, vocabulary=np.array(WORDS))
    yield case("vocabulary with special tokens", TEXTS, vocabulary=["", "[UNK]", *WORDS])
    yield case("vocabulary of words that don't occur", TEXTS, vocabulary=["The", "cat.", "é"])
    yield case("vocabulary and max tokens", TEXTS, vocabulary=WORDS, max_tokens=7)
    yield case("named", TEXTS, vocabulary=WORDS, name="words", trainable=False)
    yield case("encoding", TEXTS, TEXTS, encoding="latin-1")
    yield case("one text", ["the cat"], vocabulary=WORDS)
    yield case("nothing but empty texts", ["", " "], vocabulary=WORDS)
    yield case("nothing but empty texts, as counts", ["", " "], vocabulary=WORDS, output_mode="count")
    yield case("empty string among tokens", [["", "the"], ["", ""]], vocabulary=WORDS, split=None)


def modes():
    for mode in ("multi_hot", "count", "tf_idf"):
        idf = {"idf_weights": [0.5, 1.0, 1.5, 2.0, 0.25]} if mode == "tf_idf" else {}
        yield case(f"{mode}", TEXTS, TEXTS, output_mode=mode)
        yield case(f"{mode}, column", [[t] for t in TEXTS], [[t] for t in TEXTS], output_mode=mode)
        yield case(f"{mode}, batches", TEXTS, [TEXTS[:2], TEXTS[2:5], TEXTS[5:]], batches=True, output_mode=mode)
        yield case(f"{mode}, max tokens", TEXTS, TEXTS, output_mode=mode, max_tokens=4)
        yield case(f"{mode}, padded", TEXTS, TEXTS, output_mode=mode, max_tokens=12, pad_to_max_tokens=True)
        yield case(f"{mode}, vocabulary", TEXTS, output_mode=mode, vocabulary=WORDS, **idf)
        yield case(f"{mode}, vocabulary padded", TEXTS, output_mode=mode, vocabulary=WORDS, max_tokens=9, pad_to_max_tokens=True, **idf)
        special = {"idf_weights": [0.75, *idf["idf_weights"]]} if idf else {}
        yield case(f"{mode}, vocabulary with the unknown", TEXTS, output_mode=mode, vocabulary=["[UNK]", *WORDS], **special)
        yield case(f"{mode}, ngrams", TEXTS, TEXTS, output_mode=mode, ngrams=2)
        yield case(f"{mode}, characters", ["abc cab", "", "b"], ["abc cab", "b"], output_mode=mode, split="character")
        yield case(f"{mode}, unsplit", [["the", "cat", "the"], ["mat", "", "zebra"]], output_mode=mode, vocabulary=WORDS, split=None, **idf)
        yield case(f"{mode}, unsplit, one column", [["the"], ["zebra"]], output_mode=mode, vocabulary=WORDS, split=None, **idf)
    yield case("one_hot, unsplit", [["the"], ["zebra"]], output_mode="one_hot", vocabulary=WORDS, split=None)
    yield case("older names: binary", TEXTS, TEXTS, output_mode="binary")
    yield case("older names: tf-idf", TEXTS, TEXTS, output_mode="tf-idf")


def probe(name, build, inputs, adapt=None):
    """As probes.case() does it, without gradients."""
    keras.utils.clear_session()
    model = build()
    record = {"name": name, "config": serialized(model), "rewritten": None, "layers": [layer.name for layer in model.layers]}
    functional = model._functional if isinstance(model, keras.Sequential) else model
    record["operations"] = operations_of(functional)
    for i, w in enumerate(model.weights):
        w.assign(uniform(800 + i, *w.shape))
    record["weights"] = [{"path": w.path, "trainable": w.trainable, "dtype": w.dtype, "value": array(w.numpy())} for w in model.weights]
    if adapt is not None:
        record["adapt"] = adapt
    inputs = [text_tensor(x) if not isinstance(x, np.ndarray) else x for x in inputs]
    result = functional(keras.tree.pack_sequence_as(functional._inputs_struct, [keras.ops.convert_to_tensor(x) for x in inputs]), training=False)
    flat = keras.tree.flatten(result)
    record["calls"] = [
        {
            "reset": False, "training": False, "losses": 0,
            "inputs": [tensor(x) for x in inputs], "outputs": [tensor(y) for y in flat], "output_structure": structure(result),
            "masks": [tensor(keras.src.backend.get_keras_mask(y)) for y in flat],
            "cotangents": [None] * len(flat), "input_grads": [None] * len(inputs), "weight_grads": [None] * len(model.trainable_weights),
            "non_trainable_after": [array(w.numpy()) for w in model.non_trainable_weights], "states_after": [],
        }
    ]  # fmt: skip
    return record


def models():
    column = [[t] for t in TEXTS]

    def classifier(**arguments):
        def build():
            x = keras.Input((1,), name="x", dtype="string")
            h = L.TextVectorization(name="words", **arguments)(x)
            h = L.Embedding(8, 3, mask_zero=True, name="vectors")(h)
            return keras.Model(x, L.Dense(2, name="out")(L.GlobalAveragePooling1D(name="mean")(h)))

        return build

    yield probe("classifier", classifier(vocabulary=WORDS, output_sequence_length=4), [column[:2]])

    def recurrent():
        x = keras.Input((1,), name="x", dtype="string")
        h = L.TextVectorization(vocabulary=WORDS, name="words")(x)
        return keras.Model(x, L.LSTM(2, return_sequences=True, name="memory")(L.Embedding(8, 3, mask_zero=True, name="vectors")(h)))

    yield probe("sequences of unknown length", recurrent, [column])

    # Other modes than int infer an axis too many of a column, so these models take a vector.
    def adapted():
        layer = L.TextVectorization(max_tokens=6, output_mode="tf_idf", name="words")
        layer.adapt(text_tensor(TEXTS))
        x = keras.Input((), name="x", dtype="string")
        return keras.Model(x, L.Dense(2, name="out")(layer(x)))

    yield probe("adapted", adapted, [TEXTS], {"layer": "words", "batches": [strings(text_tensor(TEXTS))], "one_array": True})

    def beside():
        x, y = keras.Input((), name="x", dtype="string"), keras.Input((2,), name="y")
        h = L.TextVectorization(vocabulary=WORDS, output_mode="count", name="words")(x)
        return keras.Model([x, y], L.Dense(1, name="out")(L.Concatenate(name="both")([h, y])))

    yield probe("beside numbers", beside, [TEXTS, uniform(811, 6, 2)])
    sequential = lambda: keras.Sequential([keras.Input((), dtype="string"), L.TextVectorization(vocabulary=WORDS, output_mode="multi_hot"), L.Dense(2)])
    yield probe("in sequential", sequential, [TEXTS])

    def scalars():
        x = keras.Input((), name="x", dtype="string")
        return keras.Model(x, L.TextVectorization(vocabulary=WORDS, output_sequence_length=3, name="words")(x))

    yield probe("a vector of texts", scalars, [TEXTS])


def errors():
    for arguments in (
        {"standardize": "upper"}, {"split": "comma"}, {"output_mode": "float"}, {"ngrams": "2"}, {"ngrams": [1, 2]}, {"ngrams": (1, "2")},
        {"output_sequence_length": "4"}, {"output_mode": "count", "output_sequence_length": 4}, {"output_mode": "count", "ragged": True},
        {"max_tokens": 1}, {"output_mode": "count", "pad_to_max_tokens": True}, {"output_mode": "tf_idf", "vocabulary": WORDS},
        {"vocabulary": WORDS, "idf_weights": [1.0] * 5}, {"output_mode": "tf_idf", "vocabulary": WORDS, "idf_weights": [1.0] * 4},
        {"vocabulary": ["a", "b", "a"]}, {"vocabulary": ["a", "[UNK]"]}, {"vocabulary": ["a", ""]}, {"vocabulary": [""]}, {"vocabulary": WORDS, "max_tokens": 4},
        {"vocabulary": []}, {"sparse": True}, {"wrong": 1},
    ):  # fmt: skip
        yield constructor_error(L.TextVectorization, **arguments)


def use_errors():
    """What goes wrong later: a layer adapted to texts (null: not at all) and called on others."""
    out = []
    for arguments, adapt, inputs in (
        ({"vocabulary": WORDS}, TEXTS, None),
        ({"vocabulary": WORDS}, None, [["the", "cat"]]),
        ({"vocabulary": WORDS}, None, [[["the"]], [["cat"]]]),
        ({}, None, ["the cat"]),
        ({}, [], ["the cat"]),
        ({"output_mode": "count"}, None, ["the cat"]),
        ({"output_mode": "tf_idf"}, None, ["the cat"]),
    ):
        keras.utils.clear_session()
        layer = L.TextVectorization(**arguments)
        config = keras.saving.serialize_keras_object(layer)
        error = result = None
        if adapt is not None:
            error = error_of(lambda: layer.adapt(text_tensor(adapt)))
        if error is None and inputs is not None:
            error = error_of(lambda: layer(text_tensor(inputs)))
            result = tensor(layer(text_tensor(inputs))) if error is None else None
        out.append({"layer": config, "adapt": adapt, "inputs": inputs, "outputs": result, "error": error})
    return out


def everything():
    import warnings

    warnings.simplefilter("ignore")
    return {"probes": list(models()), "errors": list(errors()), "vectorizers": [*texts(), *modes()], "use_errors": use_errors()}


def cases():
    run = subprocess.run([sys.executable, __file__], env=os.environ | {"KERAS_BACKEND": "tensorflow"}, capture_output=True, check=True, text=True)
    return json.loads(run.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps(everything(), allow_nan=False))
