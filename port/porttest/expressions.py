"""What generate.py of np, sk and pd share: expressions of expressions_test.go evaluated, results as JSON."""

import hashlib
import json
import pathlib
import re
import warnings

import numpy as np


def encode(v):
    if isinstance(v, (tuple, list)) and (not v or isinstance(v[0], np.ndarray)):
        return {"list": [encode(a) for a in v]}
    if isinstance(v, str):
        return {"text": v}
    a = np.asarray(v)
    if a.dtype.kind == "f":
        values = [float(e).hex() for e in a.ravel()]
    elif a.dtype.kind == "U":
        values = [str(e) for e in a.ravel()]
    else:
        values = [str(int(e)) for e in a.ravel()]
    text = str(a)
    if a.size > 64 and values:
        digest = hashlib.sha256("\n".join(values).encode()).hexdigest()
        values = ["sha256", digest]
    return {"shape": list(a.shape), "dtype": str(a.dtype), "values": values, "str": text, "repr": repr(a)}


def evaluate(python, setup):
    names = {"np": np}
    exec(setup, names)
    *statements, last = python.split("; ")
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for line in statements:
                exec(line, names)
            return encode(eval(last, names))
    except Exception as e:
        kind = type(e).__name__.lstrip("_")
        if kind in ("UFuncOutputCastingError", "UFuncInputCastingError", "UFuncBinaryResolutionError", "UFuncNoLoopError"):
            kind = "UFuncTypeError"
        if kind == "ArrayMemoryError":
            kind = "MemoryError"
        return {"error": kind, "text": str(e)}


def write(path, data):
    path.write_text(json.dumps(data, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} kB")


def write_expressions(here, setup):
    """Evaluates what `here.parent/expressions_test.go` lists."""
    source = (here.parent / "expressions_test.go").read_text()
    write(here / "expressions.json", {p: evaluate(p, setup) for p in re.findall(r"^\t\{`([^`]+)`", source, re.M)})
