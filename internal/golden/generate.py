"""Writes the fixtures that hold this project to real Keras's numbers.

    pip install keras jax numpy
    KERAS_BACKEND=jax python internal/golden/generate.py [family ...]

Each module in families/ has a function `cases()` that returns JSON-ready data;
it is written to testdata/<family>.json. Fixtures are committed, so tests need no Python.
"""

import importlib
import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))


def main(names):
    for name in names or sorted(p.stem for p in (HERE / "families").glob("[a-z]*.py")):
        data = importlib.import_module(f"families.{name}").cases()
        path = HERE / "testdata" / f"{name}.json"
        path.write_text(json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n")
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
