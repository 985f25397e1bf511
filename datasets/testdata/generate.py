"""Writes the fixtures of this folder: small files as NumPy and Python write them.

Run by hand, in this folder, with Python 3 and NumPy:  python generate.py

- batch_python2, batch_protocol2, batch_protocol4: one CIFAR batch of 3 images, pickled as the published archive is
  (Python 2, protocol 2, strings of bytes) and as Python 3 pickles it in protocols 2 and 4.
- mnist.npz, mnist_compressed.npz: MNIST with 5 training and 2 test images, as numpy.savez and savez_compressed write it.

Image i has the value (7*i + position) % 251 at each position, and the class (3*i + 1) % 10.
"""

import io
import pickle
import struct
import types

import numpy as np


def values(count, size):
    return np.array([[(7 * i + j) % 251 for j in range(size)] for i in range(count)], dtype="uint8")


def classes(count):
    return [(3 * i + 1) % 10 for i in range(count)]


class Python2Pickler(pickle._Pickler):
    """Writes bytes and str as Python 2 writes its str, and names NumPy's modules as they were called then."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_bytes(self, obj):
        if isinstance(obj, str):
            obj = obj.encode("latin1")
        if len(obj) < 256:
            self.write(b"U" + struct.pack("<B", len(obj)) + obj)
        else:
            self.write(b"T" + struct.pack("<i", len(obj)) + obj)
        self.memoize(obj)

    dispatch[bytes] = save_bytes
    dispatch[str] = save_bytes

    def save_global(self, obj, name=None):
        module, name = obj.__module__, name or obj.__qualname__
        module = module.replace("numpy._core", "numpy.core")
        self.write(b"c" + module.encode() + b"\n" + name.encode() + b"\n")
        self.memoize(obj)

    dispatch[type] = save_global
    dispatch[types.BuiltinFunctionType] = save_global


def batch():
    return {
        b"batch_label": b"training batch 1 of 5",
        b"labels": classes(3),
        b"data": values(3, 3072),
        b"filenames": [b"picture_s_%06d.png" % i for i in range(3)],
    }


def main():
    out = io.BytesIO()
    Python2Pickler(out, 2).dump(batch())
    assert pickle.loads(out.getvalue(), encoding="bytes")[b"data"].shape == (3, 3072)
    with open("batch_python2", "wb") as f:
        f.write(out.getvalue())
    for protocol in (2, 4):
        with open(f"batch_protocol{protocol}", "wb") as f:
            pickle.dump(batch(), f, protocol)

    def images(count):
        return values(count, 784).reshape(count, 28, 28)

    arrays = dict(
        x_train=images(5),
        y_train=np.array(classes(5), "uint8"),
        x_test=images(2),
        y_test=np.array(classes(2), "uint8"),
    )
    np.savez("mnist.npz", **arrays)
    np.savez_compressed("mnist_compressed.npz", **arrays)


if __name__ == "__main__":
    main()
