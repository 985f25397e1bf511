"""Probes: the layers that only Keras's ready-made networks have."""

import keras
from keras.src.applications.convnext import LayerScale, StochasticDepth
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

from probes import case, model_of, start


def layers():
    shape = (2, 3, 3, 4)
    for label, make in (("layer scale", lambda **kwargs: LayerScale(0.5, 4, **kwargs)), ("stochastic depth", lambda **kwargs: StochasticDepth(0.4, **kwargs))):
        yield case(label, model_of(make, (shape,)), (shape,))
        yield case(f"{label} 2-D, named, bfloat16", model_of(lambda: make(name="named", dtype="bfloat16"), ((2, 4),)), ((2, 4),))
    yield case("stochastic depth of nothing, in training", model_of(lambda: StochasticDepth(0.0), (shape,)), (shape,), True)

    def scaled():
        x, y = keras.Input(shape[1:], name="x"), keras.Input(shape[1:], name="y")
        return keras.Model([x, y], CustomScaleLayer(0.17, name="scaled")([x, y]))

    yield case("custom scale", scaled, (shape, shape))


def cases():
    start()
    return {"probes": list(layers()), "errors": []}
