"""Writes the fixtures of package np with real NumPy.

    pip install numpy
    python port/np/testdata/generate.py

expressions.json has what the Python expressions of expressions_test.go give; random.json what generators give for seeds.
"""

import hashlib
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "porttest"))

from expressions import write, write_expressions

SETUP = """
x = np.arange(12).reshape(3, 4)
f = np.linspace(0, 1, 7)
m = np.array([[1.5, -2.0, 3.25], [4.0, 0.5, -6.0]])
u = np.array([250, 3, 255], dtype=np.uint8)
i8 = np.array([-128, 127, 5], dtype=np.int8)
b = np.array([True, False, True])
n = np.array([1.0, np.nan, -np.inf, 3.0])
s = np.array(["dog", "cat", "bird", "cat"])
z = np.zeros((0, 3))
f32 = np.array([0.1, 2.5, 1e-3], dtype=np.float32)
h = np.array([0.1, 2.5, 1000], dtype=np.float16)
"""


def hexes(a):
    a = np.asarray(a)
    return [float(e).hex() if a.dtype.kind == "f" else str(int(e)) for e in a.ravel()]


def digest(a):
    return hashlib.sha256(np.ascontiguousarray(a).tobytes()).hexdigest()


def legacy(seed):
    r = np.random.RandomState(seed)
    a = np.arange(12).reshape(6, 2)
    r.shuffle(a)
    out = [hexes(v) for v in (
        a, r.rand(3), r.randn(5), r.randint(0, 10, 6), r.randint(-5, 2**40, 2), r.randint(3, 4, 2), r.normal(2, 0.5, 3), r.uniform(-1, 3, 2),
        r.permutation(7), r.choice(10, 4), r.choice(10, 4, replace=False), r.choice([5, 6, 7], 4, p=[0.2, 0.3, 0.5]),
        r.choice(5, 3, replace=False, p=[0.1, 0.2, 0.3, 0.2, 0.2]), r.multinomial(1, [0.2, 0.5, 0.3], 3), r.multinomial(20, [0.2, 0.5, 0.3]),
        r.exponential(2, 3), r.normal([0, 10], [1, 2], (2, 2)), r.binomial(10, 0.7, 4), r.permutation(np.arange(4) * 1.5), r.poisson(3.5, 5), r.poisson([0, 14.0, 250.5], (4, 3)))]
    return {"values": out, "digests": [digest(r.randn(10000)), digest(r.rand(10000)), digest(r.randint(0, 1000, 10000)), digest(r.permutation(10000))]}


def modern(seed):
    g = np.random.default_rng(seed)
    a = np.arange(12).reshape(6, 2)
    g.shuffle(a)
    out = [hexes(v) for v in (
        a, g.random(3), g.standard_normal(5), g.integers(0, 10, 7), g.integers(-5, 2**40, 2), g.normal(2, 0.5, 3), g.uniform(-1, 3, 2),
        g.permutation(7), g.choice(10, 4), g.choice(10, 4, replace=False), g.choice([5, 6, 7], 4, p=[0.2, 0.3, 0.5]),
        g.choice(20000, 1000, replace=False)[:5], g.poisson(2, 5), g.poisson(31.5, 8))]
    return {"values": out, "digests": [digest(g.standard_normal(10000)), digest(g.random(10000)), digest(g.integers(0, 1000, 10000)), digest(g.permutation(10000))]}


SEEDS = [0, 1, 2, 3, 7, 10, 42, 99, 100, 123, 1234, 1337, 2019, 2020, 12345, 54321, 31415926, 2**31 - 1, 2**31, 2**32 - 1]

if __name__ == "__main__":
    write_expressions(HERE, SETUP)
    write(HERE / "random.json", {
        "legacy": {str(s): legacy(s) for s in SEEDS}, "modern": {str(s): modern(s) for s in SEEDS},
        "array": hexes(np.random.RandomState([1, 2, 3]).rand(3)), "wide": hexes(np.random.default_rng(2**40 + 5).random(3)),
    })
    np.save(HERE / "fortran.npy", np.asfortranarray(np.arange(1, 7, dtype=np.int16).reshape(2, 3)))
    np.save(HERE / "big.npy", np.array([1.5, 2.5], dtype=">f4"))
