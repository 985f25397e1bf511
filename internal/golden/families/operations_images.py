"""Functional models of several operations on images each."""

from keras import ops

from families.operations import record

F = "float32"
IMAGE = ((6, 5, 2), F, -2, 2)
FIRST = ((2, 6, 5), F, -2, 2)
RGB = ((4, 3, 3), F, 0.05, 0.95)
BEFORE = {"data_format": "channels_first"}


CASES = {
    "psnr": ([RGB, RGB], lambda a, b: ops.psnr(a, b, 1.0)),
    "blocks": (
        [((4, 6, 8), F, -2, 2), ((8, 4, 6), F, -2, 2)],
        lambda a, b: [ops.depth_to_space(a, 2), ops.space_to_depth(a, 2), ops.depth_to_space(b, 2, **BEFORE), ops.space_to_depth(b, 2, **BEFORE)],
    ),
    "patches": (
        [FIRST],
        lambda b: [
            ops.unfold(b, 2), ops.unfold(b, (3, 2), dilation=(1, 2), padding=(1, 0), stride=2),
        ],
    ),
    "colours": (
        [RGB, ((3, 4, 3), F, 0.05, 0.95)],
        lambda a, b: [ops.image.rgb_to_grayscale(a), ops.image.rgb_to_hsv(a), ops.image.hsv_to_rgb(a), ops.image.rgb_to_grayscale(b, **BEFORE), ops.image.rgb_to_hsv(b, **BEFORE)],
    ),
    "resize": (
        [IMAGE],
        lambda a: [ops.image.resize(a, (9, 3), interpolation=i) for i in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")] + [ops.image.resize(a, (3, 2), interpolation=i, antialias=True) for i in ("bilinear", "bicubic")],
    ),
    "resize_ratio": (
        [IMAGE, FIRST],
        lambda a, b: [
            ops.image.resize(a, (4, 4), crop_to_aspect_ratio=True), ops.image.resize(a, (3, 6), pad_to_aspect_ratio=True, fill_value=2.0), ops.image.resize(b, (12, 10), interpolation="nearest", **BEFORE),
            ops.image.resize(b, (3, 7), crop_to_aspect_ratio=True, **BEFORE),
        ],
    ),
    "margins": (
        [IMAGE, FIRST],
        lambda a, b: [
            ops.image.pad_images(a, top_padding=1, left_padding=2, target_height=9, target_width=8), ops.image.pad_images(b, 0, 1, 2, 0, **BEFORE),
            ops.image.crop_images(a[0], 1, 0, 2, 1), ops.image.crop_images(b[0], bottom_cropping=1, left_cropping=2, target_height=3, target_width=2, **BEFORE),
        ],
    ),
    "filters": (
        [IMAGE, FIRST],
        lambda a, b: [ops.image.gaussian_blur(a), ops.image.gaussian_blur(b, (4, 3), (0.7, 1.5), **BEFORE), ops.image.sobel_edges(a), ops.image.sobel_edges(b, **BEFORE)],
    ),
}  # fmt: skip


def cases():
    return record(CASES)
