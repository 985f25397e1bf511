"""Writes the files keras2/*.gz: what TensorFlow's Keras 2 saves, with what it computes from them.

    python generate_keras2.py k212     # with tensorflow 2.12, whose .keras archives have names of their own
    python generate_keras2.py tfk      # with tf_keras
    python generate_keras2.py names    # with tf_keras: names with "/", and other things that Keras 3 doesn't write
    python generate_keras2.py functions  # with tf_keras: functions of TensorFlow that are met less often
    python generate_keras2.py special  # with tf_keras: functions of tf.math that Keras 3 has no operation for, trained through
    python generate_keras2.py sizes    # with tf_keras: functions of TensorFlow that need the shapes of tensors
    python generate_keras2.py nadam    # with tf_keras: Nadam's state, of runs that aren't compiled
    python generate_keras2.py graphs   # with tf_keras: whole models as users write them of operations on tensors, and of what Keras 3 has no more
    python generate_keras2.py masks    # with tf_keras: masks where Keras 3 has others, gradients and types of functions of TensorFlow
    python generate_keras2.py local    # with tf_keras: LocallyConnected1D and LocallyConnected2D
    python generate_keras2.py spaces   # with tf_keras: functions of TensorFlow that change the sizes of images, of sizes that are known and that aren't
    python generate_keras2.py segments # with tf_keras: rows that belong together, places in sequences, bits, cosine transforms
    python generate_keras2.py half     # with tf_keras: optimizers that scale losses
    python generate_keras2.py activations  # with tf_keras: layers as activations
    python generate_keras2.py own      # with tf_keras: layers of images that Keras 3 has otherwise or no more, and BatchNormalization over several axes
    python generate_keras2.py windows  # with tf_keras: names of groups as on Windows
    python generate_keras2.py texts    # with tf_keras: layers of texts, whose cases are in texts.json
    python generate_keras2.py nodes    # with tf_keras: nodes of TensorFlow's graph, as TensorFlow 2.0 to 2.3 recorded operations

Each run writes cases_<prefix>.json beside its files.
"""

import gzip
import itertools
import json
import os
import sys

import generate_legacy as G

import numpy as np

PREFIX = sys.argv[1]
if PREFIX == "k212":
    from tensorflow import keras as K
else:
    import tf_keras as K
import tensorflow as tf

G.OUT = os.path.join(G.HERE, "keras2")
os.makedirs(G.OUT, exist_ok=True)
L = K.layers


def put(suffix, model, x, y=None, **options):
    """Saves the model as PREFIX_suffix, packed. Whole models are saved before they are trained further."""
    name = PREFIX + "_" + suffix
    if PREFIX == "k212" and suffix.endswith(".keras"):  # which writes HDF5 under this suffix unless told
        options["saved"] = lambda to: model.save(to, save_format="keras_v3")
    G.record(name, model, x, y, **options)
    pack(name)


def pack(name):
    with open(G.path(name), "rb") as f, open(G.path(name + ".gz"), "wb") as out:
        with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as z:
            z.write(f.read())
    os.remove(G.path(name))


def wide():
    """Shared and nested layers, attention, recurrent layers with Keras 2's hard_sigmoid, arithmetic on tensors."""
    x = L.Input((5, 4), name="x")
    shared = L.Dense(4, activation="relu", name="shared")
    inner = K.Sequential([L.Input((5, 4)), shared, L.BatchNormalization(name="inner_norm"), L.Dropout(0.0, name="inner_drop")], name="inner")
    h = L.Average(name="mean")([inner(x), shared(x)])
    h = L.MultiHeadAttention(2, 3, name="attend")(h, h)
    h = L.LayerNormalization(name="norm")(h)
    h = L.Bidirectional(L.LSTM(2, recurrent_activation="hard_sigmoid", return_sequences=True), name="both")(h)
    h = L.TimeDistributed(L.Dense(3, name="step"), name="steps")(h)
    h = L.GRU(3, reset_after=False, name="gate")(h)
    return K.Model(x, L.Dense(3, activation="softmax", name="classes")(h), name="wide"), G.values(6, 5, 4)


def image():
    x = L.Input((6, 6, 2), name="image")
    h = L.SeparableConv2D(3, 2, padding="same", name="separable")(x)
    h = L.LeakyReLU(0.1, name="leak")(h)
    h = L.Conv2DTranspose(2, 3, strides=2, name="up")(h)
    h = L.BatchNormalization(name="norm")(h, training=False)
    h = L.Activation("hard_sigmoid", name="hard")(h)
    h = L.DepthwiseConv2D(2, strides=2, name="depthwise")(h)
    h = L.PReLU(shared_axes=[1, 2], name="slope")(h)
    h = L.GlobalAveragePooling2D(name="pool")(h)
    return K.Model(x, L.Dense(3, activation="softmax", name="classes")(h), name="image_model"), G.values(6, 6, 6, 2)


def cells():
    return K.Sequential([
        L.Input((4, 3)),
        L.RNN([L.LSTMCell(2, name="a"), L.GRUCell(3, name="b")], return_sequences=True, name="cells"),
        L.SimpleRNN(2, name="simple"),
        L.Dense(2, activation="tanh", name="out"),
    ], name="stack"), G.values(5, 4, 3)


def small():
    return K.Sequential([L.Dense(3, activation="tanh", input_shape=(4,), name="hidden"), L.Dense(2, use_bias=False, name="out")], name="small"), G.values(6, 4)


def trained(model, x, optimizer, loss, y, **options):
    G.randomize(model)
    model.compile(optimizer, loss, **options)
    G.warm(model, x, y)


def whole_models():
    classes = (np.arange(6) % 3).astype("int32")
    for form in (".keras", ".h5") if PREFIX == "tfk" else (".keras",):
        m, x = wide()
        trained(m, x, K.optimizers.Adam(0.01), "sparse_categorical_crossentropy", classes, metrics=["accuracy"])
        put("wide" + form, m, x, classes)
        m, x = image()
        trained(m, x, K.optimizers.SGD(0.05, momentum=0.9, nesterov=True), K.losses.CategoricalCrossentropy(label_smoothing=0.1), G.one_hot(6),
                metrics=[K.metrics.CategoricalAccuracy(name="acc"), "mae"], loss_weights=[0.5])
        put("image" + form, m, x, G.one_hot(6))
        m, x = cells()
        trained(m, x, K.optimizers.RMSprop(0.01), "mse", G.values(5, 2))
        put("cells" + form, m, x, G.values(5, 2))


def optimizers():
    y = G.values(6, 2)
    now = [
        ("rmsprop", lambda: K.optimizers.RMSprop(0.01, momentum=0.5, centered=True)),
        ("amsgrad", lambda: K.optimizers.Adam(0.01, amsgrad=True, clipnorm=1.0)),
        ("adamax", lambda: K.optimizers.Adamax(0.01)),
        ("adagrad", lambda: K.optimizers.Adagrad(0.05)),
        ("adadelta", lambda: K.optimizers.Adadelta(0.5)),
        ("ftrl", lambda: K.optimizers.Ftrl(0.05, l1_regularization_strength=0.01)),
        ("adamw", lambda: K.optimizers.AdamW(0.01, weight_decay=0.01)),
        ("nadam", lambda: K.optimizers.Nadam(0.01)),
        ("schedule", lambda: K.optimizers.SGD(K.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5), momentum=0.5)),
    ]
    for name, make in now[:2] if PREFIX == "k212" else now:
        m, x = small()
        trained(m, x, make(), "mse", y)
        # Compiled, Keras 2's Nadam multiplies its product of momenta once for each weight, which nothing can go on with.
        put(name + ".keras", m, x, None if name == "nadam" else y)
    if PREFIX == "k212":
        return
    old = K.optimizers.legacy
    before = [
        ("old_adam", lambda: old.Adam(0.01, decay=0.1)),
        ("old_nadam", lambda: old.Nadam(0.01)),
        ("old_amsgrad", lambda: old.Adam(0.01, amsgrad=True)),
        ("old_sgd", lambda: old.SGD(0.05, momentum=0.5, decay=0.2)),
        ("old_rmsprop", lambda: old.RMSprop(0.01, momentum=0.5)),
        ("old_ftrl", lambda: old.Ftrl(0.05)),
        ("old_adagrad", lambda: old.Adagrad(0.05)),
    ]
    for name, make in before:
        m, x = small()
        trained(m, x, make(), "mse", y)
        put(name + ".h5", m, x, None if name == "old_nadam" else y)  # whose momenta grow otherwise than those of any later one
    m, x = small()
    trained(m, x, old.Adam(0.01), "mse", y)
    put("old_adam.keras", m, x)


def arithmetic():
    """Operations of TensorFlow on symbolic tensors, one output each."""
    x = L.Input((4, 6), name="x")
    h = L.Dense(6, name="h")(x)
    p = L.Activation("sigmoid", name="p")(h)
    return K.Model(x, [
        h + x, x - h, h * 2.0, 2.0 - h, h / (p + 1.0), -h, 3.0 / (p + 1.0), p ** 2.0, 1.0 + h, abs(h),
        tf.add(x, h), tf.subtract(x, 0.5), tf.multiply(h, p), tf.divide(h, 2.0), tf.maximum(h, 0.1), tf.minimum(h, x), tf.pow(p, 0.5), tf.square(h),
        tf.sqrt(p), tf.exp(h), tf.math.log(p), tf.abs(h), tf.sigmoid(h), tf.tanh(h), tf.nn.relu(h), tf.nn.relu6(h * 9.0), tf.nn.softmax(h), tf.nn.softmax(h, axis=1),
        tf.nn.elu(h), tf.nn.selu(h), tf.nn.softplus(h), tf.nn.leaky_relu(h, alpha=0.3), tf.nn.swish(h), tf.nn.gelu(h), tf.nn.log_softmax(h), tf.math.rsqrt(p), tf.math.sin(h),
        tf.reduce_mean(h, axis=1), tf.reduce_sum(h, axis=[1, 2]), tf.reduce_max(h, axis=-1, keepdims=True), tf.reduce_min(h, 1), tf.reduce_prod(p, axis=2),
        tf.concat([x, h], axis=-1), tf.concat([x, h, p], 1), tf.stack([x, h], axis=1), tf.reshape(h, [-1, 8, 3]), tf.reshape(h, (-1, 24)), tf.transpose(h, [0, 2, 1]),
        tf.expand_dims(h, -1), tf.expand_dims(h, axis=1), tf.squeeze(tf.expand_dims(h, 1), axis=1), tf.cast(h > 0.0, "float32"),
        tf.clip_by_value(h, -0.5, 0.5), tf.math.l2_normalize(h, axis=-1), tf.matmul(x, h, transpose_b=True), tf.argmax(h, axis=-1),
        h[:, 1], h[:, 1:3], h[..., ::2], h[:, -1, 2:], h[:, :, tf.newaxis], tf.where(h > 0.0, h, x), tf.add_n([x, h, p]), tf.identity(h) * 1.0,
        tf.pad(h, [[0, 0], [1, 2], [0, 0]]), tf.tile(h, [1, 2, 1]), tf.split(h, 2, axis=-1)[1], tf.unstack(h, axis=1)[2], tf.norm(h, axis=-1),
        K.backend.mean(h, axis=1), K.backend.sum(h, axis=-1, keepdims=True), K.backend.concatenate([x, h], axis=-1), K.backend.square(h), K.backend.sqrt(p),
        K.backend.abs(h), K.backend.exp(h), K.backend.max(h, axis=-1), K.backend.expand_dims(h, 1), K.backend.squeeze(K.backend.expand_dims(h, 1), 1),
        K.backend.batch_dot(x, h, axes=[2, 2]), K.backend.l2_normalize(h, axis=-1), K.backend.clip(h, -0.5, 0.5), K.backend.permute_dimensions(h, (0, 2, 1)),
        K.backend.softmax(h), K.backend.relu(h), K.backend.sigmoid(h), K.backend.tanh(h), K.backend.reshape(h, (-1, 24)), K.backend.hard_sigmoid(h),
    ], name="arithmetic"), G.values(2, 4, 6)


def own():
    """What Keras 3 computes otherwise, or has no more."""
    methods = ["bicubic", "gaussian", "mitchellcubic", "lanczos3"]
    x = L.Input((4, 3, 2), name="x")
    h = L.Conv2D(2, 2, padding="same", name="conv")(x)
    outputs = []
    for m in methods:
        outputs += [L.UpSampling2D((2, 3), interpolation=m, name="up_" + m)(h), L.Resizing(3, 5, interpolation=m, name="to_" + m)(h)]
        outputs.append(L.Resizing(3, 2, interpolation=m, crop_to_aspect_ratio=True, name="cut_" + m)(h))
    # Through which TensorFlow has no gradient.
    outputs += [L.UpSampling2D((2, 3), interpolation="area", name="up_area")(x), L.Resizing(3, 2, interpolation="area", crop_to_aspect_ratio=True, name="cut_area")(x)]
    model, data = K.Model(x, outputs, name="methods"), G.values(2, 4, 3, 2)
    targets = [G.values(*o.shape) for o in model(data)]
    trained(model, data, K.optimizers.SGD(0.05), "mse", targets)
    for form in (".h5", ".keras"):
        put("methods" + form, model, data, targets)

    x = L.Input((6, 5, 2), name="x")
    h = L.BatchNormalization(axis=[1, 2], name="places")(x)
    h = L.BatchNormalization(axis=[2, 3], scale=False, momentum=0.9, name="columns")(h)
    model, data = K.Model(x, L.BatchNormalization(axis=[1, 2, 3], center=False, name="all")(h), name="norms"), G.values(5, 6, 5, 2)
    targets = G.values(5, 6, 5, 2)
    trained(model, data, K.optimizers.SGD(0.05), "mse", targets)
    for form in (".h5", ".keras"):
        put("norms" + form, model, data, targets)

    sync = L.experimental.SyncBatchNormalization
    model, data = K.Sequential([L.Input((4, 3)), sync(name="first"), L.Dense(3, name="hidden"), sync(name="second")], name="devices"), G.values(5, 4, 3)
    targets = G.values(5, 4, 3)
    trained(model, data, K.optimizers.SGD(0.05), "mse", targets)
    for form in (".h5", ".keras"):
        put("devices" + form, model, data, targets)

    x = L.Input((3, 4), name="x")
    gram = tf.matmul(x, x, transpose_b=True) + np.eye(3, dtype="float32")
    outputs = [tf.linalg.logdet(gram), tf.linalg.pinv(gram), tf.linalg.eigvalsh(gram), tf.linalg.svd(x, compute_uv=False), tf.linalg.cholesky(gram), tf.linalg.inv(gram)]
    put("matrices.h5", K.Model(x, outputs, name="matrices"), G.values(4, 3, 4))

    x = L.Input((4, 3), name="x")
    h, last, _ = L.LSTM(3, time_major=True, return_sequences=True, return_state=True, name="lstm")(tf.transpose(x, [1, 0, 2]))
    h = L.Bidirectional(L.GRU(2, time_major=True, return_sequences=True), name="both")(h)
    h = L.SimpleRNN(2, time_major=True, go_backwards=True, name="simple")(h)
    model, data = K.Model(x, [L.Dense(2, name="out")(h), last], name="times"), G.values(5, 4, 3)
    targets = [G.values(5, 2), G.values(5, 3)]
    trained(model, data, K.optimizers.SGD(0.05), "mse", targets)
    for form in (".h5", ".keras"):
        put("times" + form, model, data, targets)

    model = K.Sequential([
        L.Input((8, 9, 2)), L.RandomHeight(0.2, name="high"), L.RandomWidth((0.1, 0.3), interpolation="bicubic", seed=3, name="wide"), L.RandomCrop(4, 7, name="crop"),
        L.Conv2D(2, 2, name="conv"), L.GlobalAveragePooling2D(name="pool"),
    ], name="augmented")
    G.randomize(model)
    for form in (".h5", ".keras"):
        put("augmented" + form, model, G.values(3, 8, 9, 2), weights=False)
    # The first optimizers add their epsilon after the root.
    old = K.optimizers.legacy
    first = [old.RMSprop(0.01, epsilon=0.1), old.RMSprop(0.01, centered=True, epsilon=0.1), old.RMSprop(0.01, momentum=0.5, epsilon=0.1), old.Adagrad(0.05, epsilon=0.1)]
    for name, optimizer in zip(["rmsprop", "centered", "momentum", "adagrad"], first):
        model, data = small()
        targets = G.values(6, 2)
        trained(model, data, optimizer, "mse", targets)
        put("epsilon_" + name + ".h5", model, data, targets, continued=5)

    # A crop of a whole image is no crop, and one that is larger resizes.
    x = L.Input((6, 5, 2), name="x")
    h = L.Conv2D(2, 1, name="conv")(x)
    model, data = K.Model(x, [L.RandomCrop(6, 5, name="whole")(h), L.RandomCrop(9, 4, name="taller")(h)], name="crops"), G.values(3, 6, 5, 2)
    targets = [G.values(3, 6, 5, 2), G.values(3, 9, 4, 2)]
    trained(model, data, K.optimizers.SGD(0.05), "mse", targets)
    put("crops.h5", model, data, targets, weights=False)


def windows():
    """Archives as Keras 2 makes them on Windows, whose joined paths become the names of groups."""
    from tf_keras.src.saving import saving_lib

    join = saving_lib.tf.io.gfile.join
    saving_lib.tf.io.gfile.join = lambda path, *rest: join(path, *rest) if os.path.isabs(path) else "\\".join(p for p in (path, *rest) if p)
    try:
        m, x = wide()
        classes = (np.arange(6) % 3).astype("int32")
        trained(m, x, K.optimizers.Adam(0.01), "sparse_categorical_crossentropy", classes, metrics=["accuracy"])
        put("wide.keras", m, x, classes)
        m, x = cells()
        G.randomize(m)
        put("cells_weights.weights.h5", m, x, saved=m.save_weights)
    finally:
        saving_lib.tf.io.gfile.join = join


def texts():
    """Layers of texts, one output each; texts.json has what they give."""
    given = [["the cat sat"], ["a dog ran the race"], ["unknown the"]]
    x = L.Input((1,), dtype="string", name="x")
    steps = [L.TextVectorization(20, output_mode=mode, name=mode, **options) for mode, options in
             (("int", {"output_sequence_length": 6}), ("multi_hot", {}), ("count", {"pad_to_max_tokens": True}), ("tf_idf", {"ngrams": 2}))]
    for step in steps:
        step.adapt(["the cat sat on the mat", "the dog ran", "a cat ran"])
    steps += [L.StringLookup(vocabulary=["the cat sat", "cat"], output_mode="one_hot", name="one"), L.StringLookup(vocabulary=["unknown the"], name="lookup"), L.Hashing(7, name="hash")]
    outputs = [step(x) for step in steps]
    outputs.append(L.Dense(2, name="dense")(L.GlobalAveragePooling1D(name="mean")(L.Embedding(20, 3, name="words")(outputs[0]))))
    m = K.Model(x, outputs, name="texts")
    for name in "words", "dense":
        m.get_layer(name).set_weights([G.values(*w.shape) for w in m.get_layer(name).get_weights()])
    m.save(G.path("texts_all.keras"))
    pack("texts_all.keras")
    with open(G.path("texts.json"), "w") as f:
        json.dump({"texts": given, "outputs": [G.array(o.numpy().astype("float32")) for o in m(tf.constant(given))]}, f, separators=(",", ":"))
        f.write("\n")


def operations():
    m, x = arithmetic()
    G.randomize(m)
    put("arithmetic.h5", m, x, weights=False)
    m, x = arithmetic()
    x1 = L.Input((3,), name="x1")
    h = L.Dense(3, name="a")(x1)
    m = K.Model(x1, tf.reduce_mean(tf.nn.relu(h * 0.5 + x1), axis=-1, keepdims=True)[:, 0], name="scaled")
    G.randomize(m)
    put("scaled.keras", m, G.values(2, 3))


def cudnn():
    """Weights in cuDNN's layout: the layers need a GPU to run, so those that Keras 2 reads them into without one say what they compute."""
    from tf_keras.api._v1 import keras as v1

    V1 = v1.layers

    def stack(lstm, gru, **rest):
        return K.Sequential([
            L.Input((4, 3)),
            L.Bidirectional(lstm(2, return_sequences=True, name="inner"), name="both"),
            gru(3, return_sequences=True, name="gru", **rest),
            lstm(2, name="last"),
        ], name="cudnn")

    m = stack(V1.CuDNNLSTM, V1.CuDNNGRU)
    G.randomize(m)
    name = PREFIX + "_cudnn.h5"
    m.save(G.path(name))
    plain = stack(L.LSTM, L.GRU, reset_after=True)
    plain.load_weights(G.path(name))
    put("cudnn.h5", plain, G.values(3, 4, 3), saved=lambda to: m.save(to))


def slashes():
    """Names with "/", as in keras.applications' DenseNet; some are the beginning of others."""
    x = L.Input((4, 4, 2), name="in/put")
    h = L.Conv2D(3, 3, use_bias=False, name="conv1/conv")(x)  # whose gradient would be nothing but rounding before the normalization
    h = L.BatchNormalization(name="conv1/bn")(h)
    h = L.Activation("relu", name="conv1")(h)
    h = L.GlobalAveragePooling2D(name="pool")(h)
    inner = K.Sequential([L.Dense(3, name="d/1", input_shape=(3,)), L.Dense(2, name="d/2")], name="in/ner")
    first = inner(h)
    second = L.Dense(1, name="conv1_bn")(L.TimeDistributed(L.Dense(2, name="step/1"), name="out/a")(L.RepeatVector(2, name="repeat")(h)))
    return K.Model(x, [first, L.Flatten(name="out/b")(second * 2.0)], name="mo/del"), G.values(4, 4, 4, 2)


def nadam():
    """Nadam's steps as it means them: compiled, it multiplies its product of momenta once for each weight."""
    for form in (".h5", ".keras"):
        m, x = small()
        trained(m, x, K.optimizers.Nadam(0.05), "mse", G.values(6, 2), run_eagerly=True)
        put("steps" + form, m, x, G.values(6, 2), continued=4)


def leftovers():
    """Bytes as inputs, and arguments of calls that were given though they are the defaults."""
    x = L.Input((3, 2), name="x", dtype="uint8")
    h = L.Rescaling(1 / 255, name="scale")(x)
    h = L.LSTM(3, return_sequences=True, name="lstm")(h, mask=None, training=None, initial_state=None)
    h = L.Dropout(0.5, name="drop")(h, training=False)
    h = L.Attention(name="attend")([h, h], mask=None, training=False, use_causal_mask=True)
    h = L.BatchNormalization(name="norm")(h, training=None)
    return K.Model(x, L.GlobalAveragePooling1D(name="mean")(h, mask=None), name="leftovers"), np.arange(0, 240, 10).reshape(4, 3, 2).astype("uint8")


def names():
    y = [G.values(4, 2), G.values(4, 2)]
    for form in (".h5", ".keras"):
        m, x = slashes()
        trained(m, x, K.optimizers.Adam(0.01), {"in/ner": "mse", "out/b": "mae"}, y, loss_weights={"in/ner": 1.0, "out/b": 0.5})
        put("slashes" + form, m, x, y)
        m, x = leftovers()
        G.randomize(m)
        put("leftovers" + form, m, x)
    m, x = slashes()
    G.randomize(m)
    for form in (".h5", ".weights.h5"):
        put("slashes_weights" + form, m, x, saved=m.save_weights)


def functions():
    """What arithmetic() doesn't have, one output each."""
    x = L.Input((4, 6), name="x")
    h = L.Dense(6, name="h")(x)
    p = L.Activation("sigmoid", name="p")(h)
    image = L.Reshape((4, 6, 1), name="image")(h)
    hot = tf.one_hot(tf.argmax(h, -1), 6, on_value=2.0, off_value=0.5)
    m = K.Model(x, [
        tf.math.asinh(h), tf.math.acosh(p + 1.0), tf.math.atanh(p * 0.5), tf.math.erfc(h), tf.round(h * 3.0), h // 0.5, h % 2.0, hot, tf.sort(h, axis=1), tf.sort(h, direction="DESCENDING"),
        tf.cast(tf.argsort(h), "float32"), tf.math.top_k(h, k=2)[0], tf.nn.top_k(h, 3).values, tf.broadcast_to(tf.reduce_mean(h, 0, keepdims=True), [2, 4, 6]), tf.gather(h, [0, 2], axis=1),
        K.backend.gather(h, [1, 0]), tf.clip_by_norm(h, 1.0, axes=-1), tf.nn.max_pool2d(image, 2, 2, "SAME"), tf.nn.avg_pool2d(image, [2, 3], 1, "VALID"),
        tf.nn.max_pool(image, ksize=[1, 2, 3, 1], strides=[1, 2, 1, 1], padding="SAME"), K.backend.pool2d(image, (2, 2), (2, 2)),
        tf.nn.conv2d(image, G.values(2, 3, 1, 2), [1, 2, 1, 1], "SAME"), tf.nn.conv2d(image, G.values(2, 2, 1, 1), 1, "VALID", dilations=2), tf.ensure_shape(h, [None, 4, 6]),
        tf.math.reduce_euclidean_norm(h, axis=1), tf.image.flip_left_right(image), tf.image.flip_up_down(image), tf.image.grayscale_to_rgb(image), tf.linalg.trace(h[:, :4, :4]),
        tf.linalg.band_part(h, -1, 0), tf.linalg.band_part(h, 0, -1), tf.linalg.band_part(h, 1, 1), tf.roll(h, 1, axis=1), tf.roll(h, [1, -2], axis=[1, 2]), tf.scalar_mul(2.0, h),
        tf.slice(h, [0, 1, 2], [-1, 2, 3]), tf.tensordot(h, G.values(6, 2), axes=1), tf.tensordot(h, G.values(6, 2), axes=[[2], [0]]), tf.linalg.matvec(h, x[:, 0]),
        x @ tf.transpose(h, [0, 2, 1]), tf.norm(h, ord=1, axis=-1), tf.norm(h, ord=np.inf, axis=1), K.backend.zeros_like(h) + tf.ones_like(x),
        tf.math.accumulate_n([x, h]),
    ], name="functions")
    G.randomize(m)
    put("less_often.h5", m, G.values(2, 4, 6))


def special():
    """Functions of the gamma family, of the normal distribution and of Bessel, of numbers whose gradients TensorFlow's single precision gives well."""
    x = L.Input((7,), name="x")
    h = L.Dense(6, name="h")(x)
    p = tf.sigmoid(h)
    above = tf.math.softplus(h) + 0.3
    under = p * 0.4 - 2.7  # between two poles
    functions = [
        tf.math.lgamma(above), tf.math.lgamma(under), tf.math.digamma(above), tf.math.digamma(under), tf.math.polygamma(2.0, above), tf.math.zeta(3.0, above + 0.5), tf.math.ndtri(p), tf.math.erfcinv(p * 2.0),
        tf.math.bessel_i0(h), tf.math.bessel_i0e(h * 4.0), tf.math.special.bessel_i1(h), tf.math.bessel_i1e(h * 20.0), tf.math.lbeta(above)[:, None],
    ]  # fmt: skip
    m = K.Model(x, L.Dense(2, name="out")(tf.concat(functions, -1)), name="special")
    G.randomize(m)
    m.compile(K.optimizers.SGD(0.001), "mse")
    put("gamma.h5", m, G.values(5, 7), G.values(5, 2))
    # What nothing here stands for.
    put("unknown.h5", K.Model(x, tf.math.igamma(2.0, tf.sigmoid(x)), name="unknown"), G.values(2, 7))


def sizes():
    """Sizes that are known when the file is read and sizes that aren't, constants computed from them, and functions that need shapes; one output each."""
    n = L.Input((None, 6), name="n")
    x = tf.reshape(n, [-1, 4, 6])
    v, image = x[:, 0], tf.reshape(x, [-1, 2, 4, 3]) * 0.5
    d = tf.cast(tf.abs(v) * 3.0, "int32") % 4
    bytes_ = tf.cast(tf.clip_by_value(image * 60.0 + 128.0, 0.0, 255.0), "uint8")
    rows, steps = tf.shape(n)[0], tf.shape(n)[1]
    at = tf.stack([d[:, :2], d[:, 2:4]], -1)
    ones = tf.ones((4, 4))
    kernel, lean = G.values(2, 2, 3, 2), G.values(2, 2, 3, 1)
    small = tf.nn.relu(x)
    outputs = [
        tf.reshape(x, [rows, 24]), tf.reshape(x, [tf.shape(x)[0], tf.shape(x)[1] * 2, 3]), tf.reshape(n, tf.stack([rows, -1, 12])), tf.reshape(n, [rows, steps, 2, 3]),
        tf.reshape(x, tf.concat([tf.shape(x)[:2], [2, 3]], 0)), tf.reshape(tf.tile(v, [1, 4]), tf.shape(x)), tf.broadcast_to(tf.constant([[1.0, 2.0]]), [rows, 2]), tf.broadcast_to(v[:, None], tf.shape(x)),
        tf.fill([rows, 2], 3.0), tf.zeros([rows, 2]), tf.ones((rows, 3)), tf.zeros(tf.shape(n)) + n, tf.tile(tf.constant([[[1.0, 2.0]]]), [rows, 4, 1]),
        tf.cast(tf.range(tf.shape(x)[1]), "float32")[None, :] * x[:, :, 0], tf.cast(tf.range(rows), "float32"), tf.cast(tf.range(0, steps, 1), "float32")[None, :, None] + n,
        tf.reduce_sum(n, 1) / tf.cast(steps, "float32"), x * tf.cast(tf.size(x[0]), "float32") / tf.cast(tf.rank(x), "float32"), tf.one_hot(d, tf.shape(x)[1]), x[:, : tf.shape(image)[1]],
        tf.slice(x, [0, 1, 0], [tf.shape(x)[0], 2, 6]), tf.reshape(x, [-1, tf.reduce_prod(tf.shape(x)[1:])]), tf.eye(4, batch_shape=[rows]) @ x, tf.eye(4) @ x,
        (1 - tf.linalg.band_part(tf.ones((tf.shape(n)[1], steps)), -1, 0)) @ n, tf.where(tf.linalg.band_part(ones, 1, 0) > 0.0, x[:, :, :4], -1.0), tf.cast(tf.sequence_mask(d, 5), "float32"),
        K.backend.reshape(x, (K.backend.shape(x)[0], -1)), K.backend.dot(x, K.backend.constant(G.values(6, 2))), K.backend.batch_flatten(x), tf.linspace(0.0, 1.0, 6) + x,
        tf.gather(x, d[:, :2], batch_dims=1), tf.gather(x, d[:, :2], axis=2, batch_dims=1), tf.gather(x, tf.tile(d[:, None, :4], [1, 4, 1]), axis=2, batch_dims=2), tf.gather(tf.constant(G.values(4, 3)), d),
        tf.gather(x, d[:, 0], batch_dims=1), tf.gather_nd(x, at, batch_dims=1), tf.gather_nd(x, (d[:, :3])[..., None], batch_dims=1), tf.gather_nd(x, tf.stack([d[:, :2] % 2, d[:, 2:4]], -1)), tf.gather_nd(x, [[0, 1], [1, 2]]),
        tf.scatter_nd([[1], [0]], v, [3, 6]), tf.tensor_scatter_nd_update(x, [[0, 1], [1, 2]], v), tf.tensor_scatter_nd_add(x, [[0, 1], [1, 2]], v), tf.tensor_scatter_nd_sub(x, [[0, 1], [1, 2]], v),
        tf.tensor_scatter_nd_max(x, [[0, 1], [1, 2]], v), tf.boolean_mask(x, [True, False, True, False], axis=1), tf.nn.embedding_lookup(tf.constant(G.values(4, 3)), d),
        tf.linalg.diag(v), tf.linalg.diag_part(x[:, :, :4]), tf.linalg.set_diag(x[:, :, :4], x[:, :, 5]), tf.split(x, [1, -1], 2)[1], tf.strided_slice(x, [0, 1, 0], [0, 3, 6], [1, 1, 2], begin_mask=1, end_mask=1),
        tf.cumsum(x, 1, exclusive=True), tf.cumsum(x, 1, reverse=True), tf.cumsum(x, 1, exclusive=True, reverse=True), tf.math.cumprod(x, 1, exclusive=True), tf.math.count_nonzero(d, axis=-1, dtype=tf.int32),
        tf.math.multiply_no_nan(x, small), tf.math.xlogy(small, x * x + 1.0), tf.math.xlog1py(x, x * x), tf.math.xdivy(small, x * x + 1.0), tf.math.polyval([1.0, 2.0], x), tf.math.erfinv(tf.tanh(x) * 0.9), tf.math.rint(x * 3.0),
        tf.matmul(x, x, adjoint_b=True), tf.linalg.matrix_transpose(x), tf.linalg.cross(x[..., :3], x[..., 3:]), tf.linalg.normalize(x, axis=-1)[0], tf.argsort(x, direction="DESCENDING"), tf.concat([x, np.ones((2, 4, 1), "float32")], -1),
        tf.cast(tf.one_hot(d, 3, True, False, dtype=tf.bool), "float32"), tf.signal.frame(tf.reshape(x, [-1, 24]), 8, 4),
        tf.image.resize(image, tf.shape(image)[1:3] * 2), tf.image.resize(image, [5, 3], "bicubic"), tf.image.resize(image, [5, 3], "lanczos3"), tf.image.resize(image, [1, 3], "area"), tf.image.resize(image, [5, 3], "gaussian"),
        tf.image.resize(image, [5, 3], "mitchellcubic", antialias=True), tf.image.resize(image, [6, 6], preserve_aspect_ratio=True), tf.compat.v1.image.resize_bilinear(image, [3, 7]),
        tf.compat.v1.image.resize_bilinear(image, [3, 7], align_corners=True), tf.compat.v1.image.resize_nearest_neighbor(image, [3, 7]), tf.image.resize_with_pad(image, 5, 5), tf.image.resize_with_crop_or_pad(image, 1, 7),
        tf.image.crop_to_bounding_box(image, 0, 1, 2, 2), tf.image.pad_to_bounding_box(image, 1, 2, 5, 7), tf.image.central_crop(image, 0.5), tf.image.per_image_standardization(image), tf.image.rot90(image, 3), tf.image.transpose(image),
        tf.image.adjust_brightness(image, 0.2), tf.image.adjust_contrast(image, 1.5), tf.cast(tf.image.adjust_brightness(bytes_, 0.2), "float32"), tf.cast(tf.image.adjust_contrast(bytes_, 1.5), "float32"),
        tf.image.adjust_gamma(tf.sigmoid(image), 0.7, 2.0), tf.image.adjust_saturation(tf.sigmoid(image), 1.5), tf.image.adjust_hue(tf.sigmoid(image), 0.2), tf.image.rgb_to_grayscale(image), tf.image.rgb_to_hsv(tf.sigmoid(image)),
        tf.image.rgb_to_yuv(image), tf.image.yuv_to_rgb(image), tf.image.rgb_to_yiq(image), tf.image.convert_image_dtype(bytes_, tf.float32), tf.image.sobel_edges(image), tf.image.image_gradients(image)[1], tf.image.total_variation(image),
        tf.image.psnr(image, image * 0.9, 1.0), tf.image.extract_patches(image, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID"),
        tf.nn.local_response_normalization(image, 1, 1.0, 0.2, 0.75), tf.nn.moments(x, [1])[1], tf.nn.max_pool1d(x, 2, 1, "SAME"), tf.nn.avg_pool3d(image[..., None], 2, 2, "SAME"), tf.nn.pool(image, [2, 2], "AVG", padding="VALID"),
        tf.nn.conv1d(x, G.values(3, 6, 2), 1, "SAME"), tf.nn.conv2d(image, kernel, 1, [[0, 0], [1, 0], [0, 1], [0, 0]]), tf.nn.conv3d(image[..., None], G.values(2, 2, 2, 1, 2), [1] * 5, "SAME"), tf.nn.convolution(image, kernel, padding="SAME"),
        tf.nn.depthwise_conv2d(image, kernel, [1, 1, 1, 1], "SAME"), tf.nn.separable_conv2d(image, lean, G.values(1, 1, 3, 2), [1, 1, 1, 1], "VALID"), tf.nn.crelu(x), tf.nn.silu(x, 1.5), tf.nn.dropout(x, 0.0),
        tf.nn.sigmoid_cross_entropy_with_logits(tf.sigmoid(x * 2.0), x), tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(x * 2.0), x), tf.nn.sparse_softmax_cross_entropy_with_logits(d[:, :4], x),
        tf.cast(tf.math.in_top_k(d[:, 0], v, 2), "float32"), K.backend.categorical_crossentropy(K.backend.softmax(x), K.backend.softmax(x * 2.0)), K.backend.conv2d(image, K.backend.constant(kernel), padding="same"),
    ]  # fmt: skip
    put("all.h5", K.Model(n, outputs, name="sizes"), G.values(2, 4, 6), weights=False)


def recorded(compute, tensors):
    """What compute, a function of TensorFlow's, makes of symbolic tensors, each node of its graph as a TensorFlowOpLayer."""
    from tf_keras.src.engine.base_layer import TensorFlowOpLayer

    known, count = {}, itertools.count(1)
    with tf.Graph().as_default():
        for t in tensors:
            known[tf.compat.v1.placeholder(t.dtype, t.shape).ref()] = t
        results = compute(*[ref.deref() for ref in known])

    def value(tensor):
        if tensor.ref() in known:
            return known[tensor.ref()]
        op = tensor.op
        constants = {i: tf.get_static_value(x) for i, x in enumerate(op.inputs) if x.op.type == "Const"}
        inputs = [value(x) for i, x in enumerate(op.inputs) if i not in constants]
        layer = TensorFlowOpLayer(op.node_def.SerializeToString(), f"{op.type}_{next(count)}", constants)
        outputs = layer(inputs if len(inputs) > 1 else inputs[0])
        for ref, y in zip(op.outputs, outputs if isinstance(outputs, (list, tuple)) else [outputs]):
            known[ref.ref()] = y
        return known[tensor.ref()]

    return [value(y) for y in results]


def nodes():
    x = L.Input((4, 6), name="x")
    h = L.Dense(6, name="h")(x)
    p = L.Activation("sigmoid", name="p")(h)
    image = L.Reshape((4, 6, 1), name="image")(h)
    m = tf.math

    def compute(x, h, p, image):
        return [
            h + x, h - 1.0, 2.0 - h, h * p, h / 2.0, h // 0.5, h % 2.0, tf.maximum(h, 0.1), tf.minimum(x, h), p ** 2.0, tf.cast(h > 0.0, tf.float32), tf.where(m.logical_and(h >= x, h < 1.0), h, x),
            tf.where(m.logical_or(h <= x, m.logical_not(m.is_nan(h))), x, h), tf.where(tf.equal(tf.round(h), 0.0), h, x), tf.where(tf.not_equal(m.sign(h), 1.0), h, x), tf.atan2(h, x),
            m.divide_no_nan(h, tf.nn.relu(x)), m.squared_difference(h, x), tf.nn.bias_add(h, G.values(6)), -h, tf.abs(h), tf.square(h), tf.sqrt(p), m.rsqrt(p), tf.exp(h), m.expm1(h), m.log(p), m.log1p(p),
            tf.sin(h), tf.cos(h), tf.tan(p), tf.asin(p), tf.acos(p), tf.atan(h), tf.sinh(h), tf.cosh(h), tf.tanh(h), tf.sigmoid(h), m.softplus(h), m.erf(h), m.erfc(h), tf.floor(h), m.ceil(h),
            m.reciprocal(p), tf.nn.relu6(h * 9.0), tf.nn.elu(h), tf.nn.selu(h), tf.nn.softsign(h), tf.identity(h), tf.stop_gradient(h), tf.zeros_like(h) + tf.ones_like(x), tf.nn.leaky_relu(h, 0.3),
            tf.nn.softmax(h), tf.nn.log_softmax(h), tf.reduce_mean(h, 1), tf.reduce_sum(h, [1, 2], keepdims=True), tf.reduce_max(h, -1), tf.reduce_min(h, [1]), tf.reduce_prod(p, 2),
            tf.cast(tf.reduce_any(h > 0.0, 1), tf.float32), tf.cast(tf.reduce_all(h < 0.5, -1), tf.float32), tf.concat([x, h, p], -1), tf.stack([x, h], 1), tf.add_n([x, h, p]), tf.reshape(h, [-1, 8, 3]),
            tf.transpose(h, [0, 2, 1]), tf.expand_dims(h, 1), tf.squeeze(tf.expand_dims(h, 1), 1), tf.raw_ops.ClipByValue(t=h, clip_value_min=-0.5, clip_value_max=0.5),
            tf.matmul(x, h, transpose_b=True), tf.matmul(h[:, 0], G.values(3, 6), transpose_b=True), tf.matmul(h[:, 1], x[:, 0], transpose_a=True), tf.pad(h, [[0, 0], [1, 2], [0, 1]]),
            tf.pad(h, [[0, 0], [1, 2], [0, 1]], constant_values=3.0), tf.pad(h, [[0, 0], [1, 2], [0, 1]], "REFLECT"), tf.tile(h, [1, 2, 1]), tf.reverse(h, [1]), tf.split(h, 3, -1)[1],
            tf.split(h, [1, 3], 1)[1], tf.unstack(h, axis=1)[2], tf.one_hot(tf.argmax(h, -1, tf.int32), 6, 2.0, 0.5), tf.cast(tf.argmin(h, 1, tf.int32), tf.float32), tf.gather(h, [2, 0], axis=1),
            tf.slice(h, [0, 1, 2], [-1, 2, 3]), tf.cumsum(h, 1), tf.nn.top_k(h, 2)[0], tf.broadcast_to(tf.reduce_mean(h, 0, keepdims=True), [2, 4, 6]), h[:, 1], h[:, 1:3], h[..., ::2], h[:, -1, 2:],
            h[:, tf.newaxis, ..., 5:1:-2], tf.image.resize(image, [8, 3]), tf.image.resize(image, [3, 9], "nearest"), tf.nn.max_pool2d(image, 2, [1, 2], "SAME"), tf.nn.avg_pool2d(image, [2, 3], 1, "VALID"),
            tf.nn.space_to_depth(image, 2), tf.nn.depth_to_space(tf.concat([image] * 4, -1), 2),
        ]  # fmt: skip

    model = K.Model(x, recorded(compute, [x, h, p, image]), name="nodes")
    G.randomize(model)
    put("all.h5", model, G.values(2, 4, 6))


def nodes_of_shapes():
    x = L.Input((4, 6), name="x")
    image = L.Reshape((2, 4, 3), name="image")(x)

    def compute(x, image):
        rows = tf.shape(x)[0]
        return [
            tf.reshape(x, [rows, 24]), tf.reshape(x, tf.stack([rows, tf.shape(x)[1] * 3, -1])), tf.zeros([rows, 2]) + x[:, 0, :2], tf.fill(tf.stack([rows, 2]), 3.0), tf.cast(tf.range(rows), tf.float32),
            tf.gather_nd(x, [[0, 1], [1, 2]]), tf.gather(x, tf.cast(tf.abs(x[:, 0, :2]), tf.int32) % 4, batch_dims=1), tf.tensor_scatter_nd_update(x, [[0, 1], [1, 2]], x[:, 0]), tf.linalg.band_part(x, 1, 0),
            tf.cumsum(x, 1, exclusive=True), tf.nn.conv2d(image, G.values(2, 2, 3, 2), 1, "SAME"), tf.nn.depthwise_conv2d(image, G.values(2, 2, 3, 2), [1, 1, 1, 1], "SAME"), tf.einsum("bij,bkj->bik", x, x),
            tf.nn.local_response_normalization(image, 1, 1.0, 0.2, 0.75), tf.image.adjust_contrast(image, 1.5), tf.math.xlogy(tf.nn.relu(x), x * x + 1.0),
        ]  # fmt: skip

    put("shapes.h5", K.Model(x, recorded(compute, [x, image]), name="shapes"), G.values(2, 4, 6), weights=False)


def order():
    """A size that is known when the file is read, and an activation of several operations: without them other layers are deeper in the graph."""
    x = L.Input((3,), name="x")
    a, b, c = L.Dense(3, name="a")(x), L.Dense(3, name="b")(x), L.Dense(3, name="c")(x)
    h = tf.nn.gelu(a) * tf.math.squared_difference(b, c) / tf.sqrt(tf.cast(tf.shape(b)[1], tf.float32))
    return K.Model(x, h, name="order"), G.values(4, 3)


def order_inside():
    i = L.Input((3,), name="i")
    b = L.Dense(3, name="b")(i)
    b = L.BatchNormalization(name="norm")(b / tf.sqrt(tf.cast(tf.shape(b)[1], tf.float32)))
    inner = K.Model(i, tf.nn.relu(L.Dense(3, name="a")(i)) + b, name="inner")
    x = L.Input((3,), name="x")
    return K.Model(x, L.Dense(2, name="out")(inner(x)), name="order_inside"), G.values(4, 3)


def heads():
    """Attention by hand over sequences of any length."""
    x = L.Input((None, 4), name="x")

    def split(name):
        t = L.Dense(4, name=name)(x)
        return tf.transpose(tf.reshape(t, (tf.shape(t)[0], tf.shape(t)[1], 2, 2)), [0, 2, 1, 3])

    q, k, v = split("q"), split("k"), split("v")
    h = tf.matmul(tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / tf.sqrt(2.0)), v)
    h = tf.reshape(tf.transpose(h, [0, 2, 1, 3]), (tf.shape(x)[0], -1, 4))
    return K.Model(x, L.Dense(2, name="out")(h), name="heads"), G.values(2, 3, 4)


def boxes():
    """The output of a detector of images of any size: an axis of which several are made, and two that become one."""
    x = L.Input((None, None, 2), name="x")
    h = L.Conv2D(6, 2, 2, name="conv")(x)
    s = tf.shape(h)
    place, size = tf.split(tf.reshape(h, (s[0], s[1], s[2], 2, 3)), (1, 2), axis=-1)
    flat = tf.reshape(h, (s[0], s[1] * s[2], 6))
    return K.Model(x, [tf.concat([tf.sigmoid(place), tf.exp(size)], -1), tf.matmul(flat, flat, transpose_a=True)], name="boxes"), G.values(2, 4, 6, 2) * 0.5


def translation():
    """An encoder whose states another layer begins with, under masks, and attention to its outputs."""
    e, d = L.Input((4,), name="from"), L.Input((3,), name="to")
    encoded, h, c = L.LSTM(3, return_sequences=True, return_state=True, name="encoder")(L.Embedding(7, 2, mask_zero=True, name="words")(e))
    decoded, _, _ = L.LSTM(3, return_sequences=True, return_state=True, name="decoder")(L.Embedding(7, 2, mask_zero=True, name="words_to")(d), initial_state=[h, c])
    weights = L.Activation("softmax", name="weights")(L.Dot([2, 2], name="dot")([decoded, encoded]))
    both = L.Concatenate(name="concatenate")([L.Dot([2, 1], name="context")([weights, encoded]), decoded])
    last = L.Bidirectional(L.GRU(3, name="gru"), name="both")(decoded, initial_state=[h, c])
    return K.Model([e, d], [L.TimeDistributed(L.Dense(2, name="dense"), name="steps")(both), last], name="translation"), [
        np.array([[1, 2, 3, 4], [5, 6, 0, 0]], "int32"), np.array([[1, 2, 0], [3, 4, 5]], "int32")]  # fmt: skip


def losses_inside():
    """Losses and a metric of tensors inside, of which one depends on the output."""
    x = L.Input((4,), name="x")
    h = L.Dense(3, activation="tanh", name="h")(x)
    y = L.Dense(4, activation="sigmoid", name="y")(h)
    m = K.Model(x, y, name="losses_inside")
    m.add_loss(tf.reduce_mean(tf.square(h)) * 0.5)
    m.add_loss(K.backend.mean(K.losses.binary_crossentropy(x, y)))
    m.add_metric(tf.reduce_mean(h), name="middle", aggregation="mean")
    return m, abs(G.values(4, 4)) % 1


def no_more():
    """Layers that Keras 3 has no more, or not with all of the arguments."""
    x = L.Input((4, 4, 2), name="x")
    h = L.ThresholdedReLU(0.3, name="threshold")(x)
    h = L.SpatialDropout2D(0.0, name="spatial")(h)
    flat = L.Flatten(name="flat")(h)
    return K.Model(x, L.Dense(2, name="out")(L.Concatenate(name="join")([flat, L.Discretization([-0.5, 0.5], output_mode="one_hot", name="bins")(flat[:, :1])])), name="no_more"), G.values(3, 4, 4, 2)


def graphs():
    for make, optimizer, y in [
        (order, lambda: K.optimizers.Adam(0.05), G.values(4, 3)), (order_inside, lambda: K.optimizers.SGD(0.05, momentum=0.9), G.values(4, 2)),
        (heads, lambda: K.optimizers.Adam(0.01), G.values(2, 3, 2)), (boxes, lambda: K.optimizers.SGD(0.01), [G.values(2, 2, 3, 2, 3), G.values(2, 6, 6)]),
        (translation, lambda: K.optimizers.RMSprop(0.01), [G.values(2, 3, 2), G.values(2, 6)]), (losses_inside, lambda: K.optimizers.Adam(0.01), G.values(4, 4)),
        (no_more, lambda: K.optimizers.Adam(0.01), G.values(3, 2)),
    ]:  # fmt: skip
        for form in (".h5", ".keras"):
            m, x = make()
            trained(m, x, optimizer(), "mse", y)
            # Keras 2 masks the loss of an output that Concatenate made of a tensor with a mask and one without, which Keras 3 doesn't.
            put(make.__name__ + form, m, x, None if make is translation else y, weights=False)


def open_sizes():
    """Images resized to sizes that only the running program knows, and from such."""
    a, b = L.Input((None, None, 2), name="a"), L.Input((None, None, 1), name="b")
    h = L.Conv2D(2, 1, name="h")(a)
    size, twice = tf.shape(b)[1:3], [tf.shape(a)[1] * 2, tf.shape(a)[2] // 2]
    outputs = [tf.image.resize(tf.stop_gradient(h) if m == "area" else h, size, m, antialias=e) for m in ("bilinear", "nearest", "bicubic", "area", "gaussian", "lanczos3", "lanczos5", "mitchellcubic") for e in (False, True) if not (e and m == "area")]
    outputs += [tf.image.resize(h, twice, m) for m in ("bilinear", "nearest", "bicubic")] + [tf.image.resize(tf.stop_gradient(h) if m == "area" else h, [3, 7], m) for m in ("bilinear", "nearest", "bicubic", "area")]
    outputs += [tf.image.resize(tf.reshape(h, [-1, 4, 6, 2]), (tf.shape(b)[1] + 1, 3), m) for m in ("bilinear", "nearest")] + [tf.image.resize(h, (tf.shape(a)[1] - 1, tf.shape(a)[1] + tf.shape(b)[2]))]
    outputs += [tf.space_to_batch(h, [2, 3], [[1, 1], [0, 0]]), tf.zeros([tf.shape(a)[0], tf.shape(b)[1] * 2]) + tf.reduce_mean(h)]
    return K.Model([a, b], outputs, name="open_sizes"), [G.values(2, 4, 6, 2), G.values(2, 5, 3, 1)]


def blocks():
    """Transposed convolutions, blocks of images as samples, and boxes of images."""
    x, boxes = L.Input((4, 6, 2), name="x"), L.Input((4,), name="boxes")
    h = L.Conv2D(2, 1, name="h")(x)
    n, line = tf.shape(x)[0], tf.reshape(h, [-1, 12, 4])
    box = L.Dense(4, name="box")(boxes) * 0.2 + [0.1, 0.2, 0.8, 1.0]
    crop = lambda *args, **more: tf.image.crop_and_resize(h, box, [1, 0], *args, **more)
    one, two = G.values(3, 3, 3, 2), G.values(2, 4, 1, 2)
    learned = tf.reshape(L.Dense(12, name="kernel")(boxes)[0], [3, 2, 1, 2])
    outputs = [
        tf.nn.conv2d_transpose(h, one, [n, 8, 12, 3], 2), tf.nn.conv2d_transpose(h, one, tf.stack([n, 7, 11, 3]), [2, 2], "SAME"), tf.nn.conv2d_transpose(h, one, [n, 9, 13, 3], 2, "VALID"), tf.nn.conv2d_transpose(h, one, [n, 10, 14, 3], 2, "VALID"),
        tf.nn.conv2d_transpose(h, two, [n, 12, 6, 1], [3, 1], "SAME"), tf.nn.conv2d_transpose(h, two, [n, 11, 9, 1], [3, 1], "VALID"),
        tf.nn.conv2d_transpose(h, learned, [n, 8, 12, 1], 2, "SAME"), tf.nn.conv2d_transpose(h, G.values(1, 1, 2, 2), [n, 8, 12, 2], 2, "SAME"), tf.nn.conv1d_transpose(line, G.values(3, 2, 4), [n, 24, 2], 2), tf.nn.conv3d_transpose(tf.expand_dims(h, -1), G.values(2, 2, 2, 2, 1), [n, 8, 12, 4, 2], 2),
        tf.nn.atrous_conv2d_transpose(h, one, [n, 4, 6, 3], 2, "SAME"), tf.nn.atrous_conv2d_transpose(h, one, [n, 8, 10, 3], 2, "VALID"), tf.nn.atrous_conv2d(h, G.values(2, 3, 2, 2), 2, "SAME"), tf.nn.conv_transpose(h, one, [n, 8, 12, 3], 2),
        tf.nn.separable_conv2d(h, G.values(2, 2, 2, 2), G.values(1, 1, 4, 3), [1, 2, 2, 1], "SAME"), tf.nn.depthwise_conv2d(h, G.values(2, 3, 2, 2), [1, 1, 1, 1], "SAME", dilations=[2, 1]),
        tf.space_to_batch(h, [2, 3], [[0, 0], [0, 0]]), tf.space_to_batch(h, [2, 4], [[1, 1], [0, 2]]), tf.space_to_batch_nd(line, [4], [[0, 0]]), tf.batch_to_space(tf.concat([h] * 6, 0), [2, 3], [[1, 0], [0, 2]]), tf.compat.v1.space_to_batch(h, [[0, 0], [0, 0]], 2),
        tf.compat.v1.batch_to_space(tf.concat([h] * 4, 0), [[0, 0], [0, 1]], 2), tf.nn.space_to_depth(h, 2), tf.nn.depth_to_space(tf.concat([h] * 4, -1), 2),
        crop([3, 5]), crop((1, 1)), crop([7, 2], extrapolation_value=0.5), crop([3, 4], "nearest"),
    ]  # fmt: skip
    return K.Model([x, boxes], outputs, name="blocks"), [G.values(2, 4, 6, 2), G.values(2, 4)]


def spaces():
    for make in (open_sizes, blocks):
        m, x = make()
        G.randomize(m)
        put(make.__name__ + ".h5", m, x, weights=False)
        samples = [o for o, values in zip(m.outputs, m(x)) if values.shape[0] == len(x[0])]
        m = K.Model(m.inputs, samples, name=m.name + "_trained")
        y = [G.values(*o.shape) for o in m(x)]
        trained(m, x, K.optimizers.SGD(0.01), "mse", y)
        put(m.name + ".keras", m, x, y, weights=False)


def segments():
    n = L.Input((None, 6), name="n")
    x = L.Dense(6, name="h")(tf.reshape(n, [-1, 4, 6]))
    v, whole = x[:, 0], tf.cast(tf.abs(x) * 3.0, "int32")
    d = whole % 4
    m, ids = tf.math, d[:, 0, 0]
    outputs = [f(x[0], [0, 0, 2, 2]) for f in (m.segment_sum, m.segment_mean, m.segment_max, m.segment_min, m.segment_prod)]
    outputs += [f(x, ids, 5) for f in (m.unsorted_segment_sum, m.unsorted_segment_mean, m.unsorted_segment_prod, m.unsorted_segment_sqrt_n)]
    outputs += [f(x, ids, 5) / 1e38 for f in (m.unsorted_segment_max, m.unsorted_segment_min)] + [m.unsorted_segment_sum(x, d[:, :, 0], 4), tf.cast(m.unsorted_segment_max(whole, ids, 5), "float32")]
    outputs += [tf.searchsorted(tf.sort(v), x[:, 1]), tf.searchsorted(tf.cast([-1.0, 0.0, 1.0], "float32"), x[0, 0], side="right", out_type=tf.int64), tf.searchsorted(tf.sort(d[:, 0]), d[:, 1], side="right")]
    outputs += [tf.reverse_sequence(x, ids + 1, 1), tf.reverse_sequence(n, ids, 1, 0), tf.reverse_sequence(x, d[:, 1, 1], 2), tf.cast(tf.sequence_mask(d[:, 0], tf.shape(n)[1]), "float32") + 1.0]
    b = tf.bitwise
    outputs += [tf.cast(y, "float32") for y in (b.bitwise_and(whole, 5), b.bitwise_or(whole, d), b.bitwise_xor(whole, 3), b.invert(whole), b.left_shift(whole, d), b.right_shift(-whole * 50, d))]
    outputs += [tf.signal.dct(x, t, norm=o) for t in (1, 2, 3, 4) for o in (None, "ortho") if (t, o) != (1, "ortho")] + [tf.signal.idct(x, 2), tf.signal.idct(x, 3, norm="ortho")]
    model = K.Model(n, outputs, name="segments")
    G.randomize(model)
    put("all.h5", model, G.values(3, 4, 6), weights=False)
    p, v1 = tf.sigmoid(x * 0.5), tf.compat.v1
    outputs = [
        m.atan2(x, p), *recorded(lambda x, p: [m.atan2(x, p)], [x, p]), m.reciprocal_no_nan(tf.nn.relu(x)), tf.realdiv(x, p), tf.cast(tf.truncatediv(tf.cast(x * 9.0, "int32"), 4), "float32"), tf.truncatemod(x, 0.4), tf.math.real(x),
        tf.nn.weighted_cross_entropy_with_logits(p, x, 2.0), tf.nn.weighted_cross_entropy_with_logits(p, x, p), tf.nn.log_poisson_loss(p, x), tf.linalg.triangular_solve(p[:, :3, :3], x[:, :3]), tf.signal.frame(tf.reshape(x, [-1, 24]), 8, 5, pad_end=True),
        K.backend.switch(p > 0.5, x, p), tf.clip_by_value(x, p - 0.6, 0.5), tf.clip_by_value(p, 0.3, tf.nn.relu(x)), tf.norm(x, ord="fro", axis=[1, 2]), v1.reduce_mean(x, reduction_indices=[1], keep_dims=True), v1.nn.softmax(x, dim=1), v1.expand_dims(x, dim=1),
    ]  # fmt: skip
    model = K.Model(n, outputs, name="others")
    G.randomize(model)
    put("others.h5", model, G.values(3, 4, 6), weights=False)
    rolled = tf.roll(x, tf.cast(tf.reduce_sum(n) * 0.0, "int32") + 1, axis=1)  # by what only the running program knows
    put("unknown.h5", K.Model(n, rolled, name="rolled"), G.values(3, 4, 6), weights=False)


def half():
    """Optimizers as mixed precision has them, around layers that compute in float32, whose numbers can be compared."""
    K.mixed_precision.set_global_policy("mixed_float16")
    scaled = K.mixed_precision.LossScaleOptimizer
    for name, optimizer in {
        "adam": lambda: K.optimizers.Adam(0.01), "sgd": lambda: K.optimizers.SGD(0.05, momentum=0.9), "plain": lambda: K.optimizers.SGD(0.05), "old": lambda: K.optimizers.legacy.Adam(0.01),
        "fixed": lambda: scaled(K.optimizers.Adam(0.01), dynamic=False, initial_scale=64.0), "old_fixed": lambda: scaled(K.optimizers.legacy.SGD(0.05, momentum=0.9), dynamic=False, initial_scale=64.0),
    }.items():  # fmt: skip
        for form in (".h5", ".keras"):
            m = K.Sequential([L.Dense(3, activation="tanh", dtype="float32", input_shape=(4,), name="hidden"), L.Dense(2, dtype="float32", name="out")], name=name)
            x, y = G.values(6, 4), G.values(6, 2)
            trained(m, x, optimizer(), "mse", y)
            put(name + form, m, x, None if form == ".keras" and name.startswith("old") else y)  # whose archives have no state


def activations():
    for form in (".h5", ".keras"):
        x = L.Input((5, 4), name="x")
        h = L.Dense(4, activation=L.LeakyReLU(alpha=0.1), name="leaky")(x)
        h = L.Conv1D(4, 2, activation=L.ReLU(max_value=0.9, negative_slope=0.2, threshold=0.1), name="cut")(h)
        h = L.LSTM(3, activation=L.ELU(0.7), name="cells")(L.Activation(L.LeakyReLU(), name="default")(h))
        m = K.Model(x, L.Dense(3, activation=L.Softmax(), name="shares")(h), name="activations")
        x, y = G.values(6, 5, 4), G.one_hot(6)
        trained(m, x, K.optimizers.Adam(0.01), "categorical_crossentropy", y)
        put("layers" + form, m, x, y)


def local_lines(implementation, format, padding="valid"):
    """Locally connected layers along sequences, whose windows overlap, leave elements out, or reach beyond the ends."""
    x = L.Input((7, 3) if format == "channels_last" else (3, 7), name="x")
    h = L.LocallyConnected1D(2, 3, strides=2, implementation=implementation, data_format=format, padding=padding, activation="tanh", kernel_regularizer="l2", activity_regularizer="l1", name="a")(x)
    h = L.LocallyConnected1D(3, 2, implementation=implementation, data_format=format, padding=padding, use_bias=False, kernel_constraint=K.constraints.MaxNorm(0.8), name="b")(h)
    return K.Model(x, L.Dense(2, name="out")(L.Flatten(name="flat")(h)), name="lines"), G.values(4, *x.shape[1:])


def local_images(implementation, format, padding="valid"):
    x = L.Input((5, 6, 2) if format == "channels_last" else (2, 5, 6), name="x")
    h = L.LocallyConnected2D(3, (2, 3), strides=(1, 2), implementation=implementation, data_format=format, padding=padding, activation="relu", name="a")(x)
    h = L.LocallyConnected2D(2, 2, implementation=implementation, data_format=format, padding=padding, bias_regularizer="l2", name="b")(h)
    return K.Model(x, L.Dense(2, name="out")(L.Flatten(name="flat")(h)), name="images"), G.values(4, *x.shape[1:])


def local():
    for make in (local_lines, local_images):
        for implementation, padding in ((1, "valid"), (2, "valid"), (2, "same"), (3, "valid"), (3, "same")):
            for format in ("channels_last", "channels_first"):
                m, x = make(implementation, format, padding)
                y = G.values(4, 2)
                trained(m, x, K.optimizers.Adam(0.02), "mse", y)
                form = ".h5" if format == "channels_last" else ".keras"
                put(f"{m.name}_{implementation}_{padding}_{format}{form}", m, x, y, weights=False)


def masked(name):
    """Embeddings: of ids a and b, with masks, and of a without one."""
    a, b = L.Input((4,), name="a"), L.Input((4,), name="b")
    x, y, z = L.Embedding(6, 3, mask_zero=True, name="x")(a), L.Embedding(6, 3, mask_zero=True, name="y")(b), L.Embedding(6, 3, name="z")(a)
    ids = [np.array([[1, 2, 0, 4], [0, 5, 3, 0], [1, 1, 1, 1]], "int32"), np.array([[3, 0, 0, 1], [2, 2, 0, 0], [5, 4, 0, 3]], "int32")]
    return [a, b], x, y, z, lambda outputs: (K.Model([a, b], outputs, name=name), ids)


def sums():
    inputs, x, y, z, model = masked("sums")
    outputs = []
    for i, (merge, tensors) in enumerate([(L.Add, [x, z]), (L.Average, [x, y]), (L.Concatenate, [x, z]), (L.Concatenate, [x, y, z]), (L.Subtract, [y, x])]):
        h = merge(name=f"merge_{i}")(tensors)
        outputs += [L.LSTM(2, name=f"lstm_{i}")(h), L.Dense(2, name=f"dense_{i}")(h), L.GlobalAveragePooling1D(name=f"mean_{i}")(h)]
    along = L.Concatenate(axis=1, name="along")([x, y])
    return model(outputs + [L.GRU(2, name="gru")(along)])


def products():
    """Keras 3's layers leave out factors under a mask, and values."""
    inputs, x, y, z, model = masked("products")
    merged = [m(name=f"merge_{i}")(t) for i, (m, t) in enumerate([(L.Multiply, [x, y]), (L.Multiply, [z, x]), (L.Maximum, [x, z]), (L.Minimum, [x, y])])]
    return model(merged + [L.LSTM(2, name=f"lstm_{i}")(h) for i, h in enumerate(merged)])


def entropies():
    """Gradients of cross-entropies, of labels that don't sum up to 1 and that are trained, and of logits that are 0."""
    x = L.Input((4,), name="x")
    h, labels = L.Dense(3, name="h")(x), L.Dense(3, name="labels")(x)
    soft = tf.nn.softmax_cross_entropy_with_logits(labels, h)[:, None]
    turned = tf.nn.softmax_cross_entropy_with_logits(tf.stack([labels, h], 1), tf.stack([h, labels], 1) * 300.0, axis=1)
    return K.Model(x, [soft, turned / 300.0, tf.nn.sigmoid_cross_entropy_with_logits(labels, tf.nn.relu(h))], name="entropies"), G.values(5, 4)


def places():
    """Types of the largest elements' places."""
    x = L.Input((4, 3), name="x")
    h = L.Dense(3, name="h")(x)
    return K.Model(x, [tf.argmax(h, -1), tf.math.argmin(h, 1, output_type=tf.int32), tf.argmax(h, 1, tf.int64), *recorded(lambda h: [tf.argmax(h, 1), tf.argmin(h, 1, tf.int32)], [h]),
                       tf.cast(tf.argmax(h, 2) * 3 + 1, "float32"), tf.one_hot(tf.argmax(h, -1), 3)], name="places"), G.values(2, 4, 3)  # fmt: skip


def masks():
    for make in (sums, products, entropies, places):
        m, x = make()
        y = None
        if make is not places:
            y = [G.values(*o.shape) for o in m(x)]
            trained(m, x, K.optimizers.SGD(0.05), "mse", y)
        put(make.__name__ + ".h5", m, x, y, weights=False)


if __name__ == "__main__":
    if PREFIX == "names":
        names()
    elif PREFIX == "functions":
        functions()
    elif PREFIX == "special":
        special()
    elif PREFIX == "sizes":
        sizes()
    elif PREFIX == "masks":
        masks()
    elif PREFIX == "graphs":
        graphs()
    elif PREFIX == "spaces":
        spaces()
    elif PREFIX == "segments":
        segments()
    elif PREFIX == "half":
        half()
    elif PREFIX == "activations":
        activations()
    elif PREFIX == "local":
        local()
    elif PREFIX == "own":
        own()
    elif PREFIX == "nodes":
        nodes()
        nodes_of_shapes()
    elif PREFIX == "nadam":
        nadam()
    elif PREFIX == "windows":
        windows()
    elif PREFIX == "texts":
        texts()
        sys.exit()
    else:
        whole_models()
        optimizers()
    if PREFIX == "tfk":
        operations()
        cudnn()
    with open(G.path("cases_" + PREFIX + ".json"), "w") as f:
        json.dump(G.CASES, f, separators=(",", ":"), sort_keys=True)
        f.write("\n")
