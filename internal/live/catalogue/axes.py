"""Layers along one, two and three axes; noise, slopes and norms; attention and embeddings."""

import keras
from keras import layers as L
from keras.src.applications.convnext import LayerScale, StochasticDepth
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

from .layers import one
from .registry import entry


@entry
def along_one_axis():
    return one(
        L.Conv1D(4, 3, padding="causal", activation="relu"),
        L.Conv1D(2, 2, strides=2, kernel_regularizer="l2"),
        L.Conv1DTranspose(3, 3, strides=2),
        L.DepthwiseConv1D(3, depth_multiplier=2),
        L.SeparableConv1D(4, 3),
        L.MaxPooling1D(2),
        L.AveragePooling1D(3, strides=1, padding="same"),
        L.AdaptiveAveragePooling1D(4),
        L.AdaptiveMaxPooling1D(3),
        L.GlobalAveragePooling1D(),
        L.GlobalMaxPooling1D(keepdims=True),
        L.UpSampling1D(2),
        L.ZeroPadding1D(2),
        L.Cropping1D((1, 2)),
        L.SpatialDropout1D(0.2),
        shape=(12, 3),
    )


@entry
def along_two_axes():
    return one(
        L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1),
        L.DepthwiseConv2D(3, padding="same", depthwise_constraint="max_norm"),
        L.SeparableConv2D(4, 3, depth_multiplier=2),
        L.AdaptiveAveragePooling2D(2),
        L.AdaptiveMaxPooling2D((2, 3)),
        L.UpSampling2D(2, interpolation="bilinear"),
        L.ZeroPadding2D(((1, 0), (0, 2))),
        L.Cropping2D(1),
        L.SpatialDropout2D(0.2),
        shape=(8, 6, 4),
    )


@entry
def along_three_axes():
    return one(
        L.Conv3D(3, 2, padding="same"),
        L.Conv3DTranspose(2, 2, strides=2),
        L.MaxPooling3D(2),
        L.AveragePooling3D(2, strides=1),
        L.AdaptiveAveragePooling3D(2),
        L.AdaptiveMaxPooling3D(3),
        L.GlobalAveragePooling3D(),
        L.GlobalMaxPooling3D(),
        L.UpSampling3D(2),
        L.ZeroPadding3D(1),
        L.Cropping3D(1),
        L.SpatialDropout3D(0.2),
        shape=(6, 6, 6, 2),
    )


@entry
def convolutional_lstms():
    x, y, z = keras.Input((3, 6, 2)), keras.Input((3, 5, 4, 2)), keras.Input((2, 4, 4, 4, 1))
    return keras.Model([x, y, z], [L.ConvLSTM1D(2, 2)(x), L.ConvLSTM2D(2, 3, padding="same", return_sequences=True)(y), L.ConvLSTM3D(1, 2)(z)])


@entry
def noise_and_slopes():
    return one(
        L.GaussianNoise(0.1, seed=3),
        L.GaussianDropout(0.2),
        L.AlphaDropout(0.2),
        L.ActivityRegularization(l1=0.01, l2=0.02),
        L.PReLU(),
        L.PReLU(shared_axes=[1, 2], alpha_initializer="ones"),
        L.Identity(),
        L.Permute((2, 1, 3)),
    )


@entry
def repeated():
    return one(L.RepeatVector(3), shape=(4,))


@entry
def norms():
    return one(L.LayerNormalization(), L.RMSNormalization(), L.GroupNormalization(3), L.UnitNormalization(axis=1), L.EinsumDense("abcd,de->abce", (None, None, 2), bias_axes="e"))


@entry
def attentions():
    q, v = keras.Input((5, 4), name="q"), keras.Input((6, 4), name="v")
    y = [
        L.MultiHeadAttention(2, 3)(q, v),
        L.MultiHeadAttention(2, 3, output_shape=5, name="other")(v, v, use_causal_mask=True),
        L.GroupQueryAttention(3, 4, 2)(q, v),
        L.GroupQueryAttention(2, 2, 1, use_bias=False, use_gate=True)(v, v, use_causal_mask=True),
        L.Attention(use_scale=True)([q, v]),
        L.AdditiveAttention()([q, v]),
    ]
    return keras.Model([q, v], y)


@entry
def embeddings():
    x = keras.Input((5,), dtype="int32")
    reversible = L.ReversibleEmbedding(6, 4, tie_weights=False)
    h = reversible(x)
    return keras.Model(x, [L.Embedding(5, 3)(x), h, reversible(h, reverse=True)])


@entry
def parts_of_applications():
    x, y = keras.Input((4, 3), name="x"), keras.Input((4, 3), name="y")
    h = StochasticDepth(0.2)(LayerScale(0.5, 3)(x))
    return keras.Model([x, y], CustomScaleLayer(0.3)([h, y]))
