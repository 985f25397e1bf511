"""What keras.applications refuses and predicts, and what prepares images; the networks themselves are in application_networks. README.md has the format."""

import json

import keras
import numpy as np
from keras import applications as A
from keras import initializers
from keras.src.applications import imagenet_utils

import rules
from arrays import array

ERRORS = [
    ("VGG16", dict(weights="no/such/file.h5")),
    ("VGG16", dict(weights="imagenet", classes=7)),
    ("VGG16", dict(weights="imagenet", input_shape=(200, 200, 3))),
    ("VGG16", dict(weights="imagenet", include_top=False, input_shape=(64, 64, 1))),
    ("VGG16", dict(include_top=False, input_shape=(31, 64, 3))),
    ("VGG16", dict(include_top=False, input_shape=(64, 31, 3))),
    ("VGG16", dict(include_top=False, input_shape=(64, 64))),
    ("VGG16", dict(input_shape=(None, 64, 3))),
    ("VGG16", dict(classes=0)),
    ("ResNet50", dict(input_shape=(None, None, 3))),
    ("ResNet50", dict(classifier_activation="no_such")),
    ("Xception", dict(include_top=False, input_shape=(70, 71, 3))),
    ("InceptionV3", dict(include_top=False, input_shape=(75, 74, 3))),
    ("InceptionResNetV2", dict(weights="imagenet", classes=2)),
    ("MobileNet", dict(weights="imagenet", alpha=0.3)),
    ("MobileNet", dict(weights="imagenet", depth_multiplier=2)),
    ("MobileNet", dict(alpha=0)),
    ("MobileNet", dict(dropout=1.5)),
    ("MobileNetV2", dict(weights="imagenet", alpha=0.3)),
    ("MobileNetV2", dict(input_shape=(31, 31, 3))),
    ("MobileNetV3Small", dict(weights="imagenet", alpha=0.5)),
    ("MobileNetV3Small", dict(weights="imagenet", alpha=0.75, minimalistic=True)),
    ("MobileNetV3Large", dict(input_shape=(31, 64, 3))),
    ("MobileNetV3Large", dict(weights="imagenet", classes=3)),
    ("DenseNet121", dict(weights="imagenet", classes=3)),
    ("DenseNet121", dict(input_shape=(31, 64, 3))),
    ("EfficientNetB0", dict(weights="imagenet", input_shape=(64, 64, 3))),
    ("EfficientNetV2B0", dict(weights="imagenet", classes=3)),
    ("NASNetMobile", dict(weights="imagenet", include_top=False, input_shape=(None, None, 3))),
    ("NASNetMobile", dict(input_shape=(31, 64, 3))),
    ("ConvNeXtTiny", dict(weights="imagenet", classes=3)),
    ("ConvNeXtTiny", dict(input_shape=(64, 31, 3))),
]
ERRORS_FIRST = [("DenseNet121", dict()), ("NASNetMobile", dict()), ("ConvNeXtTiny", dict())]

# The smallest of each family, on small images.
PREDICTIONS = [
    ("VGG16", dict(include_top=False, input_shape=(32, 32, 3), pooling="max")),
    ("ResNet50", dict(input_shape=(32, 33, 3), classes=5)),
    ("ResNet50V2", dict(input_shape=(33, 32, 3), classes=5)),
    ("Xception", dict(input_shape=(71, 71, 3), classes=5)),
    ("InceptionV3", dict(input_shape=(75, 75, 3), classes=5)),
    ("InceptionResNetV2", dict(input_shape=(75, 75, 3), classes=5)),
    ("MobileNet", dict(input_shape=(33, 32, 3), classes=5, alpha=0.25)),
    ("MobileNetV2", dict(input_shape=(33, 34, 3), classes=5, alpha=0.35)),
    ("MobileNetV3Small", dict(input_shape=(33, 34, 3), classes=5, alpha=0.75)),
    ("DenseNet121", dict(input_shape=(32, 33, 3), classes=5)),
    ("EfficientNetB0", dict(input_shape=(33, 34, 3), classes=5)),
    ("EfficientNetV2B0", dict(input_shape=(33, 34, 3), classes=5)),
    ("NASNetMobile", dict(input_shape=(32, 33, 3), classes=5)),
    ("ConvNeXtTiny", dict(input_shape=(33, 34, 3), classes=5)),
]


def build(function, arguments):
    keras.backend.clear_session()
    arguments = {"weights": None, **arguments}
    return getattr(A, function)(**arguments)


def refused(function, arguments, **more):
    try:
        build(function, arguments)
    except Exception as e:
        return {"function": function, "arguments": arguments, "error": {"exception": type(e).__name__, "message": str(e)}, **more}
    raise AssertionError(f"{function}({arguments}) is accepted")


def weight(k, w):
    """As rules.weight, but with as many terms in a kernel's root as it sums, so that a deep network keeps its size."""
    shape = tuple(w.shape)
    s = rules.signed(k, *shape)
    if len(shape) < 2:
        return (1 + s / 4 if w.name in ("gamma", "moving_variance", "variance") else s / 8).astype("float32")
    terms = np.prod(shape[:2]) if shape[-1] == 1 else np.prod(shape[:-1])
    return (s * np.sqrt(6 / terms)).astype("float32")


def prediction(function, arguments):
    model = build(function, {"classifier_activation": None, **arguments})
    for k, w in enumerate(model.weights):
        if w.dtype == "float32":
            w.assign(weight(k, w))
    x = rules.inputs(0, 2, *arguments["input_shape"]) * np.float32(100)
    return {"function": function, "arguments": arguments, "output": array(np.asarray(model(x, training=False)))}


def prepared():
    list_ = []
    for mode in ["caffe", "tf", "torch"]:
        for data_format in ["channels_last", "channels_first"]:
            for shape, dtype in [((2, 2, 3, 3), "uint8"), ((3, 2, 3), "float32"), ((3, 3, 3), "float64")]:
                if data_format == "channels_first":
                    shape = shape[:-3] + (shape[-1],) + shape[-3:-1]
                x = ((rules.signed(5, *shape) + 1) * 127).astype(dtype)
                y = imagenet_utils.preprocess_input(x.copy(), data_format=data_format, mode=mode)
                list_.append({"mode": mode, "data_format": data_format, "x": array(x), "output": array(y), "dtype": str(y.dtype)})
    return list_


def prepared_in_models():
    list_ = []
    for mode in ["caffe", "tf", "torch"]:
        for data_format, shape in [("channels_last", (2, 2, 3)), ("channels_first", (3, 2, 2))]:
            keras.backend.clear_session()
            x = keras.Input(shape, name="x")
            model = keras.Model(x, imagenet_utils.preprocess_input(x, data_format=data_format, mode=mode), name="m")
            value = (rules.inputs(0, 2, *shape) + 1) * np.float32(127)
            list_.append({"mode": mode, "data_format": data_format, "json": json.loads(model.to_json()), "x": array(value), "output": array(np.asarray(model(value)))})
    return list_


def decoded():
    imagenet_utils.CLASS_INDEX = {str(i): [f"n{i:08d}", f"thing_{i}"] for i in range(1000)}
    scores = rules.signed(9, 2, 1000).astype("float32")
    list_ = [{"top": top, "result": [[[a, b, float(s)] for a, b, s in row] for row in imagenet_utils.decode_predictions(scores, top=top)]} for top in (5, 2)]
    imagenet_utils.CLASS_INDEX = None
    return list_


def modes():
    """What each module's preprocess_input makes of one pixel."""
    names = ["convnext", "densenet", "efficientnet", "efficientnet_v2", "inception_resnet_v2", "inception_v3", "mobilenet", "mobilenet_v2", "mobilenet_v3",
             "nasnet", "resnet50", "resnet_v2", "vgg16", "vgg19", "xception"]
    return {name: np.asarray(getattr(A, name).preprocess_input(np.array([[[10.0, 100.0, 250.0]]], "float32"))).ravel().tolist() for name in names}


def cheap():
    """Nobody looks at the first weights; drawing those of large networks takes minutes."""
    initializers.VarianceScaling.__call__ = lambda self, shape, dtype=None: keras.ops.zeros(shape, dtype=dtype)


def cases():
    cheap()
    errors = [refused(function, arguments) for function, arguments in ERRORS]
    keras.config.set_image_data_format("channels_first")
    errors += [refused(function, arguments, channels_first=True) for function, arguments in ERRORS_FIRST]
    keras.config.set_image_data_format("channels_last")
    data = {"errors": errors, "prepared": prepared(), "models": prepared_in_models(), "modes": modes(), "decoded": decoded()}
    return {**data, "predictions": [prediction(function, arguments) for function, arguments in PREDICTIONS]}
