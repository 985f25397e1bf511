"""Makes hostile/*.weights.h5.gz: weights of a Dense(3) on 4 inputs, each wrong in its own way.

    python generate_hostile.py
"""

import gzip
import os
import tempfile

import h5py
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hostile")
KERNEL = np.arange(12, dtype="float32").reshape(4, 3)
BIAS = np.zeros(3, "float32")


def pack(name, fill):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w.h5")
        with h5py.File(path, "w") as f:
            fill(f)
        with open(path, "rb") as f, gzip.GzipFile(os.path.join(FOLDER, name + ".weights.h5.gz"), "wb", mtime=0) as out:
            out.write(f.read())


def write(name, kernel=None, bias=None, more=None):
    def fill(f):
        group = f.create_group("layers/dense/vars")
        group.attrs["name"] = "dense"
        f.create_group("vars").attrs["name"] = "model"
        f["layers"].create_group("input_layer/vars").attrs["name"] = "input_1"
        (kernel or dataset(data=KERNEL))(group, "0")
        (bias or dataset(data=BIAS))(group, "1")
        if more:
            more(f)

    pack(name, fill)


def dataset(*args, **kwargs):
    return lambda group, name: group.create_dataset(name, *args, **kwargs)


def link(value):
    def put(group, name):
        group[name] = value

    return put


def virtual(group, name):
    layout = h5py.VirtualLayout(shape=(4, 3), dtype="float32")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(4, 3))
    group.create_virtual_dataset(name, layout)


def cycle(f):
    f["layers/dense/again"] = f["layers"]


def self_cycle(f):
    f["loop"] = f["/"]


def unwritten(f):
    """Every layer's kernel takes 64 MiB, and nothing of them is in the file."""
    for i in range(60):
        group = f.create_group("layers/dense" + (f"_{i}" if i else "") + "/vars")
        group.create_dataset("0", shape=(4096, 4096), dtype="float32")
        group.create_dataset("1", shape=(4096,), dtype="float32")


def aliased(f):
    """Every layer's kernel is the same one."""
    for i in range(2000):
        group = f.create_group("layers/dense" + (f"_{i}" if i else "") + "/vars")
        if i == 0:
            group["0"], group["1"] = np.zeros((512, 512), "float32"), np.zeros(512, "float32")
        else:
            group["0"], group["1"] = f["layers/dense/vars/0"], f["layers/dense/vars/1"]


os.makedirs(FOLDER, exist_ok=True)
write("good")
write("external_link", kernel=link(h5py.ExternalLink("/etc/passwd", "/x")))
write("soft_link", kernel=link(h5py.SoftLink("/layers/dense/vars/1")))
write("soft_cycle", kernel=link(h5py.SoftLink("/layers/dense/vars/0")))
write("virtual", kernel=virtual)
write("external_storage", kernel=dataset(shape=(4, 3), dtype="float32", external=[("/etc/passwd", 0, 48)]))
write("text", kernel=dataset(data=np.full((4, 3), b"abcd", "S4")))
write("variable_text", kernel=dataset(data=np.full((4, 3), "abcd", object), dtype=h5py.string_dtype()))
write("compound", kernel=dataset(data=np.zeros((4, 3), [("a", "f4"), ("b", "i4")])))
write("complex", kernel=dataset(data=np.zeros((4, 3), "complex64")))
write("ragged", kernel=dataset(shape=(4, 3), dtype=h5py.vlen_dtype(np.dtype("float32"))))
write("references", kernel=dataset(shape=(4, 3), dtype=h5py.ref_dtype))
write("opaque", kernel=dataset(data=np.zeros((4, 3), "V4")))
write("integers", kernel=dataset(data=KERNEL.astype("int32")))
write("doubles", kernel=dataset(data=KERNEL.astype("float64")))
write("empty", kernel=dataset(data=h5py.Empty("float32")))
write("scalar", kernel=dataset(data=np.float32(1)))
write("rank", kernel=dataset(data=KERNEL.reshape(4, 3, 1)))
write("transposed", kernel=dataset(data=KERNEL.T))
write("group_for_array", kernel=lambda group, name: group.create_group(name))
write("no_bias", bias=lambda group, name: None)
write("one_more", more=lambda f: f["layers/dense/vars"].create_dataset("2", data=BIAS))
write("huge", kernel=dataset(shape=(1 << 40, 1 << 20), dtype="float32", chunks=(1 << 10, 1 << 10)))
write("overflow", kernel=dataset(shape=(1 << 30, 1 << 20), dtype="float32"))
pack("unwritten", unwritten)
pack("aliased", aliased)
write("bomb", kernel=dataset(data=np.zeros((1 << 13, 1 << 13), "float32"), chunks=(1 << 13, 1 << 13), compression="gzip", compression_opts=9))
write("large_chunk", kernel=dataset(data=KERNEL, maxshape=(None, None), chunks=(1 << 13, 1 << 13), compression="gzip", compression_opts=9))
write("cycle", more=cycle)
write("self_cycle", more=self_cycle)
write("lzf", kernel=dataset(data=np.zeros((4, 3), "float32"), compression="lzf"))
write("null_name", more=lambda f: f.attrs.create("name", np.bytes_(b"\x00\x1b[31m")))
