"""Functional models of patches of images and volumes, tensors made of tensors' numbers, and squares of truth values."""

from keras import ops

from families.operations import record

F = "float32"
IMAGE = ((4, 5, 2), F, -2, 2)
FIRST = ((2, 4, 5), F, -2, 2)
VOLUME = ((3, 4, 3, 2), F, -2, 2)
ROW = ((5,), F, -2, 2)
BEFORE = {"data_format": "channels_first"}

CASES = {
    "extract_patches": (
        [IMAGE, VOLUME],
        lambda a, b: [
            ops.image.extract_patches(a, 2), ops.image.extract_patches(a, (2, 3), strides=(1, 2)), ops.image.extract_patches(a, 2, strides=1, dilation_rate=2),
            ops.image.extract_patches(a[0], 3, strides=2, padding="same"), ops.image.extract_patches_3d(b, (1, 2, 3), strides=(2, 1, 1), padding="same"), ops.image.extract_patches_3d(b[0], 2, strides=1),
        ],
    ),
    "extract_patches_first": ([FIRST], lambda a: [ops.image.extract_patches(a, 2, **BEFORE), ops.image.extract_patches(a[0], (3, 2), strides=1, padding="same", **BEFORE)]),
    "spaces": (
        [ROW, ROW],
        lambda a, b: [ops.linspace(a, b, 3), ops.linspace(a, 4, 5, endpoint=False, axis=-1), ops.linspace(0.0, b[0], 1), ops.linspace(a, b, 4, axis=1), ops.logspace(0, b, 3, base=2.0),
                      ops.logspace(a, b, 4, endpoint=False, axis=-1), ops.full((2, 3), a[0, 0]), ops.full((2, 5), a[0]), ops.square(a > 0)],
    ),
}  # fmt: skip


def cases():
    return record(CASES)
