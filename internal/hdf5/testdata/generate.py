"""Writes the .h5 files of this folder with h5py, and beside each a .json that says what is in it.

Run by hand, in this folder: python generate.py   (needs h5py, numpy and ml_dtypes)
With arguments OUT.json IN.h5 it describes another file instead.
"""

import hashlib
import json
import sys

import h5py
import ml_dtypes
import numpy as np


def shorten(text):
    return text if len(text) <= 500 else "sha256 " + hashlib.sha256(text.encode()).hexdigest()


def describe_value(value):
    """Everything as text, so that no number is rounded on the way."""
    if isinstance(value, h5py.Empty):
        return {"null": True}
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, str):
        return {"shape": [], "texts": [shorten(value)]}
    value = np.asarray(value)
    if value.dtype.kind in "OSU":
        texts = [v.decode() if isinstance(v, bytes) else str(v) for v in value.reshape(-1)]
        return {"shape": list(value.shape), "texts": texts}
    little = value.astype(value.dtype.newbyteorder("<"))
    return {"shape": list(value.shape), "dtype": str(little.dtype), "hex": shorten(little.tobytes().hex())}


def describe(path):
    out = {}
    with h5py.File(path, "r") as f:

        def add(name, obj):
            entry = {"attrs": {k: describe_value(v) for k, v in obj.attrs.items()}}
            if isinstance(obj, h5py.Dataset):
                entry["value"] = describe_value(h5py.Empty("f4") if obj.shape is None else obj[()])
            else:
                entry["children"] = list(obj.keys())
            out[name] = entry

        add("/", f)
        f.visititems(lambda name, obj: add("/" + name, obj))
    return out


def fill(f):
    rng = np.random.default_rng(1)
    numbers = f.create_group("numbers")
    for dtype in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 >f4 >i8 ?".split():
        numbers[dtype.replace(">", "big_").replace("?", "bool")] = (rng.normal(size=(2, 3)) * 50).astype(dtype)
    f["scalar"] = np.float32(2.5)
    f["iteration"] = np.int64(-7)
    f["empty"] = np.zeros((0, 4), "f4")
    f["null"] = h5py.Empty("f4")
    bf = f.create_dataset("layers/dense/vars/0", data=np.arange(6).reshape(2, 3).astype(ml_dtypes.bfloat16))
    bf.attrs["dtype"] = "bfloat16"
    f["layers/dense/vars"].attrs["name"] = "dense"
    f["texts_fixed"] = np.array([b"ab", b"cdefg", b""])
    f.create_dataset("texts_variable", data=["one", "två", "", "three"], dtype=h5py.string_dtype())

    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    values = np.arange(5, dtype="<i4")
    dataset = h5py.h5d.create(f.id, b"compact", h5py.h5t.STD_I32LE, h5py.h5s.create_simple((5,)), compact)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, values)

    ramp = np.arange(7 * 5 * 3, dtype="f4").reshape(7, 5, 3)
    chunks = f.create_group("chunks")
    chunks.create_dataset("plain", data=ramp, chunks=(3, 2, 3))
    chunks.create_dataset("gzip", data=ramp, chunks=(3, 2, 2), compression="gzip")
    chunks.create_dataset("shuffle", data=ramp, chunks=(2, 5, 3), compression="gzip", shuffle=True, fletcher32=True)
    chunks.create_dataset("one", data=ramp, chunks=(7, 5, 3), compression="gzip")
    chunks.create_dataset("many", data=np.arange(1100, dtype="i4"), chunks=(1,))
    chunks.create_dataset("grows", data=ramp, chunks=(2, 2, 2), maxshape=(None, None, 3))
    chunks.create_dataset("grows_gzip", data=ramp, chunks=(2, 2, 2), maxshape=(None, None, 3), compression="gzip")
    holes = chunks.create_dataset("holes", shape=(6, 6), chunks=(2, 2), dtype="i2", fillvalue=-3)
    holes[2:4, 1:3] = 9
    f.create_dataset("unwritten", shape=(3,), dtype="f8", fillvalue=1.5)

    attrs = f.create_group("attrs").attrs
    attrs["text"] = "grüße"
    attrs["bytes"] = b"ascii"
    attrs["fixed"] = np.array([b"kernel", b"bias"])
    attrs["list"] = ["a", "bc"]
    attrs["int"] = 5
    attrs["floats"] = np.array([1.5, -2.25], "f4")
    attrs["flag"] = np.bool_(True)
    attrs["null"] = h5py.Empty("i4")
    attrs["long"] = "x" * 70000
    many = f.create_group("many_attrs").attrs
    for i in range(40):
        many[f"attribute_{i:02d}"] = i


def children(f):
    for i in range(300):
        f[f"many/layer_{i}"] = np.int8(i % 100)


def main():
    for name, libver, write in [
        ("default", "earliest", fill),
        ("latest", "latest", fill),
        ("children", "earliest", children),
        ("children_latest", "latest", children),
    ]:
        with h5py.File(name + ".h5", "w", libver=libver) as f:
            write(f)
            if name == "latest":
                f["attrs"].attrs["large_numbers"] = np.arange(9000)
        save(name + ".json", name + ".h5")
    with h5py.File("links.h5", "w") as f:
        f["real"] = np.float32(1)
        f["soft"] = h5py.SoftLink("/real")
        f["external"] = h5py.ExternalLink("other.h5", "/real")
        f["virtual"] = np.float32(0)
        del f["virtual"]
        layout = h5py.VirtualLayout(shape=(2,), dtype="f4")
        layout[:] = h5py.VirtualSource("other.h5", "x", shape=(2,))
        f.create_virtual_dataset("virtual", layout)
        f.create_dataset("elsewhere", shape=(4,), dtype="u1", external=[("/etc/hostname", 0, 4)])
        f.create_dataset("lzf", data=np.zeros(100), compression="lzf")
        f["complex"] = np.complex64(1j)
        loop = f.create_group("loop")
        loop["again"] = loop
        f.create_dataset("bomb", shape=(1 << 40,), dtype="f4", chunks=(1 << 20,), compression="gzip")


def save(out, path):
    with open(out, "w") as f:
        json.dump(describe(path), f, indent=0, sort_keys=True)
        f.write("\n")


if len(sys.argv) == 3:
    save(sys.argv[1], sys.argv[2])
else:
    main()
