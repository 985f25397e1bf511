"""The networks of keras.applications, layer by layer. README.md has the format."""

import base64
import hashlib
import json
import struct
import zlib

import keras
import numpy as np
from keras import applications as A
from keras.src.utils import file_utils

from families.applications import build, cheap

NETWORKS = """VGG16 VGG19 ResNet50 ResNet101 ResNet152 ResNet50V2 ResNet101V2 ResNet152V2 Xception InceptionV3 InceptionResNetV2 MobileNet MobileNetV2
MobileNetV3Small MobileNetV3Large DenseNet121 DenseNet169 DenseNet201 EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4
EfficientNetB5 EfficientNetB6 EfficientNetB7 EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2S EfficientNetV2M
EfficientNetV2L NASNetMobile NASNetLarge ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge""".split()

# Of these, the smallest of each family, the layers are listed.
LISTED = """VGG16 ResNet50 ResNet50V2 Xception InceptionV3 InceptionResNetV2 MobileNet MobileNetV2 MobileNetV3Small DenseNet121 EfficientNetB0
EfficientNetV2B0 NASNetMobile ConvNeXtTiny""".split()

# With published weights, which lie in other files.
PUBLISHED = [
    ("MobileNet", dict(alpha=0.25, input_shape=(128, 128, 3))),
    ("MobileNet", dict(alpha=0.5, input_shape=(64, 64, 3), include_top=False)),
    ("MobileNet", dict(alpha=0.75, input_shape=(192, 192, 3), include_top=False)),
    ("MobileNetV2", dict(alpha=1.3, input_shape=(96, 96, 3))),
    ("MobileNetV2", dict(alpha=0.35, input_shape=(64, 96, 3), include_top=False)),
    ("MobileNetV3Small", dict(minimalistic=True)),
    ("MobileNetV3Small", dict(alpha=0.75)),
    ("MobileNetV3Large", dict(minimalistic=True, include_top=False)),
    ("MobileNetV3Large", dict(alpha=0.75, include_top=False)),
]

# Beside each network as it is and without its top: what the arguments change.
VARIANTS = [
    ("VGG16", dict(input_shape=(48, 40, 1), classes=7, classifier_activation=None, name="small")),
    ("VGG19", dict(include_top=False, input_shape=(32, 33, 3), pooling="max")),
    ("ResNet50", dict(include_top=False, input_shape=(64, None, 3))),
    ("ResNet50V2", dict(include_top=False, pooling="max", name="features")),
    ("Xception", dict(include_top=False, pooling="max")),
    ("InceptionV3", dict(include_top=False, pooling="max", input_shape=(75, 99, 3))),
    ("InceptionResNetV2", dict(classes=3, classifier_activation="sigmoid")),
    ("MobileNet", dict(alpha=0.25, depth_multiplier=2, dropout=0.5, input_shape=(160, 160, 3), classes=4)),
    ("MobileNet", dict(alpha=0.3, include_top=False)),
    ("MobileNetV2", dict(alpha=0.35, input_shape=(97, 64, 3), classes=4)),
    ("MobileNetV2", dict(alpha=1.4, include_top=False)),
    ("MobileNetV3Small", dict(alpha=0.75, minimalistic=True, dropout_rate=0, classes=4)),
    ("MobileNetV3Small", dict(alpha=1.5, include_preprocessing=False, input_shape=(97, 128, 4), classifier_activation=None)),
    ("MobileNetV3Large", dict(minimalistic=True, include_top=False, pooling="max")),
    ("DenseNet121", dict(include_top=False, pooling="max", input_shape=(65, 64, 3))),
    ("EfficientNetB0", dict(include_top=False, pooling="max", input_shape=(33, 34, 3))),
    ("EfficientNetB3", dict(include_top=False)),
    ("EfficientNetV2B0", dict(include_preprocessing=False, classes=3)),
    ("EfficientNetV2B1", dict(include_top=False, pooling="max", input_shape=(64, 64, 1))),
    ("NASNetMobile", dict(include_top=False, input_shape=(64, 71, 3), pooling="max")),
    ("ConvNeXtTiny", dict(include_preprocessing=False, include_top=False, pooling="max")),
    ("ConvNeXtTiny", dict(classes=3, name="mine")),
]

# In the data format channels_first.
FIRST = [
    ("VGG16", dict(input_shape=(3, 48, 40), classes=7)),
    ("ResNet50", dict(include_top=False, pooling="avg")),
    ("ResNet50V2", dict(include_top=False)),
    ("Xception", dict()),
    ("InceptionV3", dict(include_top=False, pooling="max")),
    ("InceptionResNetV2", dict(include_top=False)),
    ("MobileNet", dict()),
    ("MobileNetV2", dict(input_shape=(3, 96, 97), alpha=0.5)),
    ("MobileNetV3Large", dict(include_top=False)),
    ("MobileNetV3Small", dict(input_shape=(3, 64, 64))),
    ("EfficientNetB0", dict()),
    ("EfficientNetV2S", dict(include_top=False, pooling="avg")),
]

def canonical(v):
    """One text for each value of JSON: keys in order, numbers as the bits of a float64."""
    if v is None or isinstance(v, bool):
        return {None: "n", True: "t", False: "f"}[v]
    if isinstance(v, (int, float)):
        return struct.pack(">d", v).hex()
    if isinstance(v, str):
        return f"s{len(v.encode())}:{v}"
    if isinstance(v, list):
        return "[" + ",".join(map(canonical, v)) + "]"
    return "{" + ",".join(canonical(k) + canonical(v[k]) for k in sorted(v) if k != "shared_object_id") + "}"


def digest(v):
    return hashlib.sha256(canonical(v).encode()).hexdigest()


def case(function, arguments, lines=None, model=None):
    """A network; its layers are added to lines."""
    model = model or build(function, arguments)
    config = json.loads(model.to_json())["config"]
    first = None
    if lines is not None:
        first = len(lines)
        for operation, entry in zip(model.operations, config["layers"], strict=True):
            lines.append(f"{operation.name} {entry['class_name']} {list(operation.output.shape)} {digest(entry)[:4]}".replace(", ", ","))
    return {
        "function": function,
        "arguments": arguments,
        "sha256": digest(config),
        "first": first,
        "layers": len(model.layers),
        "params": [model.count_params(), sum(int(np.prod(w.shape)) for w in model.trainable_weights)],
        "output_shape": list(model.output_shape),
    }


def published(function, arguments, lines):
    """A network with the weights "imagenet", which aren't loaded: file is what get_file is asked for."""
    asked = []

    def get_file(name, origin, cache_subdir, file_hash=None):
        assert cache_subdir == "models"
        asked.append([name, origin, file_hash or ""])

    really, file_utils.get_file = file_utils.get_file, get_file
    loads, keras.Model.load_weights = keras.Model.load_weights, lambda self, path: None
    try:
        made = case(function, arguments, lines if function in LISTED and not arguments else None, build(function, {"weights": "imagenet", **arguments}))
    finally:
        file_utils.get_file, keras.Model.load_weights = really, loads
    (file,) = asked
    return {**made, "file": file}


def on_tensors():
    """Networks on tensors: an input of the user's, and what a layer made of two."""
    list_ = []
    for function in ["VGG16", "MobileNetV2", "MobileNetV3Small", "EfficientNetV2B0", "ConvNeXtTiny"]:
        keras.backend.clear_session()
        x = keras.Input((64, 64, 3), name="picture")
        list_.append(case(function, {"input_tensor": "input"}, model=getattr(A, function)(weights=None, include_top=False, input_tensor=x)))
    keras.backend.clear_session()
    a, b = keras.Input((64, 64, 3), name="a"), keras.Input((64, 64, 3), name="b")
    x = keras.layers.Average(name="mean")([b, a])
    list_.append(case("ResNet50", {"input_tensor": "mean"}, model=A.ResNet50(weights=None, include_top=False, input_tensor=x)))
    return list_


def cases():
    cheap()
    lines = []
    with_weights = [(function, arguments) for function in NETWORKS for arguments in ({}, {"include_top": False, "pooling": "avg"})]
    data = {
        "networks": [published(function, arguments, lines) for function, arguments in with_weights + PUBLISHED],
        "variants": [case(function, arguments) for function, arguments in VARIANTS],
        "tensors": on_tensors(),
    }
    keras.config.set_image_data_format("channels_first")
    data["channels_first"] = [case(function, arguments) for function, arguments in FIRST]
    keras.config.set_image_data_format("channels_last")
    data["lines"] = base64.b64encode(zlib.compress("\n".join(lines).encode(), 9)).decode()
    return data
