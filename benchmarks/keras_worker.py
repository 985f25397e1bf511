"""Measures Keras on one backend (KERAS_BACKEND) for compare.py.

It answers requests, JSON objects on a line of standard input each, like the hidden `gokeras bench --serve`: "setup" makes a
model and data, "save" writes the model to a file, "data" makes other data, "fit", "evaluate", "predict", "predict_one" and "call_one" return the seconds of one step or
call, "images" those of one image of a folder, "build" those of making one of Keras's applications, "load" those of reading a file, "memory" the peak memory of the process in bytes, "hello" the versions.
"""

import json
import os
import statistics
import sys
import time

# Libraries print to standard output; replies go to a copy of it.
replies = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import keras  # noqa: E402
import numpy as np  # noqa: E402
from families import FAMILIES  # noqa: E402
from keras import layers  # noqa: E402
from more_families import MORE  # noqa: E402
from notebook_families import NOTEBOOK  # noqa: E402

BACKEND = keras.backend.backend()
SINGLE_LEAST = 0.03  # seconds that calls with one sample are made at least, as those of gokeras: in the first milliseconds after a pause both runtimes are busy with their threads


def head(x):
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(300, activation="relu")(x)
    x = layers.Dropout(0.3)(x)
    return layers.Dense(10, activation="softmax")(x)


def model1():
    inputs = x = keras.Input((32, 32, 3))
    for filters in (32, 64, 128):
        x = layers.Conv2D(filters, 3, activation="relu", padding="same")(x)
        x = layers.Conv2D(filters, 3, activation="relu", padding="same")(x)
        x = layers.MaxPooling2D(2)(x)
    return keras.Model(inputs, head(x))


def model2():
    inputs = keras.Input((32, 32, 3))
    a = layers.Conv2D(32, 5, activation="relu", padding="same")(inputs)
    a = layers.MaxPooling2D(2)(a)
    a = layers.Conv2D(64, 3, activation="relu", padding="same")(a)
    a = layers.MaxPooling2D(2)(a)
    b = inputs
    for filters in (32, 64):
        b = layers.Conv2D(filters, 3, activation="relu", padding="same")(b)
        b = layers.Conv2D(filters, 3, activation="relu", padding="same")(b)
        b = layers.MaxPooling2D(2)(b)
    return keras.Model(inputs, head(layers.Concatenate()([a, b])))


def model3():
    inputs = pool = keras.Input((32, 32, 3))
    flats = []
    for _ in range(3):
        conv = layers.Conv2D(32, 3, activation="relu")(pool)
        drop = layers.Dropout(0.2)(conv)
        pool = layers.MaxPooling2D(2)(drop)
        flats.append(layers.Flatten()(pool))
    hidden = layers.Dense(100, activation="relu")(layers.Concatenate()(flats))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(hidden))


def dense():
    inputs = keras.Input((32,))
    hidden = layers.Dense(32, activation="relu")(inputs)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(hidden))


def application(name):
    return getattr(keras.applications, name)(weights=None)


def build(name):
    """Makes one of Keras's applications, its weights drawn."""
    for variable in application(name).variables:
        keras.ops.convert_to_numpy(variable)


MODELS = {"model1": model1, "model2": model2, "model3": model3, "dense": dense}


def jitted(model, one):
    """Compiles the backend's shortest way from one sample to its outputs as a NumPy array.

    Returns a function that takes up the model's weights of now and returns the function to time.
    """
    if BACKEND == "jax":
        import jax

        compiled = jax.jit(lambda t, n, x: model.stateless_call(t, n, x, training=False)[0])

        def bind():
            state = [v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables]
            return lambda: np.asarray(compiled(*state, one))

        return bind
    if BACKEND == "tensorflow":
        import tensorflow as tf

        x = tf.nest.map_structure(tf.constant, one)
        candidates = [tf.function(lambda x: model(x, training=False), jit_compile=xla) for xla in (False, True)]
        timed = []
        for f in candidates:
            f(x).numpy()
            timed.append(statistics.median(clock(lambda f=f: f(x).numpy()) for _ in range(20)))
        best = candidates[timed.index(min(timed))]
        return lambda: lambda: best(x).numpy()
    import torch

    def eager():
        with torch.no_grad():
            return model(keras.tree.map_structure(torch.from_numpy, one), training=False).numpy()

    return lambda: eager


def clock(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


class Subject:
    def __init__(self, name, batch, samples):
        self.family = (FAMILIES | MORE | NOTEBOOK).get(name)
        self.model = self.family.build() if self.family else MODELS[name]() if name in MODELS else application(name)
        loss = self.family.loss if self.family else "categorical_crossentropy"
        self.model.compile(optimizer="adam", loss=loss, metrics=["mae" if loss == "mse" else "accuracy"])
        self.batch = batch
        self.set_data(samples)
        self.one = [x[:1].copy() for x in self.x] if isinstance(self.x, list) else self.x[:1].copy()
        self.bind = None

    def set_data(self, samples):
        self.x = self.y = None
        self.samples = samples
        rng = np.random.default_rng(1)
        if self.family:
            self.x, self.y = self.family.data(rng, samples)
            return
        self.x = rng.random((samples, *self.model.input_shape[1:]), dtype=np.float32)
        classes = self.model.output_shape[-1]
        self.y = np.zeros((samples, classes), np.float32)
        self.y[np.arange(samples), rng.integers(0, classes, samples)] = 1

    def measure(self, what, n):
        if what in ("predict_one", "call_one"):
            call = lambda: self.model.predict(self.one, verbose=0)  # noqa: E731
            if what == "call_one":
                self.bind = self.bind or jitted(self.model, self.one)
                call = self.bind()
                call()  # compiles
            times, end = [], time.perf_counter() + SINGLE_LEAST
            while len(times) < n or time.perf_counter() < end:
                times.append(clock(call))
            return statistics.median(times)
        steps = None if n * self.batch == self.samples else n
        if what == "fit":
            run = lambda: self.model.fit(self.x, self.y, batch_size=self.batch, steps_per_epoch=steps, verbose=0)  # noqa: E731
        elif what == "evaluate":
            run = lambda: self.model.evaluate(self.x, self.y, batch_size=self.batch, steps=steps, verbose=0)  # noqa: E731
        elif what == "predict":
            run = lambda: self.model.predict(self.x, batch_size=self.batch, steps=steps, verbose=0)  # noqa: E731
        else:
            raise ValueError(f"there is no measure {what!r}")
        return clock(run) / n


def images(folder, batch):
    """Goes once over the images of a folder by tf.data, as internal/bench/images.go does; returns the seconds of an image."""
    import tensorflow as tf

    def augment(x, y):
        x = tf.image.random_flip_left_right(x)
        return tf.clip_by_value(x + tf.random.uniform((tf.shape(x)[0], 1, 1, 1), -25, 25), 0, 255), y

    data = keras.utils.image_dataset_from_directory(folder, image_size=(224, 224), batch_size=batch, verbose=False)
    start, seen = time.perf_counter(), 0
    for x, _ in data.map(augment, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE):
        seen += len(x)
    return (time.perf_counter() - start) / seen


def versions():
    import importlib.metadata

    package = {"tensorflow": ("tensorflow-cpu", "tensorflow"), "jax": ("jax",), "torch": ("torch",)}[BACKEND]
    found = {"python": sys.version.split()[0], "keras": keras.__version__, "numpy": np.__version__}
    for name in package:
        try:
            found[name] = importlib.metadata.version(name)
            break
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def peak_memory():
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def main():
    subjects = {}
    for line in sys.stdin:
        try:
            request = json.loads(line)
            do, name = request["do"], request.get("model")
            reply = {}
            if do == "hello":
                reply = {"versions": versions()}
            elif do == "memory":
                reply = {"bytes": peak_memory()}
            elif do == "setup":
                subjects[name] = Subject(name, request["batch"], request["samples"])
                reply = {"measures": ["fit", "evaluate", "predict", "predict_one", "call_one"], "params": subjects[name].model.count_params()}
            elif do == "save":
                subjects[name].model.save(request["path"])
            elif do == "images":
                reply = {"seconds": images(request["folder"], request["batch"])}
            elif do == "build":
                reply = {"seconds": clock(lambda: build(name))}
            elif do == "load":
                reply = {"seconds": clock(lambda: keras.models.load_model(name, compile=False))}
            elif do == "data":
                subjects[name].set_data(request["samples"])
            else:
                reply = {"seconds": subjects[name].measure(do, request["steps"])}
        except Exception as e:
            reply = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(reply), file=replies)


if __name__ == "__main__":
    main()
