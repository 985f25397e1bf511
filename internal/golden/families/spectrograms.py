"""Probes: layers that make spectrograms; the STFT initializer, and SciPy's windows."""

import keras
import numpy as np
from keras import initializers
from keras import layers as L
from scipy.signal import get_window
from scipy.signal.windows import _windows

from arrays import array, uniform
from families.layers import seed_of
from probes import call_error, case, constructor_error, model_of, start

SOUND = (2, 13)
WINDOW = [0.5, 1.0, 0.75, 0.25]
MEL = {"fft_length": 8, "sequence_stride": 4, "sampling_rate": 100, "num_mel_bins": 3, "min_freq": 1.0}
STFT = {"frame_length": 4}


def several(name, makes, x, training=False, **arguments):
    def build():
        shape = x if isinstance(x, tuple) else x.shape
        sound = keras.Input(batch_shape=shape if arguments.get("one") else (None, *shape[1:]), name="x", dtype="float32" if isinstance(x, tuple) else x.dtype.name)
        return keras.Model(sound, [make()(sound) for make in makes])

    return case(name, build, [x], training)


def mel():
    yield several("mel", [
        lambda: L.MelSpectrogram(**MEL), lambda: L.MelSpectrogram(**{**MEL, "window": "hamming", "sequence_length": 5, "max_freq": 40.0, "top_db": 9.0, "ref_power": 2.5, "min_power": 1e-3}, name="named"),
        lambda: L.MelSpectrogram(**{**MEL, "window": None, "power_to_db": False}), lambda: L.MelSpectrogram(**{**MEL, "fft_length": 4, "window": WINDOW, "power_to_db": False, "mag_exp": 1.5}),
        lambda: L.MelSpectrogram(**{**MEL, "sequence_stride": 3, "fft_length": 5, "num_mel_bins": 2, "max_freq": 30}),
    ], SOUND)  # fmt: skip
    yield several("mel of one sound", [lambda: L.MelSpectrogram(**MEL)], (13,), one=True)
    yield several("mel of whole numbers, in training", [lambda: L.MelSpectrogram(**MEL, dtype="mixed_float16"), lambda: L.MelSpectrogram(**MEL)], np.arange(26, dtype="int16").reshape(2, 13) ** 2 % 50, True)
    yield case("mel, unknown length", model_of(lambda: L.MelSpectrogram(**MEL, dtype="float16"), [SOUND], time=True), [SOUND])


def stft():
    for mode in ("log", "magnitude", "psd", "real", "imag", "angle", "stft"):
        first = {"data_format": "channels_first"} if mode in ("psd", "imag", "stft") else {}
        makes = [lambda: L.STFTSpectrogram(mode, **STFT, **first), lambda: L.STFTSpectrogram(mode, 5, 3, 6, "hamming", True, "spectrum", "same", True, name="named", **first)]
        yield several(f"stft {mode}", makes, (2, 2, 9) if first else (2, 9, 2))
    yield several("stft windows", [lambda w=w: L.STFTSpectrogram("stft", 4, 4, window=w, scaling=s) for w, s in ((None, "density"), (WINDOW, "spectrum"), ("blackman", None))], (1, 9, 1))
    yield case("stft frozen, mixed_float16, unknown length", model_of(lambda: L.STFTSpectrogram("magnitude", 4, trainable=False, dtype="mixed_float16"), [(2, 7, 1)], time=True), [(2, 7, 1)])

    def shared():
        x, y = keras.Input((9, 1), name="x"), keras.Input((7, 1), name="y")
        layer = L.STFTSpectrogram("real", 3, 2, 4)
        return keras.Model([x, y], [layer(x), layer(y)])

    yield case("stft shared", shared, [(2, 9, 1), (2, 7, 1)], True)


def errors():
    yield constructor_error(L.MelSpectrogram, fft_length=4, sequence_length=5)
    for arguments in ({"frame_step": 0}, {"frame_step": 5}, {"fft_length": 3}, {"mode": "x"}, {"scaling": "x"}, {"padding": "causal"}, {"window": "x"}, {"window": "kaiser"}, {"data_format": "x"}):
        yield constructor_error(L.STFTSpectrogram, **STFT, **arguments)
    yield call_error(lambda: L.MelSpectrogram(**{**MEL, "window": "x"}), (None, 13))
    yield call_error(lambda: L.MelSpectrogram(**{**MEL, "window": [1.0, 2.0]}), (None, 13))
    for shape in ((None, 9), (None, 9, 2, 1), (None, 3, 1), (None, 9, None)):
        yield call_error(lambda: L.STFTSpectrogram(**STFT), shape)
    yield call_error(lambda: L.STFTSpectrogram(**STFT), ((None, 9, 1), "int32"))
    yield call_error(lambda: L.STFTSpectrogram(**STFT, dtype="bfloat16"), (None, 9, 1))
    yield call_error(lambda: L.STFTSpectrogram(**STFT, window=[1.0, 2.0]), (None, 9, 1))
    yield constructor_error(initializers.STFT, side="x")
    yield constructor_error(initializers.STFT, window="x")
    yield constructor_error(initializers.STFT, scaling="x")


def made():
    for arguments in ({}, {"side": "imag", "window": "hamming"}, {"window": None}, {"window": WINDOW, "scaling": "spectrum"}, {"side": "imag", "scaling": None, "periodic": True}, {"window": np.array(WINDOW)}):
        i = initializers.STFT(**arguments)
        yield {"object": keras.saving.serialize_keras_object(i), "values": array(i((4, 1, 5)))}
    yield {"object": keras.saving.serialize_keras_object(initializers.STFT()), "values": array(initializers.STFT()((65, 1, 2)))}


def windows():
    """Windows that need no argument, by SciPy's names for them."""
    names = {name: function.__name__ for name, (function, needs) in sorted(_windows._WIN_FUNCS.items()) if needs is not True}
    values = {name: [{"periodic": p, "values": get_window(name, n, p).tolist()} for n in (1, 2, 5, 6) for p in (False, True)] for name in sorted(set(names.values()))}
    return {"names": names, "values": values}


def cases():
    start()
    failed = list(errors())
    layers = [e for e in failed if e.get("class") != "STFT"]
    return {"probes": [*mel(), *stft()], "errors": layers, "initializers": list(made()), "initializer_errors": [e for e in failed if e.get("class") == "STFT"], "windows": windows()}
