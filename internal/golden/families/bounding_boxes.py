"""keras.utils.bounding_boxes: formats, clipping, cropping, padding, overlaps, and boxes as distances from anchors; and what keras.visualization paints of masks. README.md has the format."""

import itertools

import numpy as np
from keras.utils import bounding_boxes as B
from keras.visualization import draw_segmentation_masks

from arrays import array, uniform

FORMATS = ["xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh"]
HEIGHT, WIDTH = 50, 80


def boxes(seed, *shape):
    corners = uniform(seed, *shape, 2, 2, low=-5, high=60)
    return np.concatenate([corners.min(axis=-2), corners.max(axis=-2)], axis=-1).round(3).astype("float32")


AFFINE = ("angle", "translate_x", "translate_y", "scale", "shear_x", "shear_y")
MOVES = [[30.0, 0.1, -0.2, 1.5, 10.0, -20.0], [-75.0, 0.0, 0.3, 0.5, 0.0, 15.0]]  # of two images


def moved(some, **center):
    columns = {k: np.array(v, "float32") for k, v in zip(AFFINE, zip(*MOVES))}
    return array(B.affine_transform(some, **columns, height=HEIGHT, width=WIDTH, **center))


def raises(f, *arguments, **named):
    try:
        f(*arguments, **named)
    except (ValueError, NotImplementedError):
        return True
    return False


def cases():
    some, others, anchors = boxes(1, 2, 3), boxes(2, 2, 4), boxes(3, 3)
    some[0, 1] = -1
    others[1, 2] = [-4, -3, -2, -1]
    given = {f: np.asarray(B.convert_format(some[0], "xyxy", f, HEIGHT, WIDTH)) for f in FORMATS}
    labels = np.array([[1, 2, 3], [4, 5, 6]])
    clipped = B.clip_to_image_size({"boxes": np.array(some), "labels": labels}, 30, 40)
    relative = np.asarray(B.convert_format(some, "xyxy", "rel_xyxy", HEIGHT, WIDTH))
    clipped_relative = B.clip_to_image_size({"boxes": relative, "labels": labels}, bounding_box_format="rel_xyxy")
    shape = (HEIGHT, WIDTH, 3)
    images, masks = np.round(uniform(5, 2, 3, 4, 3, low=0, high=255)), np.random.default_rng(6).integers(-1, 4, (2, 3, 4, 1))
    return {
        "height": HEIGHT, "width": WIDTH, "formats": {f: array(v) for f, v in given.items()},
        "converted": [{"source": s, "target": t, "boxes": array(B.convert_format(given[s], s, t, HEIGHT, WIDTH))} for s, t in itertools.permutations(FORMATS, 2)],
        "boxes": array(some), "others": array(others), "labels": array(labels), "relative": array(relative), "anchors": array(anchors),
        "clipped": {k: array(v) for k, v in clipped.items()}, "clipped_relative": {k: array(v) for k, v in clipped_relative.items()},
        "cropped": array(B.crop(some, 10, 20, 15, 25)), "padded": array(B.pad(some, 3, 7)),
        "affine": [dict(zip(AFFINE, m)) for m in MOVES], "moved": moved(some), "moved_around": moved(some, center_x=0.2, center_y=0.9),
        "ious": [
            {"format": f, "first": array(a), "second": array(b), "masked": m, "mask_value": v, "iou": array(B.compute_iou(a, b, f, m, v, shape))}
            for f, a, b, m, v in [("xyxy", some, others, False, -1), ("xywh", some, others, True, -1), ("xyxy", some[0], others[1], True, 5), ("xyxy", some, anchors, False, -1), ("xyxy", anchors, others, False, -1), ("rel_xyxy", relative, relative, False, -1)]
        ],
        "cious": [{"format": f, "first": array(a), "second": array(b), "ciou": array(B.compute_ciou(a, b, f))} for f, a, b in [("xyxy", some, boxes(4, 2, 3)), ("center_yxhw", some[1], anchors)]],
        "deltas": [
            {"anchor_format": a, "box_format": b, "encoding_format": e, "variance": v, "deltas": array(d := B.encode_box_to_deltas(anchors, some, a, b, e, v, shape)), "decoded": array(B.decode_deltas_to_boxes(anchors, d, a, b, e, v, shape))}
            for a, b, e, v in [("xyxy", "xyxy", "center_yxhw", None), ("xyxy", "xywh", "center_xywh", [0.1, 0.1, 0.2, 0.3])]
        ],
        "refused": {
            "relative": raises(B.convert_format, some, "xyxy", "rel_xyxy"), "format": raises(B.convert_format, some, "xyxy", "x"), "axis": raises(B.convert_format, np.zeros((2, 5)), "xyxy", "xywh"),
            "clip": raises(B.clip_to_image_size, {"boxes": some, "labels": labels}), "iou": raises(B.compute_iou, some, some, "rel_xyxy"), "ranks": raises(B.compute_iou, np.zeros(4), some, "xyxy"),
            "ciou": raises(B.compute_ciou, relative, relative, "rel_xyxy"), "encoding": raises(B.encode_box_to_deltas, anchors, some, "xyxy", "xyxy", "xyxy"), "variance": raises(B.encode_box_to_deltas, anchors, some, "xyxy", "xyxy", variance=[1.0]),
        },
        "masks": {
            "images": array(images), "masks": array(masks),
            "drawn": [{"classes": n, "alpha": a, "ignore": i, "colors": c, "blend": b, "images": array(draw_segmentation_masks(images, masks, n, c and {k: tuple(v) for k, v in enumerate(c)}, a, b, i))}
                      for n, a, i, c, b in [(4, 0.8, -1, None, True), (None, 0.5, 2, None, True), (3, 1.0, 0, [[255, 0, 0], [0, 200, 0], [7, 8, 9]], True), (3, 0.5, 1, None, False)]],
        },
    }  # fmt: skip
