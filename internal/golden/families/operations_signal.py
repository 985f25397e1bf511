"""Functional models of Fourier transforms, and of what cuts signals into sequences."""

from keras import ops

from families.operations import record

F = "float32"
SIGNAL = ((12,), F, -2, 2)
ODD = ((7,), F, -2, 2)
PLANE = ((3, 4), F, -2, 2)
SMALL = ((10,), F, -0.1, 0.1)  # Sums of many numbers lose as much as the numbers are large.
HALF = ((2, 5), F, -2, 2)
WINDOW = [0.25, 0.5, 1.0, 0.75]

CASES = {
    "fourier": ([SIGNAL, SIGNAL], lambda a, b: [*ops.fft((a, b)), *ops.fft((a[0], b[1])), *ops.fft2((ops.reshape(a, (2, 3, 4)), ops.reshape(b, (2, 3, 4)))), *ops.ifft2((ops.reshape(a, (-1, 3, 4)), ops.reshape(b, (-1, 3, 4))))]),
    # 71 has a product of its own, 150 takes steps.
    "fourier_steps": ([((75,), F, -0.1, 0.1), SMALL], lambda a, b: [*ops.fft((ops.concatenate([a, a * a * 7], 1), ops.pad(a, ((0, 0), (50, 25))))), *ops.rfft(b, 71)]),
    "fourier_real": (
        [SIGNAL, ODD, SMALL],
        lambda a, b, c: [*ops.rfft(a), *ops.rfft(b), *ops.rfft(a, 5), *ops.rfft(b, fft_length=10), *ops.rfft(c, 312)],
    ),
    "fourier_real_inverse": (
        [HALF, HALF, PLANE],
        lambda a, b, c: [ops.irfft((a, b)), ops.irfft((a, b), 9), ops.irfft((a, b), fft_length=4), ops.irfft((a[0], b[0]), 13), ops.irfft((c, c * c)), ops.irfft((c, c * c), 300)[:, 0, :40]],
    ),
    "sequences_of_signals": ([SIGNAL, ((2, 7), "int32", -9, 9)], lambda a, b: [ops.extract_sequences(a, 4, 2), ops.extract_sequences(a, 5, 3), ops.extract_sequences(b, 3, 5), ops.extract_sequences(b, 7, 1)]),
    "stft": (
        [SIGNAL, ODD],
        lambda a, b: [*ops.stft(a, 4, 2, 4), *ops.stft(a, 3, 2, 6, "hamming", False), *ops.stft(b, 5, 3, 8, window=None), *ops.stft(b, 4, 7, 5, window=WINDOW, center=True)],
    ),
    # On JAX, Keras loses the end of a signal of so few sequences that one is longer than all their strides.
    "istft": (
        [((4, 4), F, -2, 2), ((4, 4), F, -2, 2)],
        lambda a, b: [
            ops.istft((a, b), 6, 2, 6), ops.istft((a, b), 4, 3, 7, window="hamming", center=False), ops.istft((a, b), 5, 3, 6, length=5), ops.istft((a, b), 6, 2, 6, 9, None),
            ops.istft((a[0], b[0]), 4, 2, 6, window=WINDOW), ops.istft(ops.stft(a[:, 0], 3, 1, 3), 3, 1, 3),
        ],
    ),
}  # fmt: skip


def cases():
    return record(CASES)
