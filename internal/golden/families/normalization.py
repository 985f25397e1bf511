"""Probes: Normalization, given its statistics or adapted."""

import keras
import numpy as np
from keras import layers as L

from arrays import array, uniform
from families.layers import shape_list
from probes import call_error, case, constructor_error, error_of, model_of, start

WORDS = np.array([[1, 4, 2, 0], [0, 3, 0, 1], [0, 0, 0, 0]], "int32")


def given():
    def one(label, *inputs, batch=False, time=False, call=None, **arguments):
        inputs = inputs or ((2, 3),)
        return case(f"normalization {label}", model_of(lambda: L.Normalization(**arguments), inputs, call, batch, time), inputs, adapt=False)

    yield one("scalars", mean=0.5, variance=4.0)
    yield one("integers", mean=3, variance=4)
    yield one("lists", mean=[0.5, 1.0, -2.0], variance=[4.0, 0.25, 1.0])
    yield one("arrays", mean=np.array([0.5, 1, -2], "float32"), variance=np.array([4, 0.25, 1], "float32"))
    yield one("inverted", mean=[0.5, 1.0, -2.0], variance=[4.0, 0.25, 1.0], invert=True)
    yield one("axis None", (2, 2, 3), axis=None, mean=0.5, variance=2.0)
    yield one("axis 1", (2, 2, 3), axis=1, mean=[0.5, -1.0], variance=[2.0, 3.0])
    yield one("axis -2", (2, 2, 3), axis=-2, mean=[0.5, -1.0], variance=[2.0, 3.0])
    yield one("axes", (2, 2, 3), axis=(1, 2), mean=uniform(71, 2, 3), variance=uniform(72, 2, 3, low=0.5, high=2))
    yield one("axes in another order", (2, 2, 3), axis=(-1, 1), mean=uniform(71, 2, 3), variance=uniform(72, 2, 3, low=0.5, high=2))
    yield one("axes, a list of the last", (2, 2, 3), axis=[1, 2], mean=[0.5, 1.0, -2.0], variance=[4.0, 0.25, 1.0])
    yield one("axes, scalars", (2, 2, 3), axis=(1, 2), mean=0.5, variance=4.0)
    yield one("no variance", mean=[0.5, 1.0, -2.0], variance=[0.0, 0.25, 1e-20])
    yield one("no variance, inverted", mean=[0.5, 1.0, -2.0], variance=[0.0, 0.25, 1.0], invert=True)
    yield one("of integers", np.arange(6, dtype="int32").reshape(2, 3), mean=2.0, variance=4.0)
    yield one("of bytes", np.arange(6, dtype="uint8").reshape(2, 3), mean=2.0, variance=4.0)
    yield one("mixed_float16", mean=0.5, variance=4.0, dtype="mixed_float16")
    yield one("named", mean=0.5, variance=4.0, name="standard")
    yield one("neither given nor adapted")
    yield one("unknown length", (2, 2, 3), time=True, mean=[0.5, 1.0, -2.0], variance=[4.0, 0.25, 1.0])

    def masked():
        x = keras.Input((4, 3), name="x")
        return keras.Model(x, L.Normalization(mean=0.5, variance=4.0, name="norm")(L.Masking(name="masking")(x)))

    yield case("normalization of masked", masked, [(uniform(73, 3, 4, 3) * (WORDS != 0)[:, :, None]).astype("float32")], adapt=False)


def adapted():
    flat, wide = uniform(74, 6, 3, low=-2, high=3), uniform(75, 4, 2, 3, low=-2, high=3)

    def one(label, data, shape=None, **arguments):
        """data: one array, or a list of batches."""
        first = data[0] if isinstance(data, list) else data

        def build():
            layer = L.Normalization(**arguments)
            layer.adapt(data)
            x = keras.Input(first.shape[1:] if shape is None else shape, name="x", dtype=first.dtype.name)
            return keras.Model(x, layer(x))

        batches = data if isinstance(data, list) else [data]
        inputs = uniform(76, 2, *first.shape[1:]) if first.dtype.kind == "f" else first[:2]
        adapt = {"layer": arguments.get("name", "normalization"), "batches": [array(b) for b in batches], "one_array": not isinstance(data, list)}
        return case(f"normalization adapted, {label}", build, [inputs], adapt=adapt)

    yield one("plain", flat)
    yield one("inverted", flat, invert=True)
    yield one("named", flat, name="standard")
    yield one("axis None", wide, axis=None)
    yield one("axis None, 2-D", flat, axis=None)
    yield one("axis 1", wide, axis=1)
    yield one("axes", wide, axis=(1, 2))
    yield one("axes in another order", wide, axis=(2, 1))
    yield one("last of 3-D", wide)
    yield one("batches", [flat[:4], flat[4:]])
    yield one("batches, axis None", [wide[:1], wide[1:]], axis=None)
    yield one("batches, axes", [wide[:3], wide[3:]], axis=(1, 2))
    yield one("equal values", np.full((4, 2), 1.5, "float32"))
    yield one("one row", flat[:1])
    yield one("integers", np.random.default_rng(77).integers(0, 9, (5, 2)).astype("int32"))
    yield one("bytes", np.random.default_rng(78).integers(0, 255, (5, 2)).astype("uint8"))
    yield one("large values", (flat + 1000).astype("float32"))
    yield one("mixed_float16", flat, dtype="mixed_float16")

    def before_layers():
        layer = L.Normalization(name="norm")
        layer.adapt(flat)
        return keras.Sequential([keras.Input((3,), name="x"), layer])

    yield case("normalization adapted in sequential", before_layers, [uniform(79, 2, 3)], adapt={"layer": "norm", "batches": [array(flat)], "one_array": True})

    def afterwards():
        x = keras.Input((3,), name="x")
        layer = L.Normalization(name="norm")
        model = keras.Model(x, layer(x))
        layer.adapt(flat)
        return model

    yield case("normalization adapted in the model", afterwards, [uniform(79, 2, 3)], adapt={"layer": "norm", "batches": [array(flat)], "one_array": True})


def errors():
    for arguments in ({"mean": 1.0}, {"variance": 1.0}, {"mean": [1.0, 2.0], "variance": [1.0]}, {"mean": [[1.0]], "variance": [[1.0]]}, {"axis": None, "mean": [1.0], "variance": [1.0]}, {"axis": "1"}, {"axis": 1.5}, {"wrong": 1}):
        yield constructor_error(L.Normalization, **arguments)
    yield call_error(lambda: L.Normalization(axis=3), (None, 2, 3))
    yield call_error(lambda: L.Normalization(axis=(1, -4)), (None, 2, 3))
    yield call_error(lambda: L.Normalization(axis=0), (None, 3))
    yield call_error(lambda: L.Normalization(axis=1), (None, None, 3))
    yield call_error(lambda: L.Normalization(mean=[1.0, 2.0], variance=[1.0, 2.0]), (None, 3))


def adapt_errors():
    """What adapt says of data that doesn't fit: built for one shape (or null), then given batches of these shapes."""
    out = []
    for built, arguments, shapes in (((None, 3), {}, [[4, 2]]), ((None, 2, 3), {"axis": 1}, [[4, 3, 3]]), (None, {"axis": 2}, [[4, 3]]), (None, {}, [[4, 3], [4, 2]]), (None, {}, []), (None, {"mean": 1.0, "variance": 2.0}, [[4, 3]])):
        keras.utils.clear_session()
        layer = L.Normalization(**arguments)
        config = keras.saving.serialize_keras_object(layer)
        if built:
            layer.build(built)
        batches = [np.ones(s, "float32") for s in shapes]
        out.append({"layer": config, "built": shape_list(built), "batches": shapes, "error": error_of(lambda: layer.adapt(batches[0] if len(batches) == 1 else batches))})
    return out


def cases():
    start()
    return {"probes": [*given(), *adapted()], "errors": list(errors()), "adapt_errors": adapt_errors()}
