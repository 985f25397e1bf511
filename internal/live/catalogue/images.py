"""Layers that prepare images and numbers, and SpectralNormalization. What is random is compared outside of training."""

import keras
from keras import layers as L

from .registry import entry

FIRST = {"data_format": "channels_first"}


def each(*stack, shape=(4, 5, 3), dtype="float32"):
    x = keras.Input(shape, dtype=dtype)
    return keras.Model(x, [layer(x) for layer in stack])


@entry
def sizes_of_images():
    return each(
        L.Resizing(3, 7),
        L.Resizing(5, 4, "bicubic", antialias=True, name="named"),
        L.Resizing(3, 3, "nearest", crop_to_aspect_ratio=True),
        L.Resizing(3, 6, pad_to_aspect_ratio=True, fill_value=0.5, **FIRST),
        L.CenterCrop(3, 2),
        L.CenterCrop(5, 3, **FIRST),
        L.RandomCrop(3, 4),
        L.RandomCrop(2, 3, seed=3, bounding_box_format="xyxy", **FIRST),
    )


@entry
def moved_images():
    return each(
        L.RandomFlip(),
        L.RandomFlip("horizontal", seed=7, **FIRST),
        L.RandomRotation(0.2),
        L.RandomRotation((-0.1, 0.3), "constant", "nearest", 5, 0.5, bounding_box_format="xywh", **FIRST),
        L.RandomZoom(0.2),
        L.RandomZoom([0.3, -0.1], (0.1, 0.2), "wrap", "nearest", 5, 0.5),
        L.RandomTranslation(0.2, (-0.1, 0.3)),
        L.RandomTranslation([0.2, 0.1], 0, fill_mode="nearest", seed=1, fill_value=2.0, **FIRST),
        L.RandomShear(),
        L.RandomShear((0.2, 0.4), [0.1, 0.3], "nearest", "wrap", 0.5, seed=1),
        L.RandomPerspective(),
        L.RandomPerspective(0.5, 0.7, "nearest", 2.0, 3),
    )


@entry
def colored_images():
    return each(
        L.RandomBrightness(0.3),
        L.RandomBrightness([0.5, -0.2], value_range=(1.0, 0.0), seed=4),
        L.RandomContrast(0.2),
        L.RandomContrast((0.1, 0.6), value_range=(0, 1), seed=4, **FIRST),
        L.RandomErasing(),
        L.RandomErasing(0.5, (0.1, 0.2), 3.0, (0, 1)),
        L.RandomGaussianBlur(),
        L.RandomGaussianBlur(0.5, (3, 5), 0.4, (0, 1)),
        L.RandomGrayscale(0.3, seed=1),
        L.RandomHue([0.1, 0.2], (0, 1), seed=1),
        L.RandomSaturation(0.2, (1, 0)),
        L.RandomSharpness(0.4, (1, 0)),
        L.RandomPosterization([2, 5]),
        L.RandomInvert(),
        L.RandomInvert(0.5, (0, 1)),
        L.RandomColorDegeneration(0.5, (1, 0)),
        L.Solarization(0.1, (0.2, 0.5), (255, 0), bounding_box_format="xyxy"),
        L.AutoContrast((-1, 1)),
    )


@entry
def mixed_images():
    return each(
        L.MixUp(),
        L.MixUp(0.5, seed=3),
        L.CutMix(),
        L.CutMix(0.4, seed=1),
        L.RandAugment((0, 1), 1, 0.3, seed=2),
        L.AugMix((0, 1), 2, 1, 0.2, seed=2),
        L.RandomColorJitter((0, 1), 0.2, 0.3, 0.1, 0.2, seed=5),
        L.RandomElasticTransform(0.5, 0.7, seed=3, value_range=(0, 1)),
        L.ContrastLimitedAdaptiveHistogramEqualization((0, 1), tile_grid_size=(2, 2)),
        L.MaxNumBoundingBoxes(3),
        L.Pipeline([L.RandomFlip(), L.Rescaling(0.5), L.RandomContrast(0.2)]),
        shape=(4, 6, 3),
    )


@entry
def spectrograms():
    x = keras.Input((128,))
    y = keras.Input((96, 2))
    return keras.Model([x, y], [
        L.MelSpectrogram(fft_length=32, sequence_stride=16, num_mel_bins=6, sampling_rate=1000, max_freq=450.0, min_freq=10.0)(x),
        L.STFTSpectrogram(mode="log", frame_length=16, frame_step=8, fft_length=16)(y),
        L.STFTSpectrogram(mode="magnitude", frame_length=12, frame_step=6, fft_length=16, window="hamming", expand_dims=True)(y),
    ])


@entry
def images_of_bytes():
    return each(
        L.Resizing(5, 7),
        L.Resizing(2, 4, "nearest"),
        L.CenterCrop(2, 3),
        L.RandomCrop(3, 3),
        L.RandomFlip(),
        L.RandomZoom(0.1),
        L.RandomBrightness(0.1),
        L.RandomHue(0.1),
        L.RandomPosterization(3),
        L.Solarization(),
        L.AutoContrast(),
        L.AutoContrast((200, 20)),
        shape=(3, 5, 3),
        dtype="uint8",
    )


@entry
def categories():
    x, i, w = keras.Input((3,)), keras.Input((3,), dtype="int32"), keras.Input((3,))
    modes = ("one_hot", "multi_hot", "count")
    edges = [-0.5, 0.0, 0.25]
    return keras.Model(
        [x, i, w],
        [
            *[L.CategoryEncoding(4, output_mode=m)(i) for m in modes],
            L.CategoryEncoding(4)(i[:, :1]),
            L.CategoryEncoding(4, output_mode="count", dtype="float16", name="weighted")(i, count_weights=w),
            L.Discretization(edges)(x),
            *[L.Discretization(edges, output_mode=m)(x) for m in modes],
            L.Discretization(bin_boundaries=[1, 2], name="whole")(i),
            L.CategoryEncoding(4)(L.Discretization(edges)(x)),
        ],
    )


@entry
def discretization_learnt():
    layer = L.Discretization(num_bins=4, epsilon=0.02)
    layer.adapt(keras.random.uniform((200, 2), -1, 1, seed=3))
    x = keras.Input((2,))
    return keras.Model(x, layer(x))


@entry
def spectral_normalization():
    x = keras.Input((5, 5, 2))
    shared = L.SpectralNormalization(L.Conv2D(2, 2, padding="same"), name="shared")
    h = shared(shared(x))
    h = L.SpectralNormalization(L.DepthwiseConv2D(2, depth_multiplier=2), power_iterations=3)(h)
    i = keras.Input((3,), dtype="int32")
    e = L.SpectralNormalization(L.Embedding(5, 2))(i)
    model = keras.Model([x, i], [L.SpectralNormalization(L.Dense(3, activation="tanh", kernel_regularizer="l2"))(L.Flatten()(h)), e])
    model.compile("sgd", "mse")
    return model
