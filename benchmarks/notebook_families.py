"""Models of 27 more families, for compare.py: what courses, notebooks and papers train, most of it in small."""

import keras
from families import SPARSE, Family, both, classes, images, normal
from keras import layers, ops
from more_families import BINARY, activated, tokens, uniform, yes_or_no


def inputs(*sources):
    """Draws a list of inputs."""
    return lambda rng, n: [source(rng, n) for source in sources]


def transfer():
    base = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(96, 96, 3), alpha=0.5)
    base.trainable = False
    x = keras.Input((96, 96, 3))
    h = base(layers.Rescaling(1 / 127.5, offset=-1)(x), training=False)
    h = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(h))
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(h))


def bagofwords():
    x = keras.Input((10000,))
    h = layers.Dense(16, activation="relu")(x)
    h = layers.Dense(16, activation="relu")(h)
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(h))


def mnistmlp():
    x = keras.Input((28, 28))
    h = layers.Dense(512, activation="relu")(layers.Flatten()(x))
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.Dropout(0.2)(h)))


def imdb():
    x = keras.Input((256,), dtype="int32")
    h = layers.GlobalAveragePooling1D()(layers.Embedding(10000, 16)(x))
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(layers.Dense(16, activation="relu")(h)))


def imdblstm():
    x = keras.Input((100,), dtype="int32")
    h = layers.Embedding(20000, 128, mask_zero=True)(x)
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(layers.LSTM(128, dropout=0.2)(h)))


def simplernn():
    x = keras.Input((50, 1))
    h = layers.SimpleRNN(50)(layers.SimpleRNN(50, return_sequences=True)(x))
    return keras.Model(x, layers.Dense(1)(h))


def lenet():
    x = keras.Input((32, 32, 1))
    h = layers.AveragePooling2D(2)(layers.Conv2D(6, 5, activation="tanh")(x))
    h = layers.AveragePooling2D(2)(layers.Conv2D(16, 5, activation="tanh")(h))
    h = layers.Flatten()(layers.Conv2D(120, 5, activation="tanh")(h))
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.Dense(84, activation="tanh")(h)))


def housing():
    x = h = keras.Input((13,))
    for _ in range(2):
        h = layers.Dense(64, activation="relu")(h)
    return keras.Model(x, layers.Dense(1)(h))


def augmented():
    x = keras.Input((64, 64, 3))
    h = layers.RandomZoom(0.1)(layers.RandomRotation(0.1)(layers.RandomFlip("horizontal")(x)))
    h = layers.Rescaling(1 / 255)(h)
    for filters in (16, 32, 64):
        h = layers.MaxPooling2D()(layers.Conv2D(filters, 3, activation="relu")(h))
    h = layers.Dense(128, activation="relu")(layers.Flatten()(layers.Dropout(0.2)(h)))
    return keras.Model(x, layers.Dense(5, activation="softmax")(h))


def resnext():
    x = keras.Input((32, 32, 3))
    h = activated(x, layers.Conv2D(64, 3, padding="same", use_bias=False))
    for filters, strides in ((128, 1), (128, 1), (256, 2), (256, 1)):
        t = activated(h, layers.Conv2D(filters // 2, 1, use_bias=False))
        t = activated(t, layers.Conv2D(filters // 2, 3, strides=strides, padding="same", groups=16, use_bias=False))
        t = layers.BatchNormalization()(layers.Conv2D(filters, 1, use_bias=False)(t))
        if h.shape[-1] != filters or strides > 1:
            h = layers.BatchNormalization()(layers.Conv2D(filters, 1, strides=strides, use_bias=False)(h))
        h = layers.ReLU()(layers.Add()([h, t]))
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(h)))


def senet():
    x = keras.Input((32, 32, 3))
    h = activated(x, layers.Conv2D(32, 3, padding="same"))
    for filters in (32, 64, 128):
        t = activated(h, layers.Conv2D(filters, 3, strides=2, padding="same"))
        t = activated(t, layers.Conv2D(filters, 3, padding="same"))
        s = layers.Reshape((1, 1, filters))(layers.GlobalAveragePooling2D()(t))
        s = layers.Dense(filters, activation="sigmoid")(layers.Dense(filters // 8, activation="relu")(s))
        h = layers.Add()([layers.Conv2D(filters, 1, strides=2)(h), layers.Multiply()([t, s])])
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(h)))


def convmixer():
    x = keras.Input((32, 32, 3))
    h = layers.BatchNormalization()(layers.Activation("gelu")(layers.Conv2D(128, 2, strides=2)(x)))
    for _ in range(4):
        t = layers.BatchNormalization()(layers.Activation("gelu")(layers.DepthwiseConv2D(5, padding="same")(h)))
        h = layers.Add()([t, h])
        h = layers.BatchNormalization()(layers.Activation("gelu")(layers.Conv2D(128, 1)(h)))
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(h)))


def captcha():
    x = keras.Input((100, 32, 1))
    h = layers.MaxPooling2D()(layers.Conv2D(32, 3, padding="same", activation="relu")(x))
    h = layers.MaxPooling2D()(layers.Conv2D(64, 3, padding="same", activation="relu")(h))
    h = layers.Dropout(0.2)(layers.Dense(64, activation="relu")(layers.Reshape((25, 512))(h)))
    h = layers.Bidirectional(layers.LSTM(128, return_sequences=True, dropout=0.25))(h)
    h = layers.Bidirectional(layers.LSTM(64, return_sequences=True, dropout=0.25))(h)
    return keras.Model(x, layers.Dense(20, activation="softmax")(h))


def siamese():
    base = keras.Sequential([
        keras.Input((64, 64, 1)),
        layers.Conv2D(16, 5, activation="tanh"), layers.AveragePooling2D(2), layers.Conv2D(32, 5, activation="tanh"), layers.AveragePooling2D(2),
        layers.Flatten(), layers.BatchNormalization(), layers.Dense(64, activation="tanh"),
    ])  # fmt: skip
    a, b = keras.Input((64, 64, 1)), keras.Input((64, 64, 1))
    far = ops.sqrt(ops.maximum(ops.sum(ops.square(base(a) - base(b)), axis=1, keepdims=True), 1e-7))
    return keras.Model([a, b], layers.Dense(1, activation="sigmoid")(layers.BatchNormalization()(far)))


def pointnet():
    def convolved(h, filters):
        return activated(h, layers.Conv1D(filters, 1))

    x = keras.Input((512, 3))
    t = x
    for filters in (32, 64, 256):
        t = convolved(t, filters)
    t = activated(layers.GlobalMaxPooling1D()(t), layers.Dense(128))
    h = layers.Dot(axes=(2, 1))([x, layers.Reshape((3, 3))(layers.Dense(9)(t))])
    for filters in (32, 32, 64, 256):
        h = convolved(h, filters)
    h = layers.Dropout(0.3)(activated(layers.GlobalMaxPooling1D()(h), layers.Dense(128)))
    return keras.Model(x, layers.Dense(10, activation="softmax")(h))


def attended(h, other, width, heads, causal=False):
    t = layers.MultiHeadAttention(heads, width // heads)(h, other, use_causal_mask=causal)
    return layers.LayerNormalization(epsilon=1e-6)(layers.Add()([h, layers.Dropout(0.1)(t)]))


def fed(h, width, activation):
    t = layers.Dense(width)(layers.Dense(4 * width, activation=activation)(h))
    return layers.LayerNormalization(epsilon=1e-6)(layers.Add()([h, layers.Dropout(0.1)(t)]))


def embedded(x, words, width):
    places = layers.Embedding(x.shape[1], width)(ops.arange(x.shape[1]))
    return layers.Embedding(words, width)(x) + places


def bert():
    x = keras.Input((128,), dtype="int32")
    h = layers.LayerNormalization(epsilon=1e-6)(embedded(x, 10000, 256))
    for _ in range(2):
        h = fed(attended(h, h, 256, 4), 256, "gelu")
    h = layers.Dense(256, activation="tanh")(h[:, 0])
    return keras.Model(x, layers.Dense(2, activation="softmax")(h))


def translation(words=3000):
    x, y = keras.Input((40,), dtype="int32"), keras.Input((40,), dtype="int32")
    e = embedded(x, words, 128)
    e = fed(attended(e, e, 128, 4), 128, "relu")
    d = embedded(y, words, 128)
    d = attended(d, d, 128, 4, causal=True)
    d = fed(attended(d, e, 128, 4), 128, "relu")
    return keras.Model([x, y], layers.Dense(words, activation="softmax")(d))


def widedeep():
    kinds = [keras.Input((1,), dtype="int32") for _ in range(12)]
    numbers = keras.Input((8,))
    h = layers.Concatenate()([*(layers.Flatten()(layers.Embedding(200, 8)(x)) for x in kinds), layers.BatchNormalization()(numbers)])
    wide = layers.BatchNormalization()(h)
    for units in (64, 32):
        h = layers.Dropout(0.2)(activated(h, layers.Dense(units)))
    return keras.Model([*kinds, numbers], layers.Dense(1, activation="sigmoid")(layers.Concatenate()([wide, h])))


def nbeats():
    x = rest = keras.Input((30,))
    forecast = None
    for _ in range(6):
        h = rest
        for _ in range(3):
            h = layers.Dense(128, activation="relu")(h)
        theta = layers.Dense(40)(h)
        rest = layers.Subtract()([rest, theta[:, :30]])
        forecast = theta[:, 30:] if forecast is None else layers.Add()([forecast, theta[:, 30:]])
    return keras.Model(x, forecast)


def lstmautoencoder():
    x = keras.Input((30, 8))
    h = layers.LSTM(32)(layers.LSTM(64, return_sequences=True)(x))
    h = layers.RepeatVector(30)(h)
    h = layers.LSTM(64, return_sequences=True)(layers.LSTM(32, return_sequences=True)(h))
    return keras.Model(x, layers.TimeDistributed(layers.Dense(8))(h))


def anomaly():
    x = keras.Input((288, 1))
    h = layers.Conv1D(32, 7, padding="same", strides=2, activation="relu")(x)
    h = layers.Conv1D(16, 7, padding="same", strides=2, activation="relu")(layers.Dropout(0.2)(h))
    h = layers.Conv1DTranspose(16, 7, padding="same", strides=2, activation="relu")(h)
    h = layers.Conv1DTranspose(32, 7, padding="same", strides=2, activation="relu")(layers.Dropout(0.2)(h))
    return keras.Model(x, layers.Conv1DTranspose(1, 7, padding="same")(h))


def superresolution():
    x = h = keras.Input((48, 48, 1))
    for filters, kernel in ((64, 5), (64, 3), (32, 3), (9, 3)):
        h = layers.Conv2D(filters, kernel, padding="same", activation="relu", kernel_initializer="orthogonal")(h)
    h = ops.transpose(ops.reshape(h, (-1, 48, 48, 3, 3)), (0, 1, 3, 2, 4))
    return keras.Model(x, ops.reshape(h, (-1, 144, 144, 1)))


def unet3d():
    def convs(h, filters):
        return activated(activated(h, layers.Conv3D(filters, 3, padding="same")), layers.Conv3D(filters, 3, padding="same"))

    x = keras.Input((32, 32, 16, 1))
    a = convs(x, 8)
    b = convs(layers.MaxPooling3D(2)(a), 16)
    c = convs(layers.MaxPooling3D(2)(b), 32)
    b = convs(layers.Concatenate()([layers.Conv3DTranspose(16, 2, strides=2)(c), b]), 16)
    a = convs(layers.Concatenate()([layers.UpSampling3D()(b), a]), 8)
    return keras.Model(x, layers.Conv3D(1, 1, activation="sigmoid")(a))


def channelsfirst():
    x = h = keras.Input((3, 32, 32))
    for filters in (32, 64):
        for _ in range(2):
            h = layers.Conv2D(filters, 3, padding="same", activation="relu", data_format="channels_first")(h)
        h = layers.MaxPooling2D(data_format="channels_first")(h)
    h = layers.Dense(128, activation="relu")(layers.Flatten(data_format="channels_first")(h))
    return keras.Model(x, layers.Dense(10, activation="softmax")(h))


def cae():
    x = h = keras.Input((28, 28, 1))
    for filters in (16, 8):
        h = layers.MaxPooling2D(2, padding="same")(layers.Conv2D(filters, 3, activation="relu", padding="same")(h))
    for filters in (8, 16):
        h = layers.UpSampling2D(2)(layers.Conv2D(filters, 3, activation="relu", padding="same")(h))
    return keras.Model(x, layers.Conv2D(1, 3, activation="sigmoid", padding="same")(h))


def pix2pix():
    x = h = keras.Input((64, 64, 3))
    skips = []
    for filters in (32, 64, 128, 256):
        h = layers.Conv2D(filters, 4, strides=2, padding="same", use_bias=False)(h)
        h = layers.LeakyReLU()(layers.BatchNormalization()(h))
        skips.append(h)
    skips.pop()
    for filters in (128, 64, 32):
        h = layers.BatchNormalization()(layers.Conv2DTranspose(filters, 4, strides=2, padding="same", use_bias=False)(h))
        h = layers.Concatenate()([layers.ReLU()(layers.Dropout(0.5)(h)), skips.pop()])
    return keras.Model(x, layers.Conv2DTranspose(3, 4, strides=2, padding="same", activation="tanh")(h))


def bigru():
    x = keras.Input((100,), dtype="int32")
    h = layers.SpatialDropout1D(0.2)(layers.Embedding(20000, 100)(x))
    h = layers.Bidirectional(layers.GRU(64, return_sequences=True))(h)
    h = layers.Conv1D(64, 3, padding="valid")(h)
    h = layers.Concatenate()([layers.GlobalAveragePooling1D()(h), layers.GlobalMaxPooling1D()(h)])
    return keras.Model(x, layers.Dense(6, activation="sigmoid")(h))


NOTEBOOK = {
    "transfer": Family(transfer, BINARY, images(96, yes_or_no(1))),
    "bagofwords": Family(bagofwords, BINARY, both(yes_or_no(10000), yes_or_no(1))),
    "mnistmlp": Family(mnistmlp, SPARSE, both(uniform(28, 28), classes(10))),
    "imdb": Family(imdb, BINARY, both(tokens(256, 10000), yes_or_no(1))),
    "imdblstm": Family(imdblstm, BINARY, both(tokens(100, 20000), yes_or_no(1))),
    "simplernn": Family(simplernn, "mse", both(normal(50, 1), normal(1))),
    "lenet": Family(lenet, SPARSE, both(uniform(32, 32, 1), classes(10))),
    "housing": Family(housing, "mse", both(normal(13), normal(1))),
    "augmented": Family(augmented, SPARSE, images(64, classes(5))),
    "resnext": Family(resnext, SPARSE, images(32, classes(10))),
    "senet": Family(senet, SPARSE, images(32, classes(10))),
    "convmixer": Family(convmixer, SPARSE, images(32, classes(10))),
    "captcha": Family(captcha, SPARSE, both(uniform(100, 32, 1), classes(20, 25))),
    "siamese": Family(siamese, BINARY, both(inputs(uniform(64, 64, 1), uniform(64, 64, 1)), yes_or_no(1))),
    "pointnet": Family(pointnet, SPARSE, both(normal(512, 3), classes(10))),
    "bert": Family(bert, SPARSE, both(tokens(128, 10000), classes(2))),
    "translation": Family(translation, SPARSE, both(inputs(tokens(40, 3000), tokens(40, 3000)), classes(3000, 40))),
    "widedeep": Family(widedeep, BINARY, both(inputs(*[tokens(1, 200)] * 12, normal(8)), yes_or_no(1))),
    "nbeats": Family(nbeats, "mse", both(normal(30), normal(10))),
    "lstmautoencoder": Family(lstmautoencoder, "mse", both(normal(30, 8), normal(30, 8))),
    "anomaly": Family(anomaly, "mse", both(normal(288, 1), normal(288, 1))),
    "superresolution": Family(superresolution, "mse", both(uniform(48, 48, 1), uniform(144, 144, 1))),
    "unet3d": Family(unet3d, BINARY, both(uniform(32, 32, 16, 1), yes_or_no(32, 32, 16, 1))),
    "channelsfirst": Family(channelsfirst, SPARSE, both(uniform(3, 32, 32), classes(10))),
    "cae": Family(cae, BINARY, both(uniform(28, 28, 1), uniform(28, 28, 1))),
    "pix2pix": Family(pix2pix, "mse", both(uniform(64, 64, 3), uniform(64, 64, 3))),
    "bigru": Family(bigru, BINARY, both(tokens(100, 20000), yes_or_no(6))),
}
