"""Writes the fixtures of this folder: arrays as NumPy writes them.

Run by hand, in this folder, with Python 3, NumPy and ml_dtypes:  python generate.py

- types.npz: one array of each type of numbers, named after it, of shape (2, 3), with the values -2 to 3 (0 to 5 where
  there are no negative ones, i % 2 for booleans; complex numbers have the value as both parts, the imaginary one negated).
- big.npz, compressed.npz: the same, big-endian and compressed.
- shapes.npz: arange(24) of int32 as C and as Fortran array of shape (2, 3, 4), a scalar 7, an empty (0, 3), a name with
  a slash, and the transpose of (2, 3).
- refused.npz: text, objects, times, a structure and bfloat16, which no tensor has.
"""


import ml_dtypes
import numpy as np

names = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
]


def values(name):
    base = np.arange(6)
    if name == "bool":
        return (base % 2 == 1).reshape(2, 3)
    if not name.startswith("u"):
        base = base - 2
    if name.startswith("complex"):
        return (base - 1j * base).astype(name).reshape(2, 3)
    return base.astype(name).reshape(2, 3)


np.savez("types.npz", **{n: values(n) for n in names})
np.savez("big.npz", **{n: values(n).astype(np.dtype(n).newbyteorder(">")) for n in names})
np.savez_compressed("compressed.npz", **{n: values(n) for n in names})
cube = np.arange(24, dtype="int32").reshape(2, 3, 4)
np.savez("shapes.npz", **{
    "c": cube, "fortran": np.asfortranarray(cube), "scalar": np.float32(7), "empty": np.zeros((0, 3), "float64"),
    "group/name": np.arange(3), "transposed": np.arange(6, dtype="float64").reshape(2, 3).T,
})
np.savez("refused.npz", **{
    "text": np.array(["a", "b"]), "object": np.array([{}], dtype=object), "time": np.array(["2020-01-01"], "datetime64[D]"),
    "structure": np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]), "bfloat16": np.zeros(2, ml_dtypes.bfloat16),
})
