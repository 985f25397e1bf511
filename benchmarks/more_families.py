"""Models of 23 more families, for compare.py: what Keras's examples and many a notebook train, most of it in small."""

import keras
from families import SPARSE, Family, both, classes, images, normal
from keras import layers

BINARY = "binary_crossentropy"


def tokens(length, words):
    return lambda rng, n: rng.integers(1, words, (n, length)).astype("int32")


def uniform(*shape):
    return lambda rng, n: rng.random((n, *shape), dtype="float32")


def yes_or_no(*shape):
    return lambda rng, n: rng.integers(0, 2, (n, *shape)).astype("float32")


def activated(h, layer, activation="relu"):
    return layers.Activation(activation)(layers.BatchNormalization()(layer(h)))


def seq2seq(words=5000):
    x = keras.Input((30,), dtype="int32")
    h, *state = layers.LSTM(256, return_state=True)(layers.Embedding(words, 128, mask_zero=True)(x))
    h = layers.LSTM(256, return_sequences=True)(layers.RepeatVector(30)(h), initial_state=state)
    return keras.Model(x, layers.TimeDistributed(layers.Dense(words, activation="softmax"))(h))


def textcnn():
    x = keras.Input((500,), dtype="int32")
    h = layers.Dropout(0.5)(layers.Embedding(20000, 128)(x))
    for _ in range(2):
        h = layers.Conv1D(128, 7, strides=3, activation="relu")(h)
    h = layers.Dropout(0.5)(layers.Dense(128, activation="relu")(layers.GlobalMaxPooling1D()(h)))
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(h))


def densenet():
    def before(h):
        return layers.ReLU()(layers.BatchNormalization()(h))

    x = keras.Input((32, 32, 3))
    h = layers.Conv2D(24, 3, padding="same")(x)
    for block in range(3):
        for _ in range(4):
            t = layers.Conv2D(48, 1, use_bias=False)(before(h))
            t = layers.Conv2D(12, 3, padding="same", use_bias=False)(before(t))
            h = layers.Concatenate()([h, t])
        if block < 2:
            h = layers.AveragePooling2D(2)(layers.Conv2D(h.shape[-1] // 2, 1)(before(h)))
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(h)))


def efficientnet():
    return keras.applications.EfficientNetB0(weights=None, input_shape=(96, 96, 3), classes=10)


def xception():
    x = keras.Input((64, 64, 3))
    h = short = activated(layers.Rescaling(1 / 255)(x), layers.Conv2D(64, 3, strides=2, padding="same"))
    for filters in (128, 256):
        for _ in range(2):
            h = layers.SeparableConv2D(filters, 3, padding="same")(layers.Activation("relu")(h))
            h = layers.BatchNormalization()(h)
        h = layers.MaxPooling2D(3, strides=2, padding="same")(h)
        h = short = layers.add([h, layers.Conv2D(filters, 1, strides=2, padding="same")(short)])
    h = activated(h, layers.SeparableConv2D(512, 3, padding="same"))
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.Dropout(0.25)(layers.GlobalAveragePooling2D()(h))))


def convlstm():
    x = h = keras.Input((8, 24, 24, 1))
    for size in (5, 3):
        h = layers.ConvLSTM2D(16, size, padding="same", return_sequences=True, activation="relu")(h)
        h = layers.BatchNormalization()(h)
    return keras.Model(x, layers.Conv3D(1, 3, padding="same", activation="sigmoid")(h))


def wavenet():
    x = keras.Input((256, 16))
    h, skips = layers.Conv1D(32, 2, padding="causal")(x), []
    for power in range(6):
        parts = [layers.Conv1D(32, 2, dilation_rate=2**power, padding="causal", activation=a)(h) for a in ("tanh", "sigmoid")]
        skips.append(layers.Conv1D(32, 1)(layers.Multiply()(parts)))
        h = layers.Add()([h, skips[-1]])
    h = layers.Conv1D(32, 1, activation="relu")(layers.Activation("relu")(layers.Add()(skips)))
    return keras.Model(x, layers.Conv1D(1, 1)(h))


def recommender():
    x = keras.Input((2,), dtype="int32")
    user, film = x[:, 0], x[:, 1]
    factors = [layers.Embedding(100000, 50, embeddings_regularizer=keras.regularizers.L2(1e-6))(user), layers.Embedding(50000, 50)(film)]
    biases = [layers.Embedding(100000, 1)(user), layers.Embedding(50000, 1)(film)]
    return keras.Model(x, layers.Activation("sigmoid")(layers.Add()([layers.Dot(1)(factors), *biases])))


def gpt(words=5000, width=128):
    x = keras.Input((80,), dtype="int32")
    h = layers.Embedding(words, width)(x)
    for _ in range(2):
        a = layers.MultiHeadAttention(4, width // 4)(h, h, use_causal_mask=True)
        h = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([h, layers.Dropout(0.1)(a)]))
        f = layers.Dense(width)(layers.Dense(2 * width, activation="relu")(h))
        h = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([h, layers.Dropout(0.1)(f)]))
    return keras.Model(x, layers.Dense(words, activation="softmax")(h))


def cnnlstm():
    x = h = keras.Input((10, 32, 32, 3))
    for filters in (16, 32):
        h = layers.TimeDistributed(layers.Conv2D(filters, 3, activation="relu"))(h)
        h = layers.TimeDistributed(layers.MaxPooling2D())(h)
    h = layers.LSTM(64)(layers.TimeDistributed(layers.Flatten())(h))
    return keras.Model(x, layers.Dense(5, activation="softmax")(h))


def conv3d():
    x = h = keras.Input((32, 32, 16, 1))
    for filters in (16, 32):
        h = layers.BatchNormalization()(layers.MaxPooling3D(2)(layers.Conv3D(filters, 3, activation="relu")(h)))
    h = layers.Dropout(0.3)(layers.Dense(128, activation="relu")(layers.GlobalAveragePooling3D()(h)))
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(h))


def stock():
    x = h = keras.Input((60, 1))
    for i in range(4):
        h = layers.Dropout(0.2)(layers.LSTM(50, return_sequences=i < 3)(h))
    return keras.Model(x, layers.Dense(1)(h))


def mnistcnn():
    x = h = keras.Input((28, 28, 1))
    for filters in (32, 64):
        h = layers.MaxPooling2D()(layers.Conv2D(filters, 3, activation="relu")(h))
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.Dropout(0.5)(layers.Flatten()(h))))


def discriminator():
    x = h = keras.Input((64, 64, 3))
    for filters in (64, 128, 128):
        h = layers.LeakyReLU(0.2)(layers.Conv2D(filters, 4, strides=2, padding="same")(h))
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(layers.Dropout(0.2)(layers.Flatten()(h))))


def generator():
    x = keras.Input((128,))
    h = layers.Reshape((8, 8, 128))(layers.Dense(8 * 8 * 128)(x))
    for filters in (128, 256, 512):
        h = layers.LeakyReLU(0.2)(layers.Conv2DTranspose(filters, 4, strides=2, padding="same")(h))
    return keras.Model(x, layers.Conv2D(3, 5, padding="same", activation="sigmoid")(h))


def mlpbn():
    x = h = keras.Input((30,))
    for units in (64, 32, 16):
        h = layers.Dropout(0.3)(activated(h, layers.Dense(units, kernel_regularizer="l2"), "elu"))
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(h))


def inceptiontime():
    def conv(h, size):
        return layers.Conv1D(32, size, padding="same", use_bias=False)(h)

    x = h = keras.Input((128, 9))
    for _ in range(3):
        narrow, pooled = conv(h, 1), layers.MaxPooling1D(3, strides=1, padding="same")(h)
        h = activated([conv(narrow, size) for size in (39, 19, 9)] + [conv(pooled, 1)], layers.Concatenate())
    return keras.Model(x, layers.Dense(6, activation="softmax")(layers.GlobalAveragePooling1D()(h)))


def cifarbn():
    x = h = keras.Input((32, 32, 3))
    for filters, rate in ((32, 0.2), (64, 0.3), (128, 0.4)):
        for _ in range(2):
            h = layers.Conv2D(filters, 3, padding="same", activation="elu", kernel_regularizer=keras.regularizers.L2(1e-4))(h)
            h = layers.BatchNormalization()(h)
        h = layers.Dropout(rate)(layers.MaxPooling2D()(h))
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.Flatten()(h)))


def attnlstm():
    x = keras.Input((100,), dtype="int32")
    h = layers.Bidirectional(layers.GRU(64, return_sequences=True))(layers.Embedding(10000, 64)(x))
    h = layers.Concatenate()([layers.GlobalAveragePooling1D()(t) for t in (h, layers.Attention()([h, h]))])
    return keras.Model(x, layers.Dense(3, activation="softmax")(h))


def mixer():
    x = keras.Input((32, 32, 3))
    h = layers.Reshape((64, 128))(layers.Conv2D(128, 4, strides=4)(x))
    for _ in range(4):
        t = layers.Permute((2, 1))(layers.LayerNormalization()(h))
        t = layers.Dense(64)(layers.Dense(64, activation="gelu")(t))
        h = layers.Add()([h, layers.Permute((2, 1))(t)])
        f = layers.Dense(256, activation="gelu")(layers.LayerNormalization()(h))
        h = layers.Add()([h, layers.Dense(128)(f)])
    return keras.Model(x, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling1D()(h)))


def vgg():
    x = h = keras.Input((64, 64, 3))
    for filters, count in ((64, 2), (128, 2), (256, 3)):
        for _ in range(count):
            h = layers.Conv2D(filters, 3, padding="same", activation="relu")(h)
        h = layers.MaxPooling2D()(h)
    h = layers.Dropout(0.5)(layers.Dense(256, activation="relu")(layers.Flatten()(h)))
    return keras.Model(x, layers.Dense(2, activation="softmax")(h))


def charrnn():
    x = keras.Input((40, 60))
    return keras.Model(x, layers.Dense(60, activation="softmax")(layers.LSTM(128)(x)))


def unetbn():
    def convs(h, filters):
        for _ in range(2):
            h = activated(h, layers.Conv2D(filters, 3, padding="same", kernel_initializer="he_normal"))
        return h

    x = h = keras.Input((64, 64, 1))
    skips = []
    for filters in (16, 32, 64):
        h = convs(h, filters)
        skips.append(h)
        h = layers.Dropout(0.1)(layers.MaxPooling2D()(h))
    h = convs(h, 128)
    for filters in (64, 32, 16):
        h = layers.Conv2D(filters, 2, padding="same")(layers.UpSampling2D()(h))
        h = convs(layers.Concatenate()([h, skips.pop()]), filters)
    return keras.Model(x, layers.Conv2D(1, 1, activation="sigmoid")(h))


MORE = {
    "seq2seq": Family(seq2seq, SPARSE, both(tokens(30, 5000), classes(5000, 30))),
    "textcnn": Family(textcnn, BINARY, both(tokens(500, 20000), yes_or_no(1))),
    "densenet": Family(densenet, SPARSE, images(32, classes(10))),
    "efficientnet": Family(efficientnet, SPARSE, images(96, classes(10))),
    "xception": Family(xception, SPARSE, images(64, classes(10))),
    "convlstm": Family(convlstm, BINARY, both(uniform(8, 24, 24, 1), uniform(8, 24, 24, 1))),
    "wavenet": Family(wavenet, "mse", both(normal(256, 16), normal(256, 1))),
    "recommender": Family(recommender, BINARY, both(tokens(2, 50000), yes_or_no(1))),
    "gpt": Family(gpt, SPARSE, both(tokens(80, 5000), classes(5000, 80))),
    "cnnlstm": Family(cnnlstm, SPARSE, both(uniform(10, 32, 32, 3), classes(5))),
    "conv3d": Family(conv3d, BINARY, both(uniform(32, 32, 16, 1), yes_or_no(1))),
    "stock": Family(stock, "mse", both(normal(60, 1), normal(1))),
    "mnistcnn": Family(mnistcnn, SPARSE, both(uniform(28, 28, 1), classes(10))),
    "discriminator": Family(discriminator, BINARY, both(uniform(64, 64, 3), yes_or_no(1))),
    "generator": Family(generator, BINARY, both(normal(128), uniform(64, 64, 3))),
    "mlpbn": Family(mlpbn, BINARY, both(normal(30), yes_or_no(1))),
    "inceptiontime": Family(inceptiontime, SPARSE, both(normal(128, 9), classes(6))),
    "cifarbn": Family(cifarbn, SPARSE, images(32, classes(10))),
    "attnlstm": Family(attnlstm, SPARSE, both(tokens(100, 10000), classes(3))),
    "mixer": Family(mixer, SPARSE, images(32, classes(10))),
    "vgg": Family(vgg, SPARSE, images(64, classes(2))),
    "charrnn": Family(charrnn, SPARSE, both(normal(40, 60), classes(60))),
    "unetbn": Family(unetbn, BINARY, both(uniform(64, 64, 1), yes_or_no(64, 64, 1))),
}
