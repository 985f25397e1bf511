"""FeatureSpace: tables, what becomes of them, and files that Keras wrote."""

import base64
import json
import os
import tempfile
import zipfile

import keras
import numpy as np
from keras.utils import FeatureSpace as FS

from arrays import array

TABLE = {
    "age": [20.0, 31.5, 50.0, 41.0, 63.25], "city": ["ulm", "bonn", "ulm", "köln", "bonn"], "id": [3, 1, 3, 7, -2], "weight": [60.0, 71.5, 80.0, 55.5, 90.0],
}  # fmt: skip
OTHER = {"age": [25.0, 70.0], "city": ["bonn", "rom"], "id": [7, 9], "weight": [58.0, 100.0]}
LONG = {"age": [float(i * i % 97) for i in range(70)], "city": [f"c{i % 7}" for i in range(70)], "id": [i % 5 for i in range(70)], "weight": [i / 2 for i in range(70)]}

# name: (function that makes the space, the table). Limits of bins that are given are left out: with them Keras 3.15 can neither adapt nor do without.
CASES = {
    "concat by name": (lambda: FS({"age": "float_normalized", "city": "string_categorical", "id": "integer_categorical", "weight": "float"}), TABLE),
    "dict, crosses": (
        lambda: FS(
            {"age": FS.float_rescaled(0.5, 1.0), "city": FS.string_categorical(max_tokens=3, num_oov_indices=2), "id": FS.integer_categorical(output_mode="int"), "weight": FS.float_discretized(3)},
            output_mode="dict", crosses=[("city", "id")], crossing_dim=5,
        ),
        TABLE,
    ),
    "hashed": (
        lambda: FS({"city": FS.string_hashed(4), "id": FS.integer_hashed(3, output_mode="one_hot"), "age": "float", "weight": "float_rescaled"}, crosses=[("city", "id"), ("id", "city")], crossing_dim=3),
        TABLE,
    ),
    "of 70 rows, by name": (lambda: FS({"city": "string_hashed", "age": "float_discretized", "weight": "float_normalized", "id": "integer_hashed"}, hashing_dim=3, num_discretization_bins=4), LONG),
}  # fmt: skip


def columns(table):
    return {k: {"dtype": "string" if isinstance(v[0], str) else type(v[0]).__name__, "data": v} for k, v in table.items()}


def outputs(space, table):
    out = space(table)
    return {k: array(np.asarray(v)) for k, v in (out if isinstance(out, dict) else {"concat": out}).items()}


def plain(config):
    """A configuration without the addresses of shared policies."""
    if isinstance(config, dict):
        return {k: plain(v) for k, v in config.items() if k != "shared_object_id"}
    return [plain(v) for v in config] if isinstance(config, list) else config


def record(name, make, table):
    keras.utils.clear_session()
    space = make()
    space.adapt(table)
    other = {k: v for k, v in OTHER.items() if k in table}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "space.keras")
        space.save(path)
        with open(path, "rb") as f:
            file = base64.b64encode(f.read()).decode()
        with zipfile.ZipFile(path) as z:
            config = plain(json.loads(z.read("config.json")))
        again = keras.models.load_model(path)
    result = {"name": name, "table": columns(table), "other": columns(other), "outputs": outputs(space, table), "other_outputs": outputs(space, other), "config": config, "file": file if "of" not in name and "hashed" not in name else None}
    for k, v in outputs(again, other).items():
        assert v == result["other_outputs"][k], "Keras reads back another space"
    return result


def errors():
    for arguments in ({"features": {}}, {"features": {"a": "x"}}, {"features": {"a": "float"}, "output_mode": "x"}, {"features": {"a": "float"}, "crosses": [["a", "b"]]}):
        try:
            FS(**arguments)
        except ValueError as error:
            yield {**arguments, "error": str(error)}


def cases():
    return {"spaces": [record(name, *case) for name, case in CASES.items()], "errors": list(errors())}
