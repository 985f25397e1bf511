"""Habits of notebooks
that print what they do."""
import csv
import functools
import os
import random
import sys
import textwrap
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
import tensorflow as tf
from packaging import version
from keras.models import Sequential
from keras.layers import Dense

print(__doc__)
assert sys.version_info >= (3, 5)
print(textwrap.dedent("""\
    a
      b

    c
    """))
bits = 5
print(2**bits, [3**i for i in range(4)], (2**bits - 1) * 2)

# Tensors of arrays keep what they were made of.
a = np.arange(4.0)
kept = tf.constant(a)
again = tf.convert_to_tensor(a)
a[0] = 9
print(kept.numpy(), again.numpy(), a)
print(tf.range(5).numpy(), tf.range(2, 8, 3).numpy(), tf.range(0.0, 1.0, 0.25).numpy())
print(tf.one_hot([1, 0, 3], depth=3).numpy())
print(keras.metrics.mean_absolute_error(np.array([1.0, 2.0]), np.array([3.0, 5.0])).numpy(), keras.metrics.mean_squared_error(np.ones((2, 2)), np.array([[1.0, 3.0], [2.0, 2.0]])).numpy())
print(keras.losses.mean_squared_error(np.array([[1.0], [4.0]]), np.array([1.0, 2.0])).numpy())

# Files.
os.makedirs("walked/b", exist_ok=True)
with open("walked/rows.csv", "w") as f:
    f.write('name,note\nx,"a, ""b"""\n\ny,2\n')
with open("walked/rows.csv") as f:
    reader = csv.reader(f, delimiter=",")
    print(next(reader))
    for row in reader:
        print(row)
for folder, folders, files in os.walk("walked"):
    print(f"{len(folders)} folders and {len(files)} files in {folder}", files)


# A callback whose lists begin with the training.
class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs={}):
        self.losses = []
        self.seen = 0

    def on_epoch_end(self, epoch, logs={}):
        self.losses.append(logs.get("loss"))
        self.seen = epoch + 1


model = Sequential([keras.Input((2,)), Dense(3, kernel_initializer="ones", name="a"), Dense(2, name="b"), Dense(1, name="c")])
print(model.layers)
top = model.pop()
print(top.name, len(model.layers), model.layers[0])
model.pop()
model.compile("sgd", "mse")
twin = keras.models.clone_model(model)
x = np.ones((4, 2), "float32")
print(model.predict(x[:1], verbose=0), twin.layers)
history = LossHistory()
model.fit(x, 2 * np.ones((4, 3)), epochs=3, verbose=0, callbacks=[history])
print(len(history.losses), history.seen, history.losses[-1])

# Texts and arrays together, functions of elements, attributes that methods begin.
print("mean %f of %s" % (np.arange(4).mean(), 4), "%s\n" % np.arange(3), "word " + np.array(["a", "b"])[1])


def parity(n):
    return "odd" if n % 2 else "even"


print(np.vectorize(parity)(np.array([[1, 2], [4, 3]])), np.vectorize(lambda a, b: a * 2.5 + b)([1, 2], [3, 4]))
print(np.average(np.array([1.0, 2.0, 4.0]), weights=[1, 1, 2]), format(3.14159, ".2f"))
dense = Dense(2, kernel_initializer="ones", name="d")
print(dense(np.ones((1, 3), "float32")).numpy(), keras.layers.add([np.ones((1, 2), "float32"), np.ones((1, 2), "float32")]).numpy())
print(keras.layers.LSTM(2, kernel_initializer="ones", recurrent_initializer="ones")(np.ones((1, 2, 3), "float32")).numpy().shape)
print(keras.activations.relu(np.array([-1.0, 2.0])).numpy(), keras.activations.linear(np.array([-1.0, 2.0])))


class Kept:
    def __init__(self):
        self.name = "kept"

    def start(self):
        self.values = []

    def put(self, v):
        self.values.append(v * 0.5)


kept = Kept()
kept.start()
kept.put(3)
kept.put(4)
print(kept.name, kept.values)


def first_line(path):
    with open(path) as f:
        return f.readline().strip()


def checked(n):
    try:
        if n > 2:
            raise ValueError("too large")
        print("fine")
    except ValueError as e:
        print("not fine:", e)
        if n > 3:
            raise
    print("went on")


print(first_line("walked/rows.csv"))
checked(1)
checked(3)
try:
    checked(4)
except ValueError as e:
    print("raised again:", e)
print(np.array([]).shape, len([]) > 0)


# Branches, and tuples of arrays.
def smooth(points, factor=0.9):
    smoothed = []
    for point in points:
        if smoothed:
            previous = smoothed[-1]
            point = previous * factor + point * (1 - factor)
            smoothed.append(point)
        else:
            smoothed.append(point)
    return smoothed


print([round(float(v), 4) for v in smooth([np.mean([1, 2]), np.mean([3.0, 5.0]), np.mean([0, 0])])])
print(np.unique([3, 1, 3], return_counts=True))


def within(y_true, y_pred):
    return tf.reduce_mean(tf.cast(tf.abs(y_true - y_pred) < 0.75, "float32"))


close = Sequential([keras.Input((1,)), Dense(1, kernel_initializer="ones")])
close.compile("sgd", "mse", metrics=[within])
print(close.evaluate(np.array([[1.0], [2.0], [3.0]]), np.array([[1.5], [4.0], [3.0]]), verbose=0)[1])
print(tf.image.resize(np.arange(8).reshape(2, 2, 2).astype("float32"), (4, 4)).numpy().mean(axis=2))

# A loop's name goes on after it.
last = 5
for last in [1, 2]:
    pass
print(last)
for last in range(0):
    pass
for k, last in enumerate([7, 8]):
    last = last + 1
print(last)
first, second = np.zeros(1), np.zeros(1)
for first, second in np.array([[1.0, 2.0], [3.0, 4.0]]):
    second = second * 2
print(first, second)

# Python's own random numbers, NumPy's beside them, generators of their own.
random.seed(7)
np.random.seed(3)
names, numbers = ["x%d" % i for i in range(8)], list(range(8))
random.Random(1337).shuffle(names)
random.Random(1337).shuffle(numbers)
print(names, numbers)
print(random.random(), random.randint(1, 6), random.choice(names), random.uniform(0, 1), random.sample(numbers, 3), random.randrange(10))
generator = random.Random(5)
print(generator.random(), generator.choice(numbers))
random.shuffle(numbers)
print(numbers, np.random.rand(2))

# Functions with some of their arguments, rows of several kinds, versions, modules, elements as other types.
def digits(x, y=1, z=0):
    return x * 100 + y * 10 + z


part = functools.partial(digits, 1, z=5)
print(part(2), part(y=3), part(2, z=6))
for style, width in (("r-", 2), ("b--", 3)):
    print(style, width)
assert version.parse(np.__version__) >= version.parse("1.0.1")
if "google.colab" in sys.modules:
    print("colab")
print(Path() / "images" / "x")
print(len(sorted(Path("nowhere").glob("*.png"))))
places = dict(zip(["", "[UNK]", "the"], range(3)))
print(places["the"])
print(np.uint8(255 * np.array([0.1, 0.5])))

# Several names of which one is there before the loop, in blocks within blocks; tuples of sizes by a function's parameters.
def step(x, k):
    return x + k, x * k


def walk(x):
    for k in range(3):
        x, y = step(x, k)
        if k > 1:
            x, w = step(x, y)
            print(w)
    return x


total = 1
for k in range(3):
    total, product = step(total, k)
    print(total, product)
print(total, walk(2))


def block(x, filters, kernel_size=(3, 3), strides=(1, 1)):
    return keras.layers.Conv2D(filters, kernel_size, strides=strides, padding="same")(x)


def larger(x, size=(2, 2)):
    return keras.layers.UpSampling2D(size)(x)


pixels = keras.layers.Input((8, 8, 1))
sized = keras.Model(pixels, larger(block(block(pixels, 4, kernel_size=(5, 5), strides=(2, 2)), 2)))
print(sized.output_shape, sized.count_params())
np.testing.assert_allclose([1.0, 2.0], np.array([1.0, 2.0 + 1e-9]))

# Weights of classes, as they are computed.
from six.moves import range, urllib, zip
from sklearn.utils.class_weight import compute_class_weight

labels = np.array([0, 0, 0, 1, 1, 2])
counts = np.bincount(labels)
balanced = compute_class_weight(class_weight="balanced", classes=np.unique(labels), y=labels)
grown = {}
for i in range(3):
    grown[i] = len(labels) / (3 * np.sum(labels == i))
weighted = keras.Sequential([keras.Input((2,)), Dense(3, activation="softmax", kernel_initializer="ones")])
weighted.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
points = np.array([[0.0, 1.0]] * 6, dtype="float32")
for weights in [dict(enumerate(balanced)), {i: w for i, w in enumerate(balanced)}, {0: 1 / counts[0], 1: 1 / counts[1], 2: 1.0}, grown]:
    print("%.5f" % weighted.fit(points, labels, class_weight=weights, verbose=0).history["loss"][0])
np.random.seed(3)
print(np.random.multinomial(1, [0.2, 0.3, 0.5], 2), np.random.binomial(5, 0.4, size=3))

print(" a  b c d ".split(maxsplit=1), " a b".split(None, 5), "".split(maxsplit=2))


def falling(epoch, rate):
    if epoch < 1:
        return rate
    return float(rate * tf.math.exp(-0.1))


slower = weighted.fit(points, labels, epochs=3, verbose=0, callbacks=[keras.callbacks.LearningRateScheduler(falling)])
print(["%.5f" % rate for rate in slower.history["learning_rate"]], "%.4f" % float(falling(3, 0.5)))

# Inputs, outputs and targets by name.
images = np.zeros((4, 2, 3), dtype="float32")
video = keras.Input(shape=(None, *images.shape[1:]))
print(video.shape[2:])
left, right = keras.Input((2,), name="left"), keras.Input((3,), name="right")
both = keras.layers.Concatenate()([left, right])
named = keras.Model({"left": left, "right": right}, {"sum": Dense(2, name="sum")(both), "one": Dense(1, name="one")(both)})
named.compile("sgd", loss={"sum": "mse", "one": "mae"})
named.fit({"left": np.ones((4, 2)), "right": np.ones((4, 3))}, {"sum": np.zeros((4, 2)), "one": np.zeros((4, 1))}, verbose=0)
predictions = named.predict({"left": np.ones((4, 2)), "right": np.ones((4, 3))}, verbose=0)
print(predictions["sum"].shape, predictions["one"].shape)


# Positions and patches in a layer: what they are looked up in learns with the model.
class Positions(keras.layers.Layer):
    def __init__(self, maxlen, vocabulary, width):
        super().__init__()
        self.tokens = keras.layers.Embedding(vocabulary, width, embeddings_initializer="ones")
        self.places = keras.layers.Embedding(maxlen, width, embeddings_initializer="ones")

    def call(self, x):
        maxlen = tf.shape(x)[-1]
        positions = tf.range(start=0, limit=maxlen, delta=1)
        return self.tokens(x) + self.places(positions)


class Patches(keras.layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def call(self, images):
        batch, height, width, channels = keras.ops.shape(images)[0], keras.ops.shape(images)[1], keras.ops.shape(images)[2], keras.ops.shape(images)[3]
        patches = keras.ops.image.extract_patches(images, size=self.size)
        return keras.ops.reshape(patches, (batch, (height // self.size) * (width // self.size), self.size * self.size * channels))


class Placed(keras.layers.Layer):
    def __init__(self, count, width):
        super().__init__()
        self.count = count
        self.projection = Dense(width, kernel_initializer="ones")
        self.places = keras.layers.Embedding(count, width, embeddings_initializer="ones")

    def call(self, patch):
        positions = keras.ops.expand_dims(keras.ops.arange(start=0, stop=self.count, step=1), axis=0)
        return self.projection(patch) + self.places(positions)


class TensorFlowPatches(keras.layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def call(self, images):
        batch = tf.shape(images)[0]
        patches = tf.image.extract_patches(images=images, sizes=[1, self.size, self.size, 1], strides=[1, self.size, self.size, 1], rates=[1, 1, 1, 1], padding="VALID")
        return tf.reshape(patches, [batch, -1, patches.shape[-1]])


class Squeeze(keras.layers.Layer):
    def build(self, input_shape):
        channels = input_shape[-1]
        self.few = Dense(channels // 2, activation="relu", kernel_initializer="ones")
        self.gate = Dense(channels, activation="sigmoid", kernel_initializer="ones")
        super().build(input_shape)

    def call(self, x):
        return x * self.gate(self.few(tf.reduce_mean(x, axis=[1, 2], keepdims=True)))


words = keras.Input((4,), dtype="int32")
placed = keras.Model(words, keras.layers.Flatten()(Positions(4, 9, 2)(words)))
picture = keras.Input((4, 6, 3))
patched = keras.Model(picture, Placed(6, 2)(Patches(2)(picture)))
older = keras.Model(picture, TensorFlowPatches(2)(picture))
squeezed = keras.Model(picture, Squeeze()(picture))
print(placed.count_params(), patched.count_params(), len(placed.trainable_weights))
pixels = np.arange(2 * 4 * 6 * 3).reshape((2, 4, 6, 3)).astype("float32")
print(older.predict(pixels, verbose=0)[1, 2], patched.predict(pixels, verbose=0)[:, 1])
print(squeezed.predict(pixels / 100, verbose=0)[1, 0, :2], squeezed.count_params())
placed.compile(keras.optimizers.SGD(1.0), "mse")
placed.fit(np.array([[1, 2, 1, 0], [3, 4, 1, 0]]), np.zeros((2, 8)), epochs=2, verbose=0)
print(placed.predict(np.array([[1, 2, 1, 0], [5, 5, 5, 5]]), verbose=0))


# Layers that make weights of their own.
class OwnLinear(keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True)
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.w) + self.b


class OwnAttention(keras.layers.Layer):
    def build(self, input_shape):
        self.W = self.add_weight(name="att_weight", shape=(input_shape[-1], 1), initializer="normal", regularizer=keras.regularizers.L2(0.1))
        self.u = self.add_weight(name="att_bias", shape=(input_shape[1], 1), initializer=keras.initializers.Zeros(), constraint="non_neg")
        super().build(input_shape)

    def score(self, x):
        return keras.ops.tanh(keras.ops.matmul(x, self.W) + self.u)

    def call(self, x):
        a = keras.ops.softmax(self.score(x), axis=1)
        return keras.ops.sum(x * a, axis=1)


class OwnScale(keras.layers.Layer):
    def __init__(self, factor, width):
        super().__init__()
        self.factor = factor
        self.moving = self.add_weight(name="moving", shape=(width,), initializer="ones", trainable=False)
        self.gain = self.add_weight(name="gain", shape=(), initializer=keras.initializers.Constant(2.0))

    def call(self, x, training=False):
        return x * self.gain * self.factor + self.moving


def scaled(x, factor):
    return OwnScale(factor, 4)(x)


class Two(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.first = OwnLinear(3)
        self.second = OwnLinear(2, name="last")

    def call(self, x):
        return self.second(keras.ops.relu(self.first(x)))


steps_in = keras.Input((3, 4))
own = scaled(scaled(steps_in, 2), 0.5)
own = OwnAttention()(own)
own = OwnLinear(5, name="linear_of_mine")(own)
two = Two()
weighted = keras.Model(steps_in, two(own))
print([w.size for w in weighted.get_weights()], weighted.count_params(), len(weighted.trainable_weights))
drawn = [(np.arange(w.size).reshape(w.shape) / 10 + 0.1).astype("float32") for w in weighted.get_weights()]
weighted.set_weights(drawn)
ramp = (np.arange(2 * 3 * 4).reshape((2, 3, 4)) / 24).astype("float32")
print(weighted.predict(ramp, verbose=0).round(4))
weighted.compile(keras.optimizers.SGD(0.01), "mse")
weighted.fit(ramp, np.zeros((2, 2)), epochs=2, verbose=0)
print(weighted.predict(ramp, verbose=0).round(4))
for w in weighted.get_weights():
    print(w.sum().round(4))
linear = OwnLinear(2)
y = linear(np.ones((2, 3), dtype="float32"))
print(y.shape, len(linear.weights), linear.get_weights()[0].shape)


class Bags(keras.layers.Layer):
    def __init__(self, dim, kernel_initializer="glorot_uniform", kernel_regularizer=None, use_gated=False, **kwargs):
        super().__init__(**kwargs)
        self.dim = dim
        self.init = keras.initializers.get(kernel_initializer)
        self.reg = keras.regularizers.get(kernel_regularizer)

    def build(self, input_shape):
        input_dim = input_shape[-1]
        self.v = self.add_weight(shape=(input_dim, self.dim), initializer=self.init, name="v", regularizer=self.reg, trainable=True)
        self.w = self.add_weight(shape=(self.dim, 1), initializer=self.init, name="w", regularizer=self.reg, trainable=True)

    def call(self, inputs):
        a = keras.ops.tanh(keras.ops.matmul(inputs, self.v))
        return keras.ops.softmax(keras.ops.matmul(a, self.w), axis=1)


class Mixed(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.alpha = self.add_weight(shape=(1,), initializer="ones", name="alpha")

    def call(self, inputs):
        a, b = inputs
        return a * self.alpha + b * (1 - self.alpha)


class Anti(keras.layers.Layer):
    def __init__(self, initializer="ones", **kwargs):
        super().__init__(**kwargs)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        output_dim = input_shape[-1]
        self.kernel = self.add_weight(shape=(output_dim * 2, output_dim), initializer=self.initializer, name="kernel", trainable=True)

    def call(self, inputs):
        inputs -= keras.ops.mean(inputs, axis=-1, keepdims=True)
        pos = keras.ops.relu(inputs)
        neg = keras.ops.relu(-inputs)
        concatenated = keras.ops.concatenate([pos, neg], axis=-1)
        mixed = keras.ops.matmul(concatenated, self.kernel)
        return mixed


plane = keras.Input((3, 4))
both = Mixed()([plane, Bags(5, "ones", kernel_regularizer=keras.regularizers.L2(0.01))(plane)])
rectified = keras.Model(plane, Anti()(both))
rectified.compile(keras.optimizers.SGD(0.1), "mse")
rectified.fit(ramp, ramp, epochs=2, verbose=0)
print(rectified.predict(ramp, verbose=0).round(3), [w.sum().round(3) for w in rectified.get_weights()])
chain = plane
for n in [1, 2]:
    chain = Anti()(chain)
shared = Anti()
chained = keras.Model(plane, shared(shared(chain)))
print(chained.predict(ramp, verbose=0).round(2)[0], len(chained.layers), len(chained.get_weights()))

# Counters that count on
from collections import Counter
seen = Counter()
for line in ['a b a', 'b c']:
    seen.update(line.split())
print(seen.most_common(2), len(seen), seen['a'])
more = Counter(['x', 'y', 'x'])
more.update(['y', 'y', 'z'])
print(more['y'], more.most_common(1))
