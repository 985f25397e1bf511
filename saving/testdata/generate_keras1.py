"""Writes the files keras2/k1_*.gz and k1rare_*.gz: what Keras 1.2.2 saves, with what it computes from them; and keras2/k23_*.gz, of Keras 2.3.1.

    python generate_keras1.py SOURCE 1     # SOURCE is where Keras-1.2.2.tar.gz is unpacked
    python generate_keras1.py SOURCE rare  # the same: layers that few models had
    python generate_keras1.py SOURCE 2     # Keras-2.3.1.tar.gz

It needs theano 1.0.5, numpy 1.23, scipy, h5py, six and pyyaml, and runs both on Theano, with what they lack of newer Pythons put back.
Theano compiles nothing (cxx=), which for models so small is the quickest, and recurrent layers are unrolled, as its loops need a compiler.
"""

import collections
import collections.abc
import inspect
import os
import re
import sys
import warnings

os.environ["KERAS_BACKEND"] = "theano"
os.environ["THEANO_FLAGS"] = "device=cpu,floatX=float32,optimizer=fast_compile,linker=py,cxx=,blas.ldflags="
warnings.filterwarnings("ignore")

ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")


def getargspec(f):
    s = inspect.getfullargspec(f)
    return ArgSpec(s.args, s.varargs, s.varkw, s.defaults)


inspect.getargspec = getargspec
for name in collections.abc.__all__:
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))

SOURCE, VERSION = sys.argv[1:3]
sys.path.insert(0, SOURCE)

import gzip
import json

import generate_legacy as G

os.environ["KERAS_BACKEND"] = "theano"  # which generate_legacy sets, too

import numpy as np
import scipy.signal

sys.modules["scipy.signal.signaltools"] = scipy.signal._signaltools
sys.modules["scipy.signal.sigtools"] = scipy.signal._sigtools
import theano.ifelse
import theano.tensor.signal.pool as pool
import theano.tensor.nnet.opt

theano.tensor.nnet.opt.local_abstractconv_check.transform = lambda node: None  # convolutions in Python will do
# Its pooling in Python indexes with lists, which numpy takes for something else since.
source = re.sub(r"\[\[(region_slices\[i\]\[r\[i\]\] for i in xrange\(nd\))\]\]", r"[tuple(\1)]", inspect.getsource(pool)).replace("gxk[region_slice]", "gxk[tuple(region_slice)]")
exec(compile(source, pool.__file__, "exec"), pool.__dict__)
import keras
from keras import backend as K
from keras.layers import *
from keras.models import Model, Sequential

PREFIX = {"1": "k1", "rare": "k1rare", "2": "k23"}[VERSION]
G.OUT = os.path.join(G.HERE, "keras2")


def put(suffix, m, x, turned=()):
    name = PREFIX + "_" + suffix
    case = {"model": None if VERSION != "2" and isinstance(m, Sequential) else m.name, "layers": [l.name for l in m.layers], "inputs": [G.array(x)], "outputs": [G.array(m.predict(x))]}
    # The kernels of Theano's convolutions are turned round, which Keras 1 left to its users.
    before = [l.get_weights() for l in turned]
    for l, weights in zip(turned, before):
        l.set_weights([around(w, l.dim_ordering) for w in weights])
    m.save(G.path(name))
    for l, weights in zip(turned, before):
        l.set_weights(weights)
    G.CASES[name] = case
    with open(G.path(name), "rb") as f, open(G.path(name + ".gz"), "wb") as out:
        with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as z:
            z.write(f.read())
    os.remove(G.path(name))
    print(name, flush=True)


def around(w, order):
    """A kernel turned round, but any other array as it is."""
    if w.ndim < 4:
        return w
    window = range(2, w.ndim) if order == "th" else range(w.ndim - 2)
    return np.ascontiguousarray(np.flip(w, tuple(window)))


def separable(x, depthwise_kernel, pointwise_kernel, strides=(1, 1), border_mode="valid", dim_ordering="default"):
    """What TensorFlow computes for it, which the backend for Theano lacks: every channel by its own kernels, then the sums over channels."""
    first = dim_ordering == "th"
    w = depthwise_kernel.get_value()
    parts = []
    for c in range(w.shape[1 if first else 2]):
        kernel = K.variable(w[:, c : c + 1] if first else w[:, :, c : c + 1])
        parts.append(K.conv2d(x[:, c : c + 1] if first else x[..., c : c + 1], kernel, strides=strides, border_mode=border_mode, dim_ordering=dim_ordering))
    return K.conv2d(K.concatenate(parts, axis=1 if first else -1), pointwise_kernel, border_mode="valid", dim_ordering=dim_ordering)


def randomize(m):
    new = []
    for w in m.get_weights():
        new.append(G.values(*w.shape) * 0.4)
    m.set_weights(new)
    for l in m.layers + [l for inner in m.layers for l in getattr(inner, "layers", [])]:
        if type(l).__name__ == "BatchNormalization":
            l.set_weights([np.abs(w) + 0.5 for w in l.get_weights()])


def keras1():
    for order, shape in (("tf", (6, 6, 2)), ("th", (2, 6, 6))):
        conv = Convolution2D(3, 3, 2, border_mode="valid", init="he_normal", W_regularizer=keras.regularizers.l2(0.01), W_constraint=keras.constraints.maxnorm(3),
                             dim_ordering=order, input_shape=shape, name="conv")
        m = Sequential([
            conv,
            BatchNormalization(axis=-1 if order == "tf" else 1, name="norm"),
            Activation("relu", name="cut"),
            ZeroPadding2D((1, 1), dim_ordering=order, name="border"),
            MaxPooling2D((2, 2), strides=(1, 1), border_mode="valid", dim_ordering=order, name="pool"),
            UpSampling2D((2, 1), dim_ordering=order, name="up"),
            AveragePooling2D((2, 2), dim_ordering=order, name="mean"),
            Dropout(0.0, name="drop"),
            Flatten(name="flat"),
            Dense(3, activation="softmax", init="uniform", b_regularizer=keras.regularizers.l1l2(0.01, 0.02), name="classes"),
        ], name="image_" + order)
        randomize(m)
        m.compile(keras.optimizers.Adam(lr=0.01, decay=0.1) if order == "tf" else keras.optimizers.SGD(0.05, momentum=0.5, nesterov=True), "categorical_crossentropy", metrics=["accuracy"])
        x = G.values(4, *shape)
        for _ in range(2):
            m.train_on_batch(x, G.one_hot(4))
        put("image_" + order + ".h5", m, x, [conv])

    m = Sequential([
        Dense(4, input_dim=3, init="lecun_uniform", W_regularizer=keras.regularizers.l1(0.01), name="first"),
        Activation("tanh", name="bend"),
        Dropout(0.0, name="drop"),
        Dense(3, activation="softmax", W_constraint=keras.constraints.nonneg(), name="last"),
    ], name="plain")
    randomize(m)
    m.compile(keras.optimizers.Adadelta(lr=0.5), "categorical_crossentropy", metrics=["accuracy"])
    x = G.values(4, 3)
    m.train_on_batch(x, G.one_hot(4))
    put("plain.h5", m, x)

    m = Sequential([
        Embedding(7, 3, input_length=4, init="normal", name="words"),
        LSTM(3, return_sequences=True, unroll=True, consume_less="cpu", name="gates"),
        Bidirectional(GRU(2, return_sequences=True, unroll=True, consume_less="mem"), name="both"),
        TimeDistributed(Dense(3, activation="tanh"), name="steps"),
        TimeDistributedDense(2, name="old_steps"),
        LSTM(2, unroll=True, consume_less="gpu", inner_activation="sigmoid", dropout_W=0.0, name="last"),
        Dense(2, bias=False, name="out"),
    ], name="recurrent")
    randomize(m)
    m.compile("rmsprop", "mse")
    x = np.arange(12).reshape(3, 4).astype("float32") % 7
    m.train_on_batch(x, G.values(3, 2))
    put("recurrent.h5", m, x)

    a = Input((4, 3), name="x")
    left = LSTM(3, unroll=True, return_sequences=True, name="left")(a)
    conv = Convolution1D(3, 3, border_mode="same", subsample_length=1, activation="relu", name="conv")
    right = conv(a)
    joined = [merge([left, right], mode=mode, name=mode) for mode in ("sum", "mul", "ave", "max")]
    joined.append(merge([left, right], mode="concat", concat_axis=-1, name="concat"))
    joined.append(merge([left, right], mode="dot", dot_axes=[2, 2], name="dot"))
    h = merge(joined, mode="concat", name="all")
    h = GaussianNoise(0.1, name="noise")(h)
    h = MaxPooling1D(2, stride=1, name="pool")(h)
    h = LeakyReLU(0.2, name="leak")(h)
    h = ELU(0.5, name="elu")(h)
    h = GlobalAveragePooling1D(name="mean")(h)
    h = RepeatVector(2, name="again")(h)
    h = Permute((2, 1), name="turn")(h)
    h = Reshape((-1,), name="flat")(h)
    m = Model(a, Dense(2, activation="hard_sigmoid", name="out")(h), name="joined")
    randomize(m)
    m.compile(keras.optimizers.Adagrad(0.05), "binary_crossentropy")
    x = G.values(3, 4, 3)
    y = (G.values(3, 2) > 0).astype("float32")
    m.train_on_batch(x, y)
    # Convolution1D has the kernel of a convolution of two dimensions.
    conv.dim_ordering = "tf"
    put("joined.h5", m, x, [conv])


def keras1_more():
    """The layers that keras1 leaves out."""
    for order, shape in (("tf", (8, 8, 2)), ("th", (2, 8, 8))):
        a = Input(shape, name="image")
        wide = AtrousConvolution2D(3, 3, 2, atrous_rate=(2, 2), border_mode="valid", dim_ordering=order, name="wide")
        h = wide(a)
        h = PReLU(init="normal", name="slopes")(h)
        h = SpatialDropout2D(0.0, dim_ordering=order, name="drop")(h)
        h = Cropping2D(((1, 0), (0, 1)), dim_ordering=order, name="cut")(h)
        h = ThresholdedReLU(0.3, name="steep")(h)
        h = GaussianDropout(0.1, name="noise")(h)
        h = merge([GlobalMaxPooling2D(dim_ordering=order, name="most")(h), GlobalAveragePooling2D(dim_ordering=order, name="mean")(h)], mode="concat", name="both")
        m = Model(a, h, name="more_image_" + order)
        randomize(m)
        put("more_image_" + order + ".h5", m, G.values(3, *shape), [wide])

        a = Input((5, 4, 6, 2) if order == "tf" else (2, 5, 4, 6), name="volume")
        h = ZeroPadding3D((1, 0, 1), dim_ordering=order, name="border")(a)
        h = UpSampling3D((1, 2, 1), dim_ordering=order, name="up")(h)
        h = MaxPooling3D((2, 2, 2), strides=(1, 2, 1), dim_ordering=order, name="pool")(h)
        h = SpatialDropout3D(0.0, dim_ordering=order, name="drop")(h)
        h = Cropping3D(((1, 0), (0, 1), (1, 1)), dim_ordering=order, name="cut")(h)
        h = AveragePooling3D((2, 1, 2), dim_ordering=order, name="smooth")(h)
        h = merge([GlobalMaxPooling3D(dim_ordering=order, name="most")(h), GlobalAveragePooling3D(dim_ordering=order, name="mean")(h)], mode="concat", name="both")
        m = Model(a, h, name="more_volume_" + order)
        put("more_volume_" + order + ".h5", m, G.values(2, *m.input_shape[1:]))

    a = Input((6, 3), name="x")
    wide = AtrousConvolution1D(3, 2, atrous_rate=2, activation="relu", name="wide")
    h = ZeroPadding1D({"left_pad": 1, "right_pad": 2}, name="border")(a)
    h = wide(h)
    h = UpSampling1D(2, name="up")(h)
    h = Cropping1D((1, 2), name="cut")(h)
    h = AveragePooling1D(2, name="smooth")(h)
    h = SpatialDropout1D(0.0, name="drop")(h)
    h = Masking(0.0, name="mask")(h)
    h = Bidirectional(SimpleRNN(2, return_sequences=True, unroll=True, W_regularizer=keras.regularizers.l2(0.01)), name="turns")(h)
    h = SimpleRNN(3, return_sequences=True, unroll=True, activation="relu", name="simple")(h)
    # Global pooling takes no mask.
    h = TimeDistributed(Dense(2), name="steps")(h)
    m = Model(a, h, name="more_steps")
    randomize(m)
    m.compile("sgd", "mse")
    wide.dim_ordering = "tf"
    put("more_steps.h5", m, G.values(3, 6, 3), [wide])

    m = Sequential([Dense(3, input_shape=(4, 2), name="d"), GlobalMaxPooling1D(name="most")], name="more_most")
    randomize(m)
    put("more_most.h5", m, G.values(3, 4, 2))


def keras1_rare():
    """Layers that few models had. Separable convolutions, which Theano's backend lacks, are built with the numbers that the layers have by then."""
    K.separable_conv2d = separable
    rnn = K.rnn
    K.rnn = lambda *args, **options: rnn(*args, **dict(options, unroll=True))  # its loops need a compiler
    for order, shape in (("tf", (4, 5, 2)), ("th", (2, 4, 5))):
        for name, n, options in (("valid", (10, 12), {"subsample": (2, 2)}), ("wider", (14, 7), {"subsample": (3, 1)}), ("same", (4, 5), {"border_mode": "same"})):
            up = Deconvolution2D(3, 3, 3, output_shape=(None,) + (n + (3,) if order == "tf" else (3,) + n), dim_ordering=order, input_shape=shape, activation="tanh", name="up", **options)
            m = Sequential([up], name="rare")
            randomize(m)
            put("up_%s_%s.h5" % (name, order), m, G.values(2, *shape), [up])

        a = Input((5, 4, 6, 2) if order == "tf" else (2, 5, 4, 6), name="volume")
        deep = Convolution3D(3, 2, 3, 2, subsample=(1, 1, 2), dim_ordering=order, activation="relu", name="deep")
        even = Convolution3D(2, 1, 3, 3, border_mode="same", bias=False, dim_ordering=order, name="even")
        m = Model(a, even(deep(a)), name="volume")
        randomize(m)
        put("volume_" + order + ".h5", m, G.values(2, *m.input_shape[1:]), [deep, even])

        a = Input((3, 4, 5, 2) if order == "tf" else (3, 2, 4, 5), name="film")
        # Its configuration lacks the steps between windows, which Keras 1 itself reads as 1.
        steps = ConvLSTM2D(3, 1, 3, return_sequences=True, dim_ordering=order, name="steps")
        last = ConvLSTM2D(2, 3, 1, border_mode="same", inner_activation="sigmoid", go_backwards=True, forget_bias_init="zero", dim_ordering=order, name="last")
        m = Model(a, last(steps(a)), name="film")
        randomize(m)
        put("film_" + order + ".h5", m, G.values(2, *m.input_shape[1:]), [steps, last])

        def apart(weights=None):
            a = Input(shape, name="image")
            layers = [
                SeparableConvolution2D(3, 3, 2, depth_multiplier=2, activation="relu", dim_ordering=order, weights=weights and weights[:3], name="apart"),
                SeparableConvolution2D(2, 1, 3, border_mode="same", bias=False, dim_ordering=order, weights=weights and weights[3:], name="again"),
            ]
            return Model(a, layers[1](layers[0](a)), name="apart"), layers

        backend, K.backend = K.backend, lambda: "tensorflow"  # which the layer asks for
        m, _ = apart()
        randomize(m)
        m, layers = apart(m.get_weights())
        K.backend = backend
        put("apart_" + order + ".h5", m, G.values(2, *shape), layers)

    m = Sequential([
        MaxoutDense(3, nb_feature=2, input_dim=4, name="most"),
        Highway(activation="tanh", W_regularizer=keras.regularizers.l2(0.01), name="way"),
        MaxoutDense(2, bias=False, name="plain"),
        Highway(bias=False, name="straight"),
    ], name="rare_dense")
    randomize(m)
    put("dense.h5", m, G.values(5, 4))

    m = Sequential([
        BatchNormalization(mode=1, epsilon=0.02, input_shape=(3, 4), name="sample"),
        BatchNormalization(mode=2, name="batch"),
        BatchNormalization(mode=2, axis=1, epsilon=0.1, name="steps"),
    ], name="rare_norms")
    randomize(m)
    put("norms.h5", m, G.values(5, 3, 4))


def keras23():
    L = keras.layers
    a = L.Input((6, 6, 2), name="image")
    h = L.Conv2D(3, 3, padding="same", activation="hard_sigmoid", name="conv")(a)
    h = L.BatchNormalization(name="norm")(h)
    h = L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2, name="cut")(h)
    h = L.Conv2DTranspose(2, 3, strides=2, name="up")(h)
    h = L.ELU(0.5, name="elu")(h)
    h = L.MaxPooling2D(name="pool")(h)
    h = L.Flatten(name="flat")(h)
    inner = Sequential([L.Dense(4, input_shape=(72,), name="i1"), L.BatchNormalization(name="i2"), L.LeakyReLU(name="i3")], name="inner")
    h = inner(h)
    m = Model(a, L.Dense(3, activation="softmax", name="classes")(h), name="theano_image")
    randomize(m)
    m.compile(keras.optimizers.Adam(lr=0.01), "categorical_crossentropy", metrics=["acc"])
    x = G.values(4, 6, 6, 2)
    for _ in range(2):
        m.train_on_batch(x, G.one_hot(4))
    put("image.h5", m, x)

    m = Sequential([
        L.Masking(input_shape=(4, 3), name="mask"),
        L.Bidirectional(L.LSTM(2, return_sequences=True, unroll=True), merge_mode="sum", name="both"),
        L.GRU(3, unroll=True, return_sequences=True, name="gate"),
        L.TimeDistributed(L.Dense(2), name="steps"),
        L.SimpleRNN(2, unroll=True, name="simple"),
    ], name="theano_steps")
    randomize(m)
    m.compile(keras.optimizers.RMSprop(0.01), "mse")
    x = G.values(3, 4, 3)
    m.train_on_batch(x, G.values(3, 2))
    put("steps.h5", m, x)


if __name__ == "__main__":
    for make in {"1": [keras1, keras1_more], "rare": [keras1_rare], "2": [keras23]}[VERSION]:
        make()
    with open(G.path("cases_" + PREFIX + ".json"), "w") as f:
        json.dump(G.CASES, f, separators=(",", ":"), sort_keys=True)
        f.write("\n")
